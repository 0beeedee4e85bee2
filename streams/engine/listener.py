"""What the engine tells those who watch: metrics, logs and pages are made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from streams.engine.world import Outgoing

CommitKind = Literal["start", "batch", "punctuate", "halt", "release", "idle"]

Phase = Literal["starting", "restoring", "running", "idle", "halted", "waiting", "stopping", "stopped"]


@dataclass(frozen=True, slots=True)
class Commit:
    """One committed transaction: counts, and seconds spent by step.

    `outcomes` counts processed records by what the processor returned, `dead_letters` by reason, `outputs`
    by topic (dead letters, changelog and journal not included), `changes` are changed keys of the state.
    `sent` is what was published, by topic and partition, and `published_ms` when each processed record was: for those
    who count by more than a topic's name. Nobody may keep them, they can be large.
    """

    partition: int
    kind: CommitKind
    now_ms: int
    records: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    changes: int = 0
    sent: Mapping[tuple[str, int], Sequence[Outgoing]] = field(default_factory=dict)
    published_ms: Sequence[int] = ()
    read_seconds: float = 0.0
    decide_seconds: float = 0.0
    send_seconds: float = 0.0
    commit_seconds: float = 0.0


class Listener:
    """Hooks that do nothing; override those you need. They run inside the event loop: be quick, never raise."""

    def committed(self, commit: Commit) -> None:
        """Learn of a transaction after it was committed and stored."""

    def assigned(self, partitions: frozenset[int]) -> None:
        """Learn which partitions this worker has after a rebalance."""

    def phase_changed(self, partition: int, phase: Phase) -> None:
        """Learn what a task does now."""

    def restored(self, partition: int, done: int, total: int, seconds: float) -> None:
        """Learn how many changelog offsets of how many were read; called about once a second and at the end."""

    def fenced(self, partition: int) -> None:
        """Learn that the broker refused this task's producer."""

    def restarted(self, partition: int, kind: str, error: BaseException) -> None:
        """Learn that a task starts again from its last commit, and why (`kind` is that of `errors.Kind`)."""

    def halted(self, partition: int, reason: str, detail: str) -> None:
        """Learn that a partition stands still until a person decides."""

    def held(self, partition: int, detail: str) -> None:
        """Learn that an account is held: its records wait in the dead letters until a person releases it."""

    def resumed(self, partition: int) -> None:
        """Learn that a halted partition goes on."""
