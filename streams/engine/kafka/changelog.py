"""A partition of the changelog, or of the journal, read from an offset to its end."""

from copy import copy
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_UNCOMMITTED

from streams.engine.config import EngineConfig
from streams.engine.kafka.client import client_settings, connected, let_go
from streams.engine.kafka.records import make_records_with
from streams.engine.world import Bounds, Change, Chunk

_FETCH_BYTES: Final = 8 * 1024 * 1024


class KafkaChangelog:
    """A `Changelog` over an assigned consumer."""

    def __init__(self, config: EngineConfig, topic: str, partition: int) -> None:
        self._config = config
        self._place = TopicPartition(topic, partition)
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connect."""
        self._consumer = AIOKafkaConsumer(
            auto_offset_reset="none",
            enable_auto_commit=False,
            isolation_level="read_committed",
            max_partition_fetch_bytes=_FETCH_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            **client_settings(self._config, f"{self._place.topic}-{self._place.partition}"),
        )
        await connected(self._consumer.start())
        make_records_with(self._consumer, _change)
        # In one step: without a position, the fetcher would look one up and find an error.
        self._consumer.assign([self._place])
        self._consumer.seek(self._place, 0)
        self._consumer.pause(self._place)

    async def bounds(self) -> Bounds:
        """Return first and stable end offset."""
        starts = await self._started().beginning_offsets([self._place])
        ends = await self._started().end_offsets([self._place])
        return Bounds(starts[self._place], ends[self._place])

    async def end_of_all(self) -> int:
        """Return the end with what is undecided."""
        consumer = self._started()
        # The consumer asks for the end of what it may read. A copy asks as another kind of reader, beside its fetches.
        other = copy(consumer._fetcher)  # noqa: SLF001 - not among the consumer's methods
        other._isolation_level = READ_UNCOMMITTED  # noqa: SLF001 - as above
        ends = await other.end_offsets([self._place], int(self._config.budgets.request * 1000))
        end: int = ends[self._place]
        return end

    def seek(self, offset: int) -> None:
        """Go on from this offset."""
        self._started().seek(self._place, offset)
        self._started().resume(self._place)

    async def read(self, timeout: float) -> Chunk:  # noqa: ASYNC109 - the broker does the waiting
        """Return what comes next, possibly nothing."""
        batches = await self._started().getmany(self._place, timeout_ms=int(timeout * 1000))
        return Chunk(batches.get(self._place, []), await self._started().position(self._place))

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await let_go(consumer)

    def _started(self) -> AIOKafkaConsumer:
        assert self._consumer is not None
        return self._consumer


def _change(_place: TopicPartition, record: Any) -> Change:  # noqa: ANN401 - aiokafka has no types
    return record.key, record.value
