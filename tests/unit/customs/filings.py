"""Short ways to say what the trade files, CBP notifies and Centers decide, as the rules see it."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from streams.customs.events import EntryLiquidated, Envelope
from streams.customs.facts_known import Fact
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import FactNoted
from streams.customs.matters import Matter
from streams.customs.outcomes import Answered, MatterItem, Outcome, Refused, Resulted
from streams.customs.trade_events import (
    AdviceGiven,
    CaseEvent,
    ClaimFiled,
    DecidedEntry,
    InformationRequested,
    InquiryReceived,
    NoticeIssued,
    PartyAnswered,
    PetitionDecided,
    PetitionFiled,
    ProtestAmended,
    ProtestedEntry,
    ProtestFiled,
    ProtestRequested,
    ProtestWithdrawn,
    WorkClosed,
    WorkDecided,
    WorkTaken,
)
from streams.customs.work_types import WORK_TYPES, WorkType
from tests.unit.customs.kit import ELECTRONICS, ENTRY, IMPORTER, Account, at, day, entry_numbers, summary

NUMBERS: Final = [number for number, _ in zip(entry_numbers(), range(12), strict=False)]
PROTEST: Final = "270426000001"
LIQUIDATED: Final = "2026-11-13"
FILED: Final = "2026-12-01"


def told_at(when: str, *said: object, source: str = "2704") -> Envelope:
    """Return an envelope; its event id follows from the time and what is said."""
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{when}/{said}"))
    instant = at(when if "T" in when else f"{when}T15:00:00")
    return Envelope(name, instant, source, "entry-summary-event", 0, 0, instant)


def liquidated(
    number: str = ENTRY, on: str = LIQUIDATED, kind: Kind = Kind.LIQUIDATED, **changed: Any
) -> EntryLiquidated:
    """Return a liquidation or reliquidation."""
    plain: dict[str, Any] = {"ground": "", "issues": (), "difference_cents": 0}
    return EntryLiquidated(told_at(on, number, kind), kind, number, day(on), **plain | changed)


def reliquidated(on: str, issues: tuple[str, ...] = (), **changed: Any) -> EntryLiquidated:
    """Return a reliquidation of the entry."""
    return liquidated(ENTRY, on, Kind.RELIQUIDATED, **{"ground": "voluntary", "issues": issues} | changed)


def noted(fact: Fact, when: str, on: str = "", number: str = ENTRY) -> FactNoted:
    """Return a rarer fact of an entry."""
    return FactNoted(told_at(when, fact, number), fact, number, day(on or when), fact.name.lower())


def listed(number: str, liquidated_on: str = "", port: str = "") -> ProtestedEntry:
    """Return an entry as a protest lists it."""
    return ProtestedEntry(number, port, day(liquidated_on) if liquidated_on else 0)


def protest(*entries: str | ProtestedEntry, when: str = FILED, number: str = PROTEST, **changed: Any) -> ProtestFiled:
    """Return a protest of the importer against the liquidation of entries."""
    plain: dict[str, Any] = {
        "cause": told_at(when, number),
        "number": number,
        "importer": IMPORTER,
        "protest_type": "1",
        "protestant": IMPORTER,
        "role": "importer",
        "filed_day": day(when),
        "against": "liquidation",
        "decision_day": 0,
        "issue": "classification",
        "category": "8471",
        "accelerated": False,
        "further_review": False,
        "entries": tuple(one if isinstance(one, ProtestedEntry) else listed(one) for one in entries),
    }
    return ProtestFiled(**plain | changed)


def amended(*entries: str, when: str = "2026-12-05", number: str = PROTEST, issue: str = "") -> ProtestAmended:
    """Return an amendment of a protest."""
    return ProtestAmended(
        told_at(when, number, entries, issue), number, day(when), tuple(listed(one) for one in entries), issue
    )


def withdrawn(when: str = "2026-12-06", number: str = PROTEST) -> ProtestWithdrawn:
    """Return the withdrawal of a protest."""
    return ProtestWithdrawn(told_at(when, number, "withdrawn"), number, day(when))


def requested(request: str, when: str = "2026-12-07", number: str = PROTEST) -> ProtestRequested:
    """Return a request that goes with a protest."""
    return ProtestRequested(told_at(when, number, request), number, request, day(when))


def notice(kind: str, when: str = "2026-03-10", number: str = ENTRY, **changed: Any) -> NoticeIssued:
    """Return a notice of CBP."""
    plain: dict[str, Any] = {
        "cause": told_at(when, kind, number, changed),
        "entry_number": number,
        "importer": IMPORTER,
        "notice_id": f"N-{kind}",
        "kind": kind,
        "issued_day": day(when),
        "mailed_day": 0,
        "due_day": 0,
        "port": "",
        "further_entries": (),
        "issue": "",
        "heading": "",
        "lines": (),
        "ground": "",
        "examined_at": "",
        "examined_day": 0,
    }
    return NoticeIssued(**plain | changed)


def answered(kind: str = "", notice_id: str = "", when: str = "2026-03-20") -> PartyAnswered:
    """Return an answer of the importer."""
    return PartyAnswered(told_at(when, kind, notice_id, "answer"), ENTRY, IMPORTER, notice_id, kind, day(when))


def claim(kind: str, when: str = "2026-04-10", number: str = "C-1", **changed: Any) -> ClaimFiled:
    """Return a claim or declaration."""
    plain: dict[str, Any] = {
        "cause": told_at(when, kind, number),
        "number": number,
        "kind": kind,
        "importer": IMPORTER,
        "filed_day": day(when),
        "import_day": 0,
        "entries": (ENTRY,),
        "htsus": "",
    }
    return ClaimFiled(**plain | changed)


def petition(kind: str = "penalty", when: str = "2026-04-01", number: str = "P-1", **changed: Any) -> PetitionFiled:
    """Return a petition."""
    plain: dict[str, Any] = {
        "cause": told_at(when, kind, number),
        "number": number,
        "kind": kind,
        "importer": IMPORTER,
        "notice_id": "",
        "port": "2704",
        "filed_day": day(when),
        "entries": (ENTRY,),
    }
    return PetitionFiled(**plain | changed)


def petition_decided(when: str = "2026-05-01", number: str = "P-1") -> PetitionDecided:
    """Return a port's decision on a petition."""
    return PetitionDecided(told_at(when, number, "decided"), number, day(when), "mitigated", "To a tenth.")


def inquiry(when: str = "2026-03-10", number: str = "Q-1", **changed: Any) -> InquiryReceived:
    """Return a question of the trade; it names nothing unless told."""
    plain: dict[str, Any] = {
        "cause": told_at(when, number),
        "number": number,
        "importer": "",
        "received_day": day(when),
        "entry_number": "",
        "htsus": "",
        "industry": "",
        "port": "",
    }
    return InquiryReceived(**plain | changed)


# --- what Centers decide --------------------------------------------------------------------------------------


def about(
    case_id: str, assignment: int = 1, center: int = ELECTRONICS, when: str = "2027-01-15", word: str = ""
) -> CaseEvent:
    """Return which case a Center speaks of."""
    return CaseEvent(told_at(when, case_id, assignment, word, source="electronics"), center, case_id, assignment)


def taken(case_id: str, **changed: Any) -> WorkTaken:
    """Return that a Center took a case up."""
    return WorkTaken(about(case_id, word="taken", **changed))


def decided(
    case_id: str,
    decision: str = "approved",
    when: str = "2027-01-15",
    issue: str = "",
    heading: str = "",
    entries: Sequence[DecidedEntry] = (),
    **changed: Any,
) -> WorkDecided:
    """Return a Center's decision."""
    where = about(case_id, when=when, word=decision, **changed)
    return WorkDecided(where, decision, day(when), issue, heading, tuple(entries), "Because.")


def closed(case_id: str, when: str = "2027-01-15", **changed: Any) -> WorkClosed:
    """Return that a Center closed a case."""
    return WorkClosed(about(case_id, when=when, word="closed", **changed), day(when))


def asked(
    case_id: str, kind: str = "form_28", notice_id: str = "N-9", when: str = "2027-01-15"
) -> InformationRequested:
    """Return that a Center asks the importer for something."""
    return InformationRequested(about(case_id, when=when, word=kind), kind, notice_id, day(when), 0)


def advised(case_id: str, given_by: str = "headquarters", when: str = "2027-01-15") -> AdviceGiven:
    """Return that advice was given."""
    return AdviceGiven(about(case_id, when=when, word=given_by), given_by, day(when))


# --- what has come of it --------------------------------------------------------------------------------------


def with_entries(*numbers: str, on: str = LIQUIDATED) -> Account:
    """Return an account with accepted summaries, each at a port of its own, liquidated on a day if one is given."""
    account = Account()
    for at_port, number in enumerate(numbers):
        account.tell(summary(number=number, ports=(f"{1101 + at_port}",)))
    for number in numbers if on else ():
        account.tell(liquidated(number, on))
    return account


def matter(account: Account, work_type: WorkType) -> tuple[str, Matter]:
    """Return the one open matter of a work type."""
    [found] = [(name, one) for name, one in account.books.matters.items() if one.work_type == work_type.number]
    return found


def matters_of(account: Account, work_type: WorkType) -> list[Matter]:
    """Return the open matters of a work type in the order in which they were opened."""
    return [one for one in account.books.matters.values() if one.work_type == work_type.number]


def case_of(account: Account, work_type: WorkType) -> str:
    """Return the name of the one open case of a work type of entries."""
    [found] = [name for name, one in account.books.cases.items() if one.work_type == work_type.number]
    return found


def heard(outcomes: Sequence[Outcome]) -> list[tuple[str, str, str]]:
    """Return work type, action and role of every piece of work about a matter."""
    items = [one for one in outcomes if isinstance(one, MatterItem)]
    return [(WORK_TYPES[one.matter.work_type].name, one.action.value, one.role.value) for one in items]


def rules_of(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the rules by which something was refused."""
    return [one.rule.name for one in outcomes if isinstance(one, Refused)]


def answers(outcomes: Sequence[Outcome]) -> list[Answered]:
    """Return the responses to the importer."""
    return [one for one in outcomes if isinstance(one, Answered)]


def results(outcomes: Sequence[Outcome]) -> list[tuple[str, str, str, str]]:
    """Return of each entry's result its number, its port, what it is, and the rule that a refused one breaks."""
    told = [one for one in outcomes if isinstance(one, Resulted)]
    return [(one.entry_number, one.port, one.result, one.rule.name if one.rule else "") for one in told]
