"""What a decision about a placement rests on, and how it is put into words."""

from datetime import timedelta
from typing import Final, NamedTuple

from streams.customs.calendar import EPOCH
from streams.customs.centers import center_by_id
from streams.customs.policy import Measure, PlacementRules
from streams.customs.predominance import amount, whole
from streams.customs.tariff import cell_center, cell_heading
from streams.customs.tariff_mix import Contribution, CountedDays, Day, Mix

_UNITS: Final = {
    Measure.LINES: "lines",
    Measure.VALUE: "dollars",
    Measure.ENTRY_SUMMARIES: "entry summaries",
    Measure.LINES_THEN_VALUE: "lines",
}


class Review(NamedTuple):
    """What a decision looks at: totals and counted days of one importer, the rules, and the day."""

    mix: Mix
    days: CountedDays
    rules: PlacementRules
    day: Day
    """The cut that opens this day, or for a decision between cuts the day itself."""


class HeadingCount(NamedTuple):
    """What counts for one four-digit heading and the Center that it was counted for."""

    heading: str
    center: int
    lines: int
    value_usd: int


def headings_of(cells: Contribution) -> tuple[HeadingCount, ...]:
    """Return lines and value per four-digit heading and Center, in their order (19 CFR 101.10(c)(5))."""
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for cell, lines, value_usd in cells:
        key = cell_heading(cell), cell_center(cell)
        known_lines, known_usd = sums.get(key, (0, 0))
        sums[key] = (known_lines + lines, known_usd + value_usd)
    return tuple(HeadingCount(*key, *sums[key]) for key in sorted(sums))


def named(center: int) -> str:
    """Return the name of a Center for a sentence."""
    return center_by_id(center).name


def dated(day: Day) -> str:
    """Return a day as its date (RFC 3339)."""
    return (EPOCH + timedelta(days=day)).isoformat()


def share_text(mix: Mix, measure: Measure, center: int) -> str:
    """Return a Center's share for a sentence, as in `61.2 % of 48 lines`; tenths are cut off, not rounded."""
    total = whole(mix, measure)
    return f"{_tenths(amount(mix.count_of(center), measure), total)} % of {total} {_UNITS[measure]}"


def lead_text(mix: Mix, measure: Measure, challenger: int, present: int) -> str:
    """Return by how much a Center leads another for a sentence, as in `4.1 points`."""
    lead = amount(mix.count_of(challenger), measure) - amount(mix.count_of(present), measure)
    return f"{_tenths(lead, whole(mix, measure))} points"


def _tenths(part: int, total: int) -> str:
    tenths = 1000 * part // total if total else 0
    return f"{tenths // 10}.{tenths % 10}"
