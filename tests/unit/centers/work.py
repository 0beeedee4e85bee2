"""Work items and snapshots to read in tests, as a processor writes them."""

import uuid
from typing import Any, Final

from streams.contract.codec import Codec

Fields = dict[str, Any]
CODEC: Final = Codec()
DAY: Final = 20_600
INSTANT: Final = DAY * 86_400_000
ACCOUNT: Final = "12-3456789"


def cause(number: int = 0) -> Fields:
    """Return what caused a record."""
    return {
        "event_id": str(uuid.UUID(int=number)),
        "topic": "entry-summary-event",
        "partition": 0,
        "offset": number,
        "event_at": INSTANT,
        "published_at": INSTANT,
        "processed_at": INSTANT,
    }


def item(number: int, *, work_type: str = "entry_summary_review", ports: tuple[str, ...] = ("2720",)) -> Fields:
    """Return the fields of a work item; `number` makes its id."""
    entry = {
        "entry_number": "B7603245278", "generation": 0, "version": "00100", "port_of_entry": ports[0],
        "entry_type": "01", "importer_of_record": "12-345678900", "entry_date": DAY, "import_date": DAY,
        "liquidation_date": None, "lines": [],
    }  # fmt: skip
    return {
        "work_id": str(uuid.UUID(int=number)),
        "case_id": str(uuid.UUID(int=number + 1_000_000)),
        "sequence": 1,
        "assignment": 1,
        "action": "opened",
        "work_type": work_type,
        "role": "owner",
        "party": None,
        "center": "electronics",
        "account_key": ACCOUNT,
        "importer_numbers": ["12-345678900"],
        "ports": list(ports),
        "entries": [entry],
        "clocks": [],
        "why": {
            "rule": "entry_summary_accepted", "source": "81 FR 92978", "placement_basis": "predominant_goods",
            "placement_since": DAY, "policy_version": "1", "coverage_version": "1",
        },
        "related_cases": [],
        "earlier_decisions": [],
        "caused_by": cause(number),
    }  # fmt: skip


def snapshot(number: int) -> Fields:
    """Return the fields of a snapshot."""
    totals = dict.fromkeys(("duty_cents", "fee_cents", "tax_cents", "ad_cents", "cvd_cents", "other_cents"), 0)
    tariff = {"htsus": "8471300100", "duty_cents": 0, "value_usd": 25_000, "quantities": []}
    line = {
        "line_id": "001", "article_set": "", "country_of_origin": "TW", "tariffs": [tariff], "ad_cvd": [], "fees": [],
    }  # fmt: skip
    summary = {
        "entry_number": "B7603245278", "version": "00100", "accepted_at": INSTANT, "filer_code": "B76",
        "port_of_entry": "2720", "entry_type": "01", "importer_of_record": "12-345678900", "psc_reasons": [],
        "census_warnings": [], "estimated_entry_date": DAY, "totals": totals, "lines": [line],
    }  # fmt: skip
    return {
        "work_id": str(uuid.UUID(int=number)),
        "center": "electronics",
        "account_key": ACCOUNT,
        "generation": 0,
        "caused_by": cause(number),
        "summary": summary,
    }


def item_bytes(number: int, **fields: Any) -> bytes:
    """Return a work item as it stands in the topic."""
    return CODEC.encode("work_item", item(number, **fields))


def snapshot_bytes(number: int) -> bytes:
    """Return a snapshot as it stands in the topic."""
    return CODEC.encode("entry_summary_snapshot", snapshot(number))
