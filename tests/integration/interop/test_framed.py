"""A registry's framing between languages: ours is read by Java and Go, Java's by our worker and reader."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from streams.centers.inbox import Inbox
from streams.cli import root
from streams.contract.keys import account_key
from streams.contract.models import WorkItem
from streams.contract.registered import open_waiting_codec
from streams.engine.api import SourceRecord
from streams.local.java import JavaUnavailable
from streams.local.registry import LocalRegistry
from streams.ports.publisher import Publisher
from tests.integration.test_worker import create_topics, running_worker, summary_fields, wait_for

from .clients import SCHEMAS, Java, entry, go_reader, importer, line, run

pytestmark = pytest.mark.broker

FRAMED: Final = b"\x00"
OURS: Final = range(4)
JAVAS: Final = range(4, 8)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a registry that has our schemas."""
    try:
        with LocalRegistry(tmp_path_factory.mktemp("registry")) as running:
            done = CliRunner().invoke(root, ["schemas", "register", "--registry", running.address])
            assert done.exit_code == 0, done.output
            yield running.address
    except JavaUnavailable as error:
        pytest.skip(f"no Java: {error}")


def event(number: int) -> dict[str, Any]:
    """Return an accepted summary as a port system hands it to the publisher."""
    fields = summary_fields(importer_of_record=importer(number), entry_number=entry(number))
    return {**fields, "event_type": "entry_summary_accepted", "event_id": f"00000000-0000-4000-8000-{number:012}"}


def test_what_is_framed_in_one_language_is_read_in_the_others(
    registry: str, bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    java, reader = Java(tmp_path), go_reader(tmp_path)
    names, codec = create_topics(bootstrap_servers, namespace), open_waiting_codec(registry)
    source, work = names.of("entry-summary-event"), names.center_work("electronics")
    keys = {account_key(importer(number)).encode() for number in (*OURS, *JAVAS)}

    def has_all(found: list[SourceRecord]) -> bool:
        return {one.key for one in found if codec.name_of(one.value or b"") == "work_item"} == keys

    async def publish() -> None:
        async with Publisher(bootstrap_servers, namespace=namespace, registry=registry) as publisher:
            async for _ in publisher.publish_many(map(event, OURS)):
                pass

    async def work_items(count: int) -> set[str]:
        settings: dict[str, Any] = {
            "bootstrap_servers": bootstrap_servers,
            "namespace": namespace,
            "registry": registry,
        }
        async with Inbox("electronics", follow=False, **settings) as inbox:
            found = {one.body.work_id async for one in inbox if isinstance(one.body, WorkItem)}
        assert len(found) == count
        return found

    with running_worker(bootstrap_servers, namespace, tmp_path, registry):
        asyncio.run(publish())
        filings = [f"{importer(number)}/{entry(number)}" for number in JAVAS]
        java.run("filings", bootstrap_servers, str(SCHEMAS), source, *filings, registry=registry)
        written = wait_for(bootstrap_servers, work, has_all)
        filed = wait_for(bootstrap_servers, source, lambda found: len(found) == len(keys))

    assert {(record.value or b"")[:1] for record in (*filed, *written)} == {FRAMED}
    for records, topic in ((filed, source), (written, work)):
        expected = sorted(line(record, codec) for record in records)
        arguments = (bootstrap_servers, str(SCHEMAS), str(len(records)), topic)
        assert sorted(java.run("read", *arguments, registry=registry)) == expected
        assert sorted(run([str(reader), *arguments], env={"SCHEMA_REGISTRY_URL": registry})) == expected
    told = {codec.decode(record.value or b"")[1]["summary"]["entry_number"] for record in filed}
    assert told == {entry(number) for number in (*OURS, *JAVAS)}
    items = [line(record, codec).split()[-1] for record in written if codec.name_of(record.value or b"") == "work_item"]
    assert asyncio.run(work_items(len(items))) == set(items)
