"""Metrics: declared once, bounded, and never ahead of what is durable."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from streams.engine.listener import Commit
from streams.ops.buckets import Buckets, quantile
from streams.ops.declared import DEAD_LETTER_REASONS, METRICS, metrics_table
from streams.ops.metrics import MOST_LABELS, OTHER, WorkerMetrics
from streams.ops.tally import Tally

ROOT = Path(__file__).parents[3]


def metrics() -> WorkerMetrics:
    return WorkerMetrics(tuple, Tally({}, b""))


def sample(found: WorkerMetrics, name: str, **labels: str) -> float:
    families: Any = text_string_to_metric_families(found.exposition().decode())  # type: ignore[no-untyped-call]
    values: list[float] = [
        one.value for family in families for one in family.samples if (one.name, one.labels) == (name, labels)
    ]
    assert len(values) == 1, values
    return values[0]


def test_the_table_in_the_docs_is_the_declared_list() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    written = text.split("<!-- metrics -->\n", 1)[1].split("\n<!-- end of metrics -->", 1)[0]

    assert written + "\n" == metrics_table(), "write it anew: python -m streams.ops.metric_table"


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_has_a_base_unit_a_meaning_and_no_label_that_could_name_an_importer(name: str) -> None:
    declared = METRICS[name]

    assert (
        not re.search(r"_(total|ms|millis|minutes|hours|percent|kb)$", name)
        or name == "kafka_consumergroup_poll_time_ms"
    )
    assert declared.meaning.endswith(".")
    assert not {"importer", "account", "key", "entry"} & set(declared.labels)


def test_the_labels_of_kafka_lag_exporter_are_kept() -> None:
    reader = ("cluster_name", "group", "topic", "partition", "member_host", "consumer_id", "client_id")

    assert METRICS["kafka_consumergroup_group_lag"].labels == reader
    assert METRICS["kafka_consumergroup_group_max_lag_seconds"].labels == ("cluster_name", "group")
    assert METRICS["kafka_partition_latest_offset"].labels == ("cluster_name", "topic", "partition")


def test_a_commit_counts_outcomes_dead_letters_and_outputs() -> None:
    found = metrics()

    found.committed(Commit(0, "batch", 0, 5, {"routed": 3, "ignored": 1}, {"unreadable": 1}, {"center-work-x": 4}))

    assert sample(found, "cee_records_total", outcome="routed") == 3
    assert sample(found, "cee_records_total", outcome="dead-lettered") == 1
    assert sample(found, "cee_dead_letters_total", reason="unreadable") == 1
    assert sample(found, "cee_outputs_total", topic="center-work-x") == 4
    assert sample(found, "cee_batch_records_count") == 1


def test_what_alerts_count_begins_with_0_so_that_the_first_one_is_an_increase() -> None:
    found = metrics()

    assert sample(found, "cee_dead_letters_total", reason="undecodable") == 0
    assert sample(found, "cee_task_restarts_total", kind="bug") == 0


def test_every_reason_that_the_processor_gives_is_among_those_that_begin_with_0() -> None:
    given = {
        str(call.args[0].value)
        for path in (ROOT / "streams" / "processor").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "InvalidRecord"
        if isinstance(call.args[0], ast.Constant)
    }

    assert given
    assert given <= set(DEAD_LETTER_REASONS)


def test_values_of_a_label_are_bounded() -> None:
    found = metrics()

    for number in range(MOST_LABELS + 50):
        found.committed(Commit(0, "batch", 0, 1, {}, {f"reason-{number}": 1}))

    assert len(found.dead_letters.totals) == MOST_LABELS + 1
    assert sample(found, "cee_dead_letters_total", reason=OTHER) == 50


def test_latency_is_that_of_records_that_were_committed() -> None:
    found = metrics()

    found.committed(Commit(1, "batch", 0, 2, published_ms=[0, 0]))
    found.committed(Commit(2, "idle", 0))

    assert sample(found, "cee_end_to_end_seconds_count") == 2


def test_why_a_task_began_again_is_kept_until_it_commits_or_moves_away() -> None:
    found = metrics()
    found.restarted(1, "transient", OSError("no route"))
    found.restarted(2, "transient", OSError("no route"))

    assert found.troubles == {1: "OSError: no route", 2: "OSError: no route"}
    found.committed(Commit(1, "batch", 0, 1))
    found.assigned(frozenset({1}))

    assert found.troubles == {}


def test_buckets_take_their_upper_bound_in_and_sum_up() -> None:
    buckets = Buckets((1, 2))
    buckets.observe([0.5, 1, 1.5, 2, 7])

    assert buckets.cumulative() == [("1.0", 2), ("2.0", 4), ("+Inf", 5)]
    assert buckets.total == 12.0


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([0, 0, 0], 0.5, None),
        ([10, 0, 0], 0.5, 0.5),
        ([10, 10, 0], 0.75, 1.5),
        ([10, 10, 0], 0.5, 1.0),
        ([0, 0, 5], 0.99, 2),
    ],
)
def test_a_quantile_lies_on_the_line_within_its_bucket(counts: list[int], share: float, expected: float | None) -> None:
    assert quantile((1, 2), counts, share) == expected
