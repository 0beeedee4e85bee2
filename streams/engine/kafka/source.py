"""The sources of a partition: one consumer for the same partition of every source topic."""

# ruff: noqa: ANN401 - aiokafka has no types for what passes through here

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.engine.api import SourceRecord
from streams.engine.config import EngineConfig
from streams.engine.kafka.client import client_settings, connected, let_go
from streams.engine.kafka.records import make_records_with
from streams.engine.world import Bounds, Fetched

_FETCH_WAIT_MS: Final = 200
_FETCH_BYTES_PER_PARTITION: Final = 1024 * 1024
_FETCH_BYTES: Final = 4 * 1024 * 1024
_NEVER_SECONDS: Final = 1e6


class KafkaSource:
    """A `Source` over an assigned consumer, whose background fetch goes on while a batch is processed."""

    def __init__(self, config: EngineConfig, partition: int) -> None:
        self._config = config
        self._places = {topic: TopicPartition(topic, partition) for topic in config.sources}
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connect."""
        consumer = self._consumer = AIOKafkaConsumer(
            auto_offset_reset="none",
            enable_auto_commit=False,
            isolation_level="read_committed",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            max_partition_fetch_bytes=_FETCH_BYTES_PER_PARTITION,
            fetch_max_bytes=_FETCH_BYTES,
            **client_settings(self._config, f"source-{next(iter(self._places.values())).partition}"),
        )
        await connected(consumer.start())
        make_records_with(consumer, _source_record)
        # All in one step, without an await between: a partition that is assigned and has no position yet is looked
        # up by the fetcher, and what it finds, an error, would keep the others of the same broker from being read.
        consumer.assign(list(self._places.values()))
        for place in self._places.values():
            consumer.seek(place, 0)
        self._pause(self._places)
        # After this long with fetched records lying about, the fetcher asks for the *other* partitions alone, and
        # the one we then drain waits for that long poll. We always drain everything at once, so it need not.
        consumer._fetcher._prefetch_backoff = _NEVER_SECONDS  # noqa: SLF001 - not among the consumer's settings

    async def bounds(self) -> Mapping[str, Bounds]:
        """Return the bounds of each source."""
        places = list(self._places.values())
        starts = await self._started().beginning_offsets(places)
        ends = await self._started().end_offsets(places)
        return {topic: Bounds(starts[place], ends[place]) for topic, place in self._places.items()}

    async def peek(self, offsets: Mapping[str, int]) -> Mapping[str, SourceRecord]:
        """Return the record at exactly that offset of each topic; absent where none is there."""
        consumer = self._started()
        wanted = {self._places[topic]: offset for topic, offset in offsets.items()}
        for place, offset in wanted.items():
            consumer.seek(place, offset)
        consumer.resume(*wanted)
        found: dict[str, SourceRecord] = {}
        while wanted:
            # One at a time: what comes behind it need not be taken apart for this.
            batches = await consumer.getmany(*wanted, timeout_ms=_FETCH_WAIT_MS, max_records=1)
            for place, records in batches.items():
                if records[0].offset == wanted.get(place):
                    found[place.topic] = records[0]
            for place in [place for place, offset in wanted.items() if self.position(place.topic) > offset]:
                consumer.pause(place)
                del wanted[place]
        return found

    def seek(self, offsets: Mapping[str, int]) -> None:
        """Go on from these offsets."""
        consumer = self._started()
        for topic, offset in offsets.items():
            consumer.seek(self._places[topic], offset)
        consumer.resume(*self._places.values())

    async def fetch(self, timeout: float) -> list[Fetched]:  # noqa: ASYNC109 - the broker does the waiting
        """Return what has arrived, waiting up to `timeout` seconds for something."""
        batches = await self._started().getmany(timeout_ms=int(timeout * 1000))
        return [Fetched(place.topic, records) for place, records in batches.items()]

    def position(self, topic: str) -> int:
        """Return the offset after everything fetched, transaction markers included."""
        position: int = self._state(topic).position
        return position

    def ends(self) -> Mapping[str, int]:
        """Return the ends of the sources as last seen."""
        ends = {topic: self._state(topic).highwater for topic in self._places}
        return {topic: end for topic, end in ends.items() if end is not None}

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await let_go(consumer)

    def _pause(self, topics: Mapping[str, TopicPartition]) -> None:
        self._started().pause(*topics.values())

    def _started(self) -> AIOKafkaConsumer:
        assert self._consumer is not None
        return self._consumer

    def _state(self, topic: str) -> Any:
        # The public `position` is a coroutine, and the loop needs all of them between two batches.
        assignment = self._started()._subscription.subscription.assignment  # noqa: SLF001 - see above
        return assignment.state_value(self._places[topic])


def _source_record(place: TopicPartition, record: Any) -> SourceRecord:
    headers = tuple(record.headers) if record.headers else ()
    return _made((*place, record.offset, record.timestamp, record.key, record.value, headers))


_made: Final = partial(tuple.__new__, SourceRecord)
"""Takes all values as one tuple: half the time of the usual constructor."""
