"""What must hold after every run, whatever happened in it; each check returns what it found wrong.

S1  every input below the committed offset was processed exactly once
S2  outputs, read committed, equal a single-threaded fold that follows the journal
S3  the changelog alone, the live stores and the fold agree on the state
S4  positions and time never went back (positions are checked at every commit, by the broker)
S5  nothing is committed that was not processed
S6  nothing is asked to be committed that was not acknowledged (checked at every commit, by the client)
S7  doing any stretch of the journal again from the state before it gives the same outputs again
S8  every record is accounted for once, and reports agree with what was committed (`reports`)
S9  the reported lag is end - committed, and reaches 0 (`reports`)
L1  after healing, lag reaches 0 in bounded time (checked by the run itself)
L2  stopping keeps to its budget (checked by the run itself)
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from streams.engine.api import Processor, SourceRecord
from streams.engine.config import EngineConfig
from streams.engine.continuity import JOURNAL_KEY
from streams.engine.fold import Fold, Sent, condemned_in, held_in
from streams.engine.halt import RESUME_KEY
from streams.engine.held import RELEASE_PREFIX
from streams.engine.journal import JournalCodec, JournalEntry
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.tally import Tally

Place = tuple[int, int]
"""A partition number and an offset."""

Records = Mapping[tuple[str, int], SourceRecord]


def check_all(  # noqa: PLR0913, PLR0917 - what has happened, and with what
    broker: SimBroker,
    config: EngineConfig,
    codec: JournalCodec,
    stores: Mapping[int, Mapping[bytes, bytes]],
    asked: frozenset[Place],
    make: Callable[[], Processor] | None = None,
) -> list[str]:
    """Check every partition.

    `stores` holds the live state by partition, where a worker had it open at the end; `asked` are partition and
    offset of the records that a person asked to be buried. `make` makes the processor that ran; the tally by default.
    """
    found = list(broker.violations)
    for partition in range(broker.partitions):
        entries = [codec.decode(entry.value or b"") for entry in broker.logs[(config.journal, partition)].committed()]
        records = _inputs(broker, config, partition)
        found += _check_coverage(broker, config, partition, entries, records)
        found += _check_time(partition, entries)
        buried = broker.logs[(config.dead_letter, partition)].committed()
        condemned = frozenset(condemned_in(entry.headers for entry in buried))
        found += [
            f"S1: {place} was condemned by nobody" for place in sorted(condemned) if (partition, place[1]) not in asked
        ]
        held = dict(held_in(entry.headers for entry in buried))
        found += _check_held(partition, entries, records, held)
        processor = make() if make is not None else _mended(broker)
        fold = Fold(processor, partition, config.dead_letter, condemned, held)
        stretch = Stretch(partition, [(entry, _records_of(entry, records)) for entry in entries])
        found += stretch.follow(fold)
        found += _check_outputs(broker, config, partition, fold)
        found += _check_state(broker, config, partition, fold, stores)
    return found


class Stretch:
    """Follows a journal, and a part of it once more (S7)."""

    def __init__(self, partition: int, work: list[tuple[JournalEntry, list[SourceRecord]]]) -> None:
        self._partition = partition
        self._work = work

    def follow(self, fold: Fold) -> Iterator[str]:
        """Fold all; then the middle third again, from the state before it."""
        first, last = len(self._work) // 3, 2 * len(self._work) // 3
        self._fold(fold, 0, first)
        again = fold.branched()
        before = {place: len(sent) for place, sent in fold.sent.items()}
        self._fold(fold, first, last)
        once = {place: sent[before.get(place, 0) :] for place, sent in fold.sent.items()}
        values = dict(fold.state.values)
        self._fold(fold, last, len(self._work))
        self._fold(again, first, last)
        if {place: sent for place, sent in once.items() if sent} != again.sent:
            yield f"S7: partition {self._partition}: entries {first} to {last} done again publish something else"
        if values != again.state.values:
            yield f"S7: partition {self._partition}: entries {first} to {last} done again end in another state"

    def _fold(self, fold: Fold, first: int, stop: int) -> None:
        for entry, records in self._work[first:stop]:
            fold.follow(entry, records)


def _mended(broker: SimBroker) -> Tally:
    processor = Tally(broker.partitions)
    processor.is_mended = True
    return processor


def _check_held(
    partition: int, entries: list[JournalEntry], records: Records, held: Mapping[tuple[str, int], str]
) -> Iterator[str]:
    """Who waits, waits behind a record that fails; is released once; and is processed in the order of its key."""
    released = [(span.topic, span.first) for entry in entries if entry.kind == "release" for span in entry.ranges]
    if sorted(released) != sorted(held):
        yield f"S1: partition {partition}: held {sorted(held)}, released {sorted(released)}"
    for place, why in held.items():
        topic, offset = why.split(" at ")[1].split(" with ")[0].split(" offset ")
        blamed = records[topic, int(offset)]
        if blamed.key != records[place].key or (blamed.value or b"").partition(b":")[0] not in {b"poison", b"shaky"}:
            yield f"S1: partition {partition}: {place} was held without cause: {why}"
    last: dict[tuple[str, bytes | None], int] = {}
    for entry in entries:
        for record in _records_of(entry, records):
            place = record.topic, record.offset
            if place in held and entry.kind != "release":
                continue
            line = record.topic, record.key
            if record.offset <= last.get(line, -1):
                yield f"S2: partition {partition}: {line} was processed out of order at {record.offset}"
            last[line] = record.offset


def _records_of(entry: JournalEntry, records: Records) -> list[SourceRecord]:
    """Return the inputs that a journal entry names; the offsets between them are markers' and undone records'."""
    return [
        record
        for span in entry.ranges
        for offset in range(span.first, span.stop)
        if (record := records.get((span.topic, offset))) is not None
    ]


def _inputs(broker: SimBroker, config: EngineConfig, partition: int) -> Records:
    return {
        (topic, entry.offset): SourceRecord(
            topic, partition, entry.offset, entry.timestamp_ms, entry.key, entry.value, entry.headers
        )
        for topic in config.sources
        for entry in broker.logs[(topic, partition)].committed()
    }


def _check_coverage(
    broker: SimBroker, config: EngineConfig, partition: int, entries: list[JournalEntry], records: Records
) -> Iterator[str]:
    for topic in config.sources:
        done = [
            offset
            for entry in entries
            if entry.kind != "release"
            for span in entry.ranges
            if span.topic == topic
            for offset in range(span.first, span.stop)
            if (topic, offset) in records
        ]
        committed = broker.committed.get((topic, partition), 0)
        expected = [offset for name, offset in sorted(records) if name == topic and offset < committed]
        if done == expected:
            continue
        place = f"{topic}-{partition} (committed {committed})"
        if len(set(done)) != len(done):
            yield f"S1: {place}: processed twice: {sorted({o for o in done if done.count(o) > 1})}"
        if missing := sorted(set(expected) - set(done)):
            yield f"S5: {place}: committed but never processed: {missing}"
        if extra := sorted(set(done) - set(expected)):
            yield f"S1: {place}: processed but not committed: {extra}"
        if sorted(done) != done:
            yield f"S1: {place}: processed out of order"


def _check_time(partition: int, entries: list[JournalEntry]) -> Iterator[str]:
    for before, after in pairwise(entries):
        if after.now_ms < before.now_ms:
            yield f"S4: partition {partition}: now went back from {before.now_ms} to {after.now_ms}"


def _check_outputs(broker: SimBroker, config: EngineConfig, partition: int, fold: Fold) -> Iterator[str]:
    sent: dict[tuple[str, int], list[Sent]] = {}
    for topic in (*config.outputs, config.dead_letter):
        for target in range(broker.partitions):
            for entry in broker.logs[(topic, target)].committed():
                if broker.partition_of(entry.producer) == partition:
                    sent.setdefault((topic, target), []).append(Sent(entry.key, entry.value, entry.headers))
    for place in sorted(sent.keys() | fold.sent.keys()):
        expected, found = fold.sent.get(place, []), sent.get(place, [])
        if expected != found:
            yield f"S2: task {partition} to {place[0]}-{place[1]}: {_difference(expected, found)}"


def _difference(expected: list[Sent], found: list[Sent]) -> str:
    for at, (left, right) in enumerate(zip(expected, found, strict=False)):
        if left != right:
            return f"record {at} is {right.value!r}, the fold says {left.value!r}"
    return f"{len(found)} records, the fold says {len(expected)}"


def _check_state(
    broker: SimBroker,
    config: EngineConfig,
    partition: int,
    fold: Fold,
    stores: Mapping[int, Mapping[bytes, bytes]],
) -> Iterator[str]:
    restored: dict[bytes, bytes] = {}
    for entry in broker.logs[(config.changelog, partition)].committed():
        if entry.key is not None and entry.value is not None:
            restored[entry.key] = entry.value
        elif entry.key is not None:
            restored.pop(entry.key, None)
    if _without_engine_keys(restored) != _without_engine_keys(fold.state.values):
        yield f"S3: partition {partition}: the changelog and the fold differ"
    live = stores.get(partition)
    if live is not None and _without_others_words(live) != _without_others_words(restored):
        yield f"S3: partition {partition}: the live store and the changelog differ"


def _without_engine_keys(data: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    return {key: value for key, value in data.items() if not key.startswith(b"m/")}


def _without_others_words(data: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Leave out what others write that changes no state: a person's wish, and the start of a task that came and went.

    A task that has nothing to do learns of them when it starts again.
    """
    others = (RESUME_KEY, RELEASE_PREFIX, JOURNAL_KEY)
    return {key: value for key, value in data.items() if not key.startswith(others)}
