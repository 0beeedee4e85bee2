"""What one life of a task holds open, from fencing the former owner to the position in the sources."""

import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from streams.engine.continuity import JOURNAL_KEY, entries_since, lost_entry, state_behind, wait_until_decided
from streams.engine.errors import Fenced
from streams.engine.halt import RESUME_KEY, Recovery, recover
from streams.engine.position import (
    POSITION_KEY,
    Position,
    records_to_verify,
    starting_offsets,
    verify_last_records,
)
from streams.engine.restore import fitting_store, open_usable_store, restore
from streams.engine.surroundings import Progress, Surroundings, within
from streams.engine.world import Bounds, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a life begins: the position to read from, what is committed, and what a halt asks.

    `committed` can only be ahead of `position` by transaction markers. `journal_end` is where the next journal entry
    will be, or before that with nothing in between.
    """

    position: Position
    committed: Mapping[str, int]
    recovery: Recovery
    journal_end: int


class Resources:
    """Store, producer, source and changelog reader of one partition; `close` lets go of whatever is open."""

    def __init__(self, around: Surroundings, progress: Progress) -> None:
        self._around = around
        self._progress = progress
        self._partition = progress.partition
        self.transaction = around.world.transaction(self._partition)
        self.source = around.world.source(self._partition)
        self.changelog = around.world.changelog(self._partition)
        self.journal = around.world.journal(self._partition)
        self.changelog_end = 0
        """Where the restore ended, while nothing was written since; else 0."""
        self._store: Store | None = None
        self._source_is_open = False

    @property
    def store(self) -> Store:
        """The open store."""
        assert self._store is not None
        return self._store

    @property
    def has_store(self) -> bool:
        """Whether the store is open."""
        return self._store is not None

    @property
    def _is_resumed(self) -> bool:
        """Whether a person asked to go on, and no transaction has answered yet."""
        return self.store.get(RESUME_KEY) is not None

    async def open(self) -> Start:
        """Fence, restore, check, and go to the position.

        The committed offsets are read after fencing, for only then is the former owner's last transaction decided; and
        after the changelog, so that a next owner that writes meanwhile can only move them ahead of what was restored.

        Raises `Halted` when the partition must not go on.
        """
        around, limit = self._around, self._around.config.budgets.start
        self._progress.enter("starting")
        self._store = open_usable_store(around.world, self._partition, around.config.budgets.store_age)
        await within(limit, self.transaction.start)
        await within(limit, self.changelog.start)
        await within(limit, self.journal.start)
        patience = around.config.budgets.transaction_timeout
        await wait_until_decided(self.changelog, self._partition, around.world.clock, patience)
        await self._restore()
        # After the restore: a next owner that writes meanwhile can only add to it.
        journaled = await within(limit, self.journal.bounds)
        await self._see_last_entry(journaled)
        # What is undecided there would be an entry between our state and our first one.
        journal_end = await within(limit, self.journal.end_of_all)
        await self.journal.close()
        committed = await within(limit, lambda: around.membership.committed(self._partition))
        await self._open_source()
        bounds = await within(limit, self.source.bounds)
        self._progress.ends = {topic: limits.end for topic, limits in bounds.items()}
        recovery = recover(self.store, self._progress.ends)
        return await self._checked_start(committed, bounds, recovery, journal_end)

    async def _restore(self) -> None:
        self._progress.enter("restoring")
        world, bounds = self._around.world, await self.changelog.bounds()
        self._store = fitting_store(world, self._partition, self.store, bounds.end)
        await restore(world.clock, self._partition, self.store, self.changelog, bounds, self._restored)
        self.changelog_end = bounds.end
        self._progress.enter("starting")

    async def _see_last_entry(self, journaled: Bounds) -> None:
        """See that the journal has what the state was last committed with, and no more.

        If it has not, that transaction may be lost as a whole, and only the local store, which was told of it, has it
        still: then the changelog's state goes on before it. A person who has seen to it resumes.
        """
        entries = await self._entries(journaled)
        if entries == 0:
            log.warning(
                "partition %d: the journal has no entry for what the local store was last committed with: the store "
                "will be built again from the changelog", self._partition,
            )  # fmt: skip
            self._close_store()
            self._around.world.discard_store(self._partition)
            self._store = self._around.world.open_store(self._partition)
            await self._restore()
            entries = await self._entries(journaled)
        if entries is None or entries == 1:
            return
        journal, place = self._around.config.journal, self.store.get(JOURNAL_KEY)
        assert place is not None
        if entries == 0:
            raise lost_entry(self._partition, journal, place)
        if await within(self._around.config.budgets.start, self.changelog.end_of_all) > self.changelog_end:
            message = "changelog and journal have grown since: another producer has this partition"
            raise Fenced(message)
        raise state_behind(self._partition, journal, place)

    async def _entries(self, journaled: Bounds) -> int | None:
        if self._is_resumed:
            return None
        place, limit = self.store.get(JOURNAL_KEY), self._around.config.budgets.start
        return await within(limit, lambda: entries_since(self.journal, place, journaled))

    async def _checked_start(
        self, committed: Mapping[str, int], bounds: Mapping[str, Bounds], recovery: Recovery, journal_end: int
    ) -> Start:
        data = self.store.get(POSITION_KEY)
        position = None if data is None else Position.decode(data)
        offsets = starting_offsets(position, committed, bounds, is_resumed=self._is_resumed)
        wanted = records_to_verify(position, bounds)
        if wanted:
            found = await within(self._around.config.budgets.start, lambda: self.source.peek(wanted))
            verify_last_records(position, wanted, found)
        self.source.seek(offsets)
        ahead = {topic: max(offset, committed.get(topic, 0)) for topic, offset in offsets.items()}
        self._progress.positions = ahead
        position = Position(0, {}) if position is None else position
        return Start(position.advanced(position.now_ms, offsets, {}), ahead, recovery, journal_end)

    async def stand_still(self) -> int:
        """Let go of the producer and return the changelog's end, beyond which only a person can write now.

        Changelog and source can be looked at from then on, however far `open` came.
        """
        await self.transaction.close()
        await self._open_source()
        if self.changelog_end:
            return self.changelog_end
        await self.changelog.close()
        self.changelog = self._around.world.changelog(self._partition)
        await within(self._around.config.budgets.start, self.changelog.start)
        return (await within(self._around.config.budgets.start, self.changelog.bounds)).end

    async def _open_source(self) -> None:
        if not self._source_is_open:
            await within(self._around.config.budgets.start, self.source.start)
            self._source_is_open = True

    async def changelog_done(self) -> None:
        """Let go of the changelog: from now on it holds what we write ourselves."""
        self.changelog_end = 0
        await self.changelog.close()

    async def close(self) -> None:
        """Let go of everything, whatever is cancelled on the way: an open store would keep out the next life."""
        async with AsyncExitStack() as closing:
            closing.callback(self._close_store)
            closing.push_async_callback(self.changelog.close)
            closing.push_async_callback(self.journal.close)
            closing.push_async_callback(self.source.close)
            closing.push_async_callback(self.transaction.close)

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _restored(self, done: int, total: int, seconds: float) -> None:
        self._progress.restored, self._progress.total = done, total
        self._progress.moved()
        self._around.listener.restored(self._partition, done, total, seconds)
