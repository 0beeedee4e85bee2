"""Lag as a real broker knows it: markers, open transactions, ages, groups that never committed or were deleted."""

import asyncio
import re
import time
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.contract.provision import ClusterError
from streams.contract.topics import TopicNames
from streams.ops.lag.monitor import LagMonitor, Watched
from streams.ops.lag.once import look_once, watched_topics
from tests.unit.ops.kit import PARTITIONS, create_topics

ANY = re.compile(".*")


async def look(bootstrap_servers: str, namespace: str) -> dict[str, dict[str, Any]]:
    found = await look_once(bootstrap_servers, TopicNames(namespace), "cee-placement", re.compile(f"{namespace}.*"))
    return {group["group"]: group for group in found["groups"]}


async def commit(bootstrap_servers: str, group: str, topic: str, offset: int, partition: int = 0) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    place = TopicPartition(topic, partition)
    consumer.assign([place])
    await consumer.commit({place: offset})
    await consumer.stop()


async def send_transactions(bootstrap_servers: str, topic: str, *, commits: tuple[bool, ...]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=f"{topic}-writer")
    async with producer:
        for is_committed in commits:
            await producer.begin_transaction()
            await producer.send_and_wait(topic, b"work", partition=0)
            await (producer.commit_transaction() if is_committed else producer.abort_transaction())


def test_that_nobody_is_behind_is_no_answer_where_none_of_our_topics_is(bootstrap_servers: str, namespace: str) -> None:
    with pytest.raises(ClusterError, match="wrong namespace"):
        asyncio.run(look(bootstrap_servers, namespace))


def test_a_reader_that_commits_behind_its_last_record_has_no_lag_although_a_marker_follows(
    bootstrap_servers: str, namespace: str
) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"

    async def run() -> dict[str, Any]:
        await send_transactions(bootstrap_servers, topic, commits=(True, True))
        await commit(bootstrap_servers, group, topic, 3)
        return (await look(bootstrap_servers, namespace))[group]

    found = asyncio.run(run())

    [place] = [place for place in found["places"] if place["partition"] == 0]
    assert (place["offset"], place["end"], place["lag"], place["age_seconds"]) == (3, 4, 0, 0.0)


def test_what_was_undone_is_no_lag_and_what_is_written_behind_it_is(bootstrap_servers: str, namespace: str) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"

    async def run() -> list[int]:
        await send_transactions(bootstrap_servers, topic, commits=(True, False))
        await commit(bootstrap_servers, group, topic, 2)
        before = (await look(bootstrap_servers, namespace))[group]
        await send_transactions(bootstrap_servers, topic, commits=(True,))
        after = (await look(bootstrap_servers, namespace))[group]
        return [before["lag"], after["lag"]]

    assert asyncio.run(run()) == [0, 4]


def test_a_transaction_left_open_is_lag_of_unknown_age(bootstrap_servers: str, namespace: str) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"

    async def run() -> dict[str, Any]:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=f"{topic}-writer")
        async with producer:
            await producer.begin_transaction()
            await producer.send_and_wait(topic, b"work", partition=0)
            await commit(bootstrap_servers, group, topic, 0)
            found = (await look(bootstrap_servers, namespace))[group]
            await producer.abort_transaction()
        return found

    found = asyncio.run(run())

    assert (found["lag"], found["age_seconds"]) == (1, None)


def test_the_age_is_that_of_the_oldest_unread_record(bootstrap_servers: str, namespace: str) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"

    began = time.time()

    async def run() -> dict[str, Any]:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
            for seconds_ago in (300, 200, 100):
                at = int((began - seconds_ago) * 1000)
                await producer.send_and_wait(topic, b"work", partition=0, timestamp_ms=at)
        await commit(bootstrap_servers, group, topic, 1)
        return (await look(bootstrap_servers, namespace))[group]

    found = asyncio.run(run())

    assert found["lag"] == 2
    assert 200 <= found["age_seconds"] <= 200 + time.time() - began + 0.001


def test_a_group_that_reads_and_never_committed_has_all_unread_and_is_named(
    bootstrap_servers: str, namespace: str
) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"

    async def run() -> dict[str, Any]:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
            await producer.send_and_wait(topic, b"work", partition=1)
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap_servers, group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        while len(consumer.assignment()) < PARTITIONS:
            await consumer.getmany(timeout_ms=100)
        found = (await look(bootstrap_servers, namespace))[group]
        await consumer.stop()
        return found

    found = asyncio.run(run())

    assert (found["lag"], found["uncommitted"], found["members"]) == (1, 1, 1)
    assert [place["offset"] for place in found["places"]] == [None] * PARTITIONS


def test_records_that_were_taken_before_they_were_read_are_lost_and_no_longer_lag(
    bootstrap_servers: str, namespace: str
) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"

    async def run() -> dict[str, Any]:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
            for _ in range(10):
                await producer.send_and_wait(topic, b"work", partition=0)
        await commit(bootstrap_servers, group, topic, 2)
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
        await admin.start()
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=7)})
        await admin.close()
        return (await look(bootstrap_servers, namespace))[group]

    found = asyncio.run(run())

    assert (found["lost"], found["lag"]) == (5, 3)


def test_the_monitor_tells_of_a_group_that_was_deleted_and_shows_its_lag_no_more(
    bootstrap_servers: str, namespace: str
) -> None:
    create_topics(bootstrap_servers, namespace)
    topic, group, names = f"{namespace}-center-work-electronics", f"{namespace}-desk", TopicNames(namespace)

    async def run() -> tuple[list[str], list[str], list[str]]:
        watched = Watched(bootstrap_servers, names.of("none"), names.sources, watched_topics(names), ANY)
        monitor = AlwaysActive(watched, tuple, {})
        await commit(bootstrap_servers, group, topic, 0)
        await monitor.look_once()
        assert monitor.report is not None
        before = [found.name for found in monitor.report.groups]
        await delete_group(bootstrap_servers, group)
        for _ in range(2):  # missing once, it may only not be loaded yet
            await monitor.look_once()
        report = monitor.report
        await monitor.on_stop()
        return before, [found.name for found in report.groups], list(report.gone)

    before, after, gone = asyncio.run(run())

    assert group in before
    assert group not in after
    assert gone == [group]


class AlwaysActive(LagMonitor):
    """A monitor without a worker around it."""

    @property
    def is_active(self) -> bool:
        return True


async def delete_group(bootstrap_servers: str, group: str) -> None:
    from aiokafka.protocol.admin import DeleteGroupsRequest  # noqa: PLC0415 - for this test alone

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        node = await admin.find_coordinator(group)
        answer = await admin._send_request(DeleteGroupsRequest([group]), node)
        assert [code for _name, code in answer.results] == [0]
    finally:
        await admin.close()
