"""Create the declared topics on a cluster, and say where a cluster differs from what is declared."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidReplicationFactorError, KafkaError, TopicAlreadyExistsError, for_code

from streams.contract.addresses import AddressError, check_addresses
from streams.contract.reach import why_unreachable
from streams.contract.requests import SetTopicConfigs
from streams.contract.topics import Topic

READY_SECONDS: Final = 120.0
"""So long all topics together may take: a small broker under load leads hundreds of partitions after a minute only."""
ANSWER_SECONDS: Final = 10.0
AGAIN_SECONDS: Final = 0.25
AT_ONCE: Final = 10


class ClusterError(RuntimeError):
    """The cluster cannot be reached or refuses; the text is one sentence with what to do."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between a cluster and the declarations; `mends` says whether `apply` may mend it."""

    topic: str
    what: str
    mends: bool


async def apply_topics(
    bootstrap_servers: str,
    topics: Sequence[Topic],
    *,
    replication: int = 1,
    progress: Callable[[int, int], None] | None = None,
    client: Mapping[str, Any] | None = None,
) -> list[str]:
    """Create what is missing and set what differs; return one line a change.

    A topic with another partition count is left alone: `check_topics` reports it. `progress` is told how many
    of how many topics are done. Raises `ClusterError`.
    """
    async with admin_client(bootstrap_servers, client) as admin:
        existing = await _partition_counts(admin)
        missing = [topic for topic in topics if topic.name not in existing]
        done = 0
        for chunk in _chunks(missing, AT_ONCE):
            await _create(admin, chunk, replication)
            done += len(chunk)
            if progress:
                progress(done, len(missing))
        await _wait_until_ready(admin, missing)
        present = [topic for topic in topics if topic.name in existing]
        changes = [f"created {topic.name}: {topic.partitions} partitions" for topic in missing]
        return changes + await _set_configs(admin, present)


async def check_topics(
    bootstrap_servers: str, topics: Sequence[Topic], client: Mapping[str, Any] | None = None
) -> list[Drift]:
    """Return every difference between the cluster and the declarations. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        existing = await _partition_counts(admin)
        found = [Drift(topic.name, "is missing", mends=True) for topic in topics if topic.name not in existing]
        present = [topic for topic in topics if topic.name in existing]
        for topic in present:
            if existing[topic.name] != topic.partitions:
                what = (
                    f"has {existing[topic.name]} partitions, not {topic.partitions}; a keyed topic's count is never "
                    "changed in place: create a new namespace with the count you want and replay into it"
                )
                found.append(Drift(topic.name, what, mends=False))
        for topic, wrong in await _differing_configs(admin, present):
            found.extend(
                Drift(topic.name, f"has {key}={actual}, not {topic.config[key]}", mends=True)
                for key, actual in sorted(wrong.items())
            )
        return found


async def delete_topics(
    bootstrap_servers: str, topics: Sequence[Topic], client: Mapping[str, Any] | None = None
) -> None:
    """Delete those topics that exist, with all that is in them. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        existing = await _partition_counts(admin)
        answer = await admin.delete_topics([topic.name for topic in topics if topic.name in existing])
        for name, code, *_ in answer.topic_error_codes:
            if code:
                message = f"topic {name} could not be deleted: {for_code(code).__name__}"
                raise ClusterError(message)


async def partition_counts(
    bootstrap_servers: str, names: Iterable[str], client: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """Return the number of partitions of those topics that exist. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        counts = await _partition_counts(admin)
        return {name: counts[name] for name in names if name in counts}


@asynccontextmanager
async def admin_client(
    bootstrap_servers: str, client: Mapping[str, Any] | None = None
) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a connected admin client; what the library raises becomes one sentence."""
    try:
        check_addresses(bootstrap_servers)
    except AddressError as error:
        raise ClusterError(str(error)) from error
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, **(client or {}))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await admin.start()
    except (KafkaError, TimeoutError, OSError) as error:
        await admin.close()
        raise ClusterError(await why_unreachable(bootstrap_servers, client or {})) from error
    try:
        yield admin
    except KafkaError as error:
        message = f"Kafka at {bootstrap_servers} refused: {error}"
        raise ClusterError(message) from error
    finally:
        await admin.close()


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int) -> None:
    """Create topics; a broker that has just started, or was too busy to say that it lives, is given some time."""
    give_up = time.monotonic() + READY_SECONDS
    while trouble := await _refused_for_now(admin, topics, replication):
        if time.monotonic() > give_up:
            raise ClusterError(trouble)
        await asyncio.sleep(AGAIN_SECONDS)


async def _refused_for_now(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int) -> str:
    """Create topics; return why not where that passes by itself. Raises `ClusterError` where it does not."""
    wanted = [NewTopic(topic.name, topic.partitions, replication, topic_configs=dict(topic.config)) for topic in topics]
    answer = (await admin.create_topics(wanted)).to_object()
    refused = ""
    for topic in answer["topic_errors"]:
        kind, told = for_code(topic["error_code"]), topic.get("error_message") or ""
        # Another process may create the same topics at the same time: that is what was wanted.
        if topic["error_code"] and kind is not TopicAlreadyExistsError:
            refused = f"topic {topic['topic']} could not be created: {told or kind.__name__}"
            if not (kind is InvalidReplicationFactorError and "fenced" in told):
                raise ClusterError(refused)
    return refused


async def _wait_until_ready(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Wait until every partition has a leader: a client that asks earlier gets an error that frightens."""
    names = [topic.name for topic in topics]
    give_up = time.monotonic() + READY_SECONDS
    while names:
        described = await admin.describe_topics(names)
        ready = {
            topic["topic"]
            for topic in described
            if not topic["error_code"] and all(partition["leader"] >= 0 for partition in topic["partitions"])
        }
        names = [name for name in names if name not in ready]
        if names and time.monotonic() > give_up:
            message = f"topic {names[0]} got no leader within {READY_SECONDS:.0f} s: look at the brokers' logs"
            raise ClusterError(message)
        await asyncio.sleep(0.05 if names else 0)


async def _differing_configs(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[tuple[Topic, dict[str, str]]]:
    """Return the topics whose declared settings differ on the cluster, with what the cluster has."""
    found = []
    actual = await _configs(admin, [topic.name for topic in topics])
    for topic in topics:
        has = actual[topic.name]
        wrong = {key: has.get(key, "nothing") for key, value in topic.config.items() if has.get(key) != value}
        if wrong:
            found.append((topic, wrong))
    return found


async def _configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in await admin.describe_configs(resources)
        for resource in answer.resources
    }


async def _set_configs(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    """Set declared settings that differ; what is not declared (a quota's throttle, a placement) stays as it is."""
    changes: list[str] = []
    for topic, wrong in await _differing_configs(admin, topics):
        client = admin._client  # noqa: SLF001 - the public method for settings replaces all of them
        request = SetTopicConfigs(topic.name, {key: topic.config[key] for key in wrong})
        for code, message, *_ in (await client.send(client.get_random_node(), request)).responses:
            if code:
                why = f"{topic.name} could not be changed: {message or for_code(code).__name__}"
                raise ClusterError(why)
        changes.extend(f"set {topic.name}: {key}={topic.config[key]} (was {was})" for key, was in sorted(wrong.items()))
    return changes


def _chunks(topics: Sequence[Topic], size: int) -> Iterable[Sequence[Topic]]:
    return (topics[start : start + size] for start in range(0, len(topics), size))
