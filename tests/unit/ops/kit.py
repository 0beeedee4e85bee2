"""Real workers and real records for tests of operations."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.local.broker import free_port
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters
from tests.waiting import wait_until

PARTITIONS = 3


@dataclass
class RunningWorker:
    """A worker's process and where its pages answer."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        return get(f"{self.url}{path}", headers)

    def json(self, path: str) -> dict[str, Any]:
        status, body = self.get(path)
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Return status and body; 0 where nobody answers."""
    try:
        with urlopen(Request(url, headers=dict(headers or {})), timeout=10) as answer:  # noqa: S310 - our own address
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def create_topics(bootstrap_servers: str, namespace: str, partitions: int = PARTITIONS) -> None:
    asyncio.run(apply_topics(bootstrap_servers, scaled(load_topics(), namespace=namespace, partitions=partitions)))


@contextmanager
def worker(
    bootstrap_servers: str, namespace: str, state_dir: Path, environment: Mapping[str, str] | None = None
) -> Iterator[RunningWorker]:
    """Run a worker until the end of the block, and wait until it is ready."""
    port, log = free_port(), state_dir / f"worker-{time.monotonic_ns()}.log"
    state_dir.mkdir(parents=True, exist_ok=True)
    given = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers, "CEE_NAMESPACE": namespace, "CEE_TIME": "event"}
    command = [sys.executable, "-m", "streams.cli", "worker", "--web-port", str(port), "--state-dir", str(state_dir)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **given, **(environment or {})}, stdout=output, stderr=output
        )
    running = RunningWorker(process, f"http://127.0.0.1:{port}", log)
    try:
        wait_until(lambda: running.get("/readyz")[0] == 200, 60, lambda: log.read_text("utf-8")[-3000:])
        yield running
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def publish_sample(bootstrap_servers: str, namespace: str, most: int = 3000) -> int:
    """Publish the first events of a small national sample; return how many."""
    return asyncio.run(_publish_sample(bootstrap_servers, TopicNames(namespace), most))


async def _publish_sample(bootstrap_servers: str, names: TopicNames, most: int) -> int:
    codec, number = Codec(), 0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, linger_ms=20) as producer:
        for event in islice(NationalSample(SampleParameters(scale=Fraction(1, 20_000))).events(), most):
            value = event.raw if event.raw is not None else codec.encode(event.name, event.fields)
            topic = "headquarters-decision" if event.name == "placement_set" else "entry-summary-event"
            partition = partition_for(event.key, PARTITIONS)
            await producer.send(names.of(topic), key=event.key, value=value, partition=partition)
            number += 1
    return number


def publish_raw(bootstrap_servers: str, topic: str, values: list[bytes], partition: int = 0) -> None:
    """Publish values as they are."""

    async def run() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, linger_ms=20) as producer:
            for value in values:
                await producer.send(topic, key=b"12-3456789", value=value, partition=partition)

    asyncio.run(run())


class Reader:
    """A member of a Center's group that reads; commits what it has read when it is told to."""

    def __init__(self, bootstrap_servers: str, topic: str, group: str) -> None:
        self.consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            group_id=group,
            client_id=f"{group}-1",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def __aenter__(self) -> Self:
        await self.consumer.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.consumer.stop()

    async def read(self, seconds: float = 5, least: int = 1) -> int:
        """Read until nothing comes for a while; return how many records."""
        number, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            found = await self.consumer.getmany(timeout_ms=300)
            number += sum(map(len, found.values()))
            if number >= least and not found:
                break
        return number
