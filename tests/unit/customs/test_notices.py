"""Notices of CBP and of ports, and the words of headquarters."""

import pytest

from streams.customs.account import give_up_waiting
from streams.customs.cases import ELSEWHERE, INELIGIBLE
from streams.customs.entry_summary import NEW
from streams.customs.events import PlacementSet, PortNoticed, ProfileChanged, StatusNotified
from streams.customs.facts_known import Fact, latest_ms
from streams.customs.life_cycle import Kind, State
from streams.customs.outcomes import Ignored, MatterItem, NotActed, Outcome, Placed, Refused, Waits
from streams.customs.placement import DecisionKind
from streams.customs.rules import CHECK_DIGIT, FINAL_STATE, OVERRIDE_GROUNDS
from streams.customs.work import Action, Role
from streams.customs.work_types import TEMPORARY_IMPORTATION, WORK_TYPES
from tests.unit.customs.filings import closed, heard, notice
from tests.unit.customs.kit import (
    COMPUTER,
    ELECTRONICS,
    ENTRY,
    IMPORTER,
    Account,
    at,
    cause,
    day,
    entry_numbers,
    fact,
    line,
    summary,
    work_of,
)

MACHINERY = 10
FALSE = ENTRY[:-1] + "9"


def status(
    disposition: str, when: str = "2026-03-05T15:00:00", *, reason: str = "", number: str = ENTRY
) -> StatusNotified:
    """Return a status notification of CBP."""
    return StatusNotified(cause(at(when)), number, disposition, reason, day(when[:10]))


def port(kind: str, when: str = "2026-03-05T15:00:00", number: str = ENTRY) -> PortNoticed:
    """Return a notice of a port."""
    return PortNoticed(cause(at(when)), kind, number, IMPORTER, "1401")


def placed(
    center: int = MACHINERY,
    when: str = "2026-03-05T15:00:00",
    *,
    basis: str = "intended_use",
    reason: str = "goods for machines",
) -> PlacementSet:
    """Return a placement by headquarters."""
    return PlacementSet(cause(at(when)), IMPORTER, center, basis, reason, day(when[:10]))


def decisions(outcomes: list[Outcome]) -> list[tuple[DecisionKind, int]]:
    """Return kind and Center of every decision."""
    return [(answer.decision.kind, answer.decision.center) for answer in outcomes if isinstance(answer, Placed)]


def test_documents_asked_for_twice_are_one_case_with_the_clock_of_the_latest_notice() -> None:
    """A repeat and an older notice change nothing."""
    account = Account()
    account.tell(summary())

    opened = account.tell(status("1"))
    updated = account.tell(status("3", "2026-03-09T15:00:00"))
    repeated = account.tell(status("3", "2026-03-09T15:00:00"))
    older = account.tell(status("2", "2026-03-06T15:00:00"))

    assert [(item.action, item.case.sequence) for item in work_of([*opened, *updated])] == [
        (Action.OPENED, 1),
        (Action.UPDATED, 2),
    ]
    assert account.entry().asked_day == day("2026-03-09")
    assert repeated == older == [Ignored(None, ENTRY)]


def test_what_a_notice_called_for_ends_with_the_entry() -> None:
    """A cancelled entry has no documents to wait for."""
    account = Account()
    account.tell(summary())
    account.tell(status("1"))
    account.tell(status("Q"))

    outcomes = account.tell(status("6", "2026-03-09T15:00:00"))

    assert [(item.case.work_type, item.action) for item in work_of(outcomes) if item.role is Role.OWNER] == [
        (1, Action.CLOSED),
        (5, Action.CLOSED),
        (8, Action.CLOSED),
        (4, Action.OPENED),
    ]


def test_an_event_and_a_notice_of_the_same_cancellation_open_one_case() -> None:
    """Whichever comes first."""
    account = Account()
    account.tell(summary())

    first = account.tell(fact(Kind.CANCELLED, "2026-03-05T15:00:00"))
    second = account.tell(status("6", "2026-03-05T16:00:00"))

    assert [item.case.work_type for item in work_of(first)] == [1, 4, 4]
    assert second == []


@pytest.mark.parametrize("disposition", ["P", "C", "D"])
def test_dispositions_without_work_of_ours_are_accepted(disposition: str) -> None:
    """They are counted, and nothing follows from them yet."""
    account = Account()
    account.tell(summary())

    assert account.tell(status(disposition)) == [NotActed()]


def test_a_notice_of_an_unknown_summary_waits() -> None:
    """Whether it tells of the summary's life or calls for work."""
    account = Account()

    assert account.tell(status("4")) == [Waits(ENTRY)]
    assert account.tell(status("1")) == [Waits(ENTRY)]


def test_notices_with_a_false_entry_number_are_refused() -> None:
    """Nothing is kept of them."""
    account = Account()

    assert account.tell(status("1", number=FALSE)) == [Refused(CHECK_DIGIT, FALSE)]
    assert account.tell(port("release", number=FALSE)) == [Refused(CHECK_DIGIT, FALSE)]
    assert account.books.entries == {}


def test_a_port_keeps_its_own_work_and_repeats_are_ignored() -> None:
    """Owner is the port; the summary of the entry need not be known."""
    account = Account()

    first = account.tell(port("seizure"))
    again = account.tell(port("seizure"))
    later = account.tell(port("seizure", "2026-03-06T15:00:00"))

    [item] = work_of(first)
    assert (item.desk, item.role, item.party, item.action) == (ELSEWHERE, Role.OWNER, "port:1401", Action.OPENED)
    assert again == [Ignored(None, ENTRY)]
    assert [(item.action, item.case.sequence) for item in work_of(later)] == [(Action.UPDATED, 2)]
    assert account.books.cases == {}


def test_an_examination_and_a_release_are_each_told_in_whatever_order() -> None:
    """One case of the port, whose pieces are counted together."""
    account = Account()

    released = account.tell(port("release", "2026-03-06T15:00:00"))
    examined = account.tell(port("examination", "2026-03-05T15:00:00"))
    again = account.tell(port("examination", "2026-03-05T15:00:00"))

    items = work_of([*released, *examined])
    assert len({item.case_id for item in items}) == 1
    assert [(item.action, item.case.sequence, item.rule) for item in items] == [
        (Action.OPENED, 1, "port_notice/release"),
        (Action.UPDATED, 2, "port_notice/examination"),
    ]
    assert again == [Ignored(None, ENTRY)]


def test_a_port_notice_leaves_the_ports_of_a_known_summary_as_they_are() -> None:
    """Entry and port of importation do not change."""
    account = Account()
    account.tell(summary(ports=("2704", "1101")))

    account.tell(port("export"))

    assert account.entry().ports == ("2704", "1101")


def test_sampling_is_work_of_center_and_port() -> None:
    """One case, the Center decides, the port gets a copy."""
    account = Account()
    account.tell(summary())

    items = [outcome for outcome in account.tell(port("sampling")) if isinstance(outcome, MatterItem)]

    assert [(item.desk, item.role, item.party) for item in items] == [
        (ELECTRONICS, Role.OWNER, ""),
        (ELSEWHERE, Role.JOINT, "port:2704"),
    ]


def test_a_word_of_headquarters_places_at_once_and_an_older_one_changes_nothing() -> None:
    """Of two words the later one stands, in whatever order they come."""
    account = Account()
    account.tell(summary())

    moved = account.tell(placed())
    older = account.tell(placed(4, "2026-03-04T15:00:00"))
    [item] = work_of(account.tell(summary(number=next(entry_numbers()))))

    assert decisions(moved) == [(DecisionKind.CHANGED, MACHINERY)]
    assert older == [Ignored(None, "")]
    assert item.desk == MACHINERY


def test_the_end_of_a_placement_by_hand_returns_the_importer_to_its_goods() -> None:
    """The computation has gone on beside it."""
    account = Account()
    account.tell(summary(line(COMPUTER)))
    account.tell(placed())

    assert decisions(account.tell(placed(0, "2026-03-06T15:00:00"))) == [(DecisionKind.CHANGED, ELECTRONICS)]


@pytest.mark.parametrize(
    ("basis", "reason"),
    [("intended_use", "  "), ("predominant_goods", "goods for machines"), ("because", "goods for machines")],
)
def test_a_placement_by_hand_needs_a_ground_and_a_reason(basis: str, reason: str) -> None:
    """19 CFR 101.10(b) names the grounds."""
    account = Account()

    assert account.tell(placed(basis=basis, reason=reason)) == [Refused(OVERRIDE_GROUNDS, "")]
    assert account.books.account_ledger is None


def test_an_importer_that_no_center_takes_has_a_desk_of_its_own_until_centers_take_it_again() -> None:
    """The computation goes on either way."""
    account = Account()
    numbers = entry_numbers()
    account.tell(summary(number=next(numbers)))

    out = account.tell(ProfileChanged(cause(at("2026-03-05T15:00:00")), IMPORTER, eligible=False))
    [meanwhile] = work_of(account.tell(summary(number=next(numbers))))
    same = account.tell(ProfileChanged(cause(at("2026-03-06T15:00:00")), IMPORTER, eligible=False))
    old = account.tell(ProfileChanged(cause(at("2026-03-04T15:00:00")), IMPORTER, eligible=True))
    back = account.tell(ProfileChanged(cause(at("2026-03-07T15:00:00")), IMPORTER, eligible=True))

    assert decisions(out) == [(DecisionKind.CHANGED, 0)]
    assert meanwhile.desk == INELIGIBLE
    assert same == []
    assert old == [Ignored(None, "")]
    assert decisions(back) == [(DecisionKind.PLACED, ELECTRONICS)]


def test_numbers_of_the_account_are_kept_as_summaries_name_them() -> None:
    """Suffixes of one firm share an account."""
    account = Account()
    numbers = entry_numbers()
    for suffix in ("00", "AB", "00"):
        account.tell(summary(number=next(numbers), importer=f"{IMPORTER[:10]}{suffix}"))

    assert account.books.account_ledger is not None
    assert account.books.account_ledger.importers == ("12-345678900", "12-3456789AB")


def test_a_number_whose_summaries_count_nothing_is_one_of_the_account_all_the_same() -> None:
    """An appeal lists all affected numbers (19 CFR 101.10(c)(3)), and its work goes to the account's Center."""
    account = Account()
    numbers = entry_numbers()
    account.tell(summary(line("9801001010"), number=next(numbers), importer=f"{IMPORTER[:10]}AB"))
    account.tell(summary(number=next(numbers), importer=f"{IMPORTER[:10]}CD", entry_type="21"))
    replaced = next(numbers)
    account.tell(summary(number=replaced))
    other = f"{IMPORTER[:10]}EF"
    account.tell(summary(number=replaced, importer=other, kind=Kind.REPLACED, accepted="2026-03-03T15:00:00"))

    assert account.books.account_ledger is not None
    assert account.books.account_ledger.importers == tuple(
        f"{IMPORTER[:10]}{suffix}" for suffix in ("AB", "CD", "00", "EF")
    )


def test_an_entry_that_only_waited_is_forgotten_and_what_is_known_of_another_stays() -> None:
    """When the wait for the summary is over."""
    account = Account()
    other = next(entry_numbers())
    account.tell(fact(Kind.PAID))
    account.tell(port("release", number=other))
    account.tell(fact(Kind.PAID, number=other))

    for number in (ENTRY, other, "unknown"):
        give_up_waiting(account.books, number)

    assert list(account.books.entries) == [other]
    assert not account.entry(other).waiting
    assert account.entry(other) != NEW


def test_the_states_have_the_words_of_the_specification() -> None:
    """As ACE and its readers use them."""
    assert {state.value for state in State} == {
        "expected",
        "trade_control",
        "cbp_control",
        "rejected",
        "inactive",
        "cancelled",
        "deleted",
        "corrected",
        "liquidated",
        "reliquidated",
    }


def test_a_question_asked_again_updates_its_case_and_one_after_its_end_opens_another() -> None:
    """By reason 003 of a status notification; an older or repeated one is ignored."""
    account = Account()
    account.tell(summary())

    opened = account.tell(status("8", reason="003"))
    again = account.tell(status("8", reason="003"))
    updated = account.tell(status("8", "2026-03-06T15:00:00", reason="003"))
    [name] = account.books.matters
    account.tell(closed(name))
    another = account.tell(status("8", "2026-03-07T15:00:00", reason="003"))

    assert [one[1] for one in (*heard(opened), *heard(updated), *heard(another))] == ["opened", "updated", "opened"]
    assert again == [Ignored(None, ENTRY)]
    assert name not in account.books.matters


@pytest.mark.parametrize(
    ("disposition", "reason", "called_for"),
    [
        ("2", "", {"documents_required"}),
        ("2", "010", {"documents_required", "antidumping_countervailing_review"}),
        ("3", "003", {"documents_required", "classification_decision"}),
        ("1", "005", {"documents_required", "appraisement_decision"}),
        ("Q", "010", {"quota_processing", "antidumping_countervailing_review"}),
        ("4", "003", {"entry_summary_rejection", "classification_decision"}),
        ("4", "010", {"entry_summary_rejection", "antidumping_countervailing_review"}),
        ("P", "005", {"appraisement_decision"}),
        ("6", "003", {"entry_summary_cancellation"}),
        ("5", "010", {"entry_summary_cancellation"}),
    ],
)
def test_disposition_and_reason_of_a_notice_each_call_for_their_work(
    disposition: str, reason: str, called_for: set[str]
) -> None:
    """Documents that are asked for have their clock whatever they are asked for; a summary that ends has no lines."""
    account = Account()
    account.tell(summary())

    outcomes = account.tell(status(disposition, reason=reason))
    again = account.tell(status(disposition, reason=reason))

    of_matters = {work_type for work_type, action, _ in heard(outcomes) if action == "opened"}
    of_entry = {WORK_TYPES[item.case.work_type].name for item in work_of(outcomes) if item.action is Action.OPENED}
    assert of_entry | of_matters == called_for
    assert again == [Ignored(None, ENTRY)]


def test_a_correction_by_another_filer_is_told_also_where_lines_are_questioned() -> None:
    """The review hears of the one, a case of its own is about the other."""
    account = Account()
    account.tell(summary())

    outcomes = account.tell(status("8", reason="003"))

    assert [(item.case.work_type, item.action) for item in work_of(outcomes)] == [(1, Action.UPDATED)]
    assert heard(outcomes) == [("classification_decision", "opened", "owner")]
    assert latest_ms(account.entry().facts, Fact.CORRECTED_BY_ANOTHER)


def test_a_rejection_that_is_refused_questions_nothing() -> None:
    """The notice as a whole is about another summary."""
    account = Account()
    account.tell(summary())
    account.tell(fact(Kind.LIQUIDATED, "2026-03-04T15:00:00", "2026-03-04"))

    assert account.tell(status("4", reason="003")) == [Refused(FINAL_STATE, ENTRY)]


def test_the_export_of_a_temporary_importation_is_its_proof() -> None:
    """It stays the port's own work, and ends the control of the importation."""
    account = Account()
    account.tell(summary(entry_type="23"))

    outcomes = account.tell(port("export"))

    item = work_of(outcomes)[0]
    assert (item.desk, item.case.work_type) == (ELSEWHERE, 50)
    assert not account.entry().open_cases & TEMPORARY_IMPORTATION.bit


def test_a_notice_of_an_entry_that_cannot_be_is_refused() -> None:
    """By its check digit, like any event."""
    account = Account()

    assert account.tell(notice("form_28", number=FALSE)) == [Refused(CHECK_DIGIT, FALSE)]
