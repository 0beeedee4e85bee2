"""Counting and retracting in the look-back window."""

import pytest

from streams.customs.tariff_mix import (
    EMPTY_MIX,
    CenterCount,
    CountedDays,
    Mix,
    cells_in_window,
    counted,
    counted_days,
    most_recent_day,
    moved_window,
    retracted,
)

from .importing import DayBook

DAY = 20_000
COMPUTERS = ((84713007, 2, 300),)
MIXED = ((84713007, 1, 100), (85423107, 1, 50), (95030008, 2, 60))


def window(days: CountedDays) -> Mix:
    """Return an empty mix whose window begins 365 days before DAY."""
    return moved_window(EMPTY_MIX, days, DAY - 365)


def test_a_summary_counts_for_each_center_that_its_lines_vote_for() -> None:
    """Once as a summary in all."""
    days = DayBook()

    mix = counted(window(days), days, DAY, MIXED)

    assert mix.centers == (CenterCount(7, 2, 150, 1), CenterCount(8, 2, 60, 1))
    assert (mix.summaries, mix.lines, mix.value_usd) == (1, 4, 210)
    assert days[DAY].centers == mix.centers
    assert dict(days[DAY].cells) == {84713007: (1, 100), 85423107: (1, 50), 95030008: (2, 60)}


def test_summaries_of_one_day_and_of_several_add_up() -> None:
    """Totals over days, cells within a day."""
    days = DayBook()
    mix = window(days)

    for day, contribution in ((DAY, MIXED), (DAY, COMPUTERS), (DAY - 1, COMPUTERS)):
        mix = counted(mix, days, day, contribution)

    assert mix.centers == (CenterCount(7, 6, 750, 3), CenterCount(8, 2, 60, 1))
    assert days[DAY].cells[84713007] == (3, 400)
    assert list(counted_days(mix)) == [DAY - 1, DAY]
    assert cells_in_window(mix, days) == ((84713007, 5, 700), (85423107, 1, 50), (95030008, 2, 60))


def test_a_summary_without_a_vote_counts_nothing() -> None:
    """Not even as a day with entries."""
    days = DayBook()

    assert counted(window(days), days, DAY, ()) == window(days)
    assert retracted(window(days), days, DAY, ()) == window(days)


def test_retracting_leaves_no_trace() -> None:
    """The last summary of a day takes the day with it."""
    days = DayBook()
    before = counted(window(days), days, DAY - 1, COMPUTERS)
    kept = DayBook(days)

    mix = retracted(counted(before, days, DAY, MIXED), days, DAY, MIXED)

    assert mix == before
    assert days == kept


def test_retracting_a_part_of_a_day_leaves_the_rest() -> None:
    """Centers without lines drop out, with their cells."""
    days = DayBook()
    mix = counted(counted(window(days), days, DAY, MIXED), days, DAY, COMPUTERS)

    mix = retracted(mix, days, DAY, MIXED)

    assert mix.centers == (CenterCount(7, 2, 300, 1),)
    assert dict(days[DAY].cells) == {84713007: (2, 300)}
    assert list(counted_days(mix)) == [DAY]


def test_retracting_what_was_never_counted_is_a_bug() -> None:
    """It stops the program instead of making a count negative."""
    days = DayBook()
    mix = window(days)

    with pytest.raises(AssertionError):
        retracted(mix, days, DAY, COMPUTERS)
    mix = counted(mix, days, DAY, ((84713007, 1, 300),))
    with pytest.raises(AssertionError):
        retracted(mix, days, DAY, COMPUTERS)


@pytest.mark.parametrize(("first_day", "counts"), [(DAY, True), (DAY + 1, False)])
def test_P1_a_day_counts_until_the_window_begins_after_it(first_day: int, counts: bool) -> None:  # noqa: FBT001 - a case table
    """The first day of the window belongs to it."""
    days = DayBook()
    mix = counted(window(days), days, DAY, COMPUTERS)

    mix = moved_window(mix, days, first_day)

    assert bool(mix.lines) is bool(days) is counts


def test_P1_the_window_never_moves_back() -> None:
    """What has left it stays out."""
    days = DayBook()
    mix = moved_window(counted(window(days), days, DAY, COMPUTERS), days, DAY + 1)

    assert moved_window(mix, days, DAY - 365) == mix


def test_P1_days_that_leave_together_are_subtracted_together() -> None:
    """A window that moves at once moves as one that moves day by day."""
    at_once, daily = DayBook(), DayBook()
    mixes = [window(at_once), window(daily)]
    for day in (DAY - 300, DAY - 200, DAY - 100):
        mixes = [counted(mix, days, day, MIXED) for mix, days in zip(mixes, (at_once, daily), strict=True)]

    moved = moved_window(mixes[0], at_once, DAY - 150)
    step_by_step = mixes[1]
    for first_day in range(DAY - 364, DAY - 149):
        step_by_step = moved_window(step_by_step, daily, first_day)

    assert moved == step_by_step
    assert at_once == daily
    assert moved.centers == (CenterCount(7, 2, 150, 1), CenterCount(8, 2, 60, 1))


@pytest.mark.parametrize(("day", "counts"), [(DAY - 365, True), (DAY - 366, False), (DAY + 30, True)])
def test_P21_a_late_summary_counts_on_its_entry_day_or_not_at_all(day: int, counts: bool) -> None:  # noqa: FBT001 - a case table
    """An estimated entry day ahead counts at once."""
    days = DayBook()

    mix = counted(window(days), days, day, COMPUTERS)

    assert bool(mix.lines) is counts
    assert (day in days) is counts


def test_P21_retracting_a_summary_that_has_left_the_window_changes_nothing() -> None:
    """Its day was subtracted as a whole; one that came too late was never added."""
    days = DayBook()
    mix = moved_window(counted(window(days), days, DAY, COMPUTERS), days, DAY + 1)

    assert retracted(mix, days, DAY, COMPUTERS) == mix
    late = counted(mix, days, DAY - 400, COMPUTERS)
    assert retracted(late, days, DAY - 400, COMPUTERS) == late


def test_first_and_last_day_reach_back_before_the_window() -> None:
    """They are history: what is in the window is exact, what has left it stays known."""
    days = DayBook()
    mix = window(days)
    assert (mix.first_day, mix.last_day, mix.oldest_day, mix.newest_day) == (0, 0, 0, 0)

    for day in (DAY - 10, DAY - 365, DAY, DAY - 5):
        mix = counted(mix, days, day, COMPUTERS)
    assert (mix.first_day, mix.last_day) == (mix.oldest_day, mix.newest_day) == (DAY - 365, DAY)

    mix = retracted(mix, days, DAY, COMPUTERS)
    assert (mix.first_day, mix.last_day) == (DAY - 365, DAY - 5)

    mix = moved_window(mix, days, DAY - 8)
    assert (mix.first_day, mix.oldest_day) == (DAY - 365, DAY - 5)

    mix = moved_window(mix, days, DAY)
    assert (mix.first_day, mix.last_day, mix.days) == (DAY - 365, DAY - 5, 0)

    mix = counted(mix, days, DAY - 500, COMPUTERS)
    assert (mix.first_day, mix.last_day) == (DAY - 500, DAY - 5)


def test_the_most_recent_day_of_a_center_is_found_among_the_counted_days() -> None:
    """None where it has no line."""
    days = DayBook()
    mix = counted(window(days), days, DAY - 3, MIXED)
    mix = counted(mix, days, DAY, COMPUTERS)

    assert [most_recent_day(mix, days, center) for center in (7, 8, 4)] == [DAY, DAY - 3, 0]


def test_what_counts_for_a_center_is_nothing_where_it_has_no_lines() -> None:
    """The count is there all the same."""
    days = DayBook()
    mix = counted(window(days), days, DAY, COMPUTERS)

    assert mix.count_of(7) == CenterCount(7, 2, 300, 1)
    assert mix.count_of(8) == CenterCount(8, 0, 0, 0)
