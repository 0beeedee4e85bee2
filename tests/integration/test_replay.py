"""State is verified, the past replayed beside what is live, and an application reset, on a real broker and worker."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from click.testing import CliRunner, Result

from streams.chaos.stores import corrupt_stores
from streams.cli import root
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.replay.log_reader import read_logs
from streams.sample.events import SampleEvent
from tests.integration.test_release import sample
from tests.integration.test_worker import (
    HOME,
    KEY,
    PARTITIONS,
    accepted,
    create_topics,
    publish,
    running_worker,
    wait_for,
)

pytestmark = pytest.mark.broker

PATIENCE_SECONDS = 60.0
EVENTS_BEFORE = 250
SEGMENT_MS = 100


class Past:
    """A namespace in which a worker has done some work and was killed."""

    def __init__(self, servers: str, names: TopicNames, directory: Path) -> None:
        self.servers, self.names, self.directory = servers, names, directory
        self.state_dir = directory / "state"

    def cee(self, *arguments: str, typed: str = "") -> Result:
        where = {
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
            "CEE_NAMESPACE": self.names.namespace,
            "CEE_STATE_DIR": str(self.state_dir),
        }
        return CliRunner().invoke(root, list(arguments), env=where, input=typed)

    def as_json(self, *arguments: str) -> dict[str, Any]:
        told = self.cee(*arguments, "--json")
        found: dict[str, Any] = json.loads(told.stdout)
        return found

    def work(self) -> list[bytes | None]:
        log = asyncio.run(read_logs(self.servers, [self.names.center_work("electronics")]))
        return [record.value for place in sorted(log) for record in log[place]]


@pytest.fixture
def past(bootstrap_servers: str, namespace: str, tmp_path: Path) -> Past:
    names = create_topics(bootstrap_servers, namespace)
    with running_worker(bootstrap_servers, namespace, tmp_path):
        events: list[tuple[bytes | None, bytes | None, int]] = [
            (KEY, accepted(), HOME),
            (KEY, b"no event", HOME),
            (b"wrong", accepted(), HOME),
        ]
        publish(bootstrap_servers, names.of("entry-summary-event"), events)
        wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) > 1)
        wait_for(bootstrap_servers, names.of("dead-letter"), lambda records: len(records) == 2)
    return Past(bootstrap_servers, names, tmp_path)


def test_state_is_verified_the_past_replayed_and_all_of_it_destroyed_when_asked(past: Past) -> None:
    # What is kept agrees, and what is damaged is named.
    agreed = past.as_json("state", "verify")
    assert agreed["agrees"], agreed
    assert "CEE_TIME=event" in agreed["fold"][-1]  # nobody said so but the state
    assert sum(store["keys"] for store in agreed["stores"]) > 1
    assert corrupt_stores(past.state_dir) > 0
    damaged = past.cee("state", "verify", "--no-fold")
    assert damaged.exit_code == 1

    # The same code makes the same of the same past, and says what is different where something is.
    shadow = f"{past.names.namespace}-shadow"
    same = past.as_json("replay", "--to", shadow)
    assert same["equal"], same
    assert same["state_keys"] == 0
    log = asyncio.run(read_logs(past.servers, [TopicNames(shadow).center_work("electronics")]))
    assert [record.value for place in sorted(log) for record in log[place]] == past.work()
    again = past.cee("replay", "--to", shadow)
    assert "is not empty: choose a namespace that was not used before" in again.output
    assert "is the live one" in past.cee("replay", "--to", past.names.namespace).output
    asyncio.run(add_work(past))
    other = past.as_json("replay", "--to", f"{shadow}-2")
    assert not other["equal"]
    assert other["topics"][past.names.center_work("electronics")]["only_live"] == 1

    # Nothing is destroyed unless the name is typed; then the input stays, and its work comes again.
    before = past.work()
    group = past.names.of("cee-placement")
    wait_until_the_session_is_over(past)
    assert past.cee("reset", typed="yes\n").exit_code == 1
    assert past.work() == before
    done = past.cee("reset", typed=f"{group}\n")
    assert done.exit_code == 0, done.output
    assert past.work() == []
    assert not list(past.state_dir.glob("*/slot-*/partition-*"))
    with running_worker(past.servers, past.names.namespace, past.directory):
        wait_for(past.servers, past.names.center_work("electronics"), lambda records: len(records) > 1)
        refused = past.cee("reset", "--yes")
    assert "workers are in the group" in refused.output
    assert past.work() == before[: len(past.work())]


def test_a_topic_that_was_compacted_is_compared_by_what_it_has_to_keep(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    past = Past(bootstrap_servers, create_topics(bootstrap_servers, namespace), tmp_path)
    cases = [name for name in past.names.outputs if "center-case-" in name]
    codec, first, later = Codec(), sample()[:EVENTS_BEFORE], sample()[EVENTS_BEFORE:]

    def publish_all(events: list[SampleEvent]) -> None:
        records: list[tuple[bytes | None, bytes | None, int]] = [
            (one.key, codec.encode(one.name, one.fields), partition_for(one.key, PARTITIONS)) for one in events
        ]
        publish(bootstrap_servers, past.names.of("entry-summary-event"), records)

    with running_worker(bootstrap_servers, namespace, tmp_path):
        publish_all(first)
        wait_until_verified(past, "0 compacted away")
        asyncio.run(compact_soon(bootstrap_servers, cases))
        time.sleep(SEGMENT_MS / 1000)
        publish_all(later)  # the broker cleans what lies before the segment that it writes now, when it likes
        wait_until_verified(past, "")
        give_up = time.monotonic() + PATIENCE_SECONDS
        while " 0 compacted away" in (told := verified(past)):
            assert time.monotonic() < give_up, told
            time.sleep(1)
    assert " 0 lost, 0 doubled" in told
    assert past.as_json("state", "verify")["agrees"]


def verified(past: Past) -> str:
    return str(past.as_json("state", "verify")["fold"])


def wait_until_verified(past: Past, said: str) -> None:
    """Wait until all input is processed and agrees with a fold."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (found := past.as_json("state", "verify"))["agrees"] or said not in str(found["fold"]):
        assert time.monotonic() < give_up, found["fold"]
        time.sleep(0.5)


async def compact_soon(servers: str, topics: list[str]) -> None:
    """Let the broker want to compact topics, by its own time."""
    eager = {
        "cleanup.policy": "compact", "segment.ms": str(SEGMENT_MS), "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": str(SEGMENT_MS),
    }  # fmt: skip
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, eager) for topic in topics])
    await admin.close()


async def add_work(past: Past) -> None:
    """Publish a work record that no input asked for."""
    async with AIOKafkaProducer(bootstrap_servers=past.servers) as producer:
        await producer.send_and_wait(past.names.center_work("electronics"), b"invented", key=KEY, partition=HOME)


def wait_until_the_session_is_over(past: Past) -> None:
    """Wait until the group has let go of the worker that was killed."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while "workers are in the group" in past.cee("reset", typed="\n").output:
        assert time.monotonic() < give_up
        time.sleep(0.5)


def test_a_namespace_without_topics_has_nothing_to_reset(bootstrap_servers: str, tmp_path: Path) -> None:
    told = Past(bootstrap_servers, TopicNames("never-made"), tmp_path).cee("reset", "--yes")

    assert (told.exit_code, "wrong namespace or cluster?" in told.output) == (1, True)
