"""`cee publish --watch`: take files as they are put into a folder, and move them when they are dealt with."""

import asyncio
import json
import signal
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from streams.cli.publish_input import Input
from streams.cli.publish_target import EXIT_REFUSED, Target
from streams.ports.errors import EventFault, PublishError
from streams.ports.publisher import Publisher
from streams.ports.publishing import Run
from streams.ports.sources import Item
from streams.ports.spool.publisher import SpoolingPublisher
from streams.ports.watch import Arrived, FolderUnusable, WatchedFolder

LOOK_SECONDS: Final = 1.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0


def watch(folder: Path, target: Target, options: Input, *, once: bool, as_json: bool) -> int:
    """Watch until SIGINT or SIGTERM (with `once` until the folder is empty); returns the exit code.

    Raises `FolderUnusable`, and whatever keeps it from Kafka from the start.
    """
    watched = WatchedFolder(folder, kind=options.kind, needs_answers=options.assumed_at is None)
    watcher = Watcher(watched, target, options, once, as_json)
    asyncio.run(watcher.run())
    return EXIT_REFUSED if watcher.refused else 0


@dataclass(slots=True)
class Watcher:
    """One watch: publishes files one after the other, and goes on after what can be mended."""

    folder: WatchedFolder
    target: Target
    options: Input
    once: bool
    as_json: bool
    refused: int = 0
    has_connected: bool = False

    async def run(self) -> None:
        """Watch until stopped. Raises `FolderUnusable`, and with `once` or at the start whatever kept it from Kafka."""
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            try:
                async with self.target.publisher(_say) as publisher:
                    self.has_connected = True
                    await self._follow(publisher, stop)
                    stop.set()
            except PublishError as error:
                if self.once or not self.has_connected or isinstance(error, FolderUnusable):
                    raise
                _say(f"{error}; the file stays where it is, trying again")
                await _wait(stop, pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _follow(self, publisher: Publisher | SpoolingPublisher, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for arrived in self.folder.ready():
                await self._take(arrived, publisher)
                if stop.is_set():
                    return
            if self.once:
                return
            await _wait(stop, LOOK_SECONDS)

    async def _take(self, arrived: Arrived, publisher: Publisher | SpoolingPublisher) -> None:
        """Publish one file, and move it."""
        name = str(arrived.path)
        answers = str(arrived.answers) if arrived.answers is not None else None
        source = replace(self.options, files=(name,), kind=arrived.kind, answers=answers)
        if answers is not None:
            source.assumed_at = None
        unreadable = Item(arrived.path.name, why="the file or its answers cannot be read", faults=(UNREADABLE,))
        with source.opened:
            run = Run([unreadable] if arrived.kind is None else source.items())
            await run.publish(publisher)
        report = run.report
        place = self.folder.settle(arrived, report.to_json(), is_clean=report.is_clean)
        self.refused += not report.is_clean
        if self.as_json:
            click.echo(json.dumps({"file": arrived.path.name, "moved_to": str(place), **report.to_json()}))
        else:
            click.echo(f"{arrived.path.name}: {report.published:,} published, {report.refused:,} refused; now {place}")


UNREADABLE: Final = EventFault("", "this account may not read it", "give it the right, and put it back")


def _say(text: str) -> None:
    click.echo(text, err=True)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
