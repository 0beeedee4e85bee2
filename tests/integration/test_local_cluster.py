"""Three brokers as one cluster: what two of them have outlives the third, and what it has alone comes back with it."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from streams.local.cluster import LocalCluster
from streams.local.java import SOUND_KAFKA

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TOPIC = "importer-placement"
ALONE = TopicPartition("alone", 0)
PLACE = TopicPartition(TOPIC, 0)
PATIENCE_SECONDS = 90.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Return a whole cluster to the first test, and what that leaves to the last."""
    with LocalCluster(tmp_path_factory.mktemp("cluster"), version=SOUND_KAFKA) as cluster:
        yield cluster


async def leader_of(cluster: LocalCluster, topic: str = TOPIC, replicas: int = 3) -> int:
    """Return the node id of the topic's leader, -1 while it has none."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    await admin.start()
    try:
        [described] = await admin.describe_topics([topic])
        assert [len(part["replicas"]) for part in described["partitions"]] == [replicas]
        leader: int = described["partitions"][0]["leader"]
        return leader
    finally:
        await admin.close()


async def wait_until_without_leader(cluster: LocalCluster) -> None:
    """Return once the controllers have noticed; who asks may meet the broker that is gone."""
    while True:
        with contextlib.suppress(KafkaError):
            if await leader_of(cluster, ALONE.topic, 1) == -1:
                return
        await asyncio.sleep(0.2)


async def make_topic_of_one_broker(cluster: LocalCluster, node: int) -> None:
    """Make a topic that this broker alone has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics(
            [NewTopic(ALONE.topic, -1, -1, {0: [node]}, topic_configs={"min.insync.replicas": "1"})]
        )
    finally:
        await admin.close()


def test_a_transaction_that_ends_while_a_partition_has_no_leader_ends_there_too_once_it_has_one(
    cluster: LocalCluster,
) -> None:
    """Kafka 4.3 and 4.4 take such a partition for deleted, and leave the transaction open there (KAFKA-20734)."""

    async def test() -> bytes:
        await make_topic_of_one_broker(cluster, 2)
        others = ",".join(cluster.brokers[node - 1].bootstrap_servers for node in (1, 3))
        async with AIOKafkaProducer(bootstrap_servers=others, transactional_id="writer") as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(ALONE.topic, b"committed", partition=0)
            await asyncio.to_thread(cluster.brokers[1].kill)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await wait_until_without_leader(cluster)
                await producer.commit_transaction()
        await asyncio.to_thread(cluster.brokers[1].start)
        async with AIOKafkaConsumer(
            ALONE.topic,
            bootstrap_servers=others,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        ) as consumer:
            value: bytes = (await asyncio.wait_for(consumer.getone(), PATIENCE_SECONDS)).value
            return value

    assert asyncio.run(test()) == b"committed"


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
