"""Entry numbers and importer numbers as CBP builds them.

Sources: CATAIR Appendix E (check digit), ACE ABI CATAIR Entry Summary and Importer/Bond Query (importer numbers).
"""

import re
from typing import Final

from streams.contract.models.check_digit import NO_OFFSETS, CheckDigitOffsets, check_digit, false_check_digit
from streams.contract.models.numbers import CONSOLIDATED, normal_importer_number

__all__ = [
    "CONSOLIDATED",
    "ENTRY_NUMBER",
    "FILER_CODE",
    "NO_OFFSETS",
    "CheckDigitOffsets",
    "check_digit",
    "displayed_entry_number",
    "false_check_digit",
    "has_true_check_digit",
    "normalised_importer_number",
]

FILER_CODE: Final = re.compile(r"(?!000)[0-9]{3}|[A-Z][A-Z0-9]{2}|[0-9](?:[A-Z][A-Z0-9]|[0-9][A-Z])")
ENTRY_NUMBER: Final = re.compile(rf"(?:{FILER_CODE.pattern})[0-9]{{8}}")

IRS_NUMBER: Final = re.compile(r"[0-9]{2}-[0-9]{7}(?:[A-Z0-9]{2})?")
SOCIAL_SECURITY_NUMBER: Final = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
CBP_NUMBER: Final = re.compile(r"[0-9]{6}-[0-9]{5}")


def has_true_check_digit(entry_number: str, offsets: CheckDigitOffsets = NO_OFFSETS) -> bool:
    """Tell whether the last of an entry number's eleven characters is its check digit, or one that its filer may use.

    An entry number of another form has none.
    """
    if ENTRY_NUMBER.fullmatch(entry_number) is None:
        return False
    offset = (int(entry_number[10]) - check_digit(entry_number[:10])) % 10
    return offset == 0 or offset in offsets.get(entry_number[:3], ())


def normalised_importer_number(text: str) -> str | None:
    """Write an importer number in the one form used everywhere; None for what is no importer number."""
    try:
        return normal_importer_number(text)
    except ValueError:
        return None


def displayed_entry_number(entry_number: str) -> str:
    """Write an entry number of eleven characters for people: `XXX-NNNNNNN-C`."""
    return f"{entry_number[:3]}-{entry_number[3:10]}-{entry_number[10:]}"
