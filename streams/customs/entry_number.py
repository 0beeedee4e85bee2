"""Entry numbers: filer code, number, check digit (ACE ABI CATAIR AE, table 1; Appendix E)."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

NO_OFFSETS: Final[Mapping[str, Collection[int]]] = MappingProxyType({})


class EntryNumberFault(StrEnum):
    """What is wrong with an entry number; the value is a short word for metrics and refusals."""

    FORM = "not-eleven-characters"
    FILER = "no-filer-code"
    NUMBER = "no-number"
    CHECK_DIGIT = "false-check-digit"


class EntryNumber(NamedTuple):
    """A valid entry number in its parts; `str()` shows it as `XXX-NNNNNNN-C`."""

    filer: str
    number: str
    check_digit: str


def entry_number_fault(
    number: str, offsets: Mapping[str, Collection[int]] = NO_OFFSETS
) -> EntryNumberFault | None:
    """Return what is wrong with a normalised entry number (11 characters, no hyphens), or None.

    `offsets` are the filers that have used up their ten million numbers, with the amounts (1 to 9) that CBP
    permits them to add to the check digit.
    """
    raise NotImplementedError


def normalised(number: str) -> str:
    """Return an entry number in 11 upper-case characters without hyphens; what has no such form comes back as it is."""
    raise NotImplementedError
