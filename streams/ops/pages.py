"""What a worker answers over HTTP: metrics, health, and where an importer is placed and why. Read only."""

import hmac
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any, Final, TypeVar

import faust
from aiohttp.web import Response

from streams.contract.keys import partition_for
from streams.customs.importer_number import InvalidImporterNumber, importer_number
from streams.customs.policy import PlacementRules
from streams.engine.api import Table
from streams.engine.engine import Engine
from streams.ops.health import Health, health, readiness
from streams.ops.metrics import CONTENT_TYPE, WorkerMetrics
from streams.processor.explain import explain

V = TypeVar("V")
Handler = Callable[..., Awaitable[Response]]

JSON: Final = "application/json"


class Pages:
    """The pages of one worker, for an engine and its metrics.

    `token`, where given, has to come with every request but the health probes (`Authorization: Bearer ...`).
    """

    def __init__(
        self, engine: Engine, metrics: WorkerMetrics, rules: PlacementRules, partitions: int, token: str
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._metrics = metrics
        self._partitions = partitions
        self._token = token

    def mount(self, app: faust.App) -> None:
        """Add the pages to the application's web server."""
        app.page("/healthz", name="healthz")(self._open(self._healthz))
        app.page("/readyz", name="readyz")(self._open(self._readyz))
        app.page("/metrics", name="metrics")(self._guarded(self._metrics_page))
        app.page("/placement/{importer}", name="placement")(self._guarded(self._placement))

    def _open(self, handler: Handler) -> Handler:
        async def page(_view: Any, request: Any, **matched: str) -> Response:  # noqa: ANN401 - Faust's view and request have no types
            return await handler(request, **matched)

        return page

    def _guarded(self, handler: Handler) -> Handler:
        async def page(_view: Any, request: Any, **matched: str) -> Response:  # noqa: ANN401 - see above
            if self._token and not hmac.compare_digest(
                request.headers.get("Authorization", ""), f"Bearer {self._token}"
            ):
                return _text("this page needs the token of CEE_WEB_TOKEN as a bearer token\n", HTTPStatus.UNAUTHORIZED)
            return await handler(request, **matched)

        return page

    async def _healthz(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        return _probe(health(self._engine.tasks, time.monotonic() - self._metrics.last_commit_at))

    async def _readyz(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        return _probe(readiness(self._engine.tasks, assigned=self._metrics.was_assigned))

    async def _metrics_page(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        return Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    async def _placement(self, _request: Any, importer: str) -> Response:  # noqa: ANN401 - see above
        """Answer with placement and evidence; 404 for an importer nobody knows, 421 where another worker has it."""
        try:
            account = importer_number(importer).account()
        except InvalidImporterNumber as error:
            return _json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        partition = partition_for(account.encode(), self._partitions)
        try:
            found = explain(OwnedState(self._engine, partition), account, self._rules)
        except KeyError:
            return _json(
                {"error": f"partition {partition} of this importer is on another worker", "partition": partition},
                HTTPStatus.MISDIRECTED_REQUEST,
            )
        if found is None:
            return _json({"error": "no event of this importer was seen"}, HTTPStatus.NOT_FOUND)
        return _json(found, HTTPStatus.OK)


class OwnedState:
    """The committed state of one partition that this worker has. Raises `KeyError` once it has it no more."""

    def __init__(self, engine: Engine, partition: int) -> None:
        self._engine = engine
        self._partition = partition

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""
        return self._engine.read(self._partition, table, key)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield keys and values in byte order."""
        return self._engine.scan(self._partition, table, start, stop)


def _probe(answer: Health) -> Response:
    if answer.well:
        return _text("ok\n", HTTPStatus.OK)
    return _text("\n".join(answer.reasons) + "\n", HTTPStatus.SERVICE_UNAVAILABLE)


def _text(text: str, status: HTTPStatus) -> Response:
    return Response(text=text, status=status, content_type="text/plain")


def _json(body: object, status: HTTPStatus) -> Response:
    return Response(text=json.dumps(body, ensure_ascii=False), status=status, content_type=JSON)
