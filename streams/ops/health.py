"""Whether a worker is well: alive and moving, and ready for its partitions."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.engine.status import TaskStatus

STALL_SECONDS: Final = 30.0


class Health(NamedTuple):
    """The answer of a probe: whether all is well, and otherwise why not, in one sentence a reason."""

    well: bool
    reasons: tuple[str, ...]


def health(tasks: Sequence[TaskStatus], idle_seconds: float) -> Health:
    """Say whether the worker moves: with lag it has to commit within half a minute; a halt is not well either.

    `idle_seconds` is the time since the last commit of any task.
    """
    reasons = [f"partition {task.partition} is halted: {task.halted}" for task in tasks if task.halted]
    behind = sum(task.lag for task in tasks if not task.halted)
    restoring = any(task.phase in {"starting", "restoring"} for task in tasks)
    if behind and not restoring and idle_seconds > STALL_SECONDS:
        reasons.append(f"{behind} records behind and no commit for {idle_seconds:.0f} s")
    return Health(not reasons, tuple(reasons))


def readiness(tasks: Sequence[TaskStatus], *, assigned: bool) -> Health:
    """Say whether the group has given this worker its partitions and all of them are restored."""
    if not assigned:
        return Health(well=False, reasons=("the group has not yet given this worker its partitions",))
    reasons = [
        f"partition {task.partition} is {task.phase}: {task.restored} of {task.total} changelog records"
        for task in tasks
        if task.phase in {"starting", "restoring", "waiting"}
    ]
    return Health(not reasons, tuple(reasons))
