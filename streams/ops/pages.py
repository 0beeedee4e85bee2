"""What a worker answers over HTTP: the page, its figures, metrics, health, and look-ups of importers. Read only."""

import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import faust
from aiohttp.web import Response
from faust.web.base import BlueprintManager

from streams.contract.masking import masked
from streams.ops.fleet import page_of
from streams.ops.guard import Guard
from streams.ops.health import Health, readiness
from streams.ops.importers import Importers
from streams.ops.metrics import CONTENT_TYPE
from streams.ops.operations import Operations
from streams.ops.overview import overview
from streams.ops.static import POLICY, StaticFile, static_files

Handler = Callable[..., Awaitable[Response]]

JSON: Final = "application/json"
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
FORWARDED: Final = "X-Cee-Forwarded"
"""Marks a question from another worker: it is answered from here or not at all, never sent round."""


class Pages:
    """The pages of one worker. Everything but probes and the page's own empty files is behind the guard."""

    def __init__(self, operations: Operations, importers: Importers, token: str) -> None:
        self._operations = operations
        self._importers = importers
        self._guard = Guard(token)

    def mount(self, app: faust.App) -> None:
        """Add the pages to the application's web server."""
        app.web.blueprints = BlueprintManager()  # without Faust's own pages: its first one would stand where ours does
        for path, handler in {
            "/healthz": self._healthz,
            "/readyz": self._readyz,
            "/metrics": self._guarded(self._metrics),
            "/placement/{importer}": self._guarded(self._placement),
            "/api/overview": self._guarded(self._overview),
            "/api/history": self._guarded(self._history),
            "/api/worker": self._guarded(self._worker),
            "/api/importer/{importer}": self._guarded(self._importer),
            "/": self._file("index.html"),
            **{f"/{name}": self._file(name) for name in static_files() if name != "index.html"},
        }.items():
            app.page(path, name=path.strip("/").replace("/", "-") or "page")(_page(handler))

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Any, **matched: str) -> Response:  # noqa: ANN401 - Faust's request has no types
            refusal = self._guard.refusal(request.headers)
            return _text(f"{refusal}\n", HTTPStatus.UNAUTHORIZED) if refusal else await handler(request, **matched)

        return guarded

    def _file(self, name: str) -> Handler:
        async def answer(request: Any) -> Response:  # noqa: ANN401 - see above
            file: StaticFile = static_files()[name]
            headers = HEADERS | {"ETag": file.tag, "Cache-Control": "no-cache"}
            if request.headers.get("If-None-Match") == file.tag:
                return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
            return Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)

        return answer

    async def _healthz(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        return _probe(self._operations.monitor.health())

    async def _readyz(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        operations = self._operations
        return _probe(readiness(operations.tasks(), assigned=operations.metrics.was_assigned))

    async def _metrics(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        return Response(body=self._operations.metrics.exposition(), headers=HEADERS | {"Content-Type": CONTENT_TYPE})

    async def _worker(self, _request: Any) -> Response:  # noqa: ANN401 - see above
        return _json(self._operations.own_view(), HTTPStatus.OK)

    async def _overview(self, request: Any) -> Response:  # noqa: ANN401 - see above
        if not self._operations.monitor.is_active:
            return await self._ask_monitor(request, "/api/overview")
        return _json(overview(self._operations.scene()), HTTPStatus.OK)

    async def _history(self, request: Any) -> Response:  # noqa: ANN401 - see above
        """Answer with the lag of the last hour, after the time `since` (seconds since 1970) where that is given."""
        since = _number(request.query.get("since", "0"))
        monitor = self._operations.monitor
        if not monitor.is_active:
            return await self._ask_monitor(request, f"/api/history?since={since}")
        moments = [[round(moment.at, 1), moment.lags] for moment in monitor.history.since(since)]
        return _json({"moments": moments}, HTTPStatus.OK)

    async def _ask_monitor(self, request: Any, path: str) -> Response:  # noqa: ANN401 - see above
        """Hand on what the worker with the monitor says; say so where there is none."""
        url = page_of(self._operations.monitor.owner(0))
        if not url or FORWARDED in request.headers:
            return _json(
                {"error": "no worker has partition 0, and so nobody monitors lag"}, HTTPStatus.SERVICE_UNAVAILABLE
            )
        status, body = await self._operations.peers.get(url + path, {FORWARDED: "1"})
        return _json(body, status or HTTPStatus.BAD_GATEWAY)

    async def _placement(self, _request: Any, importer: str) -> Response:  # noqa: ANN401 - see above
        """Answer with placement and evidence; 404 for an importer nobody knows, 421 where another worker has it."""
        status, body = self._importers.here(importer)
        return _json(body, status)

    async def _importer(self, request: Any, importer: str) -> Response:  # noqa: ANN401 - see above
        """Answer as `_placement`, from whichever worker has the importer, with the history of its placement."""
        status: int
        status, body = self._importers.here(importer)
        if status == HTTPStatus.MISDIRECTED_REQUEST and FORWARDED not in request.headers:
            url = page_of(self._operations.monitor.owner(int(body["partition"])))
            if not url:
                return _json(
                    body | {"error": "the worker that has this importer shows no pages"}, HTTPStatus.BAD_GATEWAY
                )
            status, body = await self._operations.peers.get(
                f"{url}/api/importer/{body['account_key']}", {FORWARDED: "1"}
            )
        elif status == HTTPStatus.OK:
            body = body | {"changes": await self._importers.history(body["account_key"])}
        return _json(body, status or HTTPStatus.BAD_GATEWAY)


def _page(handler: Handler) -> Any:  # noqa: ANN401 - what Faust takes has no types
    async def page(_view: Any, request: Any, **matched: str) -> Response:  # noqa: ANN401 - Faust's view and request have no types
        return await handler(request, **matched)

    return page


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d+)?", text) else 0.0


def _probe(answer: Health) -> Response:
    if answer.well:
        return _text("ok\n", HTTPStatus.OK)
    return _text("\n".join(answer.reasons) + "\n", HTTPStatus.SERVICE_UNAVAILABLE)


def _text(text: str, status: HTTPStatus) -> Response:
    return Response(text=text, status=status, content_type="text/plain", headers=HEADERS)


def _json(body: object, status: int) -> Response:
    """Answer with JSON in which numbers of persons are masked."""
    text = masked(json.dumps(body, ensure_ascii=False))
    return Response(text=text, status=status, content_type=JSON, headers=HEADERS)
