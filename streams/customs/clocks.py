"""The periods that law, practice or policy start, and the two dates on which each of them ends.

A clock has two ends because it is not settled whether a period that ends on a free day runs on: `warn_by` is
the bare end, the safe side for a warning; `closes_after` is moved to the next working day, the safe side for a
refusal. The first day never counts; years are anniversaries. All dates are those of America/New_York.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from streams.customs.calendar import (
    EPOCH,
    add_months,
    add_working_days,
    add_years,
    next_working_day,
    published_closures,
)
from streams.customs.clock_marks import NOTHING, Effects, Ends, Stage
from streams.customs.tariff import Day


class DueKind(StrEnum):
    """Who has to act before a clock runs out, and what follows when nobody does."""

    TRADE_MUST = "trade_must"
    TRADE_MAY_UNTIL = "trade_may_until"
    CBP_MUST = "cbp_must"
    PRACTICE = "practice"
    POLICY = "policy"


class Clock(NamedTuple):
    """One running period: what started it, and its ends (both inclusive: still in time on that day)."""

    name: str
    kind: DueKind
    started_by: str
    started_on: date
    warn_by: date
    closes_after: date
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """A named period of law, practice or policy, as a function from its first day to its bare end.

    The number is stored with what the period has brought about, so it never changes.
    """

    number: int
    name: str
    kind: DueKind
    started_by: str
    source: str
    ends: Callable[[date], date]
    effects: Effects = NOTHING
    missed: str = ""
    """What follows when it runs out."""

    def start(self, day: date) -> Clock:
        """Return the clock of this period that starts on a day."""
        return _start(self, day)

    def until(self, day: date, end: date) -> Clock:
        """Return the clock of this period with an end that somebody has set."""
        return _until(self, day, end)


@lru_cache(maxsize=8192)
def _start(period: Period, day: date) -> Clock:
    return _until(period, day, period.ends(day))


@lru_cache(maxsize=8192)
def _until(period: Period, day: date, end: date) -> Clock:
    closes_after = next_working_day(end, published_closures())
    return Clock(period.name, period.kind, period.started_by, day, end, closes_after, period.source)


def ends_of(clock: Clock) -> Ends:
    """Return the ends of a clock as days."""
    return Ends((clock.warn_by - EPOCH).days, (clock.closes_after - EPOCH).days)


def date_of(day: Day) -> date:
    """Return a day as a date."""
    return EPOCH + timedelta(days=day)


def days(count: int) -> Callable[[date], date]:
    """Return what a period of so many days after its first one ends with."""
    return lambda day: day + timedelta(days=count)


def working_days(count: int) -> Callable[[date], date]:
    """Return the same for days that are neither weekends nor federal holidays nor closures."""
    return lambda day: add_working_days(day, count, published_closures())


def months(count: int) -> Callable[[date], date]:
    """Return what a period of so many months ends with: the same day of the month, or its last."""
    return lambda day: add_months(day, count)


def years(count: int) -> Callable[[date], date]:
    """Return what a period of so many years ends with: the anniversary; 29 February's is the 28th."""
    return lambda day: add_years(day, count)


MUST: Final = Effects(7, Stage.OVERDUE)
SHORT: Final = Effects(3, Stage.OVERDUE)
LONG: Final = Effects(30, Stage.OVERDUE)
RESULT: Final = Effects(30, Stage.PRESUMED)
SHORT_RESULT: Final = Effects(7, Stage.PRESUMED)
WINDOW: Final = Effects(0, Stage.CLOSED)
ASSERTED: Final = "liquidated by law as the importer asserted"
