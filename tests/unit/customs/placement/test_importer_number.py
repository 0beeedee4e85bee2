"""Importer numbers: kinds, normal form, account, and what is never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.customs.importer_number import InvalidImporterNumber, NumberKind, importer_number

IRS, PERSON, CBP = NumberKind.IRS, NumberKind.SOCIAL_SECURITY, NumberKind.CBP_ASSIGNED


@pytest.mark.parametrize(
    ("text", "kind", "number", "base"),
    [
        ("12-3456789", IRS, "12-345678900", "12-3456789"),
        ("12-3456789  ", IRS, "12-345678900", "12-3456789"),
        ("12-345678900", IRS, "12-345678900", "12-3456789"),
        ("12-3456789AB", IRS, "12-3456789AB", "12-3456789"),
        ("12-3456789ab", IRS, "12-3456789AB", "12-3456789"),
        (" 12-3456789", IRS, "12-345678900", "12-3456789"),
        ("123-45-6789", PERSON, "123-45-6789", "123-45-6789"),
        ("123-45-6789 ", PERSON, "123-45-6789", "123-45-6789"),
        ("262704-12345", CBP, "262704-12345", "262704-12345"),
    ],
)
def test_a_number_has_one_normal_form(text: str, kind: NumberKind, number: str, base: str) -> None:
    """Blanks around it go, letters are capital, an IRS number without suffix has the suffix 00."""
    found = importer_number(text)

    assert (found.kind, found.number, found.base) == (kind, number, base)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234-56789",
        "12-34567890",
        "12-3456789 1",
        "12-3456789  1",
        "12-345678",
        "123456789",
        "123-456-789",
        "123-45-678",
        "26270412345",
        "262704-1234",
        "26A704-12345",
        "12-3456789\u00df",
        "\u0661\u0662-3456789",
        "12-3456789\n",
        "00-0000000",
        "00-000000000",
    ],
)
def test_anything_else_is_no_importers_number(text: str) -> None:
    """Among them the void form, a suffix of one character, other alphabets' digits, the consolidated consignee."""
    with pytest.raises(InvalidImporterNumber):
        importer_number(text)


def test_the_void_form_is_named_in_the_refusal() -> None:
    """So that its holder knows what to do."""
    with pytest.raises(InvalidImporterNumber, match="void since 1992"):
        importer_number("1234-56789")


def test_a_refusal_never_shows_the_number() -> None:
    """A mistyped number may still be a person's."""
    with pytest.raises(InvalidImporterNumber) as refusal:
        importer_number("123-45-67890")

    assert "123-45" not in str(refusal.value)


def test_P10_suffixes_of_a_firm_are_one_account() -> None:
    """An importer that is a person is an account by itself."""
    parent, branch = importer_number("12-3456789"), importer_number("12-3456789A1")

    assert parent.account == branch.account == "12-3456789"
    assert importer_number("123-45-6789").account == "123-45-6789"


def test_a_persons_number_is_shown_as_stars_and_a_firms_as_it_is() -> None:
    """No digit of it is left."""
    assert importer_number("123-45-6789").masked == "***-**-****"
    assert importer_number("12-3456789").masked == "12-345678900"
    assert importer_number("262704-12345").masked == "262704-12345"


@given(st.from_regex(r"[0-9]{2}-[0-9]{7}([0-9A-Z]{2})?", fullmatch=True).filter(lambda text: text[:10] != "00-0000000"))
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    """Normalising twice changes nothing."""
    once = importer_number(text)

    assert importer_number(once.number) == once
