"""Entry numbers with their check digits, and importer numbers in their one form."""

import pytest

from streams.contract.masking import masked
from streams.ports.masking import shape
from streams.ports.numbers import (
    FILER_CODE,
    check_digit,
    displayed_entry_number,
    has_true_check_digit,
    normalised_importer_number,
)

CHECK_DIGITS = [
    ("B760324527", 8),
    ("ABC1234567", 6),
    ("9999999999", 0),
    ("9ZZ1000001", 9),
    ("A000000001", 7),
    ("SIZ4567890", 1),
]


@pytest.mark.parametrize(("number", "digit"), CHECK_DIGITS)
def test_the_check_digit_is_that_of_appendix_e(number: str, digit: int) -> None:
    """One printed example and five computed ones."""
    assert check_digit(number) == digit
    assert has_true_check_digit(f"{number}{digit}")
    assert not has_true_check_digit(f"{number}{(digit + 1) % 10}")


@pytest.mark.parametrize("number", ["", "B7603245278X", "b7603245278", "00003245278", "B76032452", "é7603245278"])
def test_what_is_no_entry_number_has_no_check_digit(number: str) -> None:
    """Eleven characters of a filer and eight digits."""
    assert not has_true_check_digit(number)


def test_a_filer_may_be_allowed_another_check_digit() -> None:
    """A filer that used up its numbers adds an offset, with permission."""
    assert not has_true_check_digit("B7603245270")
    assert has_true_check_digit("B7603245270", {"B76": {2}})
    assert not has_true_check_digit("B7603245270", {"B76": {3}, "ABC": {2}})


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("001", True), ("999", True), ("000", False), ("A12", True), ("AB1", True), ("ABC", True), ("A1B", True),
        ("1A2", True), ("11A", True), ("1AA", True), ("A_1", False), ("ab1", False), ("AB", False), ("ABCD", False),
    ],
)  # fmt: skip
def test_filer_codes_have_eight_formats(code: str, is_one: bool) -> None:  # noqa: FBT001 - a column of the table
    """Letters and digits, three of them, 000 left out."""
    assert (FILER_CODE.fullmatch(code) is not None) == is_one


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12-3456789", "12-345678900"),
        ("12-3456789  ", "12-345678900"),
        ("12-3456789ab", "12-3456789AB"),
        ("123-45-6789", "123-45-6789"),
        ("260127-00123", "260127-00123"),
        ("00-0000000", None),
        ("1234-56789", None),
        ("12-3456789A", None),
        ("12345678900", None),
        ("", None),
    ],
)
def test_importer_numbers_have_one_form(text: str, number: str | None) -> None:
    """A blank suffix is 00; the form of before 1992 is void."""
    assert normalised_importer_number(text) == number


def test_entry_numbers_are_shown_with_hyphens() -> None:
    """As people write them."""
    assert displayed_entry_number("B7603245278") == "B76-0324527-8"


def test_personal_numbers_are_masked_and_others_are_not() -> None:
    """Only the form of a social security number is personal."""
    assert masked("importer 123-45-6789, 12-3456789AB, 260127-00123") == (
        "importer ***-**-****, 12-3456789AB, 260127-00123"
    )
    assert shape("123-45-678X ") == "999-99-999A "
