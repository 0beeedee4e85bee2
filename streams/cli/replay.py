"""`cee replay`: fold the whole past once more with this version, beside the live topics, and compare."""

import asyncio
import json

import click
from rich.console import Console
from rich.table import Table

from streams.cli.options import with_settings
from streams.contract.masking import masked
from streams.contract.topics import TopicNames
from streams.settings import Settings


@click.command()
@click.option("--to", "shadow", required=True, help="Namespace of the replay; it must not hold anything yet.")
@click.option(
    "--compare", "compared", default="..", show_default=True, metavar="FROM..TO", help="What was published then (UTC)."
)
@with_settings
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def command(settings: Settings, shadow: str, compared: str, *, as_json: bool) -> None:
    """Fold all input from its start with this version of the program, into topics of its own, and compare.

    Follows the journal, so that order and time are those of the live run. Shows, topic by topic, what was published
    live and is not now, and the other way round, and how many keys of the state differ (where TO is left out). The
    workers may run, but what they do meanwhile may show as a difference. Exit code 1 where anything differs.

    Example: cee replay --to replay-2 --compare 2026-09-01..2026-10-01
    """
    from streams.repair.shadow import Span  # noqa: PLC0415 - heavy: only this command's own run pays for it
    from streams.repair.verification import as_plain, replay  # noqa: PLC0415 - see above

    span = Span.of(compared)
    done = asyncio.run(replay(settings, TopicNames(shadow), span, lambda text: click.echo(text, err=True)))
    plain = as_plain(done)
    if as_json:
        click.echo(json.dumps(plain))
    else:
        _print(plain)
    if not done.is_equal:
        message = "the replay differs from what is live"
        raise click.ClickException(message)


def _print(plain: dict[str, object]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("topic", no_wrap=True)
    for name in ("same", "only live", "only replayed", "no longer kept"):
        table.add_column(name, justify="right")
    topics = plain["topics"]
    assert isinstance(topics, dict)
    for name, one in topics.items():
        counts = (one[key] for key in ("same", "only_live", "only_replayed", "expired"))
        table.add_row(name, *(f"{count:,}" for count in counts))
    Console().print(table)
    for name, one in topics.items():
        for example in one["examples"]:
            click.echo(masked(f"{name}: {example}"))
    for gap in plain["gaps"] if isinstance(plain["gaps"], list) else ():
        click.echo(gap)
    keys = plain["state_keys"]
    said = "not compared: the span ends before the present" if keys is None else f"{keys} keys differ"
    click.echo(f"{plain['records']:,} records folded, {plain['outputs']:,} outputs; state: {said}")
