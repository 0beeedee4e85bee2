"""Restart: a worker with much state is killed; how soon does the next one commit something new?"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench import candidates
from bench.arena import Arena
from bench.figures import Restart
from bench.load import Bytes, fill
from bench.progress import committed, measured, seconds_until_moved
from bench.throughput import Say
from streams.contract.topics import TopicNames

FRESH = 2_000
"""Events that are there for the restarted worker, each time."""


async def restart(arena: Arena, load: Sequence[Bytes], say: Say) -> Restart:
    """Build up state, kill, restart with the local store; kill, remove the store, restart without it."""
    before = len(load) - 2 * FRESH
    say(f"restart: building up the state of {before:,} events")
    names, target = await arena.filled("restart", load[:before])
    with arena.folder("restart") as folder:
        worker = candidates.worker(arena.bootstrap, names, folder)
        try:
            await measured(arena.bootstrap, worker, target)
        finally:
            worker.kill()
        size = _size(folder / "state")
        say("restart: with the local store")
        kept = await _again(arena, names, folder, load[before : before + FRESH])
        shutil.rmtree(folder / "state")
        say("restart: without the local store, from the changelog")
        lost = await _again(arena, names, folder, load[before + FRESH :])
    await arena.drop(names)
    return Restart(before, size, kept.first, lost.first, kept.all, lost.all)


class Seconds(NamedTuple):
    """From the start of a worker to its first new commit, and until all that waited is committed."""

    first: float
    all: float


async def _again(arena: Arena, names: TopicNames, folder: Path, fresh: Sequence[Bytes]) -> Seconds:
    """Start a worker where one was killed, with fresh events waiting; measure, and kill it as well."""
    await fill(arena.bootstrap, names, arena.partitions, fresh)
    target = await arena.ends(names)
    group = names.of(candidates.APPLICATION)
    before = await committed(arena.bootstrap, group, target)
    worker = candidates.worker(arena.bootstrap, names, folder)
    try:
        first = await seconds_until_moved(arena.bootstrap, worker, target, before)
        # Until nothing is left, so that every partition is restored, and the next restart begins with the same work.
        last = await seconds_until_moved(arena.bootstrap, worker, target, sum(target.values()) - 1)
    finally:
        worker.kill()
    return Seconds(first, last)


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
