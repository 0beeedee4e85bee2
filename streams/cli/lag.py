"""`cee lag`: how far behind each reader is, asked of the broker itself; needs no worker."""

import asyncio
import json
import re
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

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
    "--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C; with --json one object a line."
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
    4 the named group does not exist, 1 it could not be told.

    Example: cee lag electronics-desk --max-seconds 60
    """
    names = TopicNames(settings.namespace)
    if watch:
        watch_it(
            lambda: _only(asyncio.run(look(settings, names)), group),
            lambda found: _table(found["groups"], group),
            as_json=as_json,
        )
        return
    found = _only(asyncio.run(look(settings, names)), group)
    groups = found["groups"]
    if as_json:
        click.echo(json.dumps(found))
    else:
        Console(markup=False).print(_table(groups, group))
    if group is not None and not groups:
        raise click.exceptions.Exit(NO_READER)
    if any(_is_late(one, max_seconds or 0.0) for one in groups):
        raise click.exceptions.Exit(BEHIND)


async def look(settings: Settings, names: TopicNames) -> dict[str, Any]:
    """Return all readers of our topics as plain values. Raises `BrokerUnreachable` and `KafkaError`."""
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


def _table(groups: list[dict[str, Any]], group: str | None) -> Table:
    if group is None:
        return _groups_table(groups)
    table = Table(title=f"{group}: {groups[0]['state'].lower() if groups else 'does not exist'}")
    for name in ("topic", "partition", "committed", "end", "unread", "age", "owner"):
        table.add_column(name, justify="left" if name in {"topic", "owner"} else "right")
    # Of a group of the newer protocol the broker does not tell the members.
    nobody = "nobody" if groups and groups[0]["state"] else "?"
    for place in groups[0]["places"] if groups else []:
        committed = "never" if place["offset"] is None else str(place["offset"])
        cells = (place["topic"], str(place["partition"]), committed, str(place["end"]), str(place["lag"]))
        table.add_row(*cells, seconds(place["age_seconds"]), place["owner"] or nobody)
    return table


def _groups_table(groups: list[dict[str, Any]]) -> Table:
    table = Table(title="Readers of our topics")
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
