"""The worker's metrics: names, units and meaning in one list, kept up by what the engine reports."""

import time
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from streams.engine.listener import Commit, Listener, Phase
from streams.engine.status import TaskStatus

Kind = Literal["counter", "gauge", "histogram"]
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Declared(NamedTuple):
    """One metric: base units only; counters get `_total` in the exposition; no label ever names an importer."""

    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()


METRICS: Final[Mapping[str, Declared]] = {
    "cee_records": Declared("counter", "Input records committed, by what came of them.", ("outcome",)),
    "cee_dead_letters": Declared("counter", "Records that became dead letters, by reason.", ("reason",)),
    "cee_outputs": Declared("counter", "Records published to output topics.", ("topic",)),
    "cee_transactions": Declared("counter", "Committed transactions, by kind.", ("kind",)),
    "cee_transaction_seconds": Declared("histogram", "From the first send of a transaction to its commit."),
    "cee_batch_records": Declared("histogram", "Records in a committed batch."),
    "cee_step_seconds": Declared("counter", "Time spent, by step: read, decide, send, commit.", ("step",)),
    "cee_task_restarts": Declared("counter", "Tasks started again from their last commit, by kind of failure.", ("kind",)),
    "cee_task_fenced": Declared("counter", "Producers that the broker refused because of a newer one."),
    "cee_rebalances": Declared("counter", "Times the group gave this worker another set of partitions."),
    "cee_restore_seconds": Declared("histogram", "Time to restore a partition's state from its changelog."),
    "cee_lag_records": Declared("gauge", "Offsets between the committed position and the end.", ("topic", "partition")),
    "cee_task_phase": Declared("gauge", "1 for the phase a partition's task is in.", ("partition", "phase")),
    "cee_restore_remaining_records": Declared("gauge", "Changelog offsets still to be read.", ("partition",)),
    "cee_last_commit_timestamp_seconds": Declared("gauge", "Broker's time of a partition's last commit.", ("partition",)),
}

TRANSACTION_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
BATCH_BUCKETS: Final = (1, 5, 10, 50, 100, 500, 1000, 2000, 5000)
RESTORE_BUCKETS: Final = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class WorkerMetrics(Listener):
    """Counts what the engine reports; gauges are read from the tasks at the moment of a scrape.

    `tasks` gives the present state of the tasks of this worker: series of partitions that moved away are gone
    with them.
    """

    def __init__(self, tasks: Callable[[], tuple[TaskStatus, ...]]) -> None:
        self.registry = CollectorRegistry()
        self._records = self._counter("cee_records")
        self._dead_letters = self._counter("cee_dead_letters")
        self._outputs = self._counter("cee_outputs")
        self._transactions = self._counter("cee_transactions")
        self._steps = self._counter("cee_step_seconds")
        self._restarts = self._counter("cee_task_restarts")
        self._fenced = self._counter("cee_task_fenced")
        self._rebalances = self._counter("cee_rebalances")
        self._transaction = self._histogram("cee_transaction_seconds", TRANSACTION_BUCKETS)
        self._batch = self._histogram("cee_batch_records", BATCH_BUCKETS)
        self._restore = self._histogram("cee_restore_seconds", RESTORE_BUCKETS)
        self.registry.register(TaskGauges(tasks))
        self.last_commit_at = time.monotonic()
        self.was_assigned = False

    def exposition(self) -> bytes:
        """Return all series as OpenMetrics text."""
        text: bytes = generate_latest(self.registry)
        return text

    def committed(self, commit: Commit) -> None:
        """Count a transaction after its commit, so that the figures never run ahead of what is durable."""
        self.last_commit_at = time.monotonic()
        self._transactions.labels(commit.kind).inc()
        for outcome, count in commit.outcomes.items():
            self._records.labels(outcome).inc(count)
        for reason, count in commit.dead_letters.items():
            self._records.labels("dead-lettered").inc(count)
            self._dead_letters.labels(reason).inc(count)
        for topic, count in commit.outputs.items():
            self._outputs.labels(topic).inc(count)
        self._steps.labels("read").inc(commit.read_seconds)
        self._steps.labels("decide").inc(commit.decide_seconds)
        self._steps.labels("send").inc(commit.send_seconds)
        self._steps.labels("commit").inc(commit.commit_seconds)
        self._transaction.observe(commit.send_seconds + commit.commit_seconds)
        if commit.records:
            self._batch.observe(commit.records)

    def assigned(self, partitions: frozenset[int]) -> None:
        """Count a rebalance."""
        del partitions
        self.was_assigned = True
        self._rebalances.inc()

    def phase_changed(self, partition: int, phase: Phase) -> None:
        """Leave phases to the scrape, which reads them from the tasks."""

    def restored(self, partition: int, done: int, total: int, seconds: float) -> None:
        """Note how long a restore took, once it is complete."""
        del partition
        if done >= total:
            self._restore.observe(seconds)

    def fenced(self, partition: int) -> None:
        """Count a fence."""
        del partition
        self._fenced.inc()

    def restarted(self, partition: int, kind: str, error: BaseException) -> None:
        """Count a restart."""
        del partition, error
        self._restarts.labels(kind).inc()

    def _counter(self, name: str) -> Counter:
        declared = METRICS[name]
        return Counter(name, declared.meaning, declared.labels, registry=self.registry)

    def _histogram(self, name: str, buckets: tuple[float, ...]) -> Histogram:
        declared = METRICS[name]
        return Histogram(name, declared.meaning, declared.labels, buckets=buckets, registry=self.registry)


class TaskGauges(Collector):
    """Gauges made from the tasks' state at each scrape."""

    def __init__(self, tasks: Callable[[], tuple[TaskStatus, ...]]) -> None:
        self._tasks = tasks

    def collect(self) -> list[GaugeMetricFamily]:
        """Return lag, phase, restore and last commit of every partition that is here now."""
        lag, phase, restore, commit = (
            _family(name)
            for name in (
                "cee_lag_records",
                "cee_task_phase",
                "cee_restore_remaining_records",
                "cee_last_commit_timestamp_seconds",
            )
        )
        for task in self._tasks():
            partition = str(task.partition)
            for topic, end in task.ends.items():
                lag.add_metric((topic, partition), max(0, end - task.positions.get(topic, 0)))
            phase.add_metric((partition, task.phase), 1)
            restore.add_metric((partition,), max(0, task.total - task.restored))
            if task.last_commit_ms:
                commit.add_metric((partition,), task.last_commit_ms / 1000)
        return [lag, phase, restore, commit]


def _family(name: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, METRICS[name].meaning, labels=METRICS[name].labels)


def metrics_table() -> str:
    """Return the metrics as a Markdown table, for `docs/operations.md`."""
    rows = [
        f"| `{name}{'_total' if declared.kind == 'counter' else ''}` | {declared.kind} | "
        f"{', '.join(f'`{label}`' for label in declared.labels) or '-'} | {declared.meaning} |\n"
        for name, declared in METRICS.items()
    ]
    return "| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n" + "".join(rows)
