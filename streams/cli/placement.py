"""`cee placement`: where an importer is placed, and why."""

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.table import Table

from streams.cli.options import client_settings, cluster_option, namespace_option, registry_option
from streams.contract.errors import RegistryError
from streams.contract.masking import masked
from streams.contract.provision import ClusterError
from streams.contract.topics import TopicFileError, TopicNames


@click.group()
def command() -> None:
    """Ask where an importer is placed, and why.

    Example: cee placement explain 12-3456789
    """


@command.command()
@click.argument("importer")
@cluster_option
@registry_option
@namespace_option
@click.option("--application", default="cee-placement", envvar="CEE_APPLICATION", show_default=True)
@click.option("--worker", "address", help="Address of a worker's pages [default: asked of the group].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def explain(  # noqa: PLR0913, PLR0917 - one a command-line option
    importer: str,
    bootstrap_servers: str,
    registry: str,
    namespace: str,
    application: str,
    address: str | None,
    *,
    as_json: bool,
) -> None:
    """Say where IMPORTER is placed, on what evidence, and who challenges that.

    Asks the worker that has the importer's partition. Where none runs, shows what was published last.
    A worker beyond this machine wants the token of CEE_WEB_TOKEN.

    Example: cee placement explain 12-3456789
    """
    try:
        found = asyncio.run(_ask(importer, Where(bootstrap_servers, registry, namespace, application), address))
    except (ClusterError, RegistryError, TopicFileError, LookupError) as error:
        raise click.ClickException(str(error.args[0])) from error
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


def _print(found: Mapping[str, Any]) -> None:
    console = Console()
    numbers = ", ".join(found["importer_numbers"])
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
            console.print(f"{words}: {said['center']} from {said['effective_on']}, {said['basis']}: {said['reason']}")
    if found["computed_center"] != found["center"]:
        console.print(f"By its goods alone: {found['computed_center']}", highlight=False)
    if found["challenger"]:
        console.print(f"Challenger: {found['challenger']} since {found['challenger_since']}", highlight=False)
    if found["flags"]:
        console.print(f"Flags: {', '.join(found['flags'])}", highlight=False)
    console.print(f"Why: {found['reason']}", highlight=False)
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
    console.print(
        f"Evidence: entry days from {evidence['window_from']}, seen {evidence['first_day']} to {evidence['last_day']}, "
        f"{evidence['summaries']:,} summaries; measure {evidence['measure']}, policy {evidence['policy_version']}, "
        f"coverage {evidence['coverage_version']}",
        highlight=False,
    )
    console.print(table)
    console.print(headings)
    if len(evidence["headings"]) > 20:  # noqa: PLR2004 - a screen's worth
        console.print(f"... and {len(evidence['headings']) - 20} more headings (all with --json)", highlight=False)
