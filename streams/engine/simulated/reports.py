"""What the workers of a run told of themselves, held against what happened (S8 and S9)."""

from collections import Counter
from collections.abc import Iterator

from streams.engine.config import EngineConfig
from streams.engine.journal import JournalCodec
from streams.engine.listener import Commit, Listener
from streams.engine.simulated.broker import SimBroker
from streams.engine.status import TaskStatus

_Told = tuple[int, str, int, int]
"""Partition, kind, `now` and records of a commit."""


class Reports(Listener):
    """Adds up what all workers report; a worker that dies after a commit reports it no more."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._told: Counter[_Told] = Counter()

    def committed(self, commit: Commit) -> None:
        """See that a report agrees with itself, and keep it."""
        accounted = sum(commit.outcomes.values()) + sum(commit.dead_letters.values())
        sent = sum(map(len, commit.sent.values()))
        if not commit.records == accounted == len(commit.published_ms):
            self.found.append(f"S8: {commit.records} records in, {accounted} accounted for in {commit.kind}")
        if sent != sum(commit.outputs.values()) + sum(commit.dead_letters.values()):
            self.found.append(f"S8: {sent} records sent, reported are {commit.outputs} and {commit.dead_letters}")
        if commit.kind != "idle":
            self._told[commit.partition, commit.kind, commit.now_ms, commit.records] += 1

    def check(self, broker: SimBroker, config: EngineConfig, codec: JournalCodec) -> Iterator[str]:
        """Compare with the journal: nothing was reported that was not committed, nor twice."""
        done: Counter[_Told] = Counter()
        for partition in range(broker.partitions):
            for record in broker.logs[(config.journal, partition)].committed():
                entry = codec.decode(record.value or b"")
                records = sum(span.records for span in entry.ranges)
                done[partition, entry.kind, entry.now_ms, records] += 1
        for told in sorted((self._told - done).elements()):
            yield f"S8: reported and never committed (partition, kind, now, records): {told}"


def check_lag(broker: SimBroker, task: TaskStatus) -> Iterator[str]:
    """Compare what a task that is idle reports with the logs: the lag is end - committed, and 0."""
    for topic, position in task.positions.items():
        place = topic, task.partition
        real = broker.logs[place].stable_end - broker.committed.get(place, 0)
        told = task.ends.get(topic, -1) - position
        if told != real:
            yield f"S9: {topic}-{task.partition}: the lag is {real}, reported are {told}"
    if task.lag:
        yield f"S9: partition {task.partition} is idle and reports a lag of {task.lag}"
