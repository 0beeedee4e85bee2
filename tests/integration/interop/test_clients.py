"""Java, librdkafka and Go beside a real worker: what they write is routed, what is written they read."""

import asyncio
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Producer

from streams.contract.codec import Codec
from streams.contract.keys import account_key, partition_for
from streams.contract.provision import apply_topics
from streams.contract.topics import load_topics, scaled
from streams.engine.api import SourceRecord
from tests.contract.test_keys import GOLDEN
from tests.integration.test_worker import PARTITIONS, accepted, create_topics, running_worker, wait_for

from .clients import SCHEMAS, Java, entry, go_reader, importer, line, run

pytestmark = pytest.mark.broker

CODEC: Final = Codec()
REKEYED: Final = 'cee_records_total{outcome="rekeyed"}'
LIBRDKAFKA: Final = {"acks": "all", "enable.idempotence": True}


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Java:
    return Java(tmp_path_factory.mktemp("java"))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return go_reader(tmp_path_factory.mktemp("go"))


def filed(servers: str, topic: str, numbers: range, **settings: object) -> dict[str, int]:
    """Publish accepted summaries by librdkafka; returns each key's partition."""
    places: dict[str, int] = {}
    producer = Producer({"bootstrap.servers": servers, **LIBRDKAFKA, **settings})
    for number in numbers:
        value = accepted(importer_of_record=importer(number), entry_number=entry(number))
        key = account_key(importer(number))

        def note(error: object, message: object, key: str = key) -> None:
            assert error is None, error
            places[key] = message.partition()  # type: ignore[attr-defined]  # a message of librdkafka

        producer.produce(topic, value, key.encode(), on_delivery=note)
    assert producer.flush(60) == 0
    return places


def test_java_reads_every_golden_file_and_writes_the_same_bytes(java: Java) -> None:
    assert java.run("golden", str(SCHEMAS)) == [str(len(list(SCHEMAS.glob("*/golden/*.bin"))))]


def test_java_finds_the_partitions_of_the_golden_table(java: Java, bootstrap_servers: str, namespace: str) -> None:
    topic = f"{namespace}-entry-summary-event"
    topics = [one for one in scaled(load_topics(), namespace=namespace) if one.name == topic]
    asyncio.run(apply_topics(bootstrap_servers, topics))
    numbers = [row["importer_number"] for row in GOLDEN["importers"]]

    lines = java.run("keys", bootstrap_servers, str(SCHEMAS), topic, *numbers)

    assert lines == [f"{row['key']} {row['partition_of_12']}" for row in GOLDEN["importers"]]
    records = wait_for(bootstrap_servers, topic, lambda found: len(found) == len(numbers))
    told = {CODEC.decode(record.value or b"")[1]["importer_of_record"] for record in records}
    assert told == set(numbers)


@pytest.mark.parametrize(
    ("settings", "partition"),
    [
        ({"partitioner": "murmur2_random"}, lambda key: partition_for(key, 12)),
        # What the guide's last column shows, so that the missing setting is recognised.
        ({}, lambda key: zlib.crc32(key) % 12),
    ],
    ids=["murmur2_random", "default"],
)
def test_librdkafka_finds_the_partitions_of_the_guide(
    settings: dict[str, str], partition: Callable[[bytes], int], bootstrap_servers: str, namespace: str
) -> None:
    topic = f"{namespace}-entry-summary-event"
    topics = [one for one in scaled(load_topics(), namespace=namespace) if one.name == topic]
    asyncio.run(apply_topics(bootstrap_servers, topics))
    found: dict[bytes | None, int | None] = {}
    producer = Producer({"bootstrap.servers": bootstrap_servers, **settings, **LIBRDKAFKA})
    keys = [row["key"].encode() for row in (*GOLDEN["importers"], *GOLDEN["others"])]
    for key in keys:
        producer.produce(
            topic, b"", key, on_delivery=lambda _, message: found.update({message.key(): message.partition()})
        )
    assert producer.flush(60) == 0

    assert found == {key: partition(key) for key in keys}


def test_what_they_write_is_routed_once_and_what_is_written_they_read(
    java: Java, reader: Path, bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    topic, work = names.of("entry-summary-event"), names.center_work("electronics")
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        java.run("filings", bootstrap_servers, str(SCHEMAS), topic, *(f"{importer(n)}/{entry(n)}" for n in range(4)))
        right = filed(bootstrap_servers, topic, range(4, 10), partitioner="murmur2_random")
        wrong = filed(bootstrap_servers, topic, range(10, 24))
        keys = {account_key(importer(number)).encode() for number in range(24)}

        def is_enough(found: list[SourceRecord]) -> bool:
            return {one.key for one in found if CODEC.decode(one.value or b"")[0] == "work_item"} == keys

        records = wait_for(bootstrap_servers, work, is_enough)
        metrics = worker.page("/metrics")
    misplaced = {key for key, partition in wrong.items() if partition != partition_for(key.encode(), PARTITIONS)}

    assert all(partition == partition_for(key.encode(), PARTITIONS) for key, partition in right.items())
    assert 0 < len(misplaced) < len(wrong)
    counted = [one for one in metrics.splitlines() if one.startswith(REKEYED)]
    assert [float(one.split()[-1]) for one in counted] == [len(misplaced)]
    assert all(record.partition == partition_for(record.key or b"", PARTITIONS) for record in records)
    expected = sorted(line(record, CODEC) for record in records)
    assert len({one.split()[-1] for one in expected if " work_item " in one}) == sum(
        " work_item " in one for one in expected
    )
    count = str(len(records))
    assert sorted(java.run("read", bootstrap_servers, str(SCHEMAS), count, work)) == expected
    assert sorted(run([str(reader), bootstrap_servers, str(SCHEMAS), count, work])) == expected
