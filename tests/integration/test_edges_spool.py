"""The spool on a real broker: nothing acknowledged is lost, nothing is sent twice, whatever is killed and when."""

import asyncio
import json
import random
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.contract.codec import Codec
from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from streams.local.broker import free_port
from streams.ports.errors import MissingTopic, OutOfReach
from streams.ports.spool.entries import Entry
from streams.ports.spool.errors import SpoolFull, SpoolUncertain
from streams.ports.spool.publisher import SpoolingPublisher
from streams.ports.spool.sending import Sender
from streams.ports.spool.spool import Spool

from .spooling import IMPORTERS, STEPS, paid

pytestmark = pytest.mark.broker

PARTITIONS: Final = 3
NOBODY: Final = "no Kafka broker answers at {}: check the address, and whether one runs there"
CODEC: Final = Codec()
TOPICS: Final = ("entry-summary-event", "headquarters-decision", "event-refusal")


def provide(servers: str, namespace: str) -> None:
    names = {f"{namespace}-{name}" for name in TOPICS}
    topics = [one for one in scaled(load_topics(), namespace=namespace, partitions=PARTITIONS) if one.name in names]
    asyncio.run(apply_topics(servers, topics))


@pytest.fixture
def servers(bootstrap_servers: str, namespace: str) -> str:
    """Give a broker with the topics of this test."""
    provide(bootstrap_servers, namespace)
    return bootstrap_servers


async def committed(servers: str, namespace: str) -> list[tuple[bytes, int]]:
    """Return key and number of every committed event, partition by partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(f"{namespace}-entry-summary-event", number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[TopicPartition, list[Any]] = {partition: [] for partition in partitions}
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for partition, batch in (await consumer.getmany(timeout_ms=200)).items():
                found[partition].extend(batch)
    finally:
        await consumer.stop()
    return [
        (record.key, CODEC.decode(record.value)[1]["amount_cents"])
        for partition in partitions
        for record in found[partition]
    ]


def check(servers: str, namespace: str, count: int) -> None:
    """Check that the first events are all there, each once, in order per importer."""
    found = asyncio.run(committed(servers, namespace))
    assert sorted(number for _, number in found) == list(range(count))
    for importer in range(IMPORTERS):
        numbers = [number for key, number in found if key == f"12-{importer:07d}".encode()]
        assert numbers == sorted(numbers)


class Port:
    """A port system that is killed again and again, and hands in again only what was not acknowledged."""

    def __init__(self, folder: Path, servers: str, namespace: str, last: int) -> None:
        self.acknowledged = 0
        self._arguments = (str(folder), servers, namespace)
        self._last = last

    def start(self, where: str) -> "subprocess.Popen[str]":
        """Start it from the first event that was not acknowledged."""
        program = [sys.executable, "-m", "tests.integration.spooling", *self._arguments]
        return subprocess.Popen(
            [*program, str(self.acknowledged), str(self._last), where], stdout=subprocess.PIPE, text=True
        )

    def follow(self, process: "subprocess.Popen[str]", *, kill_after: int | None = None, pause: float = 0.0) -> int:
        """Read what it acknowledges to its end, or kill it some time after so many; returns its exit code."""
        assert process.stdout is not None
        for line in process.stdout:
            self.acknowledged = int(line) + 1
            if kill_after is not None and self.acknowledged >= kill_after:
                time.sleep(pause)
                process.kill()
                kill_after = None
        process.stdout.close()
        return process.wait()


@pytest.mark.parametrize("where", [name for name in STEPS if name != "nowhere"])
def test_killed_at_each_step_it_loses_and_doubles_nothing(
    servers: str, namespace: str, tmp_path: Path, where: str
) -> None:
    port = Port(tmp_path, servers, namespace, 40)

    assert port.follow(port.start(where)) == -9
    assert port.follow(port.start("nowhere")) == 0

    check(servers, namespace, 40)


def test_killed_at_random_moments_it_loses_and_doubles_nothing(servers: str, namespace: str, tmp_path: Path) -> None:
    count, chance = 40_000, random.Random(namespace)
    port = Port(tmp_path, servers, namespace, count)
    for _ in range(4):
        kill_after = port.acknowledged + chance.randrange(1, 5_000)
        port.follow(port.start("nowhere"), kill_after=kill_after, pause=chance.uniform(0, 0.4))
    assert port.follow(port.start("nowhere")) == 0

    check(servers, namespace, count)


def test_events_kept_while_kafka_is_away_are_sent_afterwards(servers: str, namespace: str, tmp_path: Path) -> None:
    told: list[str] = []

    async def keep() -> int:
        away = f"127.0.0.1:{free_port()}"
        async with SpoolingPublisher(
            tmp_path, away, namespace=namespace, tell=lambda trouble: told.append(str(trouble))
        ) as publisher:
            for number in range(10):
                await publisher.publish(paid(number))
        return publisher.waiting

    async def send() -> int:
        async with SpoolingPublisher(tmp_path, servers, namespace=namespace) as publisher:
            await publisher.publish(paid(10))
        return publisher.waiting

    assert asyncio.run(keep()) == 10
    assert told
    assert told[0].startswith("no Kafka broker answers at 127.0.0.1:")
    assert asyncio.run(send()) == 0
    check(servers, namespace, 11)


def test_a_full_spool_waits_while_sending_makes_room(servers: str, namespace: str, tmp_path: Path) -> None:
    async def publish() -> None:
        async with SpoolingPublisher(tmp_path, servers, namespace=namespace, limit_bytes=100_000) as publisher:
            async for _ in publisher.publish_many(paid(number) for number in range(5_000)):
                pass

    asyncio.run(publish())

    check(servers, namespace, 5_000)


def test_a_full_spool_without_kafka_takes_no_more_and_keeps_what_it_has(tmp_path: Path) -> None:
    async def keep() -> int:
        kept = 0
        async with SpoolingPublisher(tmp_path, f"127.0.0.1:{free_port()}", limit_bytes=1_000_000) as publisher:
            outcomes = publisher.publish_many(paid(number) for number in range(100_000))
            try:
                async for _ in outcomes:
                    kept += 1
            except SpoolFull as error:
                assert "bring Kafka back into reach, or raise --spool-limit" in str(error)  # noqa: PT017 - awaited
            assert publisher.waiting == kept
        return kept

    assert 1_000 < asyncio.run(keep()) < 100_000


def entry(number: int, namespace: str) -> Entry:
    value = CODEC.encode("entry_summary_paid", {**paid(number), "paid_on": 0, "event_time": 0})
    return Entry(paid(number)["event_id"], f"{namespace}-entry-summary-event", b"12-0000000", value, False)


async def flushed(spool: Spool, servers: str, unknown: Any = "ask") -> None:
    async for _ in Sender(spool, servers, unknown=unknown).send_all():
        pass


@pytest.mark.parametrize(("unknown", "count"), [("resend", 2), ("skip", 1)])
def test_where_kafka_forgot_the_position_a_person_decides(
    servers: str, namespace: str, tmp_path: Path, unknown: str, count: int
) -> None:
    with Spool(tmp_path, namespace=namespace) as spool:
        spool.add([entry(0, namespace)])
        asyncio.run(flushed(spool, servers))
        spool.add([entry(1, namespace)])
        # Under another name Kafka knows as little as of a group that it has forgotten.
        spool.move(replace(spool.position, sending=2, spool_id=str(uuid.uuid4())))

        with pytest.raises(SpoolUncertain):
            asyncio.run(flushed(spool, servers))
        asyncio.run(flushed(spool, servers, unknown))
        assert spool.waiting == 0

    check(servers, namespace, count)


def test_a_missing_topic_and_a_broker_out_of_reach_keep_everything(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    with Spool(tmp_path, namespace=namespace) as spool:
        spool.add([entry(0, namespace)])

        with pytest.raises(MissingTopic, match=f"has no topic {namespace}-event-refusal; what waits stays"):
            asyncio.run(flushed(spool, bootstrap_servers))
        with pytest.raises(OutOfReach, match="no Kafka broker answers at"):
            asyncio.run(flushed(spool, f"127.0.0.1:{free_port()}"))
        assert spool.waiting == 1


def cee(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    program = [sys.executable, "-m", "streams.cli", *arguments]
    return subprocess.run(program, input=given, capture_output=True, text=True, timeout=120, check=False)


def lines(*numbers: int) -> str:
    return "".join(f"{json.dumps(paid(number))}\n" for number in numbers)


def test_the_command_keeps_events_tells_what_waits_and_sends_it(servers: str, namespace: str, tmp_path: Path) -> None:
    spool, away = str(tmp_path / "spool"), f"127.0.0.1:{free_port()}"
    options = ("--namespace", namespace, "--spool", spool)

    kept = cee("publish", "-", *options, "--bootstrap-servers", away, given=lines(0, 1))
    waiting = cee("spool", "status", spool)
    out_of_reach = cee("spool", "flush", spool, "--bootstrap-servers", away)
    flushing = cee("spool", "flush", spool, "--bootstrap-servers", servers)
    nothing = cee("spool", "status", spool, "--json")

    assert kept.returncode == 0, kept.stderr
    assert "2 read: 2 safely in the spool, 0 refused." in kept.stdout
    assert f"2 events wait for Kafka: `cee spool flush {spool}` sends them." in kept.stdout
    assert waiting.returncode == 1
    assert waiting.stdout.startswith("2 events wait (0.0 MiB), the oldest for 0 min; 0 were sent")
    assert (out_of_reach.returncode, out_of_reach.stderr) == (3, f"Error: {NOBODY.format(away)}\n")
    assert (flushing.returncode, flushing.stdout) == (0, f"2 events sent, nothing waits in {spool}.\n")
    assert nothing.returncode == 0
    assert json.loads(nothing.stdout)["sent"] == 2
    check(servers, namespace, 2)


def test_the_command_publishes_a_watched_folder_and_sorts_its_files(
    servers: str, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "good.jsonl").write_text(lines(0, 1), "utf-8")
    (tmp_path / "bad.jsonl").write_text(lines(2) + "nonsense\n", "utf-8")
    (tmp_path / ".unfinished.jsonl").write_text(lines(3), "utf-8")
    options = ("--namespace", namespace, "--bootstrap-servers", servers)

    done = cee("publish", "--watch", str(tmp_path), "--once", *options)

    assert done.returncode == 1, done.stderr
    assert f"good.jsonl: 2 published, 0 refused; now {tmp_path / 'done' / 'good.jsonl'}" in done.stdout
    report = json.loads((tmp_path / "refused" / "bad.jsonl.report.json").read_text("utf-8"))
    assert (report["published"], report["refused"], report["refusals"][0]["where"]) == (1, 1, "line 2")
    assert (tmp_path / ".unfinished.jsonl").exists()
    check(servers, namespace, 3)
