"""The house around the transactional core: a Faust application with timers, web pages, and agents.

It sees what may be seen twice. The records that must not be lost go through the core alone (`streams.core`), which has
begun before this module, with all that it needs, is even loaded.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import faust
from faust import SASLCredentials, SSLCredentials
from faust.types import EventT, StreamT
from faust.types.auth import CredentialsArg
from mode import Service

from streams.contract.security import Security
from streams.core import CoreService, client_settings
from streams.engine.dead_letter import REASON
from streams.ops.importers import Importers, Place
from streams.ops.operations import Operations
from streams.ops.pages import Pages

log = logging.getLogger(__name__)

DEAD_LETTER_REPORT_SECONDS: Final = 10.0


def create_app(core: CoreService) -> "tuple[faust.App, tuple[Service, ...]]":
    """Build the worker's application around a core, and the services of operations that belong to its pages."""
    settings, names = core.settings, core.names
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
    _watch_dead_letters(app, names.of("dead-letter"))
    return app, _operations(app, core) if settings.web_port else ()


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


def _operations(app: faust.App, core: CoreService) -> tuple[Service, ...]:
    """Mount the pages; return the services that they show."""
    settings = core.settings
    place = Place(core.names, core.partitions, client_settings(settings), core.codec)
    operations = Operations(settings, place, core.engine, core.metrics)
    importers = Importers(core.engine, core.rules, place, settings.bootstrap_servers)
    Pages(operations, importers, settings.web_token).mount(app)
    return operations.services


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
