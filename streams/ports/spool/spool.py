"""A spool: a bounded queue of events on disk, whose writer knows that what was added stays.

One process at a time. An event id that the spool still holds is not added again; it holds what waits and at least the
last segment that was sent, so that whoever was killed before an acknowledgement came may hand the event in again.
"""

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from streams.ports.spool.entries import Batch, Entry, batch_bytes
from streams.ports.spool.errors import SpoolFull, SpoolInUse, SpoolUnusable
from streams.ports.spool.position import Position, read_position, write_position
from streams.ports.spool.segments import Appender, Segment, check_rest, entries_from, read_segment, segment_paths

LIMIT_BYTES: Final = 1 << 30
SEGMENT_BYTES: Final = 16 << 20
KEPT_SEGMENTS: Final = 2
LOCK: Final = "lock"
# What a full disk, a full quota and a file size limit are called.
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Spool:
    """The spool in a folder, made where it is missing. A context manager.

    `limit_bytes` bounds what waits for Kafka; up to two segments that are sent already may lie beside it. Raises
    `SpoolInUse` and `SpoolUnusable` on opening.
    """

    def __init__(self, directory: Path, *, namespace: str = "", limit_bytes: int = LIMIT_BYTES) -> None:
        self._directory = directory
        self._limit = limit_bytes
        self._segment_bytes = min(SEGMENT_BYTES, max(1, limit_bytes // 4))
        self._lock = _locked(directory)
        # Adding runs in a thread beside the loop that sends.
        self._guard = threading.Lock()
        self._ids: dict[int, set[bytes]] = {}
        self._segments: list[Segment] = []
        try:
            self.position = self._found_position(namespace)
            self._appender = self._read_all()
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        """Return the spool, which is open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._appender.close()
        os.close(self._lock)

    @property
    def directory(self) -> Path:
        """Return the folder."""
        return self._directory

    @property
    def end(self) -> int:
        """How many events were ever added."""
        return self._appender.segment.end

    @property
    def waiting(self) -> int:
        """How many events are not known to be in Kafka."""
        return self.end - self.position.sent

    @property
    def waiting_bytes(self) -> int:
        """How many bytes the files take that hold events not yet sent."""
        return sum(segment.size for segment in self._segments if segment.end > self.position.sent)

    def add(self, entries: Sequence[Entry]) -> None:
        """Keep events, all or none; they are on disk when this returns. Ids that are held already are passed over.

        Raises `SpoolFull` at the limit, `SpoolUnusable` where the disk is full or fails.
        """
        with self._guard:
            fresh = self._not_held(entries)
            if not fresh:
                return
            data = batch_bytes(fresh, int(time.time() * 1000))
            if self.waiting and self.waiting_bytes + len(data) > self._limit:
                message = (
                    f"the spool {self._directory} is full: {self.waiting:,} events wait for Kafka; bring Kafka back "
                    "into reach, or raise --spool-limit"
                )
                raise SpoolFull(message)
            try:
                self._roll()
                self._appender.append(data, len(fresh))
            except OSError as error:
                raise self._unusable(error) from error
            self._ids[self._appender.segment.first].update(UUID(entry.event_id).bytes for entry in fresh)

    def pending(self) -> Iterator[Entry]:
        """Yield what is not sent, from the oldest on, as far as it is there now."""
        position = self.position.sent
        with self._guard:
            segments = [replace(segment) for segment in self._segments if segment.end > position]
        for segment in segments:
            yield from entries_from(segment, position)

    def move(self, position: Position) -> None:
        """Note how far it is sent, and delete what nobody needs any more. Raises `SpoolUnusable`."""
        if position == self.position:
            return
        try:
            write_position(self._directory, position)
        except OSError as error:
            raise self._unusable(error) from error
        with self._guard:
            self.position = position
            # The one that was sent last stays, so that its events are known when they are handed in again.
            while len(self._segments) > KEPT_SEGMENTS and self._segments[1].end <= position.sent:
                gone = self._segments.pop(0)
                self._ids.pop(gone.first)
                gone.path.unlink(missing_ok=True)

    def _not_held(self, entries: Sequence[Entry]) -> list[Entry]:
        fresh: dict[bytes, Entry] = {}
        for entry in entries:
            event_id = UUID(entry.event_id).bytes
            if not any(event_id in held for held in self._ids.values()):
                fresh.setdefault(event_id, entry)
        return list(fresh.values())

    def _roll(self) -> None:
        """Begin a new segment where the last one is long enough."""
        last = self._appender.segment
        if last.size < self._segment_bytes:
            return
        appender = Appender.create(self._directory, last.end)
        self._appender.close()
        self._appender = appender
        self._segments.append(appender.segment)
        self._ids[appender.segment.first] = set()

    def _found_position(self, namespace: str) -> Position:
        position = read_position(self._directory)
        if position is None:
            if segment_paths(self._directory):
                message = (
                    f"{self._directory} has events and no position: restore its position.json, or use a new folder"
                )
                raise SpoolUnusable(message)
            position = Position.new(namespace)
            try:
                write_position(self._directory, position)
            except OSError as error:
                raise self._unusable(error) from error
        if position.namespace != namespace:
            message = (
                f"the spool {self._directory} belongs to the namespace {position.namespace!r}, not to {namespace!r}: "
                "use another folder"
            )
            raise SpoolUnusable(message)
        return position

    def _read_all(self) -> Appender:
        """Read every segment, leave out a torn end, and open the last one."""
        paths = segment_paths(self._directory)
        try:
            if not paths:
                appender = Appender.create(self._directory, self.position.sent)
                self._segments, self._ids = [appender.segment], {appender.segment.first: set()}
                return appender
            for path in paths:
                segment, found, rest = read_segment(path)
                check_rest(segment, rest, is_last=path == paths[-1])
                self._follow(segment, found)
            return self._opened_last()
        except OSError as error:
            raise self._unusable(error) from error

    def _opened_last(self) -> Appender:
        last = self._segments[-1]
        if last.end < self.position.sent:
            message = f"{last.path} ends before what was sent: restore the folder, or use a new one"
            raise SpoolUnusable(message)
        appender = Appender(last)
        self._segments[-1] = appender.segment
        return appender

    def _follow(self, segment: Segment, found: Sequence[Batch]) -> None:
        if self._segments and segment.first != self._segments[-1].end:
            message = (
                f"a file is missing before {segment.path}: restore it, nothing is sent from this folder until then"
            )
            raise SpoolUnusable(message)
        self._segments.append(segment)
        self._ids[segment.first] = {event_id for batch in found for event_id in batch.event_ids()}

    def _unusable(self, error: OSError) -> SpoolUnusable:
        if error.errno in FULL:
            return SpoolUnusable(
                f"the disk of the spool {self._directory} is full: the events just handed in were not kept, those "
                "before are; make room and go on"
            )
        return SpoolUnusable(f"the spool {self._directory} cannot be written ({error.strerror}): mend that and go on")


def _locked(directory: Path) -> int:
    """Make the folder where it is missing, and hold its lock, which ends with the process however that ends."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        why = "is full" if error.errno in FULL else f"cannot be used ({error.strerror})"
        message = f"the spool {directory} {why}: name a folder that this account may write"
        raise SpoolUnusable(message) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        message = f"another process has the spool {directory} open: wait for it, or use a folder for each"
        raise SpoolInUse(message) from error
    return descriptor
