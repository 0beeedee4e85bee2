"""Show something again every two seconds until Ctrl-C, through whatever trouble there is meanwhile."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from streams.cli.expected import in_one_sentence

REFRESH_SECONDS: Final = 2.0


def watch(
    look: Callable[[], dict[str, Any]], screen: Callable[[dict[str, Any]], RenderableType], *, as_json: bool
) -> None:
    """Look and show, until Ctrl-C; as JSON, one object a line.

    An expected error of `look` is shown, above what was seen last, and does not end the watch: a broker that is gone
    for a while is what one watches for.
    """
    try:
        if as_json:
            for found, trouble in _looks(look):
                click.echo(json.dumps({"error": trouble} if trouble else found))
            return
        console = Console(markup=False)
        if not console.is_terminal:
            for shown in _screens(look, screen):
                console.print(shown)
            return
        with Live(console=console, auto_refresh=False) as live:
            for shown in _screens(look, screen):
                live.update(shown, refresh=True)
    except KeyboardInterrupt:
        return


def _screens(
    look: Callable[[], dict[str, Any]], screen: Callable[[dict[str, Any]], RenderableType]
) -> Iterator[RenderableType]:
    last: RenderableType = Text("nothing was seen yet", style="dim")
    for found, trouble in _looks(look):
        now = datetime.now(UTC).strftime("%H:%M:%S UTC")
        if not trouble:
            last = Group(screen(found), Text(f"seen at {now}; Ctrl-C ends it", style="dim"))
        yield Group(Text(f"{now}: {trouble}; below is what was seen last", style="bold red"), last) if trouble else last


def _looks(look: Callable[[], dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    while True:
        try:
            with in_one_sentence():
                found = look()
        except click.ClickException as error:
            yield {}, error.message
        else:
            yield found, ""
        time.sleep(REFRESH_SECONDS)
