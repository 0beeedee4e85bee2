"""One contract for both worlds: what the simulator claims, the real Kafka does.

Each test runs twice, on the simulated broker and on a real one. If the simulator lied about transactions, fencing,
visibility, offsets or membership, its thousand schedules would prove nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Protocol

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.engine.config import Budgets, EngineConfig
from streams.engine.errors import Kind, StoreFault, TransientFault, kind_of
from streams.engine.kafka.membership import KafkaMembership
from streams.engine.kafka.world import KafkaWorld
from streams.engine.simulated.broker import Refused, SimBroker
from streams.engine.simulated.disk import SimDisk
from streams.engine.simulated.group import SimGroup, SimMembership
from streams.engine.simulated.loop import run_virtually
from streams.engine.simulated.network import HEALED, Network, Process
from streams.engine.simulated.schedule import all_topics
from streams.engine.simulated.world import Cluster, SimClock, SimWorld
from streams.engine.world import (
    Bounds,
    Change,
    Changed,
    Changelog,
    Checkpoint,
    Membership,
    Outgoing,
    Source,
    Transaction,
    World,
)

PARTITIONS = 2
LOOP = "loop"
"""A topic that is written in transactions and read as a source."""


class Harness(Protocol):
    """Runs a test's coroutine in a world of its own."""

    config: EngineConfig

    def run(self, test: Coroutine[Any, Any, None]) -> None: ...

    async def world(self, name: str = "w0") -> World: ...

    async def publish(self, topic: str, *values: bytes) -> None: ...

    def refuse(self) -> list[Outgoing]: ...

    async def trim(self, topic: str, offset: int) -> None: ...

    async def compact(self, topic: str) -> None: ...

    async def recreate(self, topic: str) -> None: ...


def config_for(prefix: str, bootstrap_servers: str, state_dir: Path) -> EngineConfig:
    return EngineConfig(
        app_id=f"{prefix}app",
        bootstrap_servers=bootstrap_servers,
        sources=(f"{prefix}event", f"{prefix}{LOOP}"),
        changelog=f"{prefix}state",
        journal=f"{prefix}journal",
        dead_letter=f"{prefix}dead",
        state_dir=state_dir,
        outputs=(f"{prefix}{LOOP}", f"{prefix}out"),
        budgets=Budgets(session=6.0, heartbeat=0.5, transaction_timeout=3.0, request=5.0),
    )


class Simulated:
    """The harness over the simulator."""

    def __init__(self, state_dir: Path) -> None:
        self.config = config_for("", "", state_dir)
        self._cluster: Cluster | None = None
        self._refusing = False

    def run(self, test: Coroutine[Any, Any, None]) -> None:
        run_virtually(test)

    async def world(self, name: str = "w0") -> World:
        return SimWorld(self._made(), Process(name), SimDisk(Random(0)))

    async def publish(self, topic: str, *values: bytes) -> None:
        for value in values:
            self._made().broker.publish((topic, 0), b"k", value)

    def refuse(self) -> list[Outgoing]:
        self._made().broker.refuse = lambda place: place[0] == self.config.outputs[1]
        return [(b"k", b"refused", ())]

    async def trim(self, topic: str, offset: int) -> None:
        self._made().broker.logs[(topic, 0)].trim(offset)

    async def compact(self, topic: str) -> None:
        self._made().broker.logs[(topic, 0)].compact()

    async def recreate(self, topic: str) -> None:
        for partition in range(PARTITIONS):
            self._made().broker.recreate((topic, partition))

    def _made(self) -> Cluster:
        if self._cluster is None:
            topics = dict.fromkeys(all_topics(self.config))
            broker = SimBroker(topics, PARTITIONS, Random(0), self.config.budgets.transaction_timeout)
            group = SimGroup(PARTITIONS, self.config.budgets.session)
            self._cluster = Cluster(self.config, Network(Random(0), HEALED, None), broker, group, SimClock())
        return self._cluster


class Real:
    """The harness over a real Kafka."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._worlds: list[World] = []

    def run(self, test: Coroutine[Any, Any, None]) -> None:
        asyncio.run(self._with_topics(test))

    async def world(self, name: str = "w0") -> World:
        world = KafkaWorld(replace(self.config, state_dir=self.config.state_dir / name))
        world._slot = replace(world._slot, instance_id=f"{self.config.app_id}-{name}")
        self._worlds.append(world)
        return world

    async def publish(self, topic: str, *values: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.config.bootstrap_servers) as producer:
            for value in values:
                await producer.send_and_wait(topic, value, b"k", partition=0)

    def refuse(self) -> list[Outgoing]:
        return [(b"k", Random(0).randbytes(2_000_000), ())]

    async def trim(self, topic: str, offset: int) -> None:
        admin = await self._admin()
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=offset)})
        await admin.close()

    async def compact(self, topic: str) -> None:
        """Let the broker want to compact, by its own time; only what lies behind a new segment is compacted."""
        admin = await self._admin()
        eager = {
            "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001",
            "max.compaction.lag.ms": "100",
        }  # fmt: skip
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, eager)])
        await admin.close()
        await asyncio.sleep(0.2)  # the segment is old enough to be closed by the next record
        await self.publish(topic, b"last")

    async def recreate(self, topic: str) -> None:
        admin = await self._admin()
        await admin.delete_topics([topic])
        while topic in await admin.list_topics():  # noqa: ASYNC110 - nobody tells when the broker has done it
            await asyncio.sleep(0.1)
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
        await admin.close()

    async def _admin(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.config.bootstrap_servers)
        await admin.start()
        return admin

    async def _with_topics(self, test: Coroutine[Any, Any, None]) -> None:
        admin = await self._admin()
        topics = dict.fromkeys(all_topics(self.config))
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in topics])
        await admin.close()
        try:
            await asyncio.wait_for(test, 60)
        finally:
            for world in self._worlds:
                world.close()


@pytest.fixture(params=["simulated", "real"])
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    if request.param == "simulated":
        yield Simulated(tmp_path)
        return
    bootstrap_servers: str = request.getfixturevalue("bootstrap_servers")
    namespace: str = request.getfixturevalue("namespace")
    yield Real(config_for(f"{namespace}-", bootstrap_servers, tmp_path))


async def started(world: World) -> Transaction:
    transaction = world.transaction(0)
    await transaction.start()
    return transaction


async def write(transaction: Transaction, topic: str, *values: bytes) -> int:
    """Write values and see them confirmed; returns the offset of the first."""
    writes = await transaction.append({(topic, 0): [(b"k", value, ()) for value in values]})
    return (await asyncio.gather(*writes))[0].offset


async def reader(world: World, config: EngineConfig) -> Source:
    source = world.source(0)
    await source.start()
    source.seek(dict.fromkeys(config.sources, 0))
    return source


async def read_all(source: Source, seconds: float = 1.0) -> list[bytes | None]:
    """Read until nothing came for a moment."""
    values: list[bytes | None] = []
    while fetched := await source.fetch(seconds):
        values.extend(record.value for item in fetched for record in item.records)
    return values


async def group_of(world: World) -> Membership:
    membership = world.membership()
    await membership.start()
    return membership


def kind_of_outcome(outcome: object) -> Kind | None:
    return kind_of(outcome) if isinstance(outcome, BaseException) else None


def test_what_a_transaction_wrote_is_seen_after_its_commit_and_not_before(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic = harness.config.sources[1]
        transaction, source = await started(world), await reader(world, harness.config)

        transaction.begin()
        await write(transaction, topic, b"a", b"b")
        before = await read_all(source)
        await transaction.commit()
        after = await read_all(source)

        assert (before, after) == ([], [b"a", b"b"])
        await source.close()
        await transaction.close()

    harness.run(test())


def test_what_was_aborted_is_never_seen_and_the_position_moves_past_it(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic = harness.config.sources[1]
        transaction, source = await started(world), await reader(world, harness.config)

        transaction.begin()
        await write(transaction, topic, b"a", b"b")
        await transaction.abort()

        assert await read_all(source) == []
        assert source.position(topic) == 3
        await source.close()
        await transaction.close()

    harness.run(test())


def test_a_marker_takes_an_offset_that_the_position_moves_past(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic = harness.config.sources[1]
        transaction, source = await started(world), await reader(world, harness.config)
        for value in (b"a", b"b"):
            transaction.begin()
            await write(transaction, topic, value)
            await transaction.commit()

        assert await read_all(source) == [b"a", b"b"]
        assert source.position(topic) == 4
        await source.close()
        await transaction.close()

    harness.run(test())


def test_a_new_holder_fences_the_old_one_and_its_open_work_is_undone(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic = harness.config.sources[1]
        old = await started(world)
        old.begin()
        await write(old, topic, b"from the old one")

        new = await started(world)
        new.begin()
        await write(new, topic, b"from the new one")
        await new.commit()
        (outcome,) = await asyncio.gather(old.commit(), return_exceptions=True)

        assert kind_of_outcome(outcome) is Kind.FENCED
        source = await reader(world, harness.config)
        assert await read_all(source) == [b"from the new one"]
        for closing in (source, old, new):
            await closing.close()

    harness.run(test())


def test_a_transaction_time_out_alone_fences_with_no_rival_about(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic = harness.config.sources[1]
        slow = await started(world)
        source = await reader(world, harness.config)
        slow.begin()
        await write(slow, topic, b"too late")

        # The broker ends it by itself: the record and the marker behind it are stable then.
        async with asyncio.timeout(harness.config.budgets.transaction_timeout + 40):
            while (await source.bounds())[topic].end < 2:  # noqa: ASYNC110 - nobody tells when the broker has done it
                await asyncio.sleep(0.2)
        (outcome,) = await asyncio.gather(slow.commit(), return_exceptions=True)

        assert kind_of_outcome(outcome) is Kind.FENCED
        again = await started(world)
        again.begin()
        await write(again, topic, b"in time")
        await again.commit()
        assert await read_all(source) == [b"in time"]
        for closing in (source, slow, again):
            await closing.close()

    harness.run(test())


def test_offsets_are_committed_with_the_transaction_and_only_then(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        event, topic = harness.config.sources
        membership, transaction = await group_of(world), await started(world)
        assert await membership.committed(0) == {}

        transaction.begin()
        await write(transaction, topic, b"a")
        await transaction.add_offsets({event: 3, topic: 5})
        await transaction.abort()
        aborted = await membership.committed(0)
        transaction.begin()
        await write(transaction, topic, b"a")
        await transaction.add_offsets({event: 4, topic: 6})
        await transaction.commit()
        new = await started(world)  # only a new holder knows that the markers are written

        assert aborted == {}
        assert await membership.committed(0) == {event: 4, topic: 6}
        assert await membership.committed(1) == {}
        await membership.close(leave=True)
        for closing in (transaction, new):
            await closing.close()

    harness.run(test())


def test_offsets_alone_are_a_transaction_too(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        event = harness.config.sources[0]
        membership, transaction = await group_of(world), await started(world)

        transaction.begin()
        await transaction.add_offsets({event: 7})
        await transaction.commit()
        new = await started(world)

        assert await membership.committed(0) == {event: 7}
        await membership.close(leave=True)
        for closing in (transaction, new):
            await closing.close()

    harness.run(test())


def test_the_stable_end_lies_before_an_open_transaction(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        event, topic = harness.config.sources
        await harness.publish(topic, b"before")
        transaction = await started(world)
        source = await reader(world, harness.config)

        transaction.begin()
        await write(transaction, topic, b"a")
        await harness.publish(topic, b"after")
        opened = await source.bounds()
        await transaction.commit()

        assert opened == {event: Bounds(0, 0), topic: Bounds(0, 1)}
        await until_async(source.bounds, {event: Bounds(0, 0), topic: Bounds(0, 4)})
        assert await read_all(source) == [b"before", b"a", b"after"]
        for closing in (source, transaction):
            await closing.close()

    harness.run(test())


def test_a_record_is_looked_at_by_its_offset_and_one_that_is_not_there_is_not(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        event, topic = harness.config.sources
        await harness.publish(event, b"0", b"1", b"2")
        transaction = await started(world)
        transaction.begin()
        await write(transaction, topic, b"a")
        await transaction.commit()
        again = await started(world)  # the marker is written now
        await harness.publish(topic, b"after the marker")
        source = world.source(0)
        await source.start()

        found = await source.peek({event: 1, topic: 1})
        source.seek(dict.fromkeys(harness.config.sources, 0))

        assert {name: record.value for name, record in found.items()} == {event: b"1"}
        assert sorted(value or b"" for value in await read_all(source)) == [b"0", b"1", b"2", b"a", b"after the marker"]
        for closing in (source, transaction, again):
            await closing.close()

    harness.run(test())


def test_what_is_not_connected_yet_or_any_more_is_not_asked(harness: Harness) -> None:
    """A halted partition once asked a source that it had not come to open, and took that for a broker that is away."""

    async def test() -> None:
        world = await harness.world()
        source, changelog = world.source(0), world.changelog(0)

        with pytest.raises(AssertionError):
            await source.bounds()
        with pytest.raises(AssertionError):
            await changelog.bounds()
        await source.start()
        await changelog.start()
        assert (await changelog.bounds(), len(await source.bounds())) == (Bounds(0, 0), 2)
        await source.close()
        await changelog.close()
        with pytest.raises(AssertionError):
            await source.fetch(0)
        with pytest.raises(AssertionError):
            await changelog.read(0)

    harness.run(test())


def test_letting_go_of_what_was_never_connected_or_twice_does_no_harm(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        source, changelog, transaction = world.source(0), world.changelog(0), world.transaction(0)

        for one in (source, changelog, transaction):
            await one.close()
        again = await started(world)
        await again.close()
        await again.close()

    harness.run(test())


def test_a_store_is_locked_by_its_own_process_until_it_is_closed(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        store = world.open_store(0)
        store.write([(b"t/a", b"1")], Checkpoint(1, 0))

        with pytest.raises(TransientFault) as caught:
            world.open_store(0)
        assert not isinstance(caught.value, StoreFault)  # nothing is wrong with what it holds
        world.discard_store(0)
        with pytest.raises(TransientFault):
            world.open_store(0)  # deleting the files does not help
        store.close()
        world.discard_store(0)  # what it still wrote while closing
        fresh = world.open_store(0)
        store.close()
        with pytest.raises(TransientFault):
            world.open_store(0)  # the first one's second closing is not the second one's

        assert fresh.get(b"t/a") is None
        fresh.close()

    harness.run(test())


def test_a_closed_store_says_so_whatever_it_is_asked(harness: Harness) -> None:
    async def test() -> None:
        store = (await harness.world()).open_store(0)
        store.write([(b"t/a", b"1"), (b"t/b", b"2")], Checkpoint(1, 0))
        store.close()

        with pytest.raises(StoreFault):
            store.get(b"t/a")
        with pytest.raises(StoreFault):
            list(store.scan(b"t/", None))
        with pytest.raises(StoreFault):
            store.write([(b"t/a", b"3")], Checkpoint(2, 0))
        with pytest.raises(StoreFault):
            store.loaded()

    harness.run(test())


def test_a_commit_succeeds_although_a_write_failed_so_every_write_must_be_seen(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic, refusing = harness.config.sources[1], harness.config.outputs[1]
        transaction = await started(world)

        transaction.begin()
        good = await transaction.append({(topic, 0): [(b"k", b"good", ())]})
        bad = await transaction.append({(refusing, 0): harness.refuse()})
        outcomes = await asyncio.gather(*good, *bad, return_exceptions=True)
        await transaction.commit()

        assert [isinstance(outcome, BaseException) for outcome in outcomes] == [False, True]
        assert isinstance(outcomes[1], Refused) or kind_of_outcome(outcomes[1]) is Kind.BUG
        source = await reader(world, harness.config)
        assert await read_all(source) == [b"good"]
        for closing in (source, transaction):
            await closing.close()

    harness.run(test())


def test_writes_to_one_partition_keep_their_order_over_many_batches(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        topic = harness.config.sources[1]
        transaction, source = await started(world), await reader(world, harness.config)
        values = [b"%05d" % number + b"x" * 1000 for number in range(1500)]

        transaction.begin()
        writes = await transaction.append({(topic, 0): [(b"k", value, ()) for value in values]})
        written = await asyncio.gather(*writes)
        await transaction.commit()

        assert len(written) > 1
        assert sum(batch.records for batch in written) == len(values)
        assert await read_all(source) == values
        for closing in (source, transaction):
            await closing.close()

    harness.run(test())


def test_the_changelog_is_read_from_any_offset_to_its_stable_end(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        transaction = await started(world)
        transaction.begin()
        first = await write(transaction, harness.config.changelog, b"1", b"2", b"3")
        await transaction.commit()
        again = await started(world)  # the markers are written now
        changelog = world.changelog(0)
        await changelog.start()

        bounds = await changelog.bounds()
        changelog.seek(first + 1)
        changes, at = [], first + 1
        while at < bounds.end:
            chunk = await changelog.read(1.0)
            changes += chunk.changes
            at = chunk.next_offset

        assert bounds == Bounds(0, 4)
        assert changes == [(b"k", b"2"), (b"k", b"3")]
        for closing in (changelog, transaction, again):
            await closing.close()

    harness.run(test())


async def changelog_of(world: World, transaction: Transaction, config: EngineConfig, *keys: bytes) -> Changelog:
    """Write a value under each key, and open the changelog."""
    transaction.begin()
    records: list[Outgoing] = [(key, b"%d" % number, ()) for number, key in enumerate(keys)]
    await asyncio.gather(*await transaction.append({(config.changelog, 0): records}))
    await transaction.commit()
    await (await started(world)).close()  # the markers are written now
    await transaction.close()
    changelog = world.changelog(0)
    await changelog.start()
    return changelog


def test_a_changelog_that_was_trimmed_says_so_and_is_not_read_from_before_its_start(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        changelog = await changelog_of(world, await started(world), harness.config, b"a", b"b", b"c")
        await harness.trim(harness.config.changelog, 2)

        assert (await changelog.bounds()).start == 2
        changelog.seek(0)
        assert await kind_of_failure(lambda: changelog.read(1.0)) is Kind.TRANSIENT
        await changelog.close()

    harness.run(test())


def test_a_compacted_changelog_keeps_the_newest_of_each_key_at_its_offset(harness: Harness) -> None:
    async def test() -> None:
        world = await harness.world()
        changelog = await changelog_of(world, await started(world), harness.config, b"a", b"b", b"a", b"c", b"a", b"b")
        await harness.compact(harness.config.changelog)

        async with asyncio.timeout(50):
            # The broker cleans when it likes.
            while b"0" in [value for _, value in await read_changelog(changelog)]:  # noqa: ASYNC110 - see above
                await asyncio.sleep(1.0)
        bounds = await changelog.bounds()
        assert [change for change in await read_changelog(changelog) if change[0] != b"k"] == [
            (b"c", b"3"), (b"a", b"4"), (b"b", b"5"),
        ]  # fmt: skip
        changelog.seek(5)
        assert (await changelog.read(1.0)).changes[:1] == [(b"b", b"5")]
        assert (bounds.start, bounds.end >= 7) == (0, True)
        await changelog.close()

    harness.run(test())


async def read_changelog(changelog: Changelog) -> list[Change]:
    bounds = await changelog.bounds()
    changelog.seek(bounds.start)
    changes: list[Change] = []
    at = bounds.start
    while at < bounds.end:
        chunk = await changelog.read(0.2)
        changes += chunk.changes
        at = chunk.next_offset
    return changes


def test_a_topic_that_was_made_anew_is_empty_has_no_such_offset_and_its_group_s_offset_is_gone(
    harness: Harness,
) -> None:
    async def test() -> None:
        world, topic = await harness.world(), harness.config.sources[0]
        await harness.publish(topic, b"1", b"2", b"3")
        transaction = await started(world)
        transaction.begin()
        await transaction.add_offsets({topic: 3})
        await transaction.commit()
        await transaction.close()
        group, source = await group_of(world), await reader(world, harness.config)
        assert await read_all(source) == [b"1", b"2", b"3"]
        await until_async(lambda: group.committed(0), {topic: 3})

        await harness.recreate(topic)

        assert await kind_of_failure(lambda: source.fetch(0.5)) is Kind.TRANSIENT
        assert (await source.bounds())[topic] == Bounds(0, 0)
        await until_async(lambda: group.committed(0), {})
        await source.close()
        await group.close(leave=True)

    harness.run(test())


async def kind_of_failure(ask: Callable[[], Awaitable[object]]) -> Kind:
    """Ask until it fails."""
    async with asyncio.timeout(40):
        while True:
            try:
                await ask()
            except Exception as error:  # noqa: BLE001 - each world has its own class; the kind is the same
                return kind_of(error)


async def until_async(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Ask until the answer is as wanted."""
    async with asyncio.timeout(20):
        while await ask() != wanted:  # noqa: ASYNC110 - nobody tells when the broker has done it
            await asyncio.sleep(0.2)


class Shares:
    """What a member was told."""

    def __init__(self) -> None:
        self.now: frozenset[int] = frozenset()
        self.breaks = 0

    def changed(self) -> Changed:
        def told(partitions: frozenset[int], unbroken: bool) -> None:  # noqa: FBT001 - the shape of `Changed`
            self.now = partitions
            self.breaks += not unbroken

        return told


async def until(condition: Any, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is awaited happens in Kafka, and nothing here is told of it
            await asyncio.sleep(0.05)


def test_two_members_divide_the_partitions_and_one_takes_over_when_the_other_leaves(harness: Harness) -> None:
    async def test() -> None:
        one, two = await group_of(await harness.world("w0")), await group_of(await harness.world("w1"))
        first, second = Shares(), Shares()
        one.join(first.changed())
        await until(lambda: first.now == {0, 1})
        two.join(second.changed())
        await until(lambda: (first.now, second.now) == (frozenset({0}), frozenset({1})))

        owns = [await member.owns(partition) for member in (one, two) for partition in (0, 1)]
        await two.close(leave=True)
        await until(lambda: first.now == {0, 1})

        assert owns == [True, False, False, True]
        assert (first.breaks, second.breaks) == (1, 1)
        await one.close(leave=True)

    harness.run(test())


def test_a_member_that_leaves_and_joins_again_is_told_of_the_break(harness: Harness) -> None:
    async def test() -> None:
        membership = await group_of(await harness.world())
        shares = Shares()
        membership.join(shares.changed())
        await until(lambda: shares.now == {0, 1})

        await membership.rejoin()
        await until(lambda: shares.breaks == 2)

        assert shares.now == {0, 1}
        await membership.close(leave=True)

    harness.run(test())


def test_a_member_that_was_not_told_of_a_division_is_told_of_a_break(harness: Harness) -> None:
    """In that one, another member may have had what is ours again in the next, and gone on with it."""

    async def test() -> None:
        one, two = await group_of(await harness.world("w0")), await group_of(await harness.world("w1"))
        first, second = Shares(), Shares()
        one.join(first.changed())
        await until(lambda: first.now == {0, 1})
        assert isinstance(one, (KafkaMembership, SimMembership))
        one._generation -= 1

        two.join(second.changed())
        await until(lambda: (first.now, second.now) == (frozenset({0}), frozenset({1})))

        assert first.breaks == 2
        for member in (one, two):
            await member.close(leave=True)

    harness.run(test())


def test_a_member_that_falls_silent_loses_its_partitions_after_its_session(harness: Harness) -> None:
    async def test() -> None:
        one, two = await group_of(await harness.world("w0")), await group_of(await harness.world("w1"))
        first, second = Shares(), Shares()
        one.join(first.changed())
        two.join(second.changed())
        await until(lambda: (first.now, second.now) == (frozenset({0}), frozenset({1})))

        await one.close(leave=False)
        await until(lambda: second.now == {0, 1})

        await two.close(leave=True)

    harness.run(test())


def test_partition_counts_name_only_topics_that_exist(harness: Harness) -> None:
    async def test() -> None:
        membership = await group_of(await harness.world())
        event = harness.config.sources[0]

        assert await membership.partition_counts([event, "no-such-topic"]) == {event: PARTITIONS}
        await membership.close(leave=True)

    harness.run(test())
