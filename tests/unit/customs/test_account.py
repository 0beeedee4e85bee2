"""What one account makes of the events of its entries."""

from typing import TypeGuard

import pytest

from streams.customs.cases import ELSEWHERE, INELIGIBLE, PENDING
from streams.customs.events import Line
from streams.customs.life_cycle import Kind
from streams.customs.outcomes import (
    Ignored,
    Introduced,
    Outcome,
    Placed,
    Refused,
    Released,
    SnapshotDue,
    Waits,
    WorkItem,
)
from streams.customs.placement import DecisionKind
from streams.customs.rules import CHECK_DIGIT, OLDER_VERSION, ONLY_AFTER_REJECTION
from streams.customs.work import Action, Role
from streams.customs.work_types import REJECTION, REVIEW
from tests.unit.customs.kit import (
    APPAREL,
    COMPUTER,
    ELECTRONICS,
    ENTRY,
    SHIRT,
    Account,
    at,
    day,
    entry_numbers,
    fact,
    line,
    released,
    summary,
    work_of,
)


def test_a_first_summary_places_the_importer_before_its_work_is_routed() -> None:
    """Placement, snapshot and work come in this order, and the entry is introduced to its own partition."""
    account = Account()

    outcomes = account.tell(summary(line(COMPUTER), line(COMPUTER)))

    assert [type(outcome) for outcome in outcomes] == [Placed, SnapshotDue, WorkItem, Introduced]
    placed, snapshot, item, _ = outcomes
    assert isinstance(placed, Placed)
    assert (placed.decision.kind, placed.decision.center) == (DecisionKind.PLACED, ELECTRONICS)
    assert isinstance(snapshot, SnapshotDue)
    assert (snapshot.desk, snapshot.body) == (ELECTRONICS, b"B7603245278 00100 2026-03-02T15:00:00")
    assert isinstance(item, WorkItem)
    assert (item.desk, item.action, item.case.sequence, item.case.assignment) == (ELECTRONICS, Action.OPENED, 1, 1)


def test_an_apparel_line_of_an_electronics_importer_goes_to_electronics_and_its_ports_stay() -> None:
    """The account decides, not the single line (19 CFR 101.10); entry and port of importation do not change."""
    account = Account()
    numbers = entry_numbers()
    for _ in range(3):
        account.tell(summary(line(COMPUTER), line(COMPUTER), number=next(numbers)))

    outcomes = account.tell(summary(line(SHIRT), number=next(numbers), ports=("1401", "2704")))

    [item] = work_of(outcomes)
    assert item.desk == ELECTRONICS
    assert item.entry.ports == ("1401", "2704")
    assert item.entry.counted[0][0] % 100 == APPAREL


def test_a_repeated_acceptance_changes_nothing() -> None:
    """The same event, delivered twice, leaves books and readers as they were."""
    account = Account()
    account.tell(summary())
    before = dict(account.books.entries), account.books.account_ledger

    outcomes = account.tell(summary())

    assert outcomes == [Ignored(None, ENTRY)]
    assert (account.books.entries, account.books.account_ledger) == before


def test_a_replacement_retracts_what_the_old_version_counted() -> None:
    """The mix then holds the new version alone, on its own entry day."""
    account = Account()
    account.tell(summary(line(COMPUTER), line(COMPUTER), entered="2026-03-01"))

    account.tell(
        summary(line(SHIRT, value=70), kind=Kind.REPLACED, accepted="2026-03-03T15:00:00", entered="2026-02-26")
    )

    assert account.books.account_ledger is not None
    mix = account.books.account_ledger.mix
    assert [(count.center, count.lines, count.value_usd, count.summaries) for count in mix.centers] == [
        (APPAREL, 1, 70, 1)
    ]
    assert list(account.books.days.kept) == [day("2026-02-26")]


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.CANCELLED, Kind.INACTIVATED, Kind.DELETED, Kind.REPLACE_FAILED])
def test_a_summary_that_no_longer_counts_leaves_no_trace_in_the_mix(kind: Kind) -> None:
    """Rejected, cancelled, inactive and deleted versions count nothing."""
    account = Account()
    account.tell(summary(line(COMPUTER), line(SHIRT)))

    account.tell(fact(kind))

    assert account.books.account_ledger is not None
    assert account.books.account_ledger.mix.centers == ()
    assert account.books.days.kept == {}
    assert account.entry().counted_day == 0


def test_a_replacement_after_a_rejection_counts_again_and_updates_the_open_review() -> None:
    """The review of a summary is one case, over rejections and replacements."""
    account = Account()
    account.tell(summary(line(COMPUTER)))
    rejected = account.tell(fact(Kind.REJECTED))

    replaced = account.tell(
        summary(line(COMPUTER), kind=Kind.REPLACED, version="00200", accepted="2026-03-12T15:00:00")
    )

    assert [(item.case.work_type, item.action, item.case.sequence) for item in work_of(rejected)] == [
        (REVIEW.number, Action.UPDATED, 2),
        (REJECTION.number, Action.OPENED, 1),
    ]
    assert [(item.case.work_type, item.action, item.case.sequence) for item in work_of(replaced)] == [
        (REJECTION.number, Action.CLOSED, 2),
        (REVIEW.number, Action.UPDATED, 3),
    ]
    assert [type(outcome) for outcome in replaced] == [SnapshotDue, WorkItem, WorkItem]
    assert account.entry().counted_day == day("2026-03-01")


def test_a_correction_counts_in_place_of_the_summary() -> None:
    """An accepted post-summary correction is a whole new version."""
    account = Account()
    account.tell(summary(line(COMPUTER)))
    account.tell(fact(Kind.PAID))
    account.tell(fact(Kind.SCHEDULED, on="2027-01-15"))

    account.tell(summary(line(SHIRT), kind=Kind.CORRECTED, version="00101", accepted="2026-05-02T15:00:00"))

    assert account.books.account_ledger is not None
    assert [count.center for count in account.books.account_ledger.mix.centers] == [APPAREL]


def test_an_entry_date_that_arrives_late_moves_what_was_counted() -> None:
    """The lines count on the date of entry, not on the estimate."""
    account = Account()
    account.tell(summary(line(COMPUTER), entered="2026-03-01"))

    account.tell(fact(Kind.DATE_SET, on="2026-03-05"))

    assert list(account.books.days.kept) == [day("2026-03-05")]
    assert account.entry().counted_day == day("2026-03-05")


def test_an_older_replacement_is_ignored_by_rule_and_changes_nothing() -> None:
    """The port hears of it: either it is a repeat, or the port has the order wrong."""
    account = Account()
    account.tell(summary(line(COMPUTER), version="00200"))
    before = account.entry()

    outcomes = account.tell(summary(line(SHIRT), kind=Kind.REPLACED, accepted="2026-03-01T15:00:00"))

    assert outcomes == [Ignored(OLDER_VERSION, ENTRY)]
    assert account.entry() == before


def test_an_acceptance_overtaken_by_its_replacement_is_only_late() -> None:
    """Nobody has to do anything about it."""
    account = Account()
    account.tell(summary(line(COMPUTER), kind=Kind.REPLACED, accepted="2026-03-03T15:00:00"))

    outcomes = account.tell(summary(line(COMPUTER)))

    assert outcomes == [Ignored(OLDER_VERSION, ENTRY)]


def test_under_cbp_control_only_a_grown_version_number_replaces() -> None:
    """The number grows after a rejection or by a CBP user's change; without that, the filing is refused."""
    account = Account()
    account.tell(summary())
    account.tell(fact(Kind.CONTROL_CBP, "2026-03-03T15:00:00"))

    same = account.tell(summary(line(SHIRT), kind=Kind.REPLACED, accepted="2026-03-04T15:00:00"))
    grown = account.tell(summary(line(SHIRT), kind=Kind.REPLACED, accepted="2026-03-04T15:00:00", version="00101"))

    assert same == [Refused(ONLY_AFTER_REJECTION, ENTRY)]
    assert [item.action for item in work_of(grown)] == [Action.UPDATED]


def test_a_replacement_made_before_cbp_took_control_is_taken_when_it_comes_late() -> None:
    """It was in order when it happened."""
    account = Account()
    account.tell(summary())
    account.tell(fact(Kind.CONTROL_CBP, "2026-03-05T15:00:00"))

    outcomes = account.tell(summary(line(SHIRT), kind=Kind.REPLACED, accepted="2026-03-04T15:00:00"))

    assert [item.action for item in work_of(outcomes)] == [Action.UPDATED]


@pytest.mark.parametrize("kind", [Kind.PAID, Kind.SCHEDULED, Kind.CONTROL_CBP])
def test_a_small_event_touches_the_record_of_its_entry_alone(kind: Kind) -> None:
    """No mix, no case, no output."""
    account = Account()
    account.tell(summary())
    ledger, cases, writes = account.books.account_ledger, dict(account.books.cases), account.books.entry_writes

    outcomes = account.tell(fact(kind))
    again = account.tell(fact(kind))

    assert outcomes == []
    assert again == [Ignored(None, ENTRY)]
    assert account.books.entry_writes == writes + 1
    assert (account.books.account_ledger, account.books.cases) == (ledger, cases)


def test_liquidation_closes_the_review_and_opens_the_time_for_protest() -> None:
    """Closed comes first; both go to the importer's Center, which has the summary already."""
    account = Account()
    account.tell(summary())

    outcomes = account.tell(fact(Kind.LIQUIDATED, "2027-01-15T15:00:00"))

    items = work_of(outcomes)
    assert outcomes == items
    assert [(item.action, item.case.work_type, item.desk) for item in items] == [
        (Action.CLOSED, 1, ELECTRONICS),
        (Action.OPENED, 33, ELECTRONICS),
    ]
    assert account.open_cases() == [(33, ELECTRONICS)]


def test_a_fact_about_an_unknown_summary_waits_until_the_summary_comes() -> None:
    """The acceptance releases what waits; the fact is then applied as if it had come in order."""
    account = Account()

    early = account.tell(fact(Kind.LIQUIDATED))
    accepted = account.tell(summary())

    assert early == [Waits(ENTRY)]
    assert accepted[-1] == Released(ENTRY)
    assert not account.entry().waiting


def test_a_false_check_digit_is_refused_whatever_the_event() -> None:
    """The number of an entry is checked when it is first heard of."""
    false = ENTRY[:-1] + "9"
    account = Account()

    answers = [
        account.tell(summary(number=false)),
        account.tell(fact(Kind.PAID, number=false)),
        account.tell(released(number=false)),
    ]

    assert answers == [[Refused(CHECK_DIGIT, false)]] * 3
    assert account.books.entries == {}


def test_a_filing_check_runs_from_entry_to_summary() -> None:
    """The port has a part in it and gets copies; an importer without a Center keeps it with the port."""
    account = Account()

    opened = account.tell(released())
    accepted = account.tell(summary())

    assert [(item.desk, item.role, item.party, item.action) for item in work_of(opened)] == [
        (PENDING, Role.OWNER, "", Action.OPENED),
        (ELSEWHERE, Role.JOINT, "port:2704", Action.OPENED),
    ]
    assert [(item.case.work_type, item.desk, item.action) for item in work_of(accepted)] == [
        (2, PENDING, Action.CLOSED),
        (2, ELSEWHERE, Action.CLOSED),
        (1, ELECTRONICS, Action.OPENED),
    ]


def test_an_entry_filed_after_its_summary_needs_no_check() -> None:
    """The order of the two events does not matter."""
    account = Account()
    account.tell(summary())

    outcomes = account.tell(released())

    assert outcomes == []
    assert account.open_cases() == [(1, ELECTRONICS)]


def test_a_summary_without_a_voting_line_leaves_its_work_with_the_port() -> None:
    """There is nothing by which the importer could be placed."""
    account = Account()

    outcomes = account.tell(summary(line("9903880300")))

    [item] = work_of(outcomes)
    assert (item.desk, item.entry.ports) == (PENDING, ("2704",))
    assert [outcome.desk for outcome in outcomes if isinstance(outcome, SnapshotDue)] == [PENDING]


@pytest.mark.parametrize(
    ("entry_type", "lines", "census_warnings", "work_types"),
    [
        ("01", (line(COMPUTER),), False, [1]),
        ("01", (line(COMPUTER, ad_cvd=True),), False, [1, 24]),
        ("01", (line(COMPUTER),), True, [1, 12]),
        ("02", (line(COMPUTER),), False, [1, 8]),
        ("03", (line(COMPUTER),), False, [1, 24]),
        ("06", (line(COMPUTER),), False, [1]),
        ("07", (line(COMPUTER),), False, [1, 8, 24]),
        ("11", (line(COMPUTER),), False, [1, 6]),
        ("12", (line(COMPUTER),), False, [1, 6, 8]),
        ("31", (line(COMPUTER),), False, [1, 7]),
        ("32", (line(COMPUTER),), False, [1, 7, 8]),
        ("34", (line(COMPUTER),), False, [1, 7, 24]),
        ("38", (line(COMPUTER),), False, [1, 7, 8, 24]),
        ("52", (line(COMPUTER),), False, [1]),
    ],
)
def test_an_accepted_summary_opens_the_work_that_its_type_and_content_call_for(
    entry_type: str, lines: tuple[Line, ...], work_types: list[int], *, census_warnings: bool
) -> None:
    """Rows 1, 6, 7, 8, 12 and 24 of the division of labour."""
    account = Account()

    outcomes = account.tell(summary(*lines, entry_type=entry_type, census_warnings=census_warnings))

    assert [item.case.work_type for item in work_of(outcomes)] == work_types
    assert {item.desk for item in work_of(outcomes)} == {ELECTRONICS}


def test_a_resolved_census_warning_closes_its_case_with_the_version_that_resolves_it() -> None:
    """And the review hears of the new version."""
    account = Account()
    account.tell(summary(census_warnings=True))

    outcomes = account.tell(summary(kind=Kind.REPLACED, accepted="2026-03-03T15:00:00"))

    assert [(item.case.work_type, item.action) for item in work_of(outcomes)] == [
        (12, Action.CLOSED),
        (1, Action.UPDATED),
    ]


@pytest.mark.parametrize("entry_type", ["41", "42", "43", "44", "45", "46", "47"])
def test_drawback_never_reaches_a_center(entry_type: str) -> None:
    """It stays with its own offices, through its whole life."""
    account = Account()
    account.tell(summary(number="B7600000015"))

    outcomes = [
        *account.tell(summary(entry_type=entry_type)),
        *account.tell(fact(Kind.PAID)),
        *account.tell(fact(Kind.LIQUIDATED)),
    ]

    assert {item.desk for item in work_of(outcomes)} == {ELSEWHERE}
    assert {outcome.desk for outcome in outcomes if isinstance(outcome, SnapshotDue)} == {ELSEWHERE}


@pytest.mark.parametrize("kind", [Kind.CANCELLED, Kind.INACTIVATED])
def test_a_cancelled_summary_closes_its_cases_and_opens_the_cancellation_with_the_port(kind: Kind) -> None:
    """Row 4: Center and port."""
    account = Account()
    account.tell(summary(entry_type="07"))

    outcomes = account.tell(fact(kind))

    assert [(item.case.work_type, item.action, item.desk) for item in work_of(outcomes)] == [
        (1, Action.CLOSED, ELECTRONICS),
        (8, Action.CLOSED, ELECTRONICS),
        (24, Action.CLOSED, ELECTRONICS),
        (4, Action.OPENED, ELECTRONICS),
        (4, Action.OPENED, ELSEWHERE),
    ]


def test_a_summary_added_again_after_its_deletion_goes_on_with_the_number_of_its_case() -> None:
    """Sequence numbers of a case never repeat."""
    account = Account()
    account.tell(summary())
    account.tell(fact(Kind.DELETED, "2026-03-03T15:00:00"))

    outcomes = account.tell(summary(accepted="2026-03-04T15:00:00"))

    assert [(item.action, item.case.sequence) for item in work_of(outcomes)] == [(Action.OPENED, 3)]
    assert account.entry().closed_cases == ()


def test_an_entry_number_used_again_after_ten_years_begins_a_new_life() -> None:
    """120 months after liquidation the number may be used again; what is kept of the former life stays apart."""
    account = Account()
    account.tell(summary(accepted="2014-03-02T15:00:00", entered="2014-03-01"))
    account.tell(fact(Kind.LIQUIDATED, "2015-01-16T15:00:00"))

    too_early = account.tell(summary(accepted="2025-01-15T15:00:00", entered="2025-01-14"))
    outcomes = account.tell(summary(accepted="2025-01-16T15:00:00", entered="2025-01-16"))

    assert [type(outcome) for outcome in too_early] == [Refused]
    assert any(isinstance(outcome, Introduced) for outcome in outcomes)
    assert account.entry().generation == 1
    assert account.books.entries[f"{ENTRY}/0"].liquidated_day == day("2015-01-16")


def test_P14_open_cases_follow_the_importer_to_its_new_center() -> None:
    """Each leaves one desk and reaches the other, its summary before it, at the cut that moves the importer (P14)."""
    account = Account()
    numbers = entry_numbers()
    first = next(numbers)
    account.tell(summary(line(COMPUTER), number=first))
    for _ in range(3):
        account.tell(summary(line(SHIRT), line(SHIRT), number=next(numbers)))
    changed = account.cut("2026-03-03")

    outcomes = account.tell(fact(Kind.LIQUIDATED, "2027-01-15T15:00:00", number=first))

    assert [outcome.decision.center for outcome in changed if isinstance(outcome, Placed)] == [APPAREL]
    hops = [(outcome.desk, getattr(outcome, "action", "snapshot")) for outcome in changed[1:] if not_placed(outcome)]
    assert hops == 4 * [
        (ELECTRONICS, Action.TRANSFERRED_OUT),
        (APPAREL, "snapshot"),
        (APPAREL, Action.TRANSFERRED_IN),
    ]
    assert {case.assignment for case in account.books.cases.values() if case.work_type == REVIEW.number} == {2}
    assert [(type(outcome), getattr(outcome, "desk", None)) for outcome in outcomes] == [
        (WorkItem, APPAREL),
        (WorkItem, APPAREL),
    ]


def not_placed(outcome: Outcome) -> TypeGuard[WorkItem | SnapshotDue]:
    """Tell whether an outcome goes to a desk."""
    return isinstance(outcome, WorkItem | SnapshotDue)


def test_an_importer_that_no_center_takes_keeps_its_work_at_the_ports() -> None:
    """Its work goes to a desk of its own, and never to a Center."""
    assert INELIGIBLE not in range(1, 11)
    assert PENDING not in range(1, 11)


def test_the_time_of_an_event_is_not_the_time_of_its_case() -> None:
    """A case opens when the record is processed."""
    account = Account()
    account.now_ms = at("2026-04-01T15:00:00")

    [item] = work_of(account.tell(summary()))

    assert item.case.opened_ms == at("2026-04-01T15:00:00")
