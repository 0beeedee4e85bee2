"""What the tests on a real Kafka need around a hosted word count: topics, lines, workers, and the tally at the end.

Run as a program it is a worker: `python -m tests.unit.engine.hosting PREFIX BOOTSTRAP_SERVERS STATE_DIR`.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.engine.api import Outbox, Processor, SourceRecord, State
from streams.engine.config import Budgets, EngineConfig
from streams.engine.engine import Engine
from streams.engine.journal import JsonJournalCodec
from streams.engine.listener import Commit, Listener
from streams.engine.simulated.schedule import all_topics
from tests.unit.engine.word_count import WordCount

PARTITIONS: Final = 2
_TOPIC_SETTINGS: Final = {
    "state": {"cleanup.policy": "compact"},
    "journal": {"message.timestamp.type": "LogAppendTime"},
}


def word_count_config(prefix: str, bootstrap_servers: str, state_dir: Path) -> EngineConfig:
    """Return a configuration with names of its own, and with short patience."""
    return EngineConfig(
        app_id=f"{prefix}-count",
        bootstrap_servers=bootstrap_servers,
        sources=(f"{prefix}-line", f"{prefix}-letter"),
        changelog=f"{prefix}-state",
        journal=f"{prefix}-journal",
        dead_letter=f"{prefix}-dead",
        outputs=(f"{prefix}-counts",),
        state_dir=state_dir,
        budgets=Budgets(session=6.0, idle_commit=0.2, halted_poll=0.3, backoff_first=0.1, backoff_most=1.0),
    )


async def create_topics(config: EngineConfig, *, partitions: int = PARTITIONS) -> None:
    """Create all topics of an application."""
    admin = AIOKafkaAdminClient(bootstrap_servers=config.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics(
            [
                NewTopic(topic, partitions, 1, topic_configs=_TOPIC_SETTINGS.get(topic.rpartition("-")[2], {}))
                for topic in all_topics(config)
            ]
        )
    finally:
        await admin.close()


async def publish(
    config: EngineConfig,
    lines: Iterable[bytes | None],
    *,
    topic: str = "",
    paused: float = 0.0,
    keys: Sequence[bytes | None] = (b"key",),
) -> None:
    """Publish lines to the partitions in turn, with a pause in seconds after every hundred, keys in turn too."""
    async with AIOKafkaProducer(
        bootstrap_servers=config.bootstrap_servers, linger_ms=5, enable_idempotence=True
    ) as producer:
        for number, line in enumerate(lines):
            await producer.send(
                topic or config.sources[0], line, keys[number % len(keys)], partition=number % PARTITIONS
            )
            if paused and number % 100 == 0:
                await producer.flush()
                await asyncio.sleep(paused)
        await producer.flush()


async def published(config: EngineConfig, topic: str) -> list[ConsumerRecord]:
    """Return every committed record of a topic, in order for each partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=config.bootstrap_servers, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        records: list[ConsumerRecord] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(batch)
        return records
    finally:
        await consumer.stop()


async def counts(config: EngineConfig) -> dict[tuple[int, bytes], list[int]]:
    """Return the counts published for each partition and word, in order."""
    found: dict[tuple[int, bytes], list[int]] = {}
    for record in await published(config, config.outputs[0]):
        found.setdefault((record.partition, record.key), []).append(int(record.value))
    return found


def differences(
    found: Mapping[tuple[int, bytes], list[int]], expected: Mapping[tuple[int, bytes], list[int]]
) -> dict[tuple[int, bytes], str]:
    """Say for each partition and word how what was counted differs; empty if all is well."""
    return {
        place: f"{len(found.get(place, []))} counts, expected {len(expected.get(place, []))}"
        for place in sorted(found.keys() | expected.keys())
        if found.get(place) != expected.get(place)
    }


def expected_counts(lines: Iterable[bytes | None]) -> dict[tuple[int, bytes], list[int]]:
    """Return what `counts` must be after these lines were published once."""
    totals: dict[tuple[int, bytes], int] = {}
    for number, line in enumerate(lines):
        for word in (line or b"").split():
            place = (number % PARTITIONS, word)
            totals[place] = totals.get(place, 0) + 1
    return {place: list(range(1, total + 1)) for place, total in totals.items()}


class Commits(Listener):
    """Keeps what was committed."""

    def __init__(self) -> None:
        self.all: list[Commit] = []
        self.restarts: list[str] = []

    def committed(self, commit: Commit) -> None:
        self.all.append(commit)

    def restarted(self, partition: int, kind: str, error: BaseException) -> None:  # noqa: ARG002 - the shape of the hook
        self.restarts.append(kind)

    def records(self) -> int:
        """Count processed records."""
        return sum(commit.records for commit in self.all)


@asynccontextmanager
async def running(
    config: EngineConfig, processor: Processor | None = None, listener: Listener | None = None
) -> AsyncIterator[Engine]:
    """Run an engine in this process."""
    hosted = WordCount(config.outputs[0]) if processor is None else processor
    engine = Engine(config, hosted, JsonJournalCodec(), listener)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(leave=True)


async def until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    """Wait for something to become true; raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is awaited happens in Kafka, and nothing here is told of it
            await asyncio.sleep(0.05)


def is_done(engine: Engine, partitions: int = PARTITIONS) -> bool:
    """Whether all partitions are here and have nothing left to do."""
    tasks = engine.tasks
    return len(tasks) == partitions and all(task.phase == "idle" and not task.lag and task.ends for task in tasks)


async def until_done(config: EngineConfig, engine: Engine, seconds: float = 40.0) -> None:
    """Wait until all that is in the sources by now is processed, and nothing is left to do.

    A task that has not looked since the last record was published would think itself done.
    """
    ends = await source_ends(config)
    await until(
        lambda: (
            is_done(engine)
            and all(task.positions.get(topic, 0) >= ends[topic, task.partition]
                    for task in engine.tasks for topic in config.sources)
        ),
        seconds,
    )  # fmt: skip


async def source_ends(config: EngineConfig) -> dict[tuple[str, int], int]:
    """Return where the sources end now."""
    return await _ends(config, config.sources)


async def until_more_is_counted(config: EngineConfig, records: int, seconds: float = 60.0) -> None:
    """Wait until so much more is published than now: the workers are in the middle of their work."""
    before = sum((await _ends(config, config.outputs)).values())
    async with asyncio.timeout(seconds):
        while sum((await _ends(config, config.outputs)).values()) < before + records:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)


async def _ends(config: EngineConfig, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=config.bootstrap_servers)
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
        return {(place.topic, place.partition): end for place, end in (await consumer.end_offsets(places)).items()}
    finally:
        await consumer.stop()


async def until_counted(config: EngineConfig, lines: list[bytes | None], seconds: float = 60.0) -> None:
    """Wait until as many counts are published as there are words in the lines."""
    words = sum(len((line or b"").split()) for line in lines)
    async with asyncio.timeout(seconds):
        while len(await published(config, config.outputs[0])) < words:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.2)


def start_worker(config: EngineConfig, prefix: str, name: str = "w0", **environment: str) -> subprocess.Popen[bytes]:
    """Start a worker process with a state folder and a log of its own name."""
    command = [sys.executable, "-m", "tests.unit.engine.hosting", prefix, config.bootstrap_servers]
    with (config.state_dir / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [*command, str(config.state_dir / name)], stdout=log, stderr=log, env={**os.environ, **environment}
        )


class Stuck(WordCount):
    """Never comes back from the word `stuck`."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Count the words of a line."""
        while record.value == b"stuck":
            pass
        return super().process(record, now, state, out)


async def _serve(prefix: str, bootstrap_servers: str, state_dir: str) -> None:
    config = word_count_config(prefix, bootstrap_servers, Path(state_dir))
    config = replace(config, limits=replace(config.limits, batch_records=100))
    if "STUCK" in os.environ:
        config = replace(config, budgets=replace(config.budgets, stall=3.0))
        engine = Engine(config, Stuck(config.outputs[0]), JsonJournalCodec())
    else:
        engine = Engine(config, WordCount(config.outputs[0]), JsonJournalCodec())
    loop = asyncio.get_running_loop()
    stopping: Mapping[str, asyncio.Task[None]] = {}

    def stop() -> None:
        stopping.setdefault("task", loop.create_task(engine.stop(leave=True)))  # type: ignore[attr-defined]  # a dict

    loop.add_signal_handler(signal.SIGTERM, stop)
    await engine.start()
    await engine.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_serve(*sys.argv[1:4]))
