"""Whether a worker is well: alive and moving, and ready for its partitions. Pure: it is told what is so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from streams.engine.listener import Phase
from streams.engine.status import TaskStatus

STILL_SECONDS: Final = 20.0
"""No progress for so long is reported. With looks every five seconds that take at most five, within half a minute."""
SILENT_SECONDS: Final = 15.0
"""So long may the broker be silent; a single look that failed is not yet a reason."""

SILENT: Final = "no broker has answered for"

_BECOMING: Final[frozenset[Phase]] = frozenset({"starting", "restoring", "waiting"})


class Health(NamedTuple):
    """The answer of a probe: whether all is well, and otherwise why not, in one sentence a reason."""

    well: bool
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """The last sign of progress of a partition, and when it was."""

    sign: tuple[object, ...]
    at: float


@dataclass(slots=True)
class Progress:
    """Remembers when each partition last made progress, or last had nothing to do."""

    _seen: dict[int, _Seen] = field(default_factory=dict)

    def note(self, tasks: Sequence[TaskStatus], ends: Mapping[int, Mapping[str, int]], now: float) -> None:
        """Look at the tasks, with the broker's ends as in `Sight`, at a time of a clock that never goes back."""
        for task in tasks:
            becoming = task.phase in _BECOMING
            sign = (becoming, task.restored) if becoming else (becoming, *sorted(task.positions.items()))
            # What comes after an hour without input is not an hour late.
            is_idle = not becoming and not lag_of(task, ends.get(task.partition, {}))
            seen = self._seen.get(task.partition)
            if seen is None or seen.sign != sign or is_idle:
                self._seen[task.partition] = _Seen(sign, now)
        for partition in self._seen.keys() - {task.partition for task in tasks}:
            del self._seen[partition]

    def still_seconds(self, partition: int, now: float) -> float:
        """Return how long a partition has had something to do and made no progress."""
        seen = self._seen.get(partition)
        return 0.0 if seen is None else now - seen.at


class Sight(NamedTuple):
    """What a worker sees beside its tasks: ends of its partitions as the broker tells them, and troubles.

    `silent_seconds` is how long no broker has answered, `trouble` why. `ends` are next offsets by topic, by
    partition. `restarts` says why a partition's task last started again.
    """

    silent_seconds: float
    trouble: str
    ends: Mapping[int, Mapping[str, int]]
    restarts: Mapping[int, str]


def health(tasks: Sequence[TaskStatus], sight: Sight, progress: Progress, now: float) -> Health:
    """Say whether the worker moves: with lag it has to commit; a silent broker or a halt is not well either."""
    reasons = [f"partition {task.partition} is halted: {task.halted}" for task in tasks if task.halted]
    if sight.silent_seconds > SILENT_SECONDS:
        reasons.append(f"{SILENT} {sight.silent_seconds:.0f} s: {sight.trouble}")
    for task in tasks:
        still = progress.still_seconds(task.partition, now)
        if task.halted or still <= STILL_SECONDS:
            continue
        why = sight.restarts.get(task.partition, "")
        because = f": {why}" if why else ""
        if task.phase in _BECOMING:
            reasons.append(f"partition {task.partition} has been {task.phase} for {still:.0f} s{because}")
        elif behind := lag_of(task, sight.ends.get(task.partition, {})):
            told = f"is {behind:,} record{'s' * (behind != 1)} behind and has not committed for {still:.0f} s"
            reasons.append(f"partition {task.partition} {told}{because}")
    return Health(not reasons, tuple(reasons))


def lag_of(task: TaskStatus, ends: Mapping[str, int]) -> int:
    """Return how many offsets a task is behind, by the newer of its own and the broker's word."""
    newest = {topic: max(end, ends.get(topic, 0)) for topic, end in task.ends.items()} or ends
    return sum(max(0, end - task.positions.get(topic, end)) for topic, end in newest.items())


def readiness(tasks: Sequence[TaskStatus], *, assigned: bool) -> Health:
    """Say whether the group has given this worker its partitions and all of them are restored."""
    if not assigned:
        return Health(well=False, reasons=("the group has not yet given this worker its partitions",))
    reasons = [
        f"partition {task.partition} is {task.phase}: {task.restored} of {task.total} changelog records"
        for task in tasks
        if task.phase in _BECOMING
    ]
    return Health(not reasons, tuple(reasons))
