"""A Center's inbox on a real broker: nothing lost, the position past transaction markers, repeats with one id."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.centers.consumption import Start
from streams.centers.decisions import Decisions
from streams.centers.errors import InvalidDecision, MissingTopic, OutOfReach
from streams.centers.inbox import Delivery, Inbox, UnreadableWork, WorkFilter
from streams.contract.codec import Codec
from streams.contract.models import EntrySummarySnapshot, WorkItem
from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from tests.unit.centers.work import item_bytes, snapshot_bytes

pytestmark = pytest.mark.broker

CODEC: Final = Codec()
PARTITIONS: Final = 3
CENTER: Final = "electronics"
GROUP: Final = "desk"
PATIENCE_SECONDS: Final = 120.0


@pytest.fixture
def topic(bootstrap_servers: str, namespace: str) -> str:
    """Create a Center's topics, and name the one with its work."""
    wanted = {f"{namespace}-center-work-{CENTER}", f"{namespace}-center-decision-{CENTER}"}
    topics = [one for one in scaled(load_topics(), namespace=namespace, partitions=PARTITIONS) if one.name in wanted]
    asyncio.run(apply_topics(bootstrap_servers, topics))
    return f"{namespace}-center-work-{CENTER}"


async def write(bootstrap_servers: str, topic: str, values: Sequence[bytes], *, aborted: bool = False) -> None:
    """Write values in one transaction, as the processor does; value n goes to partition n modulo 3."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=f"{topic}-writer")
    await producer.start()
    try:
        await producer.begin_transaction()
        for number, value in enumerate(values):
            await producer.send_and_wait(topic, value, key=b"12-3456789", partition=number % PARTITIONS)
        await (producer.abort_transaction() if aborted else producer.commit_transaction())
    finally:
        await producer.stop()


async def lag(bootstrap_servers: str, topic: str, group: str) -> dict[int, int | None]:
    """Return how far a group's commits are behind the end of each partition, None where it has none."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await admin.start()
    await consumer.start()
    try:
        committed = await admin.list_consumer_group_offsets(group)
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        ends = await consumer.end_offsets(partitions)
        offsets = {one: committed[one].offset if one in committed else None for one in partitions}
        return {one.partition: None if (at := offsets[one]) is None else ends[one] - at for one in partitions}
    finally:
        await consumer.stop()
        await admin.close()


async def until_no_lag(bootstrap_servers: str, topic: str, group: str) -> None:
    """Wait until a group has committed everything."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while set((await lag(bootstrap_servers, topic, group)).values()) != {0}:  # noqa: ASYNC110 - the broker has no event to wait for
            await asyncio.sleep(0.2)


def numbers(deliveries: Sequence[Delivery]) -> list[int]:
    """Return the numbers of which the ids of work items were made."""
    return [int(one.body.work_id.rpartition("-")[2], 16) for one in deliveries if isinstance(one.body, WorkItem)]


def inbox(bootstrap_servers: str, namespace: str, **settings: Any) -> Inbox:
    """Return an inbox of the test's Center."""
    return Inbox(CENTER, bootstrap_servers=bootstrap_servers, namespace=namespace, **settings)


async def take(box: Inbox, count: int) -> list[Delivery]:
    """Take some deliveries; the last one is not confirmed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [await anext(box) for _ in range(count)]


def test_work_comes_typed_and_in_the_order_of_each_partition(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    values = [item_bytes(number) for number in range(30)]

    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, values)
        async with inbox(bootstrap_servers, namespace, follow=False) as box:
            return [delivery async for delivery in box]

    deliveries = asyncio.run(read())

    assert sorted(numbers(deliveries)) == list(range(30))
    for partition in range(PARTITIONS):
        of_partition = [delivery for delivery in deliveries if delivery.place.partition == partition]
        assert numbers(of_partition) == list(range(partition, 30, PARTITIONS))
        assert {delivery.place.topic for delivery in of_partition} == {topic}


def test_lag_reaches_zero_behind_transaction_markers_and_aborted_work(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    async def read() -> tuple[int, dict[int, int | None]]:
        await write(bootstrap_servers, topic, [item_bytes(number) for number in range(6)])
        await write(bootstrap_servers, topic, [item_bytes(number) for number in range(50, 56)], aborted=True)
        async with inbox(bootstrap_servers, namespace, group=f"{namespace}-{GROUP}", follow=False) as box:
            seen = [delivery async for delivery in box]
            following = asyncio.create_task(anext(box, None))
            await until_no_lag(bootstrap_servers, topic, f"{namespace}-{GROUP}")
            box.stop()
            await following
        return len(seen), await lag(bootstrap_servers, topic, f"{namespace}-{GROUP}")

    assert asyncio.run(read()) == (6, dict.fromkeys(range(PARTITIONS), 0))


def test_an_idle_inbox_commits_past_markers_that_come_later(bootstrap_servers: str, namespace: str, topic: str) -> None:
    group = f"{namespace}-{GROUP}"

    async def read() -> None:
        async with inbox(bootstrap_servers, namespace, group=group) as box:
            waiting = asyncio.create_task(anext(box))
            await until_no_lag(bootstrap_servers, topic, group)
            await write(bootstrap_servers, topic, [b"never seen"] * PARTITIONS, aborted=True)
            await until_no_lag(bootstrap_servers, topic, group)
            assert not waiting.done()
            await write(bootstrap_servers, topic, [item_bytes(1)])
            assert numbers([await waiting]) == [1]
            await box.commit()
            assert (await lag(bootstrap_servers, topic, group))[0] == 2

    asyncio.run(read())


def test_an_item_that_was_not_confirmed_comes_again(bootstrap_servers: str, namespace: str, topic: str) -> None:
    settings = {"group": f"{namespace}-{GROUP}"}

    async def read() -> tuple[list[Delivery], list[Delivery]]:
        for number in (0, 7, 8):
            await write(bootstrap_servers, topic, [item_bytes(number)])
        async with inbox(bootstrap_servers, namespace, **settings) as box:
            first = await take(box, 2)
        async with inbox(bootstrap_servers, namespace, **settings) as box:
            second = await take(box, 2)
            second[-1].done()
        return first, second

    first, second = asyncio.run(read())

    assert numbers(first) == [0, 7]
    assert numbers(second) == [7, 8]
    assert first[1].place == second[0].place


def test_an_error_in_the_callers_hands_leaves_the_item_unconfirmed(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    settings = {"group": f"{namespace}-{GROUP}"}

    async def fail() -> None:
        async with inbox(bootstrap_servers, namespace, **settings) as box:
            async for _ in box:
                message = "the desk is on fire"
                raise RuntimeError(message)

    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, [item_bytes(4)])
        with pytest.raises(RuntimeError, match="on fire"):
            await fail()
        async with inbox(bootstrap_servers, namespace, **settings) as box:
            return await take(box, 1)

    assert numbers(asyncio.run(read())) == [4]


def test_items_confirmed_out_of_order_are_committed_up_to_the_first_open_one(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    group = f"{namespace}-{GROUP}"
    values = [item_bytes(number) for number in range(12)]

    async def read() -> tuple[list[Delivery], list[Delivery]]:
        await write(bootstrap_servers, topic, values)
        async with inbox(bootstrap_servers, namespace, group=group, explicit=True) as box:
            first = await take(box, 12)
            for delivery in first:
                if numbers([delivery]) != [3]:
                    delivery.done()
        async with inbox(bootstrap_servers, namespace, group=group, follow=False) as box:
            return first, [delivery async for delivery in box]

    first, second = asyncio.run(read())

    assert sorted(numbers(first)) == list(range(12))
    # 3 is the second record of partition 0: it and what follows it there come again, nothing else.
    assert numbers(second) == [3, 6, 9]


CRASHING_READER: Final = """
import asyncio, sys
from streams.centers.inbox import Inbox

async def main(servers, namespace, group):
    async with Inbox("electronics", bootstrap_servers=servers, namespace=namespace, group=group) as inbox:
        count = 0
        async for item in inbox:
            count += 1
            if count == 3:
                await inbox.commit()
            print(item.body.work_id, flush=True)
            if count == 3:
                await asyncio.sleep(3600)

asyncio.run(main(*sys.argv[1:]))
"""


def test_after_a_crash_of_the_reader_its_open_item_comes_again_with_the_same_id(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    group = f"{namespace}-{GROUP}"
    for number in range(5):
        asyncio.run(write(bootstrap_servers, topic, [item_bytes(number)]))
    arguments = [sys.executable, "-c", CRASHING_READER, bootstrap_servers, namespace, group]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        seen = [reader.stdout.readline().strip() for _ in range(3)]
        os.kill(reader.pid, signal.SIGKILL)

    async def read() -> list[str]:
        async with inbox(bootstrap_servers, namespace, group=group) as box:
            return [one.body.work_id for one in await take(box, 3) if isinstance(one.body, WorkItem)]

    again = asyncio.run(read())

    assert len(set(seen)) == 3
    assert again[0] == seen[2]
    assert set(again[1:]).isdisjoint(seen)


def test_a_change_of_members_loses_nothing_and_commits_nothing_unfinished(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    group = f"{namespace}-{GROUP}"
    values = [item_bytes(number) for number in range(60)]

    async def finish(box: Inbox, seen: list[int]) -> None:
        async for delivery in box:
            seen.extend(numbers([delivery]))

    async def read() -> tuple[list[int], list[int], list[int]]:
        await write(bootstrap_servers, topic, values)
        first_seen: list[int] = []
        second_seen: list[int] = []
        async with inbox(bootstrap_servers, namespace, group=group) as first:
            held = await take(first, 5)
            async with inbox(bootstrap_servers, namespace, group=group) as second:
                reading = asyncio.create_task(finish(second, second_seen))
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while not second_seen:  # noqa: ASYNC110 - a list has no event to wait for
                        await asyncio.sleep(0.1)
                rest = asyncio.create_task(finish(first, first_seen))
                await until_no_lag(bootstrap_servers, topic, group)
                first.stop()
                second.stop()
                await asyncio.gather(reading, rest)
        return numbers(held), first_seen, second_seen

    held, first_seen, second_seen = asyncio.run(read())

    assert set(held) | set(first_seen) | set(second_seen) == set(range(60))
    # The item that was in the first reader's hands when the group changed was not confirmed: it came again.
    assert held[-1] in {*first_seen, *second_seen}
    confirmed = set(held[:-1])
    assert confirmed.isdisjoint(second_seen)


def test_what_cannot_be_read_does_not_block(bootstrap_servers: str, namespace: str, topic: str) -> None:
    values = [item_bytes(0), b"", b"", b"junk \xff", b"", b"", item_bytes(6)]

    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, values)
        async with inbox(bootstrap_servers, namespace, follow=False) as box:
            return [delivery async for delivery in box if delivery.place.partition == 0]

    first, second, third = asyncio.run(read())

    assert numbers([first, third]) == [0, 6]
    assert isinstance(second.body, UnreadableWork)
    assert second.body.value == b"junk \xff"
    assert second.place.offset == 1


def test_filters_pass_over_what_is_not_wanted_and_commit_it(bootstrap_servers: str, namespace: str, topic: str) -> None:
    group = f"{namespace}-{GROUP}"
    values = [
        snapshot_bytes(100),
        item_bytes(1, ports=("3901",)),
        item_bytes(2, ports=("3901", "2704")),
        item_bytes(3, ports=("2704",), work_type="documents_required"),
    ]
    wanted = WorkFilter(ports=("2704",), work_types=("documents_required",), snapshots=False)

    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, values)
        async with inbox(bootstrap_servers, namespace, group=group, wanted=wanted, follow=False) as box:
            seen = [delivery async for delivery in box]
        assert set((await lag(bootstrap_servers, topic, group)).values()) == {0}
        return seen

    assert numbers(asyncio.run(read())) == [3]


def test_waiting_may_be_given_up_and_taken_up_again(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def read() -> list[Delivery]:
        seen: list[Delivery] = []
        async with inbox(bootstrap_servers, namespace) as box:
            with pytest.raises(TimeoutError):  # nothing is written yet, so that this wait is given up for sure
                await asyncio.wait_for(anext(box), 0.5)
            writing = asyncio.create_task(write(bootstrap_servers, topic, [item_bytes(number) for number in range(9)]))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(seen) < 9:
                    with contextlib.suppress(TimeoutError):
                        seen.append(await asyncio.wait_for(anext(box), 0.05))
            await writing
        return seen

    assert sorted(numbers(asyncio.run(read()))) == list(range(9))


def test_reading_from_the_end_shows_new_work_alone(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, [item_bytes(number) for number in range(3)])
        async with inbox(bootstrap_servers, namespace, start=Start.END) as box:
            coming = asyncio.create_task(anext(box))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not coming.done():  # the end is that of the moment at which it begins to read
                    await write(bootstrap_servers, topic, [snapshot_bytes(9)])
                    await asyncio.wait({coming}, timeout=1)
            return [await coming]

    (delivery,) = asyncio.run(read())

    assert isinstance(delivery.body, EntrySummarySnapshot)


@pytest.mark.parametrize("start", list(Start))
def test_a_group_behind_what_retention_took_goes_on_with_all_that_is_left(
    bootstrap_servers: str, namespace: str, topic: str, start: Start
) -> None:
    group = f"{namespace}-{GROUP}"

    async def trim(before: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
        await admin.start()
        try:
            await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=before)})
        finally:
            await admin.close()

    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, [item_bytes(1)])
        async with inbox(bootstrap_servers, namespace, group=group) as box:
            await take(box, 1)
            box.stop()
            await anext(box, None)
        for number in (2, 3, 4):
            await write(bootstrap_servers, topic, [item_bytes(number)])
        await trim(6)  # three transactions of a record and a marker each: the fourth is left
        async with inbox(bootstrap_servers, namespace, group=group, start=start) as box:
            return await take(box, 1)

    assert numbers(asyncio.run(read())) == [4]


def test_stop_ends_an_iteration_that_waits(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def read() -> list[Delivery]:
        await write(bootstrap_servers, topic, [item_bytes(1)])
        async with inbox(bootstrap_servers, namespace, group=f"{namespace}-{GROUP}") as box:
            seen = await take(box, 1)
            waiting = asyncio.create_task(anext(box, None))
            await until_no_lag(bootstrap_servers, topic, f"{namespace}-{GROUP}")
            box.stop()
            assert await asyncio.wait_for(waiting, PATIENCE_SECONDS) is None
            return seen

    assert numbers(asyncio.run(read())) == [1]


def test_a_missing_topic_and_a_broker_out_of_reach_are_one_sentence(bootstrap_servers: str) -> None:
    async def read(servers: str) -> None:
        async with Inbox(CENTER, bootstrap_servers=servers, namespace="nowhere"):
            pass

    with pytest.raises(MissingTopic, match="has no topic nowhere-center-work-electronics"):
        asyncio.run(read(bootstrap_servers))
    with pytest.raises(OutOfReach, match="no Kafka broker answers"):
        asyncio.run(read("127.0.0.1:1"))


def test_decisions_go_to_the_centers_own_topic_under_the_cases_account(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    decided = f"{namespace}-center-decision-{CENTER}"

    async def decide() -> list[tuple[bytes | None, str, dict[str, Any]]]:
        await write(bootstrap_servers, topic, [item_bytes(5)])
        async with inbox(bootstrap_servers, namespace) as box:
            (delivery,) = await take(box, 1)
        assert isinstance(delivery.body, WorkItem)
        async with Decisions(CENTER, bootstrap_servers=bootstrap_servers, namespace=namespace) as decisions:
            place = await decisions.answer(delivery.body, "work_taken", taken_by="desk 4")
            again = await decisions.answer(delivery.body, "work_taken", taken_by="desk 4")
            with pytest.raises(InvalidDecision, match="decided_on: is missing"):
                await decisions.answer(delivery.body, "work_decided", decision="approved")
            with pytest.raises(InvalidDecision, match="not a decision of a Center"):
                await decisions.send({"event_type": "entry_summary_deleted", **deletion})
        assert (place.topic, again.offset) == (decided, place.offset + 1)
        return await records_of(bootstrap_servers, decided, place.partition)

    records = asyncio.run(decide())

    assert [key for key, _, _ in records] == [b"12-3456789"] * 2
    assert records[0][2]["event_id"] == records[1][2]["event_id"]
    assert (records[0][1], records[0][2]["source"], records[0][2]["taken_by"]) == ("work_taken", CENTER, "desk 4")


deletion: Final = {
    "event_id": "00000000-0000-0000-0000-000000000001",
    "event_time": "2026-09-01T12:00:00Z",
    "entry_number": "B7603245278",
    "deleted_at": "2026-09-01T12:00:00Z",
}


async def records_of(
    bootstrap_servers: str, topic: str, partition: int
) -> list[tuple[bytes | None, str, dict[str, Any]]]:
    """Read one partition: key, record name and fields of each record."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        one = TopicPartition(topic, partition)
        consumer.assign([one])
        end = (await consumer.end_offsets([one]))[one]
        found: list[Any] = []
        while await consumer.position(one) < end:
            found.extend((await consumer.getmany(timeout_ms=500)).get(one, []))
        return [(record.key, *CODEC.decode(record.value)) for record in found]
    finally:
        await consumer.stop()
