"""One run: workers under load, faults from a schedule, then healing, and a comparison with a plain fold."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

from streams.chaos.breaking import break_it
from streams.chaos.faults import Planned, schedule
from streams.chaos.load import Load
from streams.chaos.plan import Plan, Report
from streams.chaos.stage import APPLICATION, Stage, beside
from streams.chaos.versions import Upgrade
from streams.chaos.watch import Watch, watch_group
from streams.contract.codec import Codec
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.processor.clock import TimeSource
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.replay.verify import Verdict, verify
from streams.sample.parameters import SampleParameters

HEAL_SECONDS: Final = 180.0
RECOVERY_SECONDS: Final = 60.0
STOP_BUDGET_SECONDS: Final = 10.0
SAMPLE: Final = SampleParameters(scale=Fraction(1, 1000))

Say = Callable[[str], None]


async def run(plan: Plan, directory: Path, say: Say) -> Report:
    """Run one plan on a Kafka of its own in a directory; Kafka and all workers are gone afterwards."""
    stage = Stage(plan, directory, say)
    async with stage.set_up():
        return await _Run(plan, stage, say).go()


class _Run:
    def __init__(self, plan: Plan, stage: Stage, say: Say) -> None:
        self._plan, self._stage, self._say = plan, stage, say
        self._names = TopicNames()
        self._report, self._watch = Report(plan.seed), Watch()

    async def go(self) -> Report:
        servers, names, plan = self._stage.bootstrap_servers, self._names, self._plan
        topics = scaled(load_topics(), partitions=plan.partitions)
        await apply_topics(servers, topics, replication=plan.replication)
        codec = await asyncio.to_thread(self._stage.codec)
        load = Load(servers, names, plan.partitions, plan.rate, SAMPLE, codec=codec)
        watching = watch_group(servers, names.of(APPLICATION), names.sources, self._watch)
        async with beside(asyncio.ensure_future(watching)):
            stop_load = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(load.run(stop_load))
                try:
                    await self._break_things()
                finally:
                    stop_load.set()
            await self._drain()
        await self._stop_workers()
        self._report.acknowledged = load.acknowledged
        self._judge(await verify(servers, names, processor_for(plan.partitions, codec), AvroJournalCodec(Codec())))
        return self._report

    async def _break_things(self) -> None:
        plan = self._plan
        upgrade = Upgrade(plan.upgrade_from, self._stage)
        self._stage.start_all()
        ends = time.monotonic() + plan.minutes * 60
        for planned in schedule(plan.seed, plan.deck):
            await asyncio.sleep(planned.calm_seconds)
            left = ends - time.monotonic()
            if left < 0:
                return
            await upgrade.follow(1 - left / (plan.minutes * 60))
            self._say(f"{left:4.0f} s left, lag {self._watch.lag}: {planned.fault.value} ({planned.victim})")
            self._report.faults[planned.fault.value] += 1
            self._watch.fault(planned.fault.value)
            await break_it(self._stage, planned)
            await self._recover(planned)

    async def _recover(self, planned: Planned) -> None:
        """Give it the time to recover, so that it can be measured, unless the next fault is a hasty one."""
        waits_until = time.monotonic() + (0 if planned.is_hasty else RECOVERY_SECONDS)
        while time.monotonic() < waits_until and not self._watch.is_recovered:
            await asyncio.sleep(0.1)
            self._stage.start_all()

    async def _drain(self) -> None:
        """Wait until nothing is left to do: after healing the lag reaches 0 in bounded time."""
        started = time.monotonic()
        while time.monotonic() - started < HEAL_SECONDS:
            self._stage.start_all()
            await asyncio.sleep(1)
            if self._watch.lag == 0:
                self._report.drained_seconds = time.monotonic() - started
                return
        tails = "\n".join(worker.tail() for worker in self._stage.members)
        self._report.violations.append(f"lag is still {self._watch.lag} {HEAL_SECONDS:.0f} s after healing\n{tails}")

    async def _stop_workers(self) -> None:
        await self._stage.stop_all()
        longest = max(seconds for worker in self._stage.workers for seconds in worker.stop_seconds)
        self._report.longest_stop_seconds = longest
        if longest > STOP_BUDGET_SECONDS:
            self._report.violations.append(f"a worker took {longest:.1f} s to stop after SIGTERM")

    def _judge(self, verdict: Verdict) -> None:
        report, watch = self._report, self._watch
        report.processed, report.outputs = verdict.records, verdict.outputs
        report.lost, report.doubled = verdict.lost, verdict.doubled
        report.longest_stall_seconds = watch.longest_stall
        report.take(watch.recovered)
        report.violations.extend(verdict.wrong)
        if verdict.compacted:  # the topics are too young for it: nothing is missing that was published
            report.violations.append(f"{verdict.compacted} outputs are missing from compacted topics")


def processor_for(partitions: int, codec: Codec) -> PlacementProcessor:
    """Return the processor that the workers of a run have, for a fold."""
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    return PlacementProcessor(codec, TopicNames(), partitions, rules, TimeSource.EVENT)
