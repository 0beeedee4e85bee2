"""How many bytes an event becomes: `python -m bench.sizes [EVENTS] [--keep]`.

The processor over a real store, in one process and without a broker, as `bench.processing` runs it. Sizes of topics are
of keys and values as they are written, before compression; the store is as RocksDB has it on the disk.
"""

import resource
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

from bench.load import Bytes, sample_of
from bench.processing import BATCH, PARTITIONS, RECORD_BYTES, Partition, decide
from bench.sizing import Sizes, Speed, rows
from bench.sizing import main as write_page
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames, load_topics
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.store import StoreMemory
from streams.engine.world import Checkpoint
from streams.processor.clock import TimeSource
from streams.processor.processor import PlacementProcessor

NAMES: Final = TopicNames()
SOURCE: Final = "all sources"
WORK: Final = "center-work-*"
CHANGELOG: Final = "placement-state"


class Counted:
    """Records and bytes by topic."""

    def __init__(self) -> None:
        self.records: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    def add(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Count a record."""
        self.records[topic] += 1
        self.bytes[topic] += len(key or b"") + len(value or b"")


def fill(events: list[Bytes], folder: Path) -> Counted:
    """Process all events with stores in a folder, and return what was written."""
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    processor = PlacementProcessor(Codec(), NAMES, PARTITIONS, rules, TimeSource.EVENT)
    memory = StoreMemory()
    partitions = [Partition(number, folder, memory) for number in range(PARTITIONS)]
    sizes, outcomes = Counted(), Counter[str]()
    for start in range(0, len(events), BATCH * PARTITIONS):
        for event in events[start : start + BATCH * PARTITIONS]:
            sizes.add(SOURCE, event.key, event.value)
            partitions[partition_for(event.key, PARTITIONS)].take(event.source, event.key, event.value)
        for partition in partitions:
            decide(processor, partition, outcomes)
            _write(partition, partitions, sizes, start)
    return sizes


def _write(partition: Partition, partitions: list[Partition], sizes: Counted, start: int) -> None:
    changes = partition.state.encoded(RECORD_BYTES)
    for state_key, state in changes:
        sizes.add(CHANGELOG, state_key, state)
    partition.store.write(changes, Checkpoint(start, 0))
    partition.state.accept()
    for topic, number, (key, value, headers) in partition.out.items:
        sizes.add(WORK if topic.startswith("center-work-") else topic, key, value)
        if topic == NAMES.of("rekeyed-event"):
            partitions[number].take(topic, key, value, headers)
    partition.out.drop()


def measured(sizes: Counted, events: int, disk: int, memory_mb: int) -> Sizes:
    """Return what was counted as bytes an event, sorted by how the topics are kept."""
    by_kind: defaultdict[str, float] = defaultdict(float)
    for topic, size in sizes.bytes.items():
        by_kind[_kind(topic)] += size / events
    return Sizes(
        events=events,
        partitions=PARTITIONS,
        changelog_records=round(sizes.records[CHANGELOG] / events, 2),
        store=round(disk / events, 1),
        memory_mb=memory_mb,
        **{kind: round(by_kind[kind], 1) for kind in ("source", "work", "other", "compacted", "changelog")},
    )


def _kind(topic: str) -> str:
    if topic in {SOURCE, CHANGELOG, WORK}:
        return {SOURCE: "source", CHANGELOG: "changelog", WORK: "work"}[topic]
    [declared] = [one for one in load_topics() if one.name == topic]
    return "compacted" if declared.config.get("cleanup.policy") == "compact" else "other"


def main() -> None:
    """Measure and print; with --keep, docs/sizing.md counts with it from now on."""
    arguments = [one for one in sys.argv[1:] if one != "--keep"]
    events = list(sample_of(int(arguments[0]) if arguments else 40_000))
    before = _most_memory()
    with tempfile.TemporaryDirectory() as folder:
        sizes = fill(events, Path(folder))
        disk = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    memory = _most_memory()
    print(f"{len(events):,} events; bytes an event:")
    for topic, count in sizes.records.most_common():
        per_event, per_record = sizes.bytes[topic] / len(events), sizes.bytes[topic] / count
        print(f"  {topic:40} {per_event:>6.1f}  ({count / len(events):.2f} records of {per_record:.0f})")
    print(f"  {'store on the disk':40} {disk / len(events):>6.1f}")
    print(f"memory: {before} MB with the events loaded, {memory} MB with {PARTITIONS} partitions of state at work")
    found = measured(sizes, len(events), disk, memory - before)
    if "--keep" in sys.argv:
        found.keep()
        write_page()
    else:
        print("\n".join(rows(found, Speed.read())))


def _most_memory() -> int:
    """Return the most memory that this process has had so far, in MB (Linux counts in KB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
