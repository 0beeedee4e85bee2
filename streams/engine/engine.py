"""What an application runs: tasks for the partitions that the group gives this worker."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any, TypeVar

from streams.engine.api import Processor, Table
from streams.engine.config import EngineConfig
from streams.engine.errors import ConfigurationError
from streams.engine.journal import JournalCodec
from streams.engine.lane import Lane
from streams.engine.listener import Listener
from streams.engine.state import after_prefix
from streams.engine.status import TaskStatus
from streams.engine.surroundings import Surroundings, within
from streams.engine.watchdog import Watchdog
from streams.engine.world import Membership, Store, World

log = logging.getLogger(__name__)

V = TypeVar("V")

# A topic that was just created is not known to every broker at once.
_LOOKS_FOR_NEW_TOPICS = 10
_LOOK_SECONDS = 0.2


class Engine:
    """Hosts one `Processor`.

    `start`, then `wait`; `stop` from anywhere. A world of its own is for the simulator; without one, the engine
    makes a real one at start.
    """

    def __init__(
        self,
        config: EngineConfig,
        processor: Processor,
        journal_codec: JournalCodec,
        listener: Listener | None = None,
        *,
        world: World | None = None,
    ) -> None:
        self._config = config
        self._processor = processor
        self._codec = journal_codec
        self._listener = Listener() if listener is None else listener
        self._world = world
        self._lane: Lane | None = None
        self._watchdog: Watchdog | None = None
        self._stopped = asyncio.Event()

    async def start(self) -> None:
        """Check topics, join the group, and begin; returns before partitions are assigned.

        Raises `ConfigurationError` with one sentence when broker, topics or state folder cannot be used.
        """
        if self._world is None:
            self._world = _real_world(self._config)
            self._watchdog = Watchdog(self._config.budgets.stall)
        world = self._world
        membership = world.membership()
        around = Surroundings(self._config, world, membership, self._processor, self._codec, self._listener)
        self._lane = Lane(around, _nothing if self._watchdog is None else self._watchdog.beat)
        try:
            await membership.start()
            await check_topics(self._config, membership)
            self._lane.start()
            if self._watchdog is not None:
                self._watchdog.start()
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> None:
        """Return when the engine was stopped; raise when it cannot go on, with the reason."""
        assert self._lane is not None
        stopped = asyncio.ensure_future(self._stopped.wait())
        futures: set[asyncio.Future[Any]] = {stopped, self._lane.failed}
        await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self._lane.failed.done():
            self._lane.failed.result()

    async def stop(self, *, leave: bool = False) -> None:
        """Finish or undo what is running and let go of everything, within the configured budget.

        `leave` gives the partitions to other workers at once; without it they wait for this worker to come back
        until the session ends.
        """
        if self._stopped.is_set():
            return
        try:
            if self._lane is not None:
                await within(self._config.budgets.stop, lambda: self._stop_lane(leave=leave))
        except TimeoutError:
            log.warning("not everything could be closed within %.0f s", self._config.budgets.stop)
        finally:
            if self._watchdog is not None:
                self._watchdog.close()
            if self._world is not None:
                self._world.close()
            self._stopped.set()

    async def _stop_lane(self, *, leave: bool) -> None:
        assert self._lane is not None
        await self._lane.stop(leave=leave)

    @property
    def tasks(self) -> tuple[TaskStatus, ...]:
        """What can be seen of each partition that is ours, in order."""
        return () if self._lane is None else self._lane.statuses

    def read(self, partition: int, table: Table[V], key: bytes) -> V | None:
        """Return a committed value of a partition that is ours.

        Raises `KeyError` when the partition is not ours, or its state not open yet.
        """
        data = self._store(partition).get(table.prefix + key)
        return None if data is None else table.load(data)

    def scan(
        self, partition: int, table: Table[V], start: bytes = b"", stop: bytes | None = None
    ) -> Iterator[tuple[bytes, V]]:
        """Yield committed pairs of a partition that is ours, in byte order of keys (without prefix).

        Raises `KeyError` as `read` does.
        """
        store = self._store(partition)
        prefix = table.prefix
        last = after_prefix(prefix) if stop is None else prefix + stop
        return ((full[len(prefix) :], table.load(data)) for full, data in store.scan(prefix + start, last))

    def _store(self, partition: int) -> Store:
        task = None if self._lane is None else self._lane.tasks.get(partition)
        store = None if task is None else task.store
        if store is None:
            raise KeyError(partition)
        return store


async def check_topics(config: EngineConfig, membership: Membership) -> None:
    """See that every topic exists and that all have as many partitions as the first source.

    Raises `ConfigurationError` naming the topics that do not.
    """
    named = (*config.sources, config.changelog, config.journal, config.dead_letter, *config.outputs)
    counts = await within(config.budgets.start, lambda: membership.partition_counts(named))
    for _ in range(_LOOKS_FOR_NEW_TOPICS):
        if all(topic in counts for topic in named):
            break
        await asyncio.sleep(_LOOK_SECONDS)
        counts = await within(config.budgets.start, lambda: membership.partition_counts(named))
    missing = [topic for topic in named if topic not in counts]
    if missing:
        message = f"these topics do not exist: {', '.join(missing)}"
        raise ConfigurationError(message)
    expected = counts[config.sources[0]]
    unequal = [f"{topic} has {counts[topic]}" for topic in named if counts[topic] != expected]
    if unequal:
        message = f"{config.sources[0]} has {expected} partitions, but {', '.join(unequal)}: they must be equal"
        raise ConfigurationError(message)


def _nothing() -> None:
    """Virtual time needs no watchdog."""


def _real_world(config: EngineConfig) -> World:
    # Only here, so that the simulator needs neither broker client nor database.
    from streams.engine.kafka.world import KafkaWorld  # noqa: PLC0415 - see above

    return KafkaWorld(config)
