"""Entry numbers and importer numbers as CBP builds them.

Sources: CATAIR Appendix E (check digit), ACE ABI CATAIR Entry Summary and Importer/Bond Query (importer numbers).
"""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

LETTER_VALUES: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789", strict=True))
DIGIT_VALUES: Final = {str(digit): digit for digit in range(10)} | {
    letter: int(value) for letter, value in LETTER_VALUES.items()
}
DOUBLED: Final = tuple(value if value < 10 else (value + 1) % 10 for value in range(0, 20, 2))  # noqa: PLR2004 - one digit

FILER_CODE: Final = re.compile(r"(?!000)\d{3}|[A-Z][A-Z0-9]{2}|\d(?:[A-Z][A-Z0-9]|\d[A-Z])")
ENTRY_NUMBER: Final = re.compile(rf"(?:{FILER_CODE.pattern})\d{{8}}")

IRS_NUMBER: Final = re.compile(r"(\d{2}-\d{7})([A-Z0-9]{2})?")
SOCIAL_SECURITY_NUMBER: Final = re.compile(r"\d{3}-\d{2}-\d{4}")
CBP_NUMBER: Final = re.compile(r"\d{6}-\d{5}")
VOID_NUMBER: Final = re.compile(r"\d{4}-\d{5}")

# A filer that has used up its numbers may, with permission, add 1 to 9 to the check digit: offsets by filer code.
CheckDigitOffsets = Mapping[str, Collection[int]]
NO_OFFSETS: Final[CheckDigitOffsets] = MappingProxyType({})


def check_digit(filer_and_number: str) -> int:
    """Compute the check digit of a filer code and a number: ten letters and digits, leading zeros kept.

    Raises `KeyError` for any other character.
    """
    values = [DIGIT_VALUES[char] for char in filer_and_number]
    total = sum(values[0::2]) + sum(DOUBLED[value] for value in values[1::2])
    return -total % 10


def has_true_check_digit(entry_number: str, offsets: CheckDigitOffsets = NO_OFFSETS) -> bool:
    """Tell whether the last of an entry number's eleven characters is its check digit.

    An entry number of another form has none.
    """
    if ENTRY_NUMBER.fullmatch(entry_number) is None:
        return False
    offset = (int(entry_number[10]) - check_digit(entry_number[:10])) % 10
    return offset == 0 or offset in offsets.get(entry_number[:3], ())


def normalised_importer_number(text: str) -> str | None:
    """Write an importer number in the one form used everywhere: upper case, no blanks, IRS suffix `00` if absent.

    None for what is none of the three forms in use (IRS, social security, CBP assigned).
    """
    number = text.strip().upper()
    irs = IRS_NUMBER.fullmatch(number)
    if irs:
        return number if irs[2] else f"{number}00"
    if SOCIAL_SECURITY_NUMBER.fullmatch(number) or CBP_NUMBER.fullmatch(number):
        return number
    return None


def displayed_entry_number(entry_number: str) -> str:
    """Write an entry number of eleven characters for people: `XXX-NNNNNNN-C`."""
    return f"{entry_number[:3]}-{entry_number[3:10]}-{entry_number[10:]}"
