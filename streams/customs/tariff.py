"""HTSUS numbers, and which Center the goods of a number belong to, by dated coverage.

Source: 19 CFR 101.1 (sectors are groups of HTSUS numbers, changes are announced); the shipped list is derived, see
its column `source`.
"""

from typing import NamedTuple

from collections.abc import Mapping

Day = int


class Coverage(NamedTuple):
    """One version of the list of tariff numbers of each Center; the longest prefix wins."""

    version: str
    effective_from: Day
    prefixes: Mapping[str, int]

    def center(self, number: str) -> int:
        """Return the Center (1 to 10) of an HTSUS number, or 0 where it does not vote."""
        raise NotImplementedError


class CoverageBook(NamedTuple):
    """All versions, oldest first."""

    versions: tuple[Coverage, ...]

    def in_force(self, day: Day) -> Coverage:
        """Return the version in force on a day; before the first one, that one."""
        raise NotImplementedError


def published_coverage() -> CoverageBook:
    """Return the book with the shipped list alone."""
    raise NotImplementedError
