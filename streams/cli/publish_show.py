"""What `cee publish` shows while it runs."""

import asyncio
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from streams.ports.publishing import Refusal, Report
from streams.ports.sources import Note

SAY_EVERY_SECONDS: Final = 5.0
SHOW_EVERY_SECONDS: Final = 0.2


class Progressing(Protocol):
    """What is read: how far, of how much."""

    def total_bytes(self) -> int | None:
        """Return the size of all, None where it is not known."""

    def bytes_read(self) -> int:
        """Tell how far reading has come."""


class Show:
    """Progress and refusals on standard error: a bar on a terminal, else a line now and then."""

    def __init__(self, source: Progressing, *, quiet: bool) -> None:
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
            details = (f"    {fault}" for fault in what.faults if str(fault) != what.what)
            self.say("\n".join([f"{what.where}: {what.what}", *details]))

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
