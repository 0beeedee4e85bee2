"""A piece of work as bytes of its record.

Work items of one entry, and of one day, share most of what they say. So the record is written in groups of fields
(`GROUPS`), each by the writer that the contract makes from the schema, and the groups that come again are kept as
they were written. What all groups say together is what the schema says; a test holds it against the codec.
"""

from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from streams.contract.compiled import Writer, compiled_writer, write_long
from streams.contract.schemas import current_schema
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
from streams.customs.work import WORK_TYPES, clock_days, running_clocks

Fields = dict[str, Any]

SLUGS: Final[dict[int, str]] = {center.id: center.slug for center in centers()}
"""Slug of each Center by its number; other desks have none."""

_MARKER: Final = b"\xc3\x01"
_WORK: Final = UUID("d0a5e6a3-3c49-5b7b-8a53-6f0f7f6f5a21").bytes
_KEPT: Final = 16_384
_UUID: Final = "H"
"""The length of a UUID's text, 36, as Avro writes it."""

GROUPS: Final = (
    ("work_id", "case_id", "sequence", "assignment"),
    ("action", "work_type", "role", "party", "center"),
    ("account_key", "importer_numbers", "ports", "entries"),
    ("clocks",),
    ("why",),
    ("related_cases", "earlier_decisions"),
    ("caused_by",),
)


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
        return uuid5(_WORK, f"{cause.topic}/{cause.partition}/{cause.offset}/{what}")


class _Last(NamedTuple):
    """A value and how it was written last."""

    value: object
    text: str


class WorkEncoder:
    """Writes pieces of work; make one and keep it."""

    def __init__(self) -> None:
        schema = current_schema("work_item")
        self._header = (_MARKER + schema.fingerprint).decode("latin-1")
        _, self._kind, self._about, self._running, self._reason, self._related, self._cause = _writers(
            schema.definition
        )
        self._nothing_related = self._related({"related_cases": (), "earlier_decisions": ()})
        self._kind_text = lru_cache(_KEPT)(self._write_kind)
        self._clocks_text = lru_cache(_KEPT)(self._write_clocks)
        self._why_text = lru_cache(_KEPT)(self._write_why)
        self._last_about = self._last_cause = _Last(None, "")

    def encode(self, item: WorkItem, occasion: Occasion, cause: Fields, standing: Standing | None) -> bytes:
        """Return a piece of work; `standing` is the importer's, for the reason why the work came here.

        `cause` are the fields of the occasion's cause: the same object for all that one record brings about.
        """
        case, entry = item.case, item.entry
        work_type = WORK_TYPES[case.work_type]
        work_id = occasion.name_of(f"{item.case_id}/{item.action}/{item.party}")
        days = clock_days(case.work_type, entry)
        if self._last_cause.value is not cause:
            self._last_cause = _Last(cause, self._cause({"caused_by": cause}))
        if self._last_about.value is not entry:
            self._last_about = _Last(entry, self._about(_about_fields(item.entry_number, entry, occasion.account)))
        here = standing if standing is not None and standing.center == case.desk else None
        policy = occasion.rules.policy.version
        coverage = occasion.rules.coverage.in_force(occasion.today).version
        placed = (here.basis, here.effective_from) if here is not None and here.center else (None, 0)
        return (
            f"{self._header}{_UUID}{work_id}{_UUID}{item.case_id}"
            f"{write_long(case.sequence)}{write_long(case.assignment)}"
            f"{self._kind_text(item.action, work_type.name, item.role, item.party, case.desk)}"
            f"{self._last_about.text}"
            f"{self._clocks_text(case.work_type, days)}"
            f"{self._why_text(item.rule, work_type.source, placed, policy, coverage)}"
            f"{self._nothing_related}{self._last_cause.text}"
        ).encode("latin-1")

    def _write_kind(self, action: str, work_type: str, role: str, party: str, desk: int) -> str:
        return self._kind(
            {
                "action": action,
                "work_type": work_type,
                "role": role,
                "party": party or None,
                "center": SLUGS.get(desk),
            }
        )

    def _write_clocks(self, work_type: int, days: tuple[Day, ...]) -> str:
        return self._running({"clocks": [_clock_fields(clock) for clock in running_clocks(work_type, days)]})

    def _write_why(self, rule: str, source: str, placed: tuple[str | None, Day], policy: str, coverage: str) -> str:
        basis, since = placed
        return self._reason(
            {
                "why": {
                    "rule": rule,
                    "source": source,
                    "placement_basis": basis,
                    "placement_since": since or None,
                    "policy_version": policy,
                    "coverage_version": coverage,
                }
            }
        )


def _writers(definition: Fields) -> list[Writer]:
    """Return a writer for each group of fields."""
    fields = {field["name"]: field for field in definition["fields"]}
    assert tuple(fields) == tuple(name for group in GROUPS for name in group), "the groups are the record's fields"
    return [compiled_writer(definition | {"fields": [fields[name] for name in group]}) for group in GROUPS]


def _about_fields(number: str, entry: Entry, account: str) -> Fields:
    about = {
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
    return {
        "account_key": account,
        "importer_numbers": (entry.importer,) if entry.importer else (),
        "ports": entry.ports,
        "entries": (about,),
    }


def _clock_fields(clock: Clock) -> Fields:
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
