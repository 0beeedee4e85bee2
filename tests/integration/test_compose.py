"""docker-compose.yml for real: it becomes healthy, events flow through it, and a killed worker loses nothing."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from streams.contract.codec import Codec
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.processor.clock import TimeSource
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.replay.log_reader import read_logs
from streams.replay.verify import Verdict, verify
from tests.integration.compose import WORKERS, Deployment, compose_trouble, deployed, docker
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(compose_trouble()), reason=f"{compose_trouble()}: docker-compose.yml is not tried"),
]

PARTITIONS = 12
KILL = """
import os, signal
for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
    with open(f"/proc/{pid}/cmdline") as file:
        if pid > 1 and file.read().endswith("cee\\0worker\\0"):
            os.kill(pid, signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deployed() as running:
        yield running
    assert running.left() == []


def healths(deployment: Deployment) -> list[str]:
    return [str(worker["State"]["Health"]["Status"]) for worker in deployment.inspected("worker")]


def targets(deployment: Deployment) -> list[str]:
    with urlopen(f"http://127.0.0.1:{deployment.prometheus_port}/api/v1/targets", timeout=5) as answer:
        return [str(target["health"]) for target in json.load(answer)["data"]["activeTargets"]]


def test_workers_are_healthy_nobody_special_and_cannot_write_to_their_image(deployment: Deployment) -> None:
    workers: list[dict[str, Any]] = deployment.inspected("worker")

    assert healths(deployment) == ["healthy"] * WORKERS
    assert {worker["Config"]["User"] for worker in workers} == {"10001"}
    assert all(worker["HostConfig"]["ReadonlyRootfs"] for worker in workers)
    assert all(worker["HostConfig"]["CapDrop"] == ["ALL"] for worker in workers)
    ports = [port for worker in workers for bound in worker["HostConfig"]["PortBindings"].values() for port in bound]
    assert {port["HostIp"] for port in ports} == {"127.0.0.1"}


def test_prometheus_scrapes_every_worker_with_the_token(deployment: Deployment) -> None:
    wait_until(lambda: targets(deployment) == ["up"] * WORKERS)


def test_the_demo_flows_through_it_and_a_killed_worker_is_replaced_with_nothing_lost(deployment: Deployment) -> None:
    command = [sys.executable, "-m", "streams.cli", "demo", "--no-worker", "--scale", "1/20000", "--json"]
    with subprocess.Popen(
        command, env=deployment.client, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        wait_until(lambda: committed(deployment) or demo.poll() is not None)
        docker("exec", deployment.inspected("worker")[0]["Id"], "python", "-c", KILL)
        told, said = demo.communicate(timeout=300)

    assert demo.returncode == 0, said
    assert json.loads(told)["lag"] == 0
    wait_until(lambda: healths(deployment) == ["healthy"] * WORKERS)
    assert [worker["RestartCount"] for worker in deployment.inspected("worker")] == [1, 0]
    verdict = asyncio.run(verified(deployment))
    assert verdict.is_clean, verdict.wrong
    assert verdict.records > 5_000


def committed(deployment: Deployment) -> int:
    """Return how many batches of events workers have committed."""
    codec = AvroJournalCodec(Codec())
    logs = asyncio.run(read_logs(deployment.bootstrap_servers, ["processing-journal"]))
    return sum(codec.decode(record.value or b"").kind == "batch" for log in logs.values() for record in log)


async def verified(deployment: Deployment) -> Verdict:
    """Fold everything that was read by the journal, and compare with what was published."""
    names, codec = TopicNames(), open_waiting_codec(deployment.registry)
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    processor = PlacementProcessor(codec, names, PARTITIONS, rules, TimeSource.EVENT)
    return await verify(deployment.bootstrap_servers, names, processor, AvroJournalCodec(Codec()))
