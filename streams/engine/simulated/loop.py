"""An event loop whose clock jumps to the next thing to do, so that a minute takes a millisecond."""

import asyncio
from asyncio import base_events
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Deadlock(Exception):  # noqa: N818 - what the run came to
    """Everything waits, and nothing will ever happen."""


class VirtualLoop(base_events.BaseEventLoop):
    """Never touches a socket, a file or a real clock."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual_now = 0.0
        # BaseEventLoop asks its selector to wait until the next timer.
        self._selector = self

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._virtual_now

    def spend(self, seconds: float) -> None:
        """Let time pass as code that runs without an await does."""
        self._virtual_now += seconds

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass at once."""
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self._virtual_now += timeout
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """No other thread has to wake us."""


def virtual_loop() -> VirtualLoop:
    """Return the virtual loop that runs us."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a virtual loop of its own; whatever still runs then is thrown away.

    Raises `Deadlock` when nothing can ever happen again.
    """
    loop = VirtualLoop()
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        asyncio.set_event_loop(None)
        _discard_tasks(loop)
        loop.close()


def _discard_tasks(loop: VirtualLoop) -> None:
    """Cancel what is left, so that nothing is reported as forgotten."""
    for _ in range(10):
        tasks = [task for task in asyncio.all_tasks(loop) if not task.done()]
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        loop.call_soon(loop.stop)
        loop.run_forever()
