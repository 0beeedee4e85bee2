"""A piece of work as the fields of its record."""

from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from streams.customs.calendar import EPOCH
from streams.customs.cases import uuid5
from streams.customs.centers import centers
from streams.customs.clocks import Clock
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.events import Envelope
from streams.customs.outcomes import SnapshotDue, WorkItem
from streams.customs.placement import Standing
from streams.customs.policy import PlacementRules
from streams.customs.tariff import Day
from streams.customs.work import WORK_TYPES, clocks_of

Fields = dict[str, Any]

SLUGS: Final[dict[int, str]] = {center.id: center.slug for center in centers()}
"""Slug of each Center by its number; other desks have none."""

_WORK: Final = UUID("d0a5e6a3-3c49-5b7b-8a53-6f0f7f6f5a21").bytes


class Occasion(NamedTuple):
    """What one record brings about: its cause, whose account it is, the present, and the rules applied."""

    cause: Envelope
    account: str
    now_ms: int
    rules: PlacementRules
    today: Day

    def cause_fields(self) -> Fields:
        """Return the cause as fields."""
        cause = self.cause
        return {
            "event_id": cause.event_id or None,
            "topic": cause.topic,
            "partition": cause.partition,
            "offset": cause.offset,
            "event_at": cause.at_ms,
            "published_at": cause.published_ms,
            "processed_at": self.now_ms,
        }

    def name_of(self, what: str) -> str:
        """Return the UUID of something that this occasion publishes: the same whenever it happens again."""
        cause = self.cause
        return uuid_text(uuid5(_WORK, f"{cause.topic}/{cause.partition}/{cause.offset}/{what}"))


def uuid_text(data: bytes) -> str:
    """Return the 16 bytes of a UUID as text."""
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def work_fields(item: WorkItem, occasion: Occasion, cause: Fields, standing: Standing | None) -> Fields:
    """Return a piece of work as fields; `standing` is the importer's, for the reason why the work came here."""
    case, entry = item.case, item.entry
    work_type = WORK_TYPES[case.work_type]
    case_id = uuid_text(item.case_id)
    return {
        "work_id": occasion.name_of(f"{case_id}/{item.action}/{item.party}"),
        "case_id": case_id,
        "sequence": case.sequence,
        "assignment": case.assignment,
        "action": item.action,
        "work_type": work_type.name,
        "role": item.role,
        "party": item.party or None,
        "center": SLUGS.get(case.desk),
        "account_key": occasion.account,
        "importer_numbers": [entry.importer],
        "ports": entry.ports,
        "entries": [_entry_fields(item.entry_number, entry)],
        "clocks": [_clock_fields(clock) for clock in clocks_of(work_type, entry)],
        "why": {
            "rule": item.rule,
            "source": work_type.source,
            **_placement(standing if standing is not None and standing.center == case.desk else None),
            "policy_version": occasion.rules.policy.version,
            "coverage_version": occasion.rules.coverage.in_force(occasion.today).version,
        },
        "related_cases": (),
        "earlier_decisions": (),
        "caused_by": cause,
    }


def _placement(standing: Standing | None) -> Fields:
    """Return the ground on which a case is in its importer's Center; a case elsewhere has none to tell."""
    if standing is None or not standing.center:
        return {"placement_basis": None, "placement_since": None}
    return {"placement_basis": standing.basis, "placement_since": standing.effective_from or None}


def _entry_fields(number: str, entry: Entry) -> Fields:
    return {
        "entry_number": number,
        "generation": entry.generation,
        "version": entry.version or None,
        "port_of_entry": entry.ports[0] if entry.ports else None,
        "entry_type": entry.entry_type or None,
        "importer_of_record": entry.importer or None,
        "entry_date": entry_day(entry) or None,
        "import_date": entry.import_day or None,
        "liquidation_date": entry.reliquidated_day or entry.liquidated_day or entry.scheduled_day or None,
        "lines": (),
    }


@lru_cache(maxsize=8192)
def _clock_fields(clock: Clock) -> Fields:
    """Return a clock as fields; entries of one day share their clocks."""
    return {
        "name": clock.name,
        "kind": clock.kind,
        "started_by": clock.started_by,
        "started_on": (clock.started_on - EPOCH).days,
        "warn_by": (clock.warn_by - EPOCH).days,
        "closes_after": (clock.closes_after - EPOCH).days,
        "source": clock.source,
    }


def snapshot_head(snapshot: SnapshotDue, occasion: Occasion, cause: Fields) -> Fields:
    """Return all fields of a snapshot but the summary itself."""
    generation = snapshot.entry.generation
    return {
        "work_id": occasion.name_of(f"snapshot/{snapshot.desk}/{snapshot.entry_number}/{generation}"),
        "center": SLUGS.get(snapshot.desk),
        "account_key": occasion.account,
        "generation": generation,
        "caused_by": cause,
    }
