"""What an importer imports, by Center, in the look-back window: counted exactly, retracted exactly.

A summary's `Contribution` is kept with its entry, so that a replacement, rejection or cancellation takes away the
very thing that was counted. An importer's `Mix` has the running totals; the `DayCounts` of each entry day let the
window move and hold the evidence. Days are numbers since 1970-01-01 of America/New_York.

The window has no end: a summary whose entry date is still an estimate in the future counts from its acceptance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from streams.customs.tariff import Coverage

Day = int
"""A date as days since 1970-01-01."""

Cell = int
"""A six-digit subheading and the Center that its line was counted for, as `subheading * 100 + center`."""


class VotingLine(Protocol):
    """What counting reads of a line of a summary."""

    @property
    def article_set(self) -> str:
        """`X` for the header of an article set, `V` for a component, else empty."""

    @property
    def tariffs(self) -> Sequence[tuple[str, int]]:
        """HTSUS numbers with value in whole dollars, in the order of the line."""


class CenterCount(NamedTuple):
    """What counts for one Center: voting lines, their value, and the summaries with at least one of them."""

    center: int
    lines: int
    value_usd: int
    summaries: int


class Contribution(NamedTuple):
    """What one summary counts; false where no line of it votes. Cells in ascending order, each once."""

    cells: tuple[tuple[Cell, int, int], ...]
    """Cell, voting lines, value in whole dollars."""


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
        """Forget a day that has left the window or on which nothing counts any more."""


class Mix(NamedTuple):
    """An importer's totals in the window, and which days they are made of."""

    counted_from: Day
    """First day of the window: summaries with an earlier entry date count nothing."""
    days: int
    """Bit n is set if something counts on the day `counted_from + n`."""
    summaries: int
    """Summaries that count; each once, in however many Centers it has lines."""
    centers: tuple[CenterCount, ...]
    """Totals of the Centers that have any, in the order of their numbers."""
    earliest: Day
    """Earliest entry day that has left the window or came too late for it; 0 if none has."""
    latest: Day
    """Latest entry day that has left the window or came too late for it; 0 if none has."""


EMPTY_MIX = Mix(0, 0, 0, (), 0, 0)


def contribution_of(lines: Iterable[VotingLine], coverage: Coverage) -> Contribution:
    """Return what the lines of one summary count under a coverage.

    Each line has one vote, that of its last number in chapters 01-97; a line without such a number, and a
    component (`V`) of an article set, have none. A line's value is that of all its numbers but those of chapter 99,
    which are measures and never goods.
    """
    raise NotImplementedError


def counted(mix: Mix, days: CountedDays, day: Day, contribution: Contribution) -> Mix:
    """Count a summary of an entry day; return the new totals. A day before the window counts nothing."""
    raise NotImplementedError


def retracted(mix: Mix, days: CountedDays, day: Day, contribution: Contribution) -> Mix:
    """Take back exactly what `counted` counted for the same day and contribution, whatever has happened since."""
    raise NotImplementedError


def moved_window(mix: Mix, days: CountedDays, first_day: Day) -> Mix:
    """Let the window begin on `first_day`; days before it count no longer. It never moves back."""
    raise NotImplementedError


def counted_days(mix: Mix) -> Iterator[Day]:
    """Yield the days on which something counts, latest first."""
    raise NotImplementedError
