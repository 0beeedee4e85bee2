"""An importer's account: applies one event, keeps what follows from it, and says what is to be published.

All work of an importer goes to the one Center that has the account, whatever the goods of the single line and
whatever the port (19 CFR 101.10). Nothing here reads a clock: the account is told the time of the record.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from streams.customs.account_work import AccountWork
from streams.customs.appeals import decide_appeal, file_appeal
from streams.customs.books import Books
from streams.customs.entry_summary import NEW
from streams.customs.events import (
    AppealDecided,
    AppealFiled,
    EntryFiled,
    EntryNoted,
    Event,
    PlacementSet,
    PortNoticed,
    ProfileChanged,
    StatusNotified,
    SummaryFiled,
)
from streams.customs.facts import file_entry, note
from streams.customs.filing import file_summary
from streams.customs.headquarters import change_profile, set_placement
from streams.customs.notices import take_port_notice, take_status
from streams.customs.outcomes import Outcome
from streams.customs.policy import PlacementRules

_TAKE: Final[Mapping[type, Callable[[AccountWork, Any], None]]] = MappingProxyType(
    {
        SummaryFiled: file_summary,
        EntryNoted: note,
        EntryFiled: file_entry,
        StatusNotified: take_status,
        PortNoticed: take_port_notice,
        PlacementSet: set_placement,
        ProfileChanged: change_profile,
        AppealFiled: file_appeal,
        AppealDecided: decide_appeal,
    }
)


def apply(event: Event, books: Books, rules: PlacementRules, now_ms: int) -> list[Outcome]:
    """Apply one event to an account and return what is to be published, in that order.

    An empty list means that the account has changed and nobody needs to hear of it.
    """
    work = AccountWork(books, rules, now_ms)
    _TAKE[type(event)](work, event)
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
    return work.out
