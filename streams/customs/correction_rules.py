"""The rules that a post-summary correction can break.

Source of all: CBP ACE ABI CATAIR Entry Summary Create/Update, and the notices named beside them.
"""

from typing import Final

from streams.customs.rules import Rule

_AE: Final = "CBP ACE ABI CATAIR Entry Summary Create/Update, July 2026"

GIVES_REASONS: Final = Rule(
    "correction.gives_reasons",
    "A post-summary correction has reason codes for its header or its lines, and an explanation.",
    _AE,
    "publish it again with reason codes and explanation",
)
NOT_INFORMAL: Final = Rule(
    "correction.not_of_an_informal_entry",
    "Informal entries (types 11 and 12) are not corrected after the summary.",
    _AE,
    "protest the liquidation, or ask CBP to cancel the entry",
)
NOT_RECONCILED: Final = Rule(
    "correction.not_of_a_reconciliation",
    "A reconciliation (type 09) is not corrected after the summary.",
    _AE,
    "protest the liquidation of the reconciliation",
)
KEEPS_IMPORTER_AND_PORT: Final = Rule(
    "correction.keeps_importer_and_port",
    "A post-summary correction keeps importer of record and port of entry.",
    _AE,
    "ask CBP to cancel the entry, and file another",
)
TYPE_BETWEEN_01_AND_03: Final = Rule(
    "correction.type_between_01_and_03",
    "A post-summary correction changes the entry type between 01 and 03 at most.",
    _AE,
    "ask CBP to cancel the entry, and file another",
)
OF_A_PAID_SUMMARY: Final = Rule(
    "correction.of_a_paid_summary",
    "A post-summary correction is of a paid summary; one whose payment is not known waits 7 days for it.",
    _AE,
    "publish the payment, then the correction again",
)
OF_A_SCHEDULED_LIQUIDATION: Final = Rule(
    "correction.of_a_scheduled_liquidation",
    "A post-summary correction needs a scheduled liquidation, except for types 03, 07, 34 and 38; it waits 7 days.",
    _AE,
    "publish the date of the scheduled liquidation, then the correction again",
)
IN_TIME: Final = Rule(
    "correction.in_time",
    "A correction comes within 300 days of entry and 15 days before liquidation; after an extension the latter alone.",
    "CBP notice of 2017; 84 FR 40430; " + _AE,
    "protest after liquidation instead",
)
AT_MOST: Final = Rule(
    "correction.at_most",
    "Of one entry at most 200 corrections and reversals are kept.",
    "limit of this system",
    "tell the operators: no filer corrects a summary so often",
)

CORRECTION_RULES: Final = (
    GIVES_REASONS,
    NOT_INFORMAL,
    NOT_RECONCILED,
    KEEPS_IMPORTER_AND_PORT,
    TYPE_BETWEEN_01_AND_03,
    OF_A_PAID_SUMMARY,
    OF_A_SCHEDULED_LIQUIDATION,
    IN_TIME,
    AT_MOST,
)
