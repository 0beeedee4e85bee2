"""What one partition should have come to: a single-threaded fold of its input that follows the journal.

The yardstick for what the core published, in the simulator and on a real broker. It shares the processor with the
core and nothing of how the core works: no cache, no batches, no store, only two dictionaries.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from streams.engine.api import Headers, InvalidRecord, Processor, SourceRecord, Table
from streams.engine.config import Limits
from streams.engine.dead_letter import MESSAGE, OFFSET, REASON, TOPIC, dead_letter
from streams.engine.held import HeldBack
from streams.engine.journal import JournalEntry
from streams.engine.timeline import as_datetime

V = TypeVar("V")

DEAD_LETTERED = "dead-lettered"

Place = tuple[str, int]
"""Topic and partition."""


class Sent(NamedTuple):
    """A published record."""

    key: bytes | None
    value: bytes | None
    headers: Headers


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


class _FoldOutbox:
    """An `Outbox` that collects what one record, or time, makes a partition send."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self.items: list[tuple[Place, Sent]] = []

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
        self.items.append(((topic, self._partition if partition is None else partition), Sent(key, value, headers)))


class Fold:
    """Folds one partition's journal entries; `sent` and `state` are what should be there.

    `condemned` are topic and offset of records that a person sent to the dead letters, `held` (with why) of those
    that a bug sent there for a while: the two inputs that neither sources nor journal hold.
    """

    def __init__(
        self,
        processor: Processor,
        partition: int,
        dead_letter_topic: str,
        condemned: frozenset[tuple[str, int]],
        held: Mapping[tuple[str, int], str] = MappingProxyType({}),
    ) -> None:
        self._processor = processor
        self.partition = partition
        self._dead_letter_topic = dead_letter_topic
        self._condemned = condemned
        self._held = held
        self._record_bytes = Limits().record_bytes
        self.state = FoldState()
        self.sent: dict[Place, list[Sent]] = {}
        self.outcomes: Counter[str] = Counter()

    def branched(self) -> "Fold":
        """Return a fold that goes on from the state as it is now, and has sent nothing yet."""
        branch = Fold(self._processor, self.partition, self._dead_letter_topic, self._condemned, self._held)
        branch.state.values = dict(self.state.values)
        return branch

    def follow(self, entry: JournalEntry, records: Iterable[SourceRecord]) -> None:
        """Do again what one transaction did; `records` are those of its ranges, in their order."""
        now = as_datetime(entry.now_ms)
        if entry.kind == "punctuate":
            out = _FoldOutbox(self.partition)
            self._processor.punctuate(now, self.state, out)
            self._keep(out)
        for record in records:
            out = _FoldOutbox(self.partition)
            try:
                self._refuse_exceptions(record, is_released=entry.kind == "release")
                outcome = self._processor.process(record, now, self.state, out)
            except InvalidRecord as fault:
                self.state.undo()
                out, outcome = self._buried(record, fault), DEAD_LETTERED
            self._keep(out)
            self.outcomes[outcome] += 1

    def _refuse_exceptions(self, record: SourceRecord, *, is_released: bool) -> None:
        place = record.topic, record.offset
        if place in self._condemned:
            reason = "condemned"
            raise InvalidRecord(reason, "a person sent this record to the dead letters")
        if place in self._held and not is_released:
            reason = "held"
            raise HeldBack(reason, self._held[place])

    def _buried(self, record: SourceRecord, fault: InvalidRecord) -> _FoldOutbox:
        out = _FoldOutbox(self.partition)
        key, value, headers = dead_letter(record, fault, self._record_bytes)
        out.send(self._dead_letter_topic, key, value, headers=headers)
        return out

    def _keep(self, out: _FoldOutbox) -> None:
        self.state.keep()
        for place, sent in out.items:
            self.sent.setdefault(place, []).append(sent)


def condemned_in(dead_letters: Iterable[Headers]) -> Iterator[tuple[str, int]]:
    """Yield topic and offset of the records that were buried because a person said so."""
    for pairs in dead_letters:
        headers = dict(pairs)
        if headers.get(REASON) == b"condemned":
            yield headers[TOPIC].decode(), int(headers[OFFSET])


def held_in(dead_letters: Iterable[Headers]) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield topic and offset of the records that waited with a held account, each with the word for why."""
    for pairs in dead_letters:
        headers = dict(pairs)
        if headers.get(REASON) == b"held":
            yield (headers[TOPIC].decode(), int(headers[OFFSET])), headers[MESSAGE].decode()
