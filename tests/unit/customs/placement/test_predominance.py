"""Which Center has the predominant goods: measure, share, ties."""

import pytest

from streams.customs.policy import Measure, PlacementPolicy
from streams.customs.predominance import (
    NONE,
    has_share,
    leading_center,
    leads_by_points,
    most_valuable_center,
    plurality_center,
    whole,
)
from streams.customs.tariff_mix import Contribution, Mix, counted

from .importing import DayBook, window_on

DAY = 20_000
STEEL, COMPUTER, TOY = 72083905, 84713007, 95030008


def mix_of(*summaries: Contribution, days: DayBook | None = None) -> Mix:
    """Return the mix of summaries, the first filed on DAY, each other one a day before the one before."""
    kept = DayBook() if days is None else days
    mix = window_on(DAY, kept)
    for age, contribution in enumerate(summaries):
        mix = counted(mix, kept, DAY - age, contribution)
    return mix


@pytest.mark.parametrize(
    ("measure", "center"),
    [
        (Measure.LINES, 8),
        (Measure.VALUE, 7),
        (Measure.ENTRY_SUMMARIES, 5),
        (Measure.LINES_THEN_VALUE, 8),
    ],
)
def test_P4_the_measure_decides_which_goods_are_predominant(measure: Measure, center: int) -> None:
    """Many toys, dear computers, steel in every summary."""
    days = DayBook()
    mix = mix_of(((STEEL, 1, 10), (TOY, 9, 9)), ((STEEL, 1, 10), (COMPUTER, 1, 500)), ((STEEL, 1, 10),), days=days)

    assert plurality_center(mix, days, measure, NONE) == center


def test_P4_a_summary_with_lines_of_two_centers_is_one_summary() -> None:
    """So that shares of summaries are shares of summaries."""
    mix = mix_of(((STEEL, 1, 10), (TOY, 1, 10)), ((TOY, 1, 10),))

    assert whole(mix, Measure.ENTRY_SUMMARIES) == 2
    assert has_share(mix, Measure.ENTRY_SUMMARIES, 8, 100)
    assert has_share(mix, Measure.ENTRY_SUMMARIES, 5, 50)
    assert not has_share(mix, Measure.ENTRY_SUMMARIES, 5, 51)


@pytest.mark.parametrize(
    ("summaries", "present", "center"),
    [
        ((((COMPUTER, 1, 10), (TOY, 1, 99)),), 7, 7),
        ((((COMPUTER, 1, 10), (TOY, 1, 99)),), 8, 8),
        ((((COMPUTER, 1, 10), (TOY, 1, 99)),), NONE, 8),
        ((((COMPUTER, 1, 10), (TOY, 1, 99)),), 5, 8),
        ((((TOY, 1, 10),), ((COMPUTER, 1, 10),)), NONE, 8),
        ((((COMPUTER, 1, 10),), ((TOY, 1, 10),)), NONE, 7),
        ((((COMPUTER, 1, 10), (TOY, 1, 10)),), NONE, 7),
        ((((TOY, 1, 10), (STEEL, 1, 10), (COMPUTER, 1, 9)),), NONE, 5),
        ((), 7, NONE),
    ],
)
def test_P13_a_tie_keeps_the_present_center_else_value_else_recent_entry_else_number(
    summaries: tuple[Contribution, ...], present: int, center: int
) -> None:
    """Each step only where the one before has not decided."""
    days = DayBook()
    mix = mix_of(*summaries, days=days)

    assert plurality_center(mix, days, Measure.LINES, present) == center


def test_P4_lines_then_value_decides_a_tie_in_lines_by_value_even_against_the_present_center() -> None:
    """Only equal value as well is a tie for P13."""
    days = DayBook()
    mix = mix_of(((COMPUTER, 1, 10), (TOY, 1, 99)), days=days)

    assert plurality_center(mix, days, Measure.LINES_THEN_VALUE, 7) == 8

    even = mix_of(((COMPUTER, 1, 99), (TOY, 1, 99)), days=days)
    assert plurality_center(even, days, Measure.LINES_THEN_VALUE, 8) == 8


def test_goods_without_value_tie_under_the_measure_of_value() -> None:
    """Nobody has a share of nothing."""
    days = DayBook()
    mix = mix_of(((COMPUTER, 1, 0), (TOY, 5, 0)), days=days)

    assert plurality_center(mix, days, Measure.VALUE, 8) == 8
    assert plurality_center(mix, days, Measure.VALUE, NONE) == 7
    assert not has_share(mix, Measure.VALUE, 8, 0)
    assert not leads_by_points(mix, Measure.VALUE, 8, 7, 0)


@pytest.mark.parametrize(("toys", "center"), [(51, 8), (50, NONE)])
def test_P6_a_majority_is_more_than_half(toys: int, center: int) -> None:
    """Half is not enough."""
    days = DayBook()
    mix = mix_of(((TOY, toys, 0), (COMPUTER, 100 - toys - 1, 0), (STEEL, 1, 0)), days=days)

    assert leading_center(mix, days, PlacementPolicy.from_settings({"predominance": "majority"}), NONE) == center
    assert leading_center(mix, days, PlacementPolicy(), NONE) == 8


def test_P6_nothing_has_no_majority() -> None:
    """An empty mix has no leader under either rule."""
    days = DayBook()
    mix = mix_of(days=days)

    assert leading_center(mix, days, PlacementPolicy.from_settings({"predominance": "majority"}), 7) == NONE
    assert leading_center(mix, days, PlacementPolicy(), 7) == NONE


@pytest.mark.parametrize(("toys", "computers", "leads"), [(55, 45, True), (54, 46, False), (45, 55, False)])
def test_P7_a_lead_is_counted_in_hundredths_of_the_whole(toys: int, computers: int, leads: bool) -> None:  # noqa: FBT001 - a case table
    """Ten points exactly are enough."""
    mix = mix_of(((TOY, toys, 0), (COMPUTER, computers, 0)))

    assert leads_by_points(mix, Measure.LINES, 8, 7, 10) is leads


def test_P7_a_lead_is_exact_where_fractions_would_not_be() -> None:
    """One line of a third of a million less than ten points."""
    mix = mix_of(((TOY, 550_000_000_000_000_001, 0), (COMPUTER, 450_000_000_000_000_001, 0)))

    assert not leads_by_points(mix, Measure.LINES, 8, 7, 10)


def test_P7_with_no_points_asked_an_equal_share_is_no_lead() -> None:
    """A challenger has to be ahead."""
    mix = mix_of(((TOY, 5, 0), (COMPUTER, 5, 0)))

    assert not leads_by_points(mix, Measure.LINES, 8, 7, 0)


def test_P5_the_most_valuable_center_is_that_of_the_lower_number_in_a_tie() -> None:
    """And none where nothing counts."""
    assert most_valuable_center(mix_of(((TOY, 1, 10), (COMPUTER, 1, 10)))) == 7
    assert most_valuable_center(mix_of(((TOY, 1, 11), (COMPUTER, 1, 10)))) == 8
    assert most_valuable_center(mix_of()) == NONE
