"""Periods and their two ends."""

from datetime import date

import pytest

from streams.customs import entry_periods, protest_periods
from streams.customs.calendar import is_working_day, published_closures
from streams.customs.clocks import DueKind, Period
from streams.customs.periods import PERIOD, PERIODS


@pytest.mark.parametrize(
    ("period", "start", "warn_by", "closes_after"),
    [
        (entry_periods.SUMMARY_FILING, date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 16)),
        (
            entry_periods.SUMMARY_FILING,
            date(2025, 12, 19),
            date(2026, 1, 8),
            date(2026, 1, 8),
        ),  # 24, 26 December
        (entry_periods.DOCUMENTS, date(2026, 6, 26), date(2026, 7, 13), date(2026, 7, 13)),
        (entry_periods.DEEMED_LIQUIDATION, date(2024, 2, 29), date(2025, 2, 28), date(2025, 2, 28)),
        (
            entry_periods.DEEMED_LIQUIDATION,
            date(2025, 7, 4),
            date(2026, 7, 4),
            date(2026, 7, 6),
        ),  # a holiday
        (protest_periods.PROTEST_FILING, date(2026, 1, 2), date(2026, 7, 1), date(2026, 7, 1)),
        (protest_periods.PROTEST_FILING, date(2026, 1, 5), date(2026, 7, 4), date(2026, 7, 6)),
        (entry_periods.VOLUNTARY_RELIQUIDATION, date(2026, 1, 2), date(2026, 4, 2), date(2026, 4, 2)),
        (entry_periods.SCHEDULED_LIQUIDATION, date(2026, 1, 2), date(2026, 11, 13), date(2026, 11, 13)),
        (entry_periods.REPORTED_LIQUIDATION, date(2026, 11, 6), date(2026, 11, 6), date(2026, 11, 6)),
    ],
)
def test_a_clock_warns_by_the_bare_end_and_closes_after_a_working_day(
    period: Period, start: date, warn_by: date, closes_after: date
) -> None:
    """The first day does not count; only the refusing end moves to a working day."""
    clock = period.start(start)

    assert (clock.started_on, clock.warn_by, clock.closes_after) == (start, warn_by, closes_after)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_no_clock_closes_before_it_warns_or_on_a_free_day(period: Period) -> None:
    """On any of 1,500 days in a row, leap years among them."""
    for ordinal in range(date(2023, 1, 1).toordinal(), date(2023, 1, 1).toordinal() + 1500):
        clock = period.start(date.fromordinal(ordinal))

        assert clock.started_on <= clock.warn_by <= clock.closes_after
        assert is_working_day(clock.closes_after, published_closures())


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_every_clock_names_its_kind_and_its_source(period: Period) -> None:
    """A reader of a work item can look the rule up."""
    clock = period.start(date(2026, 3, 2))

    assert clock.name
    assert clock.started_by
    assert clock.source
    assert clock.kind in set(DueKind)


def test_every_period_ends_where_its_source_says() -> None:
    """By its number, for one that starts on Monday, 2 March 2026; the numbers are stored and never change."""
    ends = {
        1: "2026-03-16", 2: "2026-03-16", 3: "2027-01-15", 4: "2026-03-02", 5: "2027-03-02", 6: "2026-08-29",
        7: "2026-05-31", 8: "2027-03-02", 9: "2030-03-02", 10: "2026-09-02", 11: "2026-12-27", 12: "2026-04-01",
        13: "2026-03-22", 14: "2027-03-02", 15: "2027-12-02", 16: "2027-03-02", 17: "2026-04-01", 18: "2026-08-29",
        19: "2026-04-01", 20: "2026-04-01", 21: "2028-03-02", 22: "2026-04-01", 23: "2026-04-01", 24: "2026-04-01",
        25: "2026-05-01", 26: "2026-05-31", 27: "2026-08-29", 28: "2026-05-01", 29: "2026-04-01", 30: "2026-05-01",
        31: "2026-04-01", 32: "2031-03-02", 33: "2026-05-31", 34: "2027-03-02", 35: "2026-04-01", 36: "2026-05-01",
    }  # fmt: skip

    assert {number: period.start(date(2026, 3, 2)).warn_by.isoformat() for number, period in PERIOD.items()} == ends
    assert len(PERIODS) == len(PERIOD) == len(ends)
