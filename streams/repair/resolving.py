"""Replay, return or discard dead letters: each exactly once, in one Kafka transaction with the note that says so.

All repairs of an application share one transactional id. So a second command that is started while a first one runs
fences it, and whatever the first one had not finished is undone before the second one looks what is still open.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from streams.contract.addresses import check_addresses
from streams.contract.codec import Codec
from streams.contract.provision import ClusterError
from streams.contract.reach import why_unreachable
from streams.contract.topics import TopicNames
from streams.engine.api import Headers
from streams.engine.dead_letter import REPLAY_OF
from streams.processor.journal import AvroJournalCodec
from streams.repair.letters import Chosen, Letter, LetterError, Source, choose, letters_of, with_released
from streams.replay.log_reader import read_logs

REPLAYED: Final = "replayed"
RETURNED: Final = "returned"
DISCARDED: Final = "discarded"
MOST_AT_ONCE: Final = 1000
TRANSACTION_MS: Final = 60_000
START_SECONDS: Final = 30.0
LARGEST_BYTES: Final = 16 * 1024 * 1024
SEARCH_SECONDS: Final = 15.0
# A letter has its worker's time and the journal the broker's; their clocks do not differ by more.
_CLOCKS_DIFFER_MS: Final = 3_600_000


class Record(NamedTuple):
    """A record to be published."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the topics are, for which application, and how to log in."""

    bootstrap_servers: str
    names: TopicNames
    application: str
    client: dict[str, Any]


Act = Callable[[Letter], Record | None]
"""What follows from a letter: one record to publish, or none."""


async def all_letters(cluster: Cluster) -> list[Letter]:
    """Return all dead letters with what became of them. Raises `ClusterError`."""
    names = cluster.names
    topics = [names.of("dead-letter"), names.of("dead-letter-resolution")]
    letters = letters_of(await read_logs(cluster.bootstrap_servers, topics, cluster.client), names)
    held = [letter for letter in letters if letter.waits]
    return with_released(letters, await _released_since(cluster, held)) if held else letters


async def _released_since(cluster: Cluster, held: Sequence[Letter]) -> frozenset[Source]:
    """Return where the records were that were released; the journal names each, after its letter was written."""
    topic, codec = cluster.names.of("processing-journal"), AvroJournalCodec(Codec())
    since = max(0, min(letter.buried_ms for letter in held) - _CLOCKS_DIFFER_MS)
    log = await read_logs(cluster.bootstrap_servers, [topic], cluster.client, since_ms=since)
    entries = (codec.decode(record.value or b"") for records in log.values() for record in records)
    return frozenset(
        Source(part.topic, entry.partition, part.first)
        for entry in entries
        if entry.kind == "release"
        for part in entry.ranges
    )


async def resolve(cluster: Cluster, chosen: Chosen, did: str, act: Act, note: dict[str, str]) -> list[Letter]:
    """Do something about the open letters that are meant, at most a thousand, all or none; return them.

    `note` says who and why; it goes into `dead-letter-resolution` with each. Raises `LetterError`, `ClusterError`.
    """
    async with _only_repair(cluster) as producer:
        letters = choose(await all_letters(cluster), chosen)[:MOST_AT_ONCE]
        records = [record for letter in letters if (record := act(letter)) is not None]
        if did == REPLAYED:
            records = [await _whole(cluster, letter, record) for letter, record in zip(letters, records, strict=True)]
        resolutions = [_resolution(cluster.names, letter, did, note) for letter in letters]
        if letters:
            await _publish(producer, [*records, *resolutions])
    return letters


def replayed(letter: Letter) -> Record:
    """Return the record as it was, for the topic and partition that it came from, with its origin in the headers."""
    own = tuple((name, value) for name, value in letter.headers if name != REPLAY_OF)
    headers = (*own, (REPLAY_OF, str(letter.place).encode()))
    return Record(letter.source.topic, letter.source.partition, letter.key, letter.value, headers)


def _resolution(names: TopicNames, letter: Letter, did: str, note: dict[str, str]) -> Record:
    value = {"did": did, "at_ms": time.time_ns() // 1_000_000, **note}
    key, body = str(letter.place).encode(), json.dumps(value, separators=(",", ":")).encode()
    return Record(names.of("dead-letter-resolution"), letter.place.partition, key, body, ())


@asynccontextmanager
async def _only_repair(cluster: Cluster) -> AsyncIterator[AIOKafkaProducer]:
    """Give the one producer that may repair now: what another one had open is undone.

    Raises `AddressError`, `ClusterError`.
    """
    check_addresses(cluster.bootstrap_servers)
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap_servers,
        transactional_id=f"{cluster.names.of(cluster.application)}-repair",
        transaction_timeout_ms=TRANSACTION_MS,
        max_request_size=LARGEST_BYTES,
        **cluster.client,
    )
    try:
        try:
            await asyncio.wait_for(producer.start(), START_SECONDS)
        except (KafkaConnectionError, TimeoutError) as error:
            raise ClusterError(await why_unreachable(cluster.bootstrap_servers, cluster.client)) from error
        yield producer
    except (KafkaError, TimeoutError, OSError) as error:
        message = f"Kafka did not confirm it ({type(error).__name__}): see with `cee dlq list` what is still open"
        raise ClusterError(message) from error
    finally:
        await producer.stop()


async def _publish(producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
    """Publish in one transaction; a commit succeeds although a write failed, so each is awaited first."""
    async with producer.transaction():
        sent = [
            await producer.send(
                record.topic, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
            )
            for record in records
        ]
        for write in sent:
            await write


async def _whole(cluster: Cluster, letter: Letter, record: Record) -> Record:
    """Return the record with key and value as they are at their source, where the letter has only the beginning."""
    if not letter.cut_from:
        return record
    place = TopicPartition(letter.source.topic, letter.source.partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap_servers,
        auto_offset_reset="none",
        enable_auto_commit=False,
        **cluster.client,
    )
    await consumer.start()
    try:
        consumer.assign([place])
        consumer.seek(place, letter.source.offset)
        found = (await consumer.getmany(place, timeout_ms=int(SEARCH_SECONDS * 1000), max_records=1)).get(place, [])
    finally:
        await consumer.stop()
    if not found or found[0].offset != letter.source.offset:
        message = f"dead letter {letter.place} was cut, and the whole is no longer at {letter.source}"
        raise LetterError(message)
    return record._replace(key=found[0].key, value=found[0].value)
