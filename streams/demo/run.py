"""One run of the demo, from an empty broker to a report; whatever ends it, nothing is left running."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from streams.contract.codec import Codec
from streams.contract.provision import apply_topics, delete_topics
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.demo.following import Follower, Standing, member_count
from streams.demo.protest_case import ProtestCase, Stage, play
from streams.demo.publishing import Published, SamplePublisher, Where
from streams.demo.tally import Tally, tally_of
from streams.local.broker import LocalBroker, free_port
from streams.local.guarded import GuardedProgram
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters

EVENTS_PER_SUMMARY: Final = 6.0
WRONG_SHARE: Final = 0.002
POLL_SECONDS: Final = 0.25
STALLED_SECONDS: Final = 90.0
WORKER_STOP_SECONDS: Final = 15.0
APPLICATION: Final = "cee-placement"

Show = Callable[[Published, Standing], None]


class DemoFailed(RuntimeError):  # noqa: N818 - it names what happened to the demo
    """The demo could not come to its end; the text says why, with the worker's last words where it is the worker."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `bootstrap_servers` empty starts a broker; `namespace` keeps a shared one's other topics apart.

    On a shared one, `live_namespace` is that of the workers that may run there; with `own_worker` the demo leaves them
    alone, and takes its topics away at the end.
    Without `own_worker`, those that run on that Kafka already are to do the work. `registry` is empty for none;
    `client` is how clients log in there.
    """

    scale: Fraction
    seed: str
    partitions: int
    bootstrap_servers: str = ""
    namespace: str = ""
    registry: str = ""
    own_worker: bool = True
    client: Mapping[str, Any] = field(default_factory=dict)
    live_namespace: str = ""

    @property
    def is_guest(self) -> bool:
        """Whether it runs beside others on a Kafka that is not its own."""
        return bool(self.bootstrap_servers) and self.own_worker

    @property
    def parameters(self) -> SampleParameters:
        """Return the sample's parameters; a few records are wrong on purpose."""
        return SampleParameters(scale=self.scale, seed=self.seed, wrong_share=WRONG_SHARE)

    @property
    def expected_events(self) -> int:
        """Return roughly how many events there will be."""
        return round(self.parameters.total_summaries * EVENTS_PER_SUMMARY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `seconds` is from the first event of the sample published to lag 0."""

    published: Published
    standing: Standing
    tally: Tally
    seconds: float
    protest: ProtestCase


class Demo:
    """The running parts: a broker, its topics, a worker."""

    def __init__(self, plan: Plan, directory: Path, say: Callable[[str], None]) -> None:
        self.names = TopicNames(plan.namespace)
        self.bootstrap_servers = plan.bootstrap_servers
        self.web_port = free_port()
        self.worker_log = directory / "worker.log"
        self._plan = plan
        self._directory = directory
        self._say = say
        self._worker: GuardedProgram | None = None
        self._codec: Codec

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start broker, topics and worker; stop worker and broker at the end.

        Raises `BrokerFailed`, `JavaUnavailable`, `ClusterError`, `RegistryError`.
        """
        self._codec = open_waiting_codec(self._plan.registry)
        with self._broker():
            self._say_who_else_is_there()
            self._say(f"Kafka is at {self.bootstrap_servers}; creating the topics ...")
            topics = scaled(load_topics(), namespace=self.names.namespace, partitions=self._plan.partitions)
            try:
                asyncio.run(apply_topics(self.bootstrap_servers, topics, client=self._plan.client))
                if not self._plan.own_worker:
                    yield
                    return
                with self._own_worker():
                    yield
            finally:
                if self._plan.is_guest:
                    self._say(f"taking the topics {self.names.of('*')} away ...")
                    asyncio.run(delete_topics(self.bootstrap_servers, topics, self._plan.client))

    def _say_who_else_is_there(self) -> None:
        if not self._plan.is_guest:
            return
        group = TopicNames(self._plan.live_namespace).of(APPLICATION)
        count = asyncio.run(member_count(self.bootstrap_servers, group, self._plan.client))
        if count:
            others = f"{count} workers run" if count > 1 else "a worker runs"
            self._say(
                f"{others} on this Kafka already (group {group}) and will see nothing of this: the demo has topics and "
                "a worker of its own. To let them do the work, on theirs: --no-worker"
            )

    @contextlib.contextmanager
    def _own_worker(self) -> Iterator[None]:
        self._worker = GuardedProgram(
            [sys.executable, "-m", "streams.cli", "worker"], self.worker_log, {**os.environ, **self._settings()}
        )
        try:
            yield
        finally:
            self._worker.stop(WORKER_STOP_SECONDS)

    async def run(self, show: Show) -> Outcome:
        """Publish the sample, wait until the worker has processed everything, and count what it published."""
        sample = NationalSample(self._plan.parameters)
        where = Where(self.bootstrap_servers, self._plan.registry, self._codec, self._plan.client)
        publisher = SamplePublisher(sample, where, self.names, self._directory)
        started = time.monotonic()
        publishing = asyncio.create_task(publisher.run())
        try:
            standing = await self._follow(publishing, publisher.published, show)
        finally:
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
        seconds = time.monotonic() - started
        self._say("ten ports, one protest: told, decided by its Center, and told again ...")
        protest = await play(Stage(where, self.names, self._processed))
        self._say("counting what the worker published ...")
        tally = await tally_of(self.bootstrap_servers, self.names, self._codec, self._plan.client)
        return Outcome(publisher.published, standing, tally, seconds, protest)

    async def _processed(self) -> Standing:
        """Wait until the worker has processed everything that is there."""
        done = Published(is_done=True)

        async def nothing() -> None: ...

        return await self._follow(asyncio.create_task(nothing()), done, lambda _, __: None)

    async def _follow(self, publishing: "asyncio.Task[None]", published: Published, show: Show) -> Standing:
        """Watch until all is published and processed."""
        moved_at, before = time.monotonic(), -1
        group = self.names.of(APPLICATION)
        sources, client = self.names.sources, self._plan.client
        async with Follower.connected(self.bootstrap_servers, group, sources, client) as follower:
            while True:
                if publishing.done():
                    publishing.result()
                was_published = published.is_done
                standing = await follower.standing()
                show(published, standing)
                if was_published and standing.lag == 0:
                    return standing
                if standing.committed != before or not was_published:
                    moved_at, before = time.monotonic(), standing.committed
                self._check_the_worker(time.monotonic() - moved_at)
                await asyncio.sleep(POLL_SECONDS)

    def _check_the_worker(self, still_seconds: float) -> None:
        if self._worker is None:
            if still_seconds > STALLED_SECONDS:
                message = f"no worker has moved for {still_seconds:.0f} s: is one running on {self.bootstrap_servers}?"
                raise DemoFailed(message)
            return
        if not self._worker.is_running:
            message = f"the worker ended. Its last words:\n{self._last_words()}"
            raise DemoFailed(message)
        if still_seconds > STALLED_SECONDS:
            message = f"the worker has not moved for {still_seconds:.0f} s. Its last words:\n{self._last_words()}"
            raise DemoFailed(message)

    def _last_words(self, lines: int = 12) -> str:
        return "\n".join(self.worker_log.read_text("utf-8", errors="replace").splitlines()[-lines:])

    @contextlib.contextmanager
    def _broker(self) -> Iterator[None]:
        if self._plan.bootstrap_servers:
            yield
            return
        self._say("starting Apache Kafka ...")
        with LocalBroker(self._directory / "kafka", say=self._say) as broker:
            self.bootstrap_servers = broker.bootstrap_servers
            yield

    def _settings(self) -> dict[str, str]:
        """Return the worker's settings: a load of history takes its time from the events."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "SCHEMA_REGISTRY_URL": self._plan.registry,
            "CEE_APPLICATION": APPLICATION,
            "CEE_NAMESPACE": self.names.namespace,
            "CEE_STATE_DIR": str(self._directory / "state"),
            "CEE_TIME": "event",
            "CEE_WEB_PORT": str(self.web_port),
            "CEE_LOG_FORMAT": "text",
            "CEE_LOG_LEVEL": "INFO",
            # A Kafka of its own asks nobody who they are.
            **({} if self._plan.bootstrap_servers else {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}),
        }
