"""Worker processes that are started, paused, killed and started again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

STOP_SECONDS: Final = 20.0


class WorkerProcess:
    """One worker as a process of its own, with its log in a file; it claims a slot of the shared state folder."""

    def __init__(self, number: int, directory: Path, environment: Mapping[str, str]) -> None:
        """Prepare it; `environment` is added to this process's own."""
        self.number = number
        self.stop_seconds: list[float] = []
        self.code: Path | None = None
        """A folder with another version of the program, which the next start takes; None for this one."""
        self._log = directory / f"worker-{number}.log"
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is there, even if paused."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of a running worker."""
        assert self._process is not None
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the worker runs."""
        self._signal(number)

    def start(self) -> None:
        """Start the process unless it runs."""
        if self.is_running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "worker", "--web-port", "0"],
                env=self._environment if self.code is None else {**self._environment, "PYTHONPATH": str(self.code)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power failure would (SIGKILL)."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    async def terminate(self) -> float:
        """Ask it to end (SIGTERM) and return after how many seconds it did; kill it where it does not."""
        started = time.monotonic()
        self._signal(signal.SIGTERM)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        took = time.monotonic() - started
        self.kill()
        self.stop_seconds.append(took)
        return took

    async def pause(self, seconds: float) -> None:
        """Stop it (SIGSTOP) for longer than its session, and let it wake up as a zombie that knows of nothing."""
        self._signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = 10) -> str:
        """Return its last log lines."""
        return "\n".join(self._log.read_text("utf-8", errors="replace").splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            assert self._process is not None
            self._process.send_signal(number)
