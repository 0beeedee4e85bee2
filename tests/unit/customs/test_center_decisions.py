"""What Centers decide: only the owner, only under its own assignment, and once."""

from typing import Any

import pytest

from streams.customs.cases import ELSEWHERE
from streams.customs.decision_rules import CASE_IS_OPEN, KNOWN_ASSIGNMENT, OWN_CASE
from streams.customs.life_cycle import Kind
from streams.customs.matters import clocks_of_matter
from streams.customs.outcomes import CaseMoved, CaseStands, Ignored, MatterItem, MatterStands
from streams.customs.trade_events import AdviceGiven, DecidedEntry, InformationRequested, WorkClosed, WorkDecided
from streams.customs.work import Action
from streams.customs.work_types import (
    CLASSIFICATION_DECISION,
    DOCUMENTS_REQUIRED,
    FURTHER_REVIEW,
    INFORMATION_REQUEST,
    INTERNAL_ADVICE,
    NOTICE_OF_ACTION,
    PENALTY,
    PROTEST,
    REVIEW,
)
from tests.unit.customs.filings import (
    NUMBERS,
    about,
    advised,
    answers,
    asked,
    case_of,
    closed,
    decided,
    heard,
    matter,
    matters_of,
    notice,
    protest,
    results,
    rules_of,
    taken,
    with_entries,
)
from tests.unit.customs.kit import APPAREL, ELECTRONICS, ENTRY, IMPORTER, Account, fact, summary, work_of


def accepted() -> Account:
    """Return an account with one accepted summary and the case of its review."""
    account = Account()
    account.tell(summary())
    return account


def with_notice(kind: str = "form_28", **changed: Any) -> tuple[Account, str]:
    """Return an account with one open matter, and its name."""
    account = accepted()
    account.tell(notice(kind, **changed))
    [name] = account.books.matters
    return account, name


@pytest.mark.parametrize("of_matter", [False, True])
def test_only_the_center_that_has_a_case_decides_it_and_only_while_it_is_open(*, of_matter: bool) -> None:
    """OWN_CASE, CASE_IS_OPEN; a decision told twice is a repeat."""
    account, name = with_notice()
    name = name if of_matter else case_of(account, REVIEW)

    of_another = account.tell(decided(name, center=APPAREL))
    account.tell(decided(name))
    again = account.tell(decided(name))
    later = account.tell(decided(name, "denied", "2027-01-16"))
    unknown = account.tell(decided("no such case"))

    assert rules_of(of_another) == [OWN_CASE.name]
    assert again == [Ignored(None, "")]
    assert rules_of(later) == rules_of(unknown) == [CASE_IS_OPEN.name]


@pytest.mark.parametrize("of_matter", [False, True])
def test_a_decision_names_the_assignment_under_which_the_center_has_the_case(*, of_matter: bool) -> None:
    """KNOWN_ASSIGNMENT: a later one nobody has given; an older one is told where the case is now."""
    account, name = with_notice()
    if not of_matter:
        name = case_of(account, REVIEW)
        account.books.cases[name] = account.books.cases[name]._replace(assignment=2)
    else:
        account.books.matters[name] = account.books.matters[name]._replace(assignment=2)

    older = account.tell(decided(name, assignment=1))
    ahead = account.tell(decided(name, assignment=3))

    assert older == [CaseMoved(name, 1, 2, ELECTRONICS)]
    assert rules_of(ahead) == [KNOWN_ASSIGNMENT.name]


def test_a_case_is_taken_up_once_and_its_list_shows_it() -> None:
    """Without a piece of work: the Center knows."""
    account, name = with_notice()
    review = case_of(account, REVIEW)

    of_matter, of_entry = account.tell(taken(name)), account.tell(taken(review))
    again = [account.tell(taken(name)), account.tell(taken(review))]

    assert [type(one) for one in (*of_matter, *of_entry)] == [MatterStands, CaseStands]
    assert account.books.matters[name].taken
    assert account.books.cases[review].taken
    assert again == [[Ignored(None, "")], [Ignored(None, ENTRY)]]


def test_the_decision_of_an_entrys_case_is_one_response_and_one_result() -> None:
    """The case is wanted again only when something new calls for it: a new version does."""
    account = accepted()
    name = case_of(account, REVIEW)
    single = DecidedEntry(ENTRY, "advance", 700, "Value.")

    outcomes = account.tell(decided(name, "approved", issue="value", heading="8471", entries=[single]))
    account.tell(fact(Kind.CONTROL_CBP, "2026-03-11T15:00:00"))
    done = dict(account.books.cases)
    account.tell(summary(kind=Kind.REPLACED, version="00101", accepted="2026-03-12T15:00:00"))

    assert [item.action for item in work_of(outcomes)] == [Action.CLOSED]
    [response] = answers(outcomes)
    assert (response.entries, response.ports, response.importers) == ((ENTRY,), ("2704",), (IMPORTER,))
    assert results(outcomes) == [(ENTRY, "2704", "advance", "")]
    assert done == {}
    assert case_of(account, REVIEW) == name


def test_a_decision_without_a_word_on_the_entry_is_its_result() -> None:
    """Whatever it says of others."""
    account = accepted()
    other = DecidedEntry(NUMBERS[0], "denied", None, "")

    outcomes = account.tell(decided(case_of(account, REVIEW), entries=[other]))

    assert results(outcomes) == [(ENTRY, "2704", "approved", "")]


def test_a_case_that_is_closed_without_a_decision_has_no_response() -> None:
    """Of an entry and of a matter alike; told twice it is a repeat."""
    account, name = with_notice()
    review = case_of(account, REVIEW)

    outcomes = [*account.tell(closed(name)), *account.tell(closed(review))]

    assert answers(outcomes) == []
    assert (account.books.matters, account.books.cases) == ({}, {})
    assert account.tell(closed(name)) == account.tell(closed(review)) == [Ignored(None, "")]


@pytest.mark.parametrize(
    ("kind", "work_type", "clock"),
    [
        ("form_28", INFORMATION_REQUEST, "form_28_answer"),
        ("form_29_proposed", NOTICE_OF_ACTION, "form_29_answer"),
        ("documents", DOCUMENTS_REQUIRED, "documents"),
        ("something", None, ""),
    ],
)
@pytest.mark.parametrize("of_matter", [False, True])
def test_what_a_center_asks_of_the_importer_is_a_case_with_its_clock(
    kind: str, work_type: Any, clock: str, *, of_matter: bool
) -> None:
    """Beside the case for which it asks, which hears of it; told twice it is a repeat."""
    account = with_entries(ENTRY) if of_matter else accepted()
    if of_matter:
        account.tell(protest(ENTRY))
    name = matter(account, PROTEST)[0] if of_matter else case_of(account, REVIEW)

    outcomes = account.tell(asked(name, kind))
    again = account.tell(asked(name, kind))

    assert again == [Ignored(None, "")]
    if of_matter:
        assert heard(outcomes)[0] == ("protest", "updated", "owner")
    else:
        assert work_of(outcomes)[0].action is Action.UPDATED
    if work_type is not None:
        _, case = matter(account, work_type)
        assert [one.name for one in clocks_of_matter(case)] == [clock]
        assert (case.references, case.entries) == (("N-9",), ((ENTRY, 0),))


def test_advice_of_headquarters_ends_a_case_that_waited_for_nothing_else() -> None:
    """Any other advice only updates it; told twice it is a repeat."""
    account, name = with_notice("internal_advice")
    review = case_of(account, REVIEW)

    of_a_center = account.tell(advised(name, "electronics"))
    of_review = account.tell(advised(review))
    again = [account.tell(advised(name, "electronics")), account.tell(advised(review))]
    ended = account.tell(advised(name))

    assert heard(of_a_center)[0] == (INTERNAL_ADVICE.name, "updated", "owner")
    assert [item.action for item in work_of(of_review)] == [Action.UPDATED]
    assert again == [[Ignored(None, "")]] * 2
    assert heard(ended)[0] == (INTERNAL_ADVICE.name, "closed", "owner")
    assert account.books.matters == {}


def test_advice_on_a_further_review_leaves_the_protest_open() -> None:
    """The protest itself is still to be decided."""
    account = with_entries(ENTRY)
    account.tell(protest(ENTRY, further_review=True))

    account.tell(advised(matter(account, FURTHER_REVIEW)[0]))
    account.tell(advised(matter(account, PROTEST)[0], when="2027-01-16"))

    assert len(matters_of(account, PROTEST)) == 1
    assert matters_of(account, FURTHER_REVIEW) == []


def test_later_cases_of_the_same_issue_and_heading_cite_the_last_five_decisions() -> None:
    """Named by the decision or by the case itself."""
    account = accepted()
    for at in range(7):
        account.tell(notice("question", issue="classification", heading="8471", notice_id=f"N-{at}"))
        name, case = matter(account, CLASSIFICATION_DECISION)
        account.tell(decided(name, f"affirmed {at}"))
    account.tell(decided(case_of(account, REVIEW), "affirmed 7", issue="classification", heading="8471"))

    outcomes = account.tell(notice("question", issue="classification", heading="8471", notice_id="N-8"))

    [item] = [one for one in outcomes if isinstance(one, MatterItem)]
    assert case.issue == "classification"
    assert [one.decision for one in item.earlier] == [f"affirmed {at}" for at in range(3, 8)]


def test_a_case_owned_elsewhere_is_not_a_centers_to_decide() -> None:
    """The Center beside the port only hears of it."""
    account, name = with_notice("penalty")

    assert account.books.matters[name].desk == ELSEWHERE
    assert matters_of(account, PENALTY)[0].beside == ELECTRONICS
    assert rules_of(account.tell(decided(name))) == [OWN_CASE.name]


@pytest.mark.parametrize("kind", [WorkDecided, WorkClosed, InformationRequested, AdviceGiven])
def test_every_word_of_a_center_carries_the_envelope_of_its_case(kind: type[Any]) -> None:
    """So that all events are asked alike."""
    where = about("a case")
    rest = {WorkDecided: 6, WorkClosed: 1, InformationRequested: 4, AdviceGiven: 2}

    assert kind(where, *[0] * rest[kind]).cause is where.cause
    assert taken("a case").cause.source == "electronics"
