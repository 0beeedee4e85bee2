"""`cee work`: read a Center's work from its topic, one line an item, or list the Centers."""

import asyncio
import json
import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.table import Table

from streams.centers.errors import UnknownCenter
from streams.centers.names import center_slug
from streams.cli.options import client_settings, cluster_option, namespace_option, registry_option
from streams.contract.masking import masked, masked_bytes

if TYPE_CHECKING:
    from streams.centers.inbox import Delivery, Inbox

GROUP: Final = "group"
ENTRIES_SHOWN: Final = 3
LOOK_SECONDS: Final = 5.0


@click.command()
@click.argument("center", required=False)
@click.option("--open", "is_open", is_flag=True, help="Show the open cases as they stand, not the log of work.")
@click.option("--follow", is_flag=True, help="Go on waiting for new work until Ctrl-C.")
@click.option("--port", "ports", multiple=True, metavar="DDPP", help="Only work of this port; may be given again.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only work of this type; may be given again.")
@click.option(
    "--from",
    "start",
    type=click.Choice(["beginning", "end", GROUP]),
    default="beginning",
    show_default=True,
    help="Where to begin; `group` goes on after the last item that the group has dealt with.",
)
@click.option("--group", "group_name", help="Consumer group of `--from group` [default: cee-work-CENTER].")
@click.option("--limit", type=click.IntRange(1), help="End after this many items.")
@click.option("--snapshots", is_flag=True, help="Also show the entry summaries that precede an entry's work.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line on standard output.")
@click.option("--personal-numbers", is_flag=True, help="Do not mask social security numbers in --json.")
@namespace_option
@registry_option
@cluster_option
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    center: str | None,
    ports: tuple[str, ...],
    types: tuple[str, ...],
    start: str,
    group_name: str | None,
    limit: int | None,
    namespace: str,
    registry: str,
    bootstrap_servers: str,
    *,
    is_open: bool,
    follow: bool,
    snapshots: bool,
    as_json: bool,
    personal_numbers: bool,
) -> None:
    """Read the work of a CENTER (its slug), or list the Centers.

    Example: cee work electronics --follow --port 2704, or: cee work electronics --open --type protest
    """
    if center is None:
        _list_centers(as_json=as_json)
        return
    from streams.centers.consumption import Start  # noqa: PLC0415 - listing the Centers needs no Kafka client
    from streams.centers.inbox import Inbox, WorkFilter  # noqa: PLC0415

    try:
        slug = center_slug(center)
    except UnknownCenter as error:
        raise click.UsageError(str(error)) from error
    _check_ports(ports)
    _hint_at_types(types)
    if is_open:
        if follow or snapshots or start != "beginning" or group_name is not None:
            message = "--open shows how things stand: it goes with --port, --type, --limit and --json alone"
            raise click.UsageError(message)
        from streams.cli.open_cases import Wanted, show_open_cases  # noqa: PLC0415

        wanted = Wanted(ports, types, limit, as_json, personal_numbers)
        show_open_cases(slug, bootstrap_servers, namespace, registry, wanted)
        return
    in_group = start == GROUP or group_name is not None
    inbox = Inbox(
        slug,
        bootstrap_servers=bootstrap_servers,
        group=group_name or f"cee-work-{slug}" if in_group else None,
        start=Start.END if start == "end" else Start.BEGINNING,
        follow=follow or start == "end",
        wanted=WorkFilter(ports, types, snapshots),
        namespace=namespace,
        registry=registry,
        client=client_settings(),
    )
    line = text_line if not as_json else json_line if personal_numbers else masked_json_line
    shown = asyncio.run(_show(inbox, bootstrap_servers, limit, line))
    if not as_json and not shown:
        Console(stderr=True).print(f"{slug} has no work that matches.", highlight=False)


async def _show(inbox: "Inbox", bootstrap_servers: str, limit: int | None, line: Callable[["Delivery"], str]) -> int:
    """Print items until the end, the limit or Ctrl-C; what was printed is dealt with. A second Ctrl-C ends at once."""
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        inbox.stop()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    shown = 0
    async with inbox:
        telling = asyncio.create_task(_tell_of_outages(bootstrap_servers))
        async for delivery in inbox:
            click.echo(line(delivery))
            shown += 1
            if shown == limit:
                delivery.done()
                break
        telling.cancel()
    return shown


async def _tell_of_outages(bootstrap_servers: str) -> None:
    """Say so when no broker answers any more, and when one does again: the inbox itself just waits."""
    from streams.contract.reach import outage  # noqa: PLC0415 - needs the Kafka client, loaded already

    before = ""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = await outage(bootstrap_servers, client_settings())
        if bool(now) != bool(before):
            click.echo(f"{now}; waiting for it" if now else "Kafka answers again", err=True)
        before = now


def _check_ports(ports: tuple[str, ...]) -> None:
    for port in ports:
        if re.fullmatch(r"[0-9]{4}", port) is None:
            message = f"--port {port!r} is not a port code: district and port, four digits, such as 2704"
            raise click.UsageError(message)


def _hint_at_types(types: tuple[str, ...]) -> None:
    """Say so where a type is none that we know; it may be one of a newer processor."""
    from streams.customs.work_types import WORK_TYPES  # noqa: PLC0415 - the table alone needs it

    known = [one.name for one in WORK_TYPES.values()]
    for name in types:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            click.echo(f"{name} is not a work type that this version knows: {hint}", err=True)


def text_line(delivery: "Delivery") -> str:
    """Say an item as one line: time, action, type, entries, ports and why."""
    from streams.centers.inbox import UnreadableWork  # noqa: PLC0415 - loaded already
    from streams.contract.models import WorkItem  # noqa: PLC0415

    body, place = delivery.body, delivery.place
    at = datetime.fromtimestamp(place.timestamp_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(body, UnreadableWork):
        return f"{at}  UNREADABLE  {place.topic} partition {place.partition} offset {place.offset}: {body.why}"
    if isinstance(body, WorkItem):
        entries = _few([_displayed(entry.entry_number) for entry in body.entries])
        why = body.why
        reason = ", ".join(part for part in (why.rule, why.placement_basis) if part)
        clocks = "".join(f"  {clock.name} {clock.warn_by:%Y-%m-%d}" for clock in body.clocks)
        ports = ",".join(body.ports)
        return f"{at}  {body.action:<12} {body.work_type:<28} {entries}  {ports}  ({reason}){clocks}"
    summary = body.summary
    lines = len(summary.lines)
    return (
        f"{at}  {'snapshot':<12} {'entry summary ' + summary.version:<28} {_displayed(summary.entry_number)}"
        f"  {summary.port_of_entry}  ({lines} line{'s' if lines != 1 else ''})"
    )


def json_line(delivery: "Delivery") -> str:
    """Write an item as one JSON object: its place, its kind, and its fields as the contract names them."""
    return _json_line(delivery, bytes)


def masked_json_line(delivery: "Delivery") -> str:
    """Write an item as JSON with the numbers of persons masked."""
    return masked(_json_line(delivery, masked_bytes))


def _json_line(delivery: "Delivery", shown_bytes: Callable[[bytes], bytes]) -> str:
    from streams.centers.inbox import UnreadableWork  # noqa: PLC0415 - loaded already
    from streams.contract.models import WorkItem  # noqa: PLC0415

    body = delivery.body
    head = {"place": delivery.place._asdict()}
    if isinstance(body, UnreadableWork):
        value = shown_bytes(body.value).hex() if body.value is not None else None
        return json.dumps(head | {"kind": "unreadable", "why": body.why, "value_hex": value})
    kind = "work_item" if isinstance(body, WorkItem) else "entry_summary_snapshot"
    return json.dumps(head | {"kind": kind, **body.model_dump(mode="json")})


def _displayed(entry_number: str) -> str:
    return f"{entry_number[:3]}-{entry_number[3:10]}-{entry_number[10:]}"


def _few(entries: list[str]) -> str:
    more = len(entries) - ENTRIES_SHOWN
    shown = ", ".join(entries[:ENTRIES_SHOWN]) or "no entry"
    return f"{shown} and {more} more" if more > 0 else shown


def _list_centers(*, as_json: bool) -> None:
    from streams.customs.centers import centers  # noqa: PLC0415 - the table alone needs it

    if as_json:
        known = [{"number": one.id, "slug": one.slug, "name": one.name, "code": one.ace_code} for one in centers()]
        click.echo(json.dumps({"centers": known}))
        return
    table = Table("Number", box=None)
    table.add_column("Slug", no_wrap=True)
    table.add_column("Center")
    for one in centers():
        table.add_row(f"{one.id:03d}", one.slug, one.name)
    Console().print(table)
    click.echo("\nRead one's work: cee work electronics --follow")
