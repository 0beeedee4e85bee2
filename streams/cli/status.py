"""`cee status`: one screen about everything, as the workers see it."""

import asyncio
import json
from typing import Any, Final

import click
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from streams.cli.options import with_settings
from streams.cli.watching import watch as watch_it
from streams.contract.topics import TopicNames
from streams.settings import Settings

EXIT_CODES: Final = {"ok": 0, "warn": 3, "bad": 4}
COLOURS: Final = {"ok": "green", "warn": "yellow", "bad": "red"}


@click.command()
@with_settings
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option(
    "--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C; with --json one object per line."
)
def command(settings: Settings, *, as_json: bool, watch: bool) -> None:
    """Show groups, lag, tasks and their owners, restore progress and dead letters on one screen.

    The address of a worker's pages is found through Kafka; where they ask for a token, CEE_WEB_TOKEN gives it. Exit
    codes: 0 all is well, 3 something needs a look, 4 something is wrong, 1 it could not be found out.

    Example: cee status --watch
    """
    names = TopicNames(settings.namespace)
    if watch:
        watch_it(lambda: asyncio.run(ask(settings, names)), screen, as_json=as_json)
        return
    found = asyncio.run(ask(settings, names))
    if as_json:
        click.echo(json.dumps(found))
    else:
        Console(markup=False).print(screen(found))
    raise click.exceptions.Exit(EXIT_CODES[found["answer"]["state"]])


async def ask(settings: Settings, names: TopicNames) -> dict[str, Any]:
    """Return the overview that the workers give.

    Raises `BrokerUnreachable` and `KafkaError`, and `ClickException` where no worker answers.
    """
    from streams.contract.coordinator import once_there_is_one  # noqa: PLC0415 - see below
    from streams.ops.fleet import Peers, page_of  # noqa: PLC0415 - heavy: only this command's own run pays for it
    from streams.ops.lag.broker import BrokerReader  # noqa: PLC0415 - see above

    group = names.of(settings.application)
    async with BrokerReader(settings.bootstrap_servers, settings.security.client()) as reader:
        found = await once_there_is_one(lambda: reader.groups([group]))
    pages = sorted({page for one in found for member in one.members if (page := page_of(member))})
    if not pages:
        why = "no worker runs" if not any(one.members for one in found) else "the workers' pages are off"
        message = f"group {group}: {why}; `cee lag` asks the broker alone"
        raise click.ClickException(message)
    peers, reasons = Peers(settings.web_token), []
    try:
        for page in pages:
            status, body = await peers.get(f"{page}/api/overview")
            if status == 200:  # noqa: PLR2004 - HTTP's own number
                return body
            reasons.append(body.get("error", f"{page} answers with status {status}"))
    finally:
        await peers.close()
    message = f"{'; '.join(reasons)}; `cee lag` asks the broker alone"
    raise click.ClickException(message)


def screen(found: dict[str, Any]) -> Group:
    """Return one screen of an overview."""
    answer, figures = found["answer"], found["figures"]
    head = Text(answer["sentence"], style=f"bold {COLOURS[answer['state']]}")
    now = (
        f"{figures['records_per_second']:.0f} records/s in, {figures['items_per_second']:.0f} work items/s out, "
        f"{figures['dead_letters_today']} dead letters today"
    )
    return Group(
        head, Text(answer["more"]), Text(now, style="dim"), _readers(found), _tasks(found), _dead_letters(found)
    )


def _readers(found: dict[str, Any]) -> Table:
    table = Table(title="Readers")
    for name in ("reader", "group", "status", "behind", "unread", "members"):
        table.add_column(name, justify="left" if name in {"reader", "group", "status"} else "right", overflow="fold")
    for one in found["groups"]:
        age = one["age_seconds"] if one["age_seconds"] is not None else one["lag_seconds"]
        table.add_row(
            one["reader"],
            one["group"],
            one["verdict"],
            _seconds(age),
            f"{one['lag']:,}",
            str(one["members"]) if one["state"] else "?",
        )
    return table


def _tasks(found: dict[str, Any]) -> Table:
    table = Table(title="Tasks")
    for name in ("worker", "partitions", "behind", "what they do"):
        table.add_column(name, justify="right" if name == "behind" else "left", overflow="fold")
    for worker in found["workers"]:
        own = [task for task in found["tasks"] if task["worker"] == worker["worker"]]
        partitions = ", ".join(str(task["partition"]) for task in own) or "none"
        table.add_row(worker["worker"], partitions, str(sum(task["lag"] for task in own)), _doing(own, worker))
    for silent in found["silent"]:
        table.add_row(silent["worker"], "?", "?", silent["why"])
    return table


def _doing(tasks: list[dict[str, Any]], worker: dict[str, Any]) -> str:
    special = [_task(task) for task in tasks if task["halted"] or task["phase"] not in {"running", "idle"}]
    return "; ".join([*special, *worker["reasons"]]) or f"{worker['records_per_second']:.0f} records/s"


def _task(task: dict[str, Any]) -> str:
    if task["halted"]:
        return f"{task['partition']} halted: {task['halted']}"
    if task["phase"] == "restoring":
        left = f", {_seconds(task['seconds_left'])} left" if task["seconds_left"] is not None else ""
        return f"{task['partition']} restoring {task['restored']:,} of {task['total']:,}{left}"
    return f"{task['partition']} {task['phase']}" + (f": {task['trouble']}" if task["trouble"] else "")


def _dead_letters(found: dict[str, Any]) -> Table:
    table = Table(title="Dead letters and refusals today")
    for name in ("what", "reason", "today"):
        table.add_column(name, justify="right" if name == "today" else "left", overflow="fold")
    for kind, word in (("dead_letters", "dead letter"), ("refusals", "refused")):
        for one in found[kind]["reasons"]:
            table.add_row(word, one["reason"], f"{one['today']:,}")
    return table


def _seconds(value: float | None) -> str:
    from streams.ops.answer import duration  # noqa: PLC0415 - see above

    return "?" if value is None else duration(value)
