"""The figures for people and for programs."""

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Latency, Profile, Restart, Throughput
from bench.throughput import PASS_THROUGH, PLAIN_FAUST, WORKER

BUSY_LOAD = 1.0


@dataclass(slots=True)
class Report:
    """Everything that one run has measured; what was not asked for is None."""

    events: int
    faust_events: int
    partitions: int
    load_before: float
    throughput: Throughput | None = None
    latency: Latency | None = None
    restart: Restart | None = None
    profile: Profile | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "load_before": self.load_before,
            "events": self.events,
            "faust_events": self.faust_events,
            "partitions": self.partitions,
            "throughput": _throughput_json(self.throughput) if self.throughput else None,
            "latency": asdict(self.latency) if self.latency else None,
            "restart": asdict(self.restart) if self.restart else None,
            "profile": asdict(self.profile) if self.profile else None,
        }

    def show(self, console: Console) -> None:
        """Print the figures as tables."""
        about = machine()
        console.print(
            f"{about['cores']} cores, Python {about['python']}, {about['system']}; broker on the same machine"
        )
        if self.load_before > BUSY_LOAD:
            console.print(f"[yellow]the machine was not idle (load {self.load_before:.1f}): figures are low")
        if self.throughput:
            _show_throughput(console, self.throughput, self.events, self.faust_events)
        if self.latency:
            _show_latency(console, self.latency)
        if self.restart:
            _show_restart(console, self.restart)
        if self.profile:
            _show_profile(console, self.profile)


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def ratio(found: Throughput) -> float:
    """Return how many times the plain Faust agent's throughput the worker has, by medians."""
    return found.per_second(WORKER) / found.per_second(PLAIN_FAUST)


def _throughput_json(found: Throughput) -> dict[str, Any]:
    return {
        "median_per_second": {name: round(found.per_second(name), 1) for name in found.rounds},
        "median_cpu_microseconds": {name: round(found.cpu_microseconds(name), 1) for name in found.rounds},
        "rounds_per_second": {name: [round(run.per_second, 1) for run in runs] for name, runs in found.rounds.items()},
        "worker_to_plain_faust": round(ratio(found), 2),
        "worker_to_pass_through": round(found.per_second(WORKER) / found.per_second(PASS_THROUGH), 4),
    }


def _show_throughput(console: Console, found: Throughput, events: int, faust_events: int) -> None:
    table = Table(title=f"Throughput over {events:,} events (plain Faust: {faust_events:,}), medians")
    for column in ("", "events/s", "CPU µs/event", "to plain Faust", "rounds, events/s"):
        table.add_column(column, justify="left" if not column else "right")
    floor = found.per_second(PLAIN_FAUST)
    for name, runs in found.rounds.items():
        rate = found.per_second(name)
        each = ", ".join(f"{run.per_second:,.0f}" for run in runs)
        table.add_row(name, f"{rate:,.0f}", f"{found.cpu_microseconds(name):,.0f}", f"{rate / floor:.1f}", each)
    console.print(table)


def _show_latency(console: Console, found: Latency) -> None:
    table = Table(title=f"Sent to visible on a Center's topic (read committed), {found.events_per_second} events/s")
    for column in ("events sent", "with work", "p50 ms", "p99 ms", "most ms"):
        table.add_column(column, justify="right")
    table.add_row(
        f"{found.sent:,}", f"{found.seen:,}", f"{found.p50_ms:.0f}", f"{found.p99_ms:.0f}", f"{found.most_ms:.0f}"
    )
    console.print(table)


def _show_restart(console: Console, found: Restart) -> None:
    size = found.state_bytes / 2**20
    table = Table(title=f"Restart after kill -9 with the state of {found.records_before:,} events ({size:,.0f} MiB)")
    for column in ("", "first new commit, s", "all that waited, s"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("with the local store", f"{found.with_store_seconds:.1f}", f"{found.with_store_all_seconds:.1f}")
    table.add_row("without it", f"{found.without_store_seconds:.1f}", f"{found.without_store_all_seconds:.1f}")
    console.print(table)


def _show_profile(console: Console, found: Profile) -> None:
    for title, costs in (("by room", found.rooms), ("by function, itself", found.own), ("with callees", found.whole)):
        table = Table(title=f"Where the worker's time goes, {title} ({found.samples:,} samples)")
        table.add_column("%", justify="right")
        table.add_column("")
        for cost in costs:
            table.add_row(f"{cost.percent:.1f}", cost.name)
        console.print(table)
