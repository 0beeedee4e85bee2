"""Publish the national sample: through the port publisher, and the wrong records past it as a careless client would."""

import json
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.demo.batch import is_fit, write_batch
from streams.ports.publisher import Publisher, Refused
from streams.ports.publishing import Run
from streams.ports.sources import Answers, abi_items
from streams.sample.events import SampleEvent
from streams.sample.export import as_json, is_publishable
from streams.sample.national import NationalSample

BATCH_ON: Final = date(2026, 3, 2)
BATCH_MS: Final = int(datetime(BATCH_ON.year, BATCH_ON.month, BATCH_ON.day, 12, tzinfo=UTC).timestamp() * 1000)
FALSE_DIGIT: Final = re.compile(r"^\S+ has check digit .*")  # else each false check digit were a reason of its own
LARGEST_BYTES: Final = 4 * 1024 * 1024


@dataclass(slots=True)
class Published:
    """What was published so far. `refused` counts what the publisher did not take, by field and fault."""

    events: int = 0
    careless: int = 0
    batch: dict[str, int] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    is_done: bool = False


class Where(NamedTuple):
    """Addresses of Kafka and of the registry ("" for none), the registry's codec, and how clients log in to Kafka."""

    bootstrap_servers: str
    registry: str
    codec: Codec
    client: Mapping[str, Any]


class SamplePublisher:
    """Publishes a sample from one port publisher and one client that checks nothing."""

    def __init__(self, sample: NationalSample, where: Where, names: TopicNames, directory: Path) -> None:
        self.published = Published()
        self._sample = sample
        self._where = where
        self._names = names
        self._directory = directory
        self._faulty: dict[str, SampleEvent] = {}
        self._past: deque[SampleEvent] = deque()
        self._for_batch: deque[dict[str, Any]] = deque(maxlen=60)
        self._codec = where.codec

    async def run(self) -> None:
        """Publish everything in the order of the sample, an ABI batch where its day comes."""
        careless = AIOKafkaProducer(
            bootstrap_servers=self._where.bootstrap_servers,
            linger_ms=20,
            max_request_size=LARGEST_BYTES,
            **self._where.client,
        )
        try:
            await careless.start()
            async with self._publisher() as publisher:
                await self._publish_all(publisher, careless)
        finally:
            await careless.stop()
        self.published.is_done = True

    def _publisher(self) -> Publisher:
        servers, registry, _, client = self._where
        return Publisher(servers, namespace=self._names.namespace, registry=registry, client=client)

    async def _publish_all(self, publisher: Publisher, careless: AIOKafkaProducer) -> None:
        events = self._sample.events()
        first = next(events, None)
        while first is not None:
            before_batch = first.published_ms < BATCH_MS
            part = _Part(chain((first,), events), before_batch=before_batch)
            await self._publish(part, publisher, careless)
            if before_batch:
                await self._publish_batch(publisher)
            first = part.next_one

    async def _publish(self, part: "_Part", publisher: Publisher, careless: AIOKafkaProducer) -> None:
        async with aclosing(publisher.publish_many(self._checked(part))) as outcomes:
            async for outcome in outcomes:
                if isinstance(outcome, Refused):
                    fault = outcome.faults[0]
                    wrong = FALSE_DIGIT.sub("has a false check digit", fault.wrong)
                    self.published.refused[f"{fault.path or 'event'}: {wrong}"] += 1
                    self._past.append(self._faulty[outcome.event_id])
                else:
                    self.published.events += 1
                while self._past:
                    await self._send_past_the_publisher(self._past.popleft(), careless)

    def _checked(self, part: "_Part") -> Iterator[dict[str, Any]]:
        """Yield what a port would hand to the publisher, and put the rest aside."""
        for event in part:
            if not is_publishable(event):
                self._past.append(event)
                continue
            if event.fault:
                self._faulty[str(event.fields["event_id"])] = event
            elif event.name == "entry_summary_accepted" and is_fit(event.fields["summary"]):  # type: ignore[arg-type]  # the sample's fields are plain values
                self._for_batch.append(event.fields["summary"])  # type: ignore[arg-type]  # as above
            yield json.loads(as_json(event))

    async def _send_past_the_publisher(self, event: SampleEvent, careless: AIOKafkaProducer) -> None:
        """Write what the publisher would not, as a client does that checks nothing."""
        topic = self._names.of("entry-summary-event")
        value = event.raw if event.raw is not None else self._codec.encode(event.name, event.fields)
        partitions = len(await careless.partitions_for(topic))
        await careless.send(topic, value, event.key, partition_for(event.key, partitions))
        self.published.careless += 1

    async def _publish_batch(self, publisher: Publisher) -> None:
        """Publish a filer's batch with CBP's answers to it."""
        if not self._for_batch:
            return
        files = write_batch(self._directory, list(self._for_batch), BATCH_ON)
        with files.batch.open("rb") as batch, files.answers.open("rb") as answers:
            report = await Run(abi_items(batch, Answers(answers))).publish(publisher)
        self.published.batch = {"read": report.read, "published": report.published, "refused": report.refused}
        self.published.events += report.published
        for refusal in report.refusals:
            self.published.refused[f"ABI batch: {refusal.why}"] += 1


class _Part:
    """The events up to the day of the batch, or those after it; `next_one` is the first that is left."""

    def __init__(self, events: Iterator[SampleEvent], *, before_batch: bool) -> None:
        self._events = events
        self._before_batch = before_batch
        self.next_one: SampleEvent | None = None

    def __iter__(self) -> Iterator[SampleEvent]:
        for event in self._events:
            if self._before_batch and event.published_ms >= BATCH_MS:
                self.next_one = event
                return
            yield event
