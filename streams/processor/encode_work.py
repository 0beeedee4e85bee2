"""Pieces of work, and the summaries that go before them, as bytes of their records.

Work items of one entry, of one day, of one port share most of what they say. So the record is written in groups of
fields (`WORK_GROUPS`), each by the writer that the contract makes from the schema, and groups that come again are
kept as they were written. A summary is handed on unread behind the head of its snapshot. Tests hold both against
the codec.
"""

from functools import lru_cache
from typing import Any, Final

from streams.contract.codec import Codec
from streams.contract.compiled import Writer, compiled_writer
from streams.contract.schemas import Definition, current_schema
from streams.customs.calendar import EPOCH
from streams.customs.case_clocks import clock_days, running_clocks
from streams.customs.cases import Case
from streams.customs.centers import centers
from streams.customs.clocks import Clock
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.outcomes import SnapshotDue, WorkItem
from streams.customs.placement import Standing
from streams.customs.tariff import Day
from streams.customs.work_types import WORK_TYPES
from streams.processor.occasion import Occasion

Fields = dict[str, Any]

SLUGS: Final[dict[int, str]] = {center.id: center.slug for center in centers()}
"""Slug of each Center by its number; other desks have none."""

WORK_GROUPS: Final = (
    ("work_id", "case_id"),
    ("sequence", "assignment"),
    ("action", "work_type", "role", "party", "center"),
    ("account_key", "importer_numbers", "ports"),
    ("entries",),
    ("clocks",),
    ("why",),
    ("related_cases", "earlier_decisions"),
    ("caused_by",),
)
CASE_GROUPS: Final = (
    ("case_id",),
    ("sequence", "assignment"),
    ("work_type", "taken", "opened_at", "center"),
    *WORK_GROUPS[3:],
)
"""An open case says of its entry, clocks, reason and cause what its last piece of work has said."""
ENTRY_GROUPS: Final = (
    ("entry_number",),
    ("generation", "version", "port_of_entry", "entry_type", "importer_of_record"),
    ("entry_date", "import_date", "liquidation_date"),
    ("lines",),
)
SNAPSHOT_GROUPS: Final = (("work_id",), ("center", "account_key", "generation"), ("caused_by",), ("summary",))

_MARKER: Final = b"\xc3\x01"
_HEADER: Final = 10
_FRAMED_HEADER: Final = 5
_KEPT: Final = 16_384
_UUID: Final = "H"
"""The length of a UUID's text, 36, as Avro writes it."""
_ONE_ITEM: Final = "\2"
_END: Final = "\0"
"""Around the only item of an array."""

_FILINGS: Final = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")


class WorkEncoder:
    """Writes pieces of work; make one and keep it."""

    def __init__(self, codec: Codec) -> None:
        work_item = current_schema("work_item").definition
        _, self._numbers, self._kind, self._account, _, *writers = _writers(work_item, WORK_GROUPS)
        self._running, self._reason, self._related, self._cause = writers
        self._entry_number, self._filing, self._dates, lines = _writers(_items_of(work_item, "entries"), ENTRY_GROUPS)
        self._no_lines = lines({"lines": ()})
        self._header = codec.header("work_item").decode("latin-1")
        self._standing = _writers(current_schema("open_case").definition, CASE_GROUPS)[2]
        self._case_header = codec.header("open_case").decode("latin-1")
        self._nothing_related = self._related({"related_cases": (), "earlier_decisions": ()})
        self._numbers_text = lru_cache(_KEPT)(self._write_numbers)
        self._kind_text = lru_cache(_KEPT)(self._write_kind)
        self._account_text = lru_cache(_KEPT)(self._write_account)
        self._filing_text = lru_cache(_KEPT)(self._write_filing)
        self._dates_text = lru_cache(_KEPT)(self._write_dates)
        self._clocks_text = lru_cache(_KEPT)(self._write_clocks)
        self._why_text = lru_cache(_KEPT)(self._write_why)
        self._entry: Entry | None = None
        self._about_entry = ""
        self._said_of: Case | None = None
        self._said_on: Occasion | None = None
        self._said = ""

    def encode(self, item: WorkItem, occasion: Occasion, standing: Standing | None) -> bytes:
        """Return a piece of work; `standing` is the importer's, for the reason why the work came here."""
        case, number = item.case, item.case.work_type
        identity = f"{item.case_id}/{case.sequence}/{item.action}/{item.party}"
        return (
            f"{self._header}{_UUID}{occasion.name_of(identity)}"
            f"{_UUID}{item.case_id}{self._numbers_text(case.sequence, case.assignment)}"
            f"{self._kind_text(item.action, number, item.role, item.party, item.desk)}"
            f"{self._rest(item, occasion, standing)}"
        ).encode("latin-1")

    def open_case(self, item: WorkItem, occasion: Occasion, standing: Standing | None) -> bytes:
        """Return the case of a piece of work as it stands."""
        case = item.case
        stands = self._standing(
            {
                "work_type": WORK_TYPES[case.work_type].name,
                "taken": case.taken,
                "opened_at": case.opened_ms,
                "center": SLUGS.get(case.desk),
            }
        )
        return (
            f"{self._case_header}{_UUID}{item.case_id}{self._numbers_text(case.sequence, case.assignment)}"
            f"{stands}{self._rest(item, occasion, standing)}"
        ).encode("latin-1")

    def _rest(self, item: WorkItem, occasion: Occasion, standing: Standing | None) -> str:
        """Return what the pieces of work of one case and the case itself say alike: entry, clocks, reason, cause."""
        if self._said_of is not item.case or self._said_on is not occasion:
            self._said_of, self._said_on = item.case, occasion
            self._said = self._write_rest(item, occasion, standing)
        return self._said

    def _write_rest(self, item: WorkItem, occasion: Occasion, standing: Standing | None) -> str:
        case, entry = item.case, item.entry
        number = case.work_type
        if self._entry is not entry:
            about = self._account_text(occasion.account, entry.importer, entry.ports)
            self._about_entry = about + self._entry_text(item.entry_number, entry)
            self._entry = entry
        placed: tuple[str | None, Day] = (None, 0)
        if standing is not None and case.desk in SLUGS:
            if standing.center == case.desk:
                placed = standing.basis, standing.effective_from
            elif standing.singly:
                placed = "broker_ior", 0
        rules = occasion.rules
        coverage = rules.coverage.in_force(occasion.today).version
        return (
            f"{self._about_entry}{self._clocks_text(number, clock_days(number, entry))}"
            f"{self._why_text(item.rule, number, placed, rules.policy.version, coverage)}"
            f"{self._nothing_related}{occasion.cause_text or self.cause_text(occasion)}"
        )

    def cause_text(self, occasion: Occasion) -> str:
        """Return the cause of an occasion as it is written in every record, and keep it there."""
        occasion.cause_text = self._cause({"caused_by": occasion.cause_fields()})
        return occasion.cause_text

    def _write_numbers(self, sequence: int, assignment: int) -> str:
        return self._numbers({"sequence": sequence, "assignment": assignment})

    def _write_kind(self, action: str, work_type: int, role: str, party: str, desk: int) -> str:
        name, center = WORK_TYPES[work_type].name, SLUGS.get(desk)
        kind = {"action": action, "work_type": name, "role": role, "party": party or None, "center": center}
        return self._kind(kind)

    def _write_account(self, account: str, importer: str, ports: tuple[str, ...]) -> str:
        importers = (importer,) if importer else ()
        return self._account({"account_key": account, "importer_numbers": importers, "ports": ports})

    def _entry_text(self, number: str, entry: Entry) -> str:
        """Return an entry as the only one that a piece of work is about."""
        filing = self._filing_text(entry.generation, entry.version, entry.ports, entry.entry_type, entry.importer)
        dates = self._dates_text(entry_day(entry), entry.import_day, liquidation_day(entry))
        return f"{_ONE_ITEM}{self._entry_number({'entry_number': number})}{filing}{dates}{self._no_lines}{_END}"

    def _write_filing(
        self, generation: int, version: str, ports: tuple[str, ...], entry_type: str, importer: str
    ) -> str:
        return self._filing(filing_fields(generation, version, ports, entry_type, importer))

    def _write_dates(self, entry_date: Day, import_date: Day, liquidation_date: Day) -> str:
        return self._dates(date_fields(entry_date, import_date, liquidation_date))

    def _write_clocks(self, work_type: int, days: tuple[Day, ...]) -> str:
        return self._running({"clocks": [clock_fields(clock) for clock in running_clocks(work_type, days)]})

    def _write_why(self, rule: str, work_type: int, placed: tuple[str | None, Day], policy: str, coverage: str) -> str:
        basis, since = placed
        why = {
            "rule": rule,
            "source": WORK_TYPES[work_type].source,
            "placement_basis": basis,
            "placement_since": since or None,
            "policy_version": policy,
            "coverage_version": coverage,
        }
        return self._reason({"why": why})


def entry_fields(number: str, entry: Entry) -> Fields:
    """Return what is said about an entry that a piece of work is about."""
    return {
        "entry_number": number,
        **filing_fields(entry.generation, entry.version, entry.ports, entry.entry_type, entry.importer),
        **date_fields(entry_day(entry), entry.import_day, liquidation_day(entry)),
        "lines": (),
    }


def filing_fields(generation: int, version: str, ports: tuple[str, ...], entry_type: str, importer: str) -> Fields:
    """Return what is said of how an entry was filed."""
    return {
        "generation": generation,
        "version": version or None,
        "port_of_entry": ports[0] if ports else None,
        "entry_type": entry_type or None,
        "importer_of_record": importer or None,
    }


def date_fields(entry_date: Day, import_date: Day, liquidation_date: Day) -> Fields:
    """Return what is said of the dates of an entry."""
    return {
        "entry_date": entry_date or None,
        "import_date": import_date or None,
        "liquidation_date": liquidation_date or None,
    }


def liquidation_day(entry: Entry) -> Day:
    """Return the day of an entry's latest liquidation, or for which CBP has scheduled it; 0 if there is none."""
    return entry.reliquidated_day or entry.liquidated_day or entry.scheduled_day


def clock_fields(clock: Clock) -> Fields:
    """Return a running clock as fields."""
    return clock._asdict() | {
        "started_on": (clock.started_on - EPOCH).days,
        "warn_by": (clock.warn_by - EPOCH).days,
        "closes_after": (clock.closes_after - EPOCH).days,
    }


class SnapshotEncoder:
    """Puts summaries, as they came in their events, behind the heads of snapshots."""

    def __init__(self, codec: Codec, work: WorkEncoder) -> None:
        self._codec = codec
        self._work = work
        _, self._importer, _, _ = _writers(current_schema("entry_summary_snapshot").definition, SNAPSHOT_GROUPS)
        self._importer_text = lru_cache(_KEPT)(self._write_importer)
        self._header = codec.header("entry_summary_snapshot").decode("latin-1")
        carried = _last_field("entry_summary_snapshot")
        as_they_are = [name for name in _FILINGS if _last_field(name) == carried]
        self._begins = {_MARKER + current_schema(name).fingerprint: _HEADER for name in as_they_are}
        self._begins |= {codec.header(name): len(codec.header(name)) for name in as_they_are}

    def encode(self, snapshot: SnapshotDue, occasion: Occasion) -> bytes:
        """Return a whole snapshot. An event of another version of the schema is read and written by the codec."""
        desk, generation, body = snapshot.desk, snapshot.entry.generation, snapshot.body
        work_id = occasion.name_of(f"snapshot/{desk}/{snapshot.entry_number}/{generation}")
        begins = self._begins.get(body[:_HEADER]) or self._begins.get(body[:_FRAMED_HEADER])
        if begins is None:
            head = {"work_id": work_id, **_importer_fields(desk, occasion.account, generation)}
            head["caused_by"] = occasion.cause_fields()
            return self._codec.encode_with_last_of(body, "entry_summary_snapshot", head)
        importer = self._importer_text(desk, occasion.account, generation)
        cause = occasion.cause_text or self._work.cause_text(occasion)
        head_text = f"{self._header}{_UUID}{work_id}{importer}{cause}"
        return head_text.encode("latin-1") + body[_summary_at(body, begins) :]

    def _write_importer(self, desk: int, account: str, generation: int) -> str:
        return self._importer(_importer_fields(desk, account, generation))


def _importer_fields(desk: int, account: str, generation: int) -> Fields:
    return {"center": SLUGS.get(desk), "account_key": account, "generation": generation}


def _summary_at(event: bytes, begins: int) -> int:
    """Return where the summary begins in an event: behind event id, time and source."""
    at = _after_text(event, begins)
    while event[at] & 0x80:
        at += 1
    return _after_text(event, at + 1)


def _after_text(data: bytes, at: int) -> int:
    length = shift = 0
    while data[at] & 0x80:
        length |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
    return at + 1 + ((length | data[at] << shift) >> 1)


def _items_of(definition: Definition, name: str) -> Definition:
    """Return the schema of the records in an array of a record."""
    [items] = [field["type"]["items"] for field in definition["fields"] if field["name"] == name]
    found: Definition = items
    return found


def _writers(definition: Definition, groups: tuple[tuple[str, ...], ...]) -> list[Writer]:
    """Return a writer for each group of a record's fields."""
    fields = {field["name"]: field for field in definition["fields"]}
    assert tuple(fields) == tuple(field for group in groups for field in group), "the groups are the record's fields"
    return [compiled_writer(definition | {"fields": [fields[field] for field in group]}) for group in groups]


def _last_field(name: str) -> Fields:
    last: Fields = current_schema(name).definition["fields"][-1]["type"]
    return last
