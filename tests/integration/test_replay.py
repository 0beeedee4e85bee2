"""State is verified, the past replayed beside what is live, and an application reset, on a real broker and worker."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from streams.chaos.stores import corrupt_stores
from streams.cli import root
from streams.contract.topics import TopicNames
from streams.replay.log_reader import read_logs
from tests.integration.test_worker import HOME, KEY, accepted, create_topics, publish, running_worker, wait_for

pytestmark = pytest.mark.broker

PATIENCE_SECONDS = 60.0


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
            "CEE_TIME": "event",
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
