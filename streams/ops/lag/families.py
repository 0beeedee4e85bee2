"""Lag as series, under the names and labels of kafka-lag-exporter, so that dashboards for it work unchanged."""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from streams.ops.lag.book import GroupLag, LagReport, PlaceLag
from streams.ops.lag.verdict import Verdict
from streams.ops.metrics import gauge

_BY_PLACE: Final = (
    "kafka_consumergroup_group_offset",
    "kafka_consumergroup_group_lag",
    "kafka_consumergroup_group_lag_seconds",
)


def lag_families(report: LagReport, cluster: str, desks: Mapping[str, str]) -> Iterable[GaugeMetricFamily]:
    """Return the series of a report; `desks` are the desks of work topics.

    Series of partitions that moved, and of groups that are gone, are not in it.
    """
    yield from _reader_families(report, cluster)
    yield from _group_families(report, cluster)
    yield from _log_families(report, cluster)
    yield from _own_families(report)
    readers = gauge("cee_center_readers")
    for topic, desk in desks.items():
        readers.add_metric((desk,), sum(topic in group.topics for group in report.groups))
    yield readers


def _reader_families(report: LagReport, cluster: str) -> Iterable[GaugeMetricFamily]:
    offset, lag, seconds = (gauge(name) for name in _BY_PLACE)
    for group in report.groups:
        for place in group.places:
            labels = _labels(cluster, group, place)
            if place.offset is not None:
                offset.add_metric(labels, place.offset)
            lag.add_metric(labels, place.lag)
            if place.lag_seconds is not None:
                seconds.add_metric(labels, place.lag_seconds)
    return offset, lag, seconds


def _labels(cluster: str, group: GroupLag, place: PlaceLag) -> tuple[str, ...]:
    owner = place.owner
    return (cluster, group.name, place.topic, str(place.partition), owner.host, owner.id, owner.client_id)


def _group_families(report: LagReport, cluster: str) -> Iterable[GaugeMetricFamily]:
    greatest, seconds = gauge("kafka_consumergroup_group_max_lag"), gauge("kafka_consumergroup_group_max_lag_seconds")
    total, by_topic = gauge("kafka_consumergroup_group_sum_lag"), gauge("kafka_consumergroup_group_topic_sum_lag")
    for group in report.groups:
        greatest.add_metric((cluster, group.name), max((place.lag for place in group.places), default=0))
        if group.lag_seconds is not None:
            seconds.add_metric((cluster, group.name), group.lag_seconds)
        total.add_metric((cluster, group.name), group.lag)
        for topic in group.topics:
            lag = sum(place.lag for place in group.places if place.topic == topic)
            by_topic.add_metric((cluster, group.name, topic), lag)
    return greatest, seconds, total, by_topic


def _log_families(report: LagReport, cluster: str) -> Iterable[GaugeMetricFamily]:
    latest, earliest = gauge("kafka_partition_latest_offset"), gauge("kafka_partition_earliest_offset")
    read = {(place.topic, place.partition) for group in report.groups for place in group.places}
    for topic, partition in sorted(read):
        latest.add_metric((cluster, topic, str(partition)), report.ends[topic, partition])
        if (topic, partition) in report.begins:
            earliest.add_metric((cluster, topic, str(partition)), report.begins[topic, partition])
    return latest, earliest


def _own_families(report: LagReport) -> Iterable[GaugeMetricFamily]:
    age, status = gauge("cee_consumergroup_age_seconds"), gauge("cee_consumergroup_status")
    members, uncommitted = gauge("cee_consumergroup_members"), gauge("cee_consumergroup_uncommitted_partitions")
    lost, left = gauge("cee_consumergroup_lost_records"), gauge("cee_consumergroup_retention_left_seconds")
    for group in report.groups:
        if group.age_seconds is not None:
            age.add_metric((group.name,), group.age_seconds)
        for verdict in Verdict:
            status.add_metric((group.name, verdict.value), verdict is group.verdict)
        members.add_metric((group.name,), len(group.members))
        uncommitted.add_metric((group.name,), group.uncommitted)
        for topic in group.topics:
            places = [place for place in group.places if place.topic == topic]
            lost.add_metric((group.name, topic), sum(place.lost for place in places))
            left_here = [place.retention_left for place in places if place.retention_left is not None]
            if left_here:
                left.add_metric((group.name, topic), min(left_here))
    return age, status, members, uncommitted, lost, left
