"""Whole topics, read once from the start to the end as of now, `read_committed`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.contract.provision import ClusterError, partition_counts
from streams.engine.api import SourceRecord

Log = dict[tuple[str, int], list[SourceRecord]]

IDLE_MS = 500


Keep = Callable[[str, bytes | None], bool]
"""Tells by topic and key whether a record is wanted."""


async def read_logs(  # noqa: PLR0913 - four by keyword
    bootstrap_servers: str,
    topics: Iterable[str],
    client: Mapping[str, Any] | None = None,
    *,
    keep: Keep | None = None,
    partition: int | None = None,
    since_ms: int = 0,
) -> Log:
    """Return all records by topic and partition, in order; with `keep` those alone that are wanted.

    With `partition`, that of each topic alone; with `since_ms`, from the first record on that was published then.
    Holds what is kept in memory: everything, for checks and not for years; one importer's records, of years too.

    Raises `ClusterError` for a cluster out of reach and for a topic that it does not have.
    """
    wanted = sorted(topics)
    counts = await partition_counts(bootstrap_servers, wanted, client)
    for name in wanted:
        if name not in counts:
            message = f"{bootstrap_servers} has no topic {name}"
            raise ClusterError(message)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        **(client or {}),
    )
    await consumer.start()
    try:
        places = [
            TopicPartition(name, number)
            for name, count in counts.items()
            for number in (range(count) if partition is None else [partition])
        ]
        log: Log = {(place.topic, place.partition): [] for place in places}
        ends = await consumer.end_offsets(places)
        starts = await _starts(consumer, places, ends, since_ms)
        open_places = {place for place in places if ends[place] > starts[place]}
        consumer.assign(open_places)
        for place in open_places:
            consumer.seek(place, starts[place])
        while open_places:
            batches = await consumer.getmany(timeout_ms=IDLE_MS)
            for place, messages in batches.items():
                log[place.topic, place.partition].extend(
                    SourceRecord(
                        place.topic,
                        place.partition,
                        message.offset,
                        message.timestamp,
                        message.key,
                        message.value,
                        tuple(message.headers),
                    )
                    for message in messages
                    if message.offset < ends[place] and (keep is None or keep(message.topic, message.key))
                )
            done = set()
            for place in open_places:
                if await consumer.position(place) >= ends[place]:
                    done.add(place)
            if done:
                consumer.pause(*done)
                open_places -= done
        return log
    finally:
        await consumer.stop()


async def _starts(
    consumer: AIOKafkaConsumer, places: list[TopicPartition], ends: Mapping[TopicPartition, int], since_ms: int
) -> Mapping[TopicPartition, int]:
    """Return where to begin in each partition; at its end where nothing is as new as that."""
    if not since_ms:
        starts: Mapping[TopicPartition, int] = await consumer.beginning_offsets(places)
        return starts
    found = await consumer.offsets_for_times(dict.fromkeys(places, since_ms))
    return {place: ends[place] if found[place] is None else found[place].offset for place in places}
