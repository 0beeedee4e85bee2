"""`cee lag`: how far behind each reader is, asked of the broker itself; needs no worker."""

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.cli.options import with_settings
from streams.cli.watching import watch as watch_it
from streams.contract.topics import TopicNames
from streams.settings import Settings

BEHIND: Final = 3
NO_READER: Final = 4


@click.command()
@click.argument("group", required=False)
@with_settings
@click.option("--max-seconds", type=click.FloatRange(0), help="Exit with code 3 if a reader is behind by more [0].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option(
    "--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C; with --json one object per line."
)
def command(
    settings: Settings,
    group: str | None,
    max_seconds: float | None,
    as_json: bool,  # noqa: FBT001 - click passes flags by name
    watch: bool,  # noqa: FBT001 - as above
) -> None:
    """Show how far behind each reader of our topics is: offsets, and the true age of its oldest unread record.

    With a GROUP, each of its partitions. Exit codes: 0 nobody is behind (by more than --max-seconds), 3 somebody is,
    4 the named group does not exist, 1 it could not be found out.

    Example: cee lag electronics-desk --max-seconds 60
    """
    names = TopicNames(settings.namespace)
    if watch:
        watch_it(
            lambda: _only(asyncio.run(look(settings, names)), group),
            lambda found: _screen(found["groups"], group),
            as_json=as_json,
        )
        return
    found = _only(asyncio.run(look(settings, names)), group)
    groups = found["groups"]
    if as_json:
        click.echo(json.dumps(found))
    else:
        Console(markup=False).print(_screen(groups, group))
    if group is not None and not groups:
        raise click.exceptions.Exit(NO_READER)
    if any(_is_late(one, max_seconds or 0.0) for one in groups):
        raise click.exceptions.Exit(BEHIND)


async def look(settings: Settings, names: TopicNames) -> dict[str, Any]:
    """Return all readers of our topics as plain values. Raises `BrokerUnreachable`, `ClusterError` and `KafkaError`."""
    from streams.ops.lag.once import look_once  # noqa: PLC0415 - only this command's own run pays for it

    return await look_once(
        settings.bootstrap_servers,
        names,
        settings.application,
        re.compile(settings.group_pattern),
        settings.security.client(),
    )


def _only(found: dict[str, Any], group: str | None) -> dict[str, Any]:
    """Return what was found of one group, or of all."""
    return {**found, "groups": [one for one in found["groups"] if group in {None, one["group"]}]}


def _is_late(group: dict[str, Any], max_seconds: float) -> bool:
    if not group["lag"]:
        return False
    age = group["age_seconds"]
    return age is None or age > max_seconds


def _screen(groups: list[dict[str, Any]], group: str | None) -> RenderableType:
    if group is None:
        return _groups_table(groups)
    if not groups:
        return Text(f"{group} does not exist, or reads none of our topics")
    return Group(Text(f"{group}: {groups[0]['state'].lower() or '?'}", style="bold"), *_topics(groups[0]))


def _topics(group: dict[str, Any]) -> Iterator[RenderableType]:
    """Give each topic's name, too long for a column, and below it its partitions; at last the topics without record."""
    # Of a group of the newer protocol the broker does not tell the members.
    nobody = "nobody" if group["state"] else "?"
    empty = []
    for topic, places in groupby(group["places"], key=itemgetter("topic")):
        rows = list(places)
        if any(place["end"] for place in rows):
            yield from (Text(f"\n{topic}"), _places_table(rows, nobody))
        else:
            empty.append(topic)
    if empty:
        yield Text(f"\nnothing has come on {', '.join(empty)}")


def _places_table(places: list[dict[str, Any]], nobody: str) -> Table:
    table = Table(box=None)
    for name, width in (("partition", 9), ("committed", 11), ("end", 11), ("unread", 8), ("age", 7)):
        table.add_column(name, justify="right", no_wrap=True, min_width=width)
    table.add_column("owner", overflow="fold")
    for place in places:
        committed = "never" if place["offset"] is None else str(place["offset"])
        cells = (str(place["partition"]), committed, str(place["end"]), str(place["lag"]))
        table.add_row(*cells, seconds(place["age_seconds"]), place["owner"] or nobody)
    return table


def _groups_table(groups: list[dict[str, Any]]) -> Table:
    table = Table(title="Readers of our topics", title_justify="left", box=None, pad_edge=False, collapse_padding=True)
    for name in ("group", "state", "members", "unread", "age", "uncommitted", "lost"):
        is_text = name in {"group", "state"}
        table.add_column(name, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    for one in groups:
        figures = (
            str(one["members"]) if one["state"] else "?",
            f"{one['lag']:,}",
            seconds(one["age_seconds"]),
            str(one["uncommitted"]),
        )
        table.add_row(one["group"], one["state"].lower() or "?", *figures, str(one["lost"]))
    return table


def seconds(value: float | None) -> str:
    """Return a time span for a table."""
    from streams.ops.answer import duration  # noqa: PLC0415 - see above

    return "?" if value is None else duration(value)
