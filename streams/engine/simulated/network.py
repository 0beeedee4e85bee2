"""Everything between a worker and the broker, and all that can happen to it there."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from streams.engine.errors import TransientFault

T = TypeVar("T")

CURRENT: ContextVar["Process | None"] = ContextVar("CURRENT", default=None)
"""The worker process to which the running task belongs."""

ASKED_ONCE = frozenset({"commit", "abort", "commit offsets"})
"""Requests that the client never repeats, because a first one that arrives late would act on the next transaction."""

_LATENCY_SECONDS = 0.002
_REQUEST_SECONDS = 5.0
_HANG_UP_SECONDS = (0.01, 2.0, 6.0)
"""At once, as long as the client waits, and as long as that takes a process that gets hardly any time."""
_LATE_SECONDS = (0.05, 5.0, 40.0)
"""Into the next transaction, past the client's patience, past everybody's."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities per request (or per step, for crashes), all 0 when the world is healed.

    `lost` never arrives; `unanswered` is carried out, but the answer is lost; `late` is carried out up to 40 s
    after the asker gave up; `repeated` is carried out twice, the second time late, as when the client repeats it on
    a new connection and the first is stuck on the old one (so only for what the client does repeat); `refused` is a
    batch that the broker will never take; `rebalance` moves every partition to the next worker, at any step.
    """

    crash: float = 0.0
    lost: float = 0.0
    unanswered: float = 0.0
    late: float = 0.0
    repeated: float = 0.0
    refused: float = 0.0
    rebalance: float = 0.0


HEALED = Faults()


class Process:
    """A worker process: what it has running, whether it lives, and whether the network reaches it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_alive = True
        self.cut_until = 0.0
        self.starved_until = 0.0
        """Until when it gets hardly any time: what usually takes a moment may take seconds."""
        self.tasks: list[asyncio.Task[Any]] = []
        self.on_crash: Callable[[], None] = lambda: None

    def adopt(self, task: "asyncio.Task[Any]") -> None:
        """Count a task as this process's."""
        if len(self.tasks) > 200:  # noqa: PLR2004 - now and then is enough
            self.tasks = [known for known in self.tasks if not known.done()]
        self.tasks.append(task)

    def kill(self) -> None:
        """End the process between two instructions. From now on nothing it does reaches the outside."""
        if self.is_alive:
            self.is_alive = False
            self.on_crash()
            for task in self.tasks:
                task.cancel()


def adopting_factory(  # the shape that a loop asks of a task factory
    loop: asyncio.AbstractEventLoop,
    coro: Any,  # noqa: ANN401 - see above
    **settings: Any,  # noqa: ANN401 - see above
) -> "asyncio.Task[Any]":
    """Make tasks that belong to the process that made them."""
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **settings)
    process = CURRENT.get()
    if process is not None:
        process.adopt(task)
    return task


class Network:
    """Carries requests; deterministic in its seed and the order of calls."""

    def __init__(self, random: Random, faults: Faults, trace: list[str] | None) -> None:
        self._random = random
        self._loop = asyncio.get_running_loop()
        self._trace = trace
        self.faults = faults
        self.steps = 0
        self.crash_at_step = -1
        self.rebalance_at_step = -1
        self.rebalance: Callable[[], None] = lambda: None
        """Moves partitions between the workers, at once."""
        self.down_until = 0.0
        """Until when the broker answers nobody."""

    def happens(self, probability: float) -> bool:
        """Draw whether something happens."""
        return self._random.random() < probability

    async def pause(self, process: Process, what: str) -> None:
        """Wait for a moment within the process, in which it may die."""
        self.step(process, f"before {what}")
        await asyncio.sleep(self._random.random() * _LATENCY_SECONDS)
        self.step(process, f"after {what}")

    async def hang_up(self, process: Process) -> None:
        """Let go of a connection: at once, or after a while where the other side is gone or the process starves."""
        hangs = max(process.cut_until, process.starved_until, self.down_until) > self._loop.time()
        if process.is_alive:
            await asyncio.sleep(self._random.choice(_HANG_UP_SECONDS) if hangs else 0.0)

    def note(self, process: Process | None, text: str) -> None:
        """Add a line to the trace, if there is one."""
        if self._trace is not None:
            self._trace.append(f"{self._loop.time():9.3f} {'-' if process is None else process.name:4} {text}")

    def step(self, process: Process, what: str) -> None:
        """Pass a point at which the process may die; raises `CancelledError` if it does.

        Every request passes two, before and after; every write to the disk too.
        """
        self.steps += 1
        if not process.is_alive:
            raise asyncio.CancelledError
        if self.steps == self.rebalance_at_step or (
            self.faults.rebalance and self._random.random() < self.faults.rebalance
        ):
            self.note(process, f"REBALANCE at {what}")
            self.rebalance()
        dies = self.steps == self.crash_at_step
        if dies or (self.faults.crash and self._random.random() < self.faults.crash):
            self.note(process, f"CRASH at {what}")
            process.kill()
            raise asyncio.CancelledError

    async def call(self, process: Process, what: str, function: Callable[..., T], *args: object) -> T:
        """Carry a request to the broker and its answer back.

        Raises what the broker raises, and `TransientFault` when no answer comes.
        """
        self.step(process, f"before {what}")
        await asyncio.sleep(self._random.random() * _LATENCY_SECONDS)
        if not process.is_alive:
            raise asyncio.CancelledError
        await self._survive(process, what, function, args)
        self.note(process, what)
        result = self._carried_out(process, what, function, args)
        self.step(process, f"after {what}")
        if self.faults.unanswered and self._random.random() < self.faults.unanswered:
            self.note(process, f"answer to {what} lost")
            await self._give_up(what)
        return result

    def _carried_out(self, process: Process, what: str, function: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            result = function(*args)
        except Exception as error:
            self.note(process, f"  {what} -> {type(error).__name__} {error}")
            raise
        if self.faults.repeated and what not in ASKED_ONCE and self._random.random() < self.faults.repeated:
            self._later(process, what, function, args)
        return result

    async def _survive(
        self, process: Process, what: str, function: Callable[..., object], args: tuple[object, ...]
    ) -> None:
        """Let the request be lost or late; return if it arrives in time."""
        if max(process.cut_until, self.down_until) > self._loop.time():
            self.note(process, f"{what} cut off")
            if self._random.random() < 0.5:  # noqa: PLR2004 - half of it was already on its way
                self._later(process, what, function, args)
            await self._give_up(what)
        faults = self.faults
        if not (faults.lost or faults.late):
            return
        drawn = self._random.random()
        if drawn < faults.lost:
            self.note(process, f"{what} lost")
            await self._give_up(what)
        if drawn < faults.lost + faults.late:
            self.note(process, f"{what} will be late")
            self._later(process, what, function, args)
            await self._give_up(what)

    async def _give_up(self, what: str) -> None:
        """Learn that the connection broke, at once or after the request's time."""
        await asyncio.sleep(self._random.choice((0.01, _REQUEST_SECONDS)))
        message = f"no answer to {what}"
        raise TransientFault(message)

    def _later(self, process: Process, what: str, function: Callable[..., object], args: tuple[object, ...]) -> None:
        delay = self._random.random() * self._random.choice(_LATE_SECONDS)
        self._loop.call_later(delay, self._carry_out_late, process, what, function, args)

    def _carry_out_late(
        self, process: Process, what: str, function: Callable[..., object], args: tuple[object, ...]
    ) -> None:
        try:
            function(*args)
        except Exception as error:  # noqa: BLE001 - nobody waits for this answer
            self.note(process, f"late {what} -> {type(error).__name__}")
        else:
            self.note(process, f"late {what} carried out")
