"""Entry numbers of the sample: unique, valid, under a filer of the importer's choice.

The check digit follows ACE ABI CATAIR AE, table 1.
"""

from typing import Final

PER_GROUP: Final = 10_000_000
FILERS_PER_GROUP: Final = 48
_SCATTER: Final = 7_654_321
"""Odd and no multiple of 5: multiplying by it permutes the seven-digit numbers."""

_VALUES: Final = (
    {character: int(character) for character in "0123456789"}
    | {letter: position % 9 + 1 for position, letter in enumerate("ABCDEFGHIJKLMNOPQR")}
    | {letter: position + 2 for position, letter in enumerate("STUVWXYZ")}
)
_DOUBLED: Final = {character: 2 * value - 9 * (2 * value > 9) for character, value in _VALUES.items()}  # noqa: PLR2004 - the last number of one digit


def entry_number(ordinal: int, filer_bits: int) -> str:
    """Return the entry number of the sample's ordinal-th summary; every ordinal has another.

    Each filer has ten million numbers: the sample takes 48 filers for each ten million summaries and gives
    every summary a number that is unique among them.
    """
    group, place = divmod(ordinal, PER_GROUP)
    filer = filer_code(group * FILERS_PER_GROUP + filer_bits % FILERS_PER_GROUP)
    number = f"{filer}{place * _SCATTER % PER_GROUP:07d}"
    return number + check_digit(number)


def filer_code(index: int) -> str:
    """Return a made-up filer code: a letter and two digits, 2,600 of them."""
    letter, digits = divmod(index % 2600, 100)
    return f"{chr(65 + letter)}{digits * 37 % 100:02d}"


def check_digit(number: str) -> str:
    """Return the check digit of filer code and number (ten characters)."""
    total = sum(_VALUES[character] for character in number[::2]) + sum(
        _DOUBLED[character] for character in number[1::2]
    )
    return str(-total % 10)
