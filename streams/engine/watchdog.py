"""Ends a process whose event loop stands still, which nothing on that loop could do.

A processor that never returns stops heartbeats, pages and signals with it. After the session the group gives the
partitions away; this process would hang for ever, holding its place and telling nobody why.
"""

import faulthandler
import logging
import os
import threading
import time

log = logging.getLogger(__name__)

EXIT_CODE = 70
"""What the process ends with: an internal error, after sysexits.h."""


class Watchdog(threading.Thread):
    """A thread that expects a beat from the event loop at least every `patience` seconds."""

    def __init__(self, patience: float) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._patience = patience
        self._last_beat = time.monotonic()
        self._done = threading.Event()

    def beat(self) -> None:
        """Say that the event loop runs."""
        self._last_beat = time.monotonic()

    def close(self) -> None:
        """Stop watching."""
        self._done.set()

    def run(self) -> None:
        """Watch until closed; end the process when the beats stop."""
        while not self._done.wait(min(1.0, self._patience / 4)):
            silent = time.monotonic() - self._last_beat
            if silent > self._patience:
                log.critical("the event loop has stood still for %.0f s: ending the process; see where below", silent)
                faulthandler.dump_traceback(all_threads=True)
                os._exit(EXIT_CODE)
