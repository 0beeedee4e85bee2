"""A guarded program that is known to be ready by what it logs."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from streams.local.guarded import GuardedProgram

START_SECONDS: Final = 120.0


class ProgramFailed(RuntimeError):  # noqa: N818 - it names what happened to the program
    """A program did not start or did not answer; the text ends with the last lines of its log."""


class LoggedProgram(GuardedProgram):
    """A running program; what it logs is added to `log`. `title` is what a person calls it."""

    title: ClassVar[str]
    failure: ClassVar[type[ProgramFailed]] = ProgramFailed

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start it; `environment` replaces this process's own."""
        self._log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        super().__init__(command, log, environment)

    def wait_until_it_says(self, words: str) -> None:
        """Return once the words are in its log. Raises `failure` when it ends before, or after two minutes."""
        if self.says_within(START_SECONDS, words):
            return
        raise self.failed(
            f"did not answer within {START_SECONDS:.0f} s" if self.is_running else "ended while it started"
        )

    def failed(self, what: str) -> ProgramFailed:
        """Return the failure that says what happened, with the program's last words."""
        return self.failure(f"{self.title} {what}. Its last words:\n{self._tail()}")

    def says_within(self, seconds: float, words: str) -> bool:
        """Wait until the words are in its log, it has ended, or so much time is over; tell whether they are."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            is_running = self.is_running
            if words in self._said():
                return True
            if not is_running:
                return False
            time.sleep(0.05)
        return False

    def _said(self) -> str:
        if not self._log.exists():
            return ""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", errors="replace")

    def _tail(self, lines: int = 15) -> str:
        return "\n".join(self._said().splitlines()[-lines:]) or "(it wrote none)"
