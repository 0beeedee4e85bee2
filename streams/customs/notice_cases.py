"""CBP's notices to importers and their answers: each notice is a case, or joins the open one about the same thing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.clocks import Period
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.facts import wait
from streams.customs.facts_known import Fact
from streams.customs.filing_rules import CASE_HOLDS_AT_MOST, KNOWN_NOTICE, UNKNOWN_DISCLOSURE
from streams.customs.liquidation import FactNoted, note_fact
from streams.customs.matter_clerk import Brief, MatterClerk, joining_name
from streams.customs.matters import MOST_ENTRIES, MOST_LINES, Matter, Running, has_room, merged, running
from streams.customs.notice_periods import (
    BILL,
    DAMAGES_PETITION,
    DISCLOSURE_TENDER,
    FORM_28,
    FORM_29,
    MARKING_REDELIVERY,
    PENALTY_PETITION,
    RECORDS,
    REFUND,
    TEXTILE_REDELIVERY,
)
from streams.customs.outcomes import Ignored, Refused
from streams.customs.tariff import Day
from streams.customs.trade_events import NoticeIssued, PartyAnswered
from streams.customs.work import Action
from streams.customs.work_types import (
    APPRAISEMENT_DECISION,
    BILL_ISSUED,
    BOND_SUFFICIENCY,
    CLASSIFICATION_DECISION,
    INFORMATION_REQUEST,
    INTERNAL_ADVICE,
    IPR,
    LABEL_OPPORTUNITY,
    LIQUIDATED_DAMAGES,
    MARKING_NOTICE,
    NOTICE_OF_ACTION,
    ORIGIN_DECISION,
    PENALTY,
    RECORDS_DEMAND,
    REDELIVERY_NOTICE,
    REFUND_DUE,
    WorkType,
)

_KINDS: Final[Mapping[str, WorkType]] = MappingProxyType(
    {
        "form_28": INFORMATION_REQUEST,
        "form_29_proposed": NOTICE_OF_ACTION,
        "form_29_taken": NOTICE_OF_ACTION,
        "form_4647": MARKING_NOTICE,
        "redelivery": REDELIVERY_NOTICE,
        "label_opportunity": LABEL_OPPORTUNITY,
        "ipr": IPR,
        "internal_advice": INTERNAL_ADVICE,
        "bond_insufficient": BOND_SUFFICIENCY,
        "bill": BILL_ISSUED,
        "refund": REFUND_DUE,
        "penalty": PENALTY,
        "liquidated_damages": LIQUIDATED_DAMAGES,
        "records_demand": RECORDS_DEMAND,
    }
)
QUESTIONS: Final[Mapping[str, WorkType]] = MappingProxyType(
    {
        "classification": CLASSIFICATION_DECISION,
        "value": APPRAISEMENT_DECISION,
        "origin": ORIGIN_DECISION,
        "preference": ORIGIN_DECISION,
        "marking": MARKING_NOTICE,
    }
)
"""What a question about lines is decided as; a question of another kind is a request for information."""

_BEFORE_A_SUMMARY: Final = frozenset({"penalty", "liquidated_damages"})
"""Notices that may be about an entry whose summary never came."""

_JOINING: Final = frozenset(
    {
        INFORMATION_REQUEST,
        NOTICE_OF_ACTION,
        MARKING_NOTICE,
        CLASSIFICATION_DECISION,
        APPRAISEMENT_DECISION,
        ORIGIN_DECISION,
    }
)
"""Work types whose cases take further notices of the same issue and heading in: ten ports ask, one case."""


class Notice(NamedTuple):
    """A notice with its work type and its clocks."""

    work_type: WorkType
    clocks: tuple[Running, ...]
    reference: str


def issue_notice(work: AccountWork, event: NoticeIssued) -> None:
    """Take a notice: it opens a case, or joins the open one of the same issue and heading."""
    name = f"notice/{event.kind}/{event.notice_id}"
    if work.books.note(name):
        work.out.append(Ignored(None, event.entry_number))
        return
    entry = work.entry(event.entry_number)
    if entry is None:
        return
    if not entry.version and not (entry.filed_ms and event.kind in _BEFORE_A_SUMMARY):
        wait(work, event.entry_number, entry)
        return
    if event.kind == "unpaid_amount":
        _start_tender(work, event, name)
        return
    if len(_numbers(event)) > MOST_ENTRIES or len(event.lines) > MOST_LINES:
        work.out.append(Refused(CASE_HOLDS_AT_MOST, event.entry_number))
        return
    work_type = QUESTIONS.get(event.issue, INFORMATION_REQUEST) if event.kind == "question" else _KINDS[event.kind]
    notice = Notice(work_type, _clocks(event, entry), _reference(event, entry))
    case_id = _open_or_join(work, event, notice)
    if case_id:
        work.books.keep_note(name, case_id)


def _reference(event: NoticeIssued, entry: Entry) -> str:
    """Return what a notice's case is named after: bills and refunds after their entry, which liquidation names too."""
    if event.kind in {"bill", "refund"}:
        return money_reference(event.entry_number, entry.generation)
    return f"{event.kind}/{event.notice_id}"


def money_reference(entry_number: str, generation: int) -> str:
    """Return what the case of a bill or refund is named after."""
    return f"liquidation/{entry_number}/{generation}"


def _clocks(event: NoticeIssued, entry: Entry) -> tuple[Running, ...]:
    """Return the clocks that a notice starts; a last day that it names itself stands above the period."""
    period, day = _period(event, entry)
    return (running(period, day, event.due_day),) if period is not None and day else ()


def _period(event: NoticeIssued, entry: Entry) -> tuple[Period | None, Day]:  # noqa: C901, PLR0911 - one answer a kind
    mailed = event.mailed_day or event.issued_day
    match event.kind:
        case "form_28":
            return FORM_28, event.issued_day
        case "form_29_proposed":
            return FORM_29, mailed
        case "form_4647":
            return MARKING_REDELIVERY, _examined(event, entry)
        case "redelivery" if event.ground == "marking":
            return MARKING_REDELIVERY, _examined(event, entry)
        case "redelivery" if event.ground == "textiles":
            return TEXTILE_REDELIVERY, entry_day(entry)
        case "bill":
            return BILL, event.issued_day
        case "refund":
            return REFUND, entry.reliquidated_day or entry.liquidated_day or event.issued_day
        case "penalty":
            return PENALTY_PETITION, mailed
        case "liquidated_damages":
            return DAMAGES_PETITION, mailed
        case "records_demand":
            return RECORDS, entry_day(entry)
    return None, 0


def _examined(event: NoticeIssued, entry: Entry) -> Day:
    """Return from when a marking demand counts: the examination at the importer's premises, else the entry date."""
    if event.examined_at == "premises" and event.examined_day:
        return event.examined_day
    return entry_day(entry)


def _numbers(event: NoticeIssued) -> tuple[str, ...]:
    """Return all entries that a notice is about."""
    return merged((event.entry_number,), event.further_entries)


def _open_or_join(work: AccountWork, event: NoticeIssued, notice: Notice) -> str:
    """Return the case that a notice opens or joins; empty where it is the only one that could be, and full."""
    clerk = MatterClerk(work)
    brief = _brief(work, event, notice)
    rule = f"notice_issued/{event.kind}"
    name = joining_name(notice.work_type, event.issue, event.heading) if notice.work_type in _JOINING else ""
    own = clerk.find(notice.work_type, brief.reference, event.importer)
    found = own or _leading(work, name)
    if found is not None and has_room(found[1], len(brief.entries), len(brief.lines)):
        clerk.tell(found[0], taken_in(found[1], brief), Action.UPDATED, rule)
        return found[0]
    if own is not None:
        work.out.append(Refused(CASE_HOLDS_AT_MOST, event.entry_number))
        return ""
    case_id = clerk.open(notice.work_type, brief, rule)
    if name:
        work.books.keep_note(name, case_id)
    return case_id


def _leading(work: AccountWork, name: str) -> tuple[str, Matter] | None:
    """Return the open case that takes further notices of its issue and heading in."""
    case_id = work.books.note(name) if name else ""
    matter = work.books.matter(case_id) if case_id else None
    return None if matter is None else (case_id, matter)


def taken_in(matter: Matter, brief: Brief) -> Matter:
    """Return a case with a notice more; where it starts the same clock again, the later one counts."""
    started = {one.period for one in brief.clocks}
    kept = tuple(one for one in matter.clocks if one.period not in started)
    return matter._replace(
        references=merged(matter.references, (brief.reference,)),
        importers=merged(matter.importers, brief.importers),
        ports=merged(matter.ports, brief.ports),
        entries=(*matter.entries, *(one for one in brief.entries if one not in matter.entries)),
        lines=merged(matter.lines, brief.lines),
        clocks=(*kept, *_latest(matter.clocks, brief.clocks)),
    )


def _latest(present: tuple[Running, ...], new: tuple[Running, ...]) -> tuple[Running, ...]:
    before = {one.period: one for one in present}
    return tuple(max(one, before.get(one.period, one), key=lambda clock: clock.started_on) for one in new)


def _brief(work: AccountWork, event: NoticeIssued, notice: Notice) -> Brief:
    entries, ports = known_entries(work, _numbers(event))
    port = (event.port,) if event.port else ()
    return Brief(
        notice.reference,
        (event.importer,),
        merged(port, ports),
        entries,
        event.issue,
        event.heading,
        event.lines,
        notice.clocks,
    )


def known_entries(work: AccountWork, numbers: tuple[str, ...]) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Return entries with their generations, and their ports of entry."""
    found = [(number, work.books.entry(number) or Entry()) for number in numbers]
    ports = merged((), tuple(entry.ports[0] for _, entry in found if entry.ports))
    return tuple((number, entry.generation) for number, entry in found), ports


def _start_tender(work: AccountWork, event: NoticeIssued, name: str) -> None:
    """Start the time in which who disclosed a violation tenders what CBP says is unpaid."""
    case_id = work.books.note("disclosure")
    matter = work.books.matter(case_id) if case_id else None
    if matter is None:
        work.out.append(Refused(UNKNOWN_DISCLOSURE, event.entry_number))
        return
    clocks = (running(DISCLOSURE_TENDER, event.issued_day, event.due_day),)
    MatterClerk(work).tell(case_id, matter._replace(clocks=clocks), Action.UPDATED, "notice_issued/unpaid_amount")
    work.books.keep_note(name, case_id)


def answer(work: AccountWork, event: PartyAnswered) -> None:
    """Take an answer of the trade: the clock of its notice stops, the Center goes on."""
    if not event.notice_id and event.kind in {"", "documents"}:
        fact = FactNoted(event.cause, Fact.ANSWERED, event.entry_number, event.day, "party_answered")
        note_fact(work, fact)
        return
    if work.books.note(f"seen/{event.cause.event_id}"):
        work.out.append(Ignored(None, event.entry_number))
        return
    found = _answered_case(work, event)
    if found is None:
        work.out.append(Refused(KNOWN_NOTICE, event.entry_number))
        return
    work.books.keep_note(f"seen/{event.cause.event_id}", "1")
    case_id, matter = found
    MatterClerk(work).tell(case_id, matter._replace(clocks=()), Action.UPDATED, "party_answered")


def _answered_case(work: AccountWork, event: PartyAnswered) -> tuple[str, Matter] | None:
    kinds = (event.kind,) if event.kind else tuple(_KINDS)
    for kind in kinds:
        case_id = work.books.note(f"notice/{kind}/{event.notice_id}")
        matter = work.books.matter(case_id) if case_id else None
        if matter is not None:
            return case_id, matter
    return None
