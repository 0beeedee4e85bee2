"""What an importer imports, by Center, in the look-back window: counted exactly, retracted exactly.

A summary's `Contribution` is kept with its entry, so that a replacement, rejection or cancellation takes away the
very thing that was counted. An importer's `Mix` has the running totals; the `DayCounts` of each entry day let the
window move and hold the evidence. Days are dates of America/New_York as numbers since 1970-01-01.

The window has no end: a summary whose entry date is still an estimate in the future counts from its acceptance.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from streams.customs.contribution import Contribution, VotingLine, as_contribution, contribution_of, remapped
from streams.customs.replacing import making, replacing
from streams.customs.tariff import Cell, Day, cell_center

__all__ = [
    "EMPTY_MIX",
    "CenterCount",
    "Contribution",
    "CountedDays",
    "Day",
    "DayCounts",
    "Mix",
    "VotingLine",
    "cells_in_window",
    "cells_since",
    "contribution_of",
    "counted",
    "counted_days",
    "mix_on",
    "most_recent_day",
    "moved_window",
    "remapped",
    "retracted",
    "totals_of",
]


class CenterCount(NamedTuple):
    """What counts for one Center: voting lines, their value, and the summaries with at least one of them."""

    center: int
    lines: int
    value_usd: int
    summaries: int


class DayCounts(NamedTuple):
    """What an importer's summaries of one entry day count together."""

    summaries: int
    centers: tuple[CenterCount, ...]
    cells: Mapping[Cell, tuple[int, int]]
    """Voting lines and value in whole dollars of each cell; never changed in place."""


class CountedDays(Protocol):
    """Where the counted days of one importer are kept."""

    def get(self, day: Day) -> DayCounts | None:
        """Return what is counted for an entry day, or None where nothing is."""

    def put(self, day: Day, counts: DayCounts) -> None:
        """Keep what is counted for an entry day."""

    def delete(self, day: Day) -> None:
        """Forget a day that has left the window, or on which nothing counts any more."""


class Mix(NamedTuple):
    """An importer's totals in the window, and the days that they are made of."""

    counted_from: Day
    """First day of the window: summaries with an earlier entry date count nothing."""
    days: int
    """Bit n is set if something counts on the day `counted_from + n`."""
    summaries: int
    """Summaries that count; each once, in however many Centers it has lines."""
    centers: tuple[CenterCount, ...]
    """Totals of the Centers that have any, in the order of their numbers."""
    earliest_before: Day
    """Earliest entry day before the window: one that has left it, or came too late for it; 0 if there is none."""
    latest_before: Day
    """Latest entry day before the window; 0 if there is none."""

    @property
    def lines(self) -> int:
        """Voting lines in the window."""
        return sum([count.lines for count in self.centers])

    @property
    def value_usd(self) -> int:
        """Value of the voting lines in the window, in whole dollars."""
        return sum(count.value_usd for count in self.centers)

    @property
    def oldest_day(self) -> Day:
        """Earliest entry day that counts; 0 if none does."""
        return self.counted_from + (self.days & -self.days).bit_length() - 1 if self.days else 0

    @property
    def newest_day(self) -> Day:
        """Latest entry day that counts; 0 if none does."""
        return self.counted_from + self.days.bit_length() - 1 if self.days else 0

    @property
    def first_day(self) -> Day:
        """Earliest entry day known, also before the window; 0 if there is none."""
        return self.earliest_before or self.oldest_day

    @property
    def last_day(self) -> Day:
        """Latest entry day known, also before the window; 0 if there is none."""
        return self.newest_day or self.latest_before

    def count_of(self, center: int) -> CenterCount:
        """Return what counts for a Center, also where that is nothing."""
        for count in self.centers:
            if count.center == center:
                return count
        return CenterCount(center, 0, 0, 0)


EMPTY_MIX: Final = Mix(0, 0, 0, (), 0, 0)
_NOTHING: Final = CenterCount(0, 0, 0, 0)
_count: Final = making(CenterCount)
_day: Final = making(DayCounts)
_mix: Final = making(Mix)
_EMPTY_DAY: Final = DayCounts(0, (), MappingProxyType({}))


def counted(mix: Mix, days: CountedDays, day: Day, contribution: Contribution) -> Mix:
    """Count a summary of an entry day; return the new totals.

    A day before the window counts nothing (P21), but is remembered as history.
    """
    if not contribution:
        return mix
    if day < mix.counted_from:
        return _with_history(mix, day, day)
    centers = totals_of(contribution)
    known = days.get(day) or _EMPTY_DAY
    days.put(day, _changed(known, contribution, centers, 1))
    first_day, present, summaries, totals, earliest_before, latest_before = mix
    present |= 1 << day - first_day
    return _mix((first_day, present, summaries + 1, _sum(totals, centers, 1), earliest_before, latest_before))


def retracted(mix: Mix, days: CountedDays, day: Day, contribution: Contribution) -> Mix:
    """Take back exactly what `counted` counted for the same day and contribution, whatever has happened since.

    Nothing if the day has left the window since. That an importer had an entry before the window stays known.
    """
    if not contribution or day < mix.counted_from:
        return mix
    centers = totals_of(contribution)
    known = days.get(day)
    assert known is not None, "what is retracted has been counted"
    rest = _changed(known, contribution, centers, -1)
    present = mix.days
    if rest.summaries:
        days.put(day, rest)
    else:
        days.delete(day)
        present ^= 1 << day - mix.counted_from
    return mix._replace(days=present, summaries=mix.summaries - 1, centers=_sum(mix.centers, centers, -1))


def moved_window(mix: Mix, days: CountedDays, first_day: Day) -> Mix:
    """Let the window begin on `first_day`; days before it count no longer. It never moves back."""
    step = first_day - mix.counted_from
    if step <= 0:
        return mix
    leaving = mix.days & (1 << step) - 1
    moved = _with_window(mix, first_day, mix.days >> step)
    return _without(moved, days, [mix.counted_from + bit for bit in _bits(leaving)]) if leaving else moved


_with_window: Final = replacing(Mix, "counted_from", "days")


def mix_on(mix: Mix, days: CountedDays, first_day: Day) -> Mix:
    """Return the totals of a window that begins on `first_day`, to look at: no counted day is forgotten."""
    return moved_window(mix, _Kept(days), first_day)


class _Kept(NamedTuple):
    """Counted days that stay as they are."""

    days: CountedDays

    def get(self, day: Day) -> DayCounts | None:
        return self.days.get(day)

    def put(self, day: Day, counts: DayCounts) -> None:
        """Do nothing."""

    def delete(self, day: Day) -> None:
        """Do nothing."""


def _without(mix: Mix, days: CountedDays, leaving: Sequence[Day]) -> Mix:
    """Return the totals without some days, in ascending order, that have left the window."""
    summaries, centers = mix.summaries, mix.centers
    for day in leaving:
        gone = days.get(day)
        assert gone is not None, "a day in the mix has its counts"
        summaries -= gone.summaries
        centers = _sum(centers, gone.centers, -1)
        days.delete(day)
    return _with_history(mix._replace(summaries=summaries, centers=centers), leaving[0], leaving[-1])


def _with_history(mix: Mix, earliest: Day, latest: Day) -> Mix:
    return mix._replace(
        earliest_before=min(mix.earliest_before or earliest, earliest),
        latest_before=max(mix.latest_before, latest),
    )


def counted_days(mix: Mix) -> Iterator[Day]:
    """Yield the entry days on which something counts, oldest first."""
    return (mix.counted_from + bit for bit in _bits(mix.days))


def cells_in_window(mix: Mix, days: CountedDays) -> Contribution:
    """Return voting lines and value of each cell in the whole window: the evidence, read from every counted day."""
    return cells_since(mix, days, mix.counted_from)


def cells_since(mix: Mix, days: CountedDays, first_day: Day) -> Contribution:
    """Return voting lines and value of each cell from an entry day on, as far as it lies in the window."""
    total: dict[Cell, tuple[int, int]] = {}
    for day in counted_days(mix):
        if day < first_day:
            continue
        for cell, (lines, value_usd) in _present(days, day).cells.items():
            counted_lines, counted_usd = total.get(cell, (0, 0))
            total[cell] = (counted_lines + lines, counted_usd + value_usd)
    return as_contribution(total)


def most_recent_day(mix: Mix, days: CountedDays, center: int) -> Day:
    """Return the latest entry day with a line for a Center; 0 if there is none."""
    for day in reversed(list(counted_days(mix))):
        if any(count.center == center for count in _present(days, day).centers):
            return day
    return 0


def _present(days: CountedDays, day: Day) -> DayCounts:
    counts = days.get(day)
    assert counts is not None, "a day in the mix has its counts"
    return counts


def _bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def totals_of(contribution: Contribution) -> tuple[CenterCount, ...]:
    """Return what one summary counts for each of its Centers, in the order of their numbers."""
    if len(contribution) == 1:
        [(cell, lines, value_usd)] = contribution
        return (_count((cell_center(cell), lines, value_usd, 1)),)
    sums: dict[int, tuple[int, int]] = {}
    for cell, lines, value_usd in contribution:
        center = cell_center(cell)
        counted_lines, counted_usd = sums.get(center, (0, 0))
        sums[center] = (counted_lines + lines, counted_usd + value_usd)
    return tuple([_count((center, *sums[center], 1)) for center in sorted(sums)])


def _sum(totals: tuple[CenterCount, ...], change: tuple[CenterCount, ...], sign: int) -> tuple[CenterCount, ...]:
    """Return totals with the changes added (sign 1) or taken away (-1); Centers without lines drop out."""
    if len(change) == 1:  # most summaries are of one Center, which nearly always has something before and after
        [(center, lines, value_usd, summaries)] = change
        for at, (present, known_lines, known_usd, known_summaries) in enumerate(totals):
            if present == center and (left := known_lines + sign * lines) > 0:
                changed = _count((center, left, known_usd + sign * value_usd, known_summaries + sign * summaries))
                return (*totals[:at], changed, *totals[at + 1 :])
    sums = {count[0]: count for count in totals}
    same_centers = True
    for center, lines, value_usd, summaries in change:
        _, known_lines, known_usd, known_summaries = sums.get(center, _NOTHING)
        left = known_lines + sign * lines
        assert left >= 0, "no more is taken away than was counted"
        same_centers &= left > 0 < known_lines
        sums[center] = _count((center, left, known_usd + sign * value_usd, known_summaries + sign * summaries))
    if same_centers:
        return tuple(sums.values())
    return tuple(sums[center] for center in sorted(sums) if sums[center].lines)


def _changed(counts: DayCounts, contribution: Contribution, centers: tuple[CenterCount, ...], sign: int) -> DayCounts:
    cells = dict(counts.cells)
    for cell, lines, value_usd in contribution:
        known_lines, known_usd = cells.get(cell, (0, 0))
        if known_lines + sign * lines:
            cells[cell] = (known_lines + sign * lines, known_usd + sign * value_usd)
        else:
            del cells[cell]
    return _day((counts.summaries + sign, _sum(counts.centers, centers, sign), cells))
