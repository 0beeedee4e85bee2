"""Which clocks run for an entry: read from its dates, so that no late event leaves a wrong one behind."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from streams.customs.calendar import eastern_day_number
from streams.customs.clock_marks import UNMARKED, Ends, mark_of, next_day
from streams.customs.clocks import Clock, Period, date_of, ends_of
from streams.customs.entry_periods import (
    DEEMED_LIQUIDATION,
    DOCUMENTS,
    DRAWBACK_LIQUIDATION,
    EXTENSION_END,
    EXTENSION_LIMIT,
    PSC_WINDOW,
    RECONCILIATION_FILING,
    REPORTED_LIQUIDATION,
    SCHEDULED_LIQUIDATION,
    SUMMARY_FILING,
    SUSPENSION_REMOVED,
    TEMPORARY_IMPORT,
    VOLUNTARY_RELIQUIDATION,
)
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.facts_known import Fact, Facts, day_of
from streams.customs.life_cycle import State
from streams.customs.protest_periods import PROTEST_FILING
from streams.customs.tariff import Day
from streams.customs.work_types import (
    CORRECTION_REVIEW,
    DEEMED_WATCH,
    DOCUMENTS_REQUIRED,
    DRAWBACK,
    EXTENSION,
    FILING_CHECK,
    LIQUIDATION_POSTED,
    RECONCILIATION,
    RELIQUIDATION,
    REVIEW,
    SCHEDULED_WATCH,
    SUSPENSION,
    TEMPORARY_IMPORTATION,
    WorkType,
)

_PSC_DAYS_BEFORE_LIQUIDATION: Final = 15
_WAREHOUSE: Final = frozenset({"21", "22"})
"""The year of a warehouse entry runs from its final withdrawal, which no event names: it has no clock."""

REVIEWED: Final = frozenset({State.TRADE_CONTROL, State.CBP_CONTROL, State.CORRECTED, State.REJECTED})
"""States in which an entry waits for its liquidation."""

Runs = tuple[tuple[Period, Clock], ...]


class Watch(NamedTuple):
    """The ends of a clock that may bring something about, and the work type whose case hears of it."""

    work_type: int
    period: Period
    ends: Ends


class Found(NamedTuple):
    """The clocks of an entry, and the first day on which one of them without a mark brings anything about."""

    watches: tuple[Watch, ...]
    first: Day
    """0 if none ever does."""
    unscheduled: Day
    """The same without the scheduled liquidation."""


def clocks_of(work_type: WorkType, entry: Entry) -> tuple[Clock, ...]:
    """Return the clocks that run in a case of an entry; forecasts and watches are clocks of its review."""
    return running_clocks(work_type.number, clock_days(work_type.number, entry))


def clock_days(work_type: int, entry: Entry) -> tuple[Day, ...]:
    """Return the days of an entry on which the clocks of a work type depend; all cases with the same share them."""
    days = _CLOCK_DAYS.get(work_type)
    return days(entry) if days is not None else ()


def _days_of_review(entry: Entry) -> tuple[Day, ...]:
    return entry.set_day or entry.summary_day, entry.scheduled_day, runs_to_deemed(entry)


def _days_of_request(entry: Entry) -> tuple[Day, ...]:
    answered = day_of(entry.facts, Fact.ANSWERED)
    return (entry.asked_day if answered < entry.asked_day or not answered else 0,)


def _days_of_temporary_import(entry: Entry) -> tuple[Day, ...]:
    out = day_of(entry.facts, Fact.EXPORTED)
    return (0 if out else entry.import_day or entry_day(entry), day_of(entry.facts, Fact.IMPORTATION_EXTENDED))


def _liquidation_days(entry: Entry) -> tuple[Day, ...]:
    return entry.liquidated_day, entry.reliquidated_day


def _only_entry_day(entry: Entry) -> tuple[Day, ...]:
    return (entry_day(entry),)


_CLOCK_DAYS: Final[Mapping[int, Callable[[Entry], tuple[Day, ...]]]] = {
    REVIEW.number: _days_of_review,
    DEEMED_WATCH.number: _days_of_review,
    SCHEDULED_WATCH.number: _days_of_review,
    FILING_CHECK.number: lambda entry: (eastern_day_number(entry.filed_ms) if entry.filed_ms else 0,),
    DOCUMENTS_REQUIRED.number: _days_of_request,
    LIQUIDATION_POSTED.number: _liquidation_days,
    RELIQUIDATION.number: _liquidation_days,
    CORRECTION_REVIEW.number: lambda entry: (
        entry_day(entry),
        entry.scheduled_day,
        day_of(entry.facts, Fact.EXTENDED),
    ),
    EXTENSION.number: lambda entry: (entry_day(entry), day_of(entry.facts, Fact.EXTENDED)),
    SUSPENSION.number: lambda entry: (_removed_day(entry.facts),),
    TEMPORARY_IMPORTATION.number: _days_of_temporary_import,
    RECONCILIATION.number: _only_entry_day,
    DRAWBACK.number: _only_entry_day,
}


def runs_to_deemed(entry: Entry) -> int:
    """Tell (as 1 or 0) whether the year to deemed liquidation runs: not when suspended, extended, in a warehouse."""
    if entry.entry_type in _WAREHOUSE:
        return 0
    facts = entry.facts
    return 0 if facts and (day_of(facts, Fact.EXTENDED) or day_of(facts, Fact.SUSPENDED)) else 1


def _removed_day(facts: Facts) -> Day:
    """Return the day of the notice that the suspension is removed; 0 while it is in force, or there was none."""
    removed = day_of(facts, Fact.SUSPENSION_REMOVED)
    return removed if removed >= day_of(facts, Fact.SUSPENDED) else 0


@lru_cache(maxsize=8192)
def running_clocks(work_type: int, days: tuple[Day, ...]) -> tuple[Clock, ...]:
    """Return the clocks that a work type starts on these days."""
    return tuple(clock for _, clock in _running(work_type, days))


@lru_cache(maxsize=8192)
def _running(work_type: int, days: tuple[Day, ...]) -> Runs:  # noqa: C901, PLR0911, PLR0912 - one answer for each kind of case
    match work_type, days:
        case REVIEW.number, (entered, scheduled, runs):
            return (*_scheduled(entered, scheduled), *(_deemed(entered) if runs else ()))
        case DEEMED_WATCH.number, (entered, _, runs):
            return _deemed(entered) if runs else ()
        case SCHEDULED_WATCH.number, (entered, scheduled, _):
            return _scheduled(entered, scheduled)
        case FILING_CHECK.number, (filed,):
            return _started(SUMMARY_FILING, filed)
        case DOCUMENTS_REQUIRED.number, (asked,):
            return _started(DOCUMENTS, asked)
        case LIQUIDATION_POSTED.number, (liquidated, reliquidated):
            latest = reliquidated or liquidated
            return (*_started(PROTEST_FILING, latest), *_started(VOLUNTARY_RELIQUIDATION, liquidated))
        case RELIQUIDATION.number, (liquidated, _):
            return _started(VOLUNTARY_RELIQUIDATION, liquidated)
        case CORRECTION_REVIEW.number, (entered, scheduled, extended):
            return _correction(entered, scheduled, extended)
        case EXTENSION.number, (entered, until):
            return _extension(entered, until)
        case SUSPENSION.number, (removed,):
            return _started(SUSPENSION_REMOVED, removed)
        case TEMPORARY_IMPORTATION.number, (imported, until):
            return _until(TEMPORARY_IMPORT, imported, until) if until else _started(TEMPORARY_IMPORT, imported)
        case RECONCILIATION.number, (declared,):
            return _started(RECONCILIATION_FILING, declared)
        case DRAWBACK.number, (claimed,):
            return _started(DRAWBACK_LIQUIDATION, claimed)
    return ()


def _started(period: Period, day: Day) -> Runs:
    return ((period, period.start(date_of(day))),) if day else ()


def _until(period: Period, day: Day, end: Day) -> Runs:
    return ((period, period.until(date_of(day), date_of(end))),) if day else ()


def _scheduled(entered: Day, scheduled: Day) -> Runs:
    """CBP's own date of liquidation wins over the forecast."""
    return _started(REPORTED_LIQUIDATION, scheduled) or _started(SCHEDULED_LIQUIDATION, entered)


def _deemed(entered: Day) -> Runs:
    return _started(DEEMED_LIQUIDATION, entered)


def _correction(entered: Day, scheduled: Day, extended: Day) -> Runs:
    """The earlier of two ends; with a granted extension only the days before the new date count."""
    if not entered:
        return ()
    before = (extended or scheduled) - _PSC_DAYS_BEFORE_LIQUIDATION if extended or scheduled else 0
    if extended:
        return _until(PSC_WINDOW, entered, before)
    [(_, clock)] = _started(PSC_WINDOW, entered)
    end = ends_of(clock).warn_by
    return _until(PSC_WINDOW, entered, min(end, before) if before else end)


def _extension(entered: Day, until: Day) -> Runs:
    """Every extension ends, and all of them four years after the start of the year that they extend."""
    limit = _started(EXTENSION_LIMIT, entered)
    if not until:
        return limit
    return (*_until(EXTENSION_END, entered or until, until), *limit)


def watches(entry: Entry, state: State, wanted: int) -> Found:
    """Return the clocks that may bring something about; `wanted` are the cases that the state calls for, as bits."""
    reviewed = state in REVIEWED and not wanted & DRAWBACK.bit
    clocked = wanted & _CLOCKED_BITS
    key = tuple([(number, clock_days(number, entry)) for number in _numbers(clocked)]) if clocked else _NO_CASES
    return _watches(key, clock_days(REVIEW.number, entry) if reviewed else ())


@lru_cache(maxsize=256)
def _numbers(bits: int) -> tuple[int, ...]:
    """Return the clocked work types of a set of bits."""
    return tuple(number for number in _CLOCKED if bits >> number & 1)


@lru_cache(maxsize=8192)
def _watches(cases: tuple[tuple[int, tuple[Day, ...]], ...], review: tuple[Day, ...]) -> Found:
    found: list[Watch] = []
    for period, clock in _running(REVIEW.number, review) if review else ():
        heir = DEEMED_WATCH if period is DEEMED_LIQUIDATION else SCHEDULED_WATCH
        found.append(Watch(heir.number, period, ends_of(clock)))
    for work_type, days in cases:
        found += [Watch(work_type, period, ends_of(clock)) for period, clock in _running(work_type, days)]
    found = [watch for watch in found if watch.period.effects.end or watch.period.effects.warn_days]
    first = {watch: next_day(watch.period.effects, watch.ends, UNMARKED) for watch in found}
    rest = [day for watch, day in first.items() if day and watch.work_type != SCHEDULED_WATCH.number]
    return Found(tuple(found), min((day for day in first.values() if day), default=0), min(rest, default=0))


_CLOCKED: Final = (
    FILING_CHECK.number,
    DOCUMENTS_REQUIRED.number,
    TEMPORARY_IMPORTATION.number,
    RECONCILIATION.number,
    EXTENSION.number,
    SUSPENSION.number,
    LIQUIDATION_POSTED.number,
    DRAWBACK.number,
)
"""Work types whose cases have clocks that bring something about, beside the review."""

_CLOCKED_BITS: Final = sum(1 << number for number in _CLOCKED)
_NO_CASES: Final[tuple[tuple[int, tuple[Day, ...]], ...]] = ()


def entry_due(entry: Entry, found: Found, today: Day) -> Day:
    """Return the first day on which a clock of an entry brings anything about; 0 if none will.

    The scheduled liquidation matters for paid summaries only, but payment may come later: it is looked at once.
    """
    if not entry.marks:
        return found.first if entry.paid_day or found.first > today else found.unscheduled
    days = []
    for watch in found.watches:
        day = next_day(watch.period.effects, watch.ends, mark_of(entry.marks, watch.period.number))
        if day and (watch.work_type != SCHEDULED_WATCH.number or entry.paid_day or day > today):
            days.append(day)
    return min(days, default=0)
