"""A changelog that lost its beginning, or does not fit the journal, or has an end that is nobody's, on a real Kafka."""

import asyncio
import gc
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from streams.contract.requests import SetTopicConfigs
from streams.engine.config import EngineConfig
from streams.engine.continuity import JOURNAL_KEY, encode_place
from streams.engine.engine import Engine
from streams.engine.kafka.transaction import KafkaTransaction
from streams.engine.kafka.world import SystemClock
from streams.engine.resume import resume
from streams.engine.transaction import Plan, execute
from tests.unit.engine.hosting import (
    counts,
    create_topics,
    differences,
    expected_counts,
    publish,
    running,
    until,
    until_done,
    word_count_config,
)

LINES: list[bytes | None] = [b"port entry", b"port", b"entry line port", b"line"] * 50


@pytest.fixture
def config(bootstrap_servers: str, namespace: str, tmp_path: Path) -> EngineConfig:
    made = word_count_config(namespace, bootstrap_servers, tmp_path)
    asyncio.run(create_topics(made))
    return made


def reasons(engine: Engine) -> list[str]:
    """Return why each partition is halted, as far as it is."""
    return [task.halted.partition(":")[0] for task in engine.tasks if task.halted]


async def work_off(config: EngineConfig) -> None:
    """Let an engine that starts now work the lines off."""
    async with running(config) as engine:
        await publish(config, LINES)
        await until_done(config, engine)


async def cut_off(config: EngineConfig, topic: str) -> None:
    """Delete what a topic holds but its last record, which Kafka takes of a compacted one only with another policy.

    Beyond the last record lies the mark of its transaction; a store whose checkpoint is before that would have to halt
    if it were gone too: nobody could tell that it was only a mark.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=config.bootstrap_servers)
    await admin.start()
    try:
        client = admin._client
        await client.send(client.get_random_node(), SetTopicConfigs(topic, {"cleanup.policy": "delete"}))
        [described] = await admin.describe_topics([topic])
        places = [TopicPartition(topic, part["partition"]) for part in described["partitions"]]
        async with AIOKafkaConsumer(bootstrap_servers=config.bootstrap_servers) as consumer:
            ends = await consumer.end_offsets(places)
        await admin.delete_records({place: RecordsToDelete(end - 2) for place, end in ends.items()})
    finally:
        await admin.close()


def test_a_changelog_that_was_cut_off_is_no_matter_to_a_store_that_was_kept_and_halts_one_that_was_lost(
    config: EngineConfig,
) -> None:
    async def test() -> None:
        await work_off(config)
        await cut_off(config, config.changelog)
        await work_off(config)
        shutil.rmtree(config.state_dir / config.app_id)
        async with running(config) as engine:
            await until(lambda: len(engine.tasks) > 0 and len(reasons(engine)) == len(engine.tasks))
            assert set(reasons(engine)) == {"changelog-trimmed"}
        assert differences(await counts(config), expected_counts([*LINES, *LINES])) == {}

    asyncio.run(test())

    gc.collect()  # a connection that was forgotten without closing it would say so, which is an error here


async def claim_an_entry_that_is_not_there(config: EngineConfig, partition: int) -> None:
    """Let the state say that it was committed with a journal entry, of which the broker knows nothing."""
    transaction = KafkaTransaction(config, partition)
    plan = Plan(
        outputs={},
        offsets={},
        changelog=(config.changelog, partition),
        changes=[(JOURNAL_KEY, encode_place(1_000_000), ())],
        journal=(config.journal, partition),
        entry=None,
    )
    try:
        await transaction.start()
        await execute(transaction, plan, SystemClock(), 30.0)
    finally:
        await transaction.close()


def test_a_partition_whose_journal_lacks_what_its_state_was_committed_with_halts_until_it_is_resumed(
    config: EngineConfig,
) -> None:
    async def test() -> None:
        await work_off(config)
        await claim_an_entry_that_is_not_there(config, 1)
        async with running(config) as engine:
            await until(lambda: reasons(engine) == ["entry-lost"])
            await resume(config, 1)
            await publish(config, LINES)
            await until_done(config, engine)
            assert reasons(engine) == []
        assert differences(await counts(config), expected_counts([*LINES, *LINES])) == {}

    asyncio.run(test())


def test_a_changelog_that_somebody_left_open_halts_its_partition_until_it_is_ended(config: EngineConfig) -> None:
    hasty = replace(config, budgets=replace(config.budgets, transaction_timeout=2.0))

    async def test() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=config.bootstrap_servers, transactional_id=f"{config.app_id}-stranger"
        ) as stranger:
            await stranger.begin_transaction()
            await stranger.send_and_wait(config.changelog, b"undone", b"m/nothing", partition=0)
            async with running(hasty) as engine:
                await until(lambda: reasons(engine) == ["open-transaction"])
                await stranger.abort_transaction()
                await publish(config, LINES)
                await until_done(hasty, engine)
                assert reasons(engine) == []
        assert differences(await counts(config), expected_counts(LINES)) == {}

    asyncio.run(test())
