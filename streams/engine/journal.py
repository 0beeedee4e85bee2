"""The journal: one record per transaction, so that any past run can be done again exactly.

Which records of which source came after one another, and what `now` was, are the only things that the input does
not determine.
"""

import json
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

JournalKind = Literal["start", "batch", "punctuate", "halt", "release"]


class Range(NamedTuple):
    """A run of records of one source, in the order of processing.

    From `first` (inclusive) to `stop` (exclusive); `records` can be less than their difference, because
    transaction markers and aborted records take offsets too.
    """

    topic: str
    first: int
    stop: int
    records: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What one transaction did.

    `start` opens a task's run (its append time sets the clock), `batch` folds `ranges` in their order at
    `now_ms`, `punctuate` let time pass to `now_ms`, `halt` put the partition on hold, `release`
    folds records of an account that was held, far behind what was read since. A `punctuate` that
    changed nothing and sent nothing has no entry: doing it again would change nothing either.
    """

    partition: int
    kind: JournalKind
    now_ms: int
    ranges: tuple[Range, ...] = ()


class JournalCodec(Protocol):
    """How entries become bytes; the application brings its own, so that the engine knows no schema."""

    def encode(self, entry: JournalEntry) -> bytes:
        """Return the journal record's value."""

    def decode(self, data: bytes) -> JournalEntry:
        """Return the entry that `encode` was given; raises `ValueError` for other bytes."""


class JsonJournalCodec:
    """A codec that needs no schema: for tests, the simulator and small applications."""

    def encode(self, entry: JournalEntry) -> bytes:
        """Return compact JSON."""
        body = [entry.partition, entry.kind, entry.now_ms, [list(part) for part in entry.ranges]]
        return json.dumps(body, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> JournalEntry:
        """Return the entry of `encode`; raises `ValueError` for other bytes."""
        try:
            partition, kind, now_ms, ranges = json.loads(data)
            return JournalEntry(partition, kind, now_ms, tuple(Range(*part) for part in ranges))
        except (TypeError, ValueError) as error:
            message = "not a journal entry"
            raise ValueError(message) from error
