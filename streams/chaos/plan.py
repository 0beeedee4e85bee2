"""How a run goes, and what it came to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from streams.chaos.faults import CLUSTER, ONE_BROKER, REGISTRY, Fault
from streams.chaos.watch import Recovered
from streams.local.java import SOUND_KAFKA


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `rate` is in events a second; `minutes` count the time of faults, without healing.

    With `upgrade_from`, a folder with another version of the program, workers of both versions run side by side.
    """

    minutes: float
    seed: int
    workers: int = 2
    partitions: int = 4
    rate: int = 300
    brokers: int = 1
    upgrade_from: Path | None = None
    has_registry: bool = False
    kafka: str = SOUND_KAFKA
    """Version of Kafka; a broker that loses markers would make every run doubtful (docs/decisions/0015)."""

    @property
    def deck(self) -> Sequence[Fault]:
        """The faults of one round."""
        if self.brokers > 1:
            return CLUSTER
        return REGISTRY if self.has_registry else ONE_BROKER

    @property
    def replication(self) -> int:
        """How many brokers keep each record."""
        return min(3, self.brokers)


@dataclass(slots=True)
class Report:
    """What a run came to. Seconds and counts; `violations` is empty where all guarantees held.

    `recovery` has, for each fault that was recovered from before the next, how often, the median and the longest.
    """

    seed: int
    acknowledged: int = 0
    processed: int = 0
    outputs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    recovery: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    recovery_median_seconds: float = 0.0
    recovery_longest_seconds: float = 0.0
    longest_stall_seconds: float = 0.0
    longest_stop_seconds: float = 0.0
    drained_seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    def take(self, recovered: Sequence[Recovered]) -> None:
        """Note how long recoveries took."""
        if not recovered:
            return
        self.recovery_median_seconds = median(one.seconds for one in recovered)
        self.recovery_longest_seconds = max(one.seconds for one in recovered)
        for what in sorted({one.what for one in recovered}):
            seconds = [one.seconds for one in recovered if one.what == what]
            self.recovery[what] = len(seconds), round(median(seconds), 1), round(max(seconds), 1)

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {**asdict(self), "faults": dict(self.faults)}  # `asdict` counts the pairs of a counter anew
