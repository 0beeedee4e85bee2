"""Puts together what operations see of a worker: the monitor, the census, recent records, and who the others are."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from mode import Service
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.contract.topics import TopicNames
from streams.engine.engine import Engine
from streams.engine.status import TaskStatus
from streams.ops.census import DESKS, LEGAL, Census
from streams.ops.declared import METRICS
from streams.ops.fleet import Fleet, Peers
from streams.ops.importers import Place
from streams.ops.lag.families import lag_families
from streams.ops.lag.monitor import LagMonitor, Watched
from streams.ops.lag.once import watched_topics
from streams.ops.lag.reading import Member
from streams.ops.metrics import WorkerMetrics, gauge
from streams.ops.overview import Scene
from streams.ops.recent import Recent
from streams.ops.tally import desk_topics
from streams.ops.view import WorkerView
from streams.settings import Settings


class Operations:
    """All services of operations of one worker; `services` are to be run beside the core."""

    def __init__(self, settings: Settings, place: Place, engine: Engine, metrics: WorkerMetrics) -> None:
        names, partitions, client, codec = place
        self._names = names
        self._partitions = partitions
        self._engine = engine
        self._group = names.of(settings.application)
        self.metrics = metrics
        self.monitor = LagMonitor(watched(settings, names, client), self.tasks, metrics.troubles)
        self.census = Census(engine, settings.state_dir)
        self.recent = Recent(settings.bootstrap_servers, client, names, self._is_active, codec)
        self.peers = Peers(settings.web_token)
        self.fleet = Fleet(self.peers, settings.web_url, self.own_view, self._members)
        self._view = WorkerView(settings.web_url, metrics, self.census)
        metrics.registry.register(OperationsCollector(self, settings.cluster_name, desk_topics(names)))

    @property
    def services(self) -> tuple[Service, ...]:
        """What has to run, in the order of starting."""
        return self.monitor, self.census, self.recent, self.fleet

    def tasks(self) -> tuple[TaskStatus, ...]:
        """Return what can be seen of this worker's tasks."""
        return self._engine.tasks

    def own_view(self) -> dict[str, Any]:
        """Return this worker's figures."""
        return self._view.view(self.tasks(), self.monitor.health())

    def scene(self) -> Scene:
        """Return everything that the overview is made of."""
        return Scene(
            names=self._names,
            group=self._group,
            partitions=self._partitions,
            report=self.monitor.report,
            growth=self.monitor.growth,
            fleet=self.fleet,
            recent=self.recent,
            now=time.time(),
        )

    def _is_active(self) -> bool:
        return self.monitor.is_active

    def _members(self) -> tuple[Member, ...]:
        group = self.monitor.own_group
        return group.members if group is not None and self.monitor.is_active else ()


def watched(settings: Settings, names: TopicNames, client: Mapping[str, Any]) -> Watched:
    """Return what to watch under these settings."""
    return Watched(
        bootstrap_servers=settings.bootstrap_servers,
        group=names.of(settings.application),
        sources=names.sources,
        topics=watched_topics(names),
        pattern=re.compile(settings.group_pattern),
        client=client,
    )


class OperationsCollector(Collector):
    """Series of the monitor and the census, made from their newest state at each scrape."""

    def __init__(self, operations: Operations, cluster: str, desks: Mapping[str, str]) -> None:
        self._operations = operations
        self._cluster = cluster
        self._desks = desks

    def collect(self) -> Iterable[Metric]:
        """Return all series; those of the monitor only where it is at work."""
        yield from self._census()
        yield from self._monitor()
        report = self._operations.monitor.report
        if report is not None:
            yield from lag_families(report, self._cluster, self._desks)
            yield from self._recent()

    def _census(self) -> Iterable[GaugeMetricFamily]:
        cases, clocks, placements = gauge("cee_open_cases"), gauge("cee_clocks"), gauge("cee_placements")
        size, counted = gauge("cee_state_bytes"), gauge("cee_census_timestamp_seconds")
        totals: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in ("cases", "clocks", "placements")}
        if self._operations.census.counts:
            # An alert on what grows sees nothing in a series that begins with 1: these begin with 0.
            totals["clocks"].update(dict.fromkeys(product(DESKS.values(), LEGAL, ("due_soon", "overdue")), 0))
        for partition, count in self._operations.census.counts.items():
            size.add_metric((str(partition),), count.state_bytes)
            counted.add_metric((str(partition),), count.at)
            totals["cases"].update(count.cases)
            totals["clocks"].update(count.clocks)
            totals["placements"].update(count.placements)
        for family, kind in ((cases, "cases"), (clocks, "clocks"), (placements, "placements")):
            for labels, number in totals[kind].items():
                family.add_metric(labels, number)
        return cases, clocks, placements, size, counted

    def _monitor(self) -> Iterable[GaugeMetricFamily]:
        monitor = self._operations.monitor
        active, healthy, answered = (
            gauge("cee_monitor_active"),
            gauge("cee_healthy"),
            gauge("cee_broker_answer_timestamp_seconds"),
        )
        active.add_metric((), monitor.is_active)
        healthy.add_metric((), monitor.health().well)
        answered.add_metric((), time.time() - (time.monotonic() - monitor.answered_at))
        yield from (active, healthy, answered)
        if monitor.report is not None:
            seen, took = gauge("cee_monitor_timestamp_seconds"), gauge("kafka_consumergroup_poll_time_ms")
            seen.add_metric((), monitor.report.at)
            took.add_metric((self._cluster,), monitor.look_seconds * 1000)
            yield from (seen, took)

    def _recent(self) -> Iterable[CounterMetricFamily]:
        for name, kept in (
            ("cee_placement_changes", self._operations.recent.changes),
            ("cee_refusals", self._operations.recent.refusals),
        ):
            declared = METRICS[name]
            family = CounterMetricFamily(name, declared.meaning, labels=declared.labels)
            for label, count in kept.ever.items():
                family.add_metric((label,), count)
            yield family
