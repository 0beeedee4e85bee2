"""A rolling upgrade in the middle of a run: first all workers are of the former version, then half, then none."""

from pathlib import Path
from typing import Final

from streams.chaos.stage import Stage

# As shares of the run's time.
BOTH_FROM: Final = 0.25
NEW_FROM: Final = 0.75


class Upgrade:
    """Says which worker runs which version; without a former version it does nothing."""

    def __init__(self, former: Path | None, stage: Stage) -> None:
        self._former = former
        self._workers = stage.workers
        for worker in self._workers:
            worker.code = former

    async def follow(self, done: float) -> None:
        """Restart the workers whose turn it is, when so much of the run is done (0..1)."""
        if self._former is None:
            return
        for number, worker in enumerate(self._workers):
            is_new = done >= NEW_FROM or (done >= BOTH_FROM and number % 2)
            wanted = None if is_new else self._former
            if worker.code != wanted:
                worker.code = wanted
                if worker.is_running:
                    await worker.terminate()
                    worker.start()
