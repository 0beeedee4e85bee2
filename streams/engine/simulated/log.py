"""One topic-partition in memory: records, transaction markers, and what a committed reader may see."""

from dataclasses import dataclass, field
from typing import NamedTuple

from streams.engine.api import Headers
from streams.engine.world import Bounds


@dataclass(slots=True)
class Entry:
    """One offset of the log: a record, or a marker (`is_marker`) that ends a producer's transaction.

    `producer` is -1 outside transactions. `aborted` records are in the log and seen by nobody.
    """

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    producer: int = -1
    epoch: int = -1
    is_marker: bool = False
    aborted: bool = False


class Page(NamedTuple):
    """Committed records from an offset on, and the offset to go on from."""

    entries: list[Entry]
    next_offset: int


@dataclass(slots=True)
class SimLog:
    """A log; entries are in offset order, with gaps where they were compacted away."""

    entries: list[Entry] = field(default_factory=list)
    start: int = 0
    end: int = 0
    trimmed: list[Entry] = field(default_factory=list)
    """What was deleted at the start, for a person to bring back."""
    open_since: dict[int, int] = field(default_factory=dict)
    """First offset of each producer's open transaction."""
    epochs: dict[int, int] = field(default_factory=dict)
    """Newest epoch seen of each producer."""
    sequences: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict)
    """Offset of each batch by producer, epoch and sequence number, to answer a repeated request."""

    @property
    def stable_end(self) -> int:
        """The last stable offset: a committed reader sees nothing from here on."""
        return min(self.open_since.values(), default=self.end)

    @property
    def bounds(self) -> Bounds:
        """What a committed reader can read."""
        return Bounds(self.start, self.stable_end)

    def append(self, entry: Entry) -> int:
        """Add an entry at the end; returns its offset."""
        entry.offset = self.end
        self.entries.append(entry)
        self.end += 1
        if entry.producer >= 0 and not entry.is_marker:
            self.open_since.setdefault(entry.producer, entry.offset)
        return entry.offset

    def finish(self, producer: int, epoch: int, timestamp_ms: int, *, commit: bool) -> None:
        """Write the marker that ends a producer's transaction here."""
        since = self.open_since.pop(producer, None)
        if since is not None and not commit:
            for entry in self._from(since):
                if entry.producer == producer:
                    entry.aborted = True
        self.epochs[producer] = max(epoch, self.epochs.get(producer, -1))
        self.append(Entry(0, timestamp_ms, None, None, producer=producer, epoch=epoch, is_marker=True))

    def read(self, offset: int, most: int) -> Page:
        """Return up to `most` committed records from `offset` on."""
        stable = self.stable_end
        found: list[Entry] = []
        for entry in self._from(offset):
            if entry.offset >= stable:
                break
            if entry.is_marker or entry.aborted:
                continue
            if len(found) == most:
                return Page(found, entry.offset)
            found.append(entry)
        return Page(found, max(offset, stable))

    def committed(self) -> list[Entry]:
        """Return every committed record that is still in the log."""
        return self.read(0, len(self.entries)).entries

    def compact(self) -> None:
        """Keep the newest committed record of each key; tombstones stay, as they do for days."""
        stable = self.stable_end
        newest = {entry.key: entry.offset for entry in self.committed()}
        self.entries = [
            entry
            for entry in self.entries
            if entry.offset >= stable or (not entry.is_marker and newest.get(entry.key) == entry.offset)
        ]

    def trim(self, offset: int) -> None:
        """Delete everything before an offset."""
        self.start = max(self.start, min(offset, self.stable_end))
        self.trimmed += [entry for entry in self.entries if entry.offset < self.start]
        self.entries = [entry for entry in self.entries if entry.offset >= self.start]

    def untrim(self) -> None:
        """Bring back what was trimmed."""
        self.entries = self.trimmed + self.entries
        self.trimmed, self.start = [], 0

    def _from(self, offset: int) -> list[Entry]:
        entries = self.entries
        lo, hi = 0, len(entries)
        while lo < hi:
            middle = (lo + hi) // 2
            if entries[middle].offset < offset:
                lo = middle + 1
            else:
                hi = middle
        return entries[lo:]
