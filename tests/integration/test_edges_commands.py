"""`cee publish` and `cee work` on a real broker, as a person runs them."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.contract.codec import Codec
from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from streams.local.broker import LocalBroker
from streams.local.java import SOUND_KAFKA
from streams.ports.abi.answer_writer import Answered, answer_text
from tests.unit.centers.work import item_bytes, snapshot_bytes
from tests.unit.ports.batches import NUMBERS, batch, summary, with_change

pytestmark = pytest.mark.broker

PARTITIONS: Final = 3
CODEC: Final = Codec()


@pytest.fixture
def environment(bootstrap_servers: str, namespace: str) -> dict[str, str]:
    return environment_on(bootstrap_servers, namespace)


def environment_on(bootstrap_servers: str, namespace: str) -> dict[str, str]:
    """Create the topics, and give the environment of a shell that uses them."""
    wanted = {"entry-summary-event", "headquarters-decision", "center-work-electronics"}
    names = {f"{namespace}-{name}" for name in wanted}
    topics = [one for one in scaled(load_topics(), namespace=namespace, partitions=PARTITIONS) if one.name in names]
    asyncio.run(apply_topics(bootstrap_servers, topics))
    return {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers, "CEE_NAMESPACE": namespace}


def cee(environment: dict[str, str], *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    program = [sys.executable, "-m", "streams.cli", *arguments]
    return subprocess.run(
        program, env=environment, input=given, capture_output=True, text=True, timeout=120, check=False
    )


def started(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    """Start a command that goes on by itself."""
    program = [sys.executable, "-m", "streams.cli", *arguments]
    return subprocess.Popen(
        program, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def deleted(number: int) -> str:
    """Return an event as a JSON line."""
    event = {
        "event_type": "entry_summary_deleted", "event_id": str(uuid.UUID(int=number)),
        "event_time": "2026-03-01T12:00:00Z", "source": "2704", "entry_number": "B7603245278",
        "deleted_at": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    return json.dumps(event) + "\n"


async def events_in(environment: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Read all events of the input topic."""
    topic = f"{environment['CEE_NAMESPACE']}-entry-summary-event"
    consumer = AIOKafkaConsumer(bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"], auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Any] = []
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found.extend(records)
        return [CODEC.decode(record.value) for record in found]
    finally:
        await consumer.stop()


def test_a_batch_with_answers_becomes_events_and_twice_changes_no_id(
    environment: dict[str, str], tmp_path: Path
) -> None:
    batch_file, answer_file = tmp_path / "batch.abi", tmp_path / "batch.ax"
    records = batch(summary(), with_change("50", htsus="12"), summary(NUMBERS[1]))
    batch_file.write_text("\n".join(records), "ascii")
    answered = [Answered(f"B76{number}", team_number="6B7") for number in NUMBERS[:2]]
    answer_file.write_text(answer_text(answered, batch_date=date(2026, 9, 2), site="2720"), "ascii")
    arguments = ["publish", str(batch_file), "--answers", str(answer_file), "--json"]

    first, second = cee(environment, *arguments), cee(environment, *arguments)

    told = json.loads(first.stdout)
    assert first.returncode == second.returncode == 1
    assert (told["published"], told["refused"], len(told["refusals"])) == (2, 1, 1)
    assert told["refusals"][0]["faults"][0]["field"] == "htsus"
    events = asyncio.run(events_in(environment))
    assert [name for name, _ in events] == ["entry_summary_accepted"] * 4
    assert len({fields["event_id"] for _, fields in events}) == 2
    assert {fields["summary"]["team_number"] for _, fields in events} == {"6B7"}


def test_a_line_of_standard_input_is_published_before_the_next_one_comes(environment: dict[str, str]) -> None:
    with started(environment, "publish", "-") as publishing:
        assert publishing.stdin is not None
        for number in range(3):
            publishing.stdin.write(deleted(number))
            publishing.stdin.flush()
            asyncio.run(until_published(environment, number + 1))
        out, error = publishing.communicate(timeout=60)

    assert publishing.returncode == 0, error
    assert out == "3 read: 3 safely in Kafka, 0 refused.\n"


def test_ctrl_c_ends_the_wait_for_standard_input(environment: dict[str, str]) -> None:
    with started(environment, "publish", "-") as publishing:
        assert publishing.stdin is not None
        publishing.stdin.write(deleted(1))
        publishing.stdin.flush()
        asyncio.run(until_published(environment, 1))
        publishing.send_signal(signal.SIGINT)
        publishing.wait(timeout=30)
        assert publishing.stderr is not None
        assert "The first 1 items are dealt with: 1 safely in Kafka" in publishing.stderr.read()

    assert publishing.returncode == 130


def test_ctrl_c_says_what_is_safe_and_from_where_to_go_on(environment: dict[str, str], tmp_path: Path) -> None:
    count = 60_000
    file = tmp_path / "events.jsonl"
    file.write_text("".join(map(deleted, range(count))), "ascii")
    with started(environment, "publish", str(file)) as publishing:
        asyncio.run(until_published(environment, 1000))
        publishing.send_signal(signal.SIGINT)
        out, error = publishing.communicate(timeout=60)

    assert publishing.returncode == 130, error
    assert "Ctrl-C" in error
    told = re.search(r"The first ([\d,]+) items are dealt with: .* Go on with --skip (\d+)", error)
    assert told is not None
    skip = int(told[2])
    assert 1000 <= skip < count
    assert told[1] == f"{skip:,}"
    assert f"{skip:,} safely in Kafka" in out
    assert len(asyncio.run(events_in(environment))) == skip

    rest = cee(environment, "publish", str(file), "--skip", str(skip))

    assert rest.returncode == 0
    events = asyncio.run(events_in(environment))
    assert sorted(uuid.UUID(fields["event_id"]).int for _, fields in events) == list(range(count))


async def until_published(environment: dict[str, str], count: int) -> None:
    """Wait until so many events are in the topic."""
    topic = f"{environment['CEE_NAMESPACE']}-entry-summary-event"
    consumer = AIOKafkaConsumer(bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"])
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        async with asyncio.timeout(60):
            while sum((await consumer.end_offsets(partitions)).values()) < count:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.05)
    finally:
        await consumer.stop()


def test_a_missing_topic_is_one_sentence_and_no_trace(environment: dict[str, str]) -> None:
    lost = environment | {"CEE_NAMESPACE": "nowhere"}

    publishing, working = cee(lost, "publish", "-", given=deleted(1)), cee(lost, "work", "electronics")

    assert (publishing.returncode, working.returncode) == (3, 1)
    assert "has no topic nowhere-entry-summary-event" in publishing.stderr
    assert "has no topic nowhere-center-work-electronics" in working.stderr
    assert "Traceback" not in publishing.stderr + working.stderr


def test_what_finds_no_topic_stays_in_the_spool_and_the_folder(environment: dict[str, str], tmp_path: Path) -> None:
    lost = environment | {"CEE_NAMESPACE": "nowhere"}
    folder, spool = tmp_path / "in", str(tmp_path / "spool")
    folder.mkdir()
    (folder / "put.jsonl").write_text(deleted(1), "utf-8")

    watching = cee(lost, "publish", "--watch", str(folder), "--once")
    spooling = cee(lost, "publish", "-", "--spool", spool, given=deleted(2))
    flushing = cee(lost, "spool", "flush", spool)

    assert (watching.returncode, spooling.returncode, flushing.returncode) == (3, 0, 3)
    assert (folder / "put.jsonl").exists()
    assert "1 event waits for Kafka" in spooling.stdout
    assert json.loads(cee(lost, "spool", "status", spool, "--json").stdout)["waiting"] == 1
    for said in (watching.stderr, spooling.stderr, flushing.stderr):
        assert "has no topic nowhere-e" in said
        assert "Traceback" not in said


async def write_work(environment: dict[str, str], *values: bytes) -> None:
    """Put work into the Center's topic."""
    producer = AIOKafkaProducer(bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"])
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(f"{environment['CEE_NAMESPACE']}-center-work-electronics", value, partition=0)
    finally:
        await producer.stop()


WORK: Final = (
    snapshot_bytes(1),
    item_bytes(2, ports=("2720",)),
    item_bytes(3, ports=("2704", "2720")),
    item_bytes(4, ports=("2704",), work_type="documents_required"),
    b"junk",
)


def test_work_is_shown_a_line_an_item(environment: dict[str, str]) -> None:
    asyncio.run(write_work(environment, *WORK))

    everything = cee(environment, "work", "electronics")
    of_port = cee(environment, "work", "electronics", "--port", "2704", "--type", "documents_required")
    with_snapshots = cee(environment, "work", "electronics", "--snapshots", "--limit", "2")

    assert everything.returncode == 0
    assert len(everything.stdout.splitlines()) == 4
    assert "B76-0324527-8" in everything.stdout
    assert "UNREADABLE" in everything.stdout
    assert "documents_required" in of_port.stdout.splitlines()[0]
    assert len(of_port.stdout.splitlines()) == 2
    assert [line.split()[2] for line in with_snapshots.stdout.splitlines()] == ["snapshot", "opened"]


def test_work_as_json_is_one_object_a_line(environment: dict[str, str]) -> None:
    asyncio.run(write_work(environment, *WORK))

    lines = [json.loads(line) for line in cee(environment, "work", "electronics", "--json").stdout.splitlines()]

    assert [line["kind"] for line in lines] == ["work_item"] * 3 + ["unreadable"]
    assert lines[0]["entries"][0]["entry_number"] == "B7603245278"
    assert lines[0]["place"]["offset"] == 1


def test_a_group_goes_on_where_it_was(environment: dict[str, str]) -> None:
    asyncio.run(write_work(environment, *WORK))
    arguments = ("work", "electronics", "--from", "group", "--group", f"{environment['CEE_NAMESPACE']}-desk", "--json")

    first = cee(environment, *arguments, "--limit", "1")
    second = cee(environment, *arguments)
    third = cee(environment, *arguments)

    ids = [json.loads(line).get("work_id") for line in (first.stdout + second.stdout).splitlines()]
    assert ids == [str(uuid.UUID(int=2)), str(uuid.UUID(int=3)), str(uuid.UUID(int=4)), None]
    assert third.stdout == ""


def test_following_shows_new_work_until_ctrl_c(environment: dict[str, str]) -> None:
    with started(environment, "work", "electronics", "--follow", "--json") as following:
        asyncio.run(write_work(environment, item_bytes(11)))
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["work_id"] == str(uuid.UUID(int=11))
        asyncio.run(write_work(environment, item_bytes(12)))
        assert json.loads(following.stdout.readline())["work_id"] == str(uuid.UUID(int=12))
        following.send_signal(signal.SIGINT)
        following.communicate(timeout=60)

    assert following.returncode == 0


def test_following_says_that_its_broker_is_gone_and_goes_on_when_it_is_back(namespace: str, tmp_path: Path) -> None:
    with LocalBroker(tmp_path, version=SOUND_KAFKA) as broker:
        environment = environment_on(broker.bootstrap_servers, namespace)
        with started(environment, "work", "electronics", "--follow", "--json") as following:
            assert following.stdout is not None
            assert following.stderr is not None
            asyncio.run(write_work(environment, item_bytes(11)))
            following.stdout.readline()
            broker.kill()
            gone = following.stderr.readline()
            broker.start()
            back = following.stderr.readline()
            asyncio.run(write_work(environment, item_bytes(12)))
            assert json.loads(following.stdout.readline())["work_id"] == str(uuid.UUID(int=12))
            following.send_signal(signal.SIGINT)
            following.communicate(timeout=60)

    assert gone.startswith(f"no Kafka broker answers at {broker.bootstrap_servers}")
    assert gone.endswith("; waiting for it\n")
    assert back == "Kafka answers again\n"
    assert following.returncode == 0
