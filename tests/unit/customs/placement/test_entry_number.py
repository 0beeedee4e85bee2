"""Entry numbers: form and check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.customs.entry_number import EntryNumberFault, check_digit, entry_number_fault

PUBLISHED = [
    ("B760324527", 8),
    ("ABC1234567", 6),
    ("9999999999", 0),
    ("9ZZ1000001", 9),
    ("A000000001", 7),
    ("SIZ4567890", 1),
]


@pytest.mark.parametrize(("number", "digit"), PUBLISHED)
def test_the_check_digit_follows_the_published_algorithm(number: str, digit: int) -> None:
    """The first row is the printed example of Appendix E."""
    assert check_digit(number) == digit
    assert entry_number_fault(f"{number}{digit}") is None


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("", EntryNumberFault.LENGTH),
        ("B760324527", EntryNumberFault.LENGTH),
        ("B76032452788", EntryNumberFault.LENGTH),
        ("B76-0324527-8", EntryNumberFault.LENGTH),
        ("00003245278", EntryNumberFault.FILER),
        ("b7603245278", EntryNumberFault.FILER),
        ("B-603245278", EntryNumberFault.FILER),
        ("\u00c47603245278", EntryNumberFault.FILER),
        ("B760324A278", EntryNumberFault.NUMBER),
        ("B760324\u00b2278", EntryNumberFault.NUMBER),
        ("B760324527A", EntryNumberFault.NUMBER),
        ("B7603245279", EntryNumberFault.CHECK_DIGIT),
        ("B7603245277", EntryNumberFault.CHECK_DIGIT),
    ],
)
def test_a_fault_is_named_by_what_is_wrong(number: str, fault: EntryNumberFault) -> None:
    """Form before filer, filer before number, number before check digit."""
    assert entry_number_fault(number) is fault


@pytest.mark.parametrize("filer", ["001", "A12", "AB1", "ABC", "A1B", "1A2", "12A", "1AB"])
def test_every_form_of_filer_code_is_taken(filer: str) -> None:
    """Digits and letters in any mixture, but not 000."""
    number = f"{filer}1234567"

    assert entry_number_fault(f"{number}{check_digit(number)}") is None


@pytest.mark.parametrize("number", ["N0150000033", "N0150000043", "N0150000051"])
def test_the_printed_samples_of_the_batch_chapter_are_no_valid_numbers(number: str) -> None:
    """They are illustrations and must not pass."""
    assert entry_number_fault(number) is EntryNumberFault.CHECK_DIGIT


def test_a_filer_out_of_numbers_may_add_what_cbp_permits_and_nothing_else() -> None:
    """8 + 4 is 2 modulo ten; the permission is the filer's alone."""
    offsets = {"B76": {4}}

    assert entry_number_fault("B7603245278", offsets) is None
    assert entry_number_fault("B7603245272", offsets) is None
    assert entry_number_fault("B7603245273", offsets) is EntryNumberFault.CHECK_DIGIT
    assert entry_number_fault("B7603245272", {"B77": {4}}) is EntryNumberFault.CHECK_DIGIT
    assert entry_number_fault("B7603245272") is EntryNumberFault.CHECK_DIGIT


@given(st.from_regex(r"[0-9A-Z]{3}[0-9]{7}", fullmatch=True).filter(lambda number: not number.startswith("000")))
def test_exactly_one_check_digit_is_right_for_every_number(number: str) -> None:
    """All ten are tried."""
    right = [digit for digit in range(10) if entry_number_fault(f"{number}{digit}") is None]

    assert right == [check_digit(number)]


@given(st.from_regex(r"[1-9A-Z][0-9]{9}", fullmatch=True), st.integers(3, 9), st.integers(1, 9))
def test_a_single_wrong_digit_is_always_found(number: str, place: int, change: int) -> None:
    """The purpose of the check digit."""
    whole = f"{number}{check_digit(number)}"
    wrong = str((int(whole[place]) + change) % 10)

    assert entry_number_fault(whole[:place] + wrong + whole[place + 1 :]) is EntryNumberFault.CHECK_DIGIT
