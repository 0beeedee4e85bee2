"""Periods and their two ends."""

from datetime import date

import pytest

from streams.customs import clocks
from streams.customs.calendar import is_working_day, published_closures
from streams.customs.clocks import Period


@pytest.mark.parametrize(
    ("period", "start", "warn_by", "closes_after"),
    [
        (clocks.SUMMARY_FILING, date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 16)),
        (clocks.SUMMARY_FILING, date(2025, 12, 19), date(2026, 1, 8), date(2026, 1, 8)),  # closed on 24 and 26 December
        (clocks.DOCUMENTS, date(2026, 6, 26), date(2026, 7, 13), date(2026, 7, 13)),
        (clocks.DEEMED_LIQUIDATION, date(2024, 2, 29), date(2025, 2, 28), date(2025, 2, 28)),
        (clocks.DEEMED_LIQUIDATION, date(2025, 7, 4), date(2026, 7, 4), date(2026, 7, 6)),  # a holiday on a Saturday
        (clocks.PROTEST_FILING, date(2026, 1, 2), date(2026, 7, 1), date(2026, 7, 1)),
        (clocks.PROTEST_FILING, date(2026, 1, 5), date(2026, 7, 4), date(2026, 7, 6)),
        (clocks.VOLUNTARY_RELIQUIDATION, date(2026, 1, 2), date(2026, 4, 2), date(2026, 4, 2)),
        (clocks.SCHEDULED_LIQUIDATION, date(2026, 1, 2), date(2026, 11, 13), date(2026, 11, 13)),
        (clocks.REPORTED_LIQUIDATION, date(2026, 11, 6), date(2026, 11, 6), date(2026, 11, 6)),
    ],
)
def test_a_clock_warns_by_the_bare_end_and_closes_after_a_working_day(
    period: Period, start: date, warn_by: date, closes_after: date
) -> None:
    """The first day does not count; only the refusing end moves to a working day."""
    clock = period.start(start)

    assert (clock.started_on, clock.warn_by, clock.closes_after) == (start, warn_by, closes_after)


@pytest.mark.parametrize("period", clocks.PERIODS, ids=lambda period: period.name)
def test_no_clock_closes_before_it_warns_or_on_a_free_day(period: Period) -> None:
    """On any of 1,500 days in a row, leap years among them."""
    for ordinal in range(date(2023, 1, 1).toordinal(), date(2023, 1, 1).toordinal() + 1500):
        clock = period.start(date.fromordinal(ordinal))

        assert clock.started_on <= clock.warn_by <= clock.closes_after
        assert is_working_day(clock.closes_after, published_closures())


@pytest.mark.parametrize("period", clocks.PERIODS, ids=lambda period: period.name)
def test_every_clock_names_its_kind_and_its_source(period: Period) -> None:
    """A reader of a work item can look the rule up."""
    clock = period.start(date(2026, 3, 2))

    assert clock.name
    assert clock.started_by
    assert clock.source
    assert clock.kind in set(clocks.DueKind)
