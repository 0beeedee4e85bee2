"""What calls for post-release work on an entry.

Which cases an entry has open is read from its registers, like its state: what is wanted but not open is opened,
what is open but no longer wanted is closed. Cases that a filing or a notice brings by itself are `matters`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from streams.customs.clock_marks import UNMARKED, Marks, Stage, mark_of
from streams.customs.entry_summary import Entry
from streams.customs.facts_known import Fact, latest_ms
from streams.customs.life_cycle import ENDED, FINAL, State
from streams.customs.work_types import (
    AD_CVD_REVIEW,
    CANCELLATION,
    CENSUS,
    CORRECTION_REVIEW,
    DEEMED_WATCH,
    DRAWBACK,
    EXTENSION,
    FILING_CHECK,
    INFORMAL_REVIEW,
    LIQUIDATION_POSTED,
    QUOTA,
    RECONCILIATION,
    REJECTION,
    RELIQUIDATION,
    REVIEW,
    SCHEDULED_WATCH,
    SUSPENSION,
    TEMPORARY_IMPORTATION,
    WITHDRAWAL_REVIEW,
    WorkType,
)


class Action(StrEnum):
    """What a published piece of work says about its case."""

    OPENED = "opened"
    UPDATED = "updated"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    LEGAL_RESULT_PRESUMED = "legal_result_presumed"
    LEGAL_RESULT = "legal_result"
    LEGAL_RESULT_WITHDRAWN = "legal_result_withdrawn"
    TRANSFERRED_OUT = "transferred_out"
    TRANSFERRED_IN = "transferred_in"
    CLOSED = "closed"


class Role(StrEnum):
    """Why a reader gets a piece of work: to decide, to act beside the owner, or to know."""

    OWNER = "owner"
    JOINT = "joint"


DRAWBACK_TYPES: Final = frozenset({"41", "42", "43", "44", "45", "46", "47"})
"""Entry types that never reach a Center: drawback stays with its own offices."""

_CALLED_FOR_BY_TYPE: Final[Mapping[str, tuple[WorkType, ...]]] = MappingProxyType(
    {
        "02": (QUOTA,),
        "03": (AD_CVD_REVIEW,),
        "09": (RECONCILIATION,),
        "07": (QUOTA, AD_CVD_REVIEW),
        "11": (INFORMAL_REVIEW,),
        "12": (INFORMAL_REVIEW, QUOTA),
        "23": (TEMPORARY_IMPORTATION,),
        "31": (WITHDRAWAL_REVIEW,),
        "32": (WITHDRAWAL_REVIEW, QUOTA),
        "34": (WITHDRAWAL_REVIEW, AD_CVD_REVIEW),
        "38": (WITHDRAWAL_REVIEW, QUOTA, AD_CVD_REVIEW),
    }
)


def called_for(entry_type: str, *, ad_cvd: bool, census_warning: bool, corrected: bool = False) -> int:
    """Return the work that a version of a summary calls for by its own content, as bits of work types."""
    if entry_type in DRAWBACK_TYPES:
        return DRAWBACK.bit
    wanted = REVIEW.bit
    for work_type in _CALLED_FOR_BY_TYPE.get(entry_type, ()):
        wanted |= work_type.bit
    if ad_cvd:
        wanted |= AD_CVD_REVIEW.bit
    if census_warning:
        wanted |= CENSUS.bit
    if corrected:
        wanted |= CORRECTION_REVIEW.bit
    return wanted


_FILING_CHECK_BIT: Final = FILING_CHECK.bit
_CANCELLATION_BIT: Final = CANCELLATION.bit
_LIQUIDATION_BIT: Final = LIQUIDATION_POSTED.bit
_DRAWBACK_BIT: Final = DRAWBACK.bit
_SCHEDULED: Final = (3, 4)
_DEEMED: Final = 5
_PROTEST_FILING: Final = 6
"""Numbers of periods; the clocks themselves need not be known here."""


def wanted_cases(entry: Entry, state: State) -> int:
    """Return the cases that an entry in a state has open, as bits of work types.

    Until a summary is known its filing is watched; while the summary is reviewed (also between a rejection and
    the replacement) its content and CBP's notices call for work; liquidation ends all that and opens the time
    for protest and reliquidation. Forecasts become cases of their own only when a clock has brought something about.
    """
    return with_clocks(wanted_without_clocks(entry, state), entry.marks, state)


def wanted_without_clocks(entry: Entry, state: State) -> int:
    """Return the cases that an entry has open as far as clocks have nothing to say."""
    wanted = _wanted(entry, state)
    if entry.facts:
        wanted = _with_facts(wanted, entry, state)
    return wanted & ~entry.done


def _wanted(entry: Entry, state: State) -> int:  # noqa: PLR0911 - one answer for each kind of state
    if state is State.EXPECTED:
        return _FILING_CHECK_BIT if entry.filed_ms else 0
    if entry.called_for & _DRAWBACK_BIT:
        return 0 if state in ENDED else _DRAWBACK_BIT
    if state in FINAL:
        return _LIQUIDATION_BIT
    if state is State.DELETED:
        return 0
    if state in ENDED:
        return _CANCELLATION_BIT
    if state is State.REJECTED:
        return entry.called_for | entry.asked | REJECTION.bit
    return entry.called_for | entry.asked


def _with_facts(wanted: int, entry: Entry, state: State) -> int:
    """Add what rarer facts call for: extensions and suspensions, a rejected correction, a voluntary reliquidation."""
    facts = entry.facts
    if state in FINAL:
        return wanted | (RELIQUIDATION.bit if latest_ms(facts, Fact.RELIQUIDATED_VOLUNTARILY) else 0)
    if state is State.EXPECTED or state in ENDED or wanted & _DRAWBACK_BIT:
        return wanted
    if latest_ms(facts, Fact.EXTENDED):
        wanted |= EXTENSION.bit
    if latest_ms(facts, Fact.SUSPENDED):
        wanted |= SUSPENSION.bit
    if latest_ms(facts, Fact.PSC_REJECTED) >= entry.accepted_ms:
        wanted |= REJECTION.bit
    return wanted & ~TEMPORARY_IMPORTATION.bit if latest_ms(facts, Fact.EXPORTED) else wanted


def with_clocks(wanted: int, marks: Marks, state: State) -> int:
    """Add the watches that a clock has opened, and take away what a closed window ends."""
    if not marks:
        return wanted
    if state in FINAL:
        closed = mark_of(marks, _PROTEST_FILING).stage is Stage.CLOSED
        return wanted & ~_LIQUIDATION_BIT if closed else wanted
    if state in ENDED or state is State.EXPECTED:
        return wanted
    if mark_of(marks, _DEEMED) is not UNMARKED:
        wanted |= DEEMED_WATCH.bit
    if any(mark_of(marks, number) is not UNMARKED for number in _SCHEDULED):
        wanted |= SCHEDULED_WATCH.bit
    return wanted
