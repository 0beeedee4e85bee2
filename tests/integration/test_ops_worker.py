"""What operations see of a real worker on a real broker: metrics, health with its reasons, pages, the other workers."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from streams.contract.topics import TopicNames
from streams.local.broker import LocalBroker
from streams.local.java import SOUND_KAFKA
from streams.ops.declared import METRICS
from streams.ops.lag.once import look_once
from tests.unit.ops.kit import (
    PARTITIONS,
    RunningWorker,
    create_topics,
    get,
    publish_raw,
    publish_sample,
    worker,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

FROM_OUTSIDE = ("process_", "python_")


def families(running: RunningWorker) -> dict[str, object]:
    return {family.name: family for family in text_string_to_metric_families(running.get("/metrics")[1])}  # type: ignore[no-untyped-call]


def value(running: RunningWorker, name: str, **labels: str) -> float:
    """Return the sum of the samples with these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(running.get("/metrics")[1])  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def agrees_with_the_broker(running: RunningWorker, bootstrap_servers: str, namespace: str) -> bool:
    """Tell whether a worker's page says of its group, place by place, what the broker says."""
    asked = asyncio.run(look_once(bootstrap_servers, TopicNames(namespace), "cee-placement", re.compile("none")))
    [own] = asked["groups"]
    assert own["places"]
    for place in own["places"]:
        labels = {"topic": place["topic"], "partition": str(place["partition"])}
        said = [
            value(running, f"kafka_{name}", **labels)
            for name in ("consumergroup_group_offset", "partition_latest_offset")
        ]
        if said != [place["offset"], place["end"]]:
            return False
    return True


def test_metrics_are_those_declared_agree_with_the_broker_and_name_no_importer(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    published = publish_sample(bootstrap_servers, namespace, 2000)
    with worker(bootstrap_servers, namespace, tmp_path) as running:
        wait_until(lambda: value(running, "cee_records_total") >= published)
        wait_until(lambda: value(running, "kafka_consumergroup_group_sum_lag") == 0, 60)
        wait_until(lambda: value(running, "cee_placements") > 0, 60)
        # What is left to commit are markers; the page looks at the broker every few seconds.
        wait_until(lambda: agrees_with_the_broker(running, bootstrap_servers, namespace), 60)
        found, text = families(running), running.get("/metrics")[1]

        assert {name for name in found if not name.startswith(FROM_OUTSIDE)} <= METRICS.keys()
        named = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)  # a consumer's id may look like anything
        assert not re.search(r"\d{2}-\d{7}|\d{3}-\d{2}-\d{4}|\d{6}-\d{5}", named)
        assert text.endswith("# EOF\n")
        assert "_created" not in text


def test_a_worker_says_that_its_broker_is_gone_and_is_well_again_with_it(tmp_path: Path, namespace: str) -> None:
    with LocalBroker(tmp_path / "kafka", version=SOUND_KAFKA) as broker:
        create_topics(broker.bootstrap_servers, namespace)
        with worker(broker.bootstrap_servers, namespace, tmp_path / "state") as running:
            # The monitor has looked, so that its last answer is a real one.
            wait_until(lambda: value(running, "cee_monitor_timestamp_seconds") > 0)
            assert running.get("/healthz") == (200, "ok\n")
            broker.kill()

            # That half a minute is enough follows from the figures of `health`, which a test of its own adds up.
            wait_until(lambda: running.get("/healthz")[0] == 503, 120, lambda: str(running.get("/healthz")))
            _, reason = running.get("/healthz")
            broker.start()
            wait_until(lambda: running.get("/healthz")[0] == 200, 120, lambda: running.get("/healthz")[1])
            lines = running.log.read_text("utf-8")

    assert "no broker has answered for" in reason
    assert lines.count("this worker is not well: no broker has answered for") == 1
    assert lines.count("over: no broker has answered for") == 1


def test_a_halted_partition_is_unhealthy_with_its_reason_and_the_others_go_on(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    topic = f"{namespace}-entry-summary-event"
    with worker(bootstrap_servers, namespace, tmp_path) as running:
        publish_raw(bootstrap_servers, topic, [b"no event"] * 600, partition=1)
        wait_until(lambda: running.get("/healthz")[0] == 503, 120)

        _, reason = running.get("/healthz")
        assert "partition 1 is halted" in reason
        assert "dead letters" in reason
        wait_until(lambda: "Partition 1 is halted" in running.json("/api/overview")["answer"]["sentence"], 60)
        status = cee("status", "--json", bootstrap_servers=bootstrap_servers, namespace=namespace)
        assert status.returncode == 4
        assert json.loads(status.stdout)["answer"]["state"] == "bad"
        published = publish_sample(bootstrap_servers, namespace, 300)
        assert published == 300
        wait_until(lambda: value(running, "cee_records_total", outcome="applied") > 0, 60)


def test_any_worker_shows_the_whole_and_finds_any_importer(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    published = publish_sample(bootstrap_servers, namespace, 1500)
    with (
        worker(bootstrap_servers, namespace, tmp_path) as first,
        worker(bootstrap_servers, namespace, tmp_path) as second,
    ):
        both = (first, second)
        wait_until(lambda: all(len(one.json("/api/worker")["tasks"]) >= 1 for one in both), 60)
        wait_until(lambda: sum(value(one, "cee_monitor_active") for one in both) == 1, 60)
        wait_until(lambda: all(len(overview_of(one).get("workers", [])) == 2 for one in both), 60)
        wait_until(lambda: sum(value(one, "cee_records_total") for one in both) >= published, 60)
        wait_until(lambda: len(overview_of(first)["changes"]["items"]) > 10, 60)

        importers = {change["account_key"] for change in overview_of(second)["changes"]["items"]}
        firms = [importer for importer in importers if not importer.startswith("***")]
        for importer in firms[:8]:
            for one in both:
                answer = one.json(f"/api/importer/{importer}")
                assert answer["account_key"] == importer
                assert answer["changes"]
        tasks = overview_of(second)["tasks"]
        assert sorted(task["partition"] for task in tasks) == list(range(PARTITIONS))
        assert {urlsplit(task["worker"]).port for task in tasks} == {urlsplit(one.url).port for one in both}

        watching = next(one for one in both if value(one, "cee_monitor_active"))
        other = first if watching is second else second
        assert value(other, "kafka_partition_latest_offset") == 0
        watching.process.kill()

        wait_until(lambda: value(other, "cee_monitor_active") == 1, 120)
        wait_until(lambda: value(other, "kafka_partition_latest_offset") > 0, 60)
        assert len(overview_of(other)["groups"]) >= 1


def overview_of(running: RunningWorker) -> dict[str, Any]:
    status, body = running.get("/api/overview")
    found: dict[str, Any] = json.loads(body) if status == 200 else {}
    return found


def test_without_the_token_nothing_is_shown_and_with_it_everything(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    with worker(bootstrap_servers, namespace, tmp_path, {"CEE_WEB_TOKEN": "a secret"}) as running:
        for path in ("/metrics", "/api/overview", "/api/history", "/api/worker", "/api/importer/12-3456789"):
            assert running.get(path)[0] == 401
            assert running.get(path, {"Authorization": "Bearer a secre"})[0] == 401
        assert running.get("/metrics", {"Authorization": "Bearer a secret"})[0] == 200
        assert running.get("/healthz")[0] == 200
        assert running.get("/")[0] == 200


def test_without_a_token_a_foreign_name_for_this_machine_sees_nothing(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    with worker(bootstrap_servers, namespace, tmp_path) as running:
        port = urlsplit(running.url).port

        assert get(f"{running.url}/api/overview", {"Host": f"evil.example:{port}"})[0] == 401
        assert get(f"{running.url}/metrics", {"Host": f"localhost:{port}"})[0] == 200


def cee(*arguments: str, bootstrap_servers: str, namespace: str) -> "subprocess.CompletedProcess[str]":
    address = ("--bootstrap-servers", bootstrap_servers, "--namespace", namespace)
    command = [sys.executable, "-m", "streams.cli", *arguments, *address]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_status_and_lag_say_in_one_sentence_that_there_is_nothing_to_ask(
    bootstrap_servers: str, namespace: str
) -> None:
    create_topics(bootstrap_servers, namespace)

    status = cee("status", bootstrap_servers=bootstrap_servers, namespace=namespace)
    lag = cee("lag", f"{namespace}-nobody", bootstrap_servers=bootstrap_servers, namespace=namespace)
    wrong = cee("lag", bootstrap_servers="127.0.0.1:1", namespace=namespace)

    assert (status.returncode, lag.returncode, wrong.returncode) == (1, 4, 1)
    assert "no worker runs" in status.stderr
    assert wrong.stderr == (
        "Error: no Kafka broker answers at 127.0.0.1:1: check the address, and whether one runs there\n"
    )
