"""All tasks of a worker, following the group's rebalances.

A rebalance only starts and stops tasks, and a partition that stays is left alone: its producer's transactional id
keeps anybody else from writing, so nothing needs to be given up before the group has decided.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping

from streams.engine.errors import EngineError
from streams.engine.status import TaskStatus
from streams.engine.surroundings import Surroundings
from streams.engine.task import Task

log = logging.getLogger(__name__)

_FENCES_TO_REJOIN = 3


class Stalled(EngineError):  # noqa: N818 - what happened, for the one who restarts the process
    """A task got nowhere for longer than a person should wait."""


class Lane:
    """Starts, watches and stops tasks; `failed` is done with the reason when the worker must end.

    `beat` is called about once a second while the event loop runs.
    """

    def __init__(self, around: Surroundings, beat: Callable[[], None]) -> None:
        self._around = around
        self._clock = around.world.clock
        self._budgets = around.config.budgets
        self._beat = beat
        self._tasks: dict[int, Task] = {}
        self._runners: dict[int, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._fences: deque[float] = deque()
        self._closing = False
        self._monitor: asyncio.Task[None] | None = None
        self._rejoining: asyncio.Task[None] | None = None
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def tasks(self) -> Mapping[int, Task]:
        """The tasks of the partitions that are ours."""
        return self._tasks

    @property
    def statuses(self) -> tuple[TaskStatus, ...]:
        """What can be seen of each task, by partition."""
        return tuple(self._tasks[partition].status for partition in sorted(self._tasks))

    def start(self) -> None:
        """Join the group and follow it."""
        self._around.membership.join(self.follow)
        self._monitor = asyncio.ensure_future(self._watch())

    def follow(self, partitions: frozenset[int], unbroken: bool) -> None:  # noqa: FBT001 - the shape of `Changed`
        """Start and stop tasks so that they are those of `partitions`; waits for nothing and raises nothing.

        After a break in the membership every task starts anew: what it knows may be old.
        """
        if self._closing:
            return
        try:
            self._follow(partitions, unbroken=unbroken)
        except Exception as error:  # noqa: BLE001 - the group's client would go on, with a partition that nobody works on
            self._fail(error)

    def _follow(self, partitions: frozenset[int], *, unbroken: bool) -> None:
        log.info("assigned partitions: %s", sorted(partitions))
        for partition in sorted(self._tasks.keys() - partitions if unbroken else self._tasks):
            self._stop(partition)
        for partition in sorted(partitions - self._tasks.keys()):
            self._start(partition)
        self._around.listener.assigned(partitions)

    async def stop(self, *, leave: bool) -> None:
        """Finish or undo running transactions, close everything, and let go of the membership."""
        self._closing = True
        if self._monitor is not None:
            self._monitor.cancel()
        if self._rejoining is not None:
            self._rejoining.cancel()
        for partition in sorted(self._tasks):
            self._stop(partition)
        if self._leaving:
            await asyncio.wait(self._leaving)
        await self._around.membership.close(leave=leave)

    def _start(self, partition: int) -> None:
        task = Task(self._around, partition, self._note_fence)
        previous = self._runners.get(partition)
        runner = asyncio.ensure_future(_run_after(previous, task))
        runner.add_done_callback(self._note_end)
        self._tasks[partition] = task
        self._runners[partition] = runner

    def _stop(self, partition: int) -> None:
        task = self._tasks.pop(partition)
        task.stop()
        runner = self._runners[partition]
        if not task.is_working:
            runner.cancel()  # there is nothing to finish yet
        ending = asyncio.ensure_future(self._end(runner))
        self._leaving.add(ending)
        ending.add_done_callback(self._leaving.discard)

    async def _end(self, runner: asyncio.Task[None]) -> None:
        """Give a task its budget to finish; after it, what it does is undone."""
        await asyncio.wait({runner}, timeout=self._budgets.revoke)
        if not runner.done():
            log.warning("a task did not stop within %.0f s: its transaction is undone", self._budgets.revoke)
            runner.cancel()
            await asyncio.wait({runner})

    def _note_end(self, runner: asyncio.Task[None]) -> None:
        if not runner.cancelled() and (error := runner.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)

    def _note_fence(self) -> None:
        """Several fences in a minute mean that the group and we disagree about who we are."""
        now = self._clock.monotonic()
        self._fences.append(now)
        while self._fences and now - self._fences[0] > self._budgets.fence_window:
            self._fences.popleft()
        if len(self._fences) >= _FENCES_TO_REJOIN and (self._rejoining is None or self._rejoining.done()):
            log.warning(
                "%d fences in %.0f s: leaving the group to join again", len(self._fences), now - self._fences[0]
            )
            self._fences.clear()
            self._rejoining = asyncio.ensure_future(self._rejoin())

    async def _rejoin(self) -> None:
        try:
            await self._around.membership.rejoin()
        except Exception as error:  # noqa: BLE001 - the next fences will try again
            log.warning("leaving the group failed: %s", error)

    async def _watch(self) -> None:
        """End the worker when the membership is lost for good, or a task gets nowhere."""
        while True:
            await asyncio.sleep(1.0)
            self._beat()
            try:
                self._around.membership.check()
                self._check_progress()
            except Exception as error:  # noqa: BLE001 - every one of them ends the worker, with its reason
                self._fail(error)
                return

    def _check_progress(self) -> None:
        now = self._clock.monotonic()
        for partition, task in self._tasks.items():
            seen = task.progress
            still = now - seen.moved_at
            if still > self._budgets.stall:
                because = f": {seen.trouble}" if seen.trouble else ""
                message = f"partition {partition} has been {seen.phase} for {still:.0f} s without progress{because}"
                raise Stalled(message)


async def _run_after(previous: asyncio.Task[None] | None, task: Task) -> None:
    """Run a task once the former task of the same partition here has let go of the store."""
    if previous is not None and not previous.done():
        await asyncio.wait({previous})
    await task.run()
