"""`cee publish`: bring events from JSON lines or ABI batch files safely into Kafka."""

import asyncio
import json
import signal
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from streams.cli.expected import EXIT_OUT_OF_REACH, ExpectedError
from streams.cli.options import client_settings, cluster_option, namespace_option, registry_option
from streams.cli.publish_input import Input, OffsetType, TimeType
from streams.cli.publish_show import Show
from streams.cli.publish_target import EXIT_REFUSED, Target
from streams.cli.publish_watch import watch
from streams.cli.words import waiting_events
from streams.ports.errors import PublishError
from streams.ports.publishing import Report, Run
from streams.ports.sources import Format
from streams.ports.spool.publisher import SpoolingPublisher

EXIT_INTERRUPTED: Final = 130


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(exists=True, allow_dash=True, dir_okay=False))
@click.option("--format", "kind", type=click.Choice([one.value for one in Format]), help="Instead of detecting it.")
@click.option("--answers", type=click.Path(exists=True, dir_okay=False), help="CBP's answers (AX) to the batch.")
@click.option("--answered-at", type=TimeType(), help="When the answers were given [default: their date].")
@click.option("--assume-accepted", type=TimeType(), help="Take all of the batch as accepted at this time.")
@click.option("--check-digit-offset", "offsets", type=OffsetType(), multiple=True, help="A filer's allowed offset.")
@click.option(
    "--skip", type=click.IntRange(0), default=0, help="Skip this many items, to go on where the last call ended."
)
@click.option("--spool", type=click.Path(path_type=Path), help="Keep events in this folder first (not encrypted).")
@click.option("--spool-limit", type=click.IntRange(1), default=1024, help="MiB that may wait in the spool [1024].")
@click.option("--watch", "folder", type=click.Path(path_type=Path), help="Take the files that are put into a folder.")
@click.option("--once", is_flag=True, help="With --watch: take what is there, and end.")
@click.option("--dry-run", is_flag=True, help="Check everything, send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object on standard output.")
@namespace_option
@registry_option
@cluster_option
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    ctx: click.Context,
    files: tuple[str, ...],
    kind: str | None,
    answers: str | None,
    answered_at: datetime | None,
    assume_accepted: datetime | None,
    offsets: tuple[tuple[str, int], ...],
    skip: int,
    spool: Path | None,
    spool_limit: int,
    folder: Path | None,
    namespace: str,
    registry: str,
    bootstrap_servers: str,
    *,
    once: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Publish the events of JSON-lines files (- for standard input) or of ABI batch files.

    A batch is what a filer asked: give CBP's answers to it, or say when all of it was accepted. Publishing a file
    twice changes nothing.

    With --spool an event counts as accepted when it is on disk; it is sent in order, once, as soon as Kafka is in
    reach. The files are protected by the file system alone. With --watch files are taken as they are put into a folder
    (written under another name, then renamed; X.ax beside X.abi are its answers) and moved to done/ or refused/ in it,
    a report beside.

    Exit code: 0 all accepted, 1 some refused, 2 wrong usage, 3 Kafka out of reach or the spool full.

    Example: cee publish batch.abi --answers batch.ax --spool /var/spool/cee
    """
    allowed: dict[str, set[int]] = {}
    for filer, offset in offsets:
        allowed.setdefault(filer, set()).add(offset)
    _check_usage(files, folder, spool, once=once, dry_run=dry_run, has_answers=answers is not None)
    target = Target(
        bootstrap_servers, namespace, registry, {} if dry_run else client_settings(), allowed, spool, spool_limit << 20
    )
    source = Input(files, Format(kind) if kind else None, answers, answered_at, assume_accepted, allowed)
    source.check()
    if folder is not None:
        ctx.exit(watch(folder, target, source, once=once, as_json=as_json))
    with source.opened, Show(source, quiet=as_json) as show:
        run = Run(source.items(), skip=skip, tell=show.tell)
        waiting, failed = 0, None
        try:
            waiting = asyncio.run(_run(run, None if dry_run else target, show, source))
        except PublishError as error:
            failed = error
        except KeyboardInterrupt:
            run.report.interrupted = True
    _print_report(run.report, dry_run=dry_run, as_json=as_json, spool=spool, waiting=waiting)
    if failed is not None:
        message = f"{failed}. {_go_on(run.report, spool)}" if run.report.settled else str(failed)
        raise ExpectedError(message, EXIT_OUT_OF_REACH) from failed
    if run.report.interrupted:
        click.echo(_go_on(run.report, spool), err=True)
        ctx.exit(EXIT_INTERRUPTED)
    ctx.exit(0 if run.report.is_clean else EXIT_REFUSED)


def _check_usage(  # noqa: PLR0913 - one parameter an option
    files: tuple[str, ...], folder: Path | None, spool: Path | None, *, once: bool, dry_run: bool, has_answers: bool
) -> None:
    """Refuse options that do not go together. Raises `UsageError`."""
    wrong = ""
    if bool(files) == (folder is not None):
        wrong = "name files, or a folder with --watch: one of them"
    elif folder is not None and (dry_run or has_answers):
        wrong = "--watch publishes files with the answers beside them: neither --dry-run nor --answers goes with it"
    elif once and folder is None:
        wrong = "--once belongs to --watch"
    elif spool is not None and dry_run:
        wrong = "--dry-run sends nothing and keeps nothing: leave out --spool"
    if wrong:
        raise click.UsageError(wrong)


async def _run(run: Run, target: Target | None, show: Show, source: Input) -> int:
    """Run to the end; the first Ctrl-C ends it after what is on its way, the second at once.

    Returns how many events wait in the spool.
    """
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        run.stop()
        source.stop()
        show.say("Ctrl-C: waiting for what is on its way; once more ends at once")
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    watcher = asyncio.create_task(show.watch(run.report))
    try:
        if target is None:
            await run.check(source.offsets)
            return 0
        publisher = target.publisher(show.say)
        async with publisher:
            await run.publish(publisher)
        return publisher.waiting if isinstance(publisher, SpoolingPublisher) else 0
    finally:
        watcher.cancel()


def _print_report(report: Report, *, dry_run: bool, as_json: bool, spool: Path | None, waiting: int) -> None:
    if as_json:
        kept = {} if spool is None else {"waiting": waiting}
        click.echo(json.dumps({"dry_run": dry_run, **report.to_json(), **kept}))
        return
    safe = "safely in Kafka" if spool is None else "safely in the spool"
    done = "valid, nothing was sent" if dry_run else safe
    skipped = f"{report.skipped:,} passed over, " if report.skipped else ""
    faults = f", {report.file_faults:,} faults of the files themselves" if report.file_faults else ""
    click.echo(f"{report.read:,} read: {skipped}{report.published:,} {done}, {report.refused:,} refused{faults}.")
    if spool is not None:
        left = f"{waiting_events(waiting)} for Kafka: `cee spool flush {spool}` sends them"
        click.echo(f"{left}." if waiting else "Nothing waits there: all of it is in Kafka.")


def _go_on(report: Report, spool: Path | None) -> str:
    """Say what is safe, and from where to go on."""
    where = "Kafka" if spool is None else "the spool"
    return (
        f"The first {report.settled:,} items are dealt with: {report.published:,} safely in {where}, "
        f"{report.refused:,} refused. Go on with --skip {report.settled}; what is published twice counts once."
    )
