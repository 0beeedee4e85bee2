"""Runs what starts processes of its own so that none is left, however it is told to end."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_until_told(work: Coroutine[Any, Any, T]) -> T:
    """Run it; SIGTERM cancels it as Ctrl-C does, and ends the process with code 143 once all is let go of.

    Not by an exception out of the signal's handler: that may come in the middle of anything, and what was to be told
    that it is cancelled then waits for ever.
    """
    is_told: list[int] = []

    async def cancelled_when_told() -> T:
        working = asyncio.ensure_future(work)

        def end() -> None:
            is_told.append(signal.SIGTERM)
            working.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        return await working

    try:
        return asyncio.run(cancelled_when_told())
    except asyncio.CancelledError:
        if not is_told:
            raise
        sys.exit(128 + signal.SIGTERM)
