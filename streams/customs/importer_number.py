"""Importer of record numbers: kinds, normal form, account key (ACE ABI CATAIR AE, record 11; IBQ)."""

from enum import StrEnum
from typing import NamedTuple


class NumberKind(StrEnum):
    """Who has issued an importer's number."""

    IRS = "irs"
    SOCIAL_SECURITY = "social_security"
    CBP_ASSIGNED = "cbp_assigned"


class AccountKey(StrEnum):
    """P10: which numbers are one account."""

    BASE = "base"
    FULL_NUMBER = "full_number"


class InvalidImporterNumber(ValueError):  # noqa: N818 - it names the number's fault, not the program's
    """A number that is no importer's; the text never shows the number, which may be a person's."""


class ImporterNumber(NamedTuple):
    """A valid importer number in its normal form: upper case, trimmed, IRS suffix `00` where none is given."""

    kind: NumberKind
    number: str

    @property
    def base(self) -> str:
        """First ten characters of an IRS number, the whole of any other: all suffixes of a firm share it."""
        raise NotImplementedError

    def account(self, key: AccountKey = AccountKey.BASE) -> str:
        """Return the name of the account that the number belongs to (P10)."""
        raise NotImplementedError

    @property
    def masked(self) -> str:
        """The number as logs may show it: a social security number is all stars."""
        raise NotImplementedError


def importer_number(text: str) -> ImporterNumber:
    """Return the importer number that a text holds. Raises `InvalidImporterNumber`."""
    raise NotImplementedError
