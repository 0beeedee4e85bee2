"""Pieces of work, and open cases as they stand, as bytes of their records.

Work items of one entry, of one day, of one port share most of what they say. So the record is written in groups of
fields (`WORK_GROUPS`), each by the writer that the contract makes from the schema, and groups that come again are
kept as they were written. Tests hold them against the codec.
"""

from functools import lru_cache
from typing import Final

from streams.contract.codec import Codec
from streams.contract.schemas import current_schema
from streams.customs.calendar import EPOCH
from streams.customs.case_clocks import clock_days, running_clocks
from streams.customs.cases import Case
from streams.customs.centers import centers
from streams.customs.clocks import Clock
from streams.customs.entry_summary import Entry
from streams.customs.outcomes import WorkItem
from streams.customs.placement import Standing
from streams.customs.tariff import Day
from streams.customs.work_types import WORK_TYPES
from streams.processor.encode_entry import EntryWriter
from streams.processor.occasion import Occasion
from streams.processor.record_groups import KEPT, UUID_LENGTH, Fields, group_writers

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


class WorkEncoder:
    """Writes pieces of work; make one and keep it."""

    def __init__(self, codec: Codec) -> None:
        work_item = current_schema("work_item").definition
        _, self._numbers, self._kind, self._account, _, *writers = group_writers(work_item, WORK_GROUPS)
        self._running, self._reason, self._related, self._cause = writers
        self._entry_writer = EntryWriter(work_item)
        self._header = codec.header("work_item").decode("latin-1")
        self._standing = group_writers(current_schema("open_case").definition, CASE_GROUPS)[2]
        self._case_header = codec.header("open_case").decode("latin-1")
        self._nothing_related = self._related({"related_cases": (), "earlier_decisions": ()})
        self._numbers_text = lru_cache(KEPT)(self._write_numbers)
        self._kind_text = lru_cache(KEPT)(self._write_kind)
        self._account_text = lru_cache(KEPT)(self._write_account)
        self._clocks_text = lru_cache(KEPT)(self._write_clocks)
        self._why_text = lru_cache(KEPT)(self._write_why)
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
            f"{self._header}{UUID_LENGTH}{occasion.name_of(identity)}"
            f"{UUID_LENGTH}{item.case_id}{self._numbers_text(case.sequence, case.assignment)}"
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
            f"{self._case_header}{UUID_LENGTH}{item.case_id}{self._numbers_text(case.sequence, case.assignment)}"
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
            self._about_entry = about + self._entry_writer.text(item.entry_number, entry)
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


def clock_fields(clock: Clock) -> Fields:
    """Return a running clock as fields."""
    return clock._asdict() | {
        "started_on": (clock.started_on - EPOCH).days,
        "warn_by": (clock.warn_by - EPOCH).days,
        "closes_after": (clock.closes_after - EPOCH).days,
    }
