"""How quick recovery is in the core alone: `python -m bench.recovery [CHANGELOG_RECORDS]`, on a broker of its own.

Restore: changelog records a second into an empty store. Rebalance: the longest pause between two commits of a
partition under load while a third worker joins and leaves, for partitions that stay where they are and those that move.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.engine.api import Outbox, SourceRecord, State, Table
from streams.engine.config import EngineConfig
from streams.engine.engine import Engine
from streams.engine.journal import JsonJournalCodec
from streams.engine.kafka.changelog import KafkaChangelog
from streams.engine.kafka.transaction import KafkaTransaction
from streams.engine.kafka.world import KafkaWorld
from streams.engine.listener import Commit, Listener
from streams.engine.restore import restore
from streams.engine.world import Outgoing
from streams.local.broker import LocalBroker

PARTITIONS: Final = 12
KEYS: Final = 100_000
RATE: Final = 600
COUNTS: Final[Table[int]] = Table(b"c/", lambda count: b"%d" % count, int)


class Counting:
    """Counts records by key, and says so."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Count one."""
        del now
        key = record.key or b""
        count = (state.get(COUNTS, key) or 0) + 1
        state.put(COUNTS, key, count)
        out.send("out", key, b"%d" % count)
        return "counted"

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Time changes nothing."""


class Times(Listener):
    """When each partition committed records at one worker (monotonic seconds)."""

    def __init__(self) -> None:
        self.at: dict[int, list[float]] = {}

    def committed(self, commit: Commit) -> None:
        """Note a batch."""
        if commit.records:
            self.at.setdefault(commit.partition, []).append(time.monotonic())


def config_for(bootstrap: str, folder: Path) -> EngineConfig:
    """Return the configuration of an application with two sources and one output."""
    return EngineConfig(
        app_id="recovery", bootstrap_servers=bootstrap, sources=("event", "decision"), changelog="state",
        journal="journal", dead_letter="dead", outputs=("out",), state_dir=folder,
    )  # fmt: skip


async def create_topics(config: EngineConfig) -> None:
    """Create the application's topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=config.bootstrap_servers)
    await admin.start()
    named = (*config.sources, config.changelog, config.journal, config.dead_letter, *config.outputs)
    timed = {"message.timestamp.type": "LogAppendTime"}
    await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=timed) for name in named])
    await admin.close()


async def measure_restore(config: EngineConfig, records: int) -> float:
    """Write a changelog of one partition and restore an empty store from it; return records a second."""
    random, partition = Random(0), PARTITIONS - 1
    transaction = KafkaTransaction(config, partition)
    await transaction.start()
    for start in range(0, records, 10_000):
        changes: list[Outgoing] = [
            (b"e/12-%022d" % random.randrange(KEYS), random.randbytes(90), ())
            for _ in range(start, min(records, start + 10_000))
        ]
        transaction.begin()
        for write in await transaction.append({(config.changelog, partition): changes}):
            await write
        await transaction.commit()
    await transaction.close()
    world, changelog = KafkaWorld(config), KafkaChangelog(config, config.changelog, partition)
    await changelog.start()
    began = time.monotonic()
    store = world.open_store(partition)
    await restore(world.clock, partition, store, changelog, await changelog.bounds(), lambda *_: None)
    seconds = time.monotonic() - began
    store.close()
    await changelog.close()
    world.close()
    return records / seconds


@asynccontextmanager
async def running(config: EngineConfig, name: str, times: Times) -> AsyncIterator[Engine]:
    """Run a worker with a state folder of its own."""
    engine = Engine(replace(config, state_dir=config.state_dir / name), Counting(), JsonJournalCodec(), times)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(leave=True)


async def load(config: EngineConfig) -> None:
    """Publish steadily to all partitions until cancelled."""
    async with AIOKafkaProducer(bootstrap_servers=config.bootstrap_servers, linger_ms=5) as producer:
        number = 0
        while True:
            for _ in range(RATE // 20):
                await producer.send("event", b"x", b"k%d" % (number % 50), partition=number % PARTITIONS)
                number += 1
            await asyncio.sleep(0.05)


async def measure_rebalance(config: EngineConfig) -> Mapping[str, float]:
    """Let a third worker join and leave under load; return the longest pauses in seconds by what happened."""
    times = [Times() for _ in range(3)]
    loading = asyncio.ensure_future(load(config))
    async with running(config, "a", times[0]) as a, running(config, "b", times[1]) as b:
        await asyncio.sleep(15)
        before = [{task.partition for task in engine.tasks} for engine in (a, b)]
        joined = time.monotonic()
        async with running(config, "c", times[2]):
            await asyncio.sleep(15)
            after = [{task.partition for task in engine.tasks} for engine in (a, b)]
            left = time.monotonic()
        await asyncio.sleep(15)
        ended = time.monotonic()
    loading.cancel()
    stay = (before[0] & after[0]) | (before[1] & after[1])
    moved = set(range(PARTITIONS)) - stay
    return {
        "partitions that stay": len(stay),
        "join, stay": _longest(times, stay, joined, left),
        "join, move": _longest(times, moved, joined, left),
        "leave, stay": _longest(times, stay, left, ended),
        "leave, move": _longest(times, moved, left, ended),
    }


def _longest(times: list[Times], partitions: set[int], start: float, stop: float) -> float:
    """Return the longest pause between two commits of a partition, whoever made them."""
    longest = 0.0
    for partition in partitions:
        at = sorted(moment for one in times for moment in one.at.get(partition, ()) if start <= moment <= stop)
        longest = max(longest, *(after - before for before, after in zip([start, *at], [*at, stop], strict=True)))
    return longest


async def measure(bootstrap: str, folder: Path, records: int) -> None:
    """Measure both and print."""
    config = config_for(bootstrap, folder)
    await create_topics(config)
    print(f"restore of {records:,} changelog records: {await measure_restore(config, records):,.0f}/s", flush=True)
    for what, seconds in (await measure_rebalance(config)).items():
        print(f"rebalance, {what}: {seconds:.2f}")


def main() -> None:
    """Measure on a broker of its own."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder) / "kafka") as broker:
        asyncio.run(measure(broker.bootstrap_servers, Path(folder) / "state", records))


if __name__ == "__main__":
    main()
