"""HTSUS numbers, and coverage by prefix and date."""

import pytest

from streams.customs.centers import centers
from streams.customs.tariff import (
    NO_VOTE,
    Coverage,
    CoverageBook,
    CoverageRow,
    InvalidCoverage,
    TariffFault,
    cell_center,
    cell_heading,
    cell_subheading,
    published_coverage,
    tariff_fault,
)

SAMPLES = {
    "Pharmaceuticals": "3004909290",
    "medical and surgical devices and related equipment": "9018908000",
    "chemicals": "2903110000",
    "Agriculture": "1001190000",
    "aquaculture": "0306170003",
    "live animals": "0102290010",
    "animal products": "0402100500",
    "vegetable products": "0709600010",
    "animal/vegetable fats and oils": "1509202000",
    "prepared foods": "2106909998",
    "beverages": "2202100040",
    "spirits": "2208303030",
    "tobacco": "2402208000",
    "Automotive": "8703230160",
    "aerospace": "8802400040",
    "trains": "8601100000",
    "ships": "8901900000",
    "vessels": "8903320000",
    "tractors (including for agriculture use)": "8701240000",
    "transportation equipment": "8716390040",
    "Textiles": "5208123000",
    "wearing apparel": "6109100012",
    "textile mill products": "5407612000",
    "headwear": "6505001540",
    "footwear": "6403999031",
    "Steel": "7208390015",
    "steel mill products": "7213913020",
    "base metals": "7901110000",
    "ferrous and non-ferrous metals": "7403110000",
    "Minerals": "2601110030",
    "petroleum": "2709002000",
    "petroleum products": "2710121510",
    "Integrated circuits": "8542310001",
    "information technology": "8517620090",
    "computers": "8471300100",
    "consumer electronics": "8528722900",
    "Soaps": "3401115000",
    "cosmetics": "3304995000",
    "luggage": "4202122020",
    "handbags": "4202210000",
    "household items": "3924104000",
    "tableware": "6911101000",
    "jewelry": "7113192900",
    "watches": "9102118010",
    "musical instruments": "9207100005",
    "sporting goods": "9506910030",
    "furniture": "9403608081",
    "mattresses": "9404290000",
    "toys": "9503000073",
    "festive articles": "9505102500",
    "arms": "9303200000",
    "optical and photography equipment": "9006530000",
    "art and antiques": "9701210000",
    "Leather": "4107110000",
    "wood": "4407110001",
    "paper": "4802561000",
    "stone": "6802911500",
    "plasters": "6809190000",
    "cement": "6810110010",
    "plastics": "3920100000",
    "polymers": "3901101000",
    "rubber": "4001220000",
    "precious stones": "7102390000",
    "precious metals": "7108121013",
    "Tools": "8203202000",
    "production equipment": "8486200000",
    "machine tools": "8458110030",
    "electrical machinery": "8501104020",
}
INDUSTRIES = [(phrase, center.id) for center in centers() for phrase in center.industries]


@pytest.mark.parametrize(("phrase", "center"), INDUSTRIES)
def test_the_goods_of_every_industry_of_a_center_are_its_own(phrase: str, center: int) -> None:
    """Each phrase of the published list has a sample number."""
    number = SAMPLES[phrase]

    assert tariff_fault(number) is None
    assert published_coverage().in_force(20_000).center(number) == center


def test_no_sample_stands_for_an_industry_that_no_center_names() -> None:
    """The table above and the published list say the same."""
    assert set(SAMPLES) == {phrase for phrase, _ in INDUSTRIES}


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("84713001", None),
        ("8471300100", None),
        ("0102290010", None),
        ("9903880300", None),
        ("", TariffFault.LENGTH),
        ("8471300", TariffFault.LENGTH),
        ("847130010", TariffFault.LENGTH),
        ("84713001000", TariffFault.LENGTH),
        ("8471.30.01", TariffFault.DIGITS),
        ("84713001 0", TariffFault.DIGITS),
        ("84713001A0", TariffFault.DIGITS),
        ("8471300\u00b2", TariffFault.DIGITS),
        ("\u0668\u0664713001", TariffFault.DIGITS),
        ("0071300100", TariffFault.CHAPTER),
        ("7701300100", TariffFault.CHAPTER),
    ],
)
def test_a_tariff_number_has_eight_or_ten_digits_of_a_chapter_that_exists(
    number: str, fault: TariffFault | None
) -> None:
    """77 is reserved, 00 does not exist; digits of other alphabets are none."""
    assert tariff_fault(number) is fault


@pytest.mark.parametrize(
    ("number", "center"),
    [
        ("8443310000", 7),
        ("8443320000", 7),
        ("8443300000", 10),
        ("8443390000", 10),
        ("8469000000", 10),
        ("8470000000", 7),
        ("8473000000", 7),
        ("8474000000", 10),
        ("8511000000", 3),
        ("8712000000", 8),
        ("8806000000", 3),
        ("9401100000", 3),
        ("9401200000", 3),
        ("9401090000", 8),
        ("9401210000", 8),
        ("9402000000", 1),
        ("84433200", 7),
        ("7701000000", NO_VOTE),
        ("9802008015", NO_VOTE),
        ("9903880300", NO_VOTE),
        ("0001000000", NO_VOTE),
    ],
)
def test_the_longest_prefix_decides_and_both_ends_of_a_range_belong_to_it(number: str, center: int) -> None:
    """Six digits before four, four before two."""
    assert published_coverage().in_force(20_000).center(number) == center


def test_every_chapter_of_goods_belongs_to_a_center() -> None:
    """All but 77."""
    coverage = published_coverage().in_force(20_000)

    assert [f"{chapter:02d}" for chapter in range(1, 98) if not coverage.center(f"{chapter:02d}")] == ["77"]


def test_a_cell_says_subheading_heading_and_center() -> None:
    """Leading zeros are kept."""
    cell = published_coverage().in_force(20_000).cell("0102290010")

    assert (cell_subheading(cell), cell_heading(cell), cell_center(cell)) == ("010229", "0102", 2)


def test_a_number_is_answered_alike_when_it_comes_again() -> None:
    """The second answer is remembered, for numbers with and without a vote."""
    coverage = published_coverage().in_force(20_000)

    assert coverage.cell("8471300100") == coverage.cell("8471300100") == 84713007
    assert coverage.cell("9903880300") == coverage.cell("9903880300") == NO_VOTE


def test_what_is_remembered_of_a_coverage_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of made-up numbers cannot fill the memory."""
    monkeypatch.setattr("streams.customs.tariff._REMEMBERED", 10)
    coverage = version("a", 0, CoverageRow("84", "84", 10))

    for number in range(100):
        coverage.cell(f"84{number:06d}")

    assert len(coverage._cells) <= 10


def version(name: str, day: int, *rows: CoverageRow) -> Coverage:
    """Return a coverage of some rows."""
    return Coverage.from_rows(name, day, rows)


@pytest.mark.parametrize(
    "row",
    [
        CoverageRow("84", "8401", 10),
        CoverageRow("844", "845", 10),
        CoverageRow("84433100", "84433200", 10),
        CoverageRow("85", "84", 10),
        CoverageRow("8A", "8B", 10),
        CoverageRow("", "", 10),
        CoverageRow("84", "84", 11),
        CoverageRow("84", "84", -1),
    ],
)
def test_a_row_that_is_no_range_of_a_center_is_refused_by_name(row: CoverageRow) -> None:
    """Lengths, order, digits, Centers."""
    with pytest.raises(InvalidCoverage, match=f"coverage row {row.from_code}-{row.to_code}"):
        version("a", 0, row)


def test_two_rows_that_give_a_prefix_to_two_centers_are_refused() -> None:
    """The same prefix twice for one Center does no harm."""
    with pytest.raises(InvalidCoverage, match="coverage a: prefix 8471 is given to two Centers"):
        version("a", 0, CoverageRow("8470", "8473", 7), CoverageRow("8471", "8471", 10))

    assert version("a", 0, CoverageRow("8470", "8473", 7), CoverageRow("8471", "8471", 7)).center("8471") == 7


def test_P12_the_version_in_force_depends_on_the_day() -> None:
    """From its first day on; before the first version, the first."""
    old, new = version("old", 100, CoverageRow("84", "84", 10)), version("new", 200, CoverageRow("84", "84", 7))
    newest = version("newest", 300, CoverageRow("84", "84", 8))
    book = CoverageBook((old, new, newest))

    assert [book.in_force(day).version for day in (0, 100, 199, 200, 299, 300)] == [
        "old",
        "old",
        "old",
        "new",
        "new",
        "newest",
    ]


def test_P12_a_book_tells_the_next_change() -> None:
    """Not the present version, and not one that is in force from the very day."""
    old, new = version("old", 100), version("new", 200)
    book = CoverageBook((old, new))

    assert [book.next_change(day) for day in (0, 150, 199, 200)] == [200, 200, 200, None]


@pytest.mark.parametrize("day", [100, 99])
def test_a_version_for_the_day_of_another_or_out_of_order_is_refused(day: int) -> None:
    """On each day one version is in force."""
    with pytest.raises(InvalidCoverage, match="later day"):
        CoverageBook((version("a", 100), version("b", day)))


def test_a_book_without_versions_is_refused() -> None:
    """There is always one in force."""
    with pytest.raises(InvalidCoverage):
        CoverageBook(())
