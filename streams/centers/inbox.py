"""A Center's inbox: its work items and entry summaries, each at least once, in order per importer.

    async with Inbox("electronics", group="electronics-desk") as inbox:
        async for item in inbox:
            handle(item.body)         # asking for the next item confirms this one

An item that was not confirmed comes again, with the same `work_id`: after a crash, or when the group's members
change. Records of other readers' making that cannot be decoded do not block: they come as `UnreadableWork`.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from streams.centers.codec import codec_of
from streams.centers.consumption import Consumption, Fetched, Start
from streams.centers.names import center_slug
from streams.centers.place import WorkPlace
from streams.contract.codec import Codec
from streams.contract.errors import SchemaPending, UndecodableRecord
from streams.contract.models import EntrySummarySnapshot, WorkItem
from streams.contract.registered import Patience
from streams.contract.topics import TopicNames


@dataclass(frozen=True, slots=True)
class UnreadableWork:
    """A record that is no work item: its bytes as they are, and why they could not be read."""

    value: bytes | None
    key: bytes | None
    why: str


Body = WorkItem | EntrySummarySnapshot | UnreadableWork


class Delivery:
    """One item as it was delivered; `done` confirms it."""

    __slots__ = ("_fetched", "body", "place")

    def __init__(self, body: Body, fetched: Fetched) -> None:
        record = fetched.record
        self.body = body
        self.place = WorkPlace(record.topic, record.partition, record.offset, record.timestamp)
        self._fetched = fetched

    def done(self) -> None:
        """Say that the item is dealt with: it will not come again once the position is committed."""
        self._fetched.finish()


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which items are wanted; an empty condition takes all. What cannot be read is always shown."""

    ports: Collection[str] = ()
    work_types: Collection[str] = ()
    snapshots: bool = True

    def wants(self, body: Body) -> bool:
        """Whether an item passes: one of its ports, its type."""
        match body:
            case WorkItem():
                return (not self.work_types or body.work_type in self.work_types) and self._has_port(body.ports)
            case EntrySummarySnapshot():
                return self.snapshots and self._has_port((body.summary.port_of_entry,))
            case _:
                return True

    def _has_port(self, ports: Collection[str]) -> bool:
        return not self.ports or any(port in self.ports for port in ports)


ALL_WORK: Final = WorkFilter()


class Inbox:
    """The work topic of one Center. An async context manager and an async iterator of deliveries.

    With a `group`, readers of the same group share the work and its position is kept; without one, everything is
    read from `start` and nothing is committed. `follow=False` ends at what was there at first. An item counts as
    dealt with when the next one is asked for; with `explicit=True` only when its `done` was called, in any order.
    """

    def __init__(  # noqa: PLR0913 - settings, all with a default
        self,
        center: str,
        *,
        bootstrap_servers: str = "127.0.0.1:9092",
        group: str | None = None,
        start: Start = Start.BEGINNING,
        follow: bool = True,
        wanted: WorkFilter = ALL_WORK,
        explicit: bool = False,
        namespace: str = "",
        registry: str = "",
        client: Mapping[str, Any] | None = None,
    ) -> None:
        self._consumption = Consumption(
            TopicNames(namespace).center_work(center_slug(center)),
            bootstrap_servers=bootstrap_servers,
            group=group,
            start=start,
            client=client or {},
        )
        self._registry = registry
        self._codec: Codec | None = None
        self._held: Fetched | None = None
        self._wanted = wanted
        self._follow = follow
        self._explicit = explicit
        self._current: Delivery | None = None
        self._stopped = False

    async def __aenter__(self) -> Self:
        """Connect. Raises `OutOfReach` and `MissingTopic`."""
        self._codec = await codec_of(self._registry)
        await self._consumption.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit what is confirmed, and leave the group; the item last given is not confirmed by leaving."""
        await self._consumption.close()

    def __aiter__(self) -> AsyncIterator[Delivery]:
        """Return the inbox itself."""
        return self

    async def __anext__(self) -> Delivery:
        """Confirm the item given before, and wait for the next one that is wanted.

        May be cancelled at any time (`asyncio.wait_for`): nothing is lost, and nothing is confirmed by it.
        """
        if self._current is not None and not self._explicit:
            self._current.done()
        self._current = None
        while not self._stopped:
            # Held until it is given: waiting for its schema may be cancelled.
            fetched = self._held = self._held or await self._consumption.next()
            if fetched is None:
                if not self._follow and await self._consumption.is_at_end():
                    break
                continue
            delivery = Delivery(await self._read(fetched), fetched)
            self._held = None
            if self._wanted.wants(delivery.body):
                self._current = delivery
                return delivery
            delivery.done()
        raise StopAsyncIteration

    async def _read(self, fetched: Fetched) -> Body:
        """Decode a record, waiting for its schema as long as it takes."""
        assert self._codec is not None
        patience = Patience()
        while True:
            try:
                return read_work(fetched, self._codec)
            except SchemaPending as pending:
                await asyncio.sleep(patience.next(f"{fetched.record.topic}: {pending}"))

    def stop(self) -> None:
        """End the iteration within half a second, after the item being waited for if it is there already."""
        self._stopped = True

    async def commit(self) -> None:
        """Commit at once what is confirmed; otherwise it happens each second and at the end."""
        await self._consumption.commit()


def read_work(fetched: Fetched, codec: Codec) -> Body:
    """Decode a record of a work topic; whatever is wrong with it is told. Raises `SchemaPending`."""
    record = fetched.record
    if record.value is None:
        return UnreadableWork(None, record.key, "the record has no value")
    try:
        name, fields = codec.decode(record.value)
        match name:
            case "work_item":
                return WorkItem.from_fields(fields)
            case "entry_summary_snapshot":
                return EntrySummarySnapshot.from_fields(fields)
            case _:
                return UnreadableWork(record.value, record.key, f"a {name} is not work")
    except UndecodableRecord as error:
        return UnreadableWork(record.value, record.key, str(error))
    except ValueError as error:
        return UnreadableWork(record.value, record.key, f"the record breaks its contract: {type(error).__name__}")
