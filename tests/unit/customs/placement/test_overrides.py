"""What headquarters says of an importer's placement."""

from collections.abc import Callable

import pytest

from streams.customs.cases import INELIGIBLE, PENDING
from streams.customs.ledger import desk_of
from streams.customs.placement import Basis, Decision, DecisionKind

from .importing import APPAREL, ELECTRONICS, MACHINERY, MONDAY, Importer, goods, rules


def test_headquarters_places_an_importer_whatever_its_goods() -> None:
    """At once, with basis and reason, the computed placement beside it."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))

    decision = importer.is_put_in(APPAREL)

    assert desk_of(importer.standing) == APPAREL
    assert (importer.standing.basis, importer.standing.effective_from) == (Basis.BUSINESS_PRACTICE, MONDAY)
    assert importer.computed.center == ELECTRONICS
    assert importer.standing.diverges
    assert (decision.kind, decision.former, decision.center) == (DecisionKind.CHANGED, ELECTRONICS, APPAREL)
    assert decision.reason == (
        "Headquarters places the importer: Apparel, Footwear and Textiles from 2026-01-05 on the ground of "
        'business_practice ("because"). By its goods it is in Electronics since 2026-01-05.'
    )


def test_headquarters_can_place_an_importer_that_nobody_knows_yet() -> None:
    """Its first summary then goes where headquarters said, and is counted all the same."""
    importer = Importer()

    assert importer.is_put_in(APPAREL).kind is DecisionKind.PLACED
    importer.files(*goods(ELECTRONICS))

    assert desk_of(importer.standing) == APPAREL
    decision = importer.decisions[-1]
    assert (decision.kind, decision.center) == (DecisionKind.PROPOSED, APPAREL)
    assert decision.reason.endswith("(P2). Headquarters has it in Apparel, Footwear and Textiles all the same.")


def test_headquarters_can_confirm_what_the_goods_say() -> None:
    """Nothing moves, nothing diverges."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))

    decision = importer.is_put_in(ELECTRONICS, basis=Basis.APPEAL_GRANTED)

    assert decision.kind is DecisionKind.CONFIRMED
    assert decision.reason.endswith('appeal_granted ("because").')
    assert not importer.standing.diverges


def test_the_same_word_again_changes_nothing() -> None:
    """Headquarters may repeat itself."""
    importer = Importer()
    importer.is_put_in(APPAREL)
    standing = importer.standing

    decision = importer.is_put_in(APPAREL)

    assert decision.kind is DecisionKind.UNCHANGED
    assert decision.reason.startswith("Headquarters has said so before: Apparel")
    assert importer.standing == standing


def test_the_computation_goes_on_under_an_override() -> None:
    """What would have been a move is a proposal."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.is_put_in(APPAREL)
    importer.files(*goods(MACHINERY, 5))

    [decision] = importer.comes_to(MONDAY + 1)

    assert (decision.kind, decision.former, decision.center) == (DecisionKind.PROPOSED, APPAREL, APPAREL)
    assert importer.computed.center == MACHINERY
    assert decision.reason.endswith("Headquarters has it in Apparel, Footwear and Textiles all the same.")


def test_the_computation_may_come_round_to_what_headquarters_said() -> None:
    """The placement is confirmed, the divergence over."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.is_put_in(APPAREL)
    importer.files(*goods(APPAREL, 5))

    [decision] = importer.comes_to(MONDAY + 1)

    assert decision.kind is DecisionKind.CONFIRMED
    assert not importer.standing.diverges


def test_P18_an_override_does_not_go_stale() -> None:
    """Only headquarters ends its word; the placement by goods beside it is stale."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.is_put_in(APPAREL)

    importer.comes_to(MONDAY + 1_000)

    assert importer.standing.center == APPAREL
    assert importer.computed.stale


@pytest.mark.parametrize(("day", "center"), [(MONDAY + 9, ELECTRONICS), (MONDAY + 10, APPAREL)])
def test_a_word_for_a_later_day_begins_at_the_cut_of_that_day(day: int, center: int) -> None:
    """Until then it is scheduled."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    scheduled = importer.is_put_in(APPAREL, MONDAY + 10)

    importer.comes_to(day)

    assert (scheduled.kind, scheduled.center) == (DecisionKind.SCHEDULED, ELECTRONICS)
    assert importer.standing.center == center


def test_a_scheduled_word_that_begins_is_told() -> None:
    """As the move that it is, or as a confirmation."""
    importer = Importer()
    importer.is_put_in(APPAREL, MONDAY + 10)
    [placed] = importer.comes_to(MONDAY + 10)
    importer.is_put_in(ELECTRONICS, MONDAY + 20)
    [changed] = importer.comes_to(MONDAY + 20)
    importer.is_put_in(ELECTRONICS, MONDAY + 30, Basis.APPEAL_GRANTED)
    [confirmed] = importer.comes_to(MONDAY + 30)

    assert [placed.kind, changed.kind, confirmed.kind] == [
        DecisionKind.PLACED,
        DecisionKind.CHANGED,
        DecisionKind.CONFIRMED,
    ]
    assert placed.reason.startswith(
        "The word of headquarters begins: Apparel, Footwear and Textiles from 2026-01-15 on the ground of "
        'business_practice ("because"). 0 of 1'
    )
    assert importer.standing.scheduled is None


def test_the_latest_word_takes_the_place_of_a_scheduled_one() -> None:
    """Headquarters has one opinion at a time."""
    importer = Importer()
    importer.is_put_in(APPAREL, MONDAY + 10)

    importer.is_put_in(MACHINERY)
    importer.comes_to(MONDAY + 20)

    assert importer.standing.center == MACHINERY
    assert importer.standing.scheduled is None


def test_a_word_of_the_past_holds_from_today_and_keeps_its_date() -> None:
    """Work that was routed before stays where it was."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))

    importer.is_put_in(APPAREL, MONDAY - 100)

    assert importer.standing.center == APPAREL
    assert importer.standing.effective_from == MONDAY - 100


def test_an_override_that_ends_gives_the_importer_back_to_its_goods() -> None:
    """The computed placement begins anew, so that P8 protects it."""
    importer = Importer(today=MONDAY - 400)
    importer.files(*goods(ELECTRONICS, 20))
    importer.comes_to(MONDAY - 100)
    importer.files(*goods(ELECTRONICS, 20))
    importer.is_put_in(APPAREL)
    importer.comes_to(MONDAY)

    decision = importer.is_let_go()

    assert (decision.kind, decision.former, decision.center) == (DecisionKind.CHANGED, APPAREL, ELECTRONICS)
    assert decision.reason == (
        "Headquarters ends its placement in Apparel, Footwear and Textiles (no longer so): the importer is in "
        "Electronics."
    )
    assert importer.computed[:4] == (ELECTRONICS, MONDAY, True, False)


def test_an_override_that_agreed_ends_without_a_move() -> None:
    """The computed placement keeps its age."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.is_put_in(ELECTRONICS)
    importer.comes_to(MONDAY + 5)

    decision = importer.is_let_go()

    assert decision.kind is DecisionKind.CONFIRMED
    assert importer.computed.since == MONDAY


def test_an_override_of_an_unknown_importer_ends_in_no_center() -> None:
    """It is pending again."""
    importer = Importer()
    importer.is_put_in(APPAREL)

    decision = importer.is_let_go()

    assert desk_of(importer.standing) == PENDING
    assert (decision.kind, decision.center) == (DecisionKind.CHANGED, 0)
    assert "the importer is in no Center." in decision.reason


def test_an_importer_with_too_little_history_is_placed_when_headquarters_lets_go_if_it_has_enough_by_then() -> None:
    """The rules may ask for less than when the summary came."""
    importer = Importer(rules(minimum_summaries=2))
    importer.files(*goods(ELECTRONICS))
    importer.is_put_in(APPAREL)
    importer.rules = rules()

    importer.is_let_go()

    assert importer.standing.center == ELECTRONICS


def test_a_scheduled_word_can_be_taken_back() -> None:
    """Nothing happens on its day."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.is_put_in(APPAREL, MONDAY + 10)

    importer.is_let_go()
    importer.comes_to(MONDAY + 20)

    assert importer.standing.center == ELECTRONICS


def test_where_headquarters_has_said_nothing_there_is_nothing_to_end() -> None:
    """The standing is what it was."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    standing = importer.standing

    assert importer.is_let_go().kind is DecisionKind.UNCHANGED
    assert importer.standing == standing


def test_P17_an_importer_that_no_center_takes_leaves_its_center_and_comes_back() -> None:
    """Each change is told once."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))

    gone = importer.becomes(eligible=False)
    assert desk_of(importer.standing) == INELIGIBLE
    again = importer.becomes(eligible=False)
    back = importer.becomes(eligible=True)

    assert [(decision.kind, decision.former, decision.center) for decision in (gone, again, back)] == [
        (DecisionKind.CHANGED, ELECTRONICS, 0),
        (DecisionKind.UNCHANGED, 0, 0),
        (DecisionKind.PLACED, 0, ELECTRONICS),
    ]
    assert gone.reason == "No Center takes the importer; its work stays with ports. (P17)"


@pytest.mark.parametrize("told", [Importer.is_inactive, lambda importer: importer.turns_out(broker=True)])
def test_P6_what_cbps_file_says_of_the_importer_lowers_the_flags_at_the_next_cut(
    told: Callable[[Importer], Decision],
) -> None:
    """A stale placement, or a broker in no Center, is nothing to be looked at, also if nobody files."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS), *goods(MACHINERY), *goods(APPAREL))
    importer.comes_to(MONDAY + 1)
    assert importer.standing.flags

    told(importer)
    decisions = importer.comes_to(MONDAY + 2)

    assert [decision.kind for decision in decisions] == [DecisionKind.FLAGGED]
    assert not importer.standing.flags


def test_P17_overrides_no_word_of_headquarters_but_comes_before_it() -> None:
    """An importer that no Center takes is in none, also by hand."""
    importer = Importer()
    importer.is_put_in(APPAREL)

    importer.becomes(eligible=False)

    assert desk_of(importer.standing) == INELIGIBLE
    assert importer.standing.override is not None
