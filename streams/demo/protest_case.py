"""The case from which Centers come: ten ports, one protest, one response.

An importer enters the same goods at ten ports and protests all their liquidations at once. Its Center gets one case,
decides it once, and each port hears what that means for its entry. Then the same input is told again: nothing changes.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID, uuid5

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.centers.decisions import Decisions
from streams.contract.keys import account_key
from streams.contract.topics import TopicNames, center_slugs
from streams.demo.publishing import Where
from streams.ports.numbers import check_digit
from streams.ports.publisher import Publisher

PORTS: Final = ("2704", "1401", "0101", "2809", "3001", "5301", "4601", "1703", "2006", "3901")
IMPORTER: Final = "98-076543200"
PROTEST: Final = "270426900001"
_CENTER: Final = "electronics"
_ENTERED, _LIQUIDATED, _FILED, _DECIDED = "2025-09-12", "2026-07-24", "2026-08-21", "2026-08-28"
"""All within the year of the sample: nothing here moves the time that its events tell."""
_IDS: Final = UUID("2f4d2b0e-0d0c-5b57-9a8e-3a1f6f6f7c52")


@dataclass(slots=True)
class ProtestCase:
    """What came of the protest."""

    ports: int = 0
    entries: int = 0
    cases: int = 0
    responses: int = 0
    entry_results: int = 0
    results_at_ports: int = 0
    outputs: int = 0
    """Everything published about the importer."""
    outputs_of_the_repeat: int = 0
    """What the same input brought about when it was told again."""
    decisions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the case is played, and how to wait until a worker has processed all that is there."""

    where: Where
    names: TopicNames
    processed: Callable[[], Awaitable[object]]


async def play(stage: Stage) -> ProtestCase:
    """Tell the whole case, let the Center decide it, and tell all of it again."""
    case = ProtestCase(ports=len(PORTS), entries=len(PORTS))
    async with _Outputs(stage) as outputs:
        await _publish(stage)
        await stage.processed()
        told = await outputs.new()
        opened = [one for name, one in told if name == "work_item" and _opens(one)]
        await _decide(stage, opened)
        await stage.processed()
        told += await outputs.new()
        await _publish(stage)
        await _decide(stage, opened)
        await stage.processed()
        case.outputs_of_the_repeat = len(await outputs.new())
    results = [one for name, one in told if name == "entry_result"]
    case.cases = len({one["case_id"] for one in opened})
    case.responses = sum(name == "case_response" for name, _ in told)
    case.entry_results = len(results)
    case.results_at_ports = len({one["port_of_entry"] for one in results})
    case.decisions = dict(Counter(one["result"] for one in results))
    case.outputs = len(told)
    return case


def _opens(item: Mapping[str, Any]) -> bool:
    return (item["work_type"], item["action"]) == ("protest", "opened")


async def _publish(stage: Stage) -> None:
    """Publish what the ports tell: ten summaries, their liquidations, one protest."""
    servers, registry, _, client = stage.where
    async with Publisher(servers, namespace=stage.names.namespace, registry=registry, client=client) as publisher:
        for event in _events():
            await publisher.publish(event)


async def _decide(stage: Stage, opened: list[Mapping[str, Any]]) -> None:
    """Let the Center approve what it has got."""
    servers, registry, _, client = stage.where
    async with Decisions(
        _CENTER, bootstrap_servers=servers, namespace=stage.names.namespace, registry=registry, client=client
    ) as decisions:
        for item in opened:
            about = {name: item[name] for name in ("account_key", "case_id", "assignment")}
            said = {"decision": "approved", "decided_on": _DECIDED, "issue": "classification", "heading": "8471"}
            await decisions.send(_envelope("work_decided", _DECIDED, item["case_id"], _CENTER) | about | said)


def _events() -> Iterator[dict[str, Any]]:
    """Yield the events of the case in their order."""
    entries = []
    for at, port in enumerate(PORTS):
        stem = f"DMP{at + 1:07d}"
        number = f"{stem}{check_digit(stem)}"
        listed = {"entry_number": number, "port_of_entry": port, "entry_date": _ENTERED}
        entries.append(listed | {"liquidation_date": _LIQUIDATED})
        yield _accepted(number, port)
    for entry in entries:
        number, port = entry["entry_number"], entry["port_of_entry"]
        about = {"entry_number": number, "importer_of_record": IMPORTER, "liquidated_on": _LIQUIDATED, "duty_cents": 0}
        yield _envelope("entry_liquidated", _LIQUIDATED, number, port) | about
    yield _envelope("protest_filed", _FILED, PROTEST, PORTS[0]) | {
        "importer_of_record": IMPORTER,
        "protest_number": PROTEST,
        "protest_type": "1",
        "protestant": IMPORTER,
        "protestant_role": "importer",
        "filed_on": _FILED,
        "against": "liquidation",
        "issue": "classification",
        "category": "8471",
        "accelerated": False,
        "further_review": False,
        "entries": entries,
    }


def _accepted(number: str, port: str) -> dict[str, Any]:
    tariff = {"htsus": "8471300100", "duty_cents": 0, "value_usd": 25_000, "quantities": []}
    line = {"line_id": "001", "article_set": "", "country_of_origin": "TW", "tariffs": [tariff]}
    envelope = _envelope("entry_summary_accepted", _ENTERED, number, port)
    totals = dict.fromkeys(("duty_cents", "fee_cents", "tax_cents", "ad_cents", "cvd_cents", "other_cents"), 0)
    return envelope | {
        "summary": {
            "entry_number": number,
            "version": "00100",
            "accepted_at": envelope["event_time"],
            "filer_code": number[:3],
            "port_of_entry": port,
            "entry_type": "01",
            "importer_of_record": IMPORTER,
            "entry_date": _ENTERED,
            "totals": totals,
            "lines": [line],
        }
    }


def _envelope(name: str, on: str, about: str, source: str) -> dict[str, Any]:
    identity = str(uuid5(_IDS, f"{name}/{about}"))
    return {"event_type": name, "event_id": identity, "event_time": f"{on}T15:00:00Z", "source": source}


class _Outputs:
    """Reads what is published about the importer, from now on."""

    def __init__(self, stage: Stage) -> None:
        names = stage.names
        topics = ("center-work-pending", "center-work-elsewhere", "importer-response")
        others = ("importer-placement", "placement-change", "event-refusal")
        self._codec = stage.where.codec
        self._key = account_key(IMPORTER).encode()
        self._consumer = AIOKafkaConsumer(
            *(names.center_work(slug) for slug in center_slugs()),
            *(names.of(name) for name in (*topics, *others)),
            bootstrap_servers=stage.where.bootstrap_servers,
            isolation_level="read_committed",
            **stage.where.client,
        )

    async def __aenter__(self) -> Self:
        """Connect, and go to where each topic ends now."""
        await self._consumer.start()
        try:
            await self._consumer.seek_to_end()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def new(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return name and fields of what was published about the importer since the last call."""
        found: list[tuple[str, Mapping[str, Any]]] = []
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._consumer.assignment())
        left = set(ends)
        while left:
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                found += [self._codec.decode(one.value) for one in records if one.key == self._key and one.value]
            left = {place for place in left if await self._consumer.position(place) < ends[place]}
        return found
