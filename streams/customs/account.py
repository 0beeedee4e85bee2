"""An importer's account: applies one event, keeps what follows from it, and says what is to be published.

All work of an importer goes to the one Center that has the account, whatever the goods of the single line and
whatever the port (19 CFR 101.10). Nothing here reads a clock: the account is told the time of the record.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from streams.customs.account_work import AccountWork
from streams.customs.appeals import decide_appeal, file_appeal
from streams.customs.books import Books
from streams.customs.center_decisions import take_decision
from streams.customs.claims import decide_petition, file_claim, file_petition
from streams.customs.corrections import CorrectionUndone, take_summary, undo_correction
from streams.customs.entry_summary import NEW
from streams.customs.events import (
    AppealDecided,
    AppealFiled,
    EntryFiled,
    EntryLiquidated,
    EntryNoted,
    Event,
    PlacementSet,
    PortNoticed,
    ProfileChanged,
    StatusNotified,
    SummaryFiled,
)
from streams.customs.facts import file_entry, note
from streams.customs.firing import fire
from streams.customs.headquarters import change_profile, set_placement
from streams.customs.inquiry import receive_inquiry
from streams.customs.liquidation import FactNoted, note_fact
from streams.customs.notice_cases import answer, issue_notice
from streams.customs.notices import take_port_notice, take_status
from streams.customs.outcomes import Outcome
from streams.customs.policy import PlacementRules
from streams.customs.protest import file_protest
from streams.customs.protest_changes import add_protest_request, amend_protest, withdraw_protest
from streams.customs.reliquidation import liquidate
from streams.customs.tariff import Day
from streams.customs.trade_events import (
    AdviceGiven,
    ClaimFiled,
    InformationRequested,
    InquiryReceived,
    NoticeIssued,
    PartyAnswered,
    PetitionDecided,
    PetitionFiled,
    ProtestAmended,
    ProtestFiled,
    ProtestRequested,
    ProtestWithdrawn,
    TradeEvent,
    WorkClosed,
    WorkDecided,
    WorkTaken,
)
from streams.customs.transfers import transfer_cases

_TAKE: Final[Mapping[type, Callable[[AccountWork, Any], None]]] = {
    SummaryFiled: take_summary,
    EntryNoted: note,
    EntryFiled: file_entry,
    StatusNotified: take_status,
    PortNoticed: take_port_notice,
    EntryLiquidated: liquidate,
    FactNoted: note_fact,
    CorrectionUndone: undo_correction,
    ProtestFiled: file_protest,
    ProtestAmended: amend_protest,
    ProtestWithdrawn: withdraw_protest,
    ProtestRequested: add_protest_request,
    NoticeIssued: issue_notice,
    PartyAnswered: answer,
    ClaimFiled: file_claim,
    PetitionFiled: file_petition,
    PetitionDecided: decide_petition,
    InquiryReceived: receive_inquiry,
    WorkTaken: take_decision,
    InformationRequested: take_decision,
    WorkDecided: take_decision,
    WorkClosed: take_decision,
    AdviceGiven: take_decision,
    PlacementSet: set_placement,
    ProfileChanged: change_profile,
    AppealFiled: file_appeal,
    AppealDecided: decide_appeal,
}


def apply(
    event: Event | TradeEvent | FactNoted | CorrectionUndone,
    books: Books,
    rules: PlacementRules,
    now_ms: int,
    *,
    waited: bool = False,
) -> list[Outcome]:
    """Apply one event to an account and return what is to be published, in that order.

    An empty list means that the account has changed and nobody needs to hear of it. `waited` tells that the event
    has waited long enough for what it speaks of.
    """
    work = AccountWork(books, rules, now_ms)
    work.waited = waited
    _TAKE[type(event)](work, event)
    if work.moved:
        transfer_cases(work)
    return work.out


def go_on_transferring(books: Books, rules: PlacementRules, now_ms: int, after: str) -> list[Outcome]:
    """Hand over the next open cases of an account that has got another desk; `after` is where the last go ended."""
    work = AccountWork(books, rules, now_ms)
    transfer_cases(work, after)
    return work.out


def fire_clocks(books: Books, rules: PlacementRules, now_ms: int, name: str, listed: Day) -> list[Outcome]:
    """Let time work on an entry or a matter that was listed under a day which has come."""
    work = AccountWork(books, rules, now_ms)
    fire(work, name, listed)
    return work.out


def give_up_waiting(books: Books, number: str) -> None:
    """Note that nothing waits for an entry's summary any more; forget an entry of which nothing else is known."""
    entry = books.entry(number)
    if entry is None or not entry.waiting:
        return
    rest = entry._replace(waiting=False)
    if rest == NEW:
        books.drop_entry(number)
    else:
        books.keep_entry(number, rest)


def fold_cuts(books: Books, rules: PlacementRules, now_ms: int) -> list[Outcome]:
    """Fold the daily cuts (00:00 America/New_York) of an account that are due; return what has been decided."""
    work = AccountWork(books, rules, now_ms)
    work.fold_cuts()
    if work.moved:
        transfer_cases(work)
    return work.out
