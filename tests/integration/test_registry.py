"""A real schema registry: our schemas in it, framed records beside others, and what happens when it is away."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.centers.decisions import Decisions
from streams.centers.inbox import Inbox
from streams.cli import root
from streams.contract.codec import framed_header
from streams.contract.errors import RegistryError
from streams.contract.keys import partition_for
from streams.contract.models import WorkItem, parse_event
from streams.contract.registered import open_codec
from streams.contract.registry import Registry
from streams.contract.schemas import current_schema, record_schemas
from streams.engine.dead_letter import REASON
from streams.local.registry import LocalRegistry
from streams.ports.publisher import Publisher
from tests.integration.test_worker import (
    EXAMPLE,
    HOME,
    KEY,
    PARTITIONS,
    PATIENCE_SECONDS,
    Worker,
    accepted,
    create_topics,
    publish,
    running_worker,
    wait_for,
)
from tests.waiting import wait_until

OTHER = b"98-7654321"
HOME_OF_OTHER = partition_for(OTHER, PARTITIONS)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRegistry]:
    """Give a registry that has our schemas."""
    with LocalRegistry(tmp_path_factory.mktemp("registry")) as running:
        empty = cee("check", registry=running.address)
        assert (empty.exit_code, empty.stdout.count("is missing")) == (1, len(record_schemas()))
        done = cee("register", registry=running.address)
        assert done.exit_code == 0, done.stderr
        yield running


def cee(*arguments: str, registry: str) -> Result:
    return CliRunner().invoke(root, ["schemas", *arguments], env={"SCHEMA_REGISTRY_URL": registry})


def test_a_registry_without_our_subjects_keeps_everyone_from_beginning_until_they_are_there(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    event = json.loads(EXAMPLE.read_text("utf-8")) | {"event_type": "entry_summary_accepted"}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n", "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "put.jsonl").write_text(json.dumps(event) + "\n", "utf-8")
    with LocalRegistry(tmp_path / "registry") as running:
        address = running.address
        where = {
            "SCHEMA_REGISTRY_URL": address,
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "CEE_NAMESPACE": namespace,
            "CEE_STATE_DIR": str(tmp_path / "state"),
        }
        commands = (
            ("worker", "--web-port", "0"),
            ("publish", str(tmp_path / "events.jsonl")),
            ("publish", "--watch", str(tmp_path / "in"), "--once"),
            ("work", "electronics"),
        )
        told = [CliRunner().invoke(root, command, env=where) for command in commands]
        registered = cee("register", registry=address)
        published = [CliRunner().invoke(root, command, env=where) for command in commands[1:3]]
        with running_worker(bootstrap_servers, namespace, tmp_path, address):
            work = wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) >= 2)

    assert [one.exit_code for one in told] == [1, 3, 3, 1]
    sentence = f"Error: the registry at {address} does not have {len(record_schemas())} of our schemas ("
    for one in told:
        assert one.stderr.splitlines()[-1].startswith(sentence)
        assert one.stderr.endswith("register with `cee schemas register`\n")
    assert registered.exit_code == 0, registered.output
    assert [one.exit_code for one in published] == [0, 0]
    assert {(record.value or b"")[:1] for record in work} == {b"\x00"}


def test_registering_again_changes_nothing_and_the_check_is_content(registry: LocalRegistry) -> None:
    again = cee("register", registry=registry.address)
    check = cee("check", registry=registry.address)
    listed = cee("list", "--json", registry=registry.address)

    assert (again.exit_code, again.stdout) == (0, "nothing to do: all schemas are registered\n")
    assert (check.exit_code, check.stdout) == (0, "all schemas are registered as they are here\n")
    by_subject = {one["subject"]: one for one in json.loads(listed.stdout)}
    assert by_subject["cee.entry_filed"]["compatibility"] == "FULL_TRANSITIVE"
    assert by_subject["cee.importer_placement"]["compatibility"] == "BACKWARD_TRANSITIVE"
    assert len({one["schema_id"] for one in by_subject.values()}) == len(record_schemas())


def test_a_level_that_somebody_changed_is_drift_and_registering_mends_it(registry: LocalRegistry) -> None:
    Registry(registry.address).set_compatibility("cee.work_taken", "NONE")

    check = cee("check", registry=registry.address)
    mended = cee("register", registry=registry.address)

    assert (check.exit_code, check.stdout) == (1, "cee.work_taken has compatibility NONE, not FULL_TRANSITIVE\n")
    assert mended.stdout == "set cee.work_taken: FULL_TRANSITIVE (was NONE)\n"


def test_the_registry_refuses_what_would_break_a_reader(registry: LocalRegistry) -> None:
    broken = current_schema("entry_filed").definition
    del broken["fields"][0]

    with pytest.raises(RegistryError, match=r"refuses it: .*Incompatible"):
        Registry(registry.address).register("cee.entry_filed", json.dumps(broken))


def test_framed_records_flow_beside_others_from_port_to_center_and_back(
    registry: LocalRegistry, bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    codec = open_codec(registry.address)
    plain = accepted(entry_number="B7603245286")

    async def port_publishes_and_center_answers() -> None:
        async with Publisher(bootstrap_servers, namespace=namespace, registry=registry.address) as publisher:
            await publisher.publish(
                parse_event(json.loads(EXAMPLE.read_text("utf-8")) | {"event_type": "entry_summary_accepted"})
            )
        center: dict[str, Any] = {
            "bootstrap_servers": bootstrap_servers,
            "namespace": namespace,
            "registry": registry.address,
        }
        async with asyncio.timeout(PATIENCE_SECONDS), Inbox("electronics", **center) as inbox:
            item = await anext(one.body async for one in inbox if isinstance(one.body, WorkItem))
        async with Decisions("electronics", **center) as decisions:
            await decisions.answer(item, "work_taken", taken_by="desk 4")

    with running_worker(bootstrap_servers, namespace, tmp_path, registry.address):
        source = names.of("entry-summary-event")
        publish(bootstrap_servers, source, [(KEY, plain, HOME), (KEY, framed_header(999_999) + plain[10:], HOME)])
        asyncio.run(port_publishes_and_center_answers())
        dead = wait_for(bootstrap_servers, names.of("dead-letter"), lambda records: len(records) == 1)
        work = wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) >= 4)
        decided = wait_for(bootstrap_servers, names.center_decision("electronics"), lambda records: len(records) == 1)
        sent = wait_for(bootstrap_servers, source, lambda records: len(records) == 3)
        journal = wait_for(bootstrap_servers, names.of("processing-journal"), lambda records: len(records) > 0)

    assert [dict(record.headers)[REASON] for record in dead] == [b"unknown-schema"]
    assert {(record.value or b"")[:5] for record in work} == {
        codec.header("work_item"),
        codec.header("entry_summary_snapshot"),
    }
    assert (decided[0].value or b"").startswith(codec.header("work_taken"))
    assert {(record.value or b"")[:1] for record in sent} == {b"\x00", b"\xc3"}
    causes = {codec.decode(record.value or b"")[1]["caused_by"]["event_id"] for record in work}
    assert len(causes - {None}) == 1  # time causes work, too
    # What a partition is taken up by does not depend on a registry.
    assert {(record.value or b"")[:2] for record in journal} == {b"\xc3\x01"}


def newer_schema() -> str:
    """Return the next version of a filing, as a port system may have it before us."""
    definition = current_schema("entry_summary_accepted").definition
    definition["fields"].append({"name": "lane", "type": ["null", "string"], "default": None})
    return json.dumps(definition)


def test_while_the_registry_is_away_a_new_schema_is_waited_for_and_the_others_go_on(
    registry: LocalRegistry, bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    names = create_topics(bootstrap_servers, namespace)
    source = names.of("entry-summary-event")
    newer = framed_header(Registry(registry.address).register("cee.entry_summary_accepted", newer_schema()))
    other = accepted(importer_of_record="98-765432100", entry_number="B7603245286")
    with running_worker(bootstrap_servers, namespace, tmp_path, registry.address) as worker:
        wait_until(lambda: is_ready(worker))
        registry.stop()
        try:
            publish(bootstrap_servers, source, [(KEY, newer + accepted()[10:] + b"\x00", HOME)])
            publish(bootstrap_servers, source, [(OTHER, other, HOME_OF_OTHER)])
            others = wait_for(bootstrap_servers, names.center_work("electronics"), lambda records: len(records) > 1)
            wait_until(lambda: "waiting for schema" in (said := worker.log.read_text()) and "cannot be reached" in said)
        finally:
            registry.start()
        work = wait_for(
            bootstrap_servers, names.center_work("electronics"), lambda records: KEY in {one.key for one in records}
        )

    assert {record.key for record in others} == {OTHER}
    assert {record.key for record in work} == {KEY, OTHER}
    assert wait_for(bootstrap_servers, names.of("dead-letter"), lambda _: True) == []


def is_ready(worker: Worker) -> bool:
    try:
        worker.page("/readyz")
    except OSError:
        return False
    return True
