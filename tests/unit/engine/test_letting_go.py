"""Letting go of Kafka's client comes to its end, also when it is cancelled on the way."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.engine.config import EngineConfig
from streams.engine.kafka.client import let_go
from streams.engine.kafka.sender import OnceSender
from streams.engine.kafka.transaction import KafkaTransaction

NOWHERE = "127.0.0.1:1"
CONFIG = EngineConfig("app", NOWHERE, ("event",), "state", "journal", "dead-letter", Path())


async def forever() -> None:
    await asyncio.Event().wait()


async def cancelled_after(steps: int, closing: "asyncio.Future[None]") -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_producer_whose_close_is_cancelled_sends_nothing_any_more(steps: int) -> None:
    """Its sender went on by itself, and with it whatever it still had to send."""

    async def test() -> None:
        transaction = KafkaTransaction(CONFIG, 0)
        producer = transaction._producer = AIOKafkaProducer(transactional_id="app-0", bootstrap_servers=NOWHERE)
        sender = transaction._sender = OnceSender(
            producer.client, acks=-1, txn_manager=producer._txn_manager, retry_backoff_ms=50,
            message_accumulator=producer._message_accumulator, request_timeout_ms=1000,
        )  # fmt: skip
        sender._sender_task = asyncio.ensure_future(forever())

        await cancelled_after(steps, asyncio.ensure_future(transaction.close()))

        assert sender._sender_task.done()

    asyncio.run(test())


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_consumer_whose_close_is_cancelled_still_forgets_what_it_fetched(steps: int) -> None:
    async def test() -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=NOWHERE)
        fetched = {"place": object()}
        consumer._fetcher = type("Fetcher", (), {"_records": fetched, "close": staticmethod(forever)})()

        await cancelled_after(steps, asyncio.ensure_future(let_go(consumer)))
        async with asyncio.timeout(5.0):
            while fetched:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

    asyncio.run(test())
