"""What one worker tells about itself: the same for its own page, for the monitor's overview and for the CLI."""

import os
import socket
import time
from collections import Counter
from typing import Any, Final

from streams.engine.status import TaskStatus
from streams.ops.buckets import quantile
from streams.ops.census import LEGAL, Census
from streams.ops.health import Health
from streams.ops.metrics import WorkerMetrics

VIEW_VERSION: Final = 1


class WorkerView:
    """Puts one worker's figures together; `url` is where its pages answer."""

    def __init__(self, url: str, metrics: WorkerMetrics, census: Census) -> None:
        self._url = url
        self._metrics = metrics
        self._census = census
        self._restoring: dict[int, tuple[float, int]] = {}
        self._started_at = time.time()

    def view(self, tasks: tuple[TaskStatus, ...], health: Health) -> dict[str, Any]:
        """Return the worker's figures as plain values: counters since its start, gauges as of now."""
        metrics = self._metrics
        return {
            "version": VIEW_VERSION,
            "at": time.time(),
            "url": self._url,
            "name": f"{socket.gethostname()}:{os.getpid()}",
            "started_at": self._started_at,
            "well": health.well,
            "reasons": list(health.reasons),
            "tasks": [self._task(task) for task in tasks],
            "counters": {
                "records": dict(metrics.records.totals),
                "dead_letters": dict(metrics.dead_letters.totals),
                "outputs": dict(metrics.outputs.totals),
                "steps": dict(metrics.steps.totals),
                "items": _nested(metrics.tally.items),
                "batches": {"": metrics.batches},
                "cpu": {"": time.process_time()},
            },
            "latency_counts": list(metrics.latency.counts),
            "commit_p99": quantile(metrics.transaction.bounds, metrics.transaction.counts, 0.99),
            "census": self._counts(),
        }

    def _task(self, task: TaskStatus) -> dict[str, Any]:
        return {
            "partition": task.partition,
            "phase": task.phase,
            "lag": task.lag,
            "restored": task.restored,
            "total": task.total,
            "seconds_left": self._seconds_left(task),
            "halted": task.halted,
            "trouble": self._metrics.troubles.get(task.partition, ""),
            "last_commit_ms": task.last_commit_ms,
        }

    def _seconds_left(self, task: TaskStatus) -> float | None:
        """Return how long a restore will still take at the speed it has had so far; None where it cannot be told."""
        if task.phase != "restoring":
            self._restoring.pop(task.partition, None)
            return None
        began, from_ = self._restoring.setdefault(task.partition, (time.monotonic(), task.restored))
        done, spent = task.restored - from_, time.monotonic() - began
        return None if done <= 0 else (task.total - task.restored) * spent / done

    def _counts(self) -> dict[str, Any]:
        cases: Counter[tuple[str, str]] = Counter()
        clocks: Counter[tuple[str, str]] = Counter()
        placements: Counter[tuple[str, str]] = Counter()
        counts = self._census.counts.values()
        for count in counts:
            cases.update(count.cases)
            placements.update(count.placements)
            for (desk, kind, state), number in count.clocks.items():
                if kind in LEGAL:
                    clocks[desk, state] += number
        return {
            "at": min((count.at for count in counts), default=None),
            "partitions": len(counts),
            "cases": _nested(cases),
            "clocks": _nested(clocks),
            "placements": _nested(placements),
        }


def _nested(counter: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (first, second), number in counter.items():
        nested.setdefault(first, {})[second] = number
    return nested
