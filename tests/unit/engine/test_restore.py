"""Bringing a store to the end of its changelog."""

# ruff: noqa: ARG002, ASYNC109 - stand-ins have the shape of the real thing

import asyncio
from dataclasses import dataclass, field

import pytest

from streams.engine.errors import Fenced, Halted, StoreFault
from streams.engine.restore import fitting_store, open_usable_store, restore
from streams.engine.world import Bounds, Change, Checkpoint, Chunk, Store
from tests.unit.engine.kit import DictStore, SetClock

DAY = 24 * 3600.0


@dataclass
class Disk:
    """The part of a world that opens stores."""

    stores: list[DictStore | StoreFault]
    clock: SetClock = field(default_factory=SetClock)
    discarded: int = 0

    def open_store(self, partition: int) -> Store:
        store = self.stores.pop(0)
        if isinstance(store, StoreFault):
            raise store
        return store

    def discard_store(self, partition: int) -> None:
        self.discarded += 1


class ListChangelog:
    """A `Changelog` of one change at each offset; None is a marker."""

    def __init__(self, changes: list[Change | None], start: int = 0) -> None:
        self._changes = changes
        self._start = start
        self._at = 0
        self.asked_from = -1

    async def start(self) -> None:
        pass

    async def bounds(self) -> Bounds:
        return Bounds(self._start, len(self._changes))

    def seek(self, offset: int) -> None:
        self._at = self.asked_from = offset

    async def read(self, timeout: float) -> Chunk:
        changes = [change for change in self._changes[self._at : self._at + 2] if change is not None]
        self._at = min(self._at + 2, len(self._changes))
        return Chunk(changes, self._at)

    async def close(self) -> None:
        pass


def restored(store: DictStore, changelog: ListChangelog) -> int:
    """Restore, and return the changelog's end."""
    seen: list[tuple[int, int, float]] = []

    async def run() -> int:
        bounds = await changelog.bounds()
        await restore(SetClock(), 0, store, changelog, bounds, lambda *args: seen.append(args))  # type: ignore[arg-type]  # the parts of a changelog that a restore uses
        return bounds.end

    end = asyncio.run(run())
    assert seen[-1][0] == seen[-1][1]
    return end


CHANGES: list[Change | None] = [(b"a", b"1"), (b"b", b"2"), None, (b"a", None), (b"c", b"3"), None]


def test_a_new_store_takes_the_whole_changelog_with_its_tombstones() -> None:
    store = DictStore()

    assert restored(store, ListChangelog(CHANGES)) == 6
    assert store.data == {b"b": b"2", b"c": b"3"}
    assert store.saved is not None
    assert store.saved.offset == 6


def test_a_kept_store_takes_only_what_came_after_its_checkpoint() -> None:
    store = DictStore({b"a": b"1", b"b": b"2"})
    store.saved = Checkpoint(3, 0)
    changelog = ListChangelog(CHANGES)

    restored(store, changelog)

    assert changelog.asked_from == 3
    assert store.data == {b"b": b"2", b"c": b"3"}


@pytest.mark.parametrize(("end", "fits"), [(7, True), (6, False)])
def test_a_store_that_is_ahead_of_its_changelog_is_built_again(end: int, fits: bool) -> None:  # noqa: FBT001 - a case table
    old, new = DictStore({b"stale": b"1"}), DictStore()
    old.saved = Checkpoint(7, 0)
    disk = Disk([new])

    store = fitting_store(disk, 0, old, end)  # type: ignore[arg-type]  # the parts of a world that opening uses

    assert store is (old if fits else new)
    assert old.is_closed is not fits
    assert disk.discarded == (0 if fits else 1)


@pytest.mark.parametrize(("checkpoint", "halts"), [(None, True), (1, True), (2, False)])
def test_it_halts_when_the_changelog_no_longer_reaches_back_to_the_store(checkpoint: int | None, halts: bool) -> None:  # noqa: FBT001 - a case table
    store = DictStore()
    store.saved = None if checkpoint is None else Checkpoint(checkpoint, 0)
    changelog = ListChangelog(CHANGES, start=2)

    if not halts:
        restored(store, changelog)
    else:
        with pytest.raises(Halted, match="changelog-trimmed"):
            restored(store, changelog)


@pytest.mark.parametrize(("age_days", "kept"), [(3.0, True), (3.001, False)])
def test_a_store_older_than_its_limit_is_built_again(age_days: float, kept: bool) -> None:  # noqa: FBT001 - a case table
    old, new = DictStore(), DictStore()
    old.saved = Checkpoint(5, 0)
    disk = Disk([old, new], SetClock(age_days * DAY))

    store = open_usable_store(disk, 0, 3 * DAY)  # type: ignore[arg-type]  # the parts of a world that opening uses

    assert store is (old if kept else new)
    assert disk.discarded == (0 if kept else 1)


@pytest.mark.parametrize(("ahead_hours", "kept"), [(0.001, True), (1.0, True), (1.001, False), (200.0, False)])
def test_a_store_that_was_written_while_the_clock_was_ahead_is_built_again(ahead_hours: float, kept: bool) -> None:  # noqa: FBT001 - a case table
    """However old it was, it counted as new until the clock had caught up."""
    old, new = DictStore(), DictStore()
    old.saved = Checkpoint(5, int(ahead_hours * 3_600_000))
    disk = Disk([old, new], SetClock(0.0))

    store = open_usable_store(disk, 0, 3 * DAY)  # type: ignore[arg-type]  # the parts of a world that opening uses

    assert store is (old if kept else new)
    assert old.is_closed is not kept


def test_a_damaged_store_is_built_again() -> None:
    new = DictStore()
    disk = Disk([StoreFault("checksum mismatch"), new])

    assert open_usable_store(disk, 0, DAY) is new  # type: ignore[arg-type]  # the parts of a world that opening uses
    assert disk.discarded == 1


class GrowingChangelog(ListChangelog):
    """Somebody else writes to it while it is read."""

    async def bounds(self) -> Bounds:
        return Bounds(0, 5)


def test_a_changelog_that_grows_while_it_is_read_belongs_to_somebody_else() -> None:
    with pytest.raises(Fenced, match="another producer has this partition"):
        restored(DictStore(), GrowingChangelog(CHANGES))
