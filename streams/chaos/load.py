"""Load on the input topics for as long as a run lasts: the national sample, at a steady rate."""

import asyncio
import time
from collections.abc import Iterator
from itertools import count
from typing import Final

from aiokafka import AIOKafkaProducer

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.sample.events import SampleEvent
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters

TICK_SECONDS: Final = 0.1


class Load:
    """Publishes until told to stop; `acknowledged` counts what is safely in Kafka."""

    def __init__(  # noqa: PLR0913 - two by keyword
        self,
        bootstrap_servers: str,
        names: TopicNames,
        partitions: int,
        rate: int,
        parameters: SampleParameters,
        *,
        hot_share: float = 0.0,
        codec: Codec | None = None,
    ) -> None:
        """Prepare it; `hot_share` (0..1) of all events are of one importer, most of them repeats."""
        self.acknowledged = 0
        self.hot_partition = -1
        self._hot_share = hot_share
        self._servers = bootstrap_servers
        self._names = names
        self._partitions = partitions
        self._rate = rate
        self._parameters = parameters
        self._codec = codec or Codec()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish in small steps and see every one of them acknowledged; a broker that is away is waited for."""
        events = self._events()
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers, enable_idempotence=True, linger_ms=5, request_timeout_ms=120_000
        )
        await producer.start()
        try:
            due = time.monotonic()
            while not stop.is_set():
                sent = [await self._send(producer, next(events)) for _ in range(int(self._rate * TICK_SECONDS))]
                await asyncio.gather(*sent)
                self.acknowledged += len(sent)
                due = max(due + TICK_SECONDS, time.monotonic() - 1.0)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        finally:
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, event: SampleEvent) -> "asyncio.Future[object]":
        value = event.raw if event.raw is not None else self._codec.encode(event.name, event.fields)
        topic = "headquarters-decision" if event.name == "placement_set" else "entry-summary-event"
        sent: asyncio.Future[object] = await producer.send(
            self._names.of(topic), value, key=event.key, partition=partition_for(event.key, self._partitions)
        )
        return sent

    def _events(self) -> Iterator[SampleEvent]:
        """Yield the sample; when it is through, once more: repeats have to change nothing."""
        for _ in count():
            events = iter(NationalSample(self._parameters).events())
            yield from self._heated(events) if self._hot_share else events

    def _heated(self, events: Iterator[SampleEvent]) -> Iterator[SampleEvent]:
        """Mix in the first importer's event again and again."""
        hot = next(event for event in events if event.name == "entry_summary_accepted")
        self.hot_partition = partition_for(hot.key, self._partitions)
        owed = 0.0
        for event in events:
            yield event
            owed += self._hot_share / (1 - self._hot_share)
            while owed >= 1:
                owed -= 1
                yield hot
