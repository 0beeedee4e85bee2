"""Throughput: a backlog first, then how fast each candidate works it off."""

from collections.abc import Callable, Sequence

from bench import candidates
from bench.arena import Arena
from bench.candidates import Candidate
from bench.figures import Throughput
from bench.load import Bytes
from bench.progress import Ends, measured

PASS_THROUGH, WORKER, PLAIN_FAUST = "pass-through", "worker", "plain Faust"

Say = Callable[[str], None]


async def throughput(
    arena: Arena, load: Sequence[Bytes], faust_load: Sequence[Bytes], rounds: int, say: Say
) -> Throughput:
    """Measure all candidates in turn, `rounds` times, each on topics of its own round."""
    found = Throughput()
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}: publishing {len(load):,} events")
        names, target = await arena.filled(f"round{number}", load)
        with arena.folder(f"round{number}") as folder:
            say(f"round {number + 1} of {rounds}: pass-through")
            await _one(arena, candidates.pass_through(arena.bootstrap, names, folder), target, found)
            say(f"round {number + 1} of {rounds}: worker")
            await _one(arena, candidates.worker(arena.bootstrap, names, folder), target, found)
        await arena.drop(names)
        say(f"round {number + 1} of {rounds}: plain Faust, {len(faust_load):,} events")
        names, target = await arena.filled(f"faust{number}", faust_load)
        with arena.folder(f"faust{number}") as folder:
            faust = candidates.plain_faust(arena.bootstrap, names, arena.partitions, folder)
            await _one(arena, faust, target, found)
        await arena.drop(names)
    return found


async def _one(arena: Arena, candidate: Candidate, target: Ends, found: Throughput) -> None:
    """Measure one candidate, and stop it."""
    try:
        found.add(candidate.name, await measured(arena.bootstrap, candidate, target))
    finally:
        candidate.stop()
