"""How far a worker is: committed offsets against the ends of its sources."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError

from streams.contract.coordinator import once_there_is_one
from streams.contract.provision import admin_client


class Standing(NamedTuple):
    """Offsets over all sources: what the group has committed, and where the logs end."""

    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Offsets still to be processed."""
        return self.end - self.committed


async def member_count(bootstrap_servers: str, group: str, client: Mapping[str, Any]) -> int:
    """Return how many members a group has now, 0 where there is none. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        answers = await once_there_is_one(lambda: admin.describe_consumer_groups([group]))
    return sum(len(described[5]) for answer in answers for described in answer.groups)


class Follower:
    """Asks a broker where a group stands."""

    def __init__(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, group: str) -> None:
        self._admin = admin
        self._consumer = consumer
        self._group = group

    @classmethod
    @asynccontextmanager
    async def connected(
        cls, bootstrap_servers: str, group: str, topics: Sequence[str], client: Mapping[str, Any]
    ) -> AsyncIterator[Self]:
        """Give a connected one."""
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, **client)
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap_servers, **client)
        try:
            await admin.start()
            await consumer.start()
            yield cls(admin, consumer, group)
        finally:
            await asyncio.gather(admin.close(), consumer.stop(), return_exceptions=True)

    async def standing(self) -> Standing:
        """Return where the group stands now."""
        committed = await self._committed()
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._consumer.assignment())
        done = sum(min(end, max(0, committed.get(place, 0))) for place, end in ends.items())
        return Standing(done, sum(ends.values()))

    async def _committed(self) -> dict[TopicPartition, int]:
        try:
            offsets = await self._admin.list_consumer_group_offsets(self._group)
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
            return {}  # a fresh broker makes the topic of groups when the first one comes
        return {place: offset.offset for place, offset in offsets.items()}
