"""What must hold after every run, whatever happened in it; each check returns what it found wrong.

S1  every input below the committed offset was processed exactly once
S2  outputs, read committed, equal a single-threaded fold that follows the journal
S3  the changelog alone, the live stores and the fold agree on the state
S4  positions and time never went back (positions are checked at every commit, by the broker)
S5  nothing is committed that was not processed
L1  after healing, lag reaches 0 in bounded time (checked by the run itself)
L2  stopping keeps to its budget (checked by the run itself)
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from streams.engine.api import SourceRecord
from streams.engine.config import EngineConfig
from streams.engine.fold import Fold, Sent, condemned_in
from streams.engine.journal import JournalCodec, JournalEntry
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.tally import Tally

Place = tuple[int, int]
"""A partition number and an offset."""

Records = Mapping[tuple[str, int], SourceRecord]


def check_all(
    broker: SimBroker,
    config: EngineConfig,
    codec: JournalCodec,
    stores: Mapping[int, Mapping[bytes, bytes]],
    asked: frozenset[Place],
) -> list[str]:
    """Check every partition.

    `stores` holds the live state by partition, where a worker had it open at the end; `asked` are partition and
    offset of the records that a person asked to be buried.
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
        fold = Fold(Tally(broker.partitions), partition, config.dead_letter, condemned)
        try:
            for entry in entries:
                fold.follow(entry, _records_of(entry, records))
        except ArithmeticError as error:
            found.append(f"S1: partition {partition}: a record was processed that raises {error!r}")
        found += _check_outputs(broker, config, partition, fold)
        found += _check_state(broker, config, partition, fold, stores)
    return found


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
    if _without_engine_keys(restored) != fold.state.values:
        yield f"S3: partition {partition}: the changelog and the fold differ"
    live = stores.get(partition)
    if live is not None and dict(live) != restored:
        yield f"S3: partition {partition}: the live store and the changelog differ"


def _without_engine_keys(data: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    return {key: value for key, value in data.items() if not key.startswith(b"m/")}
