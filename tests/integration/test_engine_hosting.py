"""What an application that is hosted on a real Kafka sees."""

import asyncio
import struct
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.record.util import calc_crc32c

from streams.engine.api import InvalidRecord, NotReady, Outbox, SourceRecord, State, Table
from streams.engine.config import DeadLetterLimits, EngineConfig
from streams.engine.dead_letter import OFFSET, REASON
from streams.engine.engine import Engine
from streams.engine.errors import ConfigurationError
from streams.engine.journal import JournalEntry, JsonJournalCodec
from streams.engine.listener import Listener
from streams.engine.resume import release, resume
from tests.unit.engine.hosting import (
    Commits,
    counts,
    create_topics,
    differences,
    expected_counts,
    publish,
    published,
    running,
    until,
    until_done,
    word_count_config,
)
from tests.unit.engine.word_count import COUNTS, WordCount


@pytest.fixture
def config(bootstrap_servers: str, namespace: str, tmp_path: Path) -> EngineConfig:
    made = word_count_config(namespace, bootstrap_servers, tmp_path)
    asyncio.run(create_topics(made))
    return made


LINES: list[bytes | None] = [b"port entry", b"port", b"entry line port", b"line"] * 50


def test_words_are_counted_and_can_be_looked_up(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config) as engine:
            await publish(config, LINES)
            await until_done(config, engine)
            assert engine.read(0, COUNTS, b"port") == 100
            assert engine.read(1, COUNTS, b"no such word") is None
            assert list(engine.scan(1, COUNTS)) == [(b"line", 50), (b"port", 50)]
            with pytest.raises(KeyError):
                engine.read(2, COUNTS, b"port")
        assert differences(await counts(config), expected_counts(LINES)) == {}

    asyncio.run(test())


def test_a_dead_letter_is_published_in_the_transaction_of_its_batch(config: EngineConfig) -> None:
    async def test() -> None:
        commits = Commits()
        lines = [*LINES, None, None, *LINES]
        async with running(config, listener=commits) as engine:
            await publish(config, lines)
            await until_done(config, engine)
        assert differences(await counts(config), expected_counts(lines)) == {}
        dead = await published(config, config.dead_letter)
        assert sorted((record.partition, dict(record.headers)[OFFSET]) for record in dead) == [(0, b"100"), (1, b"100")]
        assert [(record.key, record.value, dict(record.headers)[REASON]) for record in dead] == [
            (b"key", None, b"no-line")
        ] * 2
        assert sum(commit.dead_letters.get("no-line", 0) for commit in commits.all) == 2
        assert sum(commit.outcomes.get("counted", 0) for commit in commits.all) == len(LINES) * 2
        assert sum(commit.outputs.get(config.outputs[0], 0) for commit in commits.all) == len(LINES) * 2 * 7 // 4

    asyncio.run(test())


class Fragile(WordCount):
    """Breaks at the word `bomb` until it is mended."""

    is_mended = False

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        outcome = super().process(record, now, state, out)
        if not self.is_mended and b"bomb" in (record.value or b""):
            raise ZeroDivisionError
        return outcome


def halted(engine: Engine, partition: int = 0) -> str:
    return next((task.halted for task in engine.tasks if task.partition == partition and task.phase == "halted"), "")


def test_after_three_failures_at_a_record_of_nobody_its_partition_halts_and_the_others_go_on(
    config: EngineConfig,
) -> None:
    async def test() -> None:
        commits = Commits()
        async with running(config, Fragile(config.outputs[0]), commits) as engine:
            await publish(config, [b"port", b"port", b"bomb", b"port", b"line", b"line"], keys=[None])
            await until(lambda: halted(engine))
            await until(
                lambda: any(task.partition == 1 and task.phase == "idle" and not task.lag for task in engine.tasks)
            )
            assert halted(engine).startswith("unexpected-exception: the processor failed 3 times")
            assert "--dead-letter 1" in halted(engine)
            assert commits.restarts == ["bug", "bug"]
        # Whoever owns it next knows, without trying three times again.
        again = Commits()
        async with running(config, Fragile(config.outputs[0]), again) as engine:
            await until(lambda: halted(engine))
            assert again.restarts == []
        assert await counts(config) == {(0, b"port"): [1], (1, b"port"): [1, 2], (1, b"line"): [1]}

    asyncio.run(test())


class Waiting(WordCount):
    """Cannot take the word `late` before it is let, nor let time pass while it is told so."""

    is_ready = False

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        outcome = super().process(record, now, state, out)
        if not self.is_ready and b"late" in (record.value or b""):
            message = "waiting for the word late"
            raise NotReady(message)
        return outcome


def test_a_record_that_is_not_ready_is_waited_for_as_long_as_it_takes_and_the_others_go_on(
    config: EngineConfig,
) -> None:
    config = replace(config, budgets=replace(config.budgets, not_ready=0.1))

    async def test() -> None:
        commits, waiting = Commits(), Waiting(config.outputs[0])
        async with running(config, waiting, commits) as engine:
            await publish(config, [b"port", b"port", b"late", b"port", b"line", b"line"])
            # More often than a bug may show itself: it is not one.
            await until(lambda: commits.restarts.count("transient") > config.limits.attempts_at_one_offset)
            await until(
                lambda: any(task.partition == 1 and task.phase == "idle" and not task.lag for task in engine.tasks)
            )
            assert set(commits.restarts) == {"transient"}
            waiting.is_ready = True
            await until_done(config, engine)
        assert await published(config, config.dead_letter) == []
        assert await counts(config) == {
            (0, b"port"): [1], (0, b"late"): [1], (0, b"line"): [1], (1, b"port"): [1, 2], (1, b"line"): [1],
        }  # fmt: skip

    asyncio.run(test())


def test_a_halted_partition_is_resumed_with_the_record_in_the_dead_letters(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config, Fragile(config.outputs[0])) as engine:
            await publish(config, [b"port", b"x", b"bomb", b"x", b"line", b"x"], keys=[None])
            await until(lambda: halted(engine))
            await resume(config, 0, 7)
            await until(lambda: "asked to resume with offset 7" in halted(engine))
            await resume(config, 0, 1)
            await until_done(config, engine)
        dead = await published(config, config.dead_letter)
        assert [(record.value, dict(record.headers)[REASON]) for record in dead] == [(b"bomb", b"condemned")]
        assert await counts(config) == {(0, b"port"): [1], (0, b"line"): [1], (1, b"x"): [1, 2, 3]}

    asyncio.run(test())


def test_a_halted_partition_is_resumed_after_the_processor_was_mended(config: EngineConfig) -> None:
    async def test() -> None:
        fragile = Fragile(config.outputs[0])
        async with running(config, fragile) as engine:
            await publish(config, [b"bomb", b"x", b"bomb"], keys=[None])
            await until(lambda: halted(engine))
            fragile.is_mended = True
            await resume(config, 0)
            await until_done(config, engine)
        assert await published(config, config.dead_letter) == []
        assert await counts(config) == {(0, b"bomb"): [1, 2], (1, b"x"): [1]}

    asyncio.run(test())


def test_an_account_with_a_bug_is_held_and_its_release_gives_the_same_end_as_if_it_had_never_been(
    config: EngineConfig,
) -> None:
    lines = [b"port", b"x", b"one", b"x", b"bomb", b"x", b"port", b"x", b"two", b"x", b"port three", b"x"]
    keys = [b"a", b"x", b"b", b"x", b"a", b"x", b"b", b"x", b"a", b"x", b"a", b"x"]

    async def test() -> None:
        fragile, commits = Fragile(config.outputs[0]), Commits()
        async with running(config, fragile, commits) as engine:
            await publish(config, lines, keys=keys)
            await until_done(config, engine)
            assert commits.restarts == ["bug"] * 3
            assert [task.held for task in engine.tasks] == [1, 0]
            assert (await counts(config))[(0, b"port")] == [1, 2]
            # A release before the processor is mended changes nothing.
            await release(config, 0, b"a")
            await until(lambda: commits.restarts.count("bug") == 4)
            await until_done(config, engine)
            assert engine.tasks[0].held == 1
        # Whoever owns it next knows, without trying again.
        again = Commits()
        async with running(config, fragile, again) as engine:
            await publish(config, [b"port", b"x", b"four", b"x"], keys=[b"a"])
            await until_done(config, engine)
            assert (again.restarts, engine.tasks[0].held) == ([], 1)
            fragile.is_mended = True
            await release(config, 0, b"a")
            await until(lambda: not engine.tasks[0].held)
            await until_done(config, engine)
            await publish(config, [b"port", b"x"], keys=[b"a"])
            await until_done(config, engine)
        dead = await published(config, config.dead_letter)
        held = [b"bomb", b"two", b"port three", b"port", b"four"]
        assert [(record.key, record.value, dict(record.headers)[REASON]) for record in dead] == [
            (b"a", value, b"held") for value in held
        ]
        found = await counts(config)
        assert {word: found[(0, word)] for word in (b"port", b"bomb", b"two", b"three", b"four")} == {
            b"port": [1, 2, 3, 4, 5], b"bomb": [1], b"two": [1], b"three": [1], b"four": [1],
        }  # fmt: skip

    asyncio.run(test())


def test_an_account_whose_waiting_record_is_gone_from_its_topic_stays_held_and_all_others_go_on(
    config: EngineConfig,
) -> None:
    async def test() -> None:
        fragile = Fragile(config.outputs[0])
        async with running(config, fragile) as engine:
            await publish(config, [b"bomb", b"x", b"port", b"x"], keys=[b"a", b"x", b"b", b"x"])
            await until_done(config, engine)
            assert engine.tasks[0].held == 1
            admin = AIOKafkaAdminClient(bootstrap_servers=config.bootstrap_servers)
            await admin.start()
            await admin.delete_records({TopicPartition(config.sources[0], 0): RecordsToDelete(before_offset=1)})
            await admin.close()
            fragile.is_mended = True
            await release(config, 0, b"a")
            await publish(config, [b"port", b"x", b"port", b"x"], keys=[b"b", b"x", b"a", b"x"])
            async with asyncio.timeout(60):
                while (await counts(config)).get((0, b"port")) != [1, 2]:  # noqa: ASYNC110 - the task is fenced first
                    await asyncio.sleep(0.2)
            await until_done(config, engine)
            assert engine.tasks[0].held == 1
        dead = await published(config, config.dead_letter)
        assert [(record.key, record.value) for record in dead] == [(b"a", b"bomb"), (b"a", b"port")]

    asyncio.run(test())


class Newer(WordCount):
    """The next version: its values are written in another layout, and the former one is still read."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        del now
        for word in (record.value or b"").split():
            count = (state.get(NEWER_COUNTS, word) or 0) + 1
            state.put(NEWER_COUNTS, word, count)
            out.send(self._counts, word, b"%d" % count)
        return "counted"


NEWER_COUNTS: Table[int] = Table(
    COUNTS.prefix, lambda count: b"v2:%d" % count, lambda data: int(data.removeprefix(b"v2:"))
)


def test_state_of_the_former_layout_is_read_and_each_value_is_brought_up_when_it_is_next_written(
    config: EngineConfig,
) -> None:
    raw: Table[bytes] = Table(COUNTS.prefix, bytes, bytes)

    async def test() -> None:
        async with running(config) as engine:
            await publish(config, [b"port entry", b"x"] * 3)
            await until_done(config, engine)
        async with running(config, Newer(config.outputs[0])) as engine:
            await publish(config, [b"port", b"x"])
            await until_done(config, engine)
            assert dict(engine.scan(0, raw)) == {b"port": b"v2:4", b"entry": b"3"}
            assert dict(engine.scan(0, NEWER_COUNTS)) == {b"port": 4, b"entry": 3}
        assert (await counts(config))[(0, b"port")] == [1, 2, 3, 4]

    asyncio.run(test())


def test_many_held_accounts_halt_the_partition(config: EngineConfig) -> None:
    config = replace(config, limits=replace(config.limits, held_accounts=2))

    async def test() -> None:
        async with running(config, Fragile(config.outputs[0])) as engine:
            await publish(config, [b"bomb", b"x"] * 3, keys=[b"a", b"x", b"b", b"x", b"c", b"x"])
            await until(lambda: halted(engine))
            assert halted(engine).startswith("held-accounts-limit: ")
            assert "2 accounts are held already" in halted(engine)
            await until(lambda: engine.tasks[1].phase == "idle" and not engine.tasks[1].lag)

    asyncio.run(test())


def test_a_flood_of_dead_letters_halts_the_partition_under_its_next_owner_too_until_a_person_lets_it_pass(
    config: EngineConfig, tmp_path: Path
) -> None:
    limits = replace(config.limits, dead_letters=DeadLetterLimits(max_consecutive=10, max_share=1.0))
    few = replace(config, limits=limits)
    elsewhere = replace(few, state_dir=tmp_path / "elsewhere")

    async def test() -> None:
        async with running(few) as first:
            await publish(few, [b"port", b"x"])
            await until_done(few, first)
            await publish(few, [None, b"x"] * 50)
            await until(lambda: halted(first))
            assert halted(first).startswith("dead-letter-limit: 11 dead letters in a row, the limit is 10")
            assert "no-line 11" in halted(first)
            await until(lambda: first.tasks[1].positions.get(few.sources[0]) == 51)
            async with running(elsewhere) as second:
                await until(lambda: len(first.tasks) == len(second.tasks) == 1)
                await first.stop(leave=True)
                # Another worker, without a store, takes both over: one stands for the same reason, the other goes on.
                await until(lambda: halted(second))
                assert halted(second).startswith("dead-letter-limit: 11 dead letters in a row")
                await publish(few, [None, b"x"])
                await until(lambda: len(second.tasks) == 2 and second.tasks[1].positions.get(few.sources[0], 0) >= 52)
                assert await published(few, few.dead_letter) == []
                assert (await counts(few))[(1, b"x")] == list(range(1, 53))
                # One word of a person lets all of the flood pass, but not the next one.
                await resume(few, 0)
                await until_done(few, second)
                assert len(await published(few, few.dead_letter)) == 51
                await publish(few, [b"port", b"x", *[None, b"x"] * 11])
                await until(lambda: halted(second))
        assert len(await published(few, few.dead_letter)) == 51

    asyncio.run(test())


async def delete_group(config: EngineConfig) -> None:
    client = AIOKafkaClient(bootstrap_servers=config.bootstrap_servers)
    await client.bootstrap()
    node = await client.coordinator_lookup(CoordinationType.GROUP, config.app_id)
    response = await client.send(node, DeleteGroupsRequest([config.app_id]))
    assert [code for _, code in response.results] == [0]
    await client.close()


def test_after_the_group_was_deleted_it_goes_on_from_its_own_position(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config) as engine:
            await publish(config, LINES)
            await until_done(config, engine)
        await delete_group(config)
        async with running(config) as engine:
            await publish(config, LINES)
            await until_done(config, engine)
        assert differences(await counts(config), expected_counts([*LINES, *LINES])) == {}

    asyncio.run(test())


def test_a_source_that_was_recreated_halts_its_partitions_and_says_so(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config) as engine:
            await publish(config, LINES)
            await until_done(config, engine)
        admin = AIOKafkaAdminClient(bootstrap_servers=config.bootstrap_servers)
        await admin.start()
        await admin.delete_topics([config.sources[0]])
        while config.sources[0] in await admin.list_topics():  # noqa: ASYNC110 - nobody tells when the broker has done it
            await asyncio.sleep(0.1)
        await create_topics(replace(config, sources=config.sources[:1], outputs=()))
        await admin.close()
        await publish(config, [b"other"] * 300)
        async with running(config) as engine:
            await until(lambda: halted(engine, 0) and halted(engine, 1))
            assert halted(engine).startswith("other-records: ")
        assert differences(await counts(config), expected_counts(LINES)) == {}

    asyncio.run(test())


def test_lag_reaches_zero_on_a_source_that_is_written_in_transactions(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config) as engine:
            producer = AIOKafkaProducer(
                bootstrap_servers=config.bootstrap_servers, transactional_id=f"{config.app_id}-in"
            )
            async with producer:
                for keep in (True, False, True):
                    await producer.begin_transaction()
                    await producer.send_and_wait(config.sources[1], b"port", b"k", partition=0)
                    await (producer.commit_transaction() if keep else producer.abort_transaction())
            await until_done(config, engine)
            assert engine.tasks[0].positions[config.sources[1]] == 6
        assert await counts(config) == {(0, b"port"): [1, 2]}

    asyncio.run(test())


def test_the_journal_tells_every_range_in_the_order_of_processing(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config) as engine:
            await publish(config, LINES)
            await publish(config, LINES[:20], topic=config.sources[1])
            await until_done(config, engine)
        entries: list[JournalEntry] = [
            JsonJournalCodec().decode(record.value)
            for record in await published(config, config.journal)
            if record.partition == 0
        ]
        assert entries[0].kind == "start"
        for topic, count in ((config.sources[0], 100), (config.sources[1], 10)):
            spans = [span for entry in entries for span in entry.ranges if span.topic == topic]
            assert [span.first for span in spans] == [0, *(span.stop for span in spans[:-1])]
            assert sum(span.records for span in spans) == spans[-1].stop == count

    asyncio.run(test())


def test_under_load_everything_is_closed_within_the_budget_for_stopping(
    config: EngineConfig, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        commits = Commits()
        await publish(config, LINES * 100)
        async with running(config, listener=commits):
            await until(lambda: commits.records() > 1_000)

    asyncio.run(test())

    assert "could be closed" not in caplog.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ("no-such-topic",)}, "these topics do not exist: no-such-topic"),
        ({"bootstrap_servers": "127.0.0.1:1"}, "no Kafka broker answers at 127.0.0.1:1"),
    ],
)
def test_what_is_wrong_around_it_is_said_in_one_sentence(
    config: EngineConfig, change: dict[str, str], said: str
) -> None:
    async def test() -> None:
        wrong = replace(config, **change)  # type: ignore[arg-type]  # the rows are typed by their field
        engine = Engine(wrong, WordCount(), JsonJournalCodec(), Listener())
        with pytest.raises(ConfigurationError, match=said):
            await engine.start()

    asyncio.run(test())


def test_topics_with_unequal_partition_counts_are_refused(config: EngineConfig) -> None:
    async def test() -> None:
        odd = replace(config, sources=(f"{config.app_id}-odd",), outputs=())
        await create_topics(
            replace(
                odd, changelog=f"{config.app_id}-c", journal=f"{config.app_id}-j", dead_letter=f"{config.app_id}-d"
            ),
            partitions=3,
        )
        engine = Engine(odd, WordCount(), JsonJournalCodec())
        with pytest.raises(ConfigurationError, match=r"odd has 3 partitions, but .*-state has 2"):
            await engine.start()

    asyncio.run(test())


def test_a_journal_without_the_broker_s_time_is_refused(config: EngineConfig, namespace: str) -> None:
    async def test() -> None:
        # The letters' topic stands in for a journal that was created without a thought for its timestamps.
        wrong = replace(config, journal=f"{namespace}-letter", sources=config.sources[:1])
        engine = Engine(wrong, WordCount(config.outputs[0]), JsonJournalCodec())
        await engine.start()
        with pytest.raises(ConfigurationError, match=r"message\.timestamp\.type=LogAppendTime"):
            await engine.wait()
        await engine.stop(leave=True)

    asyncio.run(test())


class Careless(WordCount):
    """Sends what no topic takes at the word `big`, and where there is no partition at the word `away`."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        if record.value == b"big":
            out.send(self._counts, b"big", Random(0).randbytes(2_000_000))
        if record.value == b"away":
            out.send(self._counts, b"away", b"", partition=77)
        return super().process(record, now, state, out)


@pytest.mark.parametrize(("word", "error"), [(b"big", "MessageSizeTooLargeError"), (b"away", "AssertionError")])
def test_what_kafka_refuses_for_good_halts_the_partition_at_the_record_to_blame(
    config: EngineConfig, word: bytes, error: str
) -> None:
    async def test() -> None:
        async with running(config, Careless(config.outputs[0])) as engine:
            await publish(config, [b"port", b"x", b"port", b"x", word, b"x", b"port", b"x"], keys=[None])
            await until(lambda: halted(engine))
            assert f"offset 2 with {error}" in halted(engine)
        assert (await counts(config))[(0, b"port")] == [1, 2]

    asyncio.run(test())


async def publish_with_a_header_that_is_not_text(config: EngineConfig, partition: int) -> int:
    """Publish a record whose header's name is no UTF-8, as clients in C can; return its offset."""
    async with AIOKafkaProducer(bootstrap_servers=config.bootstrap_servers) as producer:
        builder = producer.create_batch()
        builder.append(key=b"key", value=b"strange", timestamp=None, headers=[("name", b"")])
        data = bytearray(builder._build())
        data[data.index(b"name") : data.index(b"name") + 4] = b"\xff\xfe\xfd\xfc"
        struct.pack_into(">I", data, 17, calc_crc32c(bytes(data[21:])))
        builder._buffer = bytes(data)
        written = await producer.send_batch(builder, config.sources[0], partition=partition)
        offset: int = (await written).offset
        return offset


async def delete_records_before(config: EngineConfig, partition: int, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=config.bootstrap_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(config.sources[0], partition): RecordsToDelete(offset)})
    await admin.close()


def test_a_record_that_cannot_be_taken_apart_halts_its_partition_until_it_is_taken_out_of_its_topic(
    config: EngineConfig,
) -> None:
    """The task started again for ever, with a stack trace each time."""

    async def test() -> None:
        async with running(config) as engine:
            await publish(config, LINES)
            await until_done(config, engine)
            strange = await publish_with_a_header_that_is_not_text(config, 0)
            await publish(config, LINES)
            await until(lambda: halted(engine))
            assert halted(engine).startswith("unexpected-failure: the program failed 3 times outside the processor")
            assert f"no further than {config.sources[0]} offset {strange}" in halted(engine)
            await delete_records_before(config, 0, strange + 1)
            await resume(config, 0)
            await until_done(config, engine)
        assert differences(await counts(config), expected_counts([*LINES, *LINES])) == {}

    asyncio.run(test())


class Checked(WordCount):
    """Refuses a word after it has counted it."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        outcome = super().process(record, now, state, out)
        if record.value == b"forbidden port":
            reason = "forbidden"
            raise InvalidRecord(reason, "this word may not be counted")
        return outcome


def test_what_an_invalid_record_counted_is_not_counted(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config, Checked(config.outputs[0])) as engine:
            await publish(config, [b"port", b"x", b"forbidden port", b"x", b"port", b"x"])
            await until_done(config, engine)
            assert engine.read(0, COUNTS, b"forbidden") is None
            assert engine.read(0, COUNTS, b"port") == 2
        assert (await counts(config))[(0, b"port")] == [1, 2]

    asyncio.run(test())
