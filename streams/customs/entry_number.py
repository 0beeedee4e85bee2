"""Entry numbers: filer code, number, check digit.

Source: ACE ABI CATAIR, Entry Summary Create/Update, table 1, and Appendix E. The sample answers printed in the
chapter on batch control (filer N01) do not satisfy the algorithm; they are illustrations.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

NO_OFFSETS: Final[Mapping[str, Collection[int]]] = MappingProxyType({})

_LENGTH: Final = 11
_FILER: Final = 3
_DIGITS: Final = frozenset("0123456789")
_NO_FILER: Final = "000"

# A..I = 1..9, J..R = 1..9, S..Z = 2..9: S is 2, not 1.
_VALUES: Final = {str(digit): digit for digit in range(10)} | {
    letter: first + place
    for letters, first in (("ABCDEFGHI", 1), ("JKLMNOPQR", 1), ("STUVWXYZ", 2))
    for place, letter in enumerate(letters)
}
_FILER_CHARACTERS: Final = frozenset(_VALUES)
_DOUBLED: Final = {
    char: 2 * value if 2 * value <= 9 else (2 * value + 1) % 10  # noqa: PLR2004 - nine is the highest digit
    for char, value in _VALUES.items()
}


class EntryNumberFault(StrEnum):
    """What is wrong with an entry number; the value is a short word for metrics and refusals."""

    LENGTH = "not-eleven-characters"
    FILER = "no-filer-code"
    NUMBER = "no-seven-digits"
    CHECK_DIGIT = "false-check-digit"


def entry_number_fault(number: str, offsets: Mapping[str, Collection[int]] = NO_OFFSETS) -> EntryNumberFault | None:
    """Return what is wrong with an entry number (11 characters, no hyphens), or None; of several faults the first.

    `offsets` names filers that have used up their ten million numbers, with the amounts (1 to 9) that CBP permits
    them to add to the check digit.
    """
    if len(number) != _LENGTH:
        return EntryNumberFault.LENGTH
    filer = number[:_FILER]
    if filer == _NO_FILER or not _FILER_CHARACTERS.issuperset(filer):
        return EntryNumberFault.FILER
    if not _DIGITS.issuperset(number[_FILER:]):
        return EntryNumberFault.NUMBER
    excess = (int(number[-1]) - check_digit(number[:-1])) % 10
    if excess and excess not in offsets.get(filer, ()):
        return EntryNumberFault.CHECK_DIGIT
    return None


def check_digit(filer_and_number: str) -> int:
    """Return the check digit of a filer code and number, ten characters of digits and upper-case letters."""
    plain = sum(map(_VALUES.__getitem__, filer_and_number[::2]))
    doubled = sum(map(_DOUBLED.__getitem__, filer_and_number[1::2]))
    return -(plain + doubled) % 10
