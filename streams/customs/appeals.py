"""Taking what importers and headquarters say of appeals against a Center assignment."""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.appeal import TRANSITIONS, Appeal, AppealState, extract_of, missing_contents
from streams.customs.events import AppealDecided, AppealFiled, PlacementSet
from streams.customs.headquarters import set_placement
from streams.customs.ledger import brought_to_day, named_by
from streams.customs.matter_clerk import Brief, MatterClerk
from streams.customs.matters import Ended
from streams.customs.outcomes import AppealNoted, Ignored, Refused, Released, Waits
from streams.customs.placement import Basis
from streams.customs.rules import APPEAL_CLOSED, APPEAL_GRANTED_TO_A_CENTER, APPEAL_STATES
from streams.customs.work import Action
from streams.customs.work_types import APPEAL

WAITS_AS: Final = "appeal:"
"""What stands before the number of an appeal where decisions wait for it, in place of an entry number."""


def file_appeal(work: AccountWork, event: AppealFiled) -> None:
    """Take an appeal, or its completion under the same number; one that lacks contents waits for them."""
    known = work.books.appeal(event.number)
    if known is not None and event.cause.at_ms <= known.told_ms:
        work.out.append(Ignored(None, ""))
        return
    if known is not None and not known.is_open:
        work.out.append(Refused(APPEAL_CLOSED, ""))
        return
    ledger, decisions = brought_to_day(work.ledger(), work.books.days, work.rules, work.today)
    work.keep(named_by(ledger, event.importer), decisions)
    filed = event.filed
    missing = missing_contents(filed, work.ledger(), work.today)
    state = AppealState.INCOMPLETE if missing else AppealState.RECEIVED
    if known is not None and known.state is AppealState.UNDER_REVIEW and not missing:
        state = AppealState.UNDER_REVIEW
    appeal = Appeal(
        state,
        filed.received_day,
        filed.current_center,
        filed.preferred_center,
        told_ms=event.cause.at_ms,
        importer=known.importer if known is not None else event.importer,
    )
    work.books.keep_appeal(event.number, appeal)
    extract = extract_of(work.ledger().mix, work.books.days, work.today)
    work.out.append(AppealNoted(event.number, appeal, work.ledger(), missing, extract, ""))
    if known is None:
        source = event.cause.source
        brief = Brief(event.number, (event.importer,), (source,) if source.isdigit() else ())
        MatterClerk(work).open(APPEAL, brief, "appeal_received")
        work.out.append(Released(WAITS_AS + event.number))


def decide_appeal(work: AccountWork, event: AppealDecided) -> None:
    """Note what headquarters decides; a granted appeal is a placement by hand from its day on."""
    known = work.books.appeal(event.number)
    if known is None:
        work.out.append(Waits(WAITS_AS + event.number))
        return
    if event.cause.at_ms <= known.told_ms:
        work.out.append(Ignored(None, ""))
        return
    refusal = _refusal(known, event)
    if refusal is not None:
        work.out.append(refusal)
        return
    granted = event.state is AppealState.GRANTED
    effective_day = (event.effective_day or event.day) if granted else 0
    appeal = known._replace(
        state=event.state,
        decided_day=0 if event.state in (AppealState.INCOMPLETE, AppealState.UNDER_REVIEW) else event.day,
        effective_day=effective_day,
        told_ms=event.cause.at_ms,
    )
    work.books.keep_appeal(event.number, appeal)
    work.out.append(AppealNoted(event.number, appeal, work.ledger(), (), None, event.reason))
    _tell_case(work, event, appeal)
    if granted:
        reason = event.reason or f"appeal {event.number} is granted"
        word = PlacementSet(event.cause, event.importer, event.center, Basis.APPEAL_GRANTED, reason, effective_day)
        if word.cause.at_ms > work.ledger().override_ms:  # else headquarters has said something later
            set_placement(work, word)


def _tell_case(work: AccountWork, event: AppealDecided, appeal: Appeal) -> None:
    """Tell how far an appeal has come; what headquarters has decided closes its case."""
    clerk = MatterClerk(work)
    found = clerk.find(APPEAL, event.number, appeal.importer)
    if found is None:
        return
    case_id, matter = found
    if appeal.is_open:
        clerk.tell(case_id, matter, Action.UPDATED, f"appeal/{appeal.state}")
        return
    ended = Ended(event.cause.event_id, appeal.state, event.day, APPEAL.number, matter.assignment, matter.beside)
    clerk.close(case_id, matter, f"appeal/{appeal.state}", ended)


def _refusal(known: Appeal, event: AppealDecided) -> Refused | None:
    if not known.is_open:
        return Refused(APPEAL_CLOSED, "")
    if event.state not in TRANSITIONS[known.state] and event.state is not known.state:
        return Refused(APPEAL_STATES, "")
    if event.state is AppealState.GRANTED and not event.center:
        return Refused(APPEAL_GRANTED_TO_A_CENTER, "")
    return None
