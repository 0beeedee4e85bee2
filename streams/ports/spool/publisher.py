"""Publish through a spool: an event is accepted when it is on disk, and sent as soon as Kafka is in reach.

    async with SpoolingPublisher(Path("/var/spool/cee"), "kafka.example:9092") as publisher:
        kept = await publisher.publish({"event_type": "entry_summary_accepted", …})

Every event goes through the spool, so that there is one order and one way on which nothing is sent twice.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from streams.contract.models import Event
from streams.contract.topics import TopicNames
from streams.ports.arrivals import Arrival, Arrivals
from streams.ports.delivery import fits_topic
from streams.ports.errors import EventFault, InvalidEvent, PublishError
from streams.ports.events import Raw, event_id_of, outgoing
from streams.ports.numbers import NO_OFFSETS, CheckDigitOffsets
from streams.ports.publisher import Refused, only_outcome
from streams.ports.spool.entries import Entry
from streams.ports.spool.errors import SpoolFull, SpoolUncertain, SpoolUnusable
from streams.ports.spool.sending import Sender
from streams.ports.spool.spool import LIMIT_BYTES, Spool

GROUP_EVENTS: Final = 1_000
GROUP_BYTES: Final = 4 << 20
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0


class Kept(NamedTuple):
    """An event that is safely on disk. `position` counts the events handed in, from 0."""

    position: int
    event_id: str


class SpoolingPublisher:
    """A port system's way into Kafka over a bad link. An async context manager.

    Leaving it sends what waits, unless Kafka is out of reach; `waiting` then says how much is left for the next time.
    `trouble` is what kept the last attempt from Kafka, and `tell` is called with it once for each change.
    """

    def __init__(  # noqa: PLR0913 - settings, all but the folder with a default
        self,
        directory: Path,
        bootstrap_servers: str = "127.0.0.1:9092",
        *,
        namespace: str = "",
        limit_bytes: int = LIMIT_BYTES,
        offsets: CheckDigitOffsets = NO_OFFSETS,
        client: Mapping[str, Any] | None = None,
        tell: Callable[[PublishError | None], None] = lambda _: None,
    ) -> None:
        self._spool = Spool(directory, namespace=namespace, limit_bytes=limit_bytes)
        self._sender = Sender(self._spool, bootstrap_servers, client=client)
        self._names = TopicNames(namespace)
        self._offsets = offsets
        self._tell = tell
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._tried = asyncio.Condition()
        self._sending: asyncio.Task[None] | None = None
        self.trouble: PublishError | None = None

    @property
    def waiting(self) -> int:
        """How many events are on disk and not known to be in Kafka."""
        return self._spool.waiting

    async def __aenter__(self) -> Self:
        """Begin to send what waits from before."""
        self._sending = asyncio.create_task(self._keep_sending())
        self._wake.set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what waits once more, unless cancelled or failed, and close the spool."""
        assert self._sending is not None
        try:
            if kind is not None:
                self._sending.cancel()
            self._closing.set()
            self._wake.set()
            with suppress(asyncio.CancelledError):
                await self._sending
        finally:
            self._spool.close()

    async def publish(self, event: Event | Raw) -> Kept:
        """Keep one event; it is on disk when this returns. Raises `InvalidEvent`, `SpoolFull`, `SpoolUnusable`."""
        return await only_outcome(self.publish_many([event]))

    async def publish_many(
        self, events: Iterable[Event | Raw] | AsyncIterable[Event | Raw]
    ) -> AsyncGenerator[Kept | Refused, None]:
        """Keep events in their order and yield one outcome for each, in the same order.

        Events that are there at the same time are written together, so that the disk is waited for once. Raises
        `SpoolFull` and `SpoolUnusable`: then no outcome was given for what was not kept.
        """
        arrivals = Arrivals(events)
        position = 0
        try:
            while group := await self._group(arrivals):
                checked = [self._checked(position + number, event) for number, event in enumerate(group)]
                await self._kept([one for one in checked if isinstance(one, Entry)])
                for number, one in enumerate(checked, position):
                    yield Kept(number, one.event_id) if isinstance(one, Entry) else one
                position += len(group)
        finally:
            await arrivals.close()

    async def _group(self, arrivals: "Arrivals[Event | Raw]") -> list[Event | Raw]:
        """Wait for an event, and take what comes with it; nothing at the end."""
        group: list[Event | Raw] = []
        at_once = asyncio.get_running_loop().create_future()
        at_once.set_result(None)
        while len(group) < GROUP_EVENTS:
            event = await arrivals.next((at_once,) if group else (), None)
            if isinstance(event, Arrival):
                break
            group.append(event)
        return group

    def _checked(self, position: int, event: Event | Raw) -> Entry | Refused:
        try:
            out = outgoing(event, self._names, self._offsets)
        except InvalidEvent as error:
            return Refused(position, event_id_of(event), error.faults)
        if not fits_topic(out.value):
            fault = EventFault("", "the event is larger than the topic takes", "shorten it")
            return Refused(position, out.event_id, (fault,))
        return Entry(out.event_id, out.topic, out.key, out.value, out.in_every_partition)

    async def _kept(self, entries: Sequence[Entry]) -> None:
        """Add events, a bounded number of bytes at a time; at the limit wait for as long as sending makes room."""
        for part in _parts(entries):
            while True:
                try:
                    await asyncio.to_thread(self._spool.add, part)
                    break
                except SpoolFull:
                    if not await self._has_made_room():
                        raise
            self._wake.set()

    async def _has_made_room(self) -> bool:
        """Wait for the end of an attempt to send; tell whether it brought anything into Kafka."""
        before = self._spool.position.sent
        async with self._tried:
            while self._sending is not None and not self._sending.done():
                self._wake.set()
                await self._tried.wait()
                if self._spool.position.sent > before:
                    return True
                if self.trouble is not None:
                    break
        return False

    async def _keep_sending(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        is_last = False
        while not is_last:
            await self._wake.wait()
            self._wake.clear()
            is_last = self._closing.is_set()
            try:
                async for _ in self._sender.send_all():
                    await self._note(None)
            except PublishError as error:
                await self._note(error)
                if isinstance(error, SpoolUncertain | SpoolUnusable):
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                self._wake.set()
            else:
                pause = FIRST_PAUSE_SECONDS

    async def _note(self, trouble: PublishError | None) -> None:
        changed, self.trouble = str(trouble) != str(self.trouble), trouble
        if changed:
            self._tell(trouble)
        async with self._tried:
            self._tried.notify_all()


def _parts(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Cut a list of events where it becomes long."""
    start = size = 0
    for number, entry in enumerate(entries):
        size += len(entry.value)
        if size > GROUP_BYTES and number > start:
            yield entries[start:number]
            start, size = number, len(entry.value)
    if start < len(entries):
        yield entries[start:]
