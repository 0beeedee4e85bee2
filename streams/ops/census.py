"""Counts what lies in the state: open cases (matters among them), their clocks, and importers by Center.

Slowly, a slice at a time, so that it takes a bounded share of the worker's time whatever the state's size: figures
are as old as `counted_at` says. They come from committed state alone, so they survive restarts and move with their
partition.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from mode import Service

from streams.customs.calendar import EPOCH, eastern_day_number
from streams.customs.case_clocks import clock_days, running_clocks
from streams.customs.cases import ELSEWHERE, INELIGIBLE, PENDING, Case
from streams.customs.centers import centers
from streams.customs.clocks import Clock, DueKind
from streams.customs.entry_summary import Entry
from streams.customs.matters import clocks_of_matter
from streams.customs.work_types import WORK_TYPES
from streams.engine.api import Table
from streams.engine.engine import Engine
from streams.processor.tables import CASES, CLOCK, CLOCK_KEY, ENTRIES, LEDGERS, MATTERS

V = TypeVar("V")

PAUSE_SECONDS: Final = 10.0
SLICE: Final = 100
SHARE: Final = 0.01
"""Of the worker's time, at most."""
DUE_SOON_DAYS: Final = 7

LEGAL: Final = (DueKind.TRADE_MUST, DueKind.CBP_MUST)
"""Clocks that law sets; those of practice and policy are in the metrics alone."""

WINDOWS: Final = frozenset({"voluntary_reliquidation"})
"""Clocks of CBP's own that only say how long it may act."""

DESKS: Final[Mapping[int, str]] = {center.id: center.slug for center in centers()} | {
    PENDING: "pending",
    INELIGIBLE: "ineligible",
    ELSEWHERE: "elsewhere",
}


class Count(NamedTuple):
    """What one partition's state holds, as of `at` (seconds since 1970)."""

    at: float
    cases: Counter[tuple[str, str]]
    clocks: Counter[tuple[str, str, str]]
    placements: Counter[tuple[str, str]]
    state_bytes: int


class Census(Service):
    """Keeps `counts` by partition, of the partitions that are here."""

    mundane_level = "debug"  # starting and stopping is nothing to act on

    def __init__(self, engine: Engine, state_dir: Path) -> None:
        super().__init__()
        self._engine = engine
        self._state_dir = state_dir
        self._counts: dict[int, Count] = {}

    @property
    def counts(self) -> Mapping[int, Count]:
        """What was counted last, without partitions that moved away."""
        here = {task.partition for task in self._engine.tasks}
        return {partition: count for partition, count in self._counts.items() if partition in here}

    @Service.task
    async def _count_again_and_again(self) -> None:
        while not self.should_stop:
            for partition in [task.partition for task in self._engine.tasks if task.phase in {"running", "idle"}]:
                await self.count(partition)
            self._counts = dict(self.counts)
            await self.sleep(PAUSE_SECONDS)

    async def count(self, partition: int) -> None:
        """Count one partition; without effect where it moves away meanwhile."""
        cases: Counter[tuple[str, str]] = Counter()
        clocks: Counter[tuple[str, str, str]] = Counter()
        placements: Counter[tuple[str, str]] = Counter()
        try:
            today = self._today(partition)
            async for key, case in self._slowly(partition, CASES):
                desk = DESKS[case.desk]
                cases[desk, WORK_TYPES[case.work_type].name] += 1
                entry = self._engine.read(partition, ENTRIES, key.split(b"/", 1)[0] + b"/" + case.entry_number.encode())
                clocks.update((desk, kind, state) for kind, state in clock_states(case, entry, today))
            async for _case_id, matter in self._slowly(partition, MATTERS):
                desk = DESKS[matter.desk]
                cases[desk, WORK_TYPES[matter.work_type].name] += 1
                clocks.update((desk, kind, state) for kind, state in states_of(clocks_of_matter(matter), today))
            async for _account, ledger in self._slowly(partition, LEDGERS):
                center = ledger.standing.center
                placements[DESKS.get(center, "pending"), ledger.standing.basis or "none"] += 1
        except KeyError:
            return
        size = await asyncio.to_thread(_bytes_of, self._state_dir, partition)
        self._counts[partition] = Count(time.time(), cases, clocks, placements, size)

    async def _slowly(self, partition: int, table: Table[V]) -> AsyncIterator[tuple[bytes, V]]:
        """Yield a table's pairs, resting after each slice; holds nothing of the store meanwhile."""
        start = b""
        while True:
            began = time.perf_counter()
            pairs = list(islice(self._engine.scan(partition, table, start), SLICE))
            for pair in pairs:
                yield pair
            if len(pairs) < SLICE:
                return
            start = pairs[-1][0] + b"\0"
            await asyncio.sleep((time.perf_counter() - began) / SHARE)

    def _today(self, partition: int) -> date:
        told_ms = self._engine.read(partition, CLOCK, CLOCK_KEY)
        now_ms = told_ms or int(datetime.now(UTC).timestamp() * 1000)
        return EPOCH + timedelta(days=eastern_day_number(now_ms))


def clock_states(case: Case, entry: Entry | None, today: date) -> Iterator[tuple[str, str]]:
    """Yield who has to act, and how it stands, for each clock of an open case.

    What may be done until a day and need not be is never due: once past, it has merely ended.
    """
    if entry is not None and entry.generation == case.generation:
        yield from states_of(running_clocks(case.work_type, clock_days(case.work_type, entry)), today)


def states_of(clocks: Iterable[Clock], today: date) -> Iterator[tuple[str, str]]:
    """Yield who has to act, and how it stands, for each of these clocks."""
    for clock in clocks:
        is_window = clock.kind is DueKind.TRADE_MAY_UNTIL or clock.name in WINDOWS
        if today > clock.closes_after:
            yield clock.kind.value, "ended" if is_window else "overdue"
        elif is_window or today < clock.warn_by - timedelta(days=DUE_SOON_DAYS):
            yield clock.kind.value, "running"
        else:
            yield clock.kind.value, "due_soon"


def _bytes_of(state_dir: Path, partition: int) -> int:
    """Return the size of the files of a partition's store, wherever below the folder it is."""
    total = 0
    for file in state_dir.glob(f"*/slot-*/partition-{partition}/*"):
        try:
            total += file.stat().st_size
        except OSError:
            continue  # removed by a compaction meanwhile
    return total
