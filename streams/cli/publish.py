"""`cee publish`: bring events from JSON lines or ABI batch files safely into Kafka."""

import asyncio
import io
import json
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from streams.cli.options import client_settings, cluster_option, namespace_option, registry_option
from streams.ports.abi.answers import is_plausible
from streams.ports.errors import MissingTopic, NotDelivered, OutOfReach
from streams.ports.numbers import FILER_CODE
from streams.ports.pipe import Pipe
from streams.ports.publisher import Publisher
from streams.ports.publishing import Refusal, Report, Run
from streams.ports.sources import Answers, Format, Item, Note, abi_items, detected_format, json_items, piped_items

EXIT_REFUSED: Final = 1
EXIT_OUT_OF_REACH: Final = 3
EXIT_INTERRUPTED: Final = 130
SAY_EVERY_SECONDS: Final = 5.0
SHOW_EVERY_SECONDS: Final = 0.2
STANDARD_INPUT: Final = "-"
HEAD_BYTES: Final = 1024


class KafkaOutOfReach(click.ClickException):
    """Kafka does not answer, or not any more."""

    exit_code = EXIT_OUT_OF_REACH


class TimeType(click.ParamType):
    """A moment as RFC 3339; without an offset it is UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the option's text."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-09-01T14:30:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class OffsetType(click.ParamType):
    """FILER=N: a filer whose check digits may be N higher."""

    name = "filer=n"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Read the option's text."""
        filer, _, offset = str(value).partition("=")
        if FILER_CODE.fullmatch(filer) is None or offset not in set("123456789"):
            self.fail(f"{value!r} is not a filer code and 1 to 9, as B76=1", param, ctx)
        return filer, int(offset)


@dataclass(slots=True)
class Input:
    """The files to read, opened one after the other, and how to read them."""

    files: tuple[str, ...]
    kind: Format | None
    answers: str | None
    answered_at: datetime | None
    assumed_at: datetime | None
    offsets: dict[str, set[int]]
    opened: ExitStack = field(default_factory=ExitStack)
    current: BinaryIO | None = None
    bytes_before: int = 0
    pipe: Pipe | None = None

    async def items(self) -> AsyncIterator[Item | Note]:
        """Yield what the files hold; lines of standard input as they come."""
        for name in self.files:
            stream = self._open(name)
            if self._is_piped(name, stream):
                self.pipe = Pipe(stream.fileno())
                async for item in piped_items(self.pipe):
                    yield self._named(name, item)
            else:
                for whole in self._items_of(name, stream):
                    yield self._named(name, whole)

    def stop(self) -> None:
        """Wait for no more lines of standard input."""
        if self.pipe is not None:
            self.pipe.end()

    def _named(self, name: str, item: Item | Note) -> Item | Note:
        return item if len(self.files) == 1 else replace(item, where=f"{name}: {item.where}")

    def _is_piped(self, name: str, stream: BinaryIO) -> bool:
        if name != STANDARD_INPUT or self.kind is Format.ABI:
            return False
        try:
            return stream.fileno() >= 0
        except OSError:
            return False

    def _items_of(self, name: str, stream: BinaryIO) -> Iterator[Item | Note]:
        if self._kind_of(name, stream) is Format.JSON_LINES:
            return json_items(stream)
        answers = self._opened(self.answers) if self.answers else None
        return abi_items(stream, Answers(answers, self.answered_at, self.assumed_at), self.offsets)

    def check(self) -> None:
        """Refuse what cannot be meant, before anything is read; raises `UsageError`."""
        batches = [name for name in self.files if self._is_batch(name)]
        told = (self.answers is not None) + (self.assumed_at is not None)
        if batches and told != 1:
            message = f"{batches[0]} is a batch: give its answers (--answers) or --assume-accepted TIME, one of them"
            raise click.UsageError(message)
        if self.answers is not None and len(batches) != 1:
            message = "--answers belongs to exactly one batch file"
            raise click.UsageError(message)
        if self.assumed_at is not None and not is_plausible(self.assumed_at):
            message = f"--assume-accepted {self.assumed_at.isoformat()} lies before 1990 or more than a day ahead"
            raise click.UsageError(message)

    def total_bytes(self) -> int | None:
        """Return the size of all files, None where it is not known."""
        if STANDARD_INPUT in self.files:
            return None
        return sum(Path(name).stat().st_size for name in self.files)

    def bytes_read(self) -> int:
        """Tell how far reading has come."""
        try:
            return self.bytes_before + (self.current.tell() if self.current else 0)
        except (OSError, ValueError):
            return self.bytes_before

    def _open(self, name: str) -> BinaryIO:
        self.bytes_before = self.bytes_read()
        self.current = sys.stdin.buffer if name == STANDARD_INPUT else self._opened(name)
        return self.current

    def _opened(self, name: str) -> BinaryIO:
        return self.opened.enter_context(Path(name).open("rb"))

    def _is_batch(self, name: str) -> bool:
        if self.kind is not None or name == STANDARD_INPUT:
            return self.kind is Format.ABI
        with Path(name).open("rb") as stream:
            return self._kind_of(name, stream) is Format.ABI

    def _kind_of(self, name: str, stream: BinaryIO) -> Format:
        if self.kind is not None or name == STANDARD_INPUT:
            return self.kind or Format.JSON_LINES
        return detected_format(cast("io.BufferedReader", stream).peek(HEAD_BYTES)[:HEAD_BYTES], name)


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True, dir_okay=False)
)
@click.option("--format", "kind", type=click.Choice([one.value for one in Format]), help="Instead of detecting it.")
@click.option("--answers", type=click.Path(exists=True, dir_okay=False), help="CBP's answers (AX) to the batch.")
@click.option("--answered-at", type=TimeType(), help="When the answers were given [default: their date].")
@click.option("--assume-accepted", type=TimeType(), help="Take all of the batch as accepted at this time.")
@click.option("--check-digit-offset", "offsets", type=OffsetType(), multiple=True, help="A filer's allowed offset.")
@click.option("--skip", type=click.IntRange(0), default=0, help="Pass over so many items: to go on where it ended.")
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
    namespace: str,
    registry: str,
    bootstrap_servers: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Publish the events of JSON-lines files (- for standard input) or of ABI batch files.

    A batch is what a filer asked: give CBP's answers to it, or say when all of it was accepted. Publishing a file
    twice changes nothing.

    Exit code: 0 all accepted, 1 some refused, 2 wrong usage, 3 Kafka out of reach.

    Example: cee publish batch.abi --answers batch.ax
    """
    allowed: dict[str, set[int]] = {}
    for filer, offset in offsets:
        allowed.setdefault(filer, set()).add(offset)
    source = Input(files, Format(kind) if kind else None, answers, answered_at, assume_accepted, allowed)
    source.check()
    publisher = None
    if not dry_run:
        client = client_settings()
        publisher = Publisher(bootstrap_servers, namespace=namespace, registry=registry, offsets=allowed, client=client)
    with source.opened, Show(source, quiet=as_json) as show:
        run = Run(source.items(), skip=skip, tell=show.tell)
        failed: Exception | None = None
        try:
            asyncio.run(_run(run, publisher, show, source))
        except (OutOfReach, MissingTopic, NotDelivered) as error:
            failed = error
        except KeyboardInterrupt:
            run.report.interrupted = True
    _print_report(run.report, dry_run=dry_run, as_json=as_json)
    if failed is not None:
        message = f"{failed}. {_go_on(run.report)}" if run.report.read else str(failed)
        raise KafkaOutOfReach(message) from failed
    if run.report.interrupted:
        click.echo(_go_on(run.report), err=True)
        ctx.exit(EXIT_INTERRUPTED)
    ctx.exit(0 if run.report.is_clean else EXIT_REFUSED)


async def _run(run: Run, publisher: Publisher | None, show: "Show", source: Input) -> None:
    """Run to the end; the first Ctrl-C ends it after what is on its way, the second at once."""
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        run.stop()
        source.stop()
        show.say("Ctrl-C: waiting for what is on its way; once more ends at once")
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    watcher = asyncio.create_task(show.watch(run.report))
    try:
        if publisher is None:
            await run.check(source.offsets)
            return
        async with publisher:
            await run.publish(publisher)
    finally:
        watcher.cancel()


def _print_report(report: Report, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **report.to_json()}))
        return
    done = "valid, nothing was sent" if dry_run else "safely in Kafka"
    skipped = f"{report.skipped:,} passed over, " if report.skipped else ""
    faults = f", {report.file_faults:,} faults of the files themselves" if report.file_faults else ""
    click.echo(f"{report.read:,} read: {skipped}{report.published:,} {done}, {report.refused:,} refused{faults}.")


def _go_on(report: Report) -> str:
    """Say what is safe, and from where to go on."""
    return (
        f"The first {report.settled:,} items are dealt with: {report.published:,} safely in Kafka, "
        f"{report.refused:,} refused. Go on with --skip {report.settled}; what is published twice counts once."
    )


class Show:
    """Progress and refusals on standard error: a bar on a terminal, else a line now and then."""

    def __init__(self, source: Input, *, quiet: bool) -> None:
        self._source = source
        self._quiet = quiet
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._bar = self._progress.add_task("Publishing", total=source.total_bytes())

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line beside the bar."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def tell(self, what: Refusal | Note) -> None:
        """Print a refusal or a note, unless the report will hold it."""
        if self._quiet:
            return
        if isinstance(what, Refusal):
            self.say(what.text())
        else:
            self.say("\n".join([f"{what.where}: {what.what}", *(f"    {fault}" for fault in what.faults)]))

    async def watch(self, report: Report) -> None:
        """Show how far it is, until cancelled."""
        waited = 0.0
        while True:
            await asyncio.sleep(SHOW_EVERY_SECONDS)
            waited += SHOW_EVERY_SECONDS
            counts = f"{report.published:,} published, {report.refused:,} refused"
            self._progress.update(self._bar, completed=self._source.bytes_read(), description=counts)
            if not self._console.is_terminal and waited >= SAY_EVERY_SECONDS:
                waited = 0.0
                self.say(f"{report.read:,} read, {counts}")
