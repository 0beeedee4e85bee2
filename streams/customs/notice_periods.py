"""The periods that notices, claims and questions start."""

from typing import Final

from streams.customs.clock_marks import NOTHING, Effects, Stage
from streams.customs.clocks import LONG, MUST, DueKind, Period, days, years

FORM_28: Final = Period(
    12,
    "form_28_answer",
    DueKind.TRADE_MUST,
    "date of issue",
    "CBP Form 28; ruling HQ 562084",
    days(30),
    MUST,
    "CBP decides on what it has; often a Form 29",
)
"""A request for information is answered within 30 days."""

FORM_29: Final = Period(
    13,
    "form_29_answer",
    DueKind.TRADE_MUST,
    "date of mailing",
    "19 CFR 152.2",
    days(20),
    Effects(5, Stage.OVERDUE),
    "action taken as proposed",
)
"""A proposed notice of action is answered within 20 days."""

PREFERENCE_REFUND: Final = Period(
    16,
    "preference_refund_claim",
    DueKind.TRADE_MAY_UNTIL,
    "date of importation",
    "19 USC 1520(d)",
    years(1),
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
    days(30),
    MUST,
    "no redelivery demand possible on this ground; 10 percent marking duty before liquidation remains",
)
"""Redelivery for missing marks is demanded within 30 days."""

TEXTILE_REDELIVERY: Final = Period(
    18,
    "textile_redelivery_demand",
    DueKind.CBP_MUST,
    "conditional release",
    "19 CFR 141.113(b)",
    days(180),
    MUST,
    "conditional release ends",
)
"""Redelivery of textiles and apparel is demanded within the conditional release of 180 days."""

BILL: Final = Period(
    19,
    "bill_payment",
    DueKind.TRADE_MUST,
    "date of the bill",
    "19 USC 1505(b), (d)",
    days(30),
    MUST,
    "interest by 30-day periods",
)
"""A bill is paid within 30 days."""

REFUND: Final = Period(
    20,
    "refund_payment",
    DueKind.CBP_MUST,
    "liquidation",
    "19 USC 1505(b); 19 USC 1504(a)(3)",
    days(30),
    MUST,
    "interest",
)
"""A refund is paid within 30 days of liquidation."""

PENALTY_PETITION: Final = Period(
    28,
    "penalty_petition",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the notice",
    "19 CFR 171.2(b)",
    days(60),
    MUST,
    "case goes on without petition",
)
"""A petition against a penalty comes within 60 days of the mailing of the notice."""

SEIZURE_PETITION: Final = Period(
    29,
    "seizure_petition",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the notice",
    "19 CFR 171.2(b)",
    days(30),
    MUST,
    "case goes on without petition",
)
"""A petition for relief from a seizure comes within 30 days of the mailing of the notice."""

DAMAGES_PETITION: Final = Period(
    30,
    "liquidated_damages_petition",
    DueKind.TRADE_MAY_UNTIL,
    "mailing of the notice",
    "19 CFR 172.3",
    days(60),
    MUST,
    "claim due in full",
)
"""A petition against a claim for liquidated damages comes within 60 days of the mailing of the notice."""

DISCLOSURE_TENDER: Final = Period(
    31,
    "prior_disclosure_tender",
    DueKind.TRADE_MUST,
    "CBP notice of the unpaid amount",
    "19 USC 1592(c)(4)",
    days(30),
    MUST,
    "reduced-penalty benefit lost",
)
"""Whoever disclosed a violation tenders the unpaid amount within 30 days of CBP's notice of it."""

RECORDS: Final = Period(
    32,
    "record_keeping",
    DueKind.TRADE_MUST,
    "date of entry",
    "19 USC 1508(c)",
    years(5),
    LONG,
)
"""Records of an entry are kept up to 5 years."""

OWNER_DECLARATION_FILING: Final = Period(
    33,
    "owner_declaration",
    DueKind.TRADE_MUST,
    "date of entry",
    "19 USC 1485(d)",
    days(90),
    NOTHING,
    "importer of record stays liable",
)
"""The declaration of the owner comes within 90 days of entry."""

INQUIRY_ANSWER: Final = Period(
    35,
    "inquiry_answer",
    DueKind.POLICY,
    "receipt",
    "policy: 30 days; no period is published",
    days(30),
    MUST,
    "escalated",
)
"""A question of the trade is answered within 30 days."""
