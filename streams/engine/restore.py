"""Brings a local store to the end of its changelog before anything is decided on it."""

import logging
from collections.abc import Callable
from typing import Final

from streams.engine.errors import Fenced, Halted, StoreFault
from streams.engine.world import Bounds, Changelog, Checkpoint, Clock, Store, World

log = logging.getLogger(__name__)

# Short: where only a transaction marker is left, the client moves past it and goes on waiting for a record.
_READ_SECONDS: Final = 0.05

_CLOCK_STEP_SECONDS: Final = 3600.0
"""How far a clock may be set back without anybody asking how long it was wrong."""

Progress = Callable[[int, int, float], None]
"""Called with changelog offsets read so far, in total, and seconds since the start."""


def open_usable_store(world: World, partition: int, max_age_seconds: float) -> Store:
    """Open the store, or an empty one where the old one is damaged or too old.

    Too old: tombstones may have been compacted away since, and a removed key would come back. So it is where nobody
    knows, because the clock was ahead when it was written.
    """
    try:
        store = world.open_store(partition)
        checkpoint = store.checkpoint()
    except StoreFault as fault:
        log.warning("partition %d: the local store is damaged and will be built again: %s", partition, fault)
        return _fresh_store(world, partition)
    if checkpoint is None:
        return store
    age_ms = world.clock.time_ms() - checkpoint.saved_at_ms
    if age_ms > max_age_seconds * 1000:
        log.warning("partition %d: the local store is %d hours old and will be built again", partition, age_ms / 3.6e6)
    elif age_ms < -_CLOCK_STEP_SECONDS * 1000:
        log.warning(
            "partition %d: the local store was written %d hours from now by its clock and will be built again",
            partition, -age_ms / 3.6e6,
        )  # fmt: skip
    else:
        return store
    store.close()
    return _fresh_store(world, partition)


def _fresh_store(world: World, partition: int) -> Store:
    world.discard_store(partition)
    return world.open_store(partition)


def fitting_store(world: World, partition: int, store: Store, end: int) -> Store:
    """Return the store, or an empty one in its place where it is ahead of the changelog's end, and so another's."""
    checkpoint = store.checkpoint()
    if checkpoint is None or checkpoint.offset <= end:
        return store
    log.warning(
        "partition %d: the local store is ahead of the changelog (%d, end %d) and will be built again",
        partition, checkpoint.offset, end,
    )  # fmt: skip
    store.close()
    return _fresh_store(world, partition)


async def restore(  # noqa: PLR0913, PLR0917 - what to restore, from where, and who is told
    clock: Clock, partition: int, store: Store, changelog: Changelog, bounds: Bounds, progress: Progress
) -> None:
    """Apply the changelog from the store's checkpoint to its stable end; the store is a `fitting_store`.

    Raises `Halted` when the changelog does not reach back far enough, `Fenced` when somebody else writes to it.
    """
    checkpoint = store.checkpoint()
    if bounds.start > (0 if checkpoint is None else checkpoint.offset):
        have = "nothing is stored here" if checkpoint is None else f"the local store ends at {checkpoint.offset}"
        raise Halted(
            "changelog-trimmed",
            f"the changelog of partition {partition} starts at {bounds.start}, but {have}",
            "restore the changelog or a copy of the store that reaches its start",
        )
    start = bounds.start if checkpoint is None else checkpoint.offset
    began = clock.monotonic()
    if records := await _replay(clock, store, changelog, Bounds(start, bounds.end), progress):
        seconds = clock.monotonic() - began
        log.info("partition %d: restored %d changelog records in %.1f s", partition, records, seconds)


async def _replay(clock: Clock, store: Store, changelog: Changelog, span: Bounds, progress: Progress) -> int:
    """Apply the changelog's records to the store; return how many there were."""
    start, end = span
    began = reported = clock.monotonic()
    changelog.seek(start)
    at = start
    records = 0
    while at < end:
        chunk = await changelog.read(_READ_SECONDS)
        if chunk.next_offset == at:
            continue
        at = chunk.next_offset
        if at > end:
            # We hold the transactional id, so nobody else could write. What is read now is newer than the committed
            # offsets that we know, and would look as if somebody had set them back.
            message = "the changelog grew while it was being restored: another producer has this partition"
            raise Fenced(message)
        records += len(chunk.changes)
        store.load(chunk.changes, Checkpoint(at, clock.time_ms()))
        if clock.monotonic() - reported >= 1.0:
            reported = clock.monotonic()
            progress(at - start, end - start, reported - began)
    store.load((), Checkpoint(max(at, end), clock.time_ms()))
    store.loaded()
    progress(end - start, end - start, clock.monotonic() - began)
    return records
