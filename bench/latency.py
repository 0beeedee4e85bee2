"""Latency: events at a steady rate, and when their work is visible to a Center that reads what is committed."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import candidates
from bench.arena import Arena
from bench.figures import Latency
from bench.load import Bytes
from bench.progress import measured
from bench.throughput import Say
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames, center_slugs

TICK_SECONDS = 0.005
DRAIN_SECONDS = 5.0
POLL_MS = 100


async def latency(arena: Arena, load: Sequence[Bytes], seconds: int, per_second: int, say: Say) -> Latency:
    """Let a worker work off the first part of a load, then send the rest at a steady rate and wait for its work."""
    live = seconds * per_second
    say(f"latency: {len(load) - live:,} events as history, then {per_second} a second for {seconds} s")
    names, target = await arena.filled("latency", load[:-live])
    with arena.folder("latency") as folder:
        worker = candidates.worker(arena.bootstrap, names, folder)
        try:
            await measured(arena.bootstrap, worker, target)
            return await _steady(arena, names, load[-live:], per_second)
        finally:
            worker.stop()
            await arena.drop(names)


async def _steady(arena: Arena, names: TopicNames, load: Sequence[Bytes], per_second: int) -> Latency:
    """Send and watch at the same time."""
    consumer = AIOKafkaConsumer(bootstrap_servers=arena.bootstrap, isolation_level="read_committed")
    producer = AIOKafkaProducer(bootstrap_servers=arena.bootstrap, acks="all", linger_ms=0)
    topics = [names.center_work(slug) for slug in center_slugs()]
    async with consumer, producer:
        consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(arena.partitions)])
        await consumer.seek_to_end()
        seen: dict[str, float] = {}
        watching = asyncio.create_task(_watch(consumer, seen))
        try:
            sent = await _send(producer, names, arena.partitions, load, per_second)
            await asyncio.sleep(DRAIN_SECONDS)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    return figures(sent, seen, per_second)


async def _watch(consumer: AIOKafkaConsumer, seen: dict[str, float]) -> None:
    """Note when the first record about each event is there."""
    codec = Codec()
    while True:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            now = time.monotonic()
            for record in records:
                _, fields = codec.decode(record.value)
                seen.setdefault(fields["caused_by"]["event_id"], now)


async def _send(
    producer: AIOKafkaProducer, names: TopicNames, partitions: int, load: Sequence[Bytes], per_second: int
) -> Mapping[str, float]:
    """Send a load at a steady rate; return when each event was handed to Kafka's client."""
    sent: dict[str, float] = {}
    start = time.monotonic()
    for number, record in enumerate(load):
        ahead = start + number / per_second - time.monotonic()
        if ahead > TICK_SECONDS:
            await asyncio.sleep(ahead)
        sent.setdefault(record.event_id, time.monotonic())
        partition = partition_for(record.key, partitions)
        await producer.send(names.of(record.source), record.value, key=record.key, partition=partition)
    await producer.flush()
    return sent


def figures(sent: Mapping[str, float], seen: Mapping[str, float], per_second: int) -> Latency:
    """Return the quantiles over all events that led to work."""
    found = sorted((seen[event_id] - at) * 1000 for event_id, at in sent.items() if event_id in seen)
    if not found:
        message = "no event of the steady phase led to work on a Center's topic"
        raise RuntimeError(message)
    return Latency(per_second, len(sent), len(found), _quantile(found, 0.5), _quantile(found, 0.99), found[-1])


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
