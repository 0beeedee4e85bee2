"""What is measured, as plain values."""

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """Records between the first commit seen and the last one, the seconds between, and processor time used in them."""

    records: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Records per second."""
        return self.records / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """Processor time per record, in microseconds: it depends least on what else the machine does."""
        return self.cpu_seconds / self.records * 1e6


@dataclass(slots=True)
class Throughput:
    """The rounds of all candidates by name."""

    rounds: dict[str, list[Run]] = field(default_factory=dict)

    def add(self, name: str, run: Run) -> None:
        """Take note of a round."""
        self.rounds.setdefault(name, []).append(run)

    def per_second(self, name: str) -> float:
        """Return the median records per second of a candidate."""
        return median(run.per_second for run in self.rounds[name])

    def cpu_microseconds(self, name: str) -> float:
        """Return the median processor time per record of a candidate."""
        return median(run.cpu_microseconds for run in self.rounds[name])


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from sending an event to seeing its work, read committed, on a Center's topic."""

    events_per_second: int
    sent: int
    seen: int
    p50_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Restart:
    """Seconds from starting a worker after a kill to its first new commit, and until all that waited is committed."""

    records_before: int
    state_bytes: int
    with_store_seconds: float
    without_store_seconds: float
    with_store_all_seconds: float
    without_store_all_seconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """A function's share of the samples, by itself or with all it calls."""

    name: str
    percent: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a worker's processor time goes."""

    samples: int
    rooms: tuple[Cost, ...]
    own: tuple[Cost, ...]
    whole: tuple[Cost, ...]
