"""A Faust worker in which the core comes first and leaves first, whatever the house around it waits for."""

import logging
import os
import signal
import threading
from typing import Any, Final

import faust
from mode import Service

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 9.8


class Worker(faust.Worker):
    """Runs an application and, before it and beside it, the core.

    Faust starts an application's own services only once its consumer group has settled, which after a kill -9
    takes until the dead member's session has ended; the core must be back within seconds. And nothing that the house
    may hang on at the end keeps the process beyond ten seconds: by then the core has finished or undone its work.
    """

    def __init__(self, app: faust.App, core: Service) -> None:
        super().__init__(app, core, override_logging=False, redirect_stdouts=False, quiet=True)
        self._core = core
        self.spinner = None  # it would write terminal codes into the logs

    async def _stop_on_signal(self, number: signal.Signals) -> None:
        """Stop the core at once, then the rest; after the budget, the process ends as it is."""
        deadline = threading.Timer(STOP_SECONDS, _end_process, (self._core,))
        deadline.daemon = True
        deadline.start()
        await self._core.stop()
        await super()._stop_on_signal(number)


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
