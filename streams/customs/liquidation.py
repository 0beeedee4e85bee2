"""What moves, stops and starts the clocks of liquidation: extensions, suspensions, corrections sent back."""

from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.calendar import EPOCH, add_years
from streams.customs.casework import Reason
from streams.customs.clocks import date_of
from streams.customs.entry_summary import Entry, entry_day, state_of
from streams.customs.events import Envelope
from streams.customs.facts import summarised
from streams.customs.facts_known import Fact, with_fact
from streams.customs.life_cycle import FINAL
from streams.customs.outcomes import Ignored, Refused, Released
from streams.customs.rules import Rule
from streams.customs.tariff import Day
from streams.customs.work_types import (
    DOCUMENTS_REQUIRED,
    EXTENSION,
    REJECTION,
    RELIQUIDATION,
    REVIEW,
    SUSPENSION,
    TEMPORARY_IMPORTATION,
)

LONGEST_YEARS: Final = 4
"""From the start of the year that is extended: that year and three more (19 CFR 159.12)."""

BEFORE_LIQUIDATION: Final = Rule(
    "liquidation.extended_or_suspended_before_it",
    "Liquidation is extended or suspended, and a suspension removed, before the entry is liquidated.",
    "19 USC 1504(b), (c)",
    "check the entry number; a liquidation is changed by reliquidation or protest",
)
EXTENDED_AT_MOST: Final = Rule(
    "liquidation.extended_at_most_three_years",
    "Extensions end at the latest four years after the date of entry.",
    "19 USC 1504(b); 19 CFR 159.12",
    "liquidate the entry",
)

LIQUIDATION_RULES: Final = (BEFORE_LIQUIDATION, EXTENDED_AT_MOST)

_HEARS: Final = {
    Fact.EXTENDED: EXTENSION.bit,
    Fact.SUSPENDED: SUSPENSION.bit,
    Fact.SUSPENSION_REMOVED: SUSPENSION.bit,
    Fact.PSC_REJECTED: REJECTION.bit | REVIEW.bit,
    Fact.PSC_REVERTED: REVIEW.bit,
    Fact.CORRECTED_BY_ANOTHER: REVIEW.bit,
    Fact.ANSWERED: DOCUMENTS_REQUIRED.bit,
    Fact.RELIQUIDATED_VOLUNTARILY: RELIQUIDATION.bit,
    Fact.EXTENSION_DENIED: TEMPORARY_IMPORTATION.bit,
    Fact.IMPORTATION_EXTENDED: TEMPORARY_IMPORTATION.bit,
}
"""Work types whose open cases hear of a fact, as bits."""

_OF_LIQUIDATION: Final = frozenset({Fact.EXTENDED, Fact.SUSPENDED, Fact.SUSPENSION_REMOVED})


class FactNoted(NamedTuple):
    """One of the rarer facts of an entry."""

    cause: Envelope
    fact: Fact
    entry_number: str
    day: Day
    rule: str
    """Name of the event."""


def note_fact(work: AccountWork, event: FactNoted) -> None:
    """Put a rarer fact in its register, and do what the entry calls for now."""
    number = event.entry_number
    entry = summarised(work, number)
    if entry is None:
        return
    rule = _broken_rule(entry, event)
    if rule is not None:
        work.out.append(Refused(rule, number))
        return
    facts = with_fact(entry.facts, event.fact, event.day, event.cause.at_ms)
    if facts is entry.facts:
        work.out.append(Ignored(None, number))
        return
    after = with_known(work, number, entry._replace(facts=facts), event)
    work.books.keep_entry(number, after._replace(waiting=False))
    if entry.waiting:
        work.out.append(Released(number))


def with_known(work: AccountWork, number: str, entry: Entry, event: FactNoted) -> Entry:
    """Return an entry with one fact more and what follows from it; its cases may be wanted again."""
    hears = _HEARS.get(event.fact, 0)
    after = entry._replace(done=entry.done & ~hears)
    state = state_of(after)
    after = work.recounted(entry, after, state)
    return work.settled(number, after, state, Reason(event.rule, hears, work.now_ms))


def _broken_rule(entry: Entry, event: FactNoted) -> Rule | None:
    if event.fact not in _OF_LIQUIDATION:
        return None
    if state_of(entry) in FINAL and event.cause.at_ms >= (entry.liquidated_ms or entry.reliquidated_ms):
        return BEFORE_LIQUIDATION
    entered = entry_day(entry)
    if event.fact is Fact.EXTENDED and entered:
        longest = (add_years(date_of(entered), LONGEST_YEARS) - EPOCH).days
        return EXTENDED_AT_MOST if event.day > longest else None
    return None
