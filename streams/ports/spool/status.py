"""What waits in a spool, looked at from outside: needs no lock and changes nothing."""

from pathlib import Path
from typing import NamedTuple

from streams.ports.spool.errors import SpoolUnusable
from streams.ports.spool.position import Position, read_position
from streams.ports.spool.segments import check_rest, read_segment, segment_paths


class Status(NamedTuple):
    """What waits, and since when (milliseconds since 1970); `sending`: the end of a transaction is not noted."""

    waiting: int
    waiting_bytes: int
    oldest_ms: int | None
    sent: int
    sending: bool


def spool_status(directory: Path) -> Status:
    """Return what waits. Raises `SpoolUnusable`."""
    position = _position(directory)
    paths = segment_paths(directory)
    waiting = size = 0
    oldest: int | None = None
    for path in paths:
        segment, found, rest = read_segment(path)
        check_rest(segment, rest, is_last=path == paths[-1])
        at = segment.first
        for batch in found:
            at += batch.size
            if at > position.sent:
                oldest = oldest or batch.kept_at_ms
                waiting = at - position.sent
                size += len(batch.body)
    return Status(waiting, size, oldest, position.sent, position.sending is not None)


def namespace_of(directory: Path) -> str:
    """Return the namespace of a spool's topics. Raises `SpoolUnusable` where there is no spool."""
    return _position(directory).namespace


def _position(directory: Path) -> Position:
    position = read_position(directory)
    if position is None:
        message = f"{directory} is not a spool: name the folder that was given to `cee publish --spool`"
        raise SpoolUnusable(message)
    return position
