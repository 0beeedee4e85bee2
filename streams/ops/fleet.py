"""All workers as one: their own words about themselves, asked for over HTTP, and how fast they go."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from mode import Service

from streams.ops.lag.reading import Member

ASK_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 3.0
VIEWS: Final = 4
"""A rate is over so many views: about fifteen seconds."""


class Peers:
    """The other workers' pages. `token` goes along, as all workers have the same."""

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session: ClientSession | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """Return status and JSON of a page; status 0 and the reason where it cannot be had."""
        if self._session is None:
            self._session = ClientSession(headers=self._headers, timeout=ClientTimeout(total=ANSWER_SECONDS))
        try:
            async with self._session.get(url, headers=headers) as answer:
                body: dict[str, Any] = json.loads(await answer.text())
                return answer.status, body
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            return 0, {"error": f"{url} gives no answer: {str(error) or type(error).__name__}"}

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()


def page_of(member: Member | None) -> str:
    """Return the address of a worker's pages, which its client id carries; empty where it has none."""
    if member is None:
        return ""
    _, _, url = member.client_id.partition(" ")
    return url if url.startswith(("http://", "https://")) else ""


class Fleet(Service):
    """Asks all workers every few seconds, while `members` gives any; `own` is this worker's own view."""

    mundane_level = "debug"  # starting and stopping is nothing to act on

    def __init__(
        self,
        peers: Peers,
        own_url: str,
        own: Callable[[], dict[str, Any]],
        members: Callable[[], Iterable[Member]],
    ) -> None:
        super().__init__()
        self._peers = peers
        self._own_url = own_url
        self._own = own
        self._members = members
        self._views: dict[str, deque[dict[str, Any]]] = {}
        self.silent: dict[str, str] = {}
        """Workers that gave no answer, and why."""

    @property
    def views(self) -> list[dict[str, Any]]:
        """The newest view of every worker that answered."""
        return [views[-1] for _url, views in sorted(self._views.items())]

    @Service.task
    async def _ask_again_and_again(self) -> None:
        while not self.should_stop:
            await self.ask()
            await self.sleep(ASK_SECONDS)

    async def on_stop(self) -> None:
        """Let go of all connections."""
        await self._peers.close()

    async def ask(self) -> None:
        """Ask everybody once."""
        members = list(self._members())
        urls = {page_of(member) or f"member {member.client_id}" for member in members}
        answers = await asyncio.gather(*(self._ask(url) for url in sorted(urls)))
        self.silent = {url: answer["error"] for url, answer in answers if "error" in answer}
        for url, answer in answers:
            if "error" not in answer:
                self._keep(url, answer)
        for url in self._views.keys() - {url for url, answer in answers if "error" not in answer}:
            del self._views[url]

    async def _ask(self, url: str) -> tuple[str, dict[str, Any]]:
        if url == self._own_url:
            return url, self._own()
        if not url.startswith("http"):
            return url, {"error": "its pages are off"}
        status, view = await self._peers.get(f"{url}/api/worker")
        if status not in {0, 200}:
            return url, {"error": f"{url} answers with status {status}"}
        return url, view

    def _keep(self, url: str, view: dict[str, Any]) -> None:
        views = self._views.setdefault(url, deque(maxlen=VIEWS))
        if views and views[-1]["started_at"] != view["started_at"]:
            views.clear()
        views.append(view)

    def rates(self, name: str) -> dict[str, float]:
        """Return how fast a counter grows a second, by label, over all workers."""
        total: dict[str, float] = {}
        for views in self._views.values():
            for label, rate in rate_of(views[0], views[-1], name).items():
                total[label] = total.get(label, 0.0) + rate
        return total

    def worker_rates(self, url: str, name: str) -> dict[str, float]:
        """Return the same of one worker."""
        views = self._views.get(url)
        return rate_of(views[0], views[-1], name) if views else {}

    def latency_counts(self) -> list[int]:
        """Return how many records of the last views took how long, by bucket."""
        total: list[int] = []
        for views in self._views.values():
            new = [
                after - before
                for before, after in zip(views[0]["latency_counts"], views[-1]["latency_counts"], strict=True)
            ]
            total = [a + b for a, b in zip(total, new, strict=True)] if total else new
        return total


def rate_of(first: Mapping[str, Any], last: Mapping[str, Any], name: str) -> dict[str, float]:
    """Return how fast a worker's counter grew between two of its views; nested counters are summed."""
    seconds = last["at"] - first["at"]
    if seconds <= 0:
        return {}
    before, after = first["counters"][name], last["counters"][name]
    return {label: (_amount(after[label]) - _amount(before.get(label, 0))) / seconds for label in after}


def _amount(value: float | Mapping[str, float]) -> float:
    return sum(value.values()) if isinstance(value, Mapping) else value
