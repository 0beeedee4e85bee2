"""The rules that an event can break: each with its name, its sentence, its source and what to do about it."""

from types import MappingProxyType
from typing import Final, NamedTuple

from streams.customs.life_cycle import CONTRADICTS_LIQUIDATION, FILINGS, FINAL, Kind, State


class Rule(NamedTuple):
    """A rule that an event can break: its name, its sentence, its source, and what the sender can do."""

    name: str
    sentence: str
    source: str
    remedy: str


_AE: Final = "CBP ACE ABI CATAIR Entry Summary Create/Update, July 2026"

ONLY_AFTER_REJECTION: Final = Rule(
    "filing.only_after_rejection",
    "Under CBP control a summary is replaced only after CBP rejected it.",
    _AE,
    "wait for a rejection, or file a post-summary correction",
)
ONLY_CORRECTIONS: Final = Rule(
    "filing.only_corrections_after_psc",
    "After an accepted post-summary correction ordinary filings are refused; only further corrections are taken.",
    _AE,
    "file the change as a post-summary correction",
)
SUMMARY_ENDED: Final = Rule(
    "filing.summary_ended",
    "A summary that CBP made inactive or cancelled is not filed again.",
    _AE,
    "file a new entry",
)
AFTER_LIQUIDATION: Final = Rule(
    "filing.after_liquidation",
    "A liquidated entry is neither filed again nor corrected; it can be protested.",
    "19 USC 1514",
    "protest the liquidation",
)
OLDER_VERSION: Final = Rule(
    "filing.older_version",
    "A version older than the known one changes nothing; versions order by number, then time of acceptance.",
    "CBP ACE ABI CATAIR Entry Summary Query v26, record JB",
    "nothing, if it is a repeat; else publish the current version",
)
DELETE_TRADE_CONTROL: Final = Rule(
    "deletion.only_under_trade_control",
    "A filer deletes a summary only while it is under trade control, and never a post-summary correction.",
    _AE,
    "ask CBP to cancel the entry",
)
FINAL_STATE: Final = Rule(
    "life_cycle.liquidation_is_final",
    "A liquidated entry is not rejected, made inactive or cancelled.",
    "19 USC 1514(a)",
    "check the entry number; a liquidation is changed by reliquidation or protest",
)
OUT_OF_ORDER: Final = Rule(
    "life_cycle.not_in_this_state",
    "An event is taken only in a state in which it can happen.",
    "entry summary life cycle",
    "check the entry number and the state of the entry",
)

BROKEN_RULES: Final = MappingProxyType(
    {(State.CBP_CONTROL, kind): ONLY_AFTER_REJECTION for kind in FILINGS}
    | {(State.CORRECTED, kind): ONLY_CORRECTIONS for kind in FILINGS}
    | {(state, kind): SUMMARY_ENDED for state in (State.INACTIVE, State.CANCELLED) for kind in FILINGS}
    | {(state, kind): AFTER_LIQUIDATION for state in FINAL for kind in FILINGS}
    | {(state, Kind.DELETED): DELETE_TRADE_CONTROL for state in State}
    | {(state, kind): FINAL_STATE for state in FINAL for kind in CONTRADICTS_LIQUIDATION}
)
"""Which rule an event breaks that `TRANSITIONS` does not have; `OUT_OF_ORDER` where nothing better is said."""

OVERRIDE_GROUNDS: Final = Rule(
    "placement.override_needs_a_ground",
    "A placement by hand names its ground (19 CFR 101.10(b)) and a reason.",
    "19 CFR 101.10(b)",
    "name business practice, intended use, high relative value, a granted appeal or broker, and the reason",
)
APPEAL_CLOSED: Final = Rule(
    "appeal.is_decided",
    "An appeal that is granted, denied or withdrawn is neither completed nor decided again.",
    "19 CFR 101.10(c); placement policy P19",
    "file a new appeal; an importer may appeal at any time",
)
APPEAL_STATES: Final = Rule(
    "appeal.not_in_this_state",
    "An appeal that lacks required contents is not granted before they are there.",
    "19 CFR 101.10(c)(1)-(5); placement policy P19",
    "let the importer complete the appeal, or take it under review as it is",
)
APPEAL_GRANTED_TO_A_CENTER: Final = Rule(
    "appeal.is_granted_to_a_center",
    "A granted appeal names the Center that has the importer from then on.",
    "19 CFR 101.10(c); placement policy P19",
    "publish the decision with the Center",
)
UNKNOWN_APPEAL: Final = Rule(
    "appeal.unknown",
    "A decision on an appeal that nobody knows waits 7 days for the appeal.",
    "allowance for late events",
    "publish the appeal, then the decision again",
)
CHECK_DIGIT: Final = Rule(
    "entry_number.check_digit",
    "An entry number ends with the check digit of its filer code and number.",
    "CBP ACE ABI CATAIR Entry Summary Create/Update, table 1; Appendix E",
    "correct the entry number and publish the event again",
)
FUTURE_EVENT: Final = Rule(
    "event.in_the_future",
    "An event has happened at most 24 hours after the broker received it.",
    "allowance for the clocks of port systems",
    "set the clock of the sending system and publish the event again",
)
UNKNOWN_ENTRY: Final = Rule(
    "entry.unknown",
    "An event about an entry that nobody knows waits 7 days for its summary.",
    "allowance for late summaries",
    "publish the entry summary, then this event again",
)
RULES_VALID: Final = Rule(
    "rules.version_is_valid",
    "A version of the rules names switches that there are, values that they take, and Centers that there are.",
    "placement policies; 19 CFR 101.1",
    "mend the version and publish it under a new event id",
)
RULES_ANNOUNCED: Final = Rule(
    "rules.announced_before_they_begin",
    "A version of the rules begins on a later day than the one on which it is announced, so that no day has two rules.",
    "placement policy P12",
    "publish the version with a later day",
)
RULES_NAMED_ONCE: Final = Rule(
    "rules.version_is_named_once",
    "Two versions of the rules never share a name: decisions cite it.",
    "placement policy P12",
    "give the version a new name and publish it under a new event id",
)
