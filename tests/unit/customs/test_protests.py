"""Protests as the rules see them: who may protest what, what joins, and what becomes of it."""

from typing import Any

import pytest

from streams.customs.clocks import date_of
from streams.customs.matters import MOST_ENTRIES, clocks_of_matter
from streams.customs.outcomes import Ignored, MatterItem, Refused, Released, Resulted, Waits
from streams.customs.protest_periods import PROTEST_FILING, SUMMONS, VOID_REQUEST_FILING
from streams.customs.protest_rules import (
    AMENDED_IN_TIME,
    COVERS_ENTRIES,
    DATED_DECISION,
    LIQUIDATION_KNOWN,
    MOST_ENTRIES_RULE,
    NOT_BEFORE,
    NOT_FOR_EXCLUSION,
    NUMBER_USED,
    ONE_PER_CATEGORY,
    ONLY_TOUCHED_ISSUES,
    OPEN_PROTEST,
    SET_ASIDE_AFTER_DENIAL,
    VOID_AFTER_DENIAL,
    WITHIN_180_DAYS,
)
from streams.customs.trade_events import DecidedEntry
from streams.customs.work_types import (
    FURTHER_REVIEW,
    PROTEST,
    PROTEST_ACCELERATED,
    PROTEST_EXCLUSION,
    SET_ASIDE,
    SUMMONS_WATCH,
    VOID_REQUEST,
)
from tests.unit.customs.filings import (
    FILED,
    LIQUIDATED,
    NUMBERS,
    amended,
    answers,
    decided,
    heard,
    liquidated,
    listed,
    matter,
    matters_of,
    protest,
    reliquidated,
    requested,
    results,
    rules_of,
    taken,
    told_at,
    with_entries,
    withdrawn,
)
from tests.unit.customs.filings import PROTEST as NUMBER
from tests.unit.customs.kit import ELECTRONICS, ENTRY, Account, day, days_later, summary

LAST = PROTEST_FILING.start(date_of(day(LIQUIDATED))).closes_after.isoformat()
"""The last day for a protest against the liquidation."""
CLOCKS = tuple[tuple[str, str], ...]


def clocks(account: Account, work_type: Any = PROTEST) -> CLOCKS:
    """Return the clocks of the one matter of a work type, and the days on which they started."""
    return tuple((one.name, one.started_on.isoformat()) for one in clocks_of_matter(matter(account, work_type)[1]))


# --- which entries a protest covers ---------------------------------------------------------------------------


def test_ten_entries_of_ten_ports_are_one_case_one_response_and_ten_results() -> None:
    """Told twice, neither the filing nor the decision changes anything."""
    account = with_entries(*NUMBERS[:10])
    opened = account.tell(protest(*NUMBERS[:10]))
    case_id, case = matter(account, PROTEST)

    outcomes = account.tell(decided(case_id))
    again = [account.tell(protest(*NUMBERS[:10])), account.tell(decided(case_id))]

    assert heard(opened) == [("protest", "opened", "owner")]
    assert case.ports == tuple(str(1101 + at) for at in range(10))
    assert clocks(with_protest(), PROTEST) == (("protest_decision", FILED),)
    assert heard(outcomes) == [("protest", "closed", "owner")]
    [response] = answers(outcomes)
    assert (response.reference, response.decision, response.center) == (NUMBER, "approved", ELECTRONICS)
    assert results(outcomes) == [(number, f"{1101 + at}", "approved", "") for at, number in enumerate(NUMBERS[:10])]
    assert again == [[Ignored(None, "")], [Ignored(None, "")]]


def with_protest(**changed: Any) -> Account:
    """Return an account with two liquidated entries, one of them under protest."""
    account = with_entries(*NUMBERS[:2])
    account.tell(protest(NUMBERS[0], **changed))
    return account


@pytest.mark.parametrize("against", ["liquidation", "reliquidation"])
def test_a_protest_against_a_liquidation_covers_an_entry(against: str) -> None:
    """COVERS_ENTRIES; one against a decision need not name any."""
    account = with_entries(NUMBERS[0])

    assert account.tell(protest(against=against)) == [Refused(COVERS_ENTRIES, "")]
    assert heard(account.tell(protest(against="decision", decision_day=day("2026-11-20"), number="2"))) == [
        ("protest", "opened", "owner")
    ]


def test_a_protest_number_names_one_protest() -> None:
    """NUMBER_USED: another filing under it is refused, the same one is a repeat."""
    account = with_protest()

    repeated = account.tell(protest(NUMBERS[0]))
    other = account.tell(protest(NUMBERS[1], when="2026-12-02"))

    assert (repeated, other) == ([Ignored(None, "")], [Refused(NUMBER_USED, "")])


@pytest.mark.parametrize(
    ("filed_on", "rule"),
    [
        ("2026-11-12", NOT_BEFORE),
        (LIQUIDATED, None),
        (LAST, None),
        (days_later(LAST, 1), WITHIN_180_DAYS),
    ],
)
def test_a_protest_comes_not_before_and_180_days_after_the_liquidation_at_most(filed_on: str, rule: Any) -> None:
    """NOT_BEFORE, WITHIN_180_DAYS; both ends are in time."""
    account = with_entries(NUMBERS[0])

    outcomes = account.tell(protest(NUMBERS[0], when=filed_on))

    assert rules_of(outcomes) == ([rule.name] if rule else [])
    assert len(matters_of(account, PROTEST)) == (rule is None)


def test_entries_that_fail_are_refused_one_by_one_with_the_rule() -> None:
    """Unliquidated, protested already, and a number listed twice, which counts once."""
    account = with_entries(*NUMBERS[:3])
    account.tell(summary(number=NUMBERS[3], ports=("2809",)))
    account.tell(protest(NUMBERS[0]))

    outcomes = account.tell(protest(*NUMBERS[:4], NUMBERS[1], number="2", issue="value"))

    assert results(outcomes) == [
        (NUMBERS[0], "1101", "refused", ONE_PER_CATEGORY.name),
        (NUMBERS[3], "2809", "refused", LIQUIDATION_KNOWN.name),
    ]
    assert [number for number, _ in matters_of(account, PROTEST)[1].entries] == [NUMBERS[1], NUMBERS[2]]


def test_a_protest_of_which_no_entry_stands_is_refused_as_a_whole_too() -> None:
    """By the rule of the first entry; it may be filed again under its number."""
    account = with_entries(NUMBERS[0], on="")

    refused = account.tell(protest(NUMBERS[0]))
    account.tell(liquidated(NUMBERS[0]))
    again = account.tell(protest(NUMBERS[0]))

    assert rules_of(refused) == [LIQUIDATION_KNOWN.name]
    assert results(refused) == [(NUMBERS[0], "1101", "refused", LIQUIDATION_KNOWN.name)]
    assert heard(again) == [("protest", "opened", "owner")]


def test_one_protest_covers_a_thousand_entries_at_most() -> None:
    """MOST_ENTRIES_RULE: further ones are told so, one by one."""
    account = with_entries(NUMBERS[0])
    entry = account.entry(NUMBERS[0])
    others = [f"X{at:010d}" for at in range(MOST_ENTRIES)]
    account.books.entries |= dict.fromkeys(others, entry)

    outcomes = account.tell(protest(NUMBERS[0], *others))

    assert len(matter(account, PROTEST)[1].entries) == MOST_ENTRIES
    assert results(outcomes) == [(others[-1], "1101", "refused", MOST_ENTRIES_RULE.name)]


def test_a_dated_protest_waits_for_its_liquidation_and_is_judged_as_it_is_when_time_is_up() -> None:
    """A liquidation releases it; a number that cannot be one is not waited for."""
    account = with_entries(NUMBERS[0])
    account.tell(summary(number=NUMBERS[1], ports=("1102",)))
    filed = protest(*(listed(number, LIQUIDATED) for number in NUMBERS[:3]))
    false = listed(f"{ENTRY[:-1]}9", LIQUIDATED, "2704")

    waits = account.tell(filed)
    released = account.tell(liquidated(NUMBERS[1]))
    judged = account.tell_at_last(filed)
    refused = account.tell(protest(false, number="2"))

    assert (waits, account.entry(NUMBERS[2]).waiting) == ([Waits(NUMBERS[1])], True)
    assert Released(NUMBERS[1]) in released
    assert results(judged) == [(NUMBERS[2], "", "refused", LIQUIDATION_KNOWN.name)]
    assert [number for number, _ in matter(account, PROTEST)[1].entries] == list(NUMBERS[:2])
    assert results(refused) == [(false.entry_number, "2704", "refused", LIQUIDATION_KNOWN.name)]


@pytest.mark.parametrize("wins", [False, True])
def test_a_liquidation_by_law_may_be_protested_once_it_is_final(*, wins: bool) -> None:
    """180 days after 1 March 2027 are a Saturday. A liquidation that CBP posts stands above the one by law."""
    account = with_entries(NUMBERS[0], on="")
    account.pass_days("2027-03-02")
    early = account.tell(protest(NUMBERS[0], when="2027-03-03"))
    account.pass_days("2027-03-05")
    if wins:
        account.tell(liquidated(NUMBERS[0], "2027-03-10"))

    late = account.tell(protest(NUMBERS[0], when="2027-08-31"))
    last = account.tell(protest(NUMBERS[0], when="2027-08-30", number="2", category="8473"))

    assert rules_of(early) == [LIQUIDATION_KNOWN.name]
    assert (rules_of(late), rules_of(last)) == ([] if wins else [WITHIN_180_DAYS.name], [])


# --- reliquidations, decisions, sureties ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("touched", "issue", "rule"),
    [
        (("value",), "value", None),
        (("value", "classification"), "classification", None),
        ((), "classification", None),
        (("value",), "classification", ONLY_TOUCHED_ISSUES),
    ],
)
def test_a_protest_against_a_reliquidation_reaches_only_the_questions_that_it_touched(
    touched: tuple[str, ...], issue: str, rule: Any
) -> None:
    """ONLY_TOUCHED_ISSUES; one that named none touched all."""
    account = with_entries(ENTRY)
    account.tell(reliquidated("2026-12-20", touched))

    outcomes = account.tell(protest(ENTRY, when="2027-06-01", against="reliquidation", issue=issue))

    assert rules_of(outcomes) == ([rule.name] if rule else [])


def test_the_time_against_a_reliquidation_counts_from_it_and_there_has_to_be_one() -> None:
    """The liquidation alone is none."""
    account = with_entries(ENTRY)
    without = account.tell(protest(ENTRY, against="reliquidation"))
    account.tell(reliquidated("2026-12-20"))

    before = account.tell(protest(ENTRY, when="2026-12-19", against="reliquidation", number="2"))
    within = account.tell(protest(ENTRY, when="2027-06-18", against="reliquidation", number="3"))

    assert [rules_of(one) for one in (without, before, within)] == [[LIQUIDATION_KNOWN.name], [NOT_BEFORE.name], []]


@pytest.mark.parametrize(
    ("filed_on", "rule"),
    [("2027-05-31", NOT_BEFORE), ("2027-06-01", None), ("2027-11-29", None), ("2027-11-30", WITHIN_180_DAYS)],
)
def test_a_surety_counts_from_the_mailing_of_the_demand_on_its_bond(filed_on: str, rule: Any) -> None:
    """180 days after 1 June 2027 are 28 November, a Sunday; for the importer the time was over in May."""
    account = with_entries(NUMBERS[0])

    outcomes = account.tell(
        protest(NUMBERS[0], when=filed_on, role="surety", protestant="SURETY-999", decision_day=day("2027-06-01"))
    )

    assert rules_of(outcomes) == ([rule.name] if rule else [])


def test_a_surety_that_names_no_demand_counts_from_the_liquidation_like_everyone() -> None:
    """And the importer's decision day means nothing for a liquidation."""
    account = with_entries(*NUMBERS[:2])
    late = days_later(LAST, 1)

    surety = account.tell(protest(NUMBERS[0], when=late, role="surety"))
    importer = account.tell(protest(NUMBERS[1], when=late, number="2", decision_day=day("2027-06-01")))

    assert rules_of(surety) == rules_of(importer) == [WITHIN_180_DAYS.name]


@pytest.mark.parametrize(
    ("decision_on", "rule"), [("", DATED_DECISION), ("2026-12-02", NOT_BEFORE), ("2026-11-20", None)]
)
@pytest.mark.parametrize("against", ["decision", "exclusion"])
def test_a_protest_against_a_decision_or_an_exclusion_names_its_day(against: str, decision_on: str, rule: Any) -> None:
    """DATED_DECISION: its time counts from it, and needs no liquidation."""
    account = with_entries(NUMBERS[0], on="")

    outcomes = account.tell(protest(NUMBERS[0], against=against, decision_day=day(decision_on) if decision_on else 0))

    assert rules_of(outcomes) == ([rule.name] if rule else [])


# --- one case, or another -------------------------------------------------------------------------------------


def test_a_protest_joins_the_leading_one_for_30_days_and_restarts_its_clock() -> None:
    """The day after it leads itself; the entry's result names its own protest."""
    account = with_entries(*NUMBERS[:3])
    account.tell(protest(NUMBERS[0]))
    joined = account.tell(protest(NUMBERS[1], when="2026-12-31", number="2"))
    restarted = clocks(account)
    account.tell(protest(NUMBERS[2], when="2027-01-01", number="3"))

    first, second = matters_of(account, PROTEST)
    assert heard(joined) == [("protest", "updated", "owner")]
    assert (first.references, first.ports) == ((NUMBER, "2"), ("1101", "1102"))
    assert restarted == (("protest_decision", "2026-12-31"),)
    assert second.references == ("3",)


@pytest.mark.parametrize(
    "changed",
    [
        {"accelerated": True},
        {"issue": "value"},
        {"category": "8473"},
        {"category": ""},
        {"protestant": "SURETY-999"},
        {"protest_type": "2"},
        {"against": "decision", "decision_day": day("2026-11-20")},
        {"when": "2026-11-30"},
    ],
    ids=str,
)
def test_a_protest_of_another_question_or_person_stands_alone(changed: dict[str, Any]) -> None:
    """Nor does an accelerated or an older one join."""
    account = with_protest()

    account.tell(protest(NUMBERS[1], **{"when": "2026-12-02", "number": "2"} | changed))

    assert len(matters_of(account, PROTEST)) == 2


def test_nothing_joins_a_protest_that_was_taken_up_accelerated_or_is_full() -> None:
    """The Center has begun, the law's time runs, or there is no room."""
    accelerated, taken_up, full = with_protest(), with_protest(), with_protest()
    accelerated.tell(requested("accelerated", "2026-12-01"))
    taken_up.tell(taken(matter(taken_up, PROTEST)[0]))
    name, case = matter(full, PROTEST)
    full.books.matters[name] = case._replace(entries=tuple((f"X{at:010d}", 0) for at in range(MOST_ENTRIES)))

    for account in (accelerated, taken_up, full):
        account.tell(protest(NUMBERS[1], when="2026-12-02", number="2"))
        assert len(matters_of(account, PROTEST)) == 2


def test_a_protest_without_entries_has_the_port_at_which_it_was_filed() -> None:
    """A Center that files it is no port."""
    for source, ports in (("2809", ("2809",)), ("electronics", ())):
        account = with_entries(NUMBERS[0])
        envelope = told_at(FILED, source=source)
        account.tell(protest(against="decision", decision_day=day("2026-11-20"), cause=envelope))

        assert matter(account, PROTEST)[1].ports == ports


# --- exclusion, accelerated disposition, further review -------------------------------------------------------


def test_a_protest_against_exclusion_has_30_days_and_is_deemed_denied_three_days_later() -> None:
    """Presumed first, then final; the port hears of it, and the way to court is watched."""
    account = with_entries(NUMBERS[0], on="")
    account.tell(protest(NUMBERS[0], against="exclusion", decision_day=day("2026-11-20"), accelerated=True))
    started = clocks(account, PROTEST_EXCLUSION)
    due_soon = account.pass_days("2026-12-24")
    account.pass_days("2026-12-31")
    presumed = account.pass_days("2027-01-01")

    final = account.pass_days("2027-01-04")

    assert started == (("exclusion_protest_decision", FILED),)
    assert heard(due_soon) == [
        ("protest_exclusion", "due_soon", "owner"),
        ("protest_exclusion", "due_soon", "joint"),
    ]
    assert heard(presumed)[0] == ("protest_exclusion", "legal_result_presumed", "owner")
    assert [action for _, action, role in heard(final) if role == "owner"] == ["legal_result", "closed", "opened"]
    assert [one.decision for one in answers(final)] == ["deemed_denied"]
    assert results(final) == [(NUMBERS[0], "1101", "deemed_denied", "")]


def test_accelerated_disposition_denies_by_law_on_day_30_after_the_request() -> None:
    """Asked with the protest or after it; the protest is answered, and its own case is closed."""
    with_it, after_it = with_protest(accelerated=True), with_protest()
    after_it.tell(requested("accelerated", "2026-12-07"))

    for account, started, presumed_on in ((with_it, FILED, "2027-01-01"), (after_it, "2026-12-07", "2027-01-07")):
        assert clocks(account, PROTEST_ACCELERATED) == (("accelerated_protest_decision", started),)
        account.pass_days(days_later(presumed_on, -1))
        assert heard(account.pass_days(presumed_on)) == [("protest_accelerated", "legal_result_presumed", "owner")]
        final = account.pass_days(days_later(presumed_on, 3))
        assert heard(final) == [
            ("protest_accelerated", "legal_result", "owner"),
            ("protest", "closed", "owner"),
            ("protest_accelerated", "closed", "owner"),
            ("protest_summons_watch", "opened", "owner"),
        ]
        assert [one.decision for one in answers(final)] == ["deemed_denied"]


def test_a_decision_in_time_closes_the_requests_that_go_with_a_protest() -> None:
    """Nothing is left for the law to deny."""
    account = with_protest(accelerated=True, further_review=True)

    outcomes = account.tell(decided(matter(account, PROTEST)[0]))

    assert {(work, action) for work, action, _ in heard(outcomes)} == {
        ("protest", "closed"),
        ("protest_accelerated", "closed"),
        ("protest_further_review", "closed"),
    }
    assert account.books.matters == {}
    assert heard(account.pass_days("2029-12-31")) == []


def test_further_review_is_asked_of_headquarters_and_the_two_years_still_run() -> None:
    """The application has 30 days, and is only overdue after them."""
    account = with_protest()
    asked = account.tell(requested("further_review"))

    assert heard(asked) == [
        ("protest", "updated", "owner"),
        ("protest_further_review", "opened", "owner"),
        ("protest_further_review", "opened", "joint"),
    ]
    assert clocks(account, FURTHER_REVIEW) == (("further_review_application", "2026-12-07"),)
    assert clocks(account) == (("protest_decision", FILED),)
    assert heard(account.pass_days("2027-01-07"))[0] == ("protest_further_review", "overdue", "owner")


def test_a_request_is_made_once_and_not_of_a_protest_against_exclusion() -> None:
    """NOT_FOR_EXCLUSION; told twice it is a repeat, and of no protest it is refused (OPEN_PROTEST)."""
    account, exclusion = with_protest(), with_entries(NUMBERS[0])
    exclusion.tell(protest(against="exclusion", decision_day=day("2026-11-20")))
    account.tell(requested("accelerated"))

    repeated = account.tell(requested("accelerated"))
    again = account.tell(requested("accelerated", "2026-12-08"))
    of_exclusion = exclusion.tell(requested("accelerated"))
    of_none = account.tell(requested("accelerated", number="9"))

    assert repeated == [Ignored(None, "")]
    assert rules_of(again) == rules_of(of_exclusion) == [NOT_FOR_EXCLUSION.name]
    assert rules_of(of_none) == [OPEN_PROTEST.name]


# --- amendments and withdrawals -------------------------------------------------------------------------------


def test_an_amendment_adds_entries_or_changes_the_issue_while_the_window_is_open() -> None:
    """The last day is in time (AMENDED_IN_TIME), and a repeat changes nothing."""
    account = with_protest()
    more = amended(NUMBERS[1], when=LAST)

    outcomes = account.tell(more)
    again = account.tell(more)
    issue = account.tell(amended(when=LAST, issue="value"))
    late = account.tell(amended(NUMBERS[1], when=days_later(LAST, 1)))

    _, case = matter(account, PROTEST)
    assert heard(outcomes) == heard(issue) == [("protest", "updated", "owner")]
    assert again == [Ignored(None, "")]
    assert (case.issue, case.ports, len(case.entries)) == ("value", ("1101", "1102"), 2)
    assert rules_of(late) == [AMENDED_IN_TIME.name]


def test_an_amendment_whose_entries_all_fail_is_refused_and_of_others_the_failing_ones() -> None:
    """With another issue beside them the amendment stands."""
    account = with_entries(*NUMBERS[:2])
    account.tell(summary(number=NUMBERS[2], ports=("1103",)))
    account.tell(protest(NUMBERS[0]))

    alone = account.tell(amended(NUMBERS[2]))
    some = account.tell(amended(NUMBERS[1], NUMBERS[2], issue="value"))
    unknown = account.tell(amended(NUMBERS[1], number="9"))

    assert rules_of(alone) == [LIQUIDATION_KNOWN.name]
    assert results(some) == [(NUMBERS[2], "1103", "refused", LIQUIDATION_KNOWN.name)]
    assert [number for number, _ in matter(account, PROTEST)[1].entries] == list(NUMBERS[:2])
    assert rules_of(unknown) == [OPEN_PROTEST.name]


def test_an_accelerated_protest_is_not_amended() -> None:
    """AMENDED_IN_TIME: its 30 days run."""
    account = with_protest(accelerated=True)

    assert rules_of(account.tell(amended(NUMBERS[1]))) == [AMENDED_IN_TIME.name]


def test_an_amended_entry_of_a_surety_counts_from_the_demand() -> None:
    """As its protest does; that of an importer from the liquidation, whatever day it names."""
    account = with_entries(*NUMBERS[:3])
    account.tell(protest(NUMBERS[0], when="2027-06-02", role="surety", decision_day=day("2027-06-01")))
    account.tell(protest(NUMBERS[1], number="2", category="8473", decision_day=day("2027-06-01")))

    within = account.tell(amended(NUMBERS[2], when="2027-11-29"))
    late = account.tell(amended(NUMBERS[1], when="2027-11-30"))
    of_the_importer = account.tell(amended(NUMBERS[2], when="2027-06-03", number="2"))

    assert heard(within) == [("protest", "updated", "owner")]
    assert rules_of(late) == rules_of(of_the_importer) == [AMENDED_IN_TIME.name]


def test_a_protest_against_a_decision_is_amended_within_180_days_of_the_decision() -> None:
    """The liquidation of its entries means nothing for it."""
    account = with_entries(*NUMBERS[:2])
    account.tell(protest(NUMBERS[0], against="decision", decision_day=day("2026-06-01"), when="2026-11-20"))

    within = account.tell(amended(NUMBERS[1], when="2026-11-30"))
    late = account.tell(amended(NUMBERS[1], when="2026-12-01"))

    assert heard(within) == [("protest", "updated", "owner")]
    assert rules_of(late) == [AMENDED_IN_TIME.name]


def test_a_withdrawn_protest_is_answered_and_its_entries_are_free_again() -> None:
    """Told twice it is a repeat; of no protest it is refused."""
    account = with_protest()

    outcomes = account.tell(withdrawn())
    again = account.tell(withdrawn())
    other = account.tell(withdrawn("2026-12-09"))
    unknown = account.tell(withdrawn(number="9"))
    anew = account.tell(protest(NUMBERS[0], when="2026-12-10", number="2"))

    assert heard(outcomes) == [("protest", "closed", "owner")]
    assert [(one.decision, one.center) for one in answers(outcomes)] == [("withdrawn", 0)]
    assert again == [Ignored(None, "")]
    assert rules_of(other) == rules_of(unknown) == [OPEN_PROTEST.name]
    assert heard(anew) == [("protest", "opened", "owner")]


def test_a_withdrawn_protest_leaves_the_case_to_those_that_joined_it() -> None:
    """Its entries go, with a result each; the others stay under protest."""
    account = with_entries(*NUMBERS[:2])
    account.tell(protest(NUMBERS[0]))
    account.tell(protest(NUMBERS[1], when="2026-12-02", number="2"))

    outcomes = account.tell(withdrawn())
    anew = account.tell(protest(*NUMBERS[:2], when="2026-12-10", number="3", issue="value"))

    case = matters_of(account, PROTEST)[0]
    assert (case.references, case.entries) == (("2",), ((NUMBERS[1], 0),))
    assert heard(outcomes) == [("protest", "updated", "owner")]
    assert (answers(outcomes), results(outcomes)) == ([], [(NUMBERS[0], "1101", "withdrawn", "")])
    assert results(anew) == [(NUMBERS[1], "1102", "refused", ONE_PER_CATEGORY.name)]
    assert rules_of(account.tell(withdrawn("2026-12-11"))) == [OPEN_PROTEST.name]


def test_the_requests_of_a_withdrawn_leading_protest_stand_for_those_that_joined_it() -> None:
    """With the clock that they had: the law denies the protests that are left in time."""
    account = with_entries(*NUMBERS[:2])
    account.tell(protest(NUMBERS[0]))
    account.tell(protest(NUMBERS[1], when="2026-12-02", number="2"))
    account.tell(requested("accelerated", "2026-12-07", "2"))

    outcomes = account.tell(withdrawn("2026-12-08"))
    presumed, final = account.pass_days("2027-01-07"), account.pass_days("2027-01-10")

    assert [one for one in heard(outcomes) if one[0] == "protest_accelerated"] == [
        ("protest_accelerated", "closed", "owner"),
        ("protest_accelerated", "opened", "owner"),
    ]
    assert heard(presumed) == [("protest_accelerated", "legal_result_presumed", "owner")]
    assert results(final) == [(NUMBERS[1], "1102", "deemed_denied", "")]


def test_each_word_about_a_protest_says_what_brought_it() -> None:
    """And the result of a withdrawn one belongs to no response."""
    account = with_entries(*NUMBERS[:3])
    words = [
        account.tell(protest(NUMBERS[0])),
        account.tell(protest(NUMBERS[1], when="2026-12-02", number="2")),
        account.tell(amended(NUMBERS[2], number="2")),
        account.tell(withdrawn()),
        account.tell(withdrawn("2026-12-08", "2")),
    ]

    rules = [one.rule for outcomes in words for one in outcomes if isinstance(one, MatterItem)]
    assert rules == ["protest_filed", "protest.merged", "protest_amended", "protest_withdrawn", "protest_withdrawn"]
    [left] = [one for one in words[3] if isinstance(one, Resulted)]
    assert (left.reference, left.answered, left.case_id) == (NUMBER, False, answers(words[4])[0].case_id)
    told = [one for one in words[4] if isinstance(one, Resulted)]
    assert [(one.entry_number, one.reference, one.answered) for one in told] == [
        (NUMBERS[1], "2", True),
        (NUMBERS[2], "2", True),
    ]
    assert answers(words[4])[0].decided_day == day("2026-12-08")


# --- after the decision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "is_watched"),
    [("denied", True), ("partly_denied", True), ("untimely", True), ("not_protestable", True), ("approved", False)],
)
def test_a_denial_opens_the_way_to_court_for_180_days(decision: str, *, is_watched: bool) -> None:
    """It is warned of, and closed after them."""
    account = with_protest()

    account.tell(decided(matter(account, PROTEST)[0], decision))

    assert (len(matters_of(account, SUMMONS_WATCH)) == 1) is is_watched
    if is_watched:
        end = SUMMONS.start(date_of(day("2027-01-15"))).closes_after.isoformat()
        warned = account.pass_days(days_later(end, -3))
        assert account.pass_days(end) == []
        closed_by_time = account.pass_days(days_later(end, 1))
        assert [heard(one) for one in (warned, closed_by_time)] == [
            [("protest_summons_watch", "due_soon", "owner")],
            [("protest_summons_watch", "closed", "owner")],
        ]


def test_what_a_decision_says_of_single_entries_is_their_result() -> None:
    """The others get the decision itself."""
    account = with_entries(*NUMBERS[:2])
    account.tell(protest(*NUMBERS[:2]))
    single = DecidedEntry(NUMBERS[1], "denied", -500, "Other goods.")

    outcomes = account.tell(decided(matter(account, PROTEST)[0], "partly_denied", entries=[single]))

    assert results(outcomes) == [(NUMBERS[0], "1101", "partly_denied", ""), (NUMBERS[1], "1102", "denied", "")]


@pytest.mark.parametrize(
    ("asked_on", "is_taken"), [("2027-01-14", False), ("2027-01-15", True), ("2027-04-15", True), ("2027-04-16", False)]
)
def test_a_denial_is_asked_to_be_void_within_90_days(asked_on: str, *, is_taken: bool) -> None:
    """VOID_AFTER_DENIAL; the request has the protest's entries and ports."""
    account = with_protest()
    account.tell(decided(matter(account, PROTEST)[0], "denied"))
    assert VOID_REQUEST_FILING.start(date_of(day("2027-01-15"))).closes_after.isoformat() == "2027-04-15"

    outcomes = account.tell(requested("void", asked_on))

    assert rules_of(outcomes) == ([] if is_taken else [VOID_AFTER_DENIAL.name])
    if is_taken:
        _, request = matter(account, VOID_REQUEST)
        assert (request.ports, request.entries) == (("1101",), ((NUMBERS[0], 0),))


@pytest.mark.parametrize("decision", ["approved", ""])
def test_only_a_denial_is_asked_to_be_void(decision: str) -> None:
    """Nor is an open protest, or one that nobody knows."""
    account = with_protest()
    if decision:
        account.tell(decided(matter(account, PROTEST)[0], decision))

    assert rules_of(account.tell(requested("void", "2027-01-20"))) == [VOID_AFTER_DENIAL.name]
    assert rules_of(account.tell(requested("void", "2027-01-20", "9"))) == [VOID_AFTER_DENIAL.name]


@pytest.mark.parametrize(("asked_on", "is_taken"), [("2027-03-16", True), ("2027-03-17", False)])
def test_a_denial_of_further_review_is_asked_to_be_set_aside_within_60_days(asked_on: str, *, is_taken: bool) -> None:
    """SET_ASIDE_AFTER_DENIAL; it goes to headquarters, has 60 days, and then counts as denied."""
    account = with_protest(further_review=True)
    account.tell(decided(matter(account, FURTHER_REVIEW)[0], "denied"))

    outcomes = account.tell(requested("set_aside", asked_on))

    assert rules_of(outcomes) == ([] if is_taken else [SET_ASIDE_AFTER_DENIAL.name])
    if is_taken:
        assert clocks(account, SET_ASIDE) == (("further_review_set_aside", asked_on),)
        presumed, final = account.pass_days("2027-05-18"), account.pass_days("2027-05-21")
        assert [action for _, action, role in heard(presumed) if role == "owner"] == ["legal_result_presumed"]
        assert [action for _, action, role in heard(final) if role == "owner"] == ["legal_result", "closed"]


def test_a_protest_that_nobody_decides_is_overdue_after_two_years_and_not_denied() -> None:
    """It is warned of 60 days before."""
    account = with_protest()

    warned, overdue = account.pass_days("2028-10-10"), account.pass_days("2028-12-02")

    assert heard(warned) == [("protest", "due_soon", "owner")]
    assert heard(overdue) == [("protest", "overdue", "owner")]
    assert account.pass_days("2035-01-01") == []
