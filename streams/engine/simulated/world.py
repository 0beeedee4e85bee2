"""A worker's world in the simulator."""

import asyncio
from dataclasses import dataclass

from streams.engine.config import EngineConfig
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.client import SimChangelog, SimSource, SimTransaction
from streams.engine.simulated.disk import SimDisk, SimStore
from streams.engine.simulated.group import SimGroup, SimMembership
from streams.engine.simulated.network import Network, Process
from streams.engine.world import Changelog, Clock, Membership, Source, Store, Transaction

_EPOCH_MS = 1_700_000_000_000


class SimClock:
    """Virtual time; the calendar can be made to jump."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.jumped_ms = 0

    def monotonic(self) -> float:
        """Return virtual seconds."""
        return self._loop.time()

    def time_ms(self) -> int:
        """Return milliseconds UTC, jumps included."""
        return _EPOCH_MS + int(self._loop.time() * 1000) + self.jumped_ms


@dataclass(frozen=True, slots=True)
class Cluster:
    """What all workers of a run share."""

    config: EngineConfig
    network: Network
    broker: SimBroker
    group: SimGroup
    clock: SimClock


class SimWorld:
    """A `World` for one process on one disk."""

    def __init__(self, around: Cluster, process: Process, disk: SimDisk) -> None:
        self._config = around.config
        self._process = process
        self._network = around.network
        self._broker = around.broker
        self._group = around.group
        self._disk = disk
        self.clock: Clock = around.clock

    def membership(self) -> Membership:
        """Return this worker's membership."""
        return SimMembership(self._config, self._process, self._network, self._broker, self._group)

    def source(self, partition: int) -> Source:
        """Return a reader of that partition of every source."""
        return SimSource(self._config, self._process, self._network, self._broker, partition)

    def transaction(self, partition: int) -> Transaction:
        """Return a producer with the partition's transactional id."""
        return SimTransaction(self._config, self._process, self._network, self._broker, partition)

    def changelog(self, partition: int) -> Changelog:
        """Return a reader of that partition of the changelog."""
        return self._log(self._config.changelog, partition)

    def journal(self, partition: int) -> Changelog:
        """Return a reader of that partition of the journal."""
        return self._log(self._config.journal, partition)

    def open_store(self, partition: int) -> Store:
        """Open the local store."""
        return SimStore(self._disk, self._process, self._network, partition)

    def discard_store(self, partition: int) -> None:
        """Delete the local store."""
        self._disk.stores.pop(partition, None)

    def close(self) -> None:
        """Nothing is held beyond the process."""

    def _log(self, topic: str, partition: int) -> SimChangelog:
        return SimChangelog(self._config, self._process, self._network, self._broker, (topic, partition))
