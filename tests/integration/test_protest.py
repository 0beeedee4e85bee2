"""One protest through a real worker on a real Kafka: ten ports, ten entries, one case, one response."""

import asyncio
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from click.testing import CliRunner

from streams.centers.decisions import Decisions
from streams.centers.inbox import Inbox
from streams.cli import root
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.models import WorkItem
from streams.contract.topics import TopicNames
from tests.integration.test_worker import PARTITIONS, PATIENCE_SECONDS, create_topics, running_worker
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.happenings import AMOUNTS, happened
from tests.unit.processor.kit import IMPORTER, about, day, filed

KEY = IMPORTER[:10].encode()
PORTS = ("2704", "1401", "0101", "2809", "3001", "5301", "4601", "1703", "2006", "3901")
NUMBERS = [number for number, _ in zip(entry_numbers(), range(10), strict=False)]
PROTEST = "270426000001"


def events() -> list[tuple[str, dict[str, Any]]]:
    """Ten summaries of ten ports, their liquidations, and the protest, told twice."""
    summaries = [
        ("entry_summary_accepted", filed(number=number, port_of_entry=port))
        for number, port in zip(NUMBERS, PORTS, strict=True)
    ]
    amounts = dict.fromkeys(AMOUNTS)
    liquidations = [
        (
            "entry_liquidated",
            about("2026-07-10T12:00:00", number, liquidated_on=day("2026-07-10"), duty_cents=0, **amounts),
        )
        for number in NUMBERS
    ]
    entries = [
        {"entry_number": number, "port_of_entry": port, "entry_date": None, "liquidation_date": day("2026-07-10")}
        for number, port in zip(NUMBERS, PORTS, strict=True)
    ]
    protest = happened(
        "2026-08-03", importer_of_record=IMPORTER, protest_number=PROTEST, protest_type="1", protestant=IMPORTER,
        protestant_role="importer", filed_on=day("2026-08-03"), against="liquidation", decision_on=None,
        issue="classification", category="8471", accelerated=False, further_review=False, center=None, entries=entries,
        text=None,
    )  # fmt: skip
    return [*summaries, *liquidations, ("protest_filed", protest), ("protest_filed", protest)]


async def _publish(servers: str, topic: str) -> None:
    codec, partition = Codec(), partition_for(KEY, PARTITIONS)
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for name, fields in events():
            await producer.send_and_wait(topic, codec.encode(name, fields), key=KEY, partition=partition)


async def _decide(servers: str, namespace: str) -> WorkItem:
    """Wait for the protest at its Center, take it, and approve it; twice, as a Center that is not sure."""
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        Inbox("electronics", bootstrap_servers=servers, namespace=namespace, follow=True) as inbox,
        Decisions("electronics", bootstrap_servers=servers, namespace=namespace) as decisions,
    ):
        async for delivery in inbox:
            body = delivery.body
            if isinstance(body, WorkItem) and body.work_type == "protest":
                for _ in range(2):
                    await decisions.answer(body, "work_decided", decision="approved", decided_on="2026-09-01")
                return body
    raise AssertionError


async def _read(servers: str, topics: list[str], enough: int) -> list[tuple[str, bytes | None, dict[str, Any] | None]]:
    """Return the records of topics once there are enough of them, and nothing more comes."""
    codec = Codec()
    found: list[tuple[str, bytes | None, dict[str, Any] | None]] = []
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    async with asyncio.timeout(PATIENCE_SECONDS), consumer:
        quiet = 0
        while len(found) < enough or quiet < 2:
            batches = await consumer.getmany(timeout_ms=1000)
            quiet = 0 if batches else quiet + 1
            for place, records in batches.items():
                found += [
                    (place.topic, record.key, codec.decode(record.value)[1] if record.value else None)
                    for record in records
                ]
    return found


def test_ten_ports_one_protest_one_case_one_response(bootstrap_servers: str, namespace: str, tmp_path: Path) -> None:
    """With a kill in between, and everything told twice."""
    names: TopicNames = create_topics(bootstrap_servers, namespace)
    asyncio.run(_publish(bootstrap_servers, names.of("entry-summary-event")))
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        item = asyncio.run(_decide(bootstrap_servers, namespace))
        worker.kill_and_restart()
        asyncio.run(_publish(bootstrap_servers, names.of("entry-summary-event")))
        responses = asyncio.run(_read(bootstrap_servers, [names.of("importer-response")], 11))
        cases = asyncio.run(_read(bootstrap_servers, [names.center_case("electronics")], 1))
        shown = CliRunner().invoke(
            root, ["work", "electronics", "--open", "--bootstrap-servers", bootstrap_servers, "--namespace", namespace]
        )

    assert (list(item.ports), len(item.entries)) == (list(PORTS), 10)
    answers = [fields for _, _, fields in responses if fields is not None and "ports" in fields]
    results = [fields for _, _, fields in responses if fields is not None and "result" in fields]
    assert [(one["reference"], one["decision"]) for one in answers] == [(PROTEST, "approved")]
    assert [(one["entry_number"], one["port_of_entry"]) for one in results] == list(zip(NUMBERS, PORTS, strict=True))
    assert shown.exit_code == 0, shown.output
    assert [line.split()[2] for line in shown.output.splitlines()] == ["liquidation_posted"] * 10
    last = {key: fields for _, key, fields in cases}
    assert last[item.case_id.encode()] is None
    assert sorted(fields["work_type"] for fields in last.values() if fields) == ["liquidation_posted"] * 10
