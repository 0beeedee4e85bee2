"""Importer of record numbers: kinds, normal form, account.

Source: ACE ABI CATAIR, Entry Summary Create/Update, record 11, and Importer/Bond Query v7.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

_MASK: Final = "***-**-****"
_BASE: Final = 10
_NO_SUFFIX: Final = "00"
CONSOLIDATED: Final = "00-0000000"
"""What stands for the consignee of informal and consolidated entries; it is no importer's number."""


class NumberKind(StrEnum):
    """Who has issued an importer's number."""

    IRS = "irs"
    SOCIAL_SECURITY = "social_security"
    CBP_ASSIGNED = "cbp_assigned"


class AccountKey(StrEnum):
    """P10: which numbers are one account."""

    BASE = "base"
    """All suffixes of a firm."""
    NUMBER = "number"
    """Each number is an account of its own."""
    TABLE = "table"
    """As the account table says; all suffixes of a firm where it says nothing."""


class InvalidImporterNumber(ValueError):  # noqa: N818 - it names the number's fault, not the program's
    """A text that is no importer's number. The message never shows it: it may be a person's."""


class ImporterNumber(NamedTuple):
    """An importer's number in its normal form: upper case, trimmed, IRS numbers without suffix with `00`."""

    kind: NumberKind
    number: str

    @property
    def base(self) -> str:
        """First ten characters of an IRS number, else the whole: all suffixes of a firm share it."""
        return self.number[:_BASE] if self.kind is NumberKind.IRS else self.number

    @property
    def account(self) -> str:
        """Name of the account that the number belongs to as long as no rules say otherwise (P10)."""
        return self.base

    def is_written_whole(self, text: str) -> bool:
        """Whether the text that it was read from is the whole number, and not only its base, which names an account."""
        return text.strip().upper() == self.number

    @property
    def masked(self) -> str:
        """The number as logs and pages may show it: that of a person is all stars."""
        return _MASK if self.kind is NumberKind.SOCIAL_SECURITY else self.number


_FORMS: Final = (
    (NumberKind.IRS, re.compile(r"[0-9]{2}-[0-9]{7}(?:[0-9A-Z]{2})?")),
    (NumberKind.SOCIAL_SECURITY, re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")),
    (NumberKind.CBP_ASSIGNED, re.compile(r"[0-9]{6}-[0-9]{5}")),
)
_VOID: Final = re.compile(r"[0-9]{4}-[0-9]{5}")


def importer_number(text: str) -> ImporterNumber:
    """Return the importer's number that a text holds.

    Raises `InvalidImporterNumber` for any other text, among them the form `NNNN-NNNNN`, void since 1992, an IRS
    suffix of one character, and the consignee of consolidated entries.
    """
    # Some letters of other alphabets turn into ASCII ones in upper case, and would pass for a suffix.
    number = text.strip(" ").upper() if text.isascii() else ""
    kind = next((kind for kind, form in _FORMS if form.fullmatch(number)), None)
    if kind is None:
        raise InvalidImporterNumber(_complaint(number))
    if kind is NumberKind.IRS:
        if number.startswith(CONSOLIDATED):
            msg = "00-0000000 stands for the consignee of consolidated entries, not for an importer"
            raise InvalidImporterNumber(msg)
        number = number if len(number) > _BASE else number + _NO_SUFFIX
    return ImporterNumber(kind, number)


def base_of(number: str) -> str:
    """Return the base of an importer number in its normal form, without a look at whether it is one."""
    return number[:_BASE] if number[2:3] == "-" else number


def _complaint(number: str) -> str:
    if _VOID.fullmatch(number):
        return "the importer number has the form NNNN-NNNNN, which is void since 1992"
    return "the importer number is none of NN-NNNNNNN with two characters after it or none, NNN-NN-NNNN, YYDDPP-NNNNN"
