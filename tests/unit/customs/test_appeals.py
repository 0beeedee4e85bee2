"""Appeals against a Center assignment (19 CFR 101.10(c))."""

from itertools import permutations
from typing import Any

import pytest

from streams.customs.appeal import TRANSITIONS, AppealState, Filed, Projection
from streams.customs.events import AppealDecided, AppealFiled, Event, PlacementSet, ProfileChanged
from streams.customs.outcomes import AppealNoted, Ignored, Outcome, Placed, Refused, Waits
from streams.customs.placement import Basis, DecisionKind, HistoryClass
from tests.unit.customs.kit import (
    APPAREL,
    COMPUTER,
    ELECTRONICS,
    IMPORTER,
    SHIRT,
    Account,
    at,
    cause,
    day,
    entry_numbers,
    line,
    summary,
)

NUMBERS = [number for number, _ in zip(entry_numbers(), range(9), strict=False)]
BRANCH = "12-345678901"
PRIOR, PROJECTED = Projection(IMPORTER, "8471", is_projected=False), Projection(IMPORTER, "6109", is_projected=True)


def appeal(when: str = "2026-03-03", number: str = "A-1", **changed: Any) -> AppealFiled:
    """Return a complete appeal of an importer with less than a year of history."""
    contents: dict[str, Any] = {
        "received_day": day(when),
        "current_center": ELECTRONICS,
        "preferred_center": APPAREL,
        "importers": (IMPORTER,),
        "bonds": ("200012345",),
        "is_justified": True,
        "data": (PRIOR, PROJECTED),
    }
    return AppealFiled(cause(at(f"{when}T16:00:00")), IMPORTER, number, Filed(**(contents | changed)))


def decided(
    state: AppealState, when: str = "2026-03-10", *, center: int = 0, effective: str = "", number: str = "A-1"
) -> AppealDecided:
    effective_day = day(effective) if effective else 0
    return AppealDecided(cause(at(f"{when}T16:00:00")), IMPORTER, number, state, center, day(when), effective_day, "")


def placed_importer() -> Account:
    """Return an importer of computers, placed in Electronics on 2 March."""
    account = Account()
    account.tell(summary(line(COMPUTER, value=700), line(COMPUTER, value=300), entered="2026-03-01"))
    return account


def noted(outcomes: list[Outcome]) -> AppealNoted:
    [found] = [outcome for outcome in outcomes if isinstance(outcome, AppealNoted)]
    return found


def rules_of(outcomes: list[Outcome]) -> list[str]:
    return [outcome.rule.name for outcome in outcomes if isinstance(outcome, Refused)]


def test_P19_a_complete_appeal_is_received_with_the_year_it_rests_on_and_moves_nothing() -> None:
    account = placed_importer()

    told = noted(account.tell(appeal()))

    assert (told.appeal.state, told.missing) == (AppealState.RECEIVED, ())
    assert told.extract is not None
    assert told.extract.history is HistoryClass.UNDER_ONE_YEAR
    assert [tuple(count) for count in told.extract.headings] == [("8471", ELECTRONICS, 2, 1000)]
    assert account.books.account_ledger is not None
    assert account.books.account_ledger.standing.center == ELECTRONICS


@pytest.mark.parametrize(
    ("changed", "lacks"),
    [
        ({"current_center": 0}, "the current Center is not named"),
        ({"current_center": APPAREL}, "does not have the importer"),
        ({"preferred_center": 0}, "the preferred Center is not named"),
        ({"preferred_center": ELECTRONICS}, "the preferred Center has the importer already"),
        ({"importers": ()}, "not all affected importer numbers"),
        ({"importers": (BRANCH,)}, "not all affected importer numbers"),
        ({"bonds": ()}, "no bond number"),
        ({"is_justified": False}, "no written justification"),
        ({"data": (PRIOR,)}, "projected importations"),
        ({"data": (PROJECTED,)}, "prior entry summary lines and value"),
    ],
)
def test_R7_an_appeal_without_a_required_content_waits_and_says_which(changed: dict[str, Any], lacks: str) -> None:
    account = placed_importer()

    told = noted(account.tell(appeal(**changed)))

    assert told.appeal.state is AppealState.INCOMPLETE
    assert len(told.missing) == 1
    assert lacks in told.missing[0]
    assert noted(account.tell(appeal("2026-03-05"))).appeal.state is AppealState.RECEIVED


def test_R8_what_import_data_is_needed_depends_on_the_history() -> None:
    """A new importer projects, one of less than a year does both, one of more gives the past."""
    projected_only = appeal("2026-03-03", current_center=0, preferred_center=APPAREL, data=(PROJECTED,))
    newcomer = Account()

    assert [what for what in noted(newcomer.tell(projected_only)).missing if "101.10(c)(5)" in what] == []

    settled = Account()
    settled.now_ms = at("2025-02-01T15:00:00")
    settled.tell(summary(line(COMPUTER), accepted="2025-02-01T15:00:00", entered="2025-02-01"))
    settled.tell(summary(line(COMPUTER), number=NUMBERS[0]))
    assert noted(settled.tell(appeal(data=(PRIOR,)))).missing == ()


def test_R8_the_extract_covers_one_year_of_what_counts_now() -> None:
    """Older days are not in it, nor what was taken back; lines and value per four-digit heading."""
    account = Account()
    account.now_ms = at("2025-01-15T15:00:00")
    account.tell(summary(line(SHIRT), accepted="2025-01-15T15:00:00", entered="2025-01-15"))
    account.tell(
        summary(line(COMPUTER, value=50), number=NUMBERS[0], accepted="2025-04-01T15:00:00", entered="2025-03-03")
    )
    account.tell(summary(line(COMPUTER, value=70), number=NUMBERS[1]))

    told = noted(account.tell(appeal("2026-03-03")))

    assert told.extract is not None
    assert told.extract.since == day("2025-03-03")
    assert [(count.heading, count.lines, count.value_usd) for count in told.extract.headings] == [("8471", 2, 120)]


def test_P19_a_granted_appeal_places_the_importer_on_its_day() -> None:
    account = placed_importer()
    account.tell(appeal())
    account.tell(decided(AppealState.UNDER_REVIEW, "2026-03-05"))

    outcomes = account.tell(decided(AppealState.GRANTED, center=APPAREL, effective="2026-04-01"))
    [scheduled] = [outcome.decision for outcome in outcomes if isinstance(outcome, Placed)]
    later = [outcome for outcome in account.cut("2026-04-01") if isinstance(outcome, Placed)]

    assert (noted(outcomes).appeal.effective_day, scheduled.kind) == (day("2026-04-01"), DecisionKind.SCHEDULED)
    assert (later[-1].decision.center, later[-1].decision.standing.basis) == (APPAREL, Basis.APPEAL_GRANTED)


def test_P19_a_granted_appeal_without_a_day_begins_with_its_decision() -> None:
    account = placed_importer()
    account.tell(appeal())

    outcomes = account.tell(decided(AppealState.GRANTED, center=APPAREL))

    [placed] = [outcome.decision for outcome in outcomes if isinstance(outcome, Placed)]
    assert (placed.center, placed.standing.effective_from) == (APPAREL, day("2026-03-10"))


@pytest.mark.parametrize("end", [AppealState.DENIED, AppealState.WITHDRAWN])
def test_P19_a_denied_or_withdrawn_appeal_changes_nothing_and_is_closed(end: AppealState) -> None:
    account = placed_importer()
    account.tell(appeal())

    outcomes = account.tell(decided(end))

    assert noted(outcomes).appeal.decided_day == day("2026-03-10")
    assert not [outcome for outcome in outcomes if isinstance(outcome, Placed)]
    assert rules_of(account.tell(decided(AppealState.GRANTED, "2026-03-11", center=APPAREL))) == ["appeal.is_decided"]
    assert rules_of(account.tell(appeal("2026-03-12"))) == ["appeal.is_decided"]
    assert noted(account.tell(appeal("2026-03-12", number="A-2"))).appeal.state is AppealState.RECEIVED


def test_a_grant_names_a_center_and_an_appeal_that_is_complete() -> None:
    account = placed_importer()
    account.tell(appeal(bonds=()))

    incomplete = account.tell(decided(AppealState.GRANTED, "2026-03-10", center=APPAREL))
    account.tell(appeal("2026-03-11"))
    nowhere = account.tell(decided(AppealState.GRANTED, "2026-03-12"))

    assert (rules_of(incomplete), rules_of(nowhere)) == (
        ["appeal.not_in_this_state"],
        ["appeal.is_granted_to_a_center"],
    )


def test_a_decision_waits_for_its_appeal_and_what_is_old_or_repeated_changes_nothing() -> None:
    account = placed_importer()
    denied = decided(AppealState.DENIED)

    assert account.tell(denied) == [Waits("appeal:A-1")]
    account.tell(appeal())
    assert account.books.appeals["A-1"].state is AppealState.DENIED
    assert account.tell(denied) == [Ignored(None, "")]
    assert account.tell(appeal()) == [Ignored(None, "")]


def test_a_later_word_of_headquarters_stands_above_an_appeal_granted_before() -> None:
    account = placed_importer()
    account.tell(appeal())
    account.tell(
        PlacementSet(
            cause(at("2026-03-20T12:00:00")), IMPORTER, ELECTRONICS, "intended_use", "parts", day("2026-03-20")
        )
    )

    outcomes = account.tell(decided(AppealState.GRANTED, "2026-03-10", center=APPAREL))

    assert noted(outcomes).appeal.state is AppealState.GRANTED
    assert not [outcome for outcome in outcomes if isinstance(outcome, Placed)]


def test_an_appeal_under_review_that_is_completed_stays_under_review() -> None:
    account = placed_importer()
    account.tell(appeal())
    account.tell(decided(AppealState.UNDER_REVIEW, "2026-03-05"))

    assert noted(account.tell(appeal("2026-03-06"))).appeal.state is AppealState.UNDER_REVIEW
    assert noted(account.tell(appeal("2026-03-07", bonds=()))).appeal.state is AppealState.INCOMPLETE


def test_every_state_has_its_transitions_and_ends_have_none() -> None:
    assert set(TRANSITIONS) == set(AppealState)
    ends = [state for state, after in TRANSITIONS.items() if not after]
    assert ends == [AppealState.GRANTED, AppealState.DENIED, AppealState.WITHDRAWN]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_an_appeals_events_arrive_does_not_matter_to_the_placement(order: tuple[int, ...]) -> None:
    events: list[Event] = [
        appeal(),
        decided(AppealState.GRANTED, center=APPAREL, effective="2026-03-10"),
        ProfileChanged(cause(at("2026-03-04T12:00:00")), IMPORTER, eligible=True),
    ]
    account = placed_importer()
    account.now_ms = at("2026-03-15T12:00:00")

    for at_place in order:
        account.tell(events[at_place])

    assert account.books.account_ledger is not None
    assert account.books.account_ledger.standing.center == APPAREL
    assert account.books.appeals["A-1"].state is AppealState.GRANTED
