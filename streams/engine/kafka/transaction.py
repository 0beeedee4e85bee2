"""The producer of a partition."""

import asyncio
import time
from collections.abc import Awaitable, Generator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.engine.config import EngineConfig
from streams.engine.kafka.client import client_settings, connected, cut, settled, to_the_end
from streams.engine.kafka.sender import OnceSender, note_failure
from streams.engine.world import Appended, Outgoing


class KafkaTransaction:
    """A `Transaction` over aiokafka's producer, filled batch by batch."""

    def __init__(self, config: EngineConfig, partition: int) -> None:
        self._config = config
        self._partition = partition
        self._producer: AIOKafkaProducer | None = None
        self._sender: OnceSender | None = None

    async def start(self) -> None:
        """Become the holder of the transactional id."""
        config = self._config
        producer = self._producer = AIOKafkaProducer(
            transactional_id=config.transactional_id(self._partition),
            transaction_timeout_ms=int(config.budgets.transaction_timeout * 1000),
            max_batch_size=config.limits.wire_batch_bytes,
            compression_type=config.compression,
            retry_backoff_ms=50,
            **client_settings(config, f"producer-{self._partition}"),
        )
        # aiokafka gives no way to pass a sender in; it is replaced before `start` sets it to work.
        self._sender = producer._sender = OnceSender(  # noqa: SLF001 - see above
            producer.client,
            acks=-1,
            txn_manager=producer._txn_manager,  # noqa: SLF001 - see above
            retry_backoff_ms=50,
            message_accumulator=producer._message_accumulator,  # noqa: SLF001 - see above
            request_timeout_ms=int(config.budgets.request * 1000),
        )
        # The two steps of the producer's own `start`: only the first must not be cut short.
        await connected(producer.client.bootstrap())
        await self._sender.start()
        # Known before the first transaction, so that no look-up splits the request that adds its partitions.
        await producer.client.set_topics({*config.outputs, config.changelog, config.journal, config.dead_letter})

    def begin(self) -> None:
        """Open a transaction; nothing is sent."""
        # The public `begin_transaction` awaits the producer id, which `start` has seen to.
        self._started()._txn_manager.begin_transaction()  # noqa: SLF001 - see above

    async def append(self, batches: Mapping[tuple[str, int], Sequence[Outgoing]]) -> list[Awaitable[Appended]]:
        """Write to topic-partitions; the first batch of each is queued before any waits for room."""
        queues = [(topic, partition, self._built(records)) for (topic, partition), records in batches.items()]
        writes: list[Awaitable[Appended]] = [
            await self._queue(topic, partition, built[0]) for topic, partition, built in queues
        ]
        for topic, partition, built in queues:
            writes.extend([await self._queue(topic, partition, builder) for builder in built[1:]])
        return writes

    async def add_offsets(self, offsets: Mapping[str, int]) -> None:
        """Make the group's offsets part of the transaction."""
        places = {TopicPartition(topic, self._partition): offset for topic, offset in offsets.items()}
        await self._started().send_offsets_to_transaction(places, self._config.app_id)

    async def commit(self) -> None:
        """Make all of it visible, asking once."""
        await self._started().commit_transaction()

    async def abort(self) -> None:
        """Undo all of it."""
        await self._started().abort_transaction()

    async def close(self) -> None:
        """Let go of the connection within a moment.

        `stop()` flushes first, which with a dead broker never ends. What is unfinished is not wanted: the next
        holder of the transactional id has it undone.
        """
        producer, self._producer = self._producer, None
        if producer is not None:
            await to_the_end(self._close(producer))

    async def _close(self, producer: AIOKafkaProducer) -> None:
        producer._closed = True  # noqa: SLF001 - we close it ourselves, see above
        await cut(producer.client)
        if self._sender is not None:
            self._sender.kill()
            if self._sender.sender_task is not None:
                await settled(asyncio.shield(self._sender.sender_task))
            self._sender.see_failures()

    def _started(self) -> AIOKafkaProducer:
        assert self._producer is not None
        return self._producer

    def _built(self, records: Sequence[Outgoing]) -> list[BatchBuilder]:
        """Fill batches as they go over the wire; a record that is larger than a batch has one of its own."""
        create = self._started().create_batch
        # Around the builder's own `append`, half of whose cost is to hand its arguments on.
        now_ms = int(time.time() * 1000)  # when it was published; topics with the broker's own time ignore it
        builder: Any = create()
        built = [builder]
        append, count = builder._builder.append, 0  # noqa: SLF001 - see above
        none: list[tuple[str, bytes]] = []
        for key, value, headers in records:
            listed = list(headers) if headers else none
            if append(count, now_ms, key, value, listed) is None:
                builder._relative_offset = count  # noqa: SLF001 - what its own `append` counts
                builder = create()
                built.append(builder)
                append, count = builder._builder.append, 0  # noqa: SLF001 - see above
                append(count, now_ms, key, value, listed)
            count += 1
        builder._relative_offset = count  # noqa: SLF001 - as above
        return built

    async def _queue(self, topic: str, partition: int, builder: BatchBuilder) -> Awaitable[Appended]:
        count = builder.record_count()
        future: asyncio.Future[Any] = await self._started().send_batch(builder, topic, partition=partition)
        return _Write(future, count)


class _Write:
    """A batch under way; not awaiting it, because an earlier one failed, is no reason for a warning."""

    def __init__(self, future: "asyncio.Future[Any]", records: int) -> None:
        self._future = future
        self._records = records
        note_failure(future)

    def __await__(self) -> Generator[Any, None, Appended]:
        metadata = yield from self._future.__await__()
        return Appended(metadata.offset, self._records, metadata.timestamp)
