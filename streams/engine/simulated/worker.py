"""One machine: its disk stays, its process comes and goes."""

import asyncio
from collections.abc import Callable
from random import Random

from streams.engine.api import Processor
from streams.engine.engine import Engine
from streams.engine.journal import JournalCodec
from streams.engine.listener import Listener
from streams.engine.simulated.disk import SimDisk
from streams.engine.simulated.network import CURRENT, Process
from streams.engine.simulated.world import Cluster, SimWorld
from streams.engine.status import TaskStatus

_STOP_SECONDS = 10.0


class SimWorker:
    """Runs an engine; `report` is told what no run may come to."""

    def __init__(
        self, name: str, cluster: Cluster, random: Random, report: Callable[[str], None], listener: Listener
    ) -> None:
        self.name = name
        self.disk = SimDisk(random)
        self.process: Process | None = None
        self.engine: Engine | None = None
        self._cluster = cluster
        self._random = random
        self._report = report
        self._listener = listener
        self._runner: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether a process runs."""
        return self.process is not None and self.process.is_alive

    @property
    def tasks(self) -> tuple[TaskStatus, ...]:
        """The tasks of the running process."""
        return self.engine.tasks if self.is_up and self.engine is not None else ()

    def start(self, processor: Processor, codec: JournalCodec, machine_crashes: float) -> None:
        """Start a process; when it dies, the machine dies with it as often as `machine_crashes` says (0..1)."""
        process = self.process = Process(self.name)
        process.on_crash = lambda: self.disk.crash(machine=self._random.random() < machine_crashes)
        self._cluster.network.note(process, "START")
        token = CURRENT.set(process)
        try:
            world = SimWorld(self._cluster, process, self.disk)
            self.engine = Engine(self._cluster.config, processor, codec, self._listener, world=world)
            self._runner = asyncio.ensure_future(self._serve(self.engine))
        finally:
            CURRENT.reset(token)

    async def stop(self, *, leave: bool) -> None:
        """Stop as SIGTERM does, and see that it takes no longer than promised."""
        engine, process = self.engine, self.process
        assert engine is not None
        assert process is not None
        clock = self._cluster.clock
        self._cluster.network.note(process, "STOP")
        began = clock.monotonic()
        token = CURRENT.set(process)
        try:
            stopping = asyncio.ensure_future(engine.stop(leave=leave))
        finally:
            CURRENT.reset(token)
        await asyncio.wait({stopping})
        took = clock.monotonic() - began
        if process.is_alive and took > _STOP_SECONDS:
            self._report(f"L2: stopping {self.name} took {took:.1f} s")
        process.on_crash = lambda: self.disk.crash(machine=False)
        process.kill()

    async def _serve(self, engine: Engine) -> None:
        process = self.process
        try:
            await engine.start()
            await engine.wait()
        except Exception as error:  # noqa: BLE001 - no run may end like this, whatever it is
            self._cluster.network.note(process, f"ENDED {type(error).__name__} {error}")
            self._report(f"L1: worker {self.name} ended with {type(error).__name__}: {error}")
