"""Profile: where a worker's processor time goes while it works off a backlog."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench import candidates
from bench.arena import Arena
from bench.figures import Cost, Profile
from bench.load import Bytes
from bench.progress import measured
from bench.throughput import Say

SHOWN = 40
LOOP = "streams/engine/session.py:Session.run"
"""Frames outside of the core's loop are start-up and the house around it."""

ROOMS = {
    "streams/contract": "contract: bytes to fields and back",
    "streams/customs": "customs: rules",
    "streams/processor": "processor: decode, decide, encode",
    "streams/engine": "engine: batches, state, transaction",
    "aiokafka": "aiokafka",
    "asyncio": "event loop",
    "<reader": "contract: bytes to fields and back",
    "<writer": "contract: bytes to fields and back",
}
ELSEWHERE = "standard library and others, for the room above them"


async def profile(arena: Arena, load: Sequence[Bytes], say: Say) -> Profile:
    """Run a worker under the sampler over a load, and return where its time went."""
    say(f"profile: a sampled worker over {len(load):,} events")
    names, target = await arena.filled("profile", load)
    with arena.folder("profile") as folder:
        stacks = folder / "stacks.txt"
        worker = candidates.worker(arena.bootstrap, names, folder, stacks)
        try:
            await measured(arena.bootstrap, worker, target)
        finally:
            worker.stop()
        await arena.drop(names)
        return read(stacks)


def read(stacks: Path) -> Profile:
    """Add up the stacks of a sampler's file, those within the core's loop alone."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    for count, frames in _stacks(stacks):
        if LOOP not in frames:
            continue
        inner = frames[frames.index(LOOP) :]
        own[inner[-1]] += count
        rooms[_room(inner)] += count
        for frame in set(inner):
            whole[frame] += count
    total = own.total()
    return Profile(total, _costs(rooms, total), _costs(own, total), _costs(whole, total))


def _costs(counts: Counter[str], total: int) -> tuple[Cost, ...]:
    return tuple(Cost(name, 100 * count / total) for name, count in counts.most_common(SHOWN))


def _stacks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield count and frames of each line, from the outermost frame in, files by their place in packages."""
    for line in path.read_text("utf-8").splitlines():
        count, _, frames = line.partition(" ")
        yield int(count), [_short(frame) for frame in frames.split(";")]


def _short(frame: str) -> str:
    """Return a frame with its file as it is known: within the tree, a package or the standard library."""
    path, _, function = frame.rpartition(":")
    for above in (f"{candidates.ROOT}/", "site-packages/", "/lib/python3."):
        path = path.rpartition(above)[2]
    return f"{path}:{function}"


def _room(frames: Iterable[str]) -> str:
    """Return the room that works: that of the innermost frame that belongs to one."""
    for frame in reversed(list(frames)):
        for prefix, room in ROOMS.items():
            if frame.startswith(prefix):
                return room
    return ELSEWHERE
