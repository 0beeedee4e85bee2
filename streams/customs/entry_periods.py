"""The periods of an entry: its filing, its correction, its liquidation."""

from datetime import timedelta
from typing import Final

from streams.customs.calendar import friday_on_or_after
from streams.customs.clock_marks import NOTHING, Effects, Stage
from streams.customs.clocks import ASSERTED, LONG, RESULT, SHORT, DueKind, Period, days, months, working_days, years

SUMMARY_FILING: Final = Period(
    1,
    "summary_filing",
    DueKind.TRADE_MUST,
    "time of entry",
    "19 CFR 142.12(b)",
    working_days(10),
    SHORT,
    "late-filing liquidated damages case",
)
"""The entry summary is filed within 10 working days after the time of entry."""

DOCUMENTS: Final = Period(
    2,
    "documents",
    DueKind.POLICY,
    "notice",
    "policy: 10 working days; no period is published",
    working_days(10),
    SHORT,
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
    days(0),
    Effects(0, Stage.OVERDUE),
)
"""CBP has said on which day it will liquidate: the authoritative form of `scheduled_liquidation`."""

DEEMED_LIQUIDATION: Final = Period(
    5,
    "deemed_liquidation",
    DueKind.CBP_MUST,
    "date of entry",
    "19 USC 1504(a)(1); 19 CFR 159.11",
    years(1),
    RESULT,
    ASSERTED,
)
"""An entry that is not liquidated, extended or suspended within 1 year of entry is liquidated as asserted."""

VOLUNTARY_RELIQUIDATION: Final = Period(
    7,
    "voluntary_reliquidation",
    DueKind.CBP_MUST,
    "original liquidation",
    "19 USC 1501",
    days(90),
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
    years(1),
    LONG,
    "liquidate, or extend again",
)
"""An extension of liquidation runs for a year at most."""

EXTENSION_LIMIT: Final = Period(
    9,
    "extension_limit",
    DueKind.CBP_MUST,
    "date of entry",
    "19 USC 1504(b)",
    years(4),
    RESULT,
    ASSERTED,
)
"""However often it was extended, an entry is liquidated as asserted 4 years after the start of the 1-year clock."""

SUSPENSION_REMOVED: Final = Period(
    10,
    "suspension_removed",
    DueKind.CBP_MUST,
    "notice that the suspension is removed",
    "19 USC 1504(d)",
    months(6),
    RESULT,
    ASSERTED,
)
"""After notice that a suspension is removed CBP has 6 months."""

PSC_WINDOW: Final = Period(
    11,
    "post_summary_correction",
    DueKind.TRADE_MAY_UNTIL,
    "date of entry, and scheduled liquidation",
    "CBP notice of 2017; 84 FR 40430; ACE Entry Summary Create/Update",
    days(300),
    NOTHING,
    "correction refused; protest after liquidation instead",
)
"""A post-summary correction comes within 300 days of entry and 15 days before the scheduled liquidation."""

TEMPORARY_IMPORT: Final = Period(
    14,
    "temporary_importation",
    DueKind.TRADE_MUST,
    "date of importation",
    "19 CFR 10.37",
    years(1),
    LONG,
    "liquidated damages case",
)
"""Goods under a temporary importation bond leave within a year, extendable to three in all."""

RECONCILIATION_FILING: Final = Period(
    15,
    "reconciliation",
    DueKind.TRADE_MUST,
    "date of the declared intent",
    "19 USC 1484(b)(1)",
    months(21),
    LONG,
    "deemed liquidation clock starts at the due date",
)
"""A reconciliation is filed within 21 months of the declared intent."""

DRAWBACK_LIQUIDATION: Final = Period(
    34,
    "drawback_liquidation",
    DueKind.CBP_MUST,
    "claim date",
    "19 USC 1504(a)(2)",
    years(1),
    RESULT,
    "deemed liquidated at the amount claimed",
)
"""A drawback claim that is not liquidated within 1 year is liquidated at the amount claimed."""
