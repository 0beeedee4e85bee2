"""Dates as AE writes them: MMDDYY, with one pivot for all two-digit years."""

from datetime import date
from functools import lru_cache
from typing import Final

PIVOT: Final = 80
"""Years 00-79 are 2000-2079, 80-99 are 1980-1999."""


@lru_cache(maxsize=4096)
def date_of(text: str) -> date | None:
    """Read MMDDYY; None for what is no day of the calendar."""
    if len(text) != len("MMDDYY") or not text.isascii() or not text.isdigit():
        return None
    year = int(text[4:])
    try:
        return date(2000 + year if year < PIVOT else 1900 + year, int(text[:2]), int(text[2:4]))
    except ValueError:
        return None


def written_date(day: date | None) -> str:
    """Write MMDDYY, blanks for none; raises `ValueError` for a year that two digits cannot say."""
    if day is None:
        return "      "
    if not 1900 + PIVOT <= day.year < 2000 + PIVOT:
        message = f"{day} cannot be written with a two-digit year: only 1980 to 2079 can"
        raise ValueError(message)
    return day.strftime("%m%d%y")
