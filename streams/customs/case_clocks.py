"""Which clocks run in a case: read from the dates of its entry, so that no late event leaves a wrong one behind."""

from datetime import date, timedelta
from functools import lru_cache

from streams.customs.calendar import EPOCH, eastern_day_number
from streams.customs.clocks import (
    DEEMED_LIQUIDATION,
    DOCUMENTS,
    PROTEST_FILING,
    REPORTED_LIQUIDATION,
    SCHEDULED_LIQUIDATION,
    SUMMARY_FILING,
    VOLUNTARY_RELIQUIDATION,
    Clock,
)
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.tariff import Day
from streams.customs.work import DOCUMENTS_REQUIRED, FILING_CHECK, LIQUIDATION_POSTED, REVIEW, WorkType


def clocks_of(work_type: WorkType, entry: Entry) -> tuple[Clock, ...]:
    """Return the clocks that run in a case of an entry; forecasts and watches are clocks of its review."""
    return running_clocks(work_type.number, clock_days(work_type.number, entry))


def clock_days(work_type: int, entry: Entry) -> tuple[Day, ...]:
    """Return the days of an entry on which the clocks of a work type depend; all cases with the same share them."""
    match work_type:
        case REVIEW.number:
            return entry_day(entry), entry.scheduled_day
        case FILING_CHECK.number:
            return (eastern_day_number(entry.filed_ms),)
        case DOCUMENTS_REQUIRED.number:
            return (entry.asked_day,)
        case LIQUIDATION_POSTED.number:
            return entry.liquidated_day, entry.reliquidated_day
    return ()


@lru_cache(maxsize=8192)
def running_clocks(work_type: int, days: tuple[Day, ...]) -> tuple[Clock, ...]:
    """Return the clocks that a work type starts on these days."""
    match work_type, days:
        case REVIEW.number, (entered, scheduled):
            return _review_clocks(entered, scheduled)
        case FILING_CHECK.number, (filed,):
            return (SUMMARY_FILING.start(_date(filed)),)
        case DOCUMENTS_REQUIRED.number, (asked,) if asked:
            return (DOCUMENTS.start(_date(asked)),)
        case LIQUIDATION_POSTED.number, (liquidated, reliquidated):
            return _liquidation_clocks(liquidated, reliquidated)
    return ()


def _review_clocks(entered: Day, scheduled: Day) -> tuple[Clock, ...]:
    """CBP's own date of liquidation wins over the forecast."""
    reported = (REPORTED_LIQUIDATION.start(_date(scheduled)),) if scheduled else ()
    if not entered:
        return reported
    began = _date(entered)
    return (*(reported or (SCHEDULED_LIQUIDATION.start(began),)), DEEMED_LIQUIDATION.start(began))


def _liquidation_clocks(liquidated: Day, reliquidated: Day) -> tuple[Clock, ...]:
    """A protest counts from the latest liquidation or reliquidation, CBP's own 90 days from the original one."""
    latest = reliquidated or liquidated
    clocks = (PROTEST_FILING.start(_date(latest)),) if latest else ()
    return (*clocks, VOLUNTARY_RELIQUIDATION.start(_date(liquidated))) if liquidated else clocks


def _date(day: Day) -> date:
    return EPOCH + timedelta(days=day)
