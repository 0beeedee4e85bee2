"""Where an importer is placed, why, and since when: from committed state and from the log of changes."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.customs.importer_number import InvalidImporterNumber, base_of, importer_number
from streams.customs.policy import PlacementRules
from streams.engine.api import Table
from streams.engine.engine import Engine
from streams.ops.recent import change_item
from streams.processor.explain import account_of, explain
from streams.processor.rule_shelf import RuleShelf

V = TypeVar("V")

LOOK_BACK: Final = 50_000
"""Changes of a partition that are looked through, from the newest; an older one of the importer is not shown."""
LOOK_SECONDS: Final = 2.0


class Place(NamedTuple):
    """Where a worker works: names, partitions and codec of its topics, and what all its Kafka clients share."""

    names: TopicNames
    partitions: int
    client: Mapping[str, Any]
    codec: Codec


class Importers:
    """Look-ups among the partitions that this worker has."""

    def __init__(self, engine: Engine, rules: PlacementRules, place: Place, bootstrap_servers: str) -> None:
        self._engine = engine
        self._topic = place.names.of("placement-change")
        self._partitions = place.partitions
        self._bootstrap_servers = bootstrap_servers
        self._client = dict(place.client) | {"client_id": "cee-look-up"}
        self._codec = place.codec
        self._shelf = RuleShelf(place.codec, rules)

    def here(self, importer: str) -> tuple[HTTPStatus, dict[str, Any]]:
        """Return placement and evidence, or why not, with an HTTP status: 400, 404, or 421 where another has it."""
        try:
            asked = importer_number(importer)
        except InvalidImporterNumber as error:
            return HTTPStatus.BAD_REQUEST, {"error": str(error)}
        account = asked.account
        partition = self._partition_of(account)
        try:
            if asked.is_written_whole(importer):  # it may be in another account than that of its base
                account = account_of(OwnedState(self._engine, partition), asked.number)
                partition = self._partition_of(account)
            found = explain(OwnedState(self._engine, partition), account, self._shelf)
        except KeyError:
            where = {"error": f"partition {partition} of this importer is on another worker", "partition": partition}
            return HTTPStatus.MISDIRECTED_REQUEST, where | {"account_key": account}
        if found is None:
            return HTTPStatus.NOT_FOUND, {"error": "no event of this importer was seen"}
        return HTTPStatus.OK, found

    def _partition_of(self, account: str) -> int:
        return partition_for(base_of(account).encode(), self._partitions)

    async def history(self, account: str) -> list[dict[str, Any]]:
        """Return the changes of an account's placement, newest first; those that were found within two seconds."""
        place = TopicPartition(self._topic, self._partition_of(account))
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **self._client,
        )
        try:
            await consumer.start()
            return await self._changes(consumer, place, account.encode())
        except (KafkaError, OSError):
            return []
        finally:
            await asyncio.wait({asyncio.ensure_future(consumer.stop())}, timeout=2.0)

    async def _changes(self, consumer: Any, place: TopicPartition, account: bytes) -> list[dict[str, Any]]:  # noqa: ANN401 - aiokafka has no types
        consumer.assign([place])
        begin = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        at = max(begin, end - LOOK_BACK)
        consumer.seek(place, at)
        found: list[dict[str, Any]] = []
        until = time.monotonic() + LOOK_SECONDS
        while at < end and time.monotonic() < until:
            records = (await consumer.getmany(timeout_ms=200, max_records=1000)).get(place, [])
            for record in records:
                name, fields = self._codec.decode(record.value) if record.key == account else ("", {})
                if name == "placement_change":  # an appeal's states stand beside the changes
                    found.append({"at_ms": record.timestamp, **change_item(fields)})
            at = await consumer.position(place)
        return found[::-1]


class OwnedState:
    """The committed state of one partition that this worker has. Raises `KeyError` once it has it no more."""

    def __init__(self, engine: Engine, partition: int) -> None:
        self._engine = engine
        self._partition = partition

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""
        return self._engine.read(self._partition, table, key)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield keys and values in byte order."""
        return self._engine.scan(self._partition, table, start, stop)
