"""What one event costs in the processor alone: `python -m bench.processing [EVENTS]`.

Decode, decide, encode, and the state over a real store, in one process and without a broker; records that are sent
on between partitions are delivered. Processor time of this process only, so that a busy machine shows less; garbage
collection is off, for a worker is told to leave what it keeps alone.
"""

import gc
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.load import Bytes, sample_of
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.api import InvalidRecord, SourceRecord
from streams.engine.cache import ValueCache
from streams.engine.config import Limits
from streams.engine.outbox import ListOutbox
from streams.engine.state import OverlayState
from streams.engine.store import RocksStore, StoreMemory
from streams.engine.world import Checkpoint
from streams.processor.clock import TimeSource
from streams.processor.processor import PlacementProcessor

PARTITIONS: Final = 4
BATCH: Final = 2_000
RECORD_BYTES: Final = 900_000
LOADED_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)


class Partition:
    """One partition with its state, and the records that are on their way to it."""

    def __init__(self, number: int, folder: Path, memory: StoreMemory) -> None:
        self.number = number
        self.store = RocksStore(folder / str(number), memory)
        self.state = OverlayState(self.store, ValueCache(Limits().cached_values))
        self.out = ListOutbox(number)
        self.records: list[SourceRecord] = []
        self._offsets: Counter[str] = Counter()

    def take(
        self, topic: str, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()
    ) -> None:
        """Append a record, as a broker does."""
        published_ms = int(LOADED_AT.timestamp() * 1000)
        offset = self._offsets[topic]
        self._offsets[topic] += 1
        self.records.append(SourceRecord(topic, self.number, offset, published_ms, key, value, headers))


def measure(events: list[Bytes], folder: Path) -> tuple[float, Counter[str]]:
    """Return microseconds of processor time per event, and what became of all records."""
    names = TopicNames()
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    processor = PlacementProcessor(Codec(), names, PARTITIONS, rules, TimeSource.EVENT)
    memory = StoreMemory()
    partitions = [Partition(number, folder, memory) for number in range(PARTITIONS)]
    outcomes: Counter[str] = Counter()
    spent = 0.0
    for start in range(0, len(events), BATCH * PARTITIONS):
        for event in events[start : start + BATCH * PARTITIONS]:
            partitions[partition_for(event.key, PARTITIONS)].take(event.source, event.key, event.value)
        for partition in partitions:
            began = time.process_time()
            decide(processor, partition, outcomes)
            changes = partition.state.encoded(RECORD_BYTES)
            partition.store.write(changes, Checkpoint(start, 0))
            partition.state.accept()
            spent += time.process_time() - began
            for topic, number, (key, value, headers) in partition.out.items:
                if topic == names.of("rekeyed-event"):
                    partitions[number].take(topic, key, value, headers)
            partition.out.drop()
    return spent / len(events) * 1e6, outcomes


def decide(processor: PlacementProcessor, partition: Partition, outcomes: Counter[str]) -> None:
    """Decide all records of a partition, and count what became of them."""
    records, partition.records = partition.records, []
    state, out = partition.state, partition.out
    for record in records:
        try:
            outcomes[processor.process(record, LOADED_AT, state, out)] += 1
            state.savepoint()
        except InvalidRecord as fault:
            state.rollback()
            outcomes[f"dead-letter/{fault.reason}"] += 1


def main() -> None:
    """Measure and print."""
    events = list(sample_of(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000))
    gc.collect()
    gc.disable()
    with tempfile.TemporaryDirectory() as folder:
        per_event, outcomes = measure(events, Path(folder))
    print(f"{len(events):,} events: {per_event:.1f} µs per event, state and store included")
    for outcome, count in outcomes.most_common():
        print(f"  {outcome:20} {count:>8,}")


if __name__ == "__main__":
    main()
