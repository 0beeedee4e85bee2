"""Real workers and a real broker, broken under load: everything acknowledged is accounted for exactly once."""

import asyncio
from itertools import islice
from pathlib import Path

from streams.chaos.faults import DECK, schedule
from streams.chaos.run import Plan, run


def test_a_schedule_is_the_same_for_the_same_seed_and_has_every_fault_of_the_deck_in_each_round() -> None:
    first, again = (list(islice(schedule(7, workers=2), len(DECK))) for _ in range(2))

    assert first == again
    assert sorted(planned.fault.name for planned in first) == sorted(fault.name for fault in DECK)
    assert list(islice(schedule(8, workers=2), len(DECK))) != first


def test_workers_and_broker_that_are_killed_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    report = asyncio.run(run(Plan(minutes=0.4, seed=7, rate=150), tmp_path, say=print))

    assert report.violations == []
    assert report.lost == report.doubled == 0
    assert report.acknowledged > 0
    assert report.processed >= report.acknowledged
    assert report.faults.total() > 1
