"""Rates over several workers, what is kept of recent records, and how clocks of cases stand."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streams.customs.calendar import EPOCH
from streams.customs.cases import Case
from streams.customs.entry_summary import Entry
from streams.customs.matters import Matter, Running
from streams.customs.notice_periods import FORM_28
from streams.customs.work_types import INFORMATION_REQUEST, LIQUIDATION_POSTED, REVIEW
from streams.engine.api import Table
from streams.engine.engine import Engine
from streams.ops.census import DESKS, DUE_SOON_DAYS, Census, clock_states
from streams.ops.fleet import page_of, rate_of
from streams.ops.lag.book import LagReport
from streams.ops.lag.monitor import growth
from streams.ops.lag.reading import Member
from streams.ops.recent import Kept
from streams.processor.tables import CLOCK_KEY

DAY_MS = 24 * 3_600_000
MARCH_1 = 1_772_380_800_000  # 2026-03-01T16:00Z, a morning in New York


def view(at: float, **items: dict[str, int]) -> dict[str, Any]:
    return {"at": at, "counters": {"items": items, "records": {}}}


def test_a_rate_is_growth_over_time_with_nested_counters_summed() -> None:
    first, last = (
        view(10, electronics={"opened": 5}),
        view(20, electronics={"opened": 10, "closed": 5}, machinery={"opened": 1}),
    )

    assert rate_of(first, last, "items") == {"electronics": 1.0, "machinery": 0.1}
    assert rate_of(first, first, "items") == {}


@pytest.mark.parametrize(
    ("client_id", "expected"),
    [
        ("cee-placement http://127.0.0.1:6066", "http://127.0.0.1:6066"),
        ("cee-placement https://w1.example", "https://w1.example"),
        ("cee-placement", ""),
        ("cee-placement file:///etc/passwd", ""),
    ],
)
def test_the_address_of_a_workers_pages_is_in_its_client_id(client_id: str, expected: str) -> None:
    assert page_of(Member("id", client_id, "host")) == expected
    assert page_of(None) == ""


def test_a_log_that_was_made_anew_does_not_grow_backwards() -> None:
    former = LagReport(10.0, {}, {("events", 0): 100, ("events", 1): 50}, (), {})
    newer = LagReport(15.0, {}, {("events", 0): 110, ("events", 1): 3, ("events", 2): 9}, (), {})

    assert growth(former, newer) == {"events": 2.0}
    assert growth(None, newer) == {}


def test_todays_counts_begin_anew_with_new_yorks_day_and_the_last_records_stay() -> None:
    kept = Kept()
    kept.note(MARCH_1 - DAY_MS, "unreadable", {})
    kept.note(MARCH_1, "unreadable", {})
    kept.note(MARCH_1 + 1000, "oversized", {})
    kept.note(MARCH_1 - DAY_MS, "unreadable", {})

    assert kept.today == {"unreadable": 1, "oversized": 1}
    assert len(kept.items) == 4
    assert kept.items[0]["at_ms"] == MARCH_1 - DAY_MS
    assert kept.last_ms["unreadable"] == MARCH_1
    assert kept.ever == {"unreadable": 3, "oversized": 1}
    assert kept.counted(MARCH_1 + DAY_MS) == Counter()


def entry(**facts: Any) -> Entry:
    return Entry()._replace(**facts)


def case(work_type: int) -> Case:
    return Case(work_type, "A5512346055", 0, 6, 1, 1, taken=False, opened_ms=0)


def day(value: date) -> int:
    return (value - EPOCH).days


@pytest.mark.parametrize(
    ("days_before_end", "expected"),
    [(DUE_SOON_DAYS + 1, "running"), (DUE_SOON_DAYS, "due_soon"), (0, "due_soon"), (-10, "overdue")],
)
def test_a_duty_is_due_soon_a_week_before_its_end_and_overdue_after_it(days_before_end: int, expected: str) -> None:
    entered = date(2025, 3, 3)
    deemed = date(2026, 3, 3)
    found = clock_states(
        case(REVIEW.number),
        entry(import_day=day(entered), summary_day=day(entered)),
        deemed - timedelta(days=days_before_end),
    )

    assert ("cbp_must", expected) in list(found)


def test_a_time_in_which_one_may_act_only_ends() -> None:
    posted = entry(liquidated_day=day(date(2025, 1, 10)))

    states = {state for _kind, state in clock_states(case(LIQUIDATION_POSTED.number), posted, date(2026, 3, 3))}

    assert states == {"ended"}


def test_a_case_of_another_generation_has_no_clocks_here() -> None:
    assert list(clock_states(case(REVIEW.number), None, date(2026, 3, 3))) == []
    assert list(clock_states(case(REVIEW.number), entry(generation=1), date(2026, 3, 3))) == []


class OnePartition:
    """What a census asks of an engine: one idle partition and its committed state."""

    def __init__(self, state: dict[str, dict[bytes, Any]]) -> None:
        self.tasks = [SimpleNamespace(partition=0, phase="idle")]
        self._state = state

    def scan(self, partition: int, table: Table[Any], start: bytes) -> Iterator[tuple[bytes, Any]]:
        assert partition == 0
        found = self._state.get(table.prefix.decode(), {})
        return iter(sorted((key, value) for key, value in found.items() if key >= start))

    def read(self, partition: int, table: Table[Any], key: bytes) -> object:
        assert partition == 0
        return self._state.get(table.prefix.decode(), {}).get(key)


def test_protests_and_requests_count_among_the_cases_of_a_center_with_their_clocks(tmp_path: Path) -> None:
    """A request for information of 2 March 2026 is answered within 30 days."""
    asked = day(date(2026, 3, 2))
    matter = Matter(
        INFORMATION_REQUEST.number, desk=2, assignment=1, sequence=1, taken=False, opened_ms=MARCH_1,
        references=("CF28-1",), importers=("12-345678900",), ports=("2704",), entries=(),
        clocks=(Running(FORM_28.number, asked),),
    )  # fmt: skip
    engine = OnePartition({"f/": {b"12-3456789/c1": matter}, "m/": {CLOCK_KEY: MARCH_1 + 60 * DAY_MS}})
    census = Census(cast("Engine", engine), tmp_path)

    asyncio.run(census.count(0))

    count = census.counts[0]
    assert count.cases == {(DESKS[2], INFORMATION_REQUEST.name): 1}
    assert count.clocks == {(DESKS[2], "trade_must", "overdue"): 1}
