"""One transaction of a spool: its events and its position, both in Kafka or neither.

A producer is used for one transaction only. aiokafka 0.14.0 repeats the request that ends a transaction after a
transport error, and a late one would end the *next* transaction of the same producer half written; a new producer has
a new epoch, which fences whatever is still on its way, and finishes or undoes what its predecessor left open.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from streams.contract.addresses import AddressError, check_addresses
from streams.contract.keys import partition_for
from streams.contract.reach import why_unreachable
from streams.contract.security import no_topic
from streams.ports.delivery import BATCH_BYTES, COMPRESSION, CONNECT_SECONDS, REQUEST_BYTES, abandon
from streams.ports.errors import MissingTopic, OutOfReach
from streams.ports.spool.entries import Entry
from streams.ports.spool.errors import NotSent

TRANSACTION_SECONDS: Final = 60.0
LINGER_MS: Final = 5
ASK_AGAIN_SECONDS: Final = 0.2


class SpoolTransaction:
    """A transaction under a group's name; `keeper` is the topic under whose partition 0 the position is committed.

    An async context manager: on entering, all former transactions of the name are decided.
    """

    def __init__(self, bootstrap_servers: str, group: str, keeper: str, client: Mapping[str, Any]) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._group = group
        self._place = TopicPartition(keeper, 0)
        self._client = client
        self._producer: AIOKafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        """Connect and fence. Raises `OutOfReach`, `NotSent`."""
        try:
            check_addresses(self._bootstrap_servers)
        except AddressError as error:
            raise OutOfReach(str(error)) from error
        producer = self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            transactional_id=self._group,
            transaction_timeout_ms=int(TRANSACTION_SECONDS * 1000),
            linger_ms=LINGER_MS,
            compression_type=COMPRESSION,
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            **self._client,
        )
        try:
            await asyncio.wait_for(producer.start(), CONNECT_SECONDS)
            cluster = await asyncio.wait_for(producer.client.fetch_all_metadata(), CONNECT_SECONDS)
        except BaseException as error:
            await abandon(producer)
            raise await self._told(error) from error
        self._partitions = {topic: len(cluster.partitions_for_topic(topic)) for topic in cluster.topics()}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the connection; what was not committed is undone by the next transaction."""
        producer, self._producer = self._producer, None
        assert producer is not None
        if kind is None:
            try:
                await asyncio.wait_for(producer.stop(), CONNECT_SECONDS)
            except TimeoutError:
                await abandon(producer)
        else:
            await abandon(producer)

    async def committed(self) -> int | None:
        """Return the position that Kafka keeps, None where it has none. Raises `OutOfReach`, `NotSent`."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap_servers, **self._client)
        try:
            await asyncio.wait_for(admin.start(), CONNECT_SECONDS)
            found = await asyncio.wait_for(self._listed(admin), CONNECT_SECONDS)
        except (KafkaError, TimeoutError, OSError) as error:
            raise await self._told(error) from error
        finally:
            await admin.close()
        offset = found[self._place].offset if self._place in found else -1
        return int(offset) if offset >= 0 else None

    async def _listed(self, admin: AIOKafkaAdminClient) -> dict[TopicPartition, Any]:
        """Ask for the position until there is an answer: the first group of a new cluster waits for its coordinator."""
        while True:
            try:
                return dict(await admin.list_consumer_group_offsets(self._group, partitions=[self._place]))
            except KafkaError as error:
                if not error.retriable:
                    raise
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def send(self, entries: Sequence[Entry], position: int) -> None:
        """Bring events and position into Kafka. Raises `OutOfReach`, `NotSent`, `MissingTopic`; then nobody knows."""
        for topic in {self._place.topic, *(entry.topic for entry in entries)}:
            if topic not in self._partitions:
                message = no_topic(self._bootstrap_servers, topic, self._client, "; what waits stays")
                raise MissingTopic(message)
        try:
            await asyncio.wait_for(self._sent(entries, position), TRANSACTION_SECONDS)
        except (KafkaError, TimeoutError) as error:
            raise await self._told(error) from error

    async def _sent(self, entries: Sequence[Entry], position: int) -> None:
        producer = self._producer
        assert producer is not None
        await producer.begin_transaction()
        sending = [
            await producer.send(entry.topic, entry.value, key=entry.key, partition=number)
            for entry in entries
            for number in self._partitions_of(entry)
        ]
        # Committing succeeds although a batch failed: each is awaited first.
        await asyncio.gather(*sending)
        await producer.send_offsets_to_transaction({self._place: position}, self._group)
        await producer.commit_transaction()

    def _partitions_of(self, entry: Entry) -> Sequence[int]:
        count = self._partitions[entry.topic]
        return range(count) if entry.in_every_partition else (partition_for(entry.key, count),)

    async def _told(self, error: BaseException) -> BaseException:
        """Return what to raise: Kafka's own words for what it refuses, ours for what does not let us in."""
        if isinstance(error, TimeoutError | KafkaConnectionError | OSError):
            return OutOfReach(await why_unreachable(self._bootstrap_servers, self._client))
        if isinstance(error, KafkaError) and error.retriable:
            return OutOfReach(f"Kafka at {self._bootstrap_servers} is not ready: {_named(error)}")
        if isinstance(error, KafkaError):
            return NotSent(f"Kafka at {self._bootstrap_servers} did not take the events of the spool: {_named(error)}")
        return error


def _named(error: KafkaError) -> str:
    text = str(error)
    return text if type(error).__name__ in text else f"{type(error).__name__}: {text}"
