"""What the tasks of a worker share, and what each shows of itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from streams.engine.api import Processor
from streams.engine.config import EngineConfig
from streams.engine.journal import JournalCodec
from streams.engine.listener import Listener, Phase
from streams.engine.world import Membership, World

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all tasks of a worker share."""

    config: EngineConfig
    world: World
    membership: Membership
    processor: Processor
    codec: JournalCodec
    listener: Listener


@dataclass(slots=True)
class Progress:
    """What can be seen of a task while it works; written by its session, read by status and watchdog.

    `moved_at` is monotonic seconds of the last sign of life that got somewhere: a batch, a restored chunk, an
    answer that there is nothing to do. `trouble` is why the last life ended, while the next one has not begun.
    """

    around: Surroundings
    partition: int
    phase: Phase = "starting"
    moved_at: float = 0.0
    restored: int = 0
    total: int = 0
    positions: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)
    last_commit_ms: int = 0
    halted: str = ""
    held: int = 0
    trouble: str = ""

    def moved(self) -> None:
        """Note a sign of life."""
        self.moved_at = self.around.world.clock.monotonic()

    def enter(self, phase: Phase) -> None:
        """Note what the task does now; one that is stopping does nothing else any more."""
        if phase != self.phase and (self.phase != "stopping" or phase == "stopped"):
            self.phase = phase
            self.around.listener.phase_changed(self.partition, phase)


async def within(seconds: float, call: Callable[[], Awaitable[T]]) -> T:
    """Await a call to the outside with a deadline; the client retries many of them without bound.

    Raises `TimeoutError`.
    """
    async with asyncio.timeout(seconds):
        return await call()
