"""One worker on a simulated Kafka, for tests that say themselves what happens and when."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from streams.engine.config import EngineConfig
from streams.engine.journal import JsonJournalCodec
from streams.engine.listener import Listener
from streams.engine.resume import ask_to_release, ask_to_resume
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.checkers import check_all
from streams.engine.simulated.disk import SimDisk
from streams.engine.simulated.group import SimGroup
from streams.engine.simulated.loop import run_virtually, virtual_loop
from streams.engine.simulated.network import Faults, Network, Process, adopting_factory
from streams.engine.simulated.schedule import all_topics, simulated_config
from streams.engine.simulated.tally import LEDGER, SOURCES, Tally
from streams.engine.simulated.worker import SimWorker
from streams.engine.simulated.world import Cluster, SimClock, SimWorld
from streams.engine.status import TaskStatus

T = TypeVar("T")

SOURCE = SOURCES[0]


@dataclass
class Stage:
    """All is there, and nothing runs yet; `found` is what no run may come to."""

    processor: Tally = field(default_factory=lambda: Tally(1))
    config: EngineConfig = field(default_factory=simulated_config)
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        loop, random = virtual_loop(), Random(1)
        loop.set_task_factory(adopting_factory)
        self.broker = SimBroker(all_topics(self.config), 1, random, self.config.budgets.transaction_timeout)
        self.network = Network(random, Faults(), None)
        group = SimGroup(1, self.config.budgets.session)
        self._cluster = Cluster(self.config, self.network, self.broker, group, SimClock())
        self.worker = SimWorker("w0", self._cluster, random, self.found.append, Listener())
        self._random = random

    def start(self) -> None:
        """Start the worker."""
        self.worker.start(self.processor, JsonJournalCodec(), 0.0)

    async def stop(self) -> None:
        """Stop it in good order."""
        await self.worker.stop(leave=True)

    def publish(self, *values: bytes, key: bytes | None = b"k") -> None:
        """Publish records to the first source."""
        for value in values:
            self.broker.publish((SOURCE, 0), key, value)

    @property
    def task(self) -> TaskStatus | None:
        """What can be seen of the only partition."""
        return next(iter(self.worker.tasks), None)

    @property
    def halted(self) -> str:
        """Why the partition stands still, empty if it does not."""
        return "" if self.task is None or self.task.phase != "halted" else self.task.halted

    def held(self) -> int:
        """How many accounts are held."""
        return 0 if self.task is None else self.task.held

    def is_done(self) -> bool:
        """Whether all that was published is processed."""
        end = self.broker.logs[SOURCE, 0].end
        task = self.task
        return task is not None and task.phase == "idle" and task.positions.get(SOURCE) == end

    async def until(self, condition: Callable[[], object], seconds: float = 120.0) -> None:
        """Wait in virtual time; raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - virtual time costs nothing
                await asyncio.sleep(0.1)

    async def work_through(self, *values: bytes) -> None:
        """Publish records, and let the worker run until they are processed."""
        self.publish(*values)
        self.start()
        await self.until(self.is_done)
        await self.stop()

    async def resume(self, dead_letter_offset: int | None = None) -> None:
        """Do what `cee resume` does."""
        world = SimWorld(self._cluster, Process("cli"), SimDisk(self._random))
        await ask_to_resume(self.config, world.transaction(0), world.clock, 0, dead_letter_offset)

    async def release(self, key: bytes) -> None:
        """Do what `cee release` does."""
        world = SimWorld(self._cluster, Process("cli"), SimDisk(self._random))
        await ask_to_release(self.config, world.transaction(0), world.clock, 0, key)

    def published(self) -> list[bytes]:
        """Return what readers of the outputs see."""
        return [entry.value or b"" for entry in self.broker.logs[LEDGER, 0].committed()]

    def checked(self, *asked: int) -> list[str]:
        """Return what the checkers find; `asked` are offsets that a person sent to the dead letters."""
        files = self.worker.disk.stores.get(0)
        stores = {} if files is None else {0: files.data}
        return self.found + check_all(
            self.broker, self.config, JsonJournalCodec(), stores, frozenset((0, offset) for offset in asked)
        )


def on_stage(play: Callable[[Stage], Awaitable[T]], processor: Tally | None = None) -> T:
    """Run a play in virtual time."""

    async def run() -> T:
        return await play(Stage() if processor is None else Stage(processor))

    return run_virtually(run())
