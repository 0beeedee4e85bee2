"""Days as customs counts them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.customs import calendar

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-01-15T04:59:59.999", date(2026, 1, 14)),
        ("2026-01-15T05:00:00", date(2026, 1, 15)),
        ("2026-07-15T03:59:59", date(2026, 7, 14)),
        ("2026-07-15T04:00:00", date(2026, 7, 15)),
        ("2026-03-08T06:59:59", date(2026, 3, 8)),
        ("2026-03-09T03:59:59", date(2026, 3, 8)),
        ("2026-03-09T04:00:00", date(2026, 3, 9)),
        ("2026-11-02T04:59:59", date(2026, 11, 1)),
        ("2026-11-02T05:00:00", date(2026, 11, 2)),
        ("1969-12-31T23:00:00", date(1969, 12, 31)),
    ],
)
def test_the_day_changes_at_midnight_in_new_york(at: str, day: date) -> None:
    """Also around the two clock changes of the year."""
    assert calendar.eastern_day(instant(at)) == day


@given(DAYS)
def test_a_day_starts_at_the_first_instant_that_belongs_to_it(day: date) -> None:
    """One millisecond earlier it is still yesterday."""
    starts = calendar.day_starts_ms(day)

    assert calendar.eastern_day(starts) == day
    assert calendar.eastern_day(starts - 1) == day - timedelta(days=1)


def test_the_federal_holidays_of_2026() -> None:
    """The fourth of July is a Saturday in 2026 and is kept on the third."""
    assert sorted(calendar.federal_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ]


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (date(2021, 12, 31), True),  # 1 January 2022 is a Saturday
        (date(2022, 1, 1), False),
        (date(2022, 12, 26), True),  # 25 December 2022 is a Sunday
        (date(2022, 12, 25), False),
        (date(2020, 6, 19), False),  # Juneteenth is a holiday since 2021
        (date(2021, 6, 18), True),
        (date(1985, 1, 21), False),  # the birthday of Martin Luther King, Jr. since 1986
        (date(1986, 1, 20), True),
        (date(2027, 5, 31), True),
        (date(2027, 5, 24), False),
    ],
)
def test_a_holiday_on_a_weekend_is_kept_on_the_nearest_weekday(day: date, *, kept: bool) -> None:
    """And holidays made by a later law are kept from then on."""
    assert (day in calendar.federal_holidays(day.year)) is kept


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 3, 2), 10, date(2026, 3, 16)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2025, 12, 19), 10, date(2026, 1, 6)),  # skips Christmas and New Year
        (date(2026, 6, 26), 5, date(2026, 7, 6)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_working_days_skip_weekends_and_holidays_and_not_the_first_day(start: date, count: int, end: date) -> None:
    """Ten working days are two weeks where no holiday is in between."""
    assert calendar.add_working_days(start, count) == end


def test_an_extra_closure_is_no_working_day() -> None:
    """A day closed by order, such as 26 December 2025, moves the end of a period."""
    closures = {date(2025, 12, 26)}

    assert calendar.next_working_day(date(2025, 12, 25), closures) == date(2025, 12, 29)
    assert calendar.add_working_days(date(2025, 12, 24), 1, closures) == date(2025, 12, 29)


@given(DAYS, st.integers(1, 30))
def test_a_working_day_after_n_working_days_has_n_working_days_before_it(start: date, count: int) -> None:
    """Counting back from the end finds the same number."""
    end = calendar.add_working_days(start, count)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))

    assert sum(calendar.is_working_day(day) for day in days) == count
    assert calendar.is_working_day(end)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 2, 28), 12, date(2026, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
    ],
)
def test_months_and_years_are_calendar_anniversaries(start: date, months: int, end: date) -> None:
    """29 February goes to 28 February in a common year."""
    assert calendar.add_months(start, months) == end


@given(DAYS)
def test_the_weekly_cycle_ends_on_a_friday_within_a_week(day: date) -> None:
    """A Friday is its own cycle."""
    friday = calendar.friday_on_or_after(day)

    assert friday.weekday() == 4
    assert 0 <= (friday - day).days < 7
