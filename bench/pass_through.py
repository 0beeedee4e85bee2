"""The floor of what can be had: raw aiokafka reads batches and writes the same bytes to another topic.

No decoding, no state, no transaction; batches are built as the worker builds its own, and committed once they are
written. Used as `python -m bench.pass_through BOOTSTRAP SOURCE TARGET GROUP`.
"""

import asyncio
import contextlib
import signal
import sys
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

BATCH_RECORDS: Final = 2_000
BATCH_BYTES: Final = 512 * 1024
POLL_MS: Final = 200


async def pass_through(bootstrap: str, source: str, target: str, group: str) -> None:
    """Copy until cancelled."""
    consumer = AIOKafkaConsumer(
        source,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=BATCH_BYTES)
    async with consumer, producer:
        while True:
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS)
            sent: list[Any] = []
            for place, records in found.items():
                sent += await copied(producer, target, place.partition, records)
            await asyncio.gather(*sent)
            if found:
                await consumer.commit()


async def copied(producer: AIOKafkaProducer, target: str, partition: int, records: list[Any]) -> list[Any]:
    """Hand over one partition's records in as few batches as they fit in."""
    sent = []
    batch = producer.create_batch()
    for record in records:
        if batch.append(key=record.key, value=record.value, timestamp=None) is None:
            sent.append(await producer.send_batch(batch, target, partition=partition))
            batch = producer.create_batch()
            batch.append(key=record.key, value=record.value, timestamp=None)
    sent.append(await producer.send_batch(batch, target, partition=partition))
    return sent


async def main() -> None:
    """Copy until a signal."""
    task = asyncio.create_task(pass_through(*sys.argv[1:]))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    asyncio.run(main())
