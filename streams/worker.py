"""The worker's process: the core first, and the house around it once the core has begun."""

import asyncio
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

import mode
from mode import Service

from streams.core import CoreService

if TYPE_CHECKING:
    import faust

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 9.8
ASK_AGAIN_SECONDS: Final = 1.0


class House(Service):
    """Faust's application and the services of operations, loaded and started beside a core that works already.

    Loading them takes more time than all that a restarted core does until its first commit, and Faust starts nothing
    before its own consumer group has settled, which after a kill -9 takes until the dead member's session has ended.
    """

    mundane_level = "debug"

    def __init__(self, core: CoreService) -> None:
        super().__init__()
        self._core = core
        self._opening: asyncio.Future[None] | None = None

    async def on_start(self) -> None:
        """Begin to wait for the core; nothing waits for the house."""
        self._opening = self.add_future(self._open())

    async def on_stop(self) -> None:
        """Let go of a house that is still being opened: Faust would finish that first, whatever it waits for."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})

    async def _open(self) -> None:
        await self._core.has_begun()
        if self._core.failure:
            return
        app, operations = await asyncio.to_thread(_built, self._core)
        app.in_worker = True
        for service in operations:
            await self.add_runtime_dependency(service)
        await self._kafka_answers()
        await self.add_runtime_dependency(app)

    async def _kafka_answers(self) -> None:
        """Wait until a broker answers: Faust asks once, and without an answer it would take the core down with it."""
        why = ""
        while found := await self._core.outage():
            if found != why:
                log.warning("pages and metrics begin later: %s", found)
            why = found
            await asyncio.sleep(ASK_AGAIN_SECONDS)


class Worker(mode.Worker):
    """Runs the core and, after it and beside it, the house.

    Nothing that the house may hang on at the end keeps the process beyond ten seconds: by then the core has finished or
    undone its work.
    """

    def __init__(self, core: CoreService) -> None:
        super().__init__(core, House(core), override_logging=False, redirect_stdouts=False, quiet=True)
        self._core = core

    def install_signal_handlers(self) -> None:
        """End in good order also when the terminal goes away; not under `nohup`, which is told by its being ignored."""
        super().install_signal_handlers()
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            self.loop.add_signal_handler(signal.SIGHUP, self._on_sigterm)

    async def _stop_on_signal(self, number: signal.Signals) -> None:
        """Stop the core at once, then the rest; after the budget, the process ends as it is."""
        deadline = threading.Timer(STOP_SECONDS, _end_process, (self._core,))
        deadline.daemon = True
        deadline.start()
        await self._core.stop()
        await super()._stop_on_signal(number)


def _built(core: CoreService) -> "tuple[faust.App, tuple[Service, ...]]":
    from streams.app import create_app  # noqa: PLC0415 - it takes longer to load than the core to begin

    return create_app(core)


def _end_process(core: Any) -> None:  # noqa: ANN401 - Faust's services have no types
    done = core.stopped_in_order
    log.log(
        logging.INFO if done else logging.ERROR,
        "ending after %.1f s: %s",
        STOP_SECONDS,
        "the core is closed, Faust is not" if done else "the core could not be closed in time",
    )
    logging.shutdown()
    os._exit(0 if done else 1)
