"""Waiting for what comes in its own time: for a condition, with a limit that no machine reaches that works at all."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120.0


def wait_until(look: Callable[[], object], seconds: float = PATIENCE_SECONDS, why: Callable[[], str] = str) -> None:
    """Wait until a look is true; fail with `why` when it stays false for too long."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, f"not so within {seconds} s: {why()}"
        time.sleep(0.2)
