"""Bring bytes into Kafka in order, and say where they are or that they may not be there.

On aiokafka 0.14.0: an idempotent producer retries without end, so the time-out is ours; `stop` waits for a dead
broker without end, so a producer that failed is abandoned: client first, then its sender.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

import cramjam
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from streams.contract.addresses import AddressError, check_addresses
from streams.contract.reach import why_unreachable
from streams.contract.security import no_topic
from streams.ports.errors import MissingTopic, OutOfReach

CONNECT_SECONDS: Final = 15.0
ABANDON_SECONDS: Final = 5.0


class Place(NamedTuple):
    """Where a record is in Kafka; the timestamp (milliseconds) is the broker's own for input topics."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


class Delivery:
    """One idempotent producer: records of one key arrive in the order of `send`, each once."""

    def __init__(
        self,
        bootstrap_servers: str,
        *,
        linger_ms: int,
        compression: str | None,
        request_seconds: float,
        client: Mapping[str, Any],
    ) -> None:
        self._bootstrap_servers, self._client = bootstrap_servers, client
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers,
            enable_idempotence=True,
            acks="all",
            linger_ms=linger_ms,
            compression_type=compression,
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            request_timeout_ms=int(request_seconds * 1000),
            **client,
        )
        self._partitions: dict[str, int] = {}

    async def open(self) -> None:
        """Connect and learn the cluster's topics; raises `OutOfReach`."""
        try:
            check_addresses(self._bootstrap_servers)
            await asyncio.wait_for(self._producer.start(), CONNECT_SECONDS)
            cluster = await asyncio.wait_for(self._producer.client.fetch_all_metadata(), CONNECT_SECONDS)
        except (KafkaConnectionError, TimeoutError) as error:
            await self.abandon()
            raise OutOfReach(await why_unreachable(self._bootstrap_servers, self._client)) from error
        except AddressError as error:
            await self.abandon()
            raise OutOfReach(str(error)) from error
        except BaseException:
            await self.abandon()
            raise
        self._partitions = {topic: len(cluster.partitions_for_topic(topic)) for topic in cluster.topics()}

    async def close(self) -> None:
        """Wait until everything is delivered, and disconnect."""
        await self._producer.stop()

    async def abandon(self) -> None:
        """Disconnect without waiting for what is not delivered."""
        await abandon(self._producer)

    def partitions_of(self, topic: str) -> int:
        """Return a topic's number of partitions; raises `MissingTopic`."""
        count = self._partitions.get(topic)
        if count is None:
            message = no_topic(self._bootstrap_servers, topic, self._client)
            raise MissingTopic(message)
        return count

    async def send(self, topic: str, partition: int, key: bytes, value: bytes) -> "asyncio.Future[Any]":
        """Hand a record over, waiting while the producer has too much to do; the future is its place.

        Raises `KafkaError`.
        """
        return cast("asyncio.Future[Any]", await self._producer.send(topic, value, key=key, partition=partition))


async def abandon(producer: AIOKafkaProducer) -> None:
    """Disconnect a producer without waiting for what is not delivered."""
    producer._closed = True  # noqa: SLF001 - else its end warns of a producer that was never stopped
    sender = producer._sender.sender_task  # noqa: SLF001
    tasks = [asyncio.ensure_future(producer.client.close())]
    if sender is not None:
        sender.cancel()
        tasks.append(sender)
    await asyncio.wait(tasks, timeout=ABANDON_SECONDS)
    for task in tasks:
        task.cancel()


COMPRESSION: Final = "zstd"
BATCH_BYTES: Final = 256 * 1024
# What aiokafka measures is not yet compressed; what the topics take (1 MiB) is.
REQUEST_BYTES: Final = 8 * 1024 * 1024
TOPIC_BYTES: Final = 1_000_000


def fits_topic(value: bytes) -> bool:
    """Whether a record is small enough for the topics; looks at compression only where it matters.

    Sending a larger one would fail everything that shares its batch.
    """
    return len(value) <= TOPIC_BYTES or len(cramjam.zstd.compress(value, level=3)) <= TOPIC_BYTES


def place_of(future: "asyncio.Future[Any]") -> Place:
    """Return where a delivered record is; raises the `KafkaError` that kept it from there."""
    metadata = future.result()
    return Place(metadata.topic, metadata.partition, metadata.offset, metadata.timestamp)
