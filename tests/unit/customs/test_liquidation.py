"""Extensions, suspensions and their end; liquidations and what they say of money and of issues."""

from typing import Any

import pytest

from streams.customs.calendar import add_years
from streams.customs.case_clocks import clocks_of
from streams.customs.clocks import date_of
from streams.customs.facts_known import Fact, day_of
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import BEFORE_LIQUIDATION, EXTENDED_AT_MOST
from streams.customs.matters import clocks_of_matter
from streams.customs.outcomes import Ignored, Refused, Waits
from streams.customs.work import Action
from streams.customs.work_types import (
    BILL_ISSUED,
    EXTENSION,
    LIQUIDATION_POSTED,
    REFUND_DUE,
    RELIQUIDATION,
    REVIEW,
    SUSPENSION,
)
from tests.unit.customs.filings import heard, liquidated, matter, noted, notice, reliquidated
from tests.unit.customs.kit import ENTRY, Account, Told, day, days_later, fact, summary, work_of

LATEST = add_years(date_of(day("2026-03-01")), 4).isoformat()


def accepted(**others: Any) -> Account:
    """Return an account with one summary, entered on 1 March 2026."""
    account = Account()
    account.tell(summary(**others))
    return account


@pytest.mark.parametrize("fact_kind", [Fact.EXTENDED, Fact.SUSPENDED, Fact.SUSPENSION_REMOVED])
@pytest.mark.parametrize(("when", "is_refused"), [("2026-11-12", False), ("2026-11-14", True)])
def test_liquidation_is_extended_or_suspended_before_it(fact_kind: Fact, when: str, *, is_refused: bool) -> None:
    """BEFORE_LIQUIDATION; what happened before it and only arrives late is noted."""
    account = accepted()
    account.tell(liquidated(ENTRY, "2026-11-13"))

    outcomes = account.tell(noted(fact_kind, when, "2027-03-01"))

    assert (outcomes == [Refused(BEFORE_LIQUIDATION, ENTRY)]) is is_refused


def test_a_reliquidation_alone_is_a_liquidation_too() -> None:
    """The word of the liquidation itself may still be on its way."""
    account = accepted()
    account.tell(reliquidated("2026-11-13"))

    assert account.tell(noted(Fact.SUSPENDED, "2026-11-14")) == [Refused(BEFORE_LIQUIDATION, ENTRY)]


@pytest.mark.parametrize(("until", "is_refused"), [(LATEST, False), (days_later(LATEST, 1), True)])
def test_extensions_end_four_years_after_entry_at_most(until: str, *, is_refused: bool) -> None:
    """EXTENDED_AT_MOST: the year that is extended and three more; that day itself is allowed."""
    account = accepted()

    outcomes = account.tell(noted(Fact.EXTENDED, "2026-12-01", until))

    assert (outcomes == [Refused(EXTENDED_AT_MOST, ENTRY)]) is is_refused
    assert [one.name for one in clocks_of(EXTENSION, account.entry())] == (
        ["extension_limit"] if is_refused else ["extension_end", "extension_limit"]
    )


def test_an_extension_stops_the_year_and_opens_its_case_which_hears_of_further_ones() -> None:
    """A repeat is ignored, and one of an entry that nobody knows waits."""
    account = accepted()

    opened = account.tell(noted(Fact.EXTENDED, "2026-12-01", "2027-12-01"))
    again = account.tell(noted(Fact.EXTENDED, "2026-12-01", "2027-12-01"))
    further = account.tell(noted(Fact.EXTENDED, "2027-11-01", "2028-11-01"))
    waits = Account().tell(noted(Fact.EXTENDED, "2026-12-01", "2027-12-01"))

    assert [(item.case.work_type, item.action) for item in (*work_of(opened), *work_of(further))] == [
        (EXTENSION.number, Action.OPENED),
        (EXTENSION.number, Action.UPDATED),
    ]
    assert [one.name for one in clocks_of(REVIEW, account.entry())] == ["scheduled_liquidation"]
    assert (again, waits) == ([Ignored(None, ENTRY)], [Waits(ENTRY)])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_removal_of_a_suspension_starts_six_months_whatever_comes_first(order: tuple[int, int]) -> None:
    """A suspension after the removal is in force again."""
    account = accepted()
    words = [noted(Fact.SUSPENDED, "2026-04-01"), noted(Fact.SUSPENSION_REMOVED, "2026-09-01")]

    for at in order:
        account.tell(words[at])

    [clock] = clocks_of(SUSPENSION, account.entry())
    assert (clock.name, clock.warn_by.isoformat()) == ("suspension_removed", "2027-03-01")
    account.tell(noted(Fact.SUSPENDED, "2026-10-01"))
    assert clocks_of(SUSPENSION, account.entry()) == ()


def test_a_removed_suspension_that_cbp_forgets_is_liquidated_by_law() -> None:
    """Presumed after six months, final three days later; the scheduled date is a forecast and says nothing."""
    account = accepted()
    account.tell(noted(Fact.SUSPENDED, "2026-04-01"))
    account.tell(noted(Fact.SUSPENSION_REMOVED, "2026-09-01"))

    told = [
        [(item.case.work_type, item.action.value) for item in work_of(account.pass_days(when))]
        for when in ("2027-01-30", "2027-03-01", "2027-03-02", "2027-03-05", "2027-12-31")
    ]

    assert told == [
        [(SUSPENSION.number, "due_soon")],
        [],
        [(SUSPENSION.number, "legal_result_presumed")],
        [(SUSPENSION.number, "legal_result")],
        [],
    ]


def test_a_liquidation_that_raises_duty_is_a_bill_and_one_that_lowers_it_a_refund() -> None:
    """Owned by the Center, the revenue division beside it; thirty days from the liquidation."""
    for cents, work_type, clock in ((700, BILL_ISSUED, "bill_payment"), (-700, REFUND_DUE, "refund_payment")):
        account = accepted()
        outcomes = account.tell(liquidated(difference_cents=cents))

        assert [role for _, _, role in heard(outcomes)] == ["owner", "joint"]
        [running] = clocks_of_matter(matter(account, work_type)[1])
        assert (running.name, running.started_on.isoformat()) == (clock, "2026-11-13")


def test_a_notice_and_a_later_liquidation_join_the_case_of_the_money_with_the_later_clock() -> None:
    """Whichever comes first, and a repeat changes nothing."""
    words: list[Told] = [
        liquidated(difference_cents=700),
        reliquidated("2026-12-18", difference_cents=900),
        notice("bill", "2026-11-20"),
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        account = accepted()
        for at in order:
            account.tell(words[at])

        [running] = clocks_of_matter(matter(account, BILL_ISSUED)[1])
        assert running.started_on.isoformat() == "2026-12-18"
        assert account.tell(words[0]) == [Ignored(None, ENTRY)]


def test_an_equal_liquidation_is_no_matter_of_money() -> None:
    """Nobody owes anything."""
    account = accepted()
    account.tell(liquidated())

    assert account.books.matters == {}
    assert account.open_cases()[0][0] == LIQUIDATION_POSTED.number


@pytest.mark.parametrize(("ground", "is_open"), [("voluntary", True), ("protest", False)])
def test_a_voluntary_reliquidation_is_a_case_with_its_90_days(ground: str, *, is_open: bool) -> None:
    """They count from the original liquidation; one that a protest led to is none."""
    account = accepted()
    account.tell(liquidated())

    account.tell(reliquidated("2026-12-18", ground=ground))

    assert bool(account.entry().open_cases & RELIQUIDATION.bit) is is_open
    [clock] = clocks_of(RELIQUIDATION, account.entry())
    assert (clock.started_on.isoformat(), clock.warn_by.isoformat()) == ("2026-11-13", "2027-02-11")


def test_the_issues_of_the_latest_reliquidation_count() -> None:
    """An older one that arrives late is ignored as a whole."""
    account = accepted()
    account.tell(liquidated())
    account.tell(reliquidated("2026-12-18", ("value",)))

    outcomes = account.tell(reliquidated("2026-12-10", ("classification",), difference_cents=500))

    assert outcomes == [Ignored(None, ENTRY)]
    assert account.books.note(f"reliquidated/{ENTRY}") == "value"
    assert account.books.matters == {}


def test_documents_handed_in_stop_the_clock_of_their_case_until_more_are_asked_for() -> None:
    """The day of the answer is kept as a fact."""
    account = accepted()
    account.tell(noted(Fact.ANSWERED, "2026-03-20"))

    assert day_of(account.entry().facts, Fact.ANSWERED) == day("2026-03-20")
    assert account.tell(fact(Kind.PAID)) == []
