"""A guarded program ends with the process that asked for it, however that ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.local import guardian

SLEEP = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)"]

ASKING = f"""
import subprocess, sys, time
watcher = subprocess.Popen([sys.executable, {guardian.__file__!r}, sys.argv[1], *{SLEEP!r}],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
print(watcher.pid, watcher.stdout.readline().strip(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def asking(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Give a process that asked for a guarded program; it prints the ids of guardian and program."""
    log = str(tmp_path / "log")
    with subprocess.Popen([sys.executable, "-c", ASKING, log], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def wait_until_gone(*pids: int) -> None:
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        if not any(is_running(pid) for pid in pids):
            return
        time.sleep(0.02)
    pytest.fail(f"still running: {[pid for pid in pids if is_running(pid)]}")


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not yet asked for its code does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    command = ["/bin/ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return not state.strip().startswith("Z") and bool(state.strip())


def pids_told(asking: "subprocess.Popen[str]") -> list[int]:
    assert asking.stdout is not None
    return [int(word) for word in asking.stdout.readline().split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_guarded_program_ends_with_the_process_that_asked_for_it(
    asking: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    pids = pids_told(asking)
    assert all(is_running(pid) for pid in pids)

    asking.send_signal(number)

    wait_until_gone(*pids)


def test_the_guardian_ends_with_its_program_and_the_programs_code(tmp_path: Path) -> None:
    command = [sys.executable, guardian.__file__, str(tmp_path / "log"), sys.executable, "-c", "raise SystemExit(7)"]

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as watcher:
        assert watcher.wait(10) == 7


def test_what_a_program_says_is_in_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    talk = "import sys; print('to output'); print('to error', file=sys.stderr)"

    command = [sys.executable, guardian.__file__, str(log), sys.executable, "-c", talk]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as watcher:
        assert watcher.wait(10) == 0

    assert sorted(log.read_text("utf-8").splitlines()) == ["to error", "to output"]
