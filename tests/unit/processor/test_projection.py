"""What a walk reads of a filing is what the codec reads, or it leaves the record to the codec."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contract.errors import UndecodableRecord
from streams.processor.projection import FILINGS, FilingReader, projected
from tests.unit.processor.kit import COMPUTER, SHIRT, about, codec, filed

READER = FilingReader(codec())
TEXT = st.text(max_size=80)
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-300, 300)
DATES = st.none() | st.integers(-(1 << 31), (1 << 31) - 1)
QUANTITIES = st.lists(st.fixed_dictionaries({"quantity_hundredths": st.none() | NUMBERS, "unit": TEXT}), max_size=3)
TARIFFS = st.lists(
    st.fixed_dictionaries({"htsus": TEXT, "duty_cents": NUMBERS, "value_usd": NUMBERS, "quantities": QUANTITIES}),
    max_size=3,
)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "line_id": TEXT,
            "article_set": TEXT,
            "country_of_origin": TEXT,
            "country_of_export": st.none() | TEXT,
            "special_program": st.none() | TEXT,
            "charges_usd": st.none() | NUMBERS,
            "gross_weight_kg": st.none() | NUMBERS,
            "manufacturer_id": st.none() | TEXT,
            "tariffs": TARIFFS,
            "ad_cvd": st.lists(st.fixed_dictionaries({"case_number": TEXT, "duty_cents": NUMBERS}), max_size=2),
            "fees": st.lists(st.fixed_dictionaries({"class_code": TEXT, "amount_cents": NUMBERS}), max_size=2),
        }
    ),
    max_size=3,
)
OTHERS = st.fixed_dictionaries(
    {
        "version": TEXT,
        "accepted_at": NUMBERS,
        "exam_port": st.none() | TEXT,
        "entry_date": DATES,
        "import_date": DATES,
        "psc_reasons": st.lists(TEXT, max_size=3),
        "census_warnings": st.lists(TEXT, max_size=3),
        "bond_amount_usd": st.none() | NUMBERS,
        "psc_explanation": st.none() | TEXT,
        "lines": LINES,
    }
)


def by_codec(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return what the codec reads, projected; None where it finds the bytes wrong."""
    try:
        name, fields = codec().decode(data)
    except UndecodableRecord:
        return None
    return name, projected(name, fields)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FILINGS), OTHERS)
def test_a_walk_reads_what_the_codec_reads_or_leaves_it_to_the_codec(name: str, others: dict[str, Any]) -> None:
    """Text beyond ASCII and numbers of ten bytes are left to it."""
    data = codec().encode(name, filed(COMPUTER, **others))

    walked = READER.read(data)

    assert walked is None or walked == by_codec(data)


@pytest.mark.parametrize("name", FILINGS)
@pytest.mark.parametrize("lines", [1, 63, 64, 998])
def test_ordinary_filings_are_read_by_the_walk(name: str, lines: int) -> None:
    """Up to the most lines that a summary may have."""
    data = codec().encode(name, filed(*[COMPUTER, SHIRT] * lines, exam_port="1101", census_warnings=["27A"]))

    walked = READER.read(data)

    assert walked is not None
    assert walked == by_codec(data)
    assert len(walked[1]["summary"]["lines"]) == 2 * lines
    assert walked[1]["summary"]["census_warnings"] == 1


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=3), st.integers(0, 40))
def test_damaged_bytes_are_read_as_the_codec_reads_them_or_left_to_it(damage: list[tuple[int, int]], cut: int) -> None:
    """So that what is a dead letter by the codec is one here."""
    data = bytearray(codec().encode("entry_summary_accepted", filed(COMPUTER, SHIRT, census_warnings=["27A"])))
    for place, byte in damage:
        data[place % len(data)] = byte
    damaged = bytes(data[: len(data) - cut])

    walked = READER.read(damaged)

    assert walked is None or walked == by_codec(damaged)


def test_text_beyond_ascii_is_left_to_the_codec_wherever_it_stands() -> None:
    """Also in a field that the walk does not read."""
    for field in ("psc_explanation", "surety_code", "version"):
        data = codec().encode("entry_summary_accepted", filed(COMPUTER, **{field: "größer"}))

        assert READER.read(data) is None


def test_other_records_are_left_to_the_codec() -> None:
    """Whatever they are."""
    assert (
        READER.read(codec().encode("entry_summary_control_changed", about("2026-03-02T14:00:00", control="cbp")))
        is None
    )
    assert READER.read(b"") is None
    assert READER.read(b"\x00\x00\x00\x00\x07") is None
