"""How far a consumer group has come, as the broker knows it: the one clock that all candidates share."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from bench.candidates import Candidate
from bench.figures import Run

POLL_SECONDS: Final = 0.05
STALL_SECONDS: Final = 120.0

Ends = Mapping[TopicPartition, int]


class Stalled(RuntimeError):  # noqa: N818 - it names what happened to the run
    """A candidate that commits nothing more; the text says how far it came."""


async def ends(bootstrap: str, topic: str, partitions: int) -> Ends:
    """Return the end offset of every partition of a topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return dict(await consumer.end_offsets([TopicPartition(topic, number) for number in range(partitions)]))
    finally:
        await consumer.stop()


async def committed(bootstrap: str, group: str, target: Ends) -> int:
    """Return how many records of some partitions a group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return await _done(admin, group, target)
    finally:
        await admin.close()


async def measured(bootstrap: str, candidate: Candidate, target: Ends) -> Run:
    """Follow a candidate's commits from the first one seen until all of the target is committed.

    So start-up, joining the group and the first batch are outside; only where the first commit is the last one as
    well, the time runs from the candidate's start. Raises `Stalled` when nothing is committed for two minutes,
    `CandidateEnded` when the candidate has ended.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = sum(target.values())
        at, done = await _moved_past(admin, candidate, target, 0)
        if done >= wanted:
            return Run(done, at - candidate.started_at, candidate.cpu_seconds())
        first, first_at, first_cpu = done, at, candidate.cpu_seconds()
        while done < wanted:
            at, done = await _moved_past(admin, candidate, target, done)
        return Run(done - first, at - first_at, candidate.cpu_seconds() - first_cpu)
    finally:
        await admin.close()


async def seconds_until_moved(bootstrap: str, candidate: Candidate, target: Ends, before: int) -> float:
    """Return the seconds from the candidate's start until it has committed more than before."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        at, _ = await _moved_past(admin, candidate, target, before)
        return at - candidate.started_at
    finally:
        await admin.close()


async def _moved_past(admin: AIOKafkaAdminClient, candidate: Candidate, target: Ends, before: int) -> tuple[float, int]:
    """Wait until a group has committed more than before; return when it was seen, and how much it is now."""
    give_up = time.monotonic() + STALL_SECONDS
    while time.monotonic() < give_up:
        candidate.check()
        done = await _done(admin, candidate.group, target)
        if done > before:
            return time.monotonic(), done
        await asyncio.sleep(POLL_SECONDS)
    wanted = sum(target.values())
    message = f"{candidate.name} committed {before:,} of {wanted:,} records and nothing more for {STALL_SECONDS:.0f} s"
    raise Stalled(message)


async def _done(admin: AIOKafkaAdminClient, group: str, target: Ends) -> int:
    """Return how many of the target's records the group has committed; 0 while the group is not there yet."""
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError:
        return 0
    return sum(min(end, max(0, offsets[place].offset)) for place, end in target.items() if place in offsets)
