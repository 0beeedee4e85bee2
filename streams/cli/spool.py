"""`cee spool`: what waits in a publisher's spool, and sending it."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

import click
from rich.console import Console
from rich.progress import Progress

from streams.cli.options import client_settings, cluster_option
from streams.cli.words import counted, waiting_events
from streams.ports.spool.sending import Sender, Unknown
from streams.ports.spool.spool import Spool
from streams.ports.spool.status import Status, namespace_of, spool_status

EXIT_WAITING: Final = 1
_directory = click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group()
def command() -> None:
    """Show or send what waits in a spool of `cee publish --spool`.

    Example: cee spool flush /var/spool/cee
    """


@command.command()
@_directory
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.pass_context
def status(ctx: click.Context, directory: Path, *, as_json: bool) -> None:
    """Say what waits; also while another process has the spool open.

    Exit code: 0 nothing waits, 1 events wait, 3 the spool cannot be read.

    Example: cee spool status /var/spool/cee
    """
    found = spool_status(directory)
    click.echo(json.dumps(found._asdict()) if as_json else _sentence(found))
    ctx.exit(EXIT_WAITING if found.waiting else 0)


@command.command()
@_directory
@click.option("--unknown", type=click.Choice(["resend", "skip"]), help="What to do where Kafka forgot the position.")
@cluster_option
def flush(directory: Path, unknown: str | None, bootstrap_servers: str) -> None:
    """Send all that waits, in order; what Kafka does not take stays.

    Exit code: 0 all is in Kafka, 3 Kafka out of reach.

    Example: cee spool flush /var/spool/cee
    """
    client = client_settings()
    with Spool(directory, namespace=namespace_of(directory)) as spool:
        sent = asyncio.run(_flushed(spool, bootstrap_servers, client, cast("Unknown", unknown or "ask")))
    click.echo(f"{counted(sent, 'event')} sent, nothing waits in {directory}.")


async def _flushed(spool: Spool, bootstrap_servers: str, client: Mapping[str, object], unknown: Unknown) -> int:
    """Send everything; returns how many events that were."""
    first = spool.position.sent
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Sending", total=spool.waiting)
        async for position in Sender(spool, bootstrap_servers, client=client, unknown=unknown).send_all():
            progress.update(bar, completed=position - first)
    return spool.position.sent - first


def _sentence(found: Status) -> str:
    if not found.waiting:
        return f"nothing waits; sent from this spool so far: {counted(found.sent, 'event')}"
    minutes = (time.time() - (found.oldest_ms or 0) / 1000) / 60
    return (
        f"{waiting_events(found.waiting)} ({found.waiting_bytes / (1 << 20):,.1f} MiB), the oldest for "
        f"{minutes:,.0f} min; {found.sent:,} were sent"
    )
