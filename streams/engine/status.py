"""What can be seen of a task from outside, as of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.engine.listener import Phase


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """One partition on this worker.

    `positions` are committed offsets by topic, `ends` the ends of the logs as last seen (empty before the first
    read). `restored` and `total` count changelog offsets of the last restore. `halted` is the reason, a colon and
    one sentence, or empty. `held` counts the accounts that are held. `last_commit_ms` is the broker's time
    (milliseconds UTC), 0 before the first commit.
    """

    partition: int
    phase: Phase
    positions: Mapping[str, int]
    ends: Mapping[str, int]
    restored: int = 0
    total: int = 0
    halted: str = ""
    last_commit_ms: int = 0
    held: int = 0

    @property
    def lag(self) -> int:
        """Offsets between the committed positions and the ends of the logs."""
        return sum(max(0, end - self.positions.get(topic, 0)) for topic, end in self.ends.items())
