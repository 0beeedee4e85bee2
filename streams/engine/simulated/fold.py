"""What one partition should have come to: a single-threaded fold of its input that follows the journal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from streams.engine.api import Headers, InvalidRecord, Processor, SourceRecord, Table
from streams.engine.dead_letter import dead_letter_headers
from streams.engine.journal import JournalEntry
from streams.engine.timeline import as_datetime

V = TypeVar("V")

Sent = tuple[bytes | None, bytes | None, Headers]


class PlainState:
    """A `State` in one dictionary of bytes, as simple as it can be."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""
        data = self.data.get(table.prefix + key)
        return None if data is None else table.load(data)

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key."""
        self.data[table.prefix + key] = table.dump(value)

    def delete(self, table: Table[V], key: bytes) -> None:
        """Remove a key."""
        self.data.pop(table.prefix + key, None)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield key and value in byte order."""
        prefix = table.prefix
        found = []
        for full in sorted(self.data):
            key = full[len(prefix) :]
            if full.startswith(prefix) and key >= start and (stop is None or key < stop):
                found.append((key, table.load(self.data[full])))
        return iter(found)


@dataclass(slots=True)
class _PlainOutbox:
    """An `Outbox` by topic-partition."""

    partition: int
    sent: dict[tuple[str, int], list[Sent]] = field(default_factory=dict)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Keep what was sent."""
        place = (topic, self.partition if partition is None else partition)
        self.sent.setdefault(place, []).append((key, value, headers))


class Fold:
    """Folds journal entries of one partition; `sent` and `state` are what should be there.

    `condemned` are topic and offset of records that a person sent to the dead letters: the one input that neither
    sources nor journal hold.
    """

    def __init__(
        self, processor: Processor, partition: int, dead_letter: str, condemned: frozenset[tuple[str, int]]
    ) -> None:
        self._processor = processor
        self._partition = partition
        self._dead_letter = dead_letter
        self._condemned = condemned
        self.state = PlainState()
        self.sent: dict[tuple[str, int], list[Sent]] = {}

    def follow(self, entry: JournalEntry, records: Mapping[tuple[str, int], SourceRecord]) -> None:
        """Do again what one transaction did; `records` are all inputs by topic and offset."""
        now = as_datetime(entry.now_ms)
        if entry.kind == "punctuate":
            out = _PlainOutbox(self._partition)
            self._processor.punctuate(now, self.state, out)
            self._keep(out)
        for span in entry.ranges:
            for offset in range(span.first, span.stop):
                record = records.get((span.topic, offset))
                if record is not None:
                    self._process(record, entry.now_ms)

    def _process(self, record: SourceRecord, now_ms: int) -> None:
        before = dict(self.state.data)
        out = _PlainOutbox(self._partition)
        if (record.topic, record.offset) in self._condemned:
            self._bury(record, InvalidRecord("condemned", "a person sent this record to the dead letters"), before)
            return
        try:
            self._processor.process(record, as_datetime(now_ms), self.state, out)
        except InvalidRecord as fault:
            self._bury(record, fault, before)
        else:
            self._keep(out)

    def _bury(self, record: SourceRecord, fault: InvalidRecord, before: dict[bytes, bytes]) -> None:
        self.state.data = before
        out = _PlainOutbox(self._partition)
        out.send(self._dead_letter, record.key, record.value, headers=dead_letter_headers(record, fault))
        self._keep(out)

    def _keep(self, out: _PlainOutbox) -> None:
        for place, records in out.sent.items():
            self.sent.setdefault(place, []).extend(records)
