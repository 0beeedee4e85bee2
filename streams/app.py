"""The composition root: settings become a Faust application that hosts the transactional core.

Faust is the house: life cycle, supervision, timers, web pages, agents for what may be seen twice. The records
that must not be lost go through the core alone (`streams.engine`), which runs here as a service.
"""

import logging
import os
import signal
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import faust
from faust import SASLCredentials, SSLCredentials
from faust.types import EventT, StreamT
from faust.types.auth import CredentialsArg
from mode import Service

from streams.contract.codec import Codec
from streams.contract.models.events import RULES_KEY
from streams.contract.security import Security
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.config import EngineConfig, Limits
from streams.engine.dead_letter import REASON
from streams.engine.engine import Engine
from streams.engine.errors import ConfigurationError
from streams.ops.importers import Importers, Place
from streams.ops.metrics import WorkerMetrics
from streams.ops.operations import Operations
from streams.ops.pages import Pages
from streams.ops.tally import Tally, desk_topics
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.settings import OnStop, Settings

log = logging.getLogger(__name__)

DEAD_LETTER_REPORT_SECONDS: Final = 10.0


def create_app(settings: Settings, partitions: int, codec: Codec) -> "tuple[faust.App, CoreService]":
    """Build the worker's application, and the core in it, for topics with this many partitions.

    `codec` is the one of the settings' registry.
    """
    names = TopicNames(settings.namespace)
    app = faust.App(
        # Not the core's group: Faust's own agents read what may be seen twice, and must not move our partitions.
        f"{names.of(settings.application)}-house",
        broker=[f"kafka://{server.strip()}" for server in settings.bootstrap_servers.split(",")],
        broker_credentials=house_credentials(settings.security),
        datadir=str(settings.state_dir),
        autodiscover=False,
        consumer_auto_offset_reset="latest",
        # Faust's own defaults, a minute, would keep the house waiting that long for a member that was killed.
        broker_session_timeout=10.0,
        broker_heartbeat_interval=3.0,
        broker_rebalance_timeout=10.0,
        # All topics are declared in `topics/` and created by `cee topics apply`; a worker creates none.
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=bool(settings.web_port),
        web_bind=settings.web_host,
        web_host=settings.web_host,
        # Faust takes no 0, not even for a web server that is off.
        web_port=settings.web_port or 6066,
        web_stats_enabled=False,
        web_graph_enabled=False,
        web_router_enabled=False,
        web_tables_enabled=False,
        web_metrics_enabled=False,
    )
    core = CoreService(settings, names, partitions, codec)
    if settings.web_port:
        _host_operations(app, core, settings, Place(names, partitions, client_settings(settings), codec))
    _watch_dead_letters(app, names.of("dead-letter"))
    return app, core


class CoreService(Service):
    """Runs the transactional core for as long as the application runs."""

    mundane_level = "debug"  # starting and stopping is told in the core's own words

    def __init__(self, settings: Settings, names: TopicNames, partitions: int, codec: Codec) -> None:
        super().__init__()
        self.rules = PlacementRules(PlacementPolicy(), published_coverage())
        processor = PlacementProcessor(codec, names, partitions, self.rules, settings.time)
        tally = Tally(desk_topics(names), codec.header("work_item"))
        self.metrics = WorkerMetrics(lambda: self.engine.tasks, tally)
        config = engine_config(settings, names)
        # The journal in single-object encoding always: taking a partition up must not depend on a registry.
        journal = AvroJournalCodec(Codec())
        self.engine = Engine(config, processor, journal, self.metrics)
        self.failure: str = ""
        self.stopped_in_order = False
        self._leaves = settings.on_stop is OnStop.LEAVE

    async def on_start(self) -> None:
        """Join the group and begin; where that cannot be, end the worker with the reason."""
        try:
            await self.engine.start()
        except ConfigurationError as error:
            self._give_up(error)

    async def on_stop(self) -> None:
        """Finish or undo what is running, within the core's budget, and let others have the partitions."""
        await self.engine.stop(leave=self._leaves)
        self.stopped_in_order = True

    @Service.task
    async def _end_the_worker_when_the_core_cannot_go_on(self) -> None:
        if self.failure:
            return
        try:
            await self.engine.wait()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process has to end with the reason
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self.failure = str(error) or repr(error)
        log.critical("the worker cannot go on: %s", self.failure, exc_info=log.isEnabledFor(logging.DEBUG))
        # The same way out as an operator's: everything else is closed in good order.
        os.kill(os.getpid(), signal.SIGTERM)


def engine_config(settings: Settings, names: TopicNames) -> EngineConfig:
    """Return how the core runs under these settings, for the worker and for commands beside it."""
    return EngineConfig(
        app_id=names.of(settings.application),
        bootstrap_servers=settings.bootstrap_servers,
        sources=names.sources,
        changelog=names.of("placement-state"),
        journal=names.of("processing-journal"),
        dead_letter=names.of("dead-letter"),
        outputs=names.outputs,
        common_keys=frozenset({RULES_KEY}),
        state_dir=settings.state_dir,
        limits=Limits(batch_records=settings.batch_records),
        client=client_settings(settings),
    )


def client_settings(settings: Settings) -> Mapping[str, object]:
    """Return what all Kafka clients of the core share.

    The client id carries the address of the worker's pages: whoever asks the group who owns a partition, learns
    where to look its state up.
    """
    return {"client_id": f"{settings.application} {settings.web_url}".strip(), **settings.security.client()}


def house_credentials(security: Security) -> CredentialsArg | None:
    """Return the same login for Faust's own clients."""
    context = security.ssl_context()
    if security.uses_sasl:
        return SASLCredentials(
            username=security.username,
            password=security.password,
            mechanism=security.mechanism,
            ssl_context=context,
        )
    return None if context is None else SSLCredentials(context)


def _host_operations(app: faust.App, core: CoreService, settings: Settings, place: Place) -> None:
    """Run the services of operations with the core, and show their pages."""
    operations = Operations(settings, place, core.engine, core.metrics)
    for service in operations.services:
        core.add_dependency(service)
    importers = Importers(core.engine, core.rules, place, settings.bootstrap_servers)
    Pages(operations, importers, settings.web_token).mount(app)


def _watch_dead_letters(app: faust.App, topic_name: str) -> None:
    """Report dead letters to operators: one line for all of a reason in ten seconds, however many they are."""
    seen: Counter[str] = Counter()

    @app.agent(app.topic(topic_name, key_serializer="raw", value_serializer="raw"), name="dead-letter-watch")
    async def watch(stream: StreamT[bytes]) -> None:
        async for event in stream.events():
            seen[_reason(event)] += 1

    @app.timer(interval=DEAD_LETTER_REPORT_SECONDS, name="dead-letter-report")  # type: ignore[untyped-decorator]  # Faust's has no types
    async def report() -> None:
        for reason, count in seen.items():
            log.warning("%d records became dead letters: %s; see topic %s", count, reason, topic_name)
        seen.clear()


def _reason(event: EventT[Any]) -> str:
    headers: Mapping[str, bytes] = event.headers  # Faust makes a mapping of what Kafka has as a list
    return headers.get(REASON, b"unknown").decode("utf-8", "replace")
