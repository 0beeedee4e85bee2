"""More input than a worker can take, half of it about one importer: what memory comes to, and who has to wait.

The worker gets a share of the time only (it is stopped and continued once a second), so that an input of its own
full speed is many times faster than it.
"""

import asyncio
import contextlib
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.chaos.load import Load
from streams.chaos.plan import Plan
from streams.chaos.run import SAMPLE, Say, processor_for
from streams.chaos.stage import APPLICATION, Stage, beside
from streams.contract.codec import Codec
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.processor.journal import AvroJournalCodec
from streams.replay.verify import verify

TURN_SECONDS: Final = 1.0
DRAIN_SECONDS: Final = 900.0
LOOK_SECONDS: Final = 1.0
SAY_SECONDS: Final = 10.0
MINUTE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard: `rate` events a second for `minutes`, and the share of time (0..1) that the worker gets."""

    minutes: float
    rate: int
    worker_share: float
    partitions: int = 4


@dataclass(slots=True)
class PressureReport:
    """What it came to. Memory in MiB; `times_faster` is input over what the worker got through meanwhile.

    `memory_each_minute` is while too much comes, `memory_draining` every ten seconds from then on until nothing is
    left. `waits` is the longest time in seconds for which a partition with work did not move, by partition; the hot
    importer's is `hot_partition`.
    """

    published: int = 0
    processed_meanwhile: int = 0
    times_faster: float = 0.0
    most_behind: int = 0
    memory_before: float = 0.0
    memory_each_minute: list[float] = field(default_factory=list)
    memory_draining: list[float] = field(default_factory=list)
    memory_most: float = 0.0
    memory_after: float = 0.0
    drained_seconds: float = 0.0
    hot_partition: int = -1
    waits: dict[int, float] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0
    violations: list[str] = field(default_factory=list)


async def press(pressure: Pressure, directory: Path, say: Say) -> PressureReport:
    """Run it on a Kafka of its own with one worker; all is gone afterwards."""
    plan = Plan(pressure.minutes, 0, workers=1, partitions=pressure.partitions, rate=pressure.rate)
    stage = Stage(plan, directory, say)
    async with stage.set_up():
        return await _Press(pressure, stage, say).go()


class _Press:
    def __init__(self, pressure: Pressure, stage: Stage, say: Say) -> None:
        self._pressure, self._stage, self._say = pressure, stage, say
        self._names = TopicNames()
        self._report = PressureReport()
        self._behind: dict[int, int] = {}
        self._moved_at: dict[int, float] = {}
        self._committed: dict[int, int] = {}
        self._seen = asyncio.Event()
        """All partitions have committed something: the worker runs."""

    async def go(self) -> PressureReport:
        pressure, report, servers = self._pressure, self._report, self._stage.bootstrap_servers
        await apply_topics(servers, scaled(load_topics(), partitions=pressure.partitions))
        load = Load(servers, self._names, pressure.partitions, pressure.rate, SAMPLE, hot_share=0.5)
        self._stage.start_all()
        async with beside(asyncio.ensure_future(self._watch())):
            await self._seen.wait()
            report.memory_before = self._memory()
            await self._overload(load)
            report.published, report.hot_partition = load.acknowledged, load.hot_partition
            await self._drain()
        report.memory_after = self._memory()
        await self._stage.stop_all()
        verdict = await verify(
            servers, self._names, processor_for(pressure.partitions, Codec()), AvroJournalCodec(Codec())
        )
        report.lost, report.doubled = verdict.lost, verdict.doubled
        report.violations.extend(verdict.wrong)
        if verdict.compacted:  # the topics are too young for it: nothing is missing that was published
            report.violations.append(f"{verdict.compacted} outputs are missing from compacted topics")
        return report

    async def _overload(self, load: Load) -> None:
        stop, before = asyncio.Event(), sum(self._committed.values())
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run(stop))
            ends = time.monotonic() + self._pressure.minutes * 60
            await self._give_turns(ends)
            stop.set()
        self._report.processed_meanwhile = sum(self._committed.values()) - before
        self._report.times_faster = load.acknowledged / max(1, self._report.processed_meanwhile)

    async def _give_turns(self, ends: float) -> None:
        worker, share = self._stage.members[0], self._pressure.worker_share
        began = said = time.monotonic()
        while time.monotonic() < ends:
            worker.send(signal.SIGCONT)
            await asyncio.sleep(TURN_SECONDS * share)
            worker.send(signal.SIGSTOP)
            await asyncio.sleep(TURN_SECONDS * (1 - share))
            if time.monotonic() - said > SAY_SECONDS:
                said = time.monotonic()
                self._say(f"{ends - said:4.0f} s left, {sum(self._behind.values()):,} behind, {self._memory():.0f} MiB")
            if time.monotonic() - began > MINUTE_SECONDS * (1 + len(self._report.memory_each_minute)):
                self._report.memory_each_minute.append(round(self._memory()))
        worker.send(signal.SIGCONT)

    async def _drain(self) -> None:
        started = time.monotonic()
        while sum(self._behind.values()):
            if time.monotonic() - started > DRAIN_SECONDS:
                self._report.violations.append(f"{sum(self._behind.values())} records are left after {DRAIN_SECONDS} s")
                return
            if time.monotonic() - started >= SAY_SECONDS * len(self._report.memory_draining):
                self._report.memory_draining.append(round(self._memory()))
                self._say(f"draining, {sum(self._behind.values()):,} behind, {self._memory():.0f} MiB")
            await asyncio.sleep(LOOK_SECONDS)
        self._report.drained_seconds = time.monotonic() - started

    async def _watch(self) -> None:
        while True:
            # A broker that has only just started does not know the group yet.
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                async for committed, ends in _readings(self._stage.bootstrap_servers, self._names):
                    self._see(committed, ends)
                    self._report.memory_most = max(self._report.memory_most, self._memory())
            await asyncio.sleep(LOOK_SECONDS)

    def _see(self, committed: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> None:
        now, waits = time.monotonic(), self._report.waits
        for partition in range(self._pressure.partitions):
            done = sum(offset for place, offset in committed.items() if place.partition == partition)
            end = sum(offset for place, offset in ends.items() if place.partition == partition)
            if not any(place.partition == partition for place in committed):
                continue
            if done != self._committed.get(partition) or done >= end:
                self._moved_at[partition] = now
            self._committed[partition], self._behind[partition] = done, max(0, end - done)
            waits[partition] = max(waits.get(partition, 0.0), now - self._moved_at.setdefault(partition, now))
        if len(self._committed) == self._pressure.partitions:
            self._seen.set()
        self._report.most_behind = max(self._report.most_behind, sum(self._behind.values()))

    def _memory(self) -> float:
        """Return the worker's resident memory in MiB."""
        pid = self._stage.members[0].pid
        asked = ["/bin/ps", "-o", "rss=", "-p", str(pid)]
        told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
        return int(told.stdout.strip() or 0) / 1024


Reading = tuple[Mapping[TopicPartition, int], Mapping[TopicPartition, int]]


async def _readings(bootstrap_servers: str, names: TopicNames) -> AsyncIterator[Reading]:
    """Yield committed offsets and ends once a second."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    consumer = AIOKafkaConsumer(*names.sources, bootstrap_servers=bootstrap_servers)
    await consumer.start()
    try:
        while True:
            ends = await consumer.end_offsets(consumer.assignment())
            answered = await admin.list_consumer_group_offsets(names.of(APPLICATION))
            yield {place: one.offset for place, one in answered.items()}, ends
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await asyncio.wait({asyncio.ensure_future(admin.close()), asyncio.ensure_future(consumer.stop())}, timeout=3.0)
