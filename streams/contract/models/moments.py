"""Dates and instants: what texts and numbers stand for them, and which are plausible.

A date is `YYYY-MM-DD`, or days since 1970-01-01 as on the wire. An instant is RFC 3339 with an offset, or
milliseconds since 1970 (UTC). What the messages say is for people who typed or mapped an event.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_EARLIEST: Final = date(1990, 1, 1)
_EARLIEST_AT: Final = datetime(1990, 1, 1, tzinfo=UTC)
_FACT_AHEAD: Final = 400
_PERIOD_AHEAD: Final = 5 * 366
_CLOCK_TOLERANCE: Final = timedelta(hours=24)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_SECONDS: Final = 86_400


def as_date(value: object) -> date:
    """Return the date that a value stands for. Raises `PydanticCustomError`, a `ValueError`."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return date.fromordinal(value + _EPOCH_DAY)
    except (ValueError, OverflowError):
        raise PydanticCustomError("no_date", "there is no such date") from None
    raise PydanticCustomError("date_form", "a date is written YYYY-MM-DD")


def as_instant(value: object) -> datetime:
    """Return the instant that a value stands for, in UTC, cut off to milliseconds as on the wire.

    Raises `PydanticCustomError`, a `ValueError`.
    """
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return EPOCH + timedelta(milliseconds=value)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC)
            return value.replace(microsecond=value.microsecond // 1000 * 1000)
    except (ValueError, OverflowError):
        raise PydanticCustomError("no_instant", "there is no such time") from None
    raise PydanticCustomError("instant_form", "a time is written as 2026-03-01T14:30:00Z, with its offset from UTC")


def _plausible(ahead_days: int) -> Callable[[object], date]:
    def check(value: object) -> date:
        day = as_date(value)
        today = int(time.time()) // _DAY_SECONDS + _EPOCH_DAY
        if day < _EARLIEST:
            raise PydanticCustomError("date_too_early", "the date lies before 1990")
        if day.toordinal() > today + ahead_days:
            raise PydanticCustomError(
                "date_too_late", "the date lies more than {days} days ahead", {"days": ahead_days}
            )
        return day

    return check


def _happened(value: object) -> datetime:
    instant = as_instant(value)
    if instant < _EARLIEST_AT:
        raise PydanticCustomError("instant_too_early", "the time lies before 1990")
    if instant > datetime.now(UTC) + _CLOCK_TOLERANCE:
        raise PydanticCustomError("instant_ahead", "the time lies more than 24 hours ahead: is the clock right?")
    return instant


FactDate = Annotated[date, BeforeValidator(_plausible(_FACT_AHEAD))]
"""The date of a fact: from 1990 to 400 days ahead (estimates and schedules)."""

PeriodDate = Annotated[date, BeforeValidator(_plausible(_PERIOD_AHEAD))]
"""A date on which a period ends: from 1990 to five years ahead, the longest period that begins with an entry."""

AnyDate = Annotated[date, BeforeValidator(as_date)]
"""A date that the processor has computed."""

HappenedAt = Annotated[datetime, BeforeValidator(_happened)]
"""When something happened: from 1990 to 24 hours ahead, for the clocks of port systems."""

Instant = Annotated[datetime, BeforeValidator(as_instant)]
"""An instant that the processor has recorded."""
