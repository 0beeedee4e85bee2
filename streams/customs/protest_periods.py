"""The periods of a protest and of what goes with it, to the way to court."""

from typing import Final

from streams.customs.clock_marks import NOTHING, Effects, Stage
from streams.customs.clocks import MUST, SHORT_RESULT, WINDOW, DueKind, Period, days, years

PROTEST_FILING: Final = Period(
    6,
    "protest_filing",
    DueKind.TRADE_MAY_UNTIL,
    "liquidation",
    "19 USC 1514(c)(3)",
    days(180),
    WINDOW,
    "decision final",
)
"""A protest is filed within 180 days after liquidation or reliquidation."""

PROTEST_DECISION: Final = Period(
    21,
    "protest_decision",
    DueKind.CBP_MUST,
    "filing",
    "19 USC 1515(a); 19 CFR 174.21",
    years(2),
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
    days(30),
    SHORT_RESULT,
    "deemed denied",
)
"""A protest against exclusion that is not decided within 30 days is deemed denied."""

ACCELERATED_DECISION: Final = Period(
    23,
    "accelerated_protest_decision",
    DueKind.CBP_MUST,
    "mailing of the request",
    "19 USC 1515(b)",
    days(30),
    SHORT_RESULT,
    "deemed denied on day 30",
)
"""A protest whose accelerated disposition was asked is deemed denied on day 30 after mailing."""

FURTHER_REVIEW_ANSWER: Final = Period(
    24,
    "further_review_application",
    DueKind.CBP_MUST,
    "application",
    "19 USC 1515(a)",
    days(30),
    MUST,
)
"""An application for further review is decided within 30 days."""

SET_ASIDE_ANSWER: Final = Period(
    25,
    "further_review_set_aside",
    DueKind.CBP_MUST,
    "request",
    "19 USC 1515(c)",
    days(60),
    SHORT_RESULT,
    "request counts as denied",
)
"""A request to set a denial of further review aside counts as denied after 60 days."""

VOID_REQUEST_FILING: Final = Period(
    26,
    "protest_denial_void_request",
    DueKind.TRADE_MAY_UNTIL,
    "protest denial",
    "19 USC 1515(d)",
    days(90),
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
    days(180),
    Effects(30, Stage.CLOSED),
    "denial final",
)
"""A denied protest is taken to court within 180 days of the mailing of the denial."""

SET_ASIDE_FILING: Final = Period(
    36,
    "further_review_set_aside_filing",
    DueKind.TRADE_MAY_UNTIL,
    "notice of the denial",
    "19 USC 1515(c)",
    days(60),
    NOTHING,
    "denial of further review stands",
)
"""A denial of further review is asked to be set aside within 60 days of the notice of it."""
