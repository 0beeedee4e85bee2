"""What is broken: one broker or three, the workers, and the network between each worker and the broker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from streams.chaos.plan import Plan
from streams.chaos.proxy import Proxy
from streams.chaos.workers import WorkerProcess
from streams.contract.codec import Codec
from streams.contract.registered import open_waiting_codec
from streams.contract.registration import register_all
from streams.contract.registry import Registry
from streams.local.broker import LocalBroker, free_port
from streams.local.cluster import LocalCluster
from streams.local.registry import PATH, LocalRegistry
from streams.local.seats import Door
from streams.processor.clock import TimeSource

APPLICATION: Final = "cee-placement"


class Stage:
    """The running parts of one run. Its last worker is the one more that comes and goes."""

    def __init__(self, plan: Plan, directory: Path, say: Callable[[str], None]) -> None:
        self.state_dir = directory / "state"
        self.registry = LocalRegistry(directory / "registry", say=say) if plan.has_registry else None
        self.registry_proxy = Proxy(free_port(), self.registry.port) if self.registry else None
        self.proxies: list[Proxy] = []
        self._kafka: LocalBroker | LocalCluster
        if plan.brokers > 1:
            self._kafka = LocalCluster(directory / "kafka", plan.brokers, say=say, version=plan.kafka)
            self.brokers = self._kafka.brokers
        else:
            self._kafka = self._behind_proxies(directory / "kafka", plan.workers, plan.kafka, say)
            self.brokers = [self._kafka]
        self.bootstrap_servers = self._kafka.bootstrap_servers
        ways = [f"127.0.0.1:{proxy.port}" for proxy in self.proxies] or [self.bootstrap_servers] * plan.workers
        self.workers = [
            WorkerProcess(number, directory, self._settings(way))
            for number, way in enumerate([*ways, self.bootstrap_servers])
        ]

    def codec(self) -> Codec:
        """Return the codec of this run, which reaches the registry whatever befalls the workers' way to it."""
        return open_waiting_codec(self.registry.address if self.registry else "")

    @property
    def members(self) -> list[WorkerProcess]:
        """The workers that are there all the time."""
        return self.workers[:-1]

    @asynccontextmanager
    async def set_up(self) -> AsyncIterator[None]:
        """Start Kafka and the proxies; end them and all workers afterwards."""
        await asyncio.to_thread(self._kafka.start)
        try:
            await self._start_registry()
            for proxy in self._all_proxies:
                await proxy.start()
            yield
        finally:
            for worker in self.workers:
                worker.kill()
            for proxy in self._all_proxies:
                await proxy.close()
            if self.registry is not None:
                await asyncio.to_thread(self.registry.stop)
            await asyncio.to_thread(self._kafka.stop)

    async def _start_registry(self) -> None:
        if self.registry is not None:
            await asyncio.to_thread(self.registry.start)
            await asyncio.to_thread(register_all, Registry(self.registry.address))

    @property
    def _all_proxies(self) -> list[Proxy]:
        return [*self.proxies, *([self.registry_proxy] if self.registry_proxy else [])]

    def start_all(self) -> None:
        """Start the members that do not run.

        Also one that ended by itself: that a worker may give up when the broker is away is its right.
        """
        for worker in self.members:
            worker.start()

    async def stop_all(self) -> None:
        """Ask all workers to end, and wait for it."""
        await asyncio.gather(*(worker.terminate() for worker in self.workers if worker.is_running))

    def kill_all(self) -> None:
        """Kill all workers, so that their stores are free."""
        for worker in self.workers:
            worker.kill()

    def _behind_proxies(self, directory: Path, workers: int, version: str, say: Callable[[str], None]) -> LocalBroker:
        doors = [Door(f"W{number}", free_port(), free_port()) for number in range(workers)]
        self.proxies = [Proxy(door.advertised, door.port) for door in doors]
        return LocalBroker(directory, say=say, doors=doors, version=version)

    def _settings(self, bootstrap_servers: str) -> Mapping[str, str]:
        return {
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "SCHEMA_REGISTRY_URL": f"http://127.0.0.1:{self.registry_proxy.port}{PATH}" if self.registry_proxy else "",
            "CEE_STATE_DIR": str(self.state_dir),
            "CEE_APPLICATION": APPLICATION,
            "CEE_NAMESPACE": "",
            "CEE_TIME": TimeSource.EVENT.value,
        }


@contextlib.asynccontextmanager
async def beside(working: "asyncio.Future[None]") -> AsyncIterator[None]:
    """Let something run for as long as the body does."""
    try:
        yield
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
