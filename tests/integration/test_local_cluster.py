"""Three brokers as one cluster: what two of them have outlives the third, whichever it is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from streams.local.cluster import LocalCluster

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TOPIC = "importer-placement"
PLACE = TopicPartition(TOPIC, 0)
PATIENCE_SECONDS = 90.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with LocalCluster(tmp_path) as cluster:
        yield cluster


async def leader_of(cluster: LocalCluster) -> int:
    """Return the node id of the topic's leader."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    await admin.start()
    try:
        [described] = await admin.describe_topics([TOPIC])
        assert [len(part["replicas"]) for part in described["partitions"]] == [3]
        leader: int = described["partitions"][0]["leader"]
        return leader
    finally:
        await admin.close()


def test_what_was_acknowledged_is_there_when_its_leader_is_gone_and_writing_goes_on(cluster: LocalCluster) -> None:
    async def test() -> list[bytes]:
        topic = next(topic for topic in scaled(load_topics(), partitions=1) if topic.name == TOPIC)
        await apply_topics(cluster.bootstrap_servers, [topic], replication=3)
        async with AIOKafkaProducer(
            bootstrap_servers=cluster.bootstrap_servers, enable_idempotence=True, request_timeout_ms=5_000
        ) as producer:
            await producer.send_and_wait(TOPIC, b"before", b"key", partition=0)
            leader = await leader_of(cluster)
            await asyncio.to_thread(cluster.brokers[leader - 1].kill)
            await asyncio.wait_for(producer.send_and_wait(TOPIC, b"after", b"key", partition=0), PATIENCE_SECONDS)
        async with AIOKafkaConsumer(
            TOPIC, bootstrap_servers=cluster.bootstrap_servers, auto_offset_reset="earliest"
        ) as consumer:
            return [(await asyncio.wait_for(consumer.getone(), PATIENCE_SECONDS)).value for _ in range(2)]

    assert asyncio.run(test()) == [b"before", b"after"]
