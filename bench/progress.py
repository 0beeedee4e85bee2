"""How far a consumer group has come, as the broker knows it: the only clock all candidates share."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

POLL_SECONDS: Final = 0.05
STALL_SECONDS: Final = 180.0


class Stalled(RuntimeError):  # noqa: N818 - it names what happened to the run
    """A candidate that commits nothing more; the text says how far it came."""


class Run(NamedTuple):
    """Records between the first commit seen and the last one, and the seconds between the two."""

    records: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Records per second."""
        return self.records / self.seconds


async def ends(bootstrap: str, topic: str, partitions: int) -> dict[TopicPartition, int]:
    """Return the end offset of every partition of a topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return dict(await consumer.end_offsets([TopicPartition(topic, number) for number in range(partitions)]))
    finally:
        await consumer.stop()


async def measured(
    bootstrap: str, group: str, target: Mapping[TopicPartition, int], alive: Callable[[], Awaitable[None]]
) -> Run:
    """Follow a group's commits from the first one seen until it has reached its target.

    `alive` raises when the candidate has ended. Raises `Stalled` when nothing is committed for three minutes.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return await _followed(admin, group, target, alive)
    finally:
        await admin.close()


async def _followed(
    admin: AIOKafkaAdminClient, group: str, target: Mapping[TopicPartition, int], alive: Callable[[], Awaitable[None]]
) -> Run:
    """Poll the group's offsets until all partitions are at their target."""
    wanted = sum(target.values())
    first: tuple[float, int] | None = None
    reached, moved = 0, time.monotonic()
    while True:
        await alive()
        now, done = time.monotonic(), await _done(admin, group, target)
        if done > reached:
            reached, moved = done, now
            first = first or (now, done)
        if first is not None and done >= wanted:
            return Run(wanted - first[1], now - first[0])
        if now - moved > STALL_SECONDS:
            message = (
                f"group {group} committed {reached:,} of {wanted:,} records and nothing more for {STALL_SECONDS:.0f} s"
            )
            raise Stalled(message)
        await asyncio.sleep(POLL_SECONDS)


async def _done(admin: AIOKafkaAdminClient, group: str, target: Mapping[TopicPartition, int]) -> int:
    """Return how many of the target's records the group has committed; 0 while the group is not there yet."""
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError:
        return 0
    return sum(min(end, max(0, offsets[place].offset)) for place, end in target.items() if place in offsets)
