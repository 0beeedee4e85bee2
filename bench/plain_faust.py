"""What one would write first: a Faust agent that does the placement, with tables for state and `topic.send` for work.

The rules, the reading and the writing of records are the worker's own code, so that what differs is the way from
Kafka to the rules and back. Faust gets what suits it best: tables in memory that keep objects as they are, sorted keys
beside those that are scanned, no store on disk, its own defaults (at least once), and one agent over all sources. What
it gives in return is less: a crash doubles and loses work, and a record that turns out invalid half way leaves its half
in the tables.

Used as `python -m bench.plain_faust BOOTSTRAP NAMESPACE PARTITIONS DIRECTORY`.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import faust
from faust.serializers import codecs
from faust.types import EventT, StreamT
from sortedcontainers import SortedSet

from streams.contract.codec import Codec
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.api import Headers, InvalidRecord, SourceRecord, Table
from streams.engine.state import after_prefix
from streams.processor import tables
from streams.processor.clock import TimeSource
from streams.processor.processor import PlacementProcessor

V = TypeVar("V")

APPLICATION: Final = "plain-faust"
COMMIT_SECONDS: Final = 1.0
"""Its default is 2.8 s; progress is measured by commits, and shall not be told late."""

TABLES: Final[tuple[Table[Any], ...]] = tuple(value for value in vars(tables).values() if isinstance(value, Table))


class TableCodec(codecs.Codec):
    """Writes and reads the values of one of the worker's tables."""

    def __init__(self, table: Table[Any]) -> None:
        super().__init__()
        self._table = table

    def _dumps(self, obj: Any) -> bytes:  # noqa: ANN401 - Faust's signature
        return self._table.dump(obj)

    def _loads(self, s: bytes) -> Any:  # noqa: ANN401 - Faust's signature
        return self._table.load(s)


class FaustState:
    """A partition's state, in Faust's tables; see `streams.engine.api.State`."""

    def __init__(self, app: faust.App, partitions: int) -> None:
        self._tables: dict[bytes, Any] = {}
        for table in TABLES:
            name = table.prefix.decode().strip("/").replace("/", "-")
            codecs.register(f"table-{name}", TableCodec(table))
            own: Any = app.Table(name, partitions=partitions, key_type=bytes)
            own.value_serializer = f"table-{name}"
            self._tables[table.prefix] = own
        self._sorted: dict[bytes, SortedSet[bytes]] = {}
        self._at = b""

    def enter(self, partition: int) -> None:
        """Let the keys be those of a partition from now on."""
        self._at = b"%d/" % partition

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""
        found: V | None = self._tables[table.prefix].get(self._at + key)
        return found

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key, in memory and in the table's changelog."""
        full = self._at + key
        self._tables[table.prefix][full] = value
        if table.prefix in self._sorted:
            self._sorted[table.prefix].add(full)

    def delete(self, table: Table[V], key: bytes) -> None:
        """Remove a key."""
        full = self._at + key
        self._tables[table.prefix].pop(full, None)
        if table.prefix in self._sorted:
            self._sorted[table.prefix].discard(full)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield keys and values in byte order: Faust's tables have none, so the keys are kept sorted beside them."""
        rows = self._tables[table.prefix]
        if table.prefix not in self._sorted:
            self._sorted[table.prefix] = SortedSet(rows.keys())
        last = after_prefix(self._at) if stop is None else self._at + stop
        for full in list(self._sorted[table.prefix].irange(self._at + start, last, inclusive=(True, False))):
            yield full[len(self._at) :], rows[full]


class Sends:
    """Collects what follows from a record; see `streams.engine.api.Outbox`."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, bytes | None, bytes | None, Headers, int | None]] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Take note of a record to send."""
        self.waiting.append((topic, key, value, headers, partition))


def make_app(bootstrap: str, namespace: str, partitions: int, directory: str) -> faust.App:
    """Build the application."""
    names = TopicNames(namespace)
    app = faust.App(
        names.of(APPLICATION), broker=f"kafka://{bootstrap}", datadir=directory, web_enabled=False, autodiscover=False,
        topic_replication_factor=1, topic_partitions=partitions, broker_commit_interval=COMMIT_SECONDS,
    )  # fmt: skip
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    processor = PlacementProcessor(Codec(), names, partitions, rules, TimeSource.EVENT)
    state = FaustState(app, partitions)
    topics = {name: _raw(app, name) for name in (*names.outputs, names.of("dead-letter"))}
    sources = _raw(app, *names.sources)

    @app.agent(sources)
    async def place(stream: StreamT[bytes]) -> None:
        async for event in stream.events():
            record = record_of(event)
            sends = Sends()
            state.enter(record.partition)
            try:
                processor.process(record, datetime.now(UTC), state, sends)
            except InvalidRecord:
                sends.send(names.of("dead-letter"), record.key, record.value)
            for topic, key, value, headers, partition in sends.waiting:
                own = record.partition if partition is None else partition
                await topics[topic].send(key=key, value=value, headers=dict(headers), partition=own)

    return app


def record_of(event: EventT[bytes]) -> SourceRecord:
    """Return what the agent was given, as the processor takes it."""
    message = event.message
    given: Any = message.headers or ()
    headers = given.items() if isinstance(given, Mapping) else given
    return SourceRecord(
        message.topic,
        message.partition,
        message.offset,
        int(message.timestamp * 1000),
        message.key,
        message.value,
        tuple(headers),
    )


def _raw(app: faust.App, *names: str) -> Any:  # noqa: ANN401 - Faust's topics carry no types
    return app.topic(*names, key_serializer="raw", value_serializer="raw")


def main() -> None:
    """Run the application of the arguments until a signal."""
    bootstrap, namespace, partitions, directory = sys.argv[1:]
    app = make_app(bootstrap, namespace, int(partitions), directory)
    sys.argv[1:] = []
    faust.Worker(app, override_logging=False, redirect_stdouts=False, quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main()
