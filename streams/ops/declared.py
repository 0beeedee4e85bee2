"""All metrics of a worker: names, units and meaning in one list, from which the table of the docs is written."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

from streams.contract.errors import Reason

Kind = Literal["counter", "gauge", "histogram"]


class Declared(NamedTuple):
    """One metric: base units only; counters get `_total` in the exposition; no label ever names an importer."""

    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def exposed(self) -> str:
        """What its name ends with in the exposition."""
        return "_total" if self.kind == "counter" else ""


UNITS: Final[Mapping[str, str]] = {
    "timestamp_seconds": "seconds since 1970",
    "seconds": "seconds",
    "bytes": "bytes",
    "poll_time_ms": "milliseconds",
    "lag": "offsets",
    "offset": "offset",
    "records": "records",
    "partitions": "partitions",
    "dead_letters": "records",
    "outputs": "records",
    "refusals": "records",
    "placement_changes": "records",
    "work_items": "records",
    "placements": "importers",
    "open_cases": "cases",
    "clocks": "clocks",
    "readers": "groups",
    "members": "members",
    "transactions": "transactions",
}
"""Units by how a name ends; what ends otherwise is a plain number: times that something happened, or 1 for yes."""
PLAIN: Final = "-"

DEAD_LETTER_REASONS: Final = (
    *get_args(Reason),
    *("impossible-content", "impossible-date", "importer-number", "no-origin", "too-many-lines"),
    *("wrong-key", "wrong-topic"),
)
"""Reasons of the contract and of the processor: a counter that begins with them all at 0 shows its first increase."""
RESTART_KINDS: Final = ("transient", "fenced", "bug")


READER: Final = ("cluster_name", "group", "topic", "partition", "member_host", "consumer_id", "client_id")
"""Labels of a reader of one partition, in the words of kafka-lag-exporter."""

PROCESSOR: Final[Mapping[str, Declared]] = {
    "cee_records": Declared("counter", "Input records committed, by what came of them.", ("outcome",)),
    "cee_dead_letters": Declared("counter", "Records that became dead letters, by reason.", ("reason",)),
    "cee_outputs": Declared("counter", "Records published to output topics.", ("topic",)),
    "cee_work_items": Declared(
        "counter",
        "Work items published, by desk and action (opened, due_soon, overdue ...).",
        ("desk", "action"),
    ),
    "cee_transactions": Declared("counter", "Committed transactions, by kind.", ("kind",)),
    "cee_transaction_seconds": Declared("histogram", "From the first send of a transaction to its commit."),
    "cee_batch_seconds": Declared("histogram", "From deciding a batch's first record to its commit."),
    "cee_batch_records": Declared("histogram", "Records in a committed batch."),
    "cee_end_to_end_seconds": Declared(
        "histogram", "From the broker taking a record to the commit of what follows from it."
    ),
    "cee_step_seconds": Declared("counter", "Time spent, by step: read, decide, send, commit.", ("step",)),
    "cee_task_restarts": Declared(
        "counter", "Tasks started again from their last commit, by kind of failure.", ("kind",)
    ),
    "cee_task_fenced": Declared("counter", "Producers that the broker refused because of a newer one."),
    "cee_halts": Declared("counter", "Partitions that came to a halt, by reason.", ("reason",)),
    "cee_rebalances": Declared("counter", "Times the group gave this worker another set of partitions."),
    "cee_restore_seconds": Declared("histogram", "Time to restore a partition's state from its changelog."),
    "cee_lag_records": Declared("gauge", "Offsets between the committed position and the end.", ("topic", "partition")),
    "cee_task_phase": Declared("gauge", "1 for the phase a partition's task is in.", ("partition", "phase")),
    "cee_restore_remaining_records": Declared("gauge", "Changelog offsets still to be read.", ("partition",)),
    "cee_held_accounts": Declared("gauge", "Accounts whose records wait behind one with a bug.", ("partition",)),
    "cee_last_commit_timestamp_seconds": Declared(
        "gauge", "Broker's time of a partition's last commit.", ("partition",)
    ),
}

CUSTOMS: Final[Mapping[str, Declared]] = {
    "cee_open_cases": Declared("gauge", "Open cases of this worker's partitions.", ("desk", "work_type")),
    "cee_clocks": Declared(
        "gauge",
        "Clocks of open cases, by who has to act and how they stand: running, due_soon (7 days or less), overdue, "
        "ended (a time in which one may act, and need not).",
        ("desk", "kind", "state"),
    ),
    "cee_placements": Declared(
        "gauge", "Importers of this worker's partitions by Center and basis.", ("desk", "basis")
    ),
    "cee_state_bytes": Declared("gauge", "Size of a partition's local store on disk.", ("partition",)),
    "cee_census_timestamp_seconds": Declared(
        "gauge", "When a partition's cases and importers were last counted.", ("partition",)
    ),
}

MONITOR: Final[Mapping[str, Declared]] = {
    "kafka_consumergroup_group_offset": Declared("gauge", "Offset that the group has committed.", READER),
    "kafka_consumergroup_group_lag": Declared(
        "gauge", "Offsets not yet read; 0 where only transaction markers are left.", READER
    ),
    "kafka_consumergroup_group_lag_seconds": Declared("gauge", "Lag in seconds, interpolated.", READER),
    "kafka_consumergroup_group_max_lag": Declared(
        "gauge", "Greatest lag of a group's partitions, in offsets.", ("cluster_name", "group")
    ),
    "kafka_consumergroup_group_max_lag_seconds": Declared(
        "gauge", "Greatest lag of a group's partitions, in seconds.", ("cluster_name", "group")
    ),
    "kafka_consumergroup_group_sum_lag": Declared(
        "gauge", "Lag of all of a group's partitions, in offsets.", ("cluster_name", "group")
    ),
    "kafka_consumergroup_group_topic_sum_lag": Declared(
        "gauge", "Lag of a group's partitions of one topic, in offsets.", ("cluster_name", "group", "topic")
    ),
    "kafka_consumergroup_poll_time_ms": Declared("gauge", "Time that one look at all groups took.", ("cluster_name",)),
    "kafka_partition_latest_offset": Declared(
        "gauge", "Next offset of a partition.", ("cluster_name", "topic", "partition")
    ),
    "kafka_partition_earliest_offset": Declared(
        "gauge", "First offset of a partition.", ("cluster_name", "topic", "partition")
    ),
    "cee_consumergroup_age_seconds": Declared("gauge", "True age of a group's oldest unread record.", ("group",)),
    "cee_consumergroup_status": Declared(
        "gauge", "1 for the status of a group by Burrow's rules: OK, WARN, REWIND, STALL, STOP.", ("group", "status")
    ),
    "cee_consumergroup_members": Declared("gauge", "Members of a group that have a partition.", ("group",)),
    "cee_consumergroup_uncommitted_partitions": Declared(
        "gauge", "Partitions with records of which a group has never committed an offset.", ("group",)
    ),
    "cee_consumergroup_lost_records": Declared(
        "gauge", "Records that retention took before the group read them.", ("group", "topic")
    ),
    "cee_consumergroup_retention_left_seconds": Declared(
        "gauge", "Time until retention takes a group's next unread record.", ("group", "topic")
    ),
    "cee_center_readers": Declared("gauge", "Groups that read a Center's work topic.", ("desk",)),
    "cee_placement_changes": Declared(
        "counter", "Placement changes read back by the monitor since it runs, by kind; may be seen twice.", ("kind",)
    ),
    "cee_refusals": Declared(
        "counter", "Refusals read back by the monitor since it runs, by rule; may be seen twice.", ("rule",)
    ),
    "cee_monitor_active": Declared("gauge", "1 on the worker whose lag monitor is at work, 0 on the others."),
    "cee_monitor_timestamp_seconds": Declared("gauge", "When the monitor last saw all groups."),
    "cee_healthy": Declared("gauge", "1 where /healthz is well, 0 where it is not."),
    "cee_broker_answer_timestamp_seconds": Declared("gauge", "When a broker last answered this worker."),
}

METRICS: Final[Mapping[str, Declared]] = {**PROCESSOR, **CUSTOMS, **MONITOR}


def unit_of(name: str) -> str:
    """Return the unit of a metric, which its name ends with."""
    return next((unit for end, unit in UNITS.items() if name.endswith(f"_{end}")), PLAIN)


def metrics_table() -> str:
    """Return the metrics as a Markdown table, for the docs."""
    rows = [
        f"| `{name}{declared.exposed}` | {declared.kind} | {unit_of(name)} | "
        f"{', '.join(f'`{label}`' for label in declared.labels) or '-'} | {declared.meaning} |\n"
        for name, declared in METRICS.items()
    ]
    return "| Metric | Type | Unit | Labels | Meaning |\n|---|---|---|---|---|\n" + "".join(rows)
