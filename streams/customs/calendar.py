"""Days as customs counts them: dates of America/New_York, working days, federal holidays, anniversaries.

Days are `datetime.date`; instants are milliseconds since the epoch, UTC. Nothing here reads a clock.
"""

from calendar import monthrange
from collections.abc import Collection
from csv import DictReader
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from io import StringIO
from typing import Final
from zoneinfo import ZoneInfo

EASTERN: Final = ZoneInfo("America/New_York")
EPOCH: Final = date(1970, 1, 1)

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_DAY: Final = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6
_MARTIN_LUTHER_KING_SINCE: Final = 1986
_JUNETEENTH_SINCE: Final = 2021


def eastern_day(instant_ms: int) -> date:
    """Return the date in America/New_York at an instant."""
    return EPOCH + timedelta(days=eastern_day_number(instant_ms))


def eastern_day_number(instant_ms: int) -> int:
    """Return the date in America/New_York at an instant, as days since 1970-01-01."""
    return _day_of_hour(instant_ms // _HOUR_MS)


@lru_cache(maxsize=4096)
def _day_of_hour(hour: int) -> int:
    """Return the date in New York during one hour since the epoch: there days begin, and clocks change, on whole hours.

    They have since 1883, when the railways gave the city a standard time.
    """
    offset = datetime.fromtimestamp(hour * 3600, tz=EASTERN).utcoffset()
    assert offset is not None
    return (hour * _HOUR_MS + int(offset.total_seconds()) * 1000) // _DAY_MS


@lru_cache(maxsize=1024)
def day_starts_ms(day: date) -> int:
    """Return the instant of 00:00 America/New_York on a day: the daily cut that opens it."""
    return int(datetime.combine(day, time(), tzinfo=EASTERN).astimezone(UTC).timestamp()) * 1000


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which federal offices rest.

    A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after, so that the
    next year's first of January may fall into this year. Source: 5 USC 6103(a), (b); Executive Order 11582.
    """
    kept = (_kept_on(day) for day in (*_holidays(year), date(year + 1, 1, 1)))
    return frozenset(day for day in kept if day.year == year)


def _holidays(year: int) -> list[date]:
    days = [
        date(year, 1, 1),
        _weekday_of_month(year, 2, _MONDAY, 3),
        _last_monday_of_may(year),
        date(year, 7, 4),
        _weekday_of_month(year, 9, _MONDAY, 1),
        _weekday_of_month(year, 10, _MONDAY, 2),
        date(year, 11, 11),
        _weekday_of_month(year, 11, _THURSDAY, 4),
        date(year, 12, 25),
    ]
    if year >= _MARTIN_LUTHER_KING_SINCE:
        days.append(_weekday_of_month(year, 1, _MONDAY, 3))
    if year >= _JUNETEENTH_SINCE:
        days.append(date(year, 6, 19))
    return days


def _weekday_of_month(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _kept_on(holiday: date) -> date:
    shift = {_SATURDAY: -1, _SUNDAY: 1}.get(holiday.weekday(), 0)
    return holiday + timedelta(days=shift)


def is_working_day(day: date, closures: Collection[date] = ()) -> bool:
    """Tell whether federal offices work on a day; `closures` are days closed by order, beyond the law."""
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year) and day not in closures


@lru_cache(maxsize=1)
def published_closures() -> frozenset[date]:
    """Return the days on which federal offices were closed by order, from the dated file `data/closures.csv`."""
    text = (files("streams.customs") / "data" / "closures.csv").read_text("utf-8")
    return frozenset(date.fromisoformat(row["closed_on"]) for row in DictReader(StringIO(text)))


def next_working_day(day: date, closures: Collection[date] = ()) -> date:
    """Return the day itself if it is a working day, else the first working day after it."""
    while not is_working_day(day, closures):
        day += _DAY
    return day


def add_working_days(start: date, count: int, closures: Collection[date] = ()) -> date:
    """Return the working day that is `count` working days after `start`; the first day does not count."""
    day = start
    for _ in range(count):
        day = next_working_day(day + _DAY, closures)
    return day


def add_months(start: date, months: int) -> date:
    """Return the calendar anniversary `months` later; a day that the month lacks becomes its last day."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_years(start: date, years: int) -> date:
    """Return the calendar anniversary `years` later; 29 February goes to 28 February."""
    return add_months(start, 12 * years)


def friday_on_or_after(day: date) -> date:
    """Return the Friday of the weekly liquidation cycle that a day belongs to."""
    return day + timedelta(days=(_FRIDAY - day.weekday()) % 7)
