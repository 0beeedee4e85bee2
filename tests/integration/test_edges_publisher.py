"""The publisher on a real broker: order, places, refusals, and what happens when the broker goes away."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.models import parse_event
from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from streams.local.broker import LocalBroker
from streams.local.java import SOUND_KAFKA
from streams.ports.errors import InvalidEvent, MissingTopic, NotDelivered, OutOfReach
from streams.ports.publisher import Published, Publisher, Refused

from . import test_edges_spool as spool

pytestmark = pytest.mark.broker

PARTITIONS: Final = 4
PATIENCE_SECONDS: Final = 120.0
CODEC: Final = Codec()


def paid(number: int, importer: int = 0) -> dict[str, Any]:
    """Return an event about an importer as a JSON line holds it."""
    return {
        "event_type": "entry_summary_paid",
        "event_id": str(uuid.UUID(int=number)),
        "event_time": "2026-09-01T12:00:00Z",
        "source": "2720",
        "entry_number": "B7603245278",
        "importer_of_record": f"12-{importer:07d}",
        "paid_on": "2026-09-01",
        "amount_cents": number,
    }


def rules(version: str) -> dict[str, Any]:
    """Return a version of the rules."""
    return {
        "event_type": "rules_version",
        "event_id": str(uuid.uuid4()),
        "event_time": "2026-09-01T12:00:00Z",
        "source": "headquarters",
        "version": version,
        "effective_on": "2026-09-01",
    }


@pytest.fixture
def topic(bootstrap_servers: str, namespace: str) -> str:
    """Create the topics that a publisher writes to, and name the first."""
    provide(bootstrap_servers, namespace)
    return f"{namespace}-entry-summary-event"


def provide(bootstrap_servers: str, namespace: str) -> None:
    """Create the topics that a publisher writes to."""
    wanted = {f"{namespace}-entry-summary-event", f"{namespace}-headquarters-decision"}
    topics = [one for one in scaled(load_topics(), namespace=namespace, partitions=PARTITIONS) if one.name in wanted]
    asyncio.run(apply_topics(bootstrap_servers, topics))


async def contents(bootstrap_servers: str, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    """Read a topic from beginning to end, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: dict[TopicPartition, list[Any]] = {partition: [] for partition in partitions}
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for partition, batch in (await consumer.getmany(timeout_ms=500)).items():
                records[partition].extend(batch)
        return [record for partition in partitions for record in records[partition]]
    finally:
        await consumer.stop()


def test_a_published_event_is_where_its_place_says(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def publish() -> Published:
        async with Publisher(bootstrap_servers, namespace=namespace) as publisher:
            await publisher.publish(paid(1))
            return await publisher.publish(paid(2))

    before = time.time() * 1000
    published = asyncio.run(publish())
    records = asyncio.run(contents(bootstrap_servers, topic))

    place = published.place
    assert published.event_id == str(uuid.UUID(int=2))
    assert (place.topic, place.offset) == (topic, 1)
    assert place.partition == partition_for(b"12-0000000", PARTITIONS)
    assert before - 2000 < place.timestamp_ms < time.time() * 1000 + 2000
    (record,) = [record for record in records if record.offset == 1]
    name, fields = CODEC.decode(record.value)
    assert (name, fields["amount_cents"], record.key) == ("entry_summary_paid", 2, b"12-0000000")
    assert record.timestamp == place.timestamp_ms


def test_events_of_an_importer_stay_in_their_order(bootstrap_servers: str, namespace: str, topic: str) -> None:
    events = [paid(number, importer=number % 7) for number in range(3000)]

    async def publish() -> list[Published | Refused]:
        async with Publisher(bootstrap_servers, namespace=namespace, in_flight=200, linger_ms=5) as publisher:
            return [outcome async for outcome in publisher.publish_many(events)]

    outcomes = asyncio.run(publish())
    records = asyncio.run(contents(bootstrap_servers, topic))

    assert [outcome.position for outcome in outcomes] == list(range(3000))
    assert len({record.partition for record in records}) > 1
    by_importer: dict[bytes, list[int]] = {}
    for record in records:
        by_importer.setdefault(record.key, []).append(CODEC.decode(record.value)[1]["amount_cents"])
    assert all(numbers == sorted(numbers) for numbers in by_importer.values())
    assert sum(map(len, by_importer.values())) == 3000


def test_an_event_that_is_not_valid_is_refused_with_all_its_faults(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    wrong = paid(1) | {"entry_number": "B7603245270", "paid_on": "2026-02-30", "source": "nowhere 1"}
    false_digit = parse_event(paid(2) | {"entry_number": "B7603245270"})

    async def publish() -> tuple[list[Published | Refused], InvalidEvent]:
        async with Publisher(bootstrap_servers, namespace=namespace) as publisher:
            outcomes = [one async for one in publisher.publish_many([paid(0), wrong, false_digit, paid(3)])]
            with pytest.raises(InvalidEvent) as refused:
                await publisher.publish(wrong)
            return outcomes, refused.value

    outcomes, refused = asyncio.run(publish())

    assert [type(outcome) for outcome in outcomes] == [Published, Refused, Refused, Published]
    assert {fault.path for fault in refused.faults} == {"entry_number", "paid_on", "source"}
    assert isinstance(outcomes[2], Refused)
    assert outcomes[2].faults[0].wrong == "B76-0324527 has check digit 8, not 0"
    assert len(asyncio.run(contents(bootstrap_servers, topic))) == 2


def test_a_filer_with_leave_may_use_its_own_check_digits(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def publish() -> Published:
        async with Publisher(bootstrap_servers, namespace=namespace, offsets={"B76": {2}}) as publisher:
            return await publisher.publish(paid(1) | {"entry_number": "B7603245270"})

    assert asyncio.run(publish()).place.topic == topic


def test_rules_go_into_every_partition(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def publish() -> Published:
        async with Publisher(bootstrap_servers, namespace=namespace) as publisher:
            return await publisher.publish(rules("policy-2"))

    published = asyncio.run(publish())
    records = asyncio.run(contents(bootstrap_servers, f"{namespace}-headquarters-decision"))

    assert topic not in published.place.topic
    assert [record.partition for record in records] == list(range(PARTITIONS))
    assert len({record.value for record in records}) == 1


def test_a_decision_of_a_center_is_not_published_by_ports(bootstrap_servers: str, namespace: str, topic: str) -> None:
    taken = {
        "event_type": "work_taken", "event_id": str(uuid.uuid4()), "event_time": "2026-09-01T12:00:00Z",
        "source": "electronics", "account_key": "12-3456789", "case_id": str(uuid.uuid4()), "assignment": 1,
    }  # fmt: skip

    async def publish() -> None:
        async with Publisher(bootstrap_servers, namespace=namespace) as publisher:
            await publisher.publish(taken)

    with pytest.raises(InvalidEvent, match="work_taken is not published"):
        asyncio.run(publish())
    assert asyncio.run(contents(bootstrap_servers, topic)) == []


def test_a_missing_topic_is_one_sentence(bootstrap_servers: str) -> None:
    async def publish() -> None:
        async with Publisher(bootstrap_servers, namespace="nowhere") as publisher:
            await publisher.publish(paid(1))

    with pytest.raises(MissingTopic, match="has no topic nowhere-entry-summary-event"):
        asyncio.run(publish())


def test_a_broker_out_of_reach_is_one_sentence() -> None:
    async def publish() -> None:
        async with Publisher("127.0.0.1:1"):
            pass

    with pytest.raises(OutOfReach, match=r"no Kafka broker answers at 127\.0\.0\.1:1"):
        asyncio.run(publish())


def test_a_cancelled_publisher_closes_and_what_was_handed_over_arrives(
    bootstrap_servers: str, namespace: str, topic: str
) -> None:
    async def publish(handed_over: asyncio.Event) -> None:
        async with Publisher(bootstrap_servers, namespace=namespace, linger_ms=100) as publisher:

            async def endless() -> AsyncIterator[dict[str, Any]]:
                for number in range(10):
                    yield paid(number)
                handed_over.set()
                await asyncio.Event().wait()

            async for _ in publisher.publish_many(endless()):
                pass

    async def cancelled() -> None:
        handed_over = asyncio.Event()
        task = asyncio.create_task(publish(handed_over))
        await asyncio.wait_for(handed_over.wait(), PATIENCE_SECONDS)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

    assert len(asyncio.run(contents(bootstrap_servers, topic))) == 10


@pytest.fixture(scope="module")
def private_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """Start a broker that tests may kill."""
    with LocalBroker(tmp_path_factory.mktemp("own"), version=SOUND_KAFKA) as broker:
        provide(broker.bootstrap_servers, "own")
        yield broker


@pytest.fixture
def own_broker(private_broker: LocalBroker) -> Iterator[LocalBroker]:
    """Give a broker that the test may kill, and bring it back for the next one."""
    yield private_broker
    if private_broker.pid is None:
        private_broker.start()


def test_a_broker_that_is_killed_and_comes_back_loses_and_doubles_nothing(own_broker: LocalBroker) -> None:
    events = [paid(number, importer=number % 5) for number in range(4000)]
    bootstrap_servers = own_broker.bootstrap_servers

    async def restart() -> None:
        await asyncio.to_thread(own_broker.kill)
        await asyncio.to_thread(own_broker.start)

    async def publish() -> int:
        done = 0
        async with Publisher(bootstrap_servers, namespace="own", in_flight=500, linger_ms=5) as publisher:
            restarting: asyncio.Task[None] | None = None
            async for outcome in publisher.publish_many(slowly(events)):
                done += isinstance(outcome, Published)
                if done == 1000:
                    restarting = asyncio.create_task(restart())
            assert restarting is not None
            await restarting
        return done

    assert asyncio.run(publish()) == 4000

    records = asyncio.run(contents(bootstrap_servers, "own-entry-summary-event"))
    by_importer: dict[bytes, list[int]] = {}
    for record in records:
        by_importer.setdefault(record.key, []).append(CODEC.decode(record.value)[1]["amount_cents"])
    assert sorted(number for numbers in by_importer.values() for number in numbers) == list(range(4000))
    assert all(numbers == sorted(numbers) for numbers in by_importer.values())


def test_a_broker_that_is_killed_under_a_spool_and_comes_back_loses_and_doubles_nothing(
    own_broker: LocalBroker, namespace: str, tmp_path: Path
) -> None:
    count = 30_000
    spool.provide(own_broker.bootstrap_servers, namespace)
    port = spool.Port(tmp_path / "spool", own_broker.bootstrap_servers, namespace, count)
    process = port.start("nowhere")
    assert process.stdout is not None
    process.stdout.readline()
    own_broker.kill()
    own_broker.start()

    # Kafka may have been out of reach at the last attempt: what is left is sent by the next run.
    assert port.follow(process) == 0
    port.acknowledged = count
    assert port.follow(port.start("nowhere")) == 0

    spool.check(own_broker.bootstrap_servers, namespace, count)


async def slowly(events: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    """Hand events over a few at a time, so that a broker can go away in the midst of them."""
    for number, event in enumerate(events):
        if number % 50 == 0:
            await asyncio.sleep(0.01)
        yield event


def test_a_broker_that_stays_away_ends_in_the_names_of_what_is_not_safe(own_broker: LocalBroker) -> None:
    handed_over: list[int] = []

    def handing_over() -> Iterator[dict[str, Any]]:
        for number in range(50):
            handed_over.append(number)
            yield paid(100 + number)

    async def publish() -> NotDelivered:
        async with Publisher(own_broker.bootstrap_servers, namespace="own", delivery_seconds=10) as publisher:
            assert len([one async for one in publisher.publish_many(paid(number) for number in range(100))]) == 100
            await asyncio.to_thread(own_broker.kill)
            with pytest.raises(NotDelivered) as failed:
                await asyncio.wait_for(anext(publisher.publish_many(handing_over())), PATIENCE_SECONDS)
        return failed.value

    failed = asyncio.run(publish())

    assert failed.positions == tuple(handed_over)
    assert "no broker confirmed it within 10 s" in str(failed)


def test_a_models_event_is_published_as_the_same_bytes(bootstrap_servers: str, namespace: str, topic: str) -> None:
    async def publish() -> None:
        async with Publisher(bootstrap_servers, namespace=namespace) as publisher:
            await publisher.publish(paid(1))
            await publisher.publish(parse_event(paid(1)))
            await publisher.publish(json.loads(json.dumps(paid(1))))

    asyncio.run(publish())
    records = asyncio.run(contents(bootstrap_servers, topic))

    assert len(records) == 3
    assert len({record.value for record in records}) == 1
    assert CODEC.decode(records[0].value)[1]["event_time"] == int(
        datetime(2026, 9, 1, 12, tzinfo=UTC).timestamp() * 1000
    )
