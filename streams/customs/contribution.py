"""What one summary counts: the votes of its lines, by subheading and Center."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from streams.customs.tariff import MEASURES, NO_VOTE, PROVISIONS, Cell, Coverage, cell_subheading

Contribution = tuple[tuple[Cell, int, int], ...]
"""What one summary counts: cell, voting lines, value in whole dollars; ascending, each cell once. Empty: nothing."""


class VotingLine(Protocol):
    """What counting reads of a line of a summary."""

    @property
    def article_set(self) -> str:
        """`X` for the header of an article set, `V` for a component, else empty."""

    @property
    def tariffs(self) -> Sequence[tuple[str, int]]:
        """HTSUS numbers with value in whole dollars, in the order of the line."""


def contribution_of(lines: Iterable[VotingLine], coverage: Coverage) -> Contribution:
    """Return what the lines of one summary count under the coverage in force on its entry day.

    Each line has one vote, that of its last number in chapters 01-97: on a line chapter 98 comes first, then chapter
    99, then the goods (CBP guidance on sequence, CSMS 69668138). A line without such a number has no vote, nor has a
    component (`V`) of an article set: the header's value is the sum of its components. A line's value is that of
    all its numbers but those of chapter 99, which are measures and never goods.
    """
    cells: dict[Cell, tuple[int, int]] = {}
    for line in lines:
        if line.article_set == "V":
            continue
        voting, line_value_usd = "", 0
        for number, value_usd in line.tariffs:
            chapter = number[:2]  # looked at here: two calls for each number take longer than all the rest
            if chapter == MEASURES:
                continue
            line_value_usd += value_usd
            if chapter not in PROVISIONS:
                voting = number
        cell = coverage.cell(voting) if voting else NO_VOTE
        if cell:
            counted_lines, counted_usd = cells.get(cell, (0, 0))
            cells[cell] = (counted_lines + 1, counted_usd + line_value_usd)
    return as_contribution(cells)


def remapped(contribution: Contribution, coverage: Coverage) -> Contribution:
    """Return what a contribution would count under another coverage; what then has no Center has no vote."""
    cells: dict[Cell, tuple[int, int]] = {}
    for cell, lines, value_usd in contribution:
        other = coverage.cell(cell_subheading(cell))
        if other:
            counted_lines, counted_usd = cells.get(other, (0, 0))
            cells[other] = (counted_lines + lines, counted_usd + value_usd)
    return as_contribution(cells)


def as_contribution(cells: Mapping[Cell, tuple[int, int]]) -> Contribution:
    """Return lines and value by cell as a contribution."""
    if len(cells) == 1:
        [(cell, (lines, value_usd))] = cells.items()
        return ((cell, lines, value_usd),)
    return tuple([(cell, *cells[cell]) for cell in sorted(cells)])
