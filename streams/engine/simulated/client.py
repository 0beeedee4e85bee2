"""The worker's side of sources, changelog and transactions, over the simulated network."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from streams.engine.api import SourceRecord
from streams.engine.config import EngineConfig
from streams.engine.errors import CommitUnknown, Fenced, TransientFault
from streams.engine.simulated.broker import Place, SimBroker
from streams.engine.simulated.log import Page
from streams.engine.simulated.network import Network, Process
from streams.engine.world import Appended, Bounds, Chunk, Fetched, Outgoing

T = TypeVar("T")

_PAGE = 20
_NOT_YET = 0.2
"""How often what could be read is not there yet: the real client has asked for it, and is not answered."""
_BACKOFF_SECONDS = 0.02


class OutOfRange(TransientFault):
    """The broker has no such offset."""


class _Client:
    """What all three have in common: a process, and requests that are repeated until an answer comes."""

    def __init__(self, config: EngineConfig, process: Process, network: Network, broker: SimBroker) -> None:
        self._config = config
        self._process = process
        self._network = network
        self._broker = broker
        self._is_connected = False

    async def _connect(self, what: str) -> None:
        """Meet the broker; unlike later requests this one is not repeated."""
        await self._network.call(self._process, f"connect {what}", lambda: None)
        self._is_connected = True

    async def close(self) -> None:
        """Disconnect."""
        if self._is_connected:
            self._is_connected = False
            await self._network.hang_up(self._process)

    async def _ask(self, what: str, function: Callable[..., T], *args: object) -> T:
        """Repeat a request as the real client does; only a fence or a refusal ends it."""
        assert self._is_connected, f"{what} on a client that is not connected"
        while True:
            try:
                return await self._network.call(self._process, what, function, *args)
            except (Fenced, OutOfRange):
                raise
            except TransientFault:
                await asyncio.sleep(_BACKOFF_SECONDS)


class SimSource(_Client):
    """A `Source` over simulated logs."""

    def __init__(
        self, config: EngineConfig, process: Process, network: Network, broker: SimBroker, partition: int
    ) -> None:
        super().__init__(config, process, network, broker)
        self._places = {topic: (topic, partition) for topic in config.sources}
        self._positions: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._is_more_there = False

    async def start(self) -> None:
        """Connect."""
        await self._connect("source")

    async def bounds(self) -> Mapping[str, Bounds]:
        """Return the bounds of each source."""
        return await self._ask(
            "list offsets", lambda: {t: self._broker.logs[p].bounds for t, p in self._places.items()}
        )

    async def peek(self, offsets: Mapping[str, int]) -> Mapping[str, SourceRecord]:
        """Return the record at exactly that offset of each topic."""
        found = {}
        for topic, offset in offsets.items():
            page = await self._ask(f"peek {topic}", self._broker.logs[self._places[topic]].read, offset, 1)
            if page.entries and page.entries[0].offset == offset:
                found[topic] = self._records(topic, page)[0]
        return found

    def seek(self, offsets: Mapping[str, int]) -> None:
        """Go on from these offsets."""
        self._positions = dict(offsets)

    async def fetch(self, timeout: float) -> list[Fetched]:  # noqa: ASYNC109 - the broker does the waiting
        """Return what has arrived, waiting up to `timeout` seconds for something."""
        fetched = await self._fetch_once(_NOT_YET)
        if not fetched and timeout:
            await asyncio.wait({self._broker.wait_for_more(self._places.values())}, timeout=self._patience(timeout))
            fetched = await self._fetch_once(0.0)
        return fetched

    def position(self, topic: str) -> int:
        """Return the offset after everything fetched."""
        return self._positions[topic]

    def ends(self) -> Mapping[str, int]:
        """Return the ends of the sources as last seen."""
        return self._ends

    def _patience(self, timeout: float) -> float:
        return min(timeout, _BACKOFF_SECONDS) if self._is_more_there else timeout

    async def _fetch_once(self, not_yet: float) -> list[Fetched]:
        """Ask once; each topic's records are `not_yet` there so often (0..1)."""
        assert self._is_connected
        try:
            pages = await self._network.call(self._process, "fetch", self._read)
        except OutOfRange:
            raise
        except TransientFault:
            return []
        fetched = []
        self._is_more_there = False
        for topic, (page, end) in pages.items():
            if not_yet and self._network.happens(not_yet):
                self._is_more_there = self._is_more_there or bool(page.entries)
                continue
            self._positions[topic], self._ends[topic] = page.next_offset, end
            if page.entries:
                fetched.append(Fetched(topic, self._records(topic, page)))
        return fetched

    def _read(self) -> dict[str, tuple[Page, int]]:
        logs = {topic: self._broker.logs[place] for topic, place in self._places.items()}
        for topic, log in logs.items():
            if not log.start <= self._positions[topic] <= log.end:
                message = f"{topic} has no offset {self._positions[topic]}"
                raise OutOfRange(message)
        return {topic: (log.read(self._positions[topic], _PAGE), log.end) for topic, log in logs.items()}

    def _records(self, topic: str, page: Page) -> list[SourceRecord]:
        partition = self._places[topic][1]
        return [
            SourceRecord(topic, partition, entry.offset, entry.timestamp_ms, entry.key, entry.value, entry.headers)
            for entry in page.entries
        ]


class SimChangelog(_Client):
    """A `Changelog` over a simulated log, the changelog's or the journal's."""

    def __init__(
        self, config: EngineConfig, process: Process, network: Network, broker: SimBroker, place: Place
    ) -> None:
        super().__init__(config, process, network, broker)
        self._log = broker.logs[place]
        self._position = 0

    async def start(self) -> None:
        """Connect."""
        await self._connect("changelog")

    async def bounds(self) -> Bounds:
        """Return first and stable end offset."""
        return await self._ask("changelog bounds", lambda: self._log.bounds)

    async def end_of_all(self) -> int:
        """Return the end with what is undecided."""
        return await self._ask("changelog end", lambda: self._log.end)

    def seek(self, offset: int) -> None:
        """Go on from this offset."""
        self._position = offset

    async def read(self, timeout: float) -> Chunk:  # noqa: ASYNC109 - the broker does the waiting
        """Return what comes next."""
        if self._network.happens(_NOT_YET):
            await asyncio.sleep(timeout)
            return Chunk([], self._position)
        page = await self._ask("read changelog", self._read)
        self._position = page.next_offset
        return Chunk([(entry.key or b"", entry.value) for entry in page.entries], page.next_offset)

    def _read(self) -> Page:
        if self._position < self._log.start:
            message = f"the changelog has no offset {self._position}"
            raise OutOfRange(message)
        return self._log.read(self._position, _PAGE)


class SimTransaction(_Client):
    """A `Transaction` that repeats what the real client repeats, and asks for the end once."""

    def __init__(
        self, config: EngineConfig, process: Process, network: Network, broker: SimBroker, partition: int
    ) -> None:
        super().__init__(config, process, network, broker)
        self._partition = partition
        self._id = config.transactional_id(partition)
        self._epoch = -1
        self._sequences: dict[Place, int] = {}
        self._under_way: list[asyncio.Task[Appended]] = []
        self._added: set[Place] = set()

    async def start(self) -> None:
        """Become the holder of the transactional id."""
        await self._connect("producer")
        _, self._epoch = await self._ask(f"init producer {self._partition}", self._broker.init_producer, self._id)

    def begin(self) -> None:
        """Open a transaction; nothing is sent."""
        self._under_way = []
        self._added = set()

    async def append(self, batches: Mapping[tuple[str, int], Sequence[Outgoing]]) -> list[Awaitable[Appended]]:
        """Write to topic-partitions in the background, in order for each of them."""
        writes: list[Awaitable[Appended]] = []
        for place, records in batches.items():
            half = (len(records) + 1) // 2
            parts = [part for part in (records[:half], records[half:]) if part]
            previous: asyncio.Task[Appended] | None = None
            for part in parts:
                if previous is not None:  # there may be no room for it before the one before it is under way
                    await self._network.pause(self._process, "append")
                previous = self._spawn(self._write(place, part, self._next_sequence(place), previous))
                writes.append(previous)
        return writes

    async def add_offsets(self, offsets: Mapping[str, int]) -> None:
        """Make the group's offsets part of the transaction."""
        places = {(topic, self._partition): offset for topic, offset in offsets.items()}
        await self._ask("add offsets", self._broker.add_offsets, self._id, self._epoch)
        await self._network.call(
            self._process, "commit offsets", self._broker.commit_offsets, self._id, self._epoch, places
        )

    async def commit(self) -> None:
        """Make all of it visible, asking once."""
        if any(not write.done() or write.cancelled() or write.exception() for write in self._under_way):
            self._broker.violations.append(f"S6: {self._id} asked to commit what was not acknowledged")
        await self._end(commit=True)

    async def abort(self) -> None:
        """Undo all of it."""
        await self._end(commit=False)

    async def close(self) -> None:
        """Let go; what is under way is on its way all the same."""
        for task in self._under_way:
            task.cancel()
        await super().close()

    async def _end(self, *, commit: bool) -> None:
        if self._under_way:  # the real client flushes, whatever came of the writes
            await asyncio.wait(self._under_way)
        try:
            await self._network.call(
                self._process, "commit" if commit else "abort",
                lambda: self._broker.end(self._id, self._epoch, commit=commit),
            )  # fmt: skip
        except Fenced:
            raise
        except TransientFault as fault:
            raise CommitUnknown(str(fault)) from fault

    def _next_sequence(self, place: Place) -> int:
        self._sequences[place] = self._sequences.get(place, 0) + 1
        return self._sequences[place]

    async def _write(
        self, place: Place, records: Sequence[Outgoing], sequence: int, previous: "asyncio.Task[Appended] | None"
    ) -> Appended:
        if previous is not None:
            await asyncio.wait({previous})
        if place not in self._added:
            await self._ask("add partitions", self._broker.add_partitions, self._id, self._epoch, [place])
            self._added.add(place)
        return await self._ask(
            f"produce {place[0]}-{place[1]}", self._broker.produce, self._id, self._epoch, sequence, place, records
        )

    def _spawn(self, write: Coroutine[Any, Any, Appended]) -> "asyncio.Task[Appended]":
        task = asyncio.ensure_future(write)
        self._under_way.append(task)
        return task
