"""The rules that a Center's decision can break."""

from typing import Final

from streams.customs.rules import Rule

CASE_IS_OPEN: Final = Rule(
    "decision.case_is_open",
    "A decision is about an open case of the account that it names.",
    "transfer and closing of cases (19 CFR 101.10; policy P14)",
    "read the case's last work item; a closed case is not decided again",
)
OWN_CASE: Final = Rule(
    "decision.own_case",
    "A Center decides only cases that are its own, and of joint work only the owner decides.",
    "19 CFR 101.10; division of labour between Centers, ports and other offices",
    "leave the case to its owner",
)
KNOWN_ASSIGNMENT: Final = Rule(
    "decision.known_assignment",
    "A decision names the assignment under which the Center has the case.",
    "transfer of cases (policy P14)",
    "take the assignment number of the case's last work item",
)

DECISION_RULES: Final = (CASE_IS_OPEN, OWN_CASE, KNOWN_ASSIGNMENT)
