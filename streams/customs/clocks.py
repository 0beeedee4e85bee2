"""The periods that law, practice or policy start, and the two dates on which each of them ends.

A clock has two ends because it is not settled whether a period that ends on a free day runs on: `warn_by` is
the bare end, the safe side for a warning; `closes_after` is moved to the next working day, the safe side for a
refusal. The first day never counts; years are anniversaries. All dates are those of America/New_York.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.customs.calendar import (
    EPOCH,
    add_months,
    add_working_days,
    add_years,
    friday_on_or_after,
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


def _days(count: int) -> Callable[[date], date]:
    return lambda day: day + timedelta(days=count)


def _working_days(count: int) -> Callable[[date], date]:
    return lambda day: add_working_days(day, count, published_closures())


def _months(count: int) -> Callable[[date], date]:
    return lambda day: add_months(day, count)


def _years(count: int) -> Callable[[date], date]:
    return lambda day: add_years(day, count)


_MUST: Final = Effects(7, Stage.OVERDUE)
_SHORT: Final = Effects(3, Stage.OVERDUE)
_LONG: Final = Effects(30, Stage.OVERDUE)
_RESULT: Final = Effects(30, Stage.PRESUMED)
_SHORT_RESULT: Final = Effects(7, Stage.PRESUMED)
_WINDOW: Final = Effects(0, Stage.CLOSED)
_ASSERTED: Final = "liquidated by law as the importer asserted"

SUMMARY_FILING: Final = Period(
    1,
    "summary_filing",
    DueKind.TRADE_MUST,
    "time of entry",
    "19 CFR 142.12(b)",
    _working_days(10),
    _SHORT,
    "late-filing liquidated damages case",
)
"""The entry summary is filed within 10 working days after the time of entry."""

DOCUMENTS: Final = Period(
    2,
    "documents",
    DueKind.POLICY,
    "notice",
    "policy: 10 working days; no period is published",
    _working_days(10),
    _SHORT,
    "follow-up, then rejection",
)
"""Documents that CBP asked for are expected within 10 working days of the notice."""

SCHEDULED_LIQUIDATION: Final = Period(
    3,
    "scheduled_liquidation",
    DueKind.PRACTICE,
    "date of entry",
    "CBP practice: 314 days, weekly Friday cycle",
    lambda day: friday_on_or_after(day + timedelta(days=314)),
    Effects(0, Stage.OVERDUE),
)
"""CBP liquidates about 314 days after entry, on the Friday of its weekly cycle; a date it reports wins."""

REPORTED_LIQUIDATION: Final = Period(
    4,
    "scheduled_liquidation",
    DueKind.PRACTICE,
    "liquidation scheduled",
    "Entry Summary Query, record JB: liquidation date with status 2",
    _days(0),
    Effects(0, Stage.OVERDUE),
)
"""CBP has said on which day it will liquidate: the authoritative form of `scheduled_liquidation`."""

DEEMED_LIQUIDATION: Final = Period(
    5,
    "deemed_liquidation",
    DueKind.CBP_MUST,
    "date of entry",
    "19 USC 1504(a)(1); 19 CFR 159.11",
    _years(1),
    _RESULT,
    _ASSERTED,
)
"""An entry that is not liquidated, extended or suspended within 1 year of entry is liquidated as asserted."""

PROTEST_FILING: Final = Period(
    6,
    "protest_filing",
    DueKind.TRADE_MAY_UNTIL,
    "liquidation",
    "19 USC 1514(c)(3)",
    _days(180),
    _WINDOW,
    "decision final",
)
"""A protest is filed within 180 days after liquidation or reliquidation."""

VOLUNTARY_RELIQUIDATION: Final = Period(
    7,
    "voluntary_reliquidation",
    DueKind.CBP_MUST,
    "original liquidation",
    "19 USC 1501",
    _days(90),
    NOTHING,
    "liquidation stands",
)
"""CBP may reliquidate within 90 days of the original liquidation."""

EXTENSION_END: Final = Period(
    8,
    "extension_end",
    DueKind.CBP_MUST,
    "extension of liquidation",
    "19 USC 1504(b); 19 CFR 159.12",
    _years(1),
    _LONG,
    "liquidate, or extend again",
)
"""An extension of liquidation runs for a year at most."""

EXTENSION_LIMIT: Final = Period(
    9,
    "extension_limit",
    DueKind.CBP_MUST,
    "date of entry",
    "19 USC 1504(b)",
    _years(4),
    _RESULT,
    _ASSERTED,
)
"""However often it was extended, an entry is liquidated as asserted 4 years after the start of the 1-year clock."""

SUSPENSION_REMOVED: Final = Period(
    10,
    "suspension_removed",
    DueKind.CBP_MUST,
    "notice that the suspension is removed",
    "19 USC 1504(d)",
    _months(6),
    _RESULT,
    _ASSERTED,
)
"""After notice that a suspension is removed CBP has 6 months."""

PSC_WINDOW: Final = Period(
    11,
    "post_summary_correction",
    DueKind.TRADE_MAY_UNTIL,
    "date of entry, and scheduled liquidation",
    "CBP notice of 2017; 84 FR 40430; ACE Entry Summary Create/Update",
    _days(300),
    NOTHING,
    "correction refused; protest after liquidation instead",
)
"""A post-summary correction comes within 300 days of entry and 15 days before the scheduled liquidation."""

FORM_28: Final = Period(
    12,
    "form_28_answer",
    DueKind.TRADE_MUST,
    "date of issue",
    "CBP Form 28; ruling HQ 562084",
    _days(30),
    _MUST,
    "CBP decides on what it has; often a Form 29",
)
"""A request for information is answered within 30 days."""

FORM_29: Final = Period(
    13,
    "form_29_answer",
    DueKind.TRADE_MUST,
    "date of mailing",
    "19 CFR 152.2",
    _days(20),
    Effects(5, Stage.OVERDUE),
    "action taken as proposed",
)
"""A proposed notice of action is answered within 20 days."""

TEMPORARY_IMPORT: Final = Period(
    14,
    "temporary_importation",
    DueKind.TRADE_MUST,
    "date of importation",
    "19 CFR 10.37",
    _years(1),
    _LONG,
    "liquidated damages case",
)
"""Goods under a temporary importation bond leave within a year, extendable to three in all."""

RECONCILIATION_FILING: Final = Period(
    15,
    "reconciliation",
    DueKind.TRADE_MUST,
    "date of the declared intent",
    "19 USC 1484(b)(1)",
    _months(21),
    _LONG,
    "deemed liquidation clock starts at the due date",
)
"""A reconciliation is filed within 21 months of the declared intent."""

PREFERENCE_REFUND: Final = Period(
    16,
    "preference_refund_claim",
    DueKind.TRADE_MAY_UNTIL,
    "date of importation",
    "19 USC 1520(d)",
    _years(1),
    NOTHING,
    "claim refused",
)
"""A claim for a preference that was not made at entry comes within a year of importation."""

MARKING_REDELIVERY: Final = Period(
    17,
    "marking_redelivery_demand",
    DueKind.CBP_MUST,
    "date of entry or of the examination",
    "19 CFR 134.3(b), 141.113(a)",
    _days(30),
    _MUST,
    "no redelivery demand possible on this ground; 10 percent marking duty before liquidation remains",
)
"""Redelivery for missing marks is demanded within 30 days."""

TEXTILE_REDELIVERY: Final = Period(
    18,
    "textile_redelivery_demand",
    DueKind.CBP_MUST,
    "conditional release",
    "19 CFR 141.113(b)",
    _days(180),
    _MUST,
    "conditional release ends",
)
"""Redelivery of textiles and apparel is demanded within the conditional release of 180 days."""

BILL: Final = Period(
    19,
    "bill_payment",
    DueKind.TRADE_MUST,
    "date of the bill",
    "19 USC 1505(b), (d)",
    _days(30),
    _MUST,
    "interest by 30-day periods",
)
"""A bill is paid within 30 days."""

REFUND: Final = Period(
    20,
    "refund_payment",
    DueKind.CBP_MUST,
    "liquidation",
    "19 USC 1505(b); 19 USC 1504(a)(3)",
    _days(30),
    _MUST,
    "interest",
)
"""A refund is paid within 30 days of liquidation."""

PROTEST_DECISION: Final = Period(
    21,
    "protest_decision",
    DueKind.CBP_MUST,
    "filing",
    "19 USC 1515(a); 19 CFR 174.21",
    _years(2),
    Effects(60, Stage.OVERDUE),
    "CBP must still decide",
)
"""A protest is decided within 2 years of filing; it is not deemed denied by their end."""

EXCLUSION_DECISION: Final = Period(
    22,
    "exclusion_protest_decision",
    DueKind.CBP_MUST,
    "filing",
    "19 CFR 174.21(b)",
    _days(30),
    _SHORT_RESULT,
    "deemed denied",
)
"""A protest against exclusion that is not decided within 30 days is deemed denied."""

ACCELERATED_DECISION: Final = Period(
    23,
    "accelerated_protest_decision",
    DueKind.CBP_MUST,
    "mailing of the request",
    "19 USC 1515(b)",
    _days(30),
    _SHORT_RESULT,
    "deemed denied on day 30",
)
"""A protest whose accelerated disposition was asked is deemed denied on day 30 after mailing."""

FURTHER_REVIEW_ANSWER: Final = Period(
    24,
    "further_review_application",
    DueKind.CBP_MUST,
    "application",
    "19 USC 1515(a)",
    _days(30),
    _MUST,
)
"""An application for further review is decided within 30 days."""

SET_ASIDE_ANSWER: Final = Period(
    25,
    "further_review_set_aside",
    DueKind.CBP_MUST,
    "request",
    "19 USC 1515(c)",
    _days(60),
    _SHORT_RESULT,
    "request counts as denied",
)
"""A request to set a denial of further review aside counts as denied after 60 days."""

VOID_REQUEST_FILING: Final = Period(
    26,
    "protest_denial_void_request",
    DueKind.TRADE_MAY_UNTIL,
    "protest denial",
    "19 USC 1515(d)",
    _days(90),
    NOTHING,
    "denial stands",
)
"""A denial against instructions is asked to be voided within 90 days."""

SUMMONS: Final = Period(
    27,
    "summons",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the denial",
    "19 CFR 174.31; 28 USC 2636",
    _days(180),
    Effects(30, Stage.CLOSED),
    "denial final",
)
"""A denied protest is taken to court within 180 days of the mailing of the denial."""

PENALTY_PETITION: Final = Period(
    28,
    "penalty_petition",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the notice",
    "19 CFR 171.2(b)",
    _days(60),
    _MUST,
    "case goes on without petition",
)
"""A petition against a penalty comes within 60 days of the mailing of the notice."""

SEIZURE_PETITION: Final = Period(
    29,
    "seizure_petition",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the notice",
    "19 CFR 171.2(b)",
    _days(30),
    _MUST,
    "case goes on without petition",
)
"""A petition for relief from a seizure comes within 30 days of the mailing of the notice."""

DAMAGES_PETITION: Final = Period(
    30,
    "liquidated_damages_petition",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the notice",
    "19 CFR 172.3",
    _days(60),
    _MUST,
    "claim due in full",
)
"""A petition against a claim for liquidated damages comes within 60 days of the mailing of the notice."""

DISCLOSURE_TENDER: Final = Period(
    31,
    "prior_disclosure_tender",
    DueKind.TRADE_MUST,
    "CBP notice of the unpaid amount",
    "19 USC 1592(c)(4)",
    _days(30),
    _MUST,
    "reduced-penalty benefit lost",
)
"""Who disclosed a violation tenders the unpaid amount within 30 days of CBP's notice of it."""

RECORDS: Final = Period(
    32,
    "record_keeping",
    DueKind.TRADE_MUST,
    "date of entry",
    "19 USC 1508(c)",
    _years(5),
    _LONG,
)
"""Records of an entry are kept up to 5 years."""

OWNER_DECLARATION_FILING: Final = Period(
    33,
    "owner_declaration",
    DueKind.TRADE_MUST,
    "date of entry",
    "19 USC 1485(d)",
    _days(90),
    NOTHING,
    "importer of record stays liable",
)
"""The declaration of the owner comes within 90 days of entry."""

DRAWBACK_LIQUIDATION: Final = Period(
    34,
    "drawback_liquidation",
    DueKind.CBP_MUST,
    "claim date",
    "19 USC 1504(a)(2)",
    _years(1),
    _RESULT,
    "deemed liquidated at the amount claimed",
)
"""A drawback claim that is not liquidated within 1 year is liquidated at the amount claimed."""

INQUIRY_ANSWER: Final = Period(
    35,
    "inquiry_answer",
    DueKind.POLICY,
    "receipt",
    "policy: 30 days; no period is published",
    _days(30),
    _MUST,
    "escalated",
)
"""A question of the trade is answered within 30 days."""

SET_ASIDE_FILING: Final = Period(
    36,
    "further_review_set_aside_filing",
    DueKind.TRADE_MAY_UNTIL,
    "notice of the denial",
    "19 USC 1515(c)",
    _days(60),
    NOTHING,
    "denial of further review stands",
)
"""Setting a denial of further review aside is asked within 60 days of the notice of it."""

PERIODS: Final = (
    SUMMARY_FILING,
    DOCUMENTS,
    SCHEDULED_LIQUIDATION,
    REPORTED_LIQUIDATION,
    DEEMED_LIQUIDATION,
    PROTEST_FILING,
    VOLUNTARY_RELIQUIDATION,
    EXTENSION_END,
    EXTENSION_LIMIT,
    SUSPENSION_REMOVED,
    PSC_WINDOW,
    FORM_28,
    FORM_29,
    TEMPORARY_IMPORT,
    RECONCILIATION_FILING,
    PREFERENCE_REFUND,
    MARKING_REDELIVERY,
    TEXTILE_REDELIVERY,
    BILL,
    REFUND,
    PROTEST_DECISION,
    EXCLUSION_DECISION,
    ACCELERATED_DECISION,
    FURTHER_REVIEW_ANSWER,
    SET_ASIDE_ANSWER,
    VOID_REQUEST_FILING,
    SUMMONS,
    PENALTY_PETITION,
    SEIZURE_PETITION,
    DAMAGES_PETITION,
    DISCLOSURE_TENDER,
    RECORDS,
    OWNER_DECLARATION_FILING,
    DRAWBACK_LIQUIDATION,
    INQUIRY_ANSWER,
    SET_ASIDE_FILING,
)

PERIOD: Final[Mapping[int, Period]] = MappingProxyType({period.number: period for period in PERIODS})
"""Every period by its number."""
