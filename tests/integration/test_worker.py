"""A real worker on a real broker: what becomes of good and bad input, and how it starts and ends."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.models import parse_event
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.engine.api import SourceRecord
from streams.engine.dead_letter import REASON
from streams.local.broker import free_port
from streams.replay.log_reader import read_logs

PARTITIONS = 4
KEY = b"12-3456789"
HOME = partition_for(KEY, PARTITIONS)
EXAMPLE = Path("schemas/entry_summary_accepted/examples/air-two-lines.json")
PATIENCE_SECONDS = 60.0


def summary_fields(**changed: Any) -> dict[str, Any]:
    """Return the fields of an accepted summary; what is changed goes into the summary."""
    event = parse_event(json.loads(EXAMPLE.read_text("utf-8")) | {"event_type": "entry_summary_accepted"})
    fields = event.to_fields()
    fields["summary"] = {**fields["summary"], **changed}
    return dict(fields)


def accepted(**changed: Any) -> bytes:
    return Codec().encode("entry_summary_accepted", summary_fields(**changed))


def largest_summary() -> bytes:
    """Return a summary of 998 lines with 32 tariff numbers each, as many as CBP takes."""
    line = summary_fields()["summary"]["lines"][0]
    tariff = line["tariffs"][0]
    full = {**line, "tariffs": [tariff] * 32}
    return accepted(entry_number="B7603245286", lines=[full] * 998)


class Worker:
    """A worker process with its log and its pages."""

    def __init__(self, servers: str, namespace: str, directory: Path, registry: str = "") -> None:
        self.port = free_port()
        self.log = directory / "worker.log"
        self._environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "SCHEMA_REGISTRY_URL": registry,
            "CEE_NAMESPACE": namespace,
            "CEE_STATE_DIR": str(directory / "state"),
            "CEE_WEB_PORT": str(self.port),
            # The example is of 2024: today it would lie outside the look-back window.
            "CEE_TIME": "event",
        }
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "worker"], env=self._environment, stdout=log, stderr=log
            )

    def page(self, path: str) -> str:
        """Return the text of a page, once there are pages: the core begins before them."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                    text: str = answer.read().decode()
                    return text
            except HTTPError:
                raise
            except URLError:
                assert self.process.poll() is None
                assert time.monotonic() < give_up
                time.sleep(0.2)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def kill_and_restart(self) -> None:
        """Kill -9, and start again in place."""
        self.process.kill()
        self.process.wait()
        self.process = self._start()


@contextmanager
def running_worker(servers: str, namespace: str, directory: Path, registry: str = "") -> Iterator[Worker]:
    worker = Worker(servers, namespace, directory, registry)
    try:
        yield worker
    finally:
        worker.process.kill()
        worker.process.wait()


def create_topics(servers: str, namespace: str, partitions: int = PARTITIONS) -> TopicNames:
    asyncio.run(apply_topics(servers, scaled(load_topics(), namespace=namespace, partitions=partitions)))
    return TopicNames(namespace)


def publish(servers: str, topic: str, records: list[tuple[bytes | None, bytes | None, int]]) -> None:
    """Publish key, value and partition as a client that checks nothing."""

    async def send() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=servers, max_request_size=8_000_000, compression_type="gzip"
        ) as producer:
            for key, value, partition in records:
                await producer.send_and_wait(topic, value, key=key, partition=partition)

    asyncio.run(send())


def wait_for(servers: str, topic: str, is_enough: Callable[[list[SourceRecord]], bool]) -> list[SourceRecord]:
    """Wait until a topic holds what is asked for, and return all of it."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        logs = asyncio.run(read_logs(servers, [topic]))
        records = [record for place in sorted(logs) for record in logs[place]]
        if is_enough(records):
            return records
        assert time.monotonic() < give_up, f"{topic} holds {len(records)} records"
        time.sleep(0.3)


def wait_for_line(worker: Worker, wanted: str) -> None:
    """Wait until the worker's metrics have exactly this line: a commit can be read before it is counted."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while wanted not in (lines := worker.page("/metrics").splitlines()):
        assert time.monotonic() < give_up, [line for line in lines if line.startswith(wanted.partition("{")[0])]
        time.sleep(0.2)


def names_of(records: list[SourceRecord]) -> list[str]:
    codec = Codec()
    return [codec.decode(record.value or b"")[0] for record in records]


def test_bad_input_becomes_a_dead_letter_or_a_refusal_and_its_neighbours_go_on(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    elsewhere = (HOME + 1) % PARTITIONS
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        publish(
            bootstrap_servers,
            names.of("entry-summary-event"),
            [
                (KEY, b"no event at all", HOME),
                (KEY, b"\xc3\x01" + bytes(8) + b"unknown schema", HOME),
                (b"98-7654321", accepted(), partition_for(b"98-7654321", PARTITIONS)),
                (KEY, bytes(5_000_000), HOME),
                (KEY, accepted(entry_number="B7603245279"), HOME),
                (KEY, accepted(), elsewhere),
            ],
        )
        dead = wait_for(bootstrap_servers, names.of("dead-letter"), lambda records: len(records) == 4)
        refused = wait_for(bootstrap_servers, names.of("event-refusal"), lambda records: len(records) == 1)
        rekeyed = wait_for(
            bootstrap_servers, names.of("rekeyed-event"), lambda records: KEY in {r.key for r in records}
        )
        work = wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) > 1)
        wait_for_line(worker, 'cee_records_total{outcome="rekeyed"} 1.0')

    reasons = sorted(dict(record.headers)[REASON].decode() for record in dead)
    assert reasons == ["too-large", "undecodable", "unknown-schema", "wrong-key"]
    assert {record.value for record in dead if len(record.value or b"") < 100} >= {b"no event at all"}
    assert Codec().decode(refused[0].value or b"")[1]["rule"] == "entry_number.check_digit"
    assert [record.partition for record in rekeyed if record.key == KEY] == [HOME]
    assert names_of(work)[0] == "entry_summary_snapshot"
    assert "work_item" in names_of(work)


def test_the_largest_summary_that_cbp_takes_reaches_its_center(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    with running_worker(bootstrap_servers, namespace, tmp_path):
        publish(bootstrap_servers, names.of("entry-summary-event"), [(KEY, largest_summary(), HOME)])

        work = wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) > 1)

    assert names_of(work)[0] == "entry_summary_snapshot"


def test_the_same_event_twice_and_a_kill_between_change_nothing(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    topic, other = names.of("entry-summary-event"), b"98-7654321"
    later = accepted(importer_of_record="98-765432100", entry_number="B7603245286")
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        publish(bootstrap_servers, topic, [(KEY, accepted(), HOME)])
        once = wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) > 1)
        worker.kill_and_restart()
        publish(bootstrap_servers, topic, [(KEY, accepted(), HOME)])
        publish(bootstrap_servers, topic, [(other, later, partition_for(other, PARTITIONS))])
        again = wait_for(
            bootstrap_servers, names.center_work("electronics"), lambda records: other in {r.key for r in records}
        )

    assert [record.value for record in again if record.key == KEY] == [record.value for record in once]


@pytest.fixture
def _with_a_terminal() -> Iterator[None]:
    """Let the end of a terminal reach what is started: under `nohup` tests ignore it, and a worker would inherit it."""
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, former)


@pytest.mark.usefixtures("_with_a_terminal")
@pytest.mark.parametrize(
    ("number", "on_stop", "members"),
    [(signal.SIGTERM, "leave", 0), (signal.SIGTERM, "stay", 1), (signal.SIGHUP, "leave", 0)],
)
def test_sigterm_or_the_end_of_its_terminal_ends_a_worker_in_good_order_and_gives_its_partitions_away_or_keeps_them(
    number: signal.Signals,
    on_stop: str,
    members: int,
    bootstrap_servers: str,
    namespace: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that could not close its core in time ends with another exit code."""
    monkeypatch.setenv("CEE_ON_STOP", on_stop)
    names = create_topics(bootstrap_servers, namespace)
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        publish(bootstrap_servers, names.of("entry-summary-event"), [(KEY, accepted(), HOME)])
        wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) > 1)

        code = worker.terminate(number)
        left = asyncio.run(members_of(bootstrap_servers, names.of("cee-placement")))

    assert code == 0
    assert left == members


async def members_of(servers: str, group: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        answers = await admin.describe_consumer_groups([group])
        return sum(len(described[5]) for answer in answers for described in answer.groups)
    finally:
        await admin.close()


def run_worker(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "worker", "--web-port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_missing_topic_is_one_sentence_that_says_what_to_do(bootstrap_servers: str, namespace: str) -> None:
    ended = run_worker("--bootstrap-servers", bootstrap_servers, "--namespace", namespace)

    assert ended.returncode == 1
    assert "cee topics apply" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_unequal_partition_counts_are_one_sentence_that_names_the_topic(bootstrap_servers: str, namespace: str) -> None:
    topics = scaled(load_topics(), namespace=namespace, partitions=2)
    odd = scaled(load_topics(), namespace=namespace, partitions=3)
    asyncio.run(apply_topics(bootstrap_servers, (*topics[:-1], odd[-1])))

    ended = run_worker("--bootstrap-servers", bootstrap_servers, "--namespace", namespace)

    assert ended.returncode == 1
    assert f"{odd[-1].name} has 3" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_state_folder_that_cannot_be_used_is_one_sentence(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    (tmp_path / f"{namespace}-cee-placement").touch()

    ended = run_worker("--bootstrap-servers", bootstrap_servers, "--namespace", namespace, "--state-dir", str(tmp_path))

    assert ended.returncode == 1
    assert "state folder" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_broker_that_is_not_there_is_one_sentence(namespace: str) -> None:
    ended = run_worker("--bootstrap-servers", f"127.0.0.1:{free_port()}", "--namespace", namespace)

    assert ended.returncode == 1
    assert "no Kafka broker answers at" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CEE_TIME", "yesterday", "CEE_TIME"),
        ("CEE_BATCH_RECORDS", "many", "CEE_BATCH_RECORDS"),
        ("CEE_WEB_HOST", "0.0.0.0", "CEE_WEB_TOKEN"),  # noqa: S104 - what must be refused
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    ended = subprocess.run(
        [sys.executable, "-m", "streams.cli", "worker"], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 1
    assert said in ended.stderr
