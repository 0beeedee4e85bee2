"""The rules that a protest, and what goes with it, can break."""

from typing import Final

from streams.customs.rules import Rule

LIQUIDATION_KNOWN: Final = Rule(
    "protest.liquidation_known",
    "A protest against a liquidation is about liquidated entries of the importer; one that dates it waits 7 days.",
    "19 USC 1514(c)(3); 19 CFR 174.13",
    "protest again when the entry has been liquidated, and name the date of liquidation",
)
NOT_BEFORE: Final = Rule(
    "protest.not_before_liquidation",
    "A protest is not filed before the liquidation, reliquidation or decision that it is against.",
    "19 USC 1514(c)(3)",
    "protest again after the liquidation",
)
WITHIN_180_DAYS: Final = Rule(
    "protest.within_180_days",
    "A protest is filed at most 180 days after the liquidation, reliquidation, decision, or demand on a surety.",
    "19 USC 1514(c)(3); 19 CFR 174.12(e)",
    "none: the liquidation is final",
)
DATED_DECISION: Final = Rule(
    "protest.decision_is_dated",
    "A protest against a decision or an exclusion, or of a surety, names the day from which its time counts.",
    "19 USC 1514(c)(3)",
    "file it again with the date of the decision, or of the demand on the bond",
)
ONE_PER_CATEGORY: Final = Rule(
    "protest.one_per_entry_and_category",
    "An entry is protested once for each category of merchandise.",
    "19 USC 1514(c)(1)",
    "amend the earlier protest, or withdraw it",
)
ONLY_TOUCHED_ISSUES: Final = Rule(
    "protest.only_questions_reliquidated",
    "A protest against a reliquidation reaches only the questions that the reliquidation touched.",
    "19 USC 1514(d)",
    "protest the question that was reliquidated",
)
COVERS_ENTRIES: Final = Rule(
    "protest.covers_an_entry",
    "A protest against a liquidation lists at least one entry.",
    "19 CFR 174.13(b)",
    "file it again with entry number, entry date and liquidation date of each entry",
)
MOST_ENTRIES_RULE: Final = Rule(
    "protest.entries_at_most",
    "One protest covers at most 1,000 entries; further ones are protested by another.",
    "limit of this system",
    "file another protest for the remaining entries",
)
NUMBER_USED: Final = Rule(
    "protest.number_used",
    "A protest number names one protest.",
    "ACE protest",
    "amend the protest, or file under another number",
)
OPEN_PROTEST: Final = Rule(
    "protest.is_open",
    "Only a protest that is known and open is amended, withdrawn or accelerated.",
    "19 CFR 174.14",
    "check the protest number",
)
AMENDED_IN_TIME: Final = Rule(
    "protest.amended_while_window_open",
    "A protest is amended while the time for filing runs, and not once accelerated disposition was asked.",
    "19 USC 1514(c)(1); 19 CFR 174.14(a)",
    "none: the protest stands as it is",
)
NOT_FOR_EXCLUSION: Final = Rule(
    "protest.request_fits",
    "Accelerated disposition and further review are asked once, and not for a protest against exclusion.",
    "19 USC 1515(a), (b)",
    "none: a protest against exclusion is decided within 30 days",
)
VOID_AFTER_DENIAL: Final = Rule(
    "protest.void_within_90_days",
    "A denial against instructions is asked to be voided within 90 days of the denial.",
    "19 USC 1515(d)",
    "check the protest number; after 90 days the denial stands",
)
SET_ASIDE_AFTER_DENIAL: Final = Rule(
    "protest.set_aside_within_60_days",
    "Setting a denial of further review aside is asked within 60 days of its notice.",
    "19 USC 1515(c)",
    "check the protest number; after 60 days the denial of further review stands",
)

PROTEST_RULES: Final = (
    LIQUIDATION_KNOWN,
    NOT_BEFORE,
    WITHIN_180_DAYS,
    DATED_DECISION,
    ONE_PER_CATEGORY,
    ONLY_TOUCHED_ISSUES,
    COVERS_ENTRIES,
    MOST_ENTRIES_RULE,
    NUMBER_USED,
    OPEN_PROTEST,
    AMENDED_IN_TIME,
    NOT_FOR_EXCLUSION,
    VOID_AFTER_DENIAL,
    SET_ASIDE_AFTER_DENIAL,
)
