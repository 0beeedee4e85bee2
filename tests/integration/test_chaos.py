"""Real workers and a real broker, broken under load: everything acknowledged is accounted for exactly once."""

import asyncio
from pathlib import Path

from streams.chaos.plan import Plan
from streams.chaos.run import run


def test_workers_disks_network_and_broker_that_are_broken_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    report = asyncio.run(run(Plan(minutes=2.3, seed=7, rate=150), tmp_path, say=print))

    assert report.violations == []
    assert report.lost == report.doubled == 0
    assert report.acknowledged > 0
    assert report.processed >= report.acknowledged
    assert report.faults.total() > 1
