"""What the clocks of entries bring about in an account, and what a late event takes back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.customs.account import fire_clocks
from streams.customs.case_clocks import clock_days, clocks_of
from streams.customs.clocks import Clock
from streams.customs.entry_index import Holder, claimed
from streams.customs.entry_summary import NEW, state_of
from streams.customs.facts_known import Fact, with_fact
from streams.customs.life_cycle import Kind
from streams.customs.outcomes import WorkItem
from streams.customs.replacing import replacing
from streams.customs.work import wanted_cases
from streams.customs.work_types import (
    DEEMED_WATCH,
    DOCUMENTS_REQUIRED,
    DRAWBACK,
    EXTENSION,
    FILING_CHECK,
    LIQUIDATION_POSTED,
    REVIEW,
    SCHEDULED_WATCH,
    TEMPORARY_IMPORTATION,
    WORK_TYPES,
    WorkType,
)
from tests.unit.customs.filings import noted
from tests.unit.customs.kit import ENTRY, RULES, Account, at, day, days_later, fact, released, summary, work_of

DEEMED = "2027-03-01"
"""A year after the entry of 1 March 2026; a Monday."""


def accepted(**others: Any) -> Account:
    """Return an account with one summary, entered on 1 March 2026."""
    account = Account()
    account.tell(summary(**others))
    return account


def told(account: Account, when: str) -> list[tuple[int, str]]:
    """Return work type and action of what time brings about by a day."""
    return [(item.case.work_type, item.action.value) for item in work_of(account.pass_days(when))]


def both(work_type: WorkType, *actions: str) -> list[tuple[int, str]]:
    """Return these actions, each told to the Center and to the port beside it."""
    return [(work_type.number, action) for action in actions for _ in range(2)]


def test_the_year_to_deemed_liquidation_is_warned_of_presumed_and_final() -> None:
    """Thirty days before, the day after, three days later: and then never again."""
    account = accepted()

    days = ("2027-01-29", "2027-01-30", DEEMED, "2027-03-02", "2027-03-04", "2027-03-05", "2032-01-01")

    assert [told(account, when) for when in days] == [
        [],
        [(DEEMED_WATCH.number, "opened"), (DEEMED_WATCH.number, "due_soon")],
        [],
        [(DEEMED_WATCH.number, "legal_result_presumed")],
        [],
        [(DEEMED_WATCH.number, "legal_result")],
        [],
    ]


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize(
    "late", [noted(Fact.EXTENDED, "2027-02-01", "2028-02-01"), noted(Fact.SUSPENDED, "2027-02-01")]
)
def test_a_late_extension_or_suspension_withdraws_a_legal_result(late: Any, *, final: bool) -> None:
    """The watch is closed, and the clock that now runs opens its own case."""
    account = accepted()
    told(account, "2027-03-02")
    if final:
        told(account, "2027-03-05")

    outcomes = [(item.case.work_type, item.action.value) for item in work_of(account.tell(late))]

    assert outcomes[0] == (DEEMED_WATCH.number, "legal_result_withdrawn")
    assert (DEEMED_WATCH.number, "closed") in outcomes
    assert account.entry().marks == ()


@pytest.mark.parametrize(("on", "is_withdrawn"), [("2027-02-26", True), ("2027-03-01", False), ("2027-03-02", False)])
def test_a_liquidation_before_the_year_was_over_withdraws_the_result_and_a_later_one_confirms_it(
    on: str, *, is_withdrawn: bool
) -> None:
    """CBP's own liquidation counts from its day either way."""
    account = accepted()
    told(account, "2027-03-02")

    outcomes = [item.action.value for item in work_of(account.tell(fact(Kind.LIQUIDATED, "2027-03-03T15:00:00", on)))]

    assert ("legal_result_withdrawn" in outcomes) is is_withdrawn


def test_a_moved_entry_date_starts_the_year_anew_and_closes_the_watch_that_was_too_early() -> None:
    """It is opened again in its own time."""
    account = accepted()
    told(account, "2027-01-30")

    outcomes = work_of(account.tell(fact(Kind.DATE_SET, "2026-03-09T15:00:00", "2026-03-20")))

    assert [(item.case.work_type, item.action.value) for item in outcomes] == [(DEEMED_WATCH.number, "closed")]
    assert told(account, "2027-02-17") == []
    assert told(account, "2027-02-18") == [(DEEMED_WATCH.number, "opened"), (DEEMED_WATCH.number, "due_soon")]


@pytest.mark.parametrize("entry_type", ["21", "22"])
def test_the_year_of_a_warehouse_entry_runs_from_its_final_withdrawal_and_not_from_entry(entry_type: str) -> None:
    """No event names the final withdrawal: there is no clock."""
    account = accepted(entry_type=entry_type)

    assert [one.name for one in clocks_of(REVIEW, account.entry())] == ["scheduled_liquidation"]


def test_a_scheduled_liquidation_that_does_not_come_is_a_case_of_paid_summaries() -> None:
    """The date that CBP reports wins over the forecast; the liquidation closes the case."""
    unpaid, paid = accepted(), accepted()
    paid.tell(fact(Kind.PAID))
    paid.tell(fact(Kind.SCHEDULED, "2026-03-11T15:00:00", "2026-12-11"))

    assert told(unpaid, "2027-01-20") == []
    assert told(paid, "2026-12-11") == []
    assert told(paid, "2026-12-12") == [(SCHEDULED_WATCH.number, "opened")]
    liquidated = work_of(paid.tell(fact(Kind.LIQUIDATED, "2026-12-18T15:00:00")))
    assert (SCHEDULED_WATCH.number, "closed") in [(item.case.work_type, item.action.value) for item in liquidated]


def test_a_payment_after_the_forecast_day_opens_the_case_at_the_next_look() -> None:
    """That is the one for its year: a payment alone is no reason to look."""
    account = accepted()
    told(account, "2027-01-16")

    account.tell(fact(Kind.PAID, "2027-01-18T15:00:00"))

    assert told(account, "2027-01-30")[0] == (SCHEDULED_WATCH.number, "opened")


def test_the_time_to_file_a_summary_is_warned_of_and_marked() -> None:
    """Ten working days; Center and port."""
    account = Account()
    account.tell(released("2026-02-27T15:00:00"))

    assert [told(account, when) for when in ("2026-03-09", "2026-03-10", "2026-03-13", "2026-03-14")] == [
        [], both(FILING_CHECK, "due_soon"), [], both(FILING_CHECK, "overdue"),
    ]  # fmt: skip


@pytest.mark.parametrize("entry_type", ["41", "47"])
def test_a_drawback_claim_is_liquidated_by_law_after_a_year_at_its_own_office(entry_type: str) -> None:
    """Extensions of it open no case of a Center."""
    account = accepted(entry_type=entry_type)
    account.tell(noted(Fact.SUSPENDED, "2026-04-01"))

    assert account.entry().open_cases == DRAWBACK.bit
    told(account, "2027-01-30")
    assert told(account, "2027-03-02") == [(DRAWBACK.number, "legal_result_presumed")]


def test_an_extension_ends_and_all_of_them_after_four_years() -> None:
    """Overdue at its own end, liquidated by law at the last one."""
    account = accepted()
    account.tell(noted(Fact.EXTENDED, "2027-02-01", "2028-02-01"))

    assert [told(account, when) for when in ("2028-01-02", "2028-02-02", "2030-01-30", "2030-03-02", "2030-03-05")] == [
        [(EXTENSION.number, "due_soon")],
        [(EXTENSION.number, "overdue")],
        [(EXTENSION.number, "due_soon")],
        [(EXTENSION.number, "legal_result_presumed")],
        [(EXTENSION.number, "legal_result")],
    ]


def test_a_temporary_importation_that_left_or_was_extended_is_not_overdue() -> None:
    """The year runs from importation; proof of export ends the case."""
    gone, extended = accepted(entry_type="23"), accepted(entry_type="23")
    gone.tell(noted(Fact.EXPORTED, "2026-06-01"))
    extended.tell(noted(Fact.IMPORTATION_EXTENDED, "2026-06-01", "2028-03-01"))

    assert not gone.entry().open_cases & TEMPORARY_IMPORTATION.bit
    assert TEMPORARY_IMPORTATION.number not in [work_type for work_type, _ in told(gone, "2028-01-01")]
    assert (TEMPORARY_IMPORTATION.number, "overdue") not in told(extended, "2028-01-01")
    assert both(TEMPORARY_IMPORTATION, "overdue") == told(extended, "2028-03-02")[-2:]


def test_the_case_of_a_liquidation_closes_with_the_time_to_protest() -> None:
    """A reliquidation gives it another 180 days."""
    account = accepted()
    account.tell(fact(Kind.LIQUIDATED, "2026-06-05T15:00:00"))
    account.tell(fact(Kind.RELIQUIDATED, "2026-07-10T15:00:00"))

    assert told(account, "2027-01-06") == []
    assert told(account, "2027-01-07") == [(LIQUIDATION_POSTED.number, "closed")]


def test_a_look_at_what_is_no_longer_listed_or_no_longer_there_does_nothing() -> None:
    """Its day was moved after the list was read, or its case was closed."""
    account = accepted()
    now = at("2027-03-10")

    assert fire_clocks(account.books, RULES, now, f"e{ENTRY}", day("2026-01-01")) == []
    assert fire_clocks(account.books, RULES, now, "eB7600000015", day("2026-01-01")) == []
    assert fire_clocks(account.books, RULES, now, "cno-such-case", day("2026-01-01")) == []


EVENTS = st.lists(
    st.sampled_from(
        [
            fact(Kind.PAID, "2026-03-20T15:00:00"),
            fact(Kind.SCHEDULED, "2026-03-21T15:00:00", "2027-01-15"),
            fact(Kind.DATE_SET, "2026-03-22T15:00:00", "2026-03-12"),
            noted(Fact.EXTENDED, "2026-12-01", "2027-12-01"),
            noted(Fact.EXTENDED, "2027-10-01", "2028-10-02"),
            noted(Fact.SUSPENDED, "2026-12-02"),
            noted(Fact.SUSPENSION_REMOVED, "2027-05-03"),
            fact(Kind.LIQUIDATED, "2027-02-05T15:00:00"),
            fact(Kind.RELIQUIDATED, "2027-03-19T15:00:00"),
        ]
    ),
    unique=True,
    max_size=6,
)
LOOKS = st.lists(st.integers(1, 1600), min_size=1, max_size=25, unique=True).map(sorted)


@settings(max_examples=150, deadline=None)
@given(EVENTS, LOOKS, st.randoms(use_true_random=False))
def test_a_clock_never_fires_twice_and_never_early(events: list[Any], looks: list[int], chance: Any) -> None:
    """Whenever anybody looks, and whatever arrives between two looks: once for each end, and not before it."""
    account = accepted()
    arrivals = {look: chance.choice([*events, None]) for look in looks}
    fired: set[tuple[str, str, str, object]] = set()
    for look in looks:
        when = days_later("2026-03-02", look)
        before = {clock.name: clock for work_type in WORK_TYPES.values() for clock in clocks_now(account, work_type)}
        for item in work_of(account.pass_days(when)):
            if item.action.value in {"opened", "closed", "updated"}:
                continue
            clock = before[item.rule.removeprefix("clock.")]
            key = (item.case_id, item.rule, item.action.value, clock.closes_after)
            assert key not in fired
            fired.add(key)
            last = clock.closes_after.isoformat()
            assert when <= last if item.action.value == "due_soon" else when > last
        arrived = arrivals[look]
        if arrived is not None:
            withdrawn = [one for one in work_of(account.tell(arrived)) if one.action.value == "legal_result_withdrawn"]
            fired -= {key for key in fired for one in withdrawn if key[:2] == (one.case_id, one.rule)}
        assert account.entry().open_cases == wanted_cases(account.entry(), state_of(account.entry()))


def clocks_now(account: Account, work_type: WorkType) -> tuple[Clock, ...]:
    """Return the clocks of a work type that is wanted; the review's are those of the watches."""
    entry = account.entry()
    return clocks_of(work_type, entry) if entry.open_cases & work_type.bit else ()


@pytest.mark.parametrize("work_type", WORK_TYPES.values(), ids=lambda work_type: work_type.name)
def test_an_entry_without_dates_has_no_clocks(work_type: WorkType) -> None:
    """Nobody knows yet from when they count."""
    assert clocks_of(work_type, NEW) == ()


def test_of_two_accounts_that_have_an_entry_the_later_generation_stands_and_else_the_later_word() -> None:
    """The entry index is told by other partitions, in any order."""
    old, new = Holder("12-3456789", 0), Holder("98-7654321", 1)

    assert claimed(None, old) == (old, "")
    assert claimed(old, new) == claimed(new, old) == (new, "")
    assert claimed(old, old._replace(rank=b"2")) == (old._replace(rank=b"2"), "")
    assert claimed(old, Holder("98-7654321", 0, b"1")) == (Holder("98-7654321", 0, b"1"), old.account)
    assert claimed(old._replace(rank=b"2"), Holder("98-7654321", 0, b"1")) == (old._replace(rank=b"2"), "98-7654321")


def test_a_copy_with_other_values_knows_only_the_fields_that_there_are() -> None:
    """A misspelt name is found where the copier is made."""
    with pytest.raises(KeyError, match="colour"):
        replacing(WorkItem, "desk", "colour")


ASKED, ANSWERED, AGAIN = day("2026-03-05"), day("2026-03-20"), day("2026-04-10")
OUT, NEW_END = day("2026-06-01"), day("2027-06-01")


@pytest.mark.parametrize(
    ("work_type", "registers", "days"),
    [
        (DOCUMENTS_REQUIRED, {"asked_day": ASKED}, (ASKED,)),
        (DOCUMENTS_REQUIRED, {"asked_day": ASKED, "facts": with_fact((), Fact.ANSWERED, ANSWERED, 1)}, (0,)),
        (DOCUMENTS_REQUIRED, {"asked_day": ASKED, "facts": with_fact((), Fact.ANSWERED, ASKED, 1)}, (0,)),
        (DOCUMENTS_REQUIRED, {"asked_day": AGAIN, "facts": with_fact((), Fact.ANSWERED, ANSWERED, 1)}, (AGAIN,)),
        (TEMPORARY_IMPORTATION, {"import_day": ASKED, "summary_day": ANSWERED}, (ASKED, 0)),
        (TEMPORARY_IMPORTATION, {"summary_day": ANSWERED}, (ANSWERED, 0)),
        (TEMPORARY_IMPORTATION, {"import_day": ASKED, "facts": with_fact((), Fact.EXPORTED, OUT, 1)}, (0, 0)),
        (
            TEMPORARY_IMPORTATION,
            {"import_day": ASKED, "facts": with_fact((), Fact.IMPORTATION_EXTENDED, NEW_END, 1)},
            (ASKED, NEW_END),
        ),
        (REVIEW, {"summary_day": ASKED, "scheduled_day": NEW_END, "entry_type": "01"}, (ASKED, NEW_END, 1)),
        (REVIEW, {"summary_day": ASKED, "set_day": ANSWERED, "entry_type": "21"}, (ANSWERED, 0, 0)),
        (REVIEW, {"summary_day": ASKED, "facts": with_fact((), Fact.SUSPENDED, ANSWERED, 1)}, (ASKED, 0, 0)),
    ],
)
def test_clocks_depend_on_the_days_that_the_law_names(
    work_type: WorkType, registers: dict[str, Any], days: tuple[int, ...]
) -> None:
    """An answer stops the clock of a request until somebody asks again; goods that have left owe nothing."""
    assert clock_days(work_type.number, NEW._replace(**registers)) == days
