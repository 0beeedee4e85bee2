"""The load of all measurements: the national sample as bytes, and how it gets into the source topics."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames, load_topics
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters

EVENTS_PER_SUMMARY: Final = 5.7
"""A little fewer than there are: a sample has at least the events that it was asked for."""
BATCH_BYTES: Final = 512 * 1024
IN_FLIGHT: Final = 16


class Bytes(NamedTuple):
    """One event as it lies in Kafka; `source` is the topic's name without namespace."""

    source: str
    key: bytes
    value: bytes
    event_id: str
    name: str


def sample_of(events: int, seed: str = "bench") -> Iterator[Bytes]:
    """Yield the events of a national sample that has at least this many, encoded, in order of publication."""
    codec = Codec()
    sources = {record: topic.name for topic in load_topics() for record in topic.records}
    scale = Fraction(round(events / EVENTS_PER_SUMMARY) + 1, SampleParameters().summaries)
    for event in NationalSample(SampleParameters(scale=scale, seed=seed)).events():
        value = codec.encode(event.name, event.fields)
        yield Bytes(sources[event.name], event.key, value, str(event.fields["event_id"]), event.name)


async def fill(bootstrap: str, names: TopicNames, partitions: int, load: Iterable[Bytes]) -> int:
    """Publish a load as it is, as fast as it goes, and return how many records of it went to the main source."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0, max_request_size=2 * 1024 * 1024)
    await producer.start()
    main = names.of("entry-summary-event")
    batches: dict[tuple[str, int], Any] = {}
    waiting: deque[asyncio.Future[Any]] = deque()
    count = 0

    async def ship(place: tuple[str, int]) -> None:
        topic, partition = place
        waiting.append(await producer.send_batch(batches.pop(place), topic, partition=partition))
        while len(waiting) > IN_FLIGHT:
            await waiting.popleft()

    try:
        for record in load:
            place = (names.of(record.source), partition_for(record.key, partitions))
            count += place[0] == main
            batch = batches.get(place) or batches.setdefault(place, producer.create_batch())
            if batch.append(key=record.key, value=record.value, timestamp=None) is None:
                await ship(place)
                batches[place] = producer.create_batch()
                assert batches[place].append(key=record.key, value=record.value, timestamp=None)
        for place in list(batches):
            await ship(place)
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()
    return count
