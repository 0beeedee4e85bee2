"""The files of a spool: batches appended one after the other, in segments that are deleted when all is sent."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from streams.ports.spool.entries import Batch, Entry, batches, holds_a_batch
from streams.ports.spool.errors import SpoolUnusable
from streams.ports.spool.position import sync_directory

SUFFIX: Final = ".log"
DIGITS: Final = 20


@dataclass(slots=True)
class Segment:
    """One file: it holds entries `first` to `end` (excluded) in its first `size` bytes."""

    path: Path
    first: int
    end: int
    size: int


def segment_paths(directory: Path) -> list[Path]:
    """Return the files of a spool in their order."""
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.stem.isdigit())


def read_segment(path: Path) -> tuple[Segment, list[Batch], bytes]:
    """Return what a file holds, and what stands behind its last whole batch. Raises `SpoolUnusable`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise SpoolUnusable(message) from error
    found = list(batches(data))
    first, size = int(path.stem), found[-1].end if found else 0
    return Segment(path, first, first + sum(batch.size for batch in found), size), found, data[size:]


def check_rest(segment: Segment, rest: bytes, *, is_last: bool) -> None:
    """Tell what was torn from what was damaged; a torn end was never acknowledged. Raises `SpoolUnusable`."""
    if rest and (not is_last or holds_a_batch(rest, 0)):
        message = (
            f"{segment.path} is damaged after its first {segment.size:,} bytes: nothing is sent from this folder until "
            "the file is restored"
        )
        raise SpoolUnusable(message)


def entries_from(segment: Segment, position: int) -> Iterator[Entry]:
    """Yield a segment's entries from a position on."""
    with segment.path.open("rb") as stream:
        data = stream.read(segment.size)
    at = segment.first
    for batch in batches(data):
        if at + batch.size > position:
            for number, entry in enumerate(batch.entries(), at):
                if number >= position:
                    yield entry
        at += batch.size


class Appender:
    """The last segment, open for appending. What `append` returns from is on disk."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._stream: BinaryIO = segment.path.open("r+b", buffering=0)
        os.ftruncate(self._stream.fileno(), segment.size)
        os.fsync(self._stream.fileno())

    @classmethod
    def create(cls, directory: Path, first: int) -> "Appender":
        """Begin a new file. Raises `OSError`."""
        path = directory / f"{first:0{DIGITS}}{SUFFIX}"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        sync_directory(directory)
        return cls(Segment(path, first, first, 0))

    def append(self, data: bytes, count: int) -> None:
        """Write a batch and wait for the disk. Raises `OSError`; the file is then as it was before."""
        descriptor, segment = self._stream.fileno(), self.segment
        try:
            at = segment.size
            view = memoryview(data)
            while view:
                written = os.pwrite(descriptor, view, at)
                at, view = at + written, view[written:]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, segment.size)
            raise
        segment.size += len(data)
        segment.end += count

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()
