"""`cee placement`: where an importer is placed, and why."""

import asyncio
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.cli.options import (
    application_option,
    client_settings,
    cluster_option,
    namespace_option,
    registry_option,
)
from streams.contract.masking import masked
from streams.contract.topics import TopicNames

SCREEN: Final = 40


@click.group()
def command() -> None:
    """Ask where an importer is placed, and why.

    Example: cee placement explain 12-3456789
    """


as_of_option = click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="A day [default: now].")


def _page_address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Take what a browser would take. Raises `BadParameter`."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return value.rstrip("/")
    except ValueError:  # brackets that hold no address, or a port that is none
        pass
    message = f"{value!r} is not the address of a worker's pages: write http://127.0.0.1:6066"
    raise click.BadParameter(message)


@command.command()
@click.argument("importer")
@cluster_option
@registry_option
@namespace_option
@application_option
@as_of_option
@click.option(
    "--worker", "address", callback=_page_address, help="Address of a worker's pages [default: asked of the group]."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def explain(  # noqa: PLR0913, PLR0917 - one a command-line option
    importer: str,
    bootstrap_servers: str,
    registry: str,
    namespace: str,
    application: str,
    as_of: datetime | None,
    address: str | None,
    *,
    as_json: bool,
) -> None:
    """Say where IMPORTER is placed, on what evidence, who challenges that, and why something or nothing changed.

    With --as-of: as it was at the end of that day (New York), from a fold of the importer's own records. Else asks the
    worker that has the importer's partition; where none runs, shows what was published last.
    A worker beyond this machine asks for a token: CEE_WEB_TOKEN.

    Example: cee placement explain 12-3456789 --as-of 2026-09-30
    """
    where = Where(bootstrap_servers, registry, namespace, application)
    from streams.customs.importer_number import importer_number  # noqa: PLC0415 - `cee placement -h` does without

    importer_number(importer)
    found = asyncio.run(_ask(importer, where, address) if as_of is None else _look_back(importer, where, as_of))
    if as_json:
        click.echo(json.dumps(found))
    else:
        _print(found)


class Where(NamedTuple):
    """Where an importer is looked for."""

    bootstrap_servers: str
    registry: str
    namespace: str
    application: str


async def _ask(importer: str, where: Where, address: str | None) -> dict[str, Any]:
    from streams.ops.look_up import NoAnswer, NotKnown, explanation, last_published, worker_addresses  # noqa: PLC0415 - needs the worker's extra

    names, client = TopicNames(where.namespace), client_settings()
    group = names.of(where.application)
    addresses = [address] if address else await worker_addresses(where.bootstrap_servers, group, client)
    try:
        return await explanation(addresses, importer, os.environ.get("CEE_WEB_TOKEN", ""))
    except NoAnswer as silence:
        why = str(silence)
    published = await last_published(where.bootstrap_servers, names, importer, where.registry, client)
    if published is None:
        message = f"no worker can be asked ({why}), and nothing was ever published about this importer"
        raise NotKnown(message)
    click.echo(f"no worker can be asked ({why}): this is what was published last", err=True)
    from streams.processor.explain import readable  # noqa: PLC0415 - see above

    shown: dict[str, Any] = json.loads(masked(json.dumps(readable(published))))
    return shown


async def _look_back(importer: str, where: Where, as_of: datetime) -> dict[str, Any]:
    from streams.customs.calendar import EPOCH  # noqa: PLC0415 - as above
    from streams.ops.committed import Cluster, explained_as_of  # noqa: PLC0415 - needs the worker's extra
    from streams.ops.look_up import NotKnown  # noqa: PLC0415 - as above
    from streams.processor.clock import TimeSource  # noqa: PLC0415 - as above

    try:
        time_source = TimeSource(os.environ.get("CEE_TIME", "broker"))
    except ValueError:
        message = "CEE_TIME is broker or event, as it is for the workers"
        raise click.ClickException(message) from None
    cluster = Cluster(where.bootstrap_servers, TopicNames(where.namespace), where.registry, client_settings())
    found = await explained_as_of(cluster, importer, (as_of.date() - EPOCH).days, time_source)
    if found is None:
        message = f"nothing was known of this importer on {as_of:%Y-%m-%d}"
        raise NotKnown(message)
    shown: dict[str, Any] = json.loads(masked(json.dumps(found)))
    return shown


def _print(found: Mapping[str, Any]) -> None:
    console = Console()
    numbers = ", ".join(found["importer_numbers"]) or "none yet"
    console.print(f"[bold]{found['account_key']}[/]  (importer numbers: {numbers})", highlight=False)
    if found["center"]:
        state = "stale" if found["stale"] else "firm" if found["firm"] else "provisional"
        console.print(
            f"Center: [bold]{found['center']}[/] ({found['ace_code']}), {found['basis']}, "
            f"{state} since {found['effective_from']}; history: {found['history']}",
            highlight=False,
        )
    else:
        console.print(f"Center: none ({found['ace_code']})", highlight=False)
    for name, words in (("override", "Headquarters"), ("scheduled", "Headquarters, later")):
        if found.get(name):
            said = found[name]
            why = escape(said["reason"])
            console.print(f"{words}: {said['center']} from {said['effective_on']}, {said['basis']}: {why}")
    if found["computed_center"] != found["center"]:
        console.print(f"By its goods alone: {found['computed_center']}", highlight=False)
    if found["challenger"]:
        console.print(f"Challenger: {found['challenger']} since {found['challenger_since']}", highlight=False)
    if found["flags"]:
        console.print(f"Flags: {', '.join(found['flags'])}", highlight=False)
    for move in found.get("moves", ()):
        way = f"arriving from {move['from']}" if "from" in move else f"leaving for {move['to']}"
        console.print(f"Held: importer number {move['importer_number']} is {way} (P10)", highlight=False)
    console.print(f"Why: {escape(found['reason'])}", highlight=False)
    _print_evidence(console, found["evidence"])


def _print_evidence(console: Console, evidence: Mapping[str, Any]) -> None:
    total = sum(count["lines"] for count in evidence["centers"]) or 1
    table = Table("Center", box=None, pad_edge=False)
    for name in ("lines", "share", "value (USD)", "summaries"):
        table.add_column(name, justify="right")
    for count in sorted(evidence["centers"], key=lambda count: -count["lines"]):
        share = f"{1000 * count['lines'] // total / 10:.1f} %"  # cut off, as in the reason: a limit missed is not met
        cells = (f"{count['lines']:,}", share, f"{count['value_usd']:,}", f"{count['summaries']:,}")
        table.add_row(count["center"], *cells)
    headings = Table("heading", "Center", box=None, pad_edge=False)
    for name in ("lines", "value (USD)"):
        headings.add_column(name, justify="right")
    for count in sorted(evidence["headings"], key=lambda count: -count["lines"])[:20]:
        headings.add_row(count["heading"], count["center"], f"{count['lines']:,}", f"{count['value_usd']:,}")
    days = f"seen {evidence['first_day']} to {evidence['last_day']}" if evidence["first_day"] else "none seen"
    console.print(
        f"Evidence: entry days from {evidence['window_from']}, {days}, "
        f"{evidence['summaries']:,} summaries; measure {evidence['measure']}, policy {evidence['policy_version']}, "
        f"coverage {evidence['coverage_version']}",
        highlight=False,
    )
    for counted in (table, headings):
        if counted.row_count:
            console.print(counted)
    if len(evidence["headings"]) > 20:  # noqa: PLR2004 - a screen's worth
        console.print(f"... and {len(evidence['headings']) - 20} more headings (all with --json)", highlight=False)


@command.command()
@cluster_option
@registry_option
@namespace_option
@as_of_option
@click.option("--rules", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A version to try.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def recompute(  # noqa: PLR0913 - one a command-line option
    bootstrap_servers: str,
    registry: str,
    namespace: str,
    as_of: datetime | None,
    file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show what the rules of a day would change, for all importers, before anyone applies them.

    Counts every importer's lines again under the rules in force on the day of --as-of, with --rules under those of a
    version that is not published yet (by default on its own first day). Changes nothing.

    Example: cee placement recompute --as-of 2027-01-01 --rules 2027-01.toml
    """
    from streams.cli.recompute import recompute_all  # noqa: PLC0415 - needs the worker's extra

    shown = asyncio.run(recompute_all(bootstrap_servers, registry, namespace, as_of, file))
    if as_json:
        click.echo(json.dumps(shown))
    else:
        _print_recomputed(shown)


def _print_recomputed(shown: Mapping[str, Any]) -> None:
    console = Console()
    counts = ", ".join(f"{prospect.replace('_', ' ')} {count:,}" for prospect, count in shown["importers"].items())
    console.print(
        f"As of {shown['as_of']}, policy {shown['policy_version']}, coverage {shown['coverage_version']}. "
        f"Importers: {counts}",
        highlight=False,
    )
    table = Table("account", "now", "by its goods", "would lead", "why", box=None, pad_edge=False)
    for row in shown["changes"][:SCREEN]:
        cells = ("account_key", "center", "computed_center", "would_lead", "reason")
        table.add_row(*(escape(row[cell]) for cell in cells))
    if shown["changes"]:
        console.print(table)
    if len(shown["changes"]) > SCREEN:
        console.print(f"... and {len(shown['changes']) - SCREEN} more (all with --json)", highlight=False)
