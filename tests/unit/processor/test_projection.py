"""What a walk reads of a filing is what the codec reads, or it leaves the record to the codec."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contract.errors import UndecodableRecord
from streams.processor.filing_pattern import LONGEST_IN_ARRAY, LONGEST_TEXT, MOST_ITEMS, MOST_TARIFFS
from streams.processor.projection import FILINGS, filing_reader, projected
from tests.unit.processor.kit import COMPUTER, SHIRT, codec, filed, line

READERS = {codec().header(name): (name, filing_reader(name)) for name in FILINGS}
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


def walk(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return what the reader of filings reads; None where it leaves a filing to the codec."""
    if data[:10] not in READERS:
        return None
    name, read = READERS[data[:10]]
    try:
        fields, end = read(data, data.decode("latin-1"), 10)
    except (ValueError, IndexError):
        return None
    assert end == len(data)
    return name, fields


def by_codec(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return what the codec reads, projected; None where it finds the bytes wrong."""
    try:
        name, fields = codec().decode(data)
    except UndecodableRecord:
        return None
    return name, projected(fields)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FILINGS), OTHERS)
def test_a_walk_reads_what_the_codec_reads_or_leaves_it_to_the_codec(name: str, others: dict[str, Any]) -> None:
    """Text beyond ASCII and numbers of ten bytes are left to it."""
    data = codec().encode(name, filed(COMPUTER, **others))

    walked = walk(data)

    assert walked is None or walked == by_codec(data)


@pytest.mark.parametrize("name", FILINGS)
@pytest.mark.parametrize("lines", [1, 63, 64, 998])
def test_ordinary_filings_are_read_by_the_walk(name: str, lines: int) -> None:
    """Up to the most lines that a summary may have."""
    data = codec().encode(name, filed(*[COMPUTER, SHIRT] * lines, exam_port="1101", census_warnings=["27A"]))

    walked = walk(data)

    assert walked is not None
    assert walked == by_codec(data)
    assert len(walked[1]["summary"]["lines"]) == 2 * lines
    assert walked[1]["summary"]["census_warnings"] is True


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=3), st.integers(0, 40))
def test_damaged_bytes_are_read_as_the_codec_reads_them_or_left_to_it(damage: list[tuple[int, int]], cut: int) -> None:
    """So that what is a dead letter by the codec is one here."""
    data = bytearray(codec().encode("entry_summary_accepted", filed(COMPUTER, SHIRT, census_warnings=["27A"])))
    for place, byte in damage:
        data[place % len(data)] = byte
    damaged = bytes(data[: len(data) - cut])

    walked = walk(damaged)

    assert walked is None or walked == by_codec(damaged)


def tariff(htsus: str = COMPUTER, **others: object) -> dict[str, Any]:
    """Return a tariff of a line."""
    quantities = [{"quantity_hundredths": 700, "unit": "NO"}, {"quantity_hundredths": None, "unit": "KG"}]
    return {"htsus": htsus, "duty_cents": 12_345, "value_usd": 70_000, "quantities": quantities} | others


def whole(**others: object) -> dict[str, Any]:
    """Return a filing in which every field has a value, and every array items; others go into the summary."""
    lines = [
        line(COMPUTER)
        | {
            "article_set": "X",
            "country_of_export": "CN",
            "special_program": "A+",
            "charges_usd": 40,
            "gross_weight_kg": 1_000_000,
            "manufacturer_id": "CNABCCOM123SHE",
            "tariffs": [tariff(SHIRT)] * count,
            "ad_cvd": [{"case_number": "A570001000", "duty_cents": 5}],
            "fees": [{"class_code": "499", "amount_cents": 300}, {"class_code": "501", "amount_cents": -300}],
        }
        for count in (1, 2, 1, 5)
    ]
    texts = (
        "preparer_filer", "port_of_unlading", "exam_port", "mode_of_transport", "consignee", "notify_party",
        "bond_type", "surety_code", "bond_waiver_reason", "team_number", "center", "psc_explanation",
    )  # fmt: skip
    dates = dict.fromkeys(("import_date", "entry_date", "release_date", "summary_date"), 20_000)
    arrays = {"psc_reasons": ["H01", "L02"], "census_warnings": ["27A"], "lines": lines}
    values: dict[str, Any] = {**dict.fromkeys(texts, "text"), **dates, **arrays, "bond_amount_usd": 50_000, **others}
    return filed(**values)


def encoded(fields: dict[str, Any], name: str = "psc_accepted") -> bytes:
    """Return a filing in bytes."""
    return codec().encode(name, fields)


def places(part: Any, kind: type) -> Iterator[tuple[Any, Any]]:
    """Yield where the values of a type are in a record: what holds each, and its key there."""
    for key, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
        if isinstance(value, kind):
            yield part, key
        elif isinstance(value, dict | list):
            yield from places(value, kind)


WHOLE = encoded(whole())


def test_a_filing_with_everything_is_read_by_the_walk() -> None:
    """The codec reads the same of it."""
    walked = walk(WHOLE)

    assert walked is not None
    assert walked == by_codec(WHOLE)
    assert [len(tariffs) for _, tariffs, _ in walked[1]["summary"]["lines"]] == [1, 2, 1, 5]


def test_a_filing_cut_off_anywhere_is_left_to_the_codec() -> None:
    """It is a dead letter there; and so is one with more behind it."""
    for cut in range(len(WHOLE)):
        assert walk(WHOLE[:cut]) is None, cut
    assert walk(WHOLE + b"\0") is None


@pytest.mark.parametrize("change", [1, 2, 3, 4, 0x40, 0x7F, 0x80, 0x81, 0xFE, 0xFF])
def test_no_changed_byte_makes_the_walk_read_what_the_codec_does_not(change: int) -> None:
    """Lengths that are negative or too long, branches that are none, counts that lie, text beyond ASCII."""
    for at in range(len(WHOLE)):
        broken = bytearray(WHOLE)
        broken[at] ^= change

        walked = walk(bytes(broken))

        assert walked is None or walked == by_codec(bytes(broken)), at


@pytest.mark.parametrize("text", ["größer", "é", "x" * (LONGEST_TEXT + 1), "x" * 64, "x" * 5_000])
def test_a_text_that_is_long_or_beyond_ascii_is_left_to_the_codec_wherever_it_stands(text: str) -> None:
    """Also in a field that the walk does not read."""
    fields = whole()
    for holder, key in places(fields, str):
        former, holder[key] = holder[key], text
        data = encoded(fields)
        holder[key] = former

        assert walk(data) is None, key
        assert by_codec(data) is not None, key


@pytest.mark.parametrize("text", ["", "x", "x" * LONGEST_IN_ARRAY, "x" * LONGEST_TEXT, "\x7f\0"])
def test_any_other_text_is_read_by_the_walk_wherever_it_stands(text: str) -> None:
    """Empty ones too; in arrays only codes."""
    fields = whole()
    for holder, key in places(fields, str):
        former, holder[key] = holder[key], text
        data = encoded(fields)
        holder[key] = former
        is_in_array = isinstance(holder, list) or key in {"unit", "case_number", "class_code"}
        # A tariff number that is empty looks like the end of several, so these are left to the codec.
        is_no_number = key == "htsus" and not text and len(holder_of(fields, holder)["tariffs"]) > 1
        is_left = is_no_number or (is_in_array and len(text) > LONGEST_IN_ARRAY)

        assert walk(data) == (None if is_left else by_codec(data)), key


def holder_of(fields: dict[str, Any], tariff_: dict[str, Any]) -> dict[str, Any]:
    """Return the line that has a tariff."""
    [found] = [one for one in fields["summary"]["lines"] if any(item is tariff_ for item in one["tariffs"])]
    line_: dict[str, Any] = found
    return line_


@pytest.mark.parametrize("number", [0, -1, 63, -65, 1 << 20, -(1 << 27), (1 << 62) - 1, -(1 << 62)])
def test_a_number_of_up_to_nine_bytes_is_read_by_the_walk_wherever_it_stands(number: int) -> None:
    """Dates, instants, values and what is not read."""
    fields = whole()
    for holder, key in places(fields, int):
        is_date = key.endswith("_date")
        former, holder[key] = holder[key], number % (1 << 31) if is_date else number
        data = encoded(fields)
        holder[key] = former

        assert walk(data) == by_codec(data) is not None, key


@pytest.mark.parametrize("number", [1 << 62, -(1 << 63)])
def test_a_number_of_ten_bytes_is_left_to_the_codec_wherever_it_stands(number: int) -> None:
    """Some of ten bytes have more than 64 bits."""
    fields = whole()
    for holder, key in places(fields, int):
        if key.endswith("_date"):
            continue
        former, holder[key] = holder[key], number
        data = encoded(fields)
        holder[key] = former

        assert walk(data) is None, key
        assert by_codec(data) is not None, key


@pytest.mark.parametrize("count", range(MOST_ITEMS + 2))
def test_arrays_of_which_no_item_is_read_may_have_a_few(count: int) -> None:
    """More of them are left to the codec."""
    fees = [{"class_code": "499", "amount_cents": 300}] * count
    cases = [{"case_number": "A570001000", "duty_cents": 5}] * count
    quantities = [{"quantity_hundredths": None, "unit": "NO"}] * count
    many: list[dict[str, Any]] = [
        {"psc_reasons": ["H01"] * count},
        {"census_warnings": ["27A"] * count},
        {"lines": [line(COMPUTER) | {"fees": fees}, line(SHIRT)]},
        {"lines": [line(COMPUTER) | {"ad_cvd": cases}, line(SHIRT)]},
        {"lines": [line(COMPUTER) | {"tariffs": [tariff(quantities=quantities)]}, line(SHIRT)]},
        {"lines": [line(COMPUTER) | {"tariffs": [tariff(), tariff(quantities=quantities)]}, line(SHIRT)]},
    ]
    for others in many:
        data = encoded(whole(**others))

        assert by_codec(data) is not None
        assert walk(data) == (by_codec(data) if count <= MOST_ITEMS else None), others


@pytest.mark.parametrize(
    ("tariffs", "is_walked"),
    [(0, False), (1, True), (2, True), (32, True), (MOST_TARIFFS, True), (MOST_TARIFFS + 1, False)],
)
def test_a_line_has_up_to_63_tariff_numbers(tariffs: int, is_walked: bool) -> None:  # noqa: FBT001 - a column of the table
    """AE allows 32."""
    data = encoded(whole(lines=[line(COMPUTER) | {"tariffs": [tariff()] * tariffs}]))

    assert walk(data) == (by_codec(data) if is_walked else None)


def test_arrays_in_several_blocks_or_with_their_sizes_are_left_to_the_codec() -> None:
    """Other writers may make such."""
    bare = encoded(whole(lines=[]))[:-1]
    one, other = (encoded(whole(lines=[line(code)]))[len(bare) + 1 : -1] for code in (COMPUTER, SHIRT))
    plain = bare + b"\4" + one + other + b"\0"
    warned = b"\2\x0627A"
    assert walk(plain) == by_codec(plain) is not None
    assert plain.count(warned) == 1

    for data in (
        bare + b"\2" + one + b"\2" + other + b"\0",
        plain.replace(warned, warned * 2),
        plain.replace(warned, b"\1\x08\x0627A"),
    ):
        assert by_codec(data) is not None
        assert walk(data) is None
