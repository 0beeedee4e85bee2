"""The worker's metrics: kept up by what the engine reports, and read from the tasks at each scrape."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from streams.engine.errors import told
from streams.engine.listener import Commit, Listener
from streams.engine.status import TaskStatus
from streams.ops.buckets import Buckets
from streams.ops.declared import DEAD_LETTER_REASONS, METRICS, RESTART_KINDS
from streams.ops.tally import Tally

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

TRANSACTION_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
BATCH_BUCKETS: Final = (1, 5, 10, 50, 100, 500, 1000, 2000, 5000)
RESTORE_BUCKETS: Final = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
LATENCY_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

MOST_LABELS: Final = 100
OTHER: Final = "other"
"""In place of a label's further values once it has `MOST_LABELS`: a fault must not multiply the series."""


class WorkerMetrics(Listener):
    """Counts what the engine reports; gauges are read from the tasks at the moment of a scrape.

    `tasks` gives the present state of the tasks of this worker: series of partitions that moved away are gone
    with them.
    """

    def __init__(self, tasks: Callable[[], tuple[TaskStatus, ...]], tally: Tally) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the package's own omission
        self.registry = CollectorRegistry()
        self.tally = tally
        self.records = LabelledCounter(self.registry, "cee_records")
        self.dead_letters = LabelledCounter(self.registry, "cee_dead_letters", DEAD_LETTER_REASONS)
        self.outputs = LabelledCounter(self.registry, "cee_outputs")
        self.steps = LabelledCounter(self.registry, "cee_step_seconds")
        self._transactions = LabelledCounter(self.registry, "cee_transactions")
        self._restarts = LabelledCounter(self.registry, "cee_task_restarts", RESTART_KINDS)
        self._halts = LabelledCounter(self.registry, "cee_halts")
        self._fenced = Counter("cee_task_fenced", METRICS["cee_task_fenced"].meaning, registry=self.registry)
        self._rebalances = Counter("cee_rebalances", METRICS["cee_rebalances"].meaning, registry=self.registry)
        self._restore = self._histogram("cee_restore_seconds", RESTORE_BUCKETS)
        self._batch_records = self._histogram("cee_batch_records", BATCH_BUCKETS)
        self._batch = self._histogram("cee_batch_seconds", TRANSACTION_BUCKETS)
        self.transaction = Buckets(TRANSACTION_BUCKETS)
        self.latency = Buckets(LATENCY_BUCKETS)
        self.registry.register(TaskGauges(tasks))
        self.registry.register(Observed(self))
        ProcessCollector(registry=self.registry)
        self.was_assigned = False
        self.troubles: dict[int, str] = {}
        """Why a partition's task last started again, until it commits."""
        self.batches = 0
        """Committed batches."""
        self.endings = 0
        """What ended lives of tasks: restarts and rebalances."""

    def exposition(self) -> bytes:
        """Return all series as OpenMetrics text."""
        text: bytes = generate_latest(self.registry)  # type: ignore[no-untyped-call]  # the package's own omission
        return text

    def committed(self, commit: Commit) -> None:
        """Count a transaction after its commit, so that the figures never run ahead of what is durable."""
        self.troubles.pop(commit.partition, None)
        self._transactions.add(commit.kind, 1)
        for outcome, count in commit.outcomes.items():
            self.records.add(outcome, count)
        for reason, count in commit.dead_letters.items():
            self.records.add("dead-lettered", count)
            self.dead_letters.add(reason, count)
        for topic, count in commit.outputs.items():
            self.outputs.add(topic, count)
        self._note_time(commit)
        self.tally.add(commit.sent)
        if commit.records:
            now_ms = time.time_ns() / 1e6
            self.latency.observe([max(0.0, (now_ms - at_ms) / 1000) for at_ms in commit.published_ms])
            self.batches += 1
            self._batch_records.observe(commit.records)
            self._batch.observe(commit.decide_seconds + commit.send_seconds + commit.commit_seconds)

    def _note_time(self, commit: Commit) -> None:
        self.steps.add("read", commit.read_seconds)
        self.steps.add("decide", commit.decide_seconds)
        self.steps.add("send", commit.send_seconds)
        self.steps.add("commit", commit.commit_seconds)
        self.transaction.observe((commit.send_seconds + commit.commit_seconds,))

    def assigned(self, partitions: frozenset[int]) -> None:
        """Count a rebalance, and forget the troubles of what moved away."""
        self.was_assigned = True
        self.endings += 1
        self._rebalances.inc()
        for partition in self.troubles.keys() - partitions:
            del self.troubles[partition]

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
        """Count a restart and keep its reason."""
        self.troubles[partition] = told(error)
        self.endings += 1
        self._restarts.add(kind, 1)

    def halted(self, partition: int, reason: str, detail: str) -> None:
        """Count a halt."""
        del partition, detail
        self._halts.add(reason, 1)

    def _histogram(self, name: str, buckets: tuple[float, ...]) -> Histogram:
        declared = METRICS[name]
        return Histogram(name, declared.meaning, declared.labels, buckets=buckets, registry=self.registry)


class LabelledCounter:
    """A counter with one label whose values are bounded; `totals` is what it counted.

    `known` values are there from the beginning: Prometheus sees no increase in a series that begins with it.
    """

    def __init__(self, registry: CollectorRegistry, name: str, known: Iterable[str] = ()) -> None:
        declared = METRICS[name]
        self._counter = Counter(name, declared.meaning, declared.labels, registry=registry)
        for label in known:
            self._counter.labels(label)
        self.totals: dict[str, float] = {}

    def add(self, label: str, amount: float) -> None:
        """Count something of a kind."""
        if label not in self.totals and len(self.totals) >= MOST_LABELS:
            label = OTHER
        self.totals[label] = self.totals.get(label, 0) + amount
        self._counter.labels(label).inc(amount)


class Observed(Collector):
    """What is counted outside the client library, because it happens with every record."""

    def __init__(self, metrics: WorkerMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Return the histograms of latency and transactions, and the work items."""
        for name, buckets in (
            ("cee_end_to_end_seconds", self._metrics.latency),
            ("cee_transaction_seconds", self._metrics.transaction),
        ):
            histogram = HistogramMetricFamily(name, METRICS[name].meaning)
            histogram.add_metric((), buckets.cumulative(), buckets.total)
            yield histogram
        declared = METRICS["cee_work_items"]
        items = CounterMetricFamily("cee_work_items", declared.meaning, labels=declared.labels)
        for labels, count in self._metrics.tally.items.items():
            items.add_metric(labels, count)
        yield items


class TaskGauges(Collector):
    """Gauges made from the tasks' state at each scrape."""

    def __init__(self, tasks: Callable[[], tuple[TaskStatus, ...]]) -> None:
        self._tasks = tasks

    def collect(self) -> list[GaugeMetricFamily]:
        """Return lag, phase, restore, held accounts and last commit of every partition that is here now."""
        lag, phase = gauge("cee_lag_records"), gauge("cee_task_phase")
        restore, commit = gauge("cee_restore_remaining_records"), gauge("cee_last_commit_timestamp_seconds")
        held = gauge("cee_held_accounts")
        for task in self._tasks():
            partition = str(task.partition)
            for topic, end in task.ends.items():
                lag.add_metric((topic, partition), max(0, end - task.positions.get(topic, 0)))
            phase.add_metric((partition, task.phase), 1)
            restore.add_metric((partition,), max(0, task.total - task.restored))
            held.add_metric((partition,), task.held)
            if task.last_commit_ms:
                commit.add_metric((partition,), task.last_commit_ms / 1000)
        return [lag, phase, restore, held, commit]


def gauge(name: str) -> GaugeMetricFamily:
    """Return an empty family of a declared gauge."""
    return GaugeMetricFamily(name, METRICS[name].meaning, labels=METRICS[name].labels)
