"""Taking what Centers decide about their cases: only the owner decides, and only under its own assignment."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from streams.customs.account_work import AccountWork
from streams.customs.cases import Case
from streams.customs.casework import Reason
from streams.customs.decision_rules import CASE_IS_OPEN, KNOWN_ASSIGNMENT, OWN_CASE
from streams.customs.entry_periods import DOCUMENTS
from streams.customs.entry_summary import Entry, state_of
from streams.customs.matter_clerk import Brief, MatterClerk, ended_case, keep_decision, keep_ended
from streams.customs.matters import EarlierDecision, Ended, Matter, running
from streams.customs.notice_periods import FORM_28, FORM_29
from streams.customs.outcomes import Answered, CaseMoved, CaseStands, Ignored, Refused, Resulted
from streams.customs.protest_changes import Verdict, conclude, is_repeat
from streams.customs.trade_events import (
    AdviceGiven,
    CaseEvent,
    InformationRequested,
    WorkClosed,
    WorkDecided,
    WorkTaken,
)
from streams.customs.work import Action
from streams.customs.work_types import (
    DOCUMENTS_REQUIRED,
    FURTHER_REVIEW,
    INFORMATION_REQUEST,
    INTERNAL_ADVICE,
    NOTICE_OF_ACTION,
    WORK_TYPES,
)

_ASKS: Final = MappingProxyType(
    {
        "form_28": (INFORMATION_REQUEST, FORM_28),
        "form_29_proposed": (NOTICE_OF_ACTION, FORM_29),
        "documents": (DOCUMENTS_REQUIRED, DOCUMENTS),
    }
)
_ENDED_BY_ADVICE: Final = frozenset({INTERNAL_ADVICE.number, FURTHER_REVIEW.number})
_HEADQUARTERS: Final = "headquarters"

CenterEvent = WorkTaken | InformationRequested | WorkDecided | WorkClosed | AdviceGiven


def take_decision(work: AccountWork, event: CenterEvent) -> None:
    """Take a Center's word on a case, or say why not: it moved on, is another's, or is closed."""
    about = event.about
    books = work.books
    case: Case | Matter | None = books.matter(about.case_id) or books.case(about.case_id)
    if case is None:
        ended = ended_case(work, about.case_id)
        repeats = ended is not None and ended.event_id == about.cause.event_id
        work.out.append(
            Ignored(None, "") if repeats or books.note(f"seen/{about.cause.event_id}") else Refused(CASE_IS_OPEN, "")
        )
        return
    if not _is_entitled(work, about, case):
        return
    if isinstance(case, Matter):
        _ON_MATTER[type(event)](work, event, case)
    else:
        _ON_ENTRY_CASE[type(event)](work, event, case)


def _is_entitled(work: AccountWork, about: CaseEvent, case: Case | Matter) -> bool:
    """Tell whether the Center may decide; if not, it is told why."""
    if about.assignment < case.assignment:
        work.out.append(CaseMoved(about.case_id, about.assignment, case.assignment, case.desk))
        return False
    if about.center != case.desk:
        work.out.append(Refused(OWN_CASE, ""))
        return False
    if about.assignment > case.assignment:
        work.out.append(Refused(KNOWN_ASSIGNMENT, ""))
        return False
    return True


# --- matters --------------------------------------------------------------------------------------------------


def _take_matter(work: AccountWork, event: WorkTaken, matter: Matter) -> None:
    if matter.taken:
        work.out.append(Ignored(None, ""))
        return
    MatterClerk(work).stands(event.about.case_id, matter._replace(taken=True), "work_taken")


def _decide_matter(work: AccountWork, event: WorkDecided, matter: Matter) -> None:
    about = event.about
    verdict = Verdict(about.cause.event_id, about.center, event.decision, event.day, event.text, event.entries)
    issue, heading = event.issue or matter.issue, event.heading or matter.heading
    conclude(work, about.case_id, matter, verdict, "work_decided")
    keep_decision(work, issue, heading, EarlierDecision(about.case_id, about.center, event.decision, event.day))


def _close_matter(work: AccountWork, event: WorkClosed, matter: Matter) -> None:
    about = event.about
    ended = Ended(about.cause.event_id, "", event.day, matter.work_type, matter.assignment, about.center)
    MatterClerk(work).close(about.case_id, matter, "work_closed", ended)


def _ask_in_matter(work: AccountWork, event: InformationRequested, matter: Matter) -> None:
    if is_repeat(work, event.cause.event_id):
        return
    MatterClerk(work).tell(event.about.case_id, matter, Action.UPDATED, "information_requested")
    brief = Brief("", matter.importers, matter.ports, matter.entries, matter.issue, matter.heading)
    _open_request(work, event, brief)


def _advise_matter(work: AccountWork, event: AdviceGiven, matter: Matter) -> None:
    """Tell of advice; that of headquarters ends a case which waited for nothing else."""
    if is_repeat(work, event.cause.event_id):
        return
    clerk = MatterClerk(work)
    if matter.work_type in _ENDED_BY_ADVICE and event.given_by == _HEADQUARTERS:
        about = event.about
        ended = Ended(about.cause.event_id, "advised", event.day, matter.work_type, matter.assignment, about.center)
        clerk.close(about.case_id, matter, "advice_given", ended)
    else:
        clerk.tell(event.about.case_id, matter, Action.UPDATED, "advice_given")


def _open_request(work: AccountWork, event: InformationRequested, brief: Brief) -> None:
    """Open the case of what a Center asks of the importer, with its clock."""
    asked = _ASKS.get(event.kind)
    if asked is None:
        return
    work_type, period = asked
    reference = event.notice_id or event.cause.event_id
    clocks = (running(period, event.day, event.due_day),)
    MatterClerk(work).open(work_type, brief._replace(reference=reference, clocks=clocks), "information_requested")


# --- cases of entries -----------------------------------------------------------------------------------------


def _entry_of(work: AccountWork, case: Case) -> Entry:
    entry = work.books.entry(case.entry_number)
    assert entry is not None, "an open case's entry is on file"
    return entry


def _take_case(work: AccountWork, event: WorkTaken, case: Case) -> None:
    if case.taken:
        work.out.append(Ignored(None, case.entry_number))
        return
    taken = case._replace(taken=True)
    work.books.keep_case(event.about.case_id, taken)
    work.out.append(CaseStands(event.about.case_id, taken, _entry_of(work, case), "work_taken"))


def _decide_case(work: AccountWork, event: WorkDecided, case: Case) -> None:
    """Close an entry's case with one response and the result of its entry."""
    about = event.about
    entry = _end_case(work, about, case, "work_decided", event.decision, event.day)
    number, port = case.entry_number, entry.ports[0] if entry.ports else ""
    importers = (entry.importer,) if entry.importer else ()
    work.out.append(
        Answered(
            about.case_id, case.work_type, "", about.center, importers, entry.ports, (number,),
            event.decision, event.day, event.text,
        )
    )  # fmt: skip
    said = next((one for one in event.entries if one.entry_number == number), None)
    result = said.result if said else event.decision
    amount, text = (said.amount_cents, said.text) if said else (None, "")
    work.out.append(Resulted(about.case_id, "", number, port, result, None, amount, text))
    decision = EarlierDecision(about.case_id, about.center, event.decision, event.day)
    keep_decision(work, event.issue, event.heading, decision)


def _close_case(work: AccountWork, event: WorkClosed, case: Case) -> None:
    _end_case(work, event.about, case, "work_closed", "", event.day)


def _end_case(  # noqa: PLR0913, PLR0917 - whose word on which case, and what it is
    work: AccountWork, about: CaseEvent, case: Case, rule: str, decision: str, day: int
) -> Entry:
    """Close a case of an entry: it is not wanted any more until something new calls for it."""
    entry = _entry_of(work, case)
    bit = WORK_TYPES[case.work_type].bit
    after = entry._replace(done=entry.done | bit)
    state = state_of(after)
    after = work.routed(case.entry_number, after, state, Reason(rule, 0, work.now_ms))
    after = work.watched(case.entry_number, after, state)
    work.books.keep_entry(case.entry_number, after)
    ended = Ended(
        about.cause.event_id, decision, day, case.work_type, case.assignment, about.center, entry.importer
    )  # fmt: skip
    keep_ended(work, about.case_id, ended)
    return after


def _ask_in_case(work: AccountWork, event: InformationRequested, case: Case) -> None:
    if is_repeat(work, event.cause.event_id):
        return
    entry = _entry_of(work, case)
    _hear(work, case, entry, "information_requested")
    importers = (entry.importer,) if entry.importer else ()
    brief = Brief("", importers, entry.ports[:1], ((case.entry_number, entry.generation),))
    _open_request(work, event, brief)


def _advise_case(work: AccountWork, event: AdviceGiven, case: Case) -> None:
    if not is_repeat(work, event.cause.event_id):
        _hear(work, case, _entry_of(work, case), "advice_given")


def _hear(work: AccountWork, case: Case, entry: Entry, rule: str) -> None:
    """Tell the desk of an entry's case that something has changed."""
    reason = Reason(rule, WORK_TYPES[case.work_type].bit, work.now_ms)
    work.books.keep_entry(case.entry_number, work.routed(case.entry_number, entry, state_of(entry), reason))


_ON_MATTER: Final[Mapping[type, Callable[[AccountWork, Any, Matter], None]]] = MappingProxyType(
    {
        WorkTaken: _take_matter,
        InformationRequested: _ask_in_matter,
        WorkDecided: _decide_matter,
        WorkClosed: _close_matter,
        AdviceGiven: _advise_matter,
    }
)
_ON_ENTRY_CASE: Final[Mapping[type, Callable[[AccountWork, Any, Case], None]]] = MappingProxyType(
    {
        WorkTaken: _take_case,
        InformationRequested: _ask_in_case,
        WorkDecided: _decide_case,
        WorkClosed: _close_case,
        AdviceGiven: _advise_case,
    }
)
