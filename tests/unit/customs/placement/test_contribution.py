"""What one summary counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.customs.contribution import Contribution, contribution_of, remapped
from streams.customs.tariff import Coverage, CoverageRow, published_coverage

from .importing import CONSUMER, ELECTRONICS, Line, goods

COVERAGE = published_coverage().in_force(20_000)
COMPUTER, TOY = 84713007, 95030008
MEASURE, AMERICAN_GOODS = "9903880300", "9802008015"


@pytest.mark.parametrize(
    ("lines", "contribution"),
    [
        ((), ()),
        (goods(ELECTRONICS), ((COMPUTER, 1, 100),)),
        (goods(ELECTRONICS, 3, 50), ((COMPUTER, 3, 150),)),
        ((*goods(CONSUMER), *goods(ELECTRONICS)), ((COMPUTER, 1, 100), (TOY, 1, 100))),
        ((Line(((MEASURE, 0), ("8471300100", 70))),), ((COMPUTER, 1, 70),)),
        ((Line(((MEASURE, 70), ("8471300100", 70))),), ((COMPUTER, 1, 70),)),
        ((Line(((AMERICAN_GOODS, 30), ("8471300100", 70))),), ((COMPUTER, 1, 100),)),
        ((Line(((AMERICAN_GOODS, 30), (MEASURE, 70), ("8471300100", 70))),), ((COMPUTER, 1, 100),)),
        ((Line((("8471300100", 70), (MEASURE, 0))),), ((COMPUTER, 1, 70),)),
        ((Line((("9503000073", 30), ("8471300100", 70))),), ((COMPUTER, 1, 100),)),
        ((Line(((AMERICAN_GOODS, 30), (MEASURE, 0))),), ()),
        ((Line((("7701000000", 30),)),), ()),
        ((Line(()),), ()),
        ((Line((("8471300100", 0),)),), ((COMPUTER, 1, 0),)),
    ],
)
def test_each_line_votes_once_with_its_last_number_of_goods(
    lines: tuple[Line, ...], contribution: Contribution
) -> None:
    """Its value is that of all its numbers but measures; a line of provisions alone has no vote."""
    assert contribution_of(lines, COVERAGE) == contribution


NUMBERS = st.sampled_from([MEASURE, AMERICAN_GOODS, "8471300100", "9503000073", "7701000000"])


@given(st.lists(NUMBERS, max_size=6))
def test_the_number_that_is_counted_is_the_last_one_of_goods(numbers: list[str]) -> None:
    """Wherever chapters 98 and 99 stand on the line."""
    line = Line(tuple((number, 10) for number in numbers))
    goods_numbers = [number for number in numbers if not number.startswith(("98", "99"))]
    cell = COVERAGE.cell(goods_numbers[-1]) if goods_numbers else 0

    counted = [cell for cell, _, _ in contribution_of([line], COVERAGE)]

    assert counted == ([cell] if cell else [])


def test_an_article_set_votes_by_its_header_alone() -> None:
    """The header's value is the sum of its components, which would count twice."""
    header = Line((("9503000073", 100),), "X")
    components = Line((("9503000073", 60),), "V"), Line((("8471300100", 40),), "V")

    assert contribution_of((header, *components), COVERAGE) == ((TOY, 1, 100),)


def test_numbers_of_one_subheading_count_together_and_those_of_two_apart() -> None:
    """So that another coverage can be applied to them later."""
    lines = [Line(((number, 10),)) for number in ("8443310000", "8443311000", "8443390000")]

    assert contribution_of(lines, COVERAGE) == ((84433107, 2, 20), (84433910, 1, 10))


def test_a_contribution_can_be_counted_under_another_coverage() -> None:
    """Cells that then have one Center come together; what has none drops out."""
    contribution = ((84713007, 2, 20), (84713010, 1, 5), (95030008, 1, 10))
    other = Coverage.from_rows("other", 0, [CoverageRow("84", "84", 10)])

    assert remapped(contribution, other) == ((84713010, 3, 25),)
    assert remapped(contribution[:1], COVERAGE) == contribution[:1]
    assert remapped((), other) == ()
