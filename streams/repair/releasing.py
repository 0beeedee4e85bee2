"""Release held accounts and wait for the answer: the one way, for `cee release` and `cee dlq replay` alike."""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.contract.provision import ClusterError
from streams.engine.config import EngineConfig
from streams.engine.held import Answer, AnswerReader
from streams.engine.resume import release
from streams.processor.engine_config import engine_config
from streams.repair.letters import Letter
from streams.repair.resolving import Cluster

ANSWER_SECONDS: Final = 60.0
_POLL_MS: Final = 500


class Account(NamedTuple):
    """A record key, and a partition in which it may be held."""

    partition: int
    key: bytes


class Released(NamedTuple):
    """What came of a wish: the answer, None where nobody gave one in time, and how many records were processed."""

    account: Account
    answer: Answer | None
    records: int


def accounts_of(waiting: Iterable[Letter]) -> list[Account]:
    """Return the accounts with which letters wait, in the order of their first letter."""
    found = (Account(letter.source.partition, letter.key) for letter in waiting if letter.key is not None)
    return list(dict.fromkeys(found))


async def release_accounts(
    cluster: Cluster, accounts: Sequence[Account], patience: float = ANSWER_SECONDS
) -> list[Released]:
    """Ask for each account in turn and wait for the answer; stop at one that is not released.

    The wish stands in the changelog whether or not a worker runs; asked twice, it is done once. Raises
    `ClusterError`.
    """
    config = engine_config(cluster.names, cluster.application, cluster.bootstrap_servers, cluster.client)
    done = []
    for account in accounts:
        try:
            done.append(await _released(config, account, patience))
        except (KafkaError, TimeoutError, OSError) as error:
            message = (
                f"Kafka did not confirm it ({type(error).__name__}): see with `cee dlq list --reason held` what waits"
            )
            raise ClusterError(message) from error
        if done[-1].answer not in {Answer.RELEASED, Answer.NOT_HELD}:
            break
    return done


async def _released(config: EngineConfig, account: Account, patience: float) -> Released:
    reader = AnswerReader(account.key)
    async with _changelog_from_here(config, account.partition) as consumer:
        await release(config, account.partition, account.key)
        give_up = time.monotonic() + patience
        while time.monotonic() < give_up:
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                answer = reader.take((record.key, record.value) for record in records)
                if answer is not None:
                    return Released(account, answer, reader.processed)
    return Released(account, None, reader.processed)


@asynccontextmanager
async def _changelog_from_here(config: EngineConfig, partition: int) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a reader of what is written to the changelog from now on."""
    settings: dict[str, Any] = {**config.client}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=config.bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="none",
        enable_auto_commit=False,
        **settings,
    )
    await consumer.start()
    try:
        place = TopicPartition(config.changelog, partition)
        consumer.assign([place])
        consumer.seek(place, (await consumer.end_offsets([place]))[place])
        yield consumer
    finally:
        await consumer.stop()
