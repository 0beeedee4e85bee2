"""One run: workers under load, faults from a schedule, then healing, and a comparison with a plain fold."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Final

from streams.chaos.faults import Fault, Planned, schedule
from streams.chaos.load import Load
from streams.chaos.watch import Watch, watch_group
from streams.chaos.workers import WorkerProcess, lose_stores
from streams.contract.codec import Codec
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.local.broker import LocalBroker
from streams.processor.clock import TimeSource
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.replay.verify import Verdict, verify
from streams.sample.parameters import SampleParameters

APPLICATION: Final = "cee-placement"
HEAL_SECONDS: Final = 180.0
PAUSE_SECONDS: Final = 14.0
STOP_BUDGET_SECONDS: Final = 10.0
SAMPLE: Final = SampleParameters(scale=Fraction(1, 1000))

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run goes. `rate` is in events a second; `minutes` count the time of faults, without healing."""

    minutes: float
    seed: int
    workers: int = 2
    partitions: int = 4
    rate: int = 300


@dataclass(slots=True)
class Report:
    """What a run came to. Seconds and counts; `violations` is empty where all guarantees held."""

    seed: int
    acknowledged: int = 0
    processed: int = 0
    outputs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    recovery_median_seconds: float = 0.0
    recovery_longest_seconds: float = 0.0
    longest_stall_seconds: float = 0.0
    longest_stop_seconds: float = 0.0
    drained_seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)


async def run(plan: Plan, directory: Path, say: Say) -> Report:
    """Run one plan on a broker of its own in a directory; the broker and all workers are gone afterwards."""
    broker = LocalBroker(directory / "kafka", say=say)
    await asyncio.to_thread(broker.start)
    try:
        return await _Run(plan, directory, broker, say).go()
    finally:
        await asyncio.to_thread(broker.stop)


class _Run:
    def __init__(self, plan: Plan, directory: Path, broker: LocalBroker, say: Say) -> None:
        self._plan, self._broker, self._say = plan, broker, say
        self._names = TopicNames()
        self._state_dir = directory / "state"
        self._report, self._watch = Report(plan.seed), Watch()
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "SCHEMA_REGISTRY_URL": "",
            "CEE_STATE_DIR": str(self._state_dir),
            "CEE_APPLICATION": APPLICATION,
            "CEE_NAMESPACE": "",
            "CEE_TIME": TimeSource.EVENT.value,
        }
        self._workers = [WorkerProcess(number, directory, environment) for number in range(plan.workers)]

    async def go(self) -> Report:
        servers, names = self._broker.bootstrap_servers, self._names
        await apply_topics(servers, scaled(load_topics(), partitions=self._plan.partitions))
        load = Load(servers, names, self._plan.partitions, self._plan.rate, SAMPLE)
        try:
            async with self._beside(watch_group(servers, names.of(APPLICATION), names.sources, self._watch)):
                stop_load = asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(load.run(stop_load))
                    try:
                        await self._break_things()
                    finally:
                        stop_load.set()
                await self._drain()
            await self._stop_workers()
        finally:
            for worker in self._workers:
                worker.kill()
        self._report.acknowledged = load.acknowledged
        self._judge(await verify(servers, names, self._processor(), AvroJournalCodec(Codec())))
        return self._report

    @asynccontextmanager
    async def _beside(self, watching: Coroutine[None, None, None]) -> AsyncIterator[None]:
        task = asyncio.ensure_future(watching)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _break_things(self) -> None:
        for worker in self._workers:
            worker.start()
        ends = time.monotonic() + self._plan.minutes * 60
        for planned in schedule(self._plan.seed, self._plan.workers):
            await asyncio.sleep(planned.calm_seconds)
            if time.monotonic() > ends:
                return
            left = ends - time.monotonic()
            self._say(f"{left:4.0f} s left, lag {self._watch.lag}: {planned.fault.value} ({planned.worker})")
            self._report.faults[planned.fault.value] += 1
            self._watch.fault()
            await self._break(planned)

    async def _break(self, planned: Planned) -> None:
        worker = self._workers[planned.worker]
        match planned.fault:
            case Fault.KILL:
                worker.kill()
            case Fault.PAUSE:
                await worker.pause(PAUSE_SECONDS)
            case Fault.TERMINATE:
                await worker.terminate()
            case Fault.LOSE_STORE:
                for each in self._workers:
                    each.kill()
                lose_stores(self._state_dir)
            case Fault.BROKER_RESTART:
                await asyncio.to_thread(self._broker.stop)
                await asyncio.to_thread(self._broker.start)
            case Fault.BROKER_KILL:
                await asyncio.to_thread(self._broker.kill)
                await asyncio.to_thread(self._broker.start)
        await asyncio.sleep(planned.away_seconds)
        # Also one that ended by itself: that a worker may give up when the broker is away is its right.
        for each in self._workers:
            each.start()

    async def _drain(self) -> None:
        """Wait until nothing is left to do: after healing the lag reaches 0 in bounded time."""
        started = time.monotonic()
        while time.monotonic() - started < HEAL_SECONDS:
            for worker in self._workers:
                worker.start()
            await asyncio.sleep(1)
            if self._watch.lag == 0:
                self._report.drained_seconds = time.monotonic() - started
                return
        tails = "\n".join(worker.tail() for worker in self._workers)
        self._report.violations.append(f"lag is still {self._watch.lag} {HEAL_SECONDS:.0f} s after healing\n{tails}")

    async def _stop_workers(self) -> None:
        await asyncio.gather(*(worker.terminate() for worker in self._workers))
        longest = max(seconds for worker in self._workers for seconds in worker.stop_seconds)
        self._report.longest_stop_seconds = longest
        if longest > STOP_BUDGET_SECONDS:
            self._report.violations.append(f"a worker took {longest:.1f} s to stop after SIGTERM")

    def _judge(self, verdict: Verdict) -> None:
        report, watch = self._report, self._watch
        report.processed, report.outputs = verdict.records, verdict.outputs
        report.lost, report.doubled = verdict.lost, verdict.doubled
        report.longest_stall_seconds = watch.longest_stall
        if watch.recovered:
            report.recovery_median_seconds = median(watch.recovered)
            report.recovery_longest_seconds = max(watch.recovered)
        report.violations.extend(verdict.wrong)

    def _processor(self) -> PlacementProcessor:
        rules = PlacementRules(PlacementPolicy(), published_coverage())
        return PlacementProcessor(Codec(), self._names, self._plan.partitions, rules, TimeSource.EVENT)
