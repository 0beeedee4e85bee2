"""What a person, a machine or a network does to running workers, one trouble at a time."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final

from streams.engine.simulated.worker import SimWorker
from streams.engine.simulated.world import Cluster

_HOUR_MS: Final = 3_600_000
_BACK_SECONDS: Final = (0.003, 0.02, 0.5, 3.0)


class Troubles:
    """Makes trouble by name; `stop` and `forget-offsets` are the run's own, because they take several steps."""

    def __init__(self, cluster: Cluster, workers: list[SimWorker], random: Random) -> None:
        self._cluster = cluster
        self._workers = workers
        self._random = random
        self._by_name: dict[str, Callable[[SimWorker], None]] = {
            "kill": self._kill,
            "cut": self._cut,
            "rebalance": lambda _: cluster.group.shuffle(),
            "starve": self._starve,
            "forget-offsets": lambda _: self._forget_offsets(),
            "compact": lambda _: self._compact(),
            "trim": lambda _: self._trim(),
            "recreate-topic": lambda _: self._recreate(),
            "restart-broker": lambda _: self._restart_broker(),
            "tear-store": self._tear,
            "turn": lambda _: cluster.group.turn(),
            "turn-back": lambda _: self._turn_back(),
            "lose-store": lambda worker: worker.disk.lose(),
            "damage-store": lambda worker: worker.disk.damage(),
            "rot-store": lambda worker: worker.disk.rot(),
            "full-disk": self._fill,
            "clock": lambda _: self._jump(),
        }

    def make(self, name: str, worker: SimWorker) -> None:
        """Let one of them happen to a worker, or to what all share."""
        self._by_name[name](worker)

    def _kill(self, worker: SimWorker) -> None:
        if worker.process is not None:
            worker.process.kill()

    def _cut(self, worker: SimWorker) -> None:
        if worker.process is not None:
            seconds = self._random.choice((1.0, 8.0, 25.0, 45.0))
            worker.process.cut_until = self._cluster.clock.monotonic() + seconds

    def _starve(self, worker: SimWorker) -> None:
        if worker.process is not None:
            worker.process.starved_until = self._cluster.clock.monotonic() + self._random.choice((5.0, 20.0))

    def _forget_offsets(self) -> None:
        """Delete the group; the broker lets nobody do so while it has members."""
        for worker in self._workers:
            self._kill(worker)
        self._cluster.broker.committed.clear()

    def _compact(self) -> None:
        for partition in range(self._cluster.broker.partitions):
            self._cluster.broker.logs[(self._cluster.config.changelog, partition)].compact()

    def _trim(self) -> None:
        """Delete the older part of a changelog, as a wrong retention does."""
        broker = self._cluster.broker
        log = broker.logs[(self._cluster.config.changelog, self._random.randrange(broker.partitions))]
        log.trim(self._random.randint(0, log.end))

    def _recreate(self) -> None:
        broker = self._cluster.broker
        broker.recreate((self._random.choice(self._cluster.config.sources), self._random.randrange(broker.partitions)))

    def _restart_broker(self) -> None:
        """What was written stays; nobody is answered for a while."""
        self._cluster.network.down_until = self._cluster.clock.monotonic() + self._random.choice((0.5, 4.0, 15.0))

    def _turn_back(self) -> None:
        """Take every partition away and give it back while its task is still ending."""
        turn = self._cluster.group.turn
        turn()
        asyncio.get_running_loop().call_later(self._random.choice(_BACK_SECONDS), turn)

    def _tear(self, worker: SimWorker) -> None:
        if worker.is_up:
            worker.disk.tears = True
            self._kill(worker)

    def _fill(self, worker: SimWorker) -> None:
        worker.disk.is_full = not worker.disk.is_full

    def _jump(self) -> None:
        self._cluster.clock.jumped_ms += self._random.choice((-_HOUR_MS, 5_000, 4 * 24 * _HOUR_MS))
