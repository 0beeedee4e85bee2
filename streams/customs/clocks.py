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

from streams.customs.calendar import add_working_days, add_years, friday_on_or_after, next_working_day


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
    """A named period of law, practice or policy, as a function from its first day to its bare end."""

    name: str
    kind: DueKind
    started_by: str
    source: str
    ends: Callable[[date], date]

    def start(self, day: date) -> Clock:
        """Return the clock of this period that starts on a day."""
        return _start(self, day)


@lru_cache(maxsize=8192)
def _start(period: Period, day: date) -> Clock:
    end = period.ends(day)
    return Clock(period.name, period.kind, period.started_by, day, end, next_working_day(end), period.source)


def _days(count: int) -> Callable[[date], date]:
    return lambda day: day + timedelta(days=count)


SUMMARY_FILING: Final = Period(
    "summary_filing",
    DueKind.TRADE_MUST,
    "time of entry",
    "19 CFR 142.12(b)",
    lambda day: add_working_days(day, 10),
)
"""The entry summary is filed within 10 working days after the time of entry."""

DOCUMENTS: Final = Period(
    "documents",
    DueKind.POLICY,
    "notice",
    "policy: 10 working days; no period is published",
    lambda day: add_working_days(day, 10),
)
"""Documents that CBP asked for are expected within 10 working days of the notice."""

SCHEDULED_LIQUIDATION: Final = Period(
    "scheduled_liquidation",
    DueKind.PRACTICE,
    "date of entry",
    "CBP practice: 314 days, weekly Friday cycle",
    lambda day: friday_on_or_after(day + timedelta(days=314)),
)
"""CBP liquidates about 314 days after entry, on the Friday of its weekly cycle; a date it reports wins."""

REPORTED_LIQUIDATION: Final = Period(
    "scheduled_liquidation",
    DueKind.PRACTICE,
    "liquidation scheduled",
    "Entry Summary Query, record JB: liquidation date with status 2",
    _days(0),
)
"""CBP has said on which day it will liquidate: the authoritative form of `scheduled_liquidation`."""

DEEMED_LIQUIDATION: Final = Period(
    "deemed_liquidation",
    DueKind.CBP_MUST,
    "date of entry",
    "19 USC 1504(a)(1); 19 CFR 159.11",
    lambda day: add_years(day, 1),
)
"""An entry that is not liquidated, extended or suspended within 1 year of entry is liquidated as asserted."""

PROTEST_FILING: Final = Period(
    "protest_filing",
    DueKind.TRADE_MAY_UNTIL,
    "liquidation",
    "19 USC 1514(c)(3)",
    _days(180),
)
"""A protest is filed within 180 days after liquidation or reliquidation."""

VOLUNTARY_RELIQUIDATION: Final = Period(
    "voluntary_reliquidation",
    DueKind.CBP_MUST,
    "original liquidation",
    "19 USC 1501",
    _days(90),
)
"""CBP may reliquidate within 90 days of the original liquidation."""

PERIODS: Final = (
    SUMMARY_FILING,
    DOCUMENTS,
    SCHEDULED_LIQUIDATION,
    REPORTED_LIQUIDATION,
    DEEMED_LIQUIDATION,
    PROTEST_FILING,
    VOLUNTARY_RELIQUIDATION,
)
