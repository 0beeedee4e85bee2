"""One partition number being processed: lives follow one another until the task is stopped.

Whatever ends a life, nothing of it is kept: overlay, cache, producer and connections go, and the next one begins
with fencing and reading what is committed.
"""

import asyncio
import logging
import math
from collections.abc import Callable

from streams.engine.dead_letter import DeadLetterMeter
from streams.engine.errors import (
    ConfigurationError,
    Halted,
    Kind,
    RecordFailed,
    StoreDamaged,
    Unencodable,
    kind_of,
    told,
)
from streams.engine.held import LONGEST_KEY, Blamed
from streams.engine.resources import Resources
from streams.engine.session import PUNCTUATE, Care, Session
from streams.engine.status import TaskStatus
from streams.engine.surroundings import Progress, Surroundings, within
from streams.engine.world import Store

log = logging.getLogger(__name__)


class Task:
    """Runs a partition; `fenced` is called at each fence that is a rival's, so that the lane can count them."""

    def __init__(self, around: Surroundings, partition: int, fenced: Callable[[], None]) -> None:
        self._around = around
        self._config = around.config
        self._fenced = fenced
        self._is_fence_open = False
        self.partition = partition
        self.progress = Progress(around, partition)
        self.progress.moved()
        self._meter = DeadLetterMeter(around.config.limits.dead_letters)
        self._stopping = asyncio.Event()
        self._resources: Resources | None = None
        self._attempts: dict[tuple[str, int], int] = {}
        self._stuck_at: dict[str, int] = {}
        self._stuck_lives = 0
        self._one_by_one = 0
        self._most = self._config.limits.batch_records
        self._failures = 0
        self._opened_at = math.inf
        self._pending_halt: Halted | None = None
        self._pending_hold: Blamed | None = None
        self._is_open = False

    def stop(self) -> None:
        """Ask the task to finish its running transaction and end."""
        self._stopping.set()
        self.progress.enter("stopping")

    @property
    def is_working(self) -> bool:
        """Whether there may be a transaction worth finishing."""
        return self._is_open

    @property
    def status(self) -> TaskStatus:
        """What can be seen of the task now."""
        seen = self.progress
        return TaskStatus(
            self.partition, seen.phase, seen.positions, seen.ends, seen.restored, seen.total, seen.halted,
            seen.last_commit_ms, seen.held,
        )  # fmt: skip

    @property
    def store(self) -> Store | None:
        """The committed state, while the store is open."""
        return self._resources.store if self._resources is not None and self._resources.has_store else None

    async def run(self) -> None:
        """Live until stopped.

        Raises `ConfigurationError` when going on is senseless for the whole worker.
        """
        try:
            while not self._stopping.is_set():
                await self._live_once()
        finally:
            self.progress.enter("stopped")

    async def _live_once(self) -> None:
        resources = self._resources = Resources(self._around, self.progress)
        care = Care(self._most, frozenset(self._attempts), self._one_by_one, self._pending_hold)
        session = Session(self._around, self.progress, self._meter, resources, care)
        try:
            await session.open()
            self._opened(session)
            if self._pending_halt is None:
                await session.run(self._stopping)
            else:
                await session.write_halt(self._pending_halt)
                self._pending_halt = None
        except Exception as error:  # noqa: BLE001 - sorted exhaustively by kind
            self._is_open = False
            session.forget()
            await self._after(error, session, resources)
        finally:
            session.forget()
            await resources.close()

    def _opened(self, session: Session) -> None:
        if self._is_fence_open and not session.was_asked:
            self._fenced()
        self._is_fence_open = False
        self._is_open = True
        self._opened_at = self.progress.moved_at
        self.progress.halted = self.progress.trouble = ""
        self._one_by_one = 0
        self._pending_hold = None

    async def _after(self, error: Exception, session: Session, resources: Resources) -> None:
        """Do what this kind of failure asks for; returns when the next life may begin."""
        match kind_of(error):
            case Kind.CONFIGURATION:
                if isinstance(error, ConfigurationError):
                    raise error
                message = f"partition {self.partition}: {type(error).__name__}: {error}"
                raise ConfigurationError(message) from error
            case Kind.HALT:
                await self._halt(_as_halted(error, self.partition), session, resources)
            case Kind.BUG:
                await self._after_bug(error, session, resources)
            case Kind.FENCED:
                self._around.listener.fenced(self.partition)
                if self._is_fence_open:
                    self._fenced()
                self._is_fence_open = True  # by a rival, or by a person's wish: the next life sees which
                await self._start_again(error, "fenced", resources)
            case Kind.TRANSIENT:
                if isinstance(error, TimeoutError) and self._opened_at < math.inf:  # the same again would take as long
                    self._most = max(1, session.most // 2)
                await self._start_again(error, "transient", resources)

    async def _after_bug(self, error: Exception, session: Session, resources: Resources) -> None:
        log.error("partition %d: unexpected error", self.partition, exc_info=error)
        if isinstance(error, Unencodable):
            self._one_by_one = self._config.limits.batch_records
        if isinstance(error, RecordFailed) and self._is_hopeless(error, session):
            await self._give_up(error, session, resources)
        elif not isinstance(error, (RecordFailed, Unencodable)) and self._is_stuck():
            await self._halt(self._stuck(error), session, resources)
        else:
            await self._start_again(error, "bug", resources)

    def _is_stuck(self) -> bool:
        """Count a life that began and failed outside the processor; say whether the last few all came no further.

        Reading can fail so, at a record that the client cannot take apart. A life that did not begin is not counted:
        the client says strange things of a broker that is going away.
        """
        if self._opened_at == math.inf:
            return False
        at = dict(self.progress.positions)
        self._stuck_lives = self._stuck_lives + 1 if at == self._stuck_at else 1
        self._stuck_at = at
        return self._stuck_lives >= self._config.limits.attempts_at_one_offset

    async def _give_up(self, error: RecordFailed, session: Session, resources: Resources) -> None:
        """Hold the account for the next life on; with no account to blame, or too many, the partition halts.

        It halts too where the account is held already, and not even that can be written.
        """
        held = session.holds.by_key
        is_nobodys = error.key is None or error.key in self._config.common_keys or len(error.key) > LONGEST_KEY
        if is_nobodys or (error.key in held and not self._is_of_release(error)):
            await self._halt(self._hopeless(error), session, resources)
        elif error.key not in held and len(held) >= self._config.limits.held_accounts:
            await self._halt(self._too_many_held(error), session, resources)
        else:
            assert error.key is not None
            self._pending_hold = Blamed(error.key, error.topic, error.offset, type(_root(error)).__name__)
            await self._start_again(error, "bug", resources)

    def _is_hopeless(self, error: RecordFailed, session: Session) -> bool:
        """Count the attempt; say whether it was the last one at this place. A release is tried once."""
        if error.key in session.holds.by_key and self._is_of_release(error):
            return True
        place = (error.topic, error.offset)
        done = self.progress.positions
        open_places = {at: n for at, n in self._attempts.items() if at == PUNCTUATE or at[1] >= done.get(at[0], 0)}
        before = 0 if place == PUNCTUATE and session.punctuated else open_places.pop(place, 0)
        self._attempts = {**open_places, place: before + 1}
        if before + 1 < self._config.limits.attempts_at_one_offset:
            return False
        del self._attempts[place]
        return True

    def _is_of_release(self, error: RecordFailed) -> bool:
        """Whether the record was read long before, and waited."""
        return error.offset < self.progress.positions.get(error.topic, -1)

    def _hopeless(self, error: RecordFailed) -> Halted:
        topic, offset = error.topic, error.offset
        cause = _root(error)
        where = f"{topic} offset {offset}" if topic else "the passage of time"
        skip = f", or resume it with --dead-letter {offset}" if topic else ""
        tries = self._config.limits.attempts_at_one_offset
        return Halted(
            "unexpected-exception",
            f"the processor failed {tries} times at {where} with {type(cause).__name__}",
            f"mend the processor and resume partition {self.partition}{skip}",
            topic=topic,
            offset=offset,
            durable=True,
        )

    def _stuck(self, error: Exception) -> Halted:
        ends = self.progress.ends
        waiting = [f"{topic} offset {at}" for topic, at in self._stuck_at.items() if at < ends.get(topic, 0)]
        return Halted(
            "unexpected-failure",
            f"the program failed {self._stuck_lives} times outside the processor with {told(error)}, and came no "
            f"further than {' and '.join(waiting) or 'the end of its sources'}",
            f"mend the program, or take the record out of the topic, and resume partition {self.partition}",
        )

    def _too_many_held(self, error: RecordFailed) -> Halted:
        most = self._config.limits.held_accounts
        return Halted(
            "held-accounts-limit",
            f"the processor failed at {error.topic} offset {error.offset} with {type(_root(error)).__name__}, "
            f"and {most} accounts are held already",
            f"mend the processor and resume partition {self.partition}, then release the accounts",
            topic=error.topic,
            offset=error.offset,
            durable=True,
        )

    async def _start_again(self, error: BaseException, kind: str, resources: Resources) -> None:
        """Wait with growing patience, and until the group says that the partition is still ours."""
        budgets = self._config.budgets
        lived = self._around.world.clock.monotonic() - self._opened_at
        self._failures = 1 if lived > 2 * budgets.backoff_most else self._failures + 1
        self._opened_at = math.inf
        delay = min(budgets.backoff_most, budgets.backoff_first * 2 ** min(self._failures - 1, 16))
        log.warning(
            "partition %d: starting again from the last commit in %.1f s (%s: %s)",
            self.partition, delay, kind, told(error),
        )  # fmt: skip
        self.progress.trouble = told(error)
        self._around.listener.restarted(self.partition, kind, error)
        await resources.close()
        if isinstance(error, StoreDamaged):
            log.warning("partition %d: the local store will be built again from the changelog", self.partition)
            self._around.world.discard_store(self.partition)
        self.progress.enter("waiting")
        await self._pause(delay)
        await self._until_ours(delay)

    async def _until_ours(self, delay: float) -> None:
        while not self._stopping.is_set() and not await self._is_ours():
            await self._pause(delay)

    async def _is_ours(self) -> bool:
        try:
            return await within(self._config.budgets.request * 2, lambda: self._around.membership.owns(self.partition))
        except Exception as error:
            if kind_of(error) is not Kind.TRANSIENT:
                raise
            log.warning("partition %d: the group does not answer: %s", self.partition, told(error))
            return False

    async def _halt(self, halt: Halted, session: Session, resources: Resources) -> None:
        """Stand still. A durable halt is for the next life to write, and for the one after it to find in the state.

        Not for this one: its transaction may be half done.
        """
        if halt.durable and session.committer is not None:
            self._pending_halt = halt
            await resources.close()
            await self._until_ours(self._config.budgets.backoff_first)
            return
        if halt.durable:
            self._pending_halt = None  # it is in the state: the answer to its commit may have been lost
        try:
            baseline = await resources.stand_still()
        except Exception as error:
            if kind_of(error) is not Kind.TRANSIENT:
                raise
            await self._start_again(error, "transient", resources)  # the next life finds what is wrong again
            return
        self.progress.halted = f"{halt.reason}: {halt.detail}. Repair: {halt.repair}"
        self.progress.enter("halted")
        log.error("partition %d halted: %s", self.partition, self.progress.halted)
        self._around.listener.halted(self.partition, halt.reason, halt.detail)
        await self._until_resumed(resources, baseline)
        await resources.close()
        await self._until_ours(self._config.budgets.backoff_first)

    async def _until_resumed(self, resources: Resources, baseline: int) -> None:
        """Wait until something new is in the changelog: only a person can have written it."""
        while not self._stopping.is_set():
            await self._pause(self._config.budgets.halted_poll)
            self.progress.moved()
            try:
                bounds = await within(self._config.budgets.request, resources.changelog.bounds)
                sources = await within(self._config.budgets.request, resources.source.bounds)
            except Exception as error:  # noqa: BLE001 - a halted partition must outlive any trouble with the broker
                log.warning("partition %d: halted, and the broker does not answer: %s", self.partition, told(error))
                continue
            self.progress.ends = {topic: limits.end for topic, limits in sources.items()}
            if bounds.end != baseline:
                return

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _as_halted(error: Exception, partition: int) -> Halted:
    if isinstance(error, Halted):
        return error
    return Halted(
        "unreadable-source",
        f"{type(error).__name__}: {error}",
        f"mend the topic, then resume partition {partition}",
    )


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
