"""The transactional core put together from settings, without the house around it.

It imports neither Faust nor pydantic: a worker that starts again has committed by the time at which those are loaded.
"""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mode import Service

from streams.contract.codec import Codec
from streams.contract.reach import outage
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.config import EngineConfig, Limits
from streams.engine.engine import Engine
from streams.engine.errors import EngineError, told
from streams.engine.listener import Phase
from streams.ops.metrics import WorkerMetrics
from streams.ops.tally import Tally, desk_topics
from streams.processor.engine_config import engine_config
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.settings import OnStop, Settings

log = logging.getLogger(__name__)

GARBAGE_SECONDS: Final = 300.0
BEGIN_SECONDS: Final = 10.0
"""How long the house waits for the core at most: one that restores for minutes has to be seen doing so."""
_LOOK_SECONDS: Final = 0.1
_BEGINNING: Final[frozenset[Phase]] = frozenset({"starting", "restoring"})


class CoreService(Service):
    """Runs the transactional core for as long as the application runs."""

    mundane_level = "debug"  # starting and stopping is told in the core's own words

    def __init__(self, settings: Settings, partitions: int, codec: Codec) -> None:
        """Prepare it for topics with this many partitions; `codec` is the one of the settings' registry."""
        super().__init__()
        names = TopicNames(settings.namespace)
        self.rules = PlacementRules(PlacementPolicy(), published_coverage())
        processor = PlacementProcessor(codec, names, partitions, self.rules, settings.time)
        tally = Tally(desk_topics(names), codec.header("work_item"))
        self.metrics = WorkerMetrics(lambda: self.engine.tasks, tally)
        config = config_of(settings, names)
        # The journal in single-object encoding always: taking a partition up must not depend on a registry.
        journal = AvroJournalCodec(Codec())
        self.engine = Engine(config, processor, journal, self.metrics)
        self.failure: str = ""
        self.settings, self.names, self.partitions, self.codec = settings, names, partitions, codec
        self.stopped_in_order = False
        self._endings = 0
        self._leaves = settings.on_stop is OnStop.LEAVE

    async def on_start(self) -> None:
        """Join the group and begin; where that cannot be, end the worker with the reason."""
        try:
            await self.engine.start()
        except Exception as error:  # noqa: BLE001 - the broker may go away on the way, in many words
            self._give_up(error)

    async def on_stop(self) -> None:
        """Finish or undo what is running, within the core's budget, and let others have the partitions."""
        await self.engine.stop(leave=self._leaves)
        self.stopped_in_order = True

    async def has_begun(self) -> None:
        """Wait until all partitions that are ours had their first transaction, or for `BEGIN_SECONDS`."""
        until = self.loop.time() + BEGIN_SECONDS
        while self.loop.time() < until and not self.failure:
            if self.metrics.was_assigned and not any(task.phase in _BEGINNING for task in self.engine.tasks):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def outage(self) -> str:
        """Return in one sentence why no broker answers now, empty where one does."""
        return await outage(self.settings.bootstrap_servers, self.settings.security.client())

    @Service.task
    async def _end_the_worker_when_the_core_cannot_go_on(self) -> None:
        if self.failure:
            return
        try:
            await self.engine.wait()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process has to end with the reason
            self._give_up(error)

    @Service.timer(GARBAGE_SECONDS)
    async def _look_for_garbage(self) -> None:
        """Free what ended lives of tasks left: clients that refer to themselves.

        Python would look among objects as old as these after billions of new ones (`streams.cli.worker`). It takes a
        moment, for all cached values are looked at.
        """
        if self.metrics.endings != self._endings:
            self._endings = self.metrics.endings
            gc.collect()

    def _give_up(self, error: Exception) -> None:
        self.failure = str(error) if isinstance(error, EngineError) else told(error)
        log.critical("the worker cannot go on: %s", self.failure, exc_info=log.isEnabledFor(logging.DEBUG))
        # The same way out as an operator's: everything else is closed in good order.
        os.kill(os.getpid(), signal.SIGTERM)


def config_of(settings: Settings, names: TopicNames) -> EngineConfig:
    """Return how the core runs under these settings."""
    on_topics = engine_config(names, settings.application, settings.bootstrap_servers, client_settings(settings))
    return replace(on_topics, state_dir=settings.state_dir, limits=Limits(batch_records=settings.batch_records))


def client_settings(settings: Settings) -> Mapping[str, object]:
    """Return what all Kafka clients of the core share.

    The client id carries the address of the worker's pages: whoever asks the group who owns a partition, learns
    where to look its state up.
    """
    return {"client_id": f"{settings.application} {settings.web_url}".strip(), **settings.security.client()}
