"""Real workers and a real broker, broken under load: everything acknowledged is accounted for exactly once."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streams.chaos.plan import Plan
from streams.chaos.run import run
from tests.waiting import wait_until


def test_workers_disks_network_and_broker_that_are_broken_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    report = asyncio.run(run(Plan(minutes=2.3, seed=7, rate=150), tmp_path, say=print))

    assert report.violations == []
    assert report.lost == report.doubled == 0
    assert report.acknowledged > 0
    assert report.processed >= report.acknowledged
    assert report.faults.total() > 1


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [("chaos", signal.SIGTERM, 143), ("chaos", signal.SIGINT, 130), ("pressure", signal.SIGTERM, 143)],
)
def test_a_run_that_is_told_to_end_leaves_no_process_behind(
    command: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """Seen are the run's own children and theirs: brokers, workers, and who watches over them."""
    arguments = [sys.executable, "-m", "streams.cli", command, "--minutes", "5", "--directory", str(tmp_path)]
    with (tmp_path / "said.log").open("wb") as said, subprocess.Popen(arguments, stdout=said, stderr=said) as run_:
        wait_until(lambda: any(b"assigned" in log.read_bytes() for log in tmp_path.glob("worker-*.log")))
        started = below(run_.pid)
        run_.send_signal(number)
        ended = run_.wait(60)

    assert ended == code
    assert len(started) >= 3  # a worker, a broker, and who ends the broker when the run is gone
    wait_until(lambda: not any(is_there(pid) for pid in started))


def below(pid: int) -> set[int]:
    """Return the processes that a process has started, and those that these have."""
    asked = ["/bin/ps", "-axo", "pid=,ppid="]
    pairs = [
        line.split() for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    ]
    found, new = set[int](), {pid}
    while new:
        new = {int(child) for child, parent in pairs if int(parent) in new}
        found |= new
    return found


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
