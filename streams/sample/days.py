"""Days and hours of the sample: how entries spread over days, and hours of New York as UTC instants."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from streams.sample.draws import weighted_table
from streams.sample.parameters import SampleParameters

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
FRIDAY: Final = 4
SATURDAY: Final = 5
NEW_YORK: Final = ZoneInfo("America/New_York")

PEAK_HOUR: Final = 16
OFFICE_HOURS: Final = (1, 1, 1, 1, 2, 4, 7, 12, 20, 26, 28, 26, 24, 26, 28, 30, 0, 26, 16, 9, 6, 4, 2, 1)
"""Weight of each hour of a New York day, besides the busiest one. Assumed."""


@cache
def midnight_ms(day: int) -> int:
    """Return the instant of 00:00 in New York on an ordinal date, in milliseconds since 1970 UTC."""
    return round(datetime.combine(date.fromordinal(day), time(), NEW_YORK).timestamp() * 1000)


def day_of(instant_ms: int) -> int:
    """Return the ordinal date in New York at an instant in milliseconds."""
    day = EPOCH_DAY + instant_ms // DAY_MS
    return day if instant_ms >= midnight_ms(day) else day - 1


@cache
def working_day_after(day: int, count: int) -> int:
    """Return the ordinal date that many weekdays after a day; holidays are not looked at."""
    reached = day
    for _ in range(count):
        reached += 1
        while (reached - 1) % 7 >= SATURDAY:
            reached += 1
    return reached


def friday_from(day: int) -> int:
    """Return the Friday on or after an ordinal date: the weekly cycle of liquidations."""
    return day + (FRIDAY - (day - 1) % 7) % 7


def hour_table(peak_factor: float) -> tuple[int, ...]:
    """Return 1024 hours of the day in milliseconds; the busiest holds `peak_factor` average hours."""
    peak = peak_factor / 24
    others = sum(OFFICE_HOURS)
    weights = [(1 - peak) * weight / others for weight in OFFICE_HOURS]
    weights[PEAK_HOUR] = peak
    return weighted_table(((hour * HOUR_MS, weight) for hour, weight in enumerate(weights)), 10)


def cumulated_days(parameters: SampleParameters) -> tuple[float, ...]:
    """Return, for each entry day and one more, the share of the sample's entries before it: from 0 to 1."""
    reached = list(accumulate(_day_weights(parameters)))
    return (0.0, *(value / reached[-1] for value in reached))


def _day_weights(parameters: SampleParameters) -> Iterator[float]:
    """Yield the weight of each entry day: of its weekday and its month."""
    for step in range(parameters.entry_days):
        day = parameters.first_entry_on + timedelta(days=step)
        yield parameters.weekday_weights[day.weekday()] * parameters.month_weights[day.month - 1]


def instant(milliseconds: int) -> datetime:
    """Return an instant as an aware UTC time, whole milliseconds exact."""
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
