"""Numbers and codes as CBP writes them: the types that the models are made of.

Sources: ACE ABI CATAIR Entry Summary Create/Update (formats), CATAIR Appendix B (codes), Appendix E (filers).
"""

import re
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from streams.contract.topics import center_slugs

_FILER: Final = r"(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2}|[A-Z][A-Z0-9]{2}|[0-9][A-Z][A-Z0-9]|[0-9]{2}[A-Z])"

_IRS: Final = re.compile(r"[0-9]{2}-[0-9]{7}(?:[0-9A-Z]{2})?")
_OTHER: Final = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{6}-[0-9]{5}")
PERSON: Final = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
"""The form of a social security number: personal data."""
_VOID: Final = re.compile(r"[0-9]{4}-[0-9]{5}")
_BASE_LENGTH: Final = 10
_NO_SUFFIX: Final = "00"
CONSOLIDATED: Final = "00-0000000"
"""What stands for the consignee of informal and consolidated entries."""


def normal_importer_number(value: object) -> str:
    """Return an importer number in its normal form: upper case, no blanks around it, IRS suffix `00` if absent.

    Raises `PydanticCustomError`; its text never shows the number, which may be a person's.
    """
    if not isinstance(value, str):
        raise PydanticCustomError("importer_number", "an importer number is a text")
    number = value.strip(" ").upper() if value.isascii() else ""
    if _IRS.fullmatch(number):
        if number.startswith(CONSOLIDATED):
            raise PydanticCustomError(
                "importer_consolidated",
                "00-0000000 stands for a consignee, not for an importer",
            )
        return number if len(number) > _BASE_LENGTH else number + _NO_SUFFIX
    if _OTHER.fullmatch(number):
        return number
    if _VOID.fullmatch(number):
        raise PydanticCustomError("importer_void", "the form NNNN-NNNNN is void since 1992")
    raise PydanticCustomError(
        "importer_number",
        "an importer number is NN-NNNNNNN with a suffix of two characters or none, NNN-NN-NNNN or YYDDPP-NNNNN",
    )


def _party_number(value: object) -> str:
    return CONSOLIDATED if value == CONSOLIDATED else normal_importer_number(value)


@cache
def _slugs() -> frozenset[str]:
    return frozenset(center_slugs())


def _known_slug(value: str) -> str:
    if value not in _slugs():
        raise PydanticCustomError(
            "center", "there is no such Center; there are {known}", {"known": ", ".join(sorted(_slugs()))}
        )
    return value


ImporterNumber = Annotated[str, BeforeValidator(normal_importer_number)]
"""Importer of record number in its normal form."""

PartyNumber = Annotated[str, BeforeValidator(_party_number)]
"""Number of a consignee or notify party: as an importer's, or `00-0000000`."""

EventId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", to_lower=True)
]
"""A UUID as text; in lower case, whatever it came in."""
Source = Annotated[str, Field(pattern=r"^([0-9]{4}|[a-z]+(-[a-z]+)*|filer:[A-Z0-9]{3})$", max_length=40)]
EntryNumber = Annotated[str, Field(pattern=rf"^{_FILER}[0-9]{{8}}$")]
FilerCode = Annotated[str, Field(pattern=rf"^{_FILER}$")]
Version = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Port = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
CenterSlug = Annotated[str, AfterValidator(_known_slug)]
CenterCode = Annotated[str, Field(pattern=r"^(CEE00[1-9]|CEE010|NOTELG|PNDING)$")]
TeamNumber = Annotated[str, Field(pattern=r"^[A-Z0-9]{3}$")]
TwoDigits = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
ThreeCharacters = Annotated[str, Field(pattern=r"^[A-Z0-9]{3}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
SpecialProgram = Annotated[str, Field(pattern=r"^[A-Z0-9+*]{1,2}$")]
ManufacturerId = Annotated[str, Field(pattern=r"^[!-~]{1,15}$")]
LineId = Annotated[str, Field(pattern=r"^[!-)+-~]{3}$")]
"""Three printable characters, no asterisk."""
Htsus = Annotated[str, Field(pattern=r"^(0[1-9]|[1-689][0-9]|7[0-689])[0-9]{6}([0-9]{2})?$")]
"""8 or 10 digits, chapters 01 to 99 without 77."""
HtsusPart = Annotated[str, Field(pattern=r"^(0[1-9]|[1-689][0-9]|7[0-689])([0-9]{2}){0,4}$")]
Heading = Annotated[str, Field(pattern=r"^(0[1-9]|[1-689][0-9]|7[0-689])[0-9]{2}$")]
CaseNumber = Annotated[str, Field(pattern=r"^[AC][A-Z0-9]{9}$")]
ClassCode = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Unit = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$")]
ProtestNumber = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
CaseId = EventId

Number = Annotated[str, Field(pattern=r"^[!-~]{1,40}$")]
"""A number or identifier that another system has given: printable, without blanks."""
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]

_MOST: Final = 10**13
Amount = Annotated[int, Field(ge=0, le=_MOST)]
"""Cents, whole dollars, kilograms, hundredths, or a count: never negative."""
SignedAmount = Annotated[int, Field(ge=-_MOST, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]

EntryType = Literal[
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "11", "12", "13", "21", "22", "23", "24", "25", "26",
    "31", "32", "33", "34", "38", "41", "42", "43", "44", "45", "46", "47", "51", "52", "86",
]  # fmt: skip
"""CATAIR Appendix B without the in-bond types 61 to 66, which have no entry summary."""

Issue = Literal[
    "classification", "value", "origin", "preference", "marking", "quantity", "ad_cvd", "exclusion", "other"
]
NoticeKind = Literal[
    "form_28", "form_29_proposed", "form_29_taken", "form_4647", "redelivery", "records_demand", "penalty",
    "liquidated_damages", "bill", "refund", "question", "label_opportunity", "ipr", "internal_advice",
    "bond_insufficient", "unpaid_amount",
]  # fmt: skip
SuspensionCode = Literal["43", "44", "45", "46", "47", "48", "65", "66"]
"""ACE Entry Summary Query v26."""
ManualBasis = Literal["business_practice", "intended_use", "high_relative_value", "appeal_granted", "broker"]
