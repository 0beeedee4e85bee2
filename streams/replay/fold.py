"""A single-threaded fold of input records that follows a journal: the yardstick for what a worker published.

It shares the processor with the worker and nothing of the core: no cache, no batches, no store. What it keeps are
two dictionaries.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from streams.engine.api import Headers, InvalidRecord, Processor, SourceRecord, Table
from streams.engine.config import Limits
from streams.engine.dead_letter import dead_letter
from streams.engine.journal import JournalEntry, Range

V = TypeVar("V")


class Output(NamedTuple):
    """One published record: headers, like the position, depend on input alone."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None


class JournalGap(ValueError):  # noqa: N818 - it names what is wrong with the journal
    """The journal names records that the log does not have, or leaves some out; the text says which."""


class FoldState:
    """A `State` of encoded values, with an undo list for the record under way."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self._undo: list[tuple[bytes, bytes | None]] = []
        # Keys in byte order, for the tables that were scanned.
        self._sorted: dict[bytes, list[bytes]] = {}

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""
        data = self.values.get(table.prefix + key)
        return None if data is None else table.load(data)

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key."""
        full = table.prefix + key
        self._undo.append((full, self.values.get(full)))
        self._set(full, table.dump(value))

    def delete(self, table: Table[V], key: bytes) -> None:
        """Remove a key."""
        full = table.prefix + key
        self._undo.append((full, self.values.get(full)))
        self._set(full, None)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield key (without prefix) and value in byte order, as of the call."""
        cut, first = len(table.prefix), table.prefix + start
        keys = self._sorted.get(table.prefix)
        if keys is None:
            keys = sorted(full for full in self.values if full.startswith(table.prefix))
            self._sorted[table.prefix] = keys
        last = len(keys) if stop is None else bisect_left(keys, table.prefix + stop)
        chosen = keys[bisect_left(keys, first) : last]
        return iter([(full[cut:], table.load(self.values[full])) for full in chosen])

    def keep(self) -> None:
        """Make the record's changes final."""
        self._undo.clear()

    def undo(self) -> None:
        """Take the record's changes back."""
        for full, before in reversed(self._undo):
            self._set(full, before)
        self._undo.clear()

    def _set(self, full: bytes, data: bytes | None) -> None:
        """Set or remove a key, and keep the sorted lists in step."""
        if (full in self.values) is (data is None):
            for prefix, keys in self._sorted.items():
                if full.startswith(prefix):
                    place = bisect_left(keys, full)
                    keys[place : place + (data is None)] = [] if data is None else [full]
        if data is None:
            self.values.pop(full, None)
        else:
            self.values[full] = data


class FoldOutbox:
    """An `Outbox` that collects what is sent from one partition."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self.sent: list[Output] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Note a record; by default it goes to the task's own partition number."""
        del headers
        self.sent.append(Output(topic, self._partition if partition is None else partition, key, value))


class Folded(NamedTuple):
    """What a partition's run comes to: outputs in order (dead letters among them), state, outcomes counted."""

    outputs: list[Output]
    state: Mapping[bytes, bytes]
    outcomes: Counter[str]


RecordsBetween = Callable[[str, int, int], list[SourceRecord]]
"""Gives the records of a topic from an offset (inclusive) to another (exclusive), of the partition that is folded."""


def fold(
    processor: Processor,
    partition: int,
    journal: list[JournalEntry],
    records_between: RecordsBetween,
    dead_letter_topic: str,
) -> Folded:
    """Fold one partition's run. Raises `JournalGap` where journal and log do not fit together."""
    run = _Run(processor, FoldState(), FoldOutbox(partition), dead_letter_topic)
    outcomes: Counter[str] = Counter()
    reached: dict[str, int] = {}
    for entry in journal:
        now = datetime.fromtimestamp(entry.now_ms / 1000, UTC)
        for part in entry.ranges:
            records = _records_of(part, partition, reached.get(part.topic, 0), records_between)
            reached[part.topic] = part.stop
            outcomes.update(run.take(record, now) for record in records)
        if entry.kind == "punctuate":
            run.pass_time(now)
    return Folded(run.out.sent, run.state.values, outcomes)


def _records_of(part: Range, partition: int, reached: int, records_between: RecordsBetween) -> list[SourceRecord]:
    """Return the records of one range, which has to go on exactly where the last one of its topic ended."""
    between = records_between(part.topic, reached, part.first)
    records = records_between(part.topic, part.first, part.stop)
    if part.first < reached or between or len(records) != part.records:
        message = (
            f"{part.topic}-{partition}: the journal has {part.records} records from {part.first} to {part.stop} after "
            f"those to {reached}; the log has {len(records)} there, and {len(between)} before that are in no entry"
        )
        raise JournalGap(message)
    return records


class _Run(NamedTuple):
    """A fold under way."""

    processor: Processor
    state: FoldState
    out: FoldOutbox
    dead_letter_topic: str

    def take(self, record: SourceRecord, now: datetime) -> str:
        """Fold one record and return its outcome."""
        sent = len(self.out.sent)
        try:
            outcome = self.processor.process(record, now, self.state, self.out)
        except InvalidRecord as fault:
            self.state.undo()
            del self.out.sent[sent:]
            buried = dead_letter(record, fault, Limits().record_bytes)
            self.out.send(self.dead_letter_topic, buried.key, buried.value)
            return "dead-lettered"
        self.state.keep()
        return outcome

    def pass_time(self, now: datetime) -> None:
        """Do what time alone brought about."""
        self.processor.punctuate(now, self.state, self.out)
        self.state.keep()
