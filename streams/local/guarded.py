"""A program in a session of its own, with a guardian that ends it when this process is gone."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.local import guardian


class GuardedProgram:
    """A running program. Ctrl-C in the terminal does not reach it: who started it decides when it ends."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start it; what it says is added to the log. `environment` replaces this process's own."""
        self._guardian = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, guardian.__file__, str(log), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,
        )
        assert self._guardian.stdin is not None
        assert self._guardian.stdout is not None
        self._tie = self._guardian.stdin
        with self._guardian.stdout as told:
            self.pid = int(told.readline())

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._guardian.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, if it still runs."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, patience_seconds: float) -> bool:
        """End it in good order, by force when it takes longer than that or when this is interrupted.

        Return whether it ended by itself.
        """
        ended = False
        try:
            self.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._guardian.wait(patience_seconds)
                ended = True
        finally:
            self.kill()
        return ended

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        self._tie.close()
        self._guardian.wait()
