"""What measured bytes and speeds mean at three scales: `python -m bench.sizing` writes docs/sizing.md anew.

The figures are in `measured/`: `sizes.json`, which `bench.sizes` writes, and `speed.toml`, which is written by hand.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

from streams.engine.config import Limits

HERE: Final = Path(__file__).parent
MEASURED: Final = HERE / "measured"
PAGE: Final = HERE.parent / "docs" / "sizing.md"

SUMMARIES_A_YEAR: Final = 36_700_000
EVENTS_A_YEAR: Final = 220_000_000
LIQUIDATIONS_AT_ONCE: Final = 700_000
KEPT_DAYS: Final = 400
COPIES: Final = 3
YEAR_SECONDS: Final = 365 * 24 * 3600
HOUR: Final = 3600
PARTITIONS: Final = 12


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes an event on topics by how they are kept, and of the store; memory (MB) of so many partitions at work."""

    events: int
    partitions: int
    source: float
    work: float
    other: float
    compacted: float
    changelog: float
    changelog_records: float
    store: float
    memory_mb: int

    @classmethod
    def read(cls) -> "Sizes":
        """Return what was measured last."""
        return cls(**json.loads((MEASURED / "sizes.json").read_text("utf-8")))

    def keep(self) -> None:
        """Make it what was measured last."""
        (MEASURED / "sizes.json").write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")


@dataclass(frozen=True, slots=True)
class Speed:
    """What `./cee bench` tells, and the memory (MB) of a worker that has just started."""

    events_per_second: int
    history_events: int
    changelog_records: int
    restore_seconds: float
    restart_seconds: float
    started_mb: int

    @classmethod
    def read(cls) -> "Speed":
        """Return what was measured last."""
        return cls(**tomllib.loads((MEASURED / "speed.toml").read_text("utf-8")))

    @property
    def restored_per_second(self) -> float:
        """Records of the changelog that a worker without a store reads and keeps in a second."""
        return self.changelog_records / self.restore_seconds


class Scale(NamedTuple):
    """A share of the nation's trade, and with how few and how many workers it is shared."""

    share: float
    fewest: int
    most: int


SCALES: Final = (Scale(1 / 1000, 2, 2), Scale(1 / 10, 2, 2), Scale(1.0, 3, 8))


@dataclass(frozen=True, slots=True)
class Load:
    """What one scale comes to. Bytes are of a year, unless they are kept for fewer days."""

    scale: Scale
    sizes: Sizes
    speed: Speed

    @property
    def events(self) -> float:
        """Events a year."""
        return EVENTS_A_YEAR * self.scale.share

    @property
    def peak(self) -> float:
        """Events a second at the weekly liquidations, all in one hour."""
        return LIQUIDATIONS_AT_ONCE * self.scale.share / HOUR

    @property
    def sources(self) -> float:
        """Bytes of a year on the source topics."""
        return self.events * self.sizes.source

    @property
    def outputs(self) -> float:
        """Bytes on the topics that are kept for `KEPT_DAYS`."""
        return self.events * (self.sizes.work + self.sizes.other) * KEPT_DAYS / 365

    @property
    def compacted(self) -> float:
        """Bytes on the changelog and on compacted topics, before compaction."""
        return self.events * (self.sizes.changelog + self.sizes.compacted)

    @property
    def stores(self) -> float:
        """Bytes of all workers' stores."""
        return self.events * self.sizes.store

    def store_of_each(self, workers: int) -> float:
        """Bytes on the disk of each worker while one is away, twice for compaction."""
        return 2 * self.stores / (workers - 1)

    @property
    def disk_of_workers(self) -> str:
        """The disk of each worker, in words."""
        counts = dict.fromkeys((self.scale.fewest, self.scale.most))
        told = [(volume(self.store_of_each(workers)), workers) for workers in counts]
        return told[0][0] if len(told) == 1 else ", ".join(f"{disk} with {workers}" for disk, workers in told)

    @property
    def workers(self) -> str:
        """How many workers, in words."""
        fewest, most = self.scale.fewest, self.scale.most
        return str(fewest) if fewest == most else f"{fewest} to {most}"

    @property
    def broker_disk(self) -> str:
        """The brokers' disk, in words."""
        total = volume(COPIES * (self.sources + self.outputs + self.compacted))
        return f"{total}, and {volume(COPIES * self.sources)} more for each year kept"


ROWS: Final[tuple[tuple[str, Callable[[Load], str]], ...]] = (
    ("summaries, events a year", lambda one: f"{count(SUMMARIES_A_YEAR * one.scale.share)}; {count(one.events)}"),
    ("average events a second: year / 31,536,000 s", lambda one: figure(one.events / YEAR_SECONDS)),
    ("weekly liquidations, 700,000 in one hour (the hour is assumed)", lambda one: f"{figure(one.peak)}/s"),
    ("share of one worker at that hour: rate / T",
     lambda one: f"{figure(100 * one.peak / one.speed.events_per_second)} %"),
    ("**workers**", lambda one: one.workers),
    ("a year again, by one worker: events / T", lambda one: span(one.events / one.speed.events_per_second)),
    ("sources, kept for ever: events x I", lambda one: f"{volume(one.sources)} a year"),
    ("topics kept 400 days: events x (W + O) x 400/365", lambda one: volume(one.outputs)),
    ("changelog and compacted topics, before compaction: events x (C + K)", lambda one: volume(one.compacted)),
    ("**brokers' disk**, three copies of these", lambda one: one.broker_disk),
    ("stores of all workers: events x S", lambda one: volume(one.stores)),
    ("**disk of each worker**, one of them away: stores / (workers - 1), twice for compaction",
     lambda one: one.disk_of_workers),
    ("restored from nothing by one worker: events x changelog records an event / R",
     lambda one: span(one.events * one.sizes.changelog_records / one.speed.restored_per_second)),
)  # fmt: skip


def page(sizes: Sizes, speed: Speed) -> str:
    """Return the page."""
    partition = sizes.memory_mb / sizes.partitions
    year = EVENTS_A_YEAR / speed.events_per_second
    values = {
        "sample_events": 100_000,
        "t": f"{speed.events_per_second:,}",
        "i": f"{sizes.source:.0f}",
        "w": f"{sizes.work:.0f}",
        "o": f"{sizes.other:.0f}",
        "k": f"{sizes.compacted:.0f}",
        "c": f"{sizes.changelog:.0f}",
        "changes": f"{sizes.changelog_records:.2f}",
        "change_bytes": f"{sizes.changelog / sizes.changelog_records:.0f}",
        "s": f"{sizes.store:.0f}",
        "m": f"{partition:.0f}",
        "started": speed.started_mb,
        "restored": f"{speed.restored_per_second:,.0f}",
        "events": f"{sizes.events:,}",
        "partitions": sizes.partitions,
        "cached": f"{Limits().cached_values:,}",
        "scales": "\n".join(rows(sizes, speed)),
        "year_in_an_hour": f"{year / HOUR:.1f}",
        "year_workers": ceil(year / HOUR),
        "twelve": span(year / PARTITIONS),
        "four_partitions": f"{speed.started_mb + 4 * partition:.0f}",
        "all_partitions": f"{speed.started_mb + PARTITIONS * partition:.0f}",
        "restart_seconds": speed.restart_seconds,
        "restore_seconds": speed.restore_seconds,
        "history": f"{speed.history_events:,}",
    }
    return (HERE / "sizing.md.in").read_text("utf-8").format(**values)


def rows(sizes: Sizes, speed: Speed) -> Iterator[str]:
    """Yield the lines of the table of scales."""
    loads = [Load(scale, sizes, speed) for scale in SCALES]
    for title, told in ROWS:
        yield f"| {title} | {' | '.join(told(one) for one in loads)} |"


def figure(value: float) -> str:
    """Return a number with the two digits that count, or all before the point."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - two digits


def count(value: float) -> str:
    """Return a number of things, large ones in millions."""
    return f"{value / 1e6:.3g} million" if value >= 1e6 else f"{value:,.0f}"  # noqa: PLR2004 - a million


def volume(size: float) -> str:
    """Return bytes with two digits that count."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.0f} {name}" if size >= 10 * unit else f"{size / unit:.1f} {name}"
    return f"{size / 1e3:.0f} KB"


def span(seconds: float) -> str:
    """Return a time span in the unit that suits it."""
    for unit, name in ((HOUR, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}" if seconds >= 10 * unit else f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"  # noqa: PLR2004 - two digits


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(Sizes.read(), Speed.read()), "utf-8")
    print(f"{PAGE.relative_to(HERE.parent)} is written")


if __name__ == "__main__":
    main()
