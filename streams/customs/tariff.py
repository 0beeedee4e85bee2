"""HTSUS numbers, and which Center the goods of a number belong to, by dated coverage.

Source: 19 CFR 101.1 (sectors are groups of HTSUS numbers, and every change to them is announced) and 101.10(b). The
shipped list is derived from the Centers' industries; its column `source` says where a row is official.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

Day = int
"""A date as days since 1970-01-01."""

Cell = int
"""A six-digit subheading and the Center that its line counts for, as `subheading * 100 + center`."""

CENTERS: Final = 10
NO_VOTE: Final = 0
"""In place of a Center or a cell: the number has no vote."""

PROVISIONS: Final = ("98", "99")
"""Chapters whose numbers are never the goods themselves: they accompany the goods' number."""
MEASURES: Final = "99"
"""The chapter of temporary measures and additional duties."""
_IMPOSSIBLE_CHAPTERS: Final = ("00", "77")
_LENGTHS: Final = (8, 10)
_PREFIXES: Final = (6, 4, 2)
_REMEMBERED: Final = 1 << 16
_PUBLISHED: Final = "published-2017"
_PUBLISHED_DAY: Final = 17_185  # 2017-01-19, when the rule on Centers came into force (81 FR 92978)


class TariffFault(StrEnum):
    """What is wrong with an HTSUS number; the value is a short word for metrics and refusals."""

    LENGTH = "not-eight-or-ten-characters"
    DIGITS = "not-all-digits"
    CHAPTER = "no-such-chapter"


def tariff_fault(number: str) -> TariffFault | None:
    """Return what is wrong with an HTSUS number, or None: 8 or 10 digits of chapter 01 to 99 without 77.

    Whether a number exists in the tariff of the day is not looked up: a new number counts by its prefix.
    """
    if len(number) not in _LENGTHS:
        return TariffFault.LENGTH
    if not (number.isascii() and number.isdigit()):
        return TariffFault.DIGITS
    return TariffFault.CHAPTER if number[:2] in _IMPOSSIBLE_CHAPTERS else None


class InvalidCoverage(ValueError):  # noqa: N818 - it names what is wrong with the list, not with the program
    """Rows or versions that make no coverage; the text is one sentence that names the row or version."""


class CoverageRow(NamedTuple):
    """A range of prefixes and its Center; both ends belong to it and have the same length of 2, 4 or 6 digits."""

    from_code: str
    to_code: str
    center: int
    """1 to 10; `NO_VOTE` for prefixes whose numbers do not vote."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One version of the list of tariff numbers of each Center; the longest prefix wins."""

    version: str
    effective_from: Day
    centers: Mapping[str, int]
    """Center (or `NO_VOTE`) by prefix of 2, 4 or 6 digits."""
    _cells: dict[str, Cell] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Answers given before: an importer's numbers come again and again."""

    @classmethod
    def from_rows(cls, version: str, effective_from: Day, rows: Iterable[CoverageRow]) -> "Coverage":
        """Return the coverage that rows describe. Raises `InvalidCoverage`, also where two rows of a length overlap."""
        centers: dict[str, int] = {}
        for row in rows:
            for prefix in _prefixes(row):
                if centers.setdefault(prefix, row.center) != row.center:
                    msg = f"coverage {version}: prefix {prefix} is given to two Centers"
                    raise InvalidCoverage(msg)
        return cls(version, effective_from, MappingProxyType(centers))

    def cell(self, number: str) -> Cell:
        """Return the cell in which a line with this voting number counts; `NO_VOTE` if it belongs to no Center."""
        known = self._cells.get(number)
        return self._look_up(number) if known is None else known

    def center(self, number: str) -> int:
        """Return the Center (1 to 10) of a number or of a prefix of two digits or more; `NO_VOTE` if it has none."""
        found = (self.centers.get(number[:length]) for length in _PREFIXES if len(number) >= length)
        return next((center for center in found if center is not None), NO_VOTE)

    def _look_up(self, number: str) -> Cell:
        center = self.center(number)
        cell = int(number[:6]) * 100 + center if center else NO_VOTE
        if len(self._cells) >= _REMEMBERED:
            self._cells.clear()
        self._cells[number] = cell
        return cell


def cell_center(cell: Cell) -> int:
    """Return the Center of a cell."""
    return cell % 100


def cell_subheading(cell: Cell) -> str:
    """Return the six-digit subheading of a cell."""
    return f"{cell // 100:06d}"


def cell_heading(cell: Cell) -> str:
    """Return the four-digit heading of a cell."""
    return f"{cell // 10_000:04d}"


@dataclass(frozen=True, slots=True)
class CoverageBook:
    """All versions of the coverage, in the order of the days from which they are in force (P12).

    A summary is counted under the version in force on its entry day, so that it counts the same whenever it arrives.
    """

    versions: tuple[Coverage, ...]

    def __post_init__(self) -> None:
        """Refuse an empty book, and one whose versions are out of order or begin on the same day."""
        days = [version.effective_from for version in self.versions]
        if not days or any(later <= earlier for earlier, later in pairwise(days)):
            msg = "a coverage book has one version or more, each in force from a later day than the one before"
            raise InvalidCoverage(msg)

    def in_force(self, day: Day) -> Coverage:
        """Return the version in force on a day; on days before the first version, the first."""
        latest = self.versions[-1]
        if latest.effective_from <= day:
            return latest
        at = bisect_right(self.versions, day, key=lambda version: version.effective_from)
        return self.versions[max(at - 1, 0)]

    def next_change(self, day: Day) -> Day | None:
        """Return the first day after `day` on which another version comes into force, if one is announced."""
        if self.versions[-1].effective_from <= day:
            return None
        later = (version.effective_from for version in self.versions[1:])
        return next((effective for effective in later if effective > day), None)


@cache
def published_coverage() -> CoverageBook:
    """Return a book with the shipped list as its only version."""
    text = files("streams.customs.data").joinpath("htsus_coverage.csv").read_text("utf-8")
    rows = [_row(columns) for columns in csv.DictReader(text.splitlines())]
    return CoverageBook((Coverage.from_rows(_PUBLISHED, _PUBLISHED_DAY, rows),))


def _row(columns: Mapping[str, str]) -> CoverageRow:
    center = columns["center_id"]
    return CoverageRow(columns["from_code"], columns["to_code"], NO_VOTE if center == "NONE" else int(center))


def _prefixes(row: CoverageRow) -> Iterable[str]:
    """Return all prefixes of a row: codes of equal length compare as text just as they do as numbers."""
    first, last = row.from_code, row.to_code
    codes_are_digits = all(code.isascii() and code.isdigit() for code in (first, last))
    if not codes_are_digits or len(first) != len(last) or len(first) not in _PREFIXES or first > last:
        msg = f"coverage row {first}-{last}: a range goes up, and both codes have 2, 4 or 6 digits"
        raise InvalidCoverage(msg)
    if not NO_VOTE <= row.center <= CENTERS:
        msg = f"coverage row {first}-{last}: there is no Center {row.center}"
        raise InvalidCoverage(msg)
    return (f"{code:0{len(first)}d}" for code in range(int(first), int(last) + 1))
