"""Topics on a real broker: created as declared, compared with what is declared, mended where that is safe."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from click.testing import CliRunner, Result

from streams.cli import root
from streams.contract.provision import ClusterError, Drift, apply_topics, check_topics, partition_counts
from streams.contract.topics import Topic, load_topics, scaled
from streams.local.broker import free_port

Answer = TypeVar("Answer")
PARTITIONS = 2


@pytest.fixture
def topics(bootstrap_servers: str, namespace: str) -> Iterator[tuple[Topic, ...]]:
    """Give all declared topics under a namespace of the test's own, and delete them afterwards."""
    named = scaled(load_topics(), namespace=namespace, partitions=PARTITIONS)
    yield named
    present = asyncio.run(partition_counts(bootstrap_servers, [topic.name for topic in named]))
    if present:
        ask(bootstrap_servers, lambda admin: admin.delete_topics(list(present)))


def ask(bootstrap_servers: str, question: Callable[[AIOKafkaAdminClient], Awaitable[Answer]]) -> Answer:
    """Ask the broker by another way than the code under test."""

    async def connected() -> Answer:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
        await admin.start()
        try:
            return await question(admin)
        finally:
            await admin.close()

    return asyncio.run(connected())


def settings_of(bootstrap_servers: str, name: str) -> dict[str, str]:
    """Return all settings of a topic as the broker tells them."""
    answers: list[Any] = ask(
        bootstrap_servers, lambda admin: admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    )
    return {entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]}


def change(bootstrap_servers: str, name: str, settings: dict[str, str]) -> None:
    """Give a topic these settings and no others, as a hasty operator might."""
    wanted = ConfigResource(ConfigResourceType.TOPIC, name, configs=settings)
    ask(bootstrap_servers, lambda admin: admin.alter_configs([wanted]))
    settled(bootstrap_servers, name, settings)


def settled(bootstrap_servers: str, name: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return all settings of a topic once these are among them: a broker tells of a change a moment later."""
    for _ in range(100):
        has = settings_of(bootstrap_servers, name)
        if wanted.items() <= has.items():
            break
        time.sleep(0.1)
    return has


def apply(bootstrap_servers: str, topics: tuple[Topic, ...]) -> list[str]:
    return asyncio.run(apply_topics(bootstrap_servers, topics))


def check(bootstrap_servers: str, topics: tuple[Topic, ...]) -> list[Drift]:
    return asyncio.run(check_topics(bootstrap_servers, topics))


def named(topics: tuple[Topic, ...], ending: str) -> Topic:
    """Return the topic of a name, whatever its namespace."""
    return next(topic for topic in topics if topic.name.endswith(f"-{ending}"))


def cee_topics(*arguments: str) -> Result:
    return CliRunner().invoke(root, ["topics", *arguments])


def test_applying_creates_every_topic_with_its_partitions_and_all_its_settings(
    bootstrap_servers: str, topics: tuple[Topic, ...]
) -> None:
    changes = apply(bootstrap_servers, topics)

    assert len(changes) == len(topics)
    counts = asyncio.run(partition_counts(bootstrap_servers, [topic.name for topic in topics]))
    assert counts == {topic.name: PARTITIONS for topic in topics}
    for ending in ("entry-summary-event", "placement-state", "dead-letter", "center-case-machinery"):
        topic = named(topics, ending)
        has = settings_of(bootstrap_servers, topic.name)
        assert {key: has[key] for key in topic.config} == dict(topic.config)


def test_a_cluster_that_was_applied_shows_no_drift_and_applying_again_changes_nothing(
    bootstrap_servers: str, topics: tuple[Topic, ...]
) -> None:
    apply(bootstrap_servers, topics)

    assert check(bootstrap_servers, topics) == []
    assert apply(bootstrap_servers, topics) == []


def test_two_workers_that_apply_at_the_same_time_both_succeed(
    bootstrap_servers: str, topics: tuple[Topic, ...]
) -> None:
    async def both() -> None:
        await asyncio.gather(apply_topics(bootstrap_servers, topics), apply_topics(bootstrap_servers, topics))

    asyncio.run(both())

    assert check(bootstrap_servers, topics) == []


def test_an_empty_cluster_misses_every_topic_and_apply_can_mend_that(
    bootstrap_servers: str, topics: tuple[Topic, ...]
) -> None:
    assert check(bootstrap_servers, topics) == [Drift(topic.name, "is missing", mends=True) for topic in topics]


def test_a_setting_that_somebody_changed_is_reported_and_mended(
    bootstrap_servers: str, topics: tuple[Topic, ...]
) -> None:
    events = named(topics, "entry-summary-event")
    apply(bootstrap_servers, (events,))
    change(bootstrap_servers, events.name, {**events.config, "retention.ms": "604800000"})

    found = check(bootstrap_servers, (events,))
    changes = apply(bootstrap_servers, (events,))

    assert found == [Drift(events.name, "has retention.ms=604800000, not -1", mends=True)]
    assert changes == [f"set {events.name}: retention.ms=-1 (was 604800000)"]
    assert check(bootstrap_servers, (events,)) == []


def test_mending_one_setting_keeps_the_other_declared_ones(bootstrap_servers: str, topics: tuple[Topic, ...]) -> None:
    state = named(topics, "placement-state")
    apply(bootstrap_servers, (state,))
    change(bootstrap_servers, state.name, {"cleanup.policy": "delete"})

    apply(bootstrap_servers, (state,))

    has = settled(bootstrap_servers, state.name, state.config)
    assert {key: has[key] for key in state.config} == dict(state.config)


def test_mending_a_setting_keeps_those_that_somebody_else_set(
    bootstrap_servers: str, topics: tuple[Topic, ...]
) -> None:
    state = named(topics, "placement-state")
    apply(bootstrap_servers, (state,))
    change(bootstrap_servers, state.name, {"cleanup.policy": "delete", "segment.ms": "3600000"})

    apply(bootstrap_servers, (state,))

    has = settled(bootstrap_servers, state.name, {"cleanup.policy": "compact"})
    assert has["segment.ms"] == "3600000"
    assert has["cleanup.policy"] == "compact"


def test_a_setting_that_kafka_refuses_is_one_sentence(bootstrap_servers: str, topics: tuple[Topic, ...]) -> None:
    events = named(topics, "entry-summary-event")
    apply(bootstrap_servers, (events,))

    with pytest.raises(ClusterError, match=rf"^{events.name} could not be changed: .*retention\.ms"):
        apply(bootstrap_servers, (replace(events, config={**events.config, "retention.ms": "for ever"}),))


@pytest.mark.parametrize("count", [PARTITIONS - 1, PARTITIONS + 1])
def test_another_partition_count_is_never_changed_in_place(
    bootstrap_servers: str, topics: tuple[Topic, ...], count: int
) -> None:
    declared = named(topics, "rekeyed-event")
    apply(bootstrap_servers, (replace(declared, partitions=count),))

    changes = apply(bootstrap_servers, (declared,))
    (drift,) = check(bootstrap_servers, (declared,))

    assert changes == []
    assert not drift.mends
    assert "new namespace" in drift.what
    assert asyncio.run(partition_counts(bootstrap_servers, [declared.name])) == {declared.name: count}


def test_a_broker_that_is_not_there_is_one_sentence_with_its_address() -> None:
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(ClusterError, match=f"^no Kafka broker answers at {address}: .+$"):
        check(address, load_topics())


def test_the_command_applies_checks_and_says_so_as_json(
    bootstrap_servers: str, namespace: str, topics: tuple[Topic, ...]
) -> None:
    where = ("--bootstrap-servers", bootstrap_servers, "--namespace", namespace, "--partitions", str(PARTITIONS))

    before = cee_topics("check", *where, "--json")
    applied = cee_topics("apply", *where, "--json")
    after = cee_topics("check", *where)

    assert before.exit_code == 1
    assert {entry["topic"] for entry in json.loads(before.stdout)["drift"]} == {topic.name for topic in topics}
    assert applied.exit_code == 0
    assert len(json.loads(applied.stdout)["changes"]) == len(topics)
    assert (after.exit_code, after.stdout) == (0, "all topics are as declared\n")


@pytest.mark.parametrize("verb", ["apply", "check"])
def test_the_command_ends_with_an_error_where_partition_counts_are_wrong(
    bootstrap_servers: str, namespace: str, topics: tuple[Topic, ...], verb: str
) -> None:
    apply(bootstrap_servers, topics)

    result = cee_topics(verb, "--bootstrap-servers", bootstrap_servers, "--namespace", namespace, "--partitions", "3")

    assert result.exit_code == 1
    assert f"has {PARTITIONS} partitions, not 3" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("verb", ["apply", "check"])
def test_the_command_says_in_one_sentence_that_it_cannot_reach_the_broker(verb: str) -> None:
    address = f"127.0.0.1:{free_port()}"

    result = cee_topics(verb, "--bootstrap-servers", address)

    assert result.exit_code == 1
    (sentence,) = result.output.strip().splitlines()
    assert sentence.startswith(f"Error: no Kafka broker answers at {address}")
