"""Destroy everything that the workers made, so that the input is processed again from its start.

The input stays. A step that was cut off is safe to repeat: without its state a worker halts (`state-lost`), and
without a topic it does not start.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from streams.contract.coordinator import once_there_is_one
from streams.contract.provision import ClusterError, admin_client, apply_topics, partition_counts
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.engine.store import delete_store
from streams.repair.stores import store_folders

GONE_SECONDS: Final = 30.0
_NO_GROUP: Final = 69
_MEMBERS_LEFT: Final = 68


class Doomed(NamedTuple):
    """What a reset destroys: records by topic, the group's name, and the local stores.

    `partitions` and `replication` are what the topics have, and will have again.
    """

    topics: Mapping[str, int]
    partitions: int
    replication: int
    group: str
    stores: tuple[Path, ...]


def made_by_workers(names: TopicNames) -> tuple[str, ...]:
    """Return the topics that a reset empties: all but the inputs that ports, Centers and headquarters write."""
    inputs = {*names.sources} - {names.of("rekeyed-event")}
    kept = (name for name in names.of_the_processor if name not in inputs)
    return (*kept, names.of("dead-letter-resolution"))


async def look(
    bootstrap_servers: str, names: TopicNames, group: str, state_dir: Path, client: Mapping[str, Any]
) -> Doomed:
    """Say what a reset would destroy. Raises `ClusterError`, also where workers still run."""
    async with admin_client(bootstrap_servers, client) as admin:
        await _refuse_members(admin, group)
        described = await admin.describe_topics([names.of("placement-state")])
    replicas = [len(part["replicas"]) for topic in described for part in topic["partitions"]]
    counts = await partition_counts(bootstrap_servers, made_by_workers(names), client)
    if not counts:
        message = f"{bootstrap_servers} has none of these topics: wrong namespace or cluster?"
        raise ClusterError(message)
    records = await _records(bootstrap_servers, counts, client)
    stores = tuple(folder for folder, _ in store_folders(state_dir, group))
    return Doomed(records, max(counts.values()), max(replicas, default=1), group, stores)


async def destroy(
    bootstrap_servers: str,
    names: TopicNames,
    doomed: Doomed,
    client: Mapping[str, Any],
    say: Callable[[str], None],
) -> None:
    """Delete and create anew. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        await _refuse_members(admin, doomed.group)
        say(f"deleting {len(doomed.topics)} topics ...")
        answer = await admin.delete_topics(list(doomed.topics))
        for topic, code, *_ in answer.topic_error_codes:
            if code:
                message = f"{topic} could not be deleted: {for_code(code).__name__}"
                raise ClusterError(message)
        await _wait_until_gone(admin, set(doomed.topics))
        say(f"deleting the group {doomed.group} ...")
        await _delete_group(admin, doomed.group)
    for folder in doomed.stores:
        delete_store(folder)
    say("creating the topics anew ...")
    topics = scaled(load_topics(), namespace=names.namespace, partitions=doomed.partitions)
    await apply_topics(bootstrap_servers, topics, replication=doomed.replication, client=client)


async def _records(bootstrap_servers: str, counts: Mapping[str, int], client: Mapping[str, Any]) -> dict[str, int]:
    """Count offsets from start to end of each topic: records, and a few marks of transactions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False, **client)
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for topic, count in counts.items() for partition in range(count)]
        ends, starts = await consumer.end_offsets(places), await consumer.beginning_offsets(places)
    finally:
        await consumer.stop()
    found = dict.fromkeys(counts, 0)
    for place in places:
        found[place.topic] += ends[place] - starts[place]
    return found


async def _refuse_members(admin: AIOKafkaAdminClient, group: str) -> None:
    answers = await once_there_is_one(lambda: admin.describe_consumer_groups([group]))
    members = sum(len(described[5]) for answer in answers for described in answer.groups)
    if members:
        message = (
            f"workers are in the group {group} ({members} now): stop all, and wait for their session to end (10 s)"
        )
        raise ClusterError(message)


async def _wait_until_gone(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    give_up = time.monotonic() + GONE_SECONDS
    while left := names & set(await admin.list_topics()):
        if time.monotonic() > give_up:
            message = f"{min(left)} is still there {GONE_SECONDS:.0f} s after it was deleted; run this again"
            raise ClusterError(message)
        await asyncio.sleep(0.2)


async def _delete_group(admin: AIOKafkaAdminClient, group: str) -> None:
    node = await admin.find_coordinator(group)
    answer = await admin._send_request(DeleteGroupsRequest([group]), node)  # noqa: SLF001 - no public method
    [(_, code)] = answer.results
    if code == _MEMBERS_LEFT:
        await _refuse_members(admin, group)
    if code not in {0, _NO_GROUP}:
        message = f"the group {group} could not be deleted: {for_code(code).__name__}"
        raise ClusterError(message)
