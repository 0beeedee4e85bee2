"""What is imported: plausible tariff numbers of every chapter, with values, duty rates, origins and remedies.

Headings are those of the Harmonized System; what stands below a heading is made up, as are rates and unit
values. Which Center a number belongs to is asked of the coverage table, never written down here.
"""

from collections.abc import Iterator
from functools import cached_property
from math import fsum
from typing import Final, NamedTuple

from streams.customs.tariff import published_coverage
from streams.sample.days import EPOCH_DAY
from streams.sample.draws import mix, quantile_table, weighted_table
from streams.sample.parameters import SampleParameters
from streams.sample.tables import table

SUBHEADINGS: Final = ("10", "20", "30", "90")
FINER: Final = {"8443": ("31", "32", "99"), "8544": ("30", "42", "49"), "9401": ("10", "20", "61")}
"""Headings that the coverage table divides by subheading: theirs are real ones, so that both sides occur."""

TAILS: Final = ("0000", "0010", "0050", "1500", "2900", "4040", "6000", "9080")

REMEDIES_OF_CHINA: Final = (("99030124", 1000), ("99038803", 2500), ("99039101", 2500), ("99030125", 1000))
REMEDIES: Final = (("99030125", 1000), ("99038190", 2500), ("99038508", 1000), ("99039405", 1000))
"""Chapter 99 numbers that stand in front of the goods' own number, with their duty in basis points."""

RETURNED: Final = ("98020080", 0)
"""Chapter 98, goods assembled abroad: stands before any number of chapter 99."""

FREE_PARTNERS: Final = {"CA": "S", "MX": "S+"}


class Good(NamedTuple):
    """One tariff number and what a line of it looks like on average."""

    htsus: str
    center: int
    value_usd: int
    duty_basis_points: int
    unit: str
    unit_value_usd: int


class Product(NamedTuple):
    """A good as one importer buys it: from one country and one maker."""

    htsus: str
    center: int
    value_usd: int
    duty_basis_points: int
    unit: str
    unit_value_usd: int
    origin: str
    program: str | None
    manufacturer_id: str
    remedies: tuple[tuple[str, int], ...]


class Catalogue:
    """All goods of the nation by Center, so valued that chapters hold their share of import value."""

    def __init__(self, parameters: SampleParameters) -> None:
        self._parameters = parameters
        self._preference_bits = round(parameters.preference_share * 256)
        self._countries = weighted_table(_countries(), 10)
        coverage = published_coverage().in_force(parameters.first_entry_on.toordinal() - EPOCH_DAY)
        rows = [(row, htsus) for row in _chapters() for htsus in row.numbers]
        numbers = [(row, htsus, center) for row, htsus in rows if (center := coverage.center(htsus))]
        self.by_center = self._valued(numbers)

    @cached_property
    def center_weights(self) -> tuple[tuple[int, float], ...]:
        """Each Center's number and its weight among lines."""
        return tuple((number, float(count)) for number, count in enumerate(self._parameters.center_numbers, start=1))

    def product(self, center: int, seed: int) -> Product:
        """Return a good of a Center as the importer of this seed buys it."""
        goods = self.by_center[center]
        good = goods[mix(seed, 1) % len(goods)]
        bits = mix(seed, 2)
        origin = self._countries[bits & 1023]
        free = origin in FREE_PARTNERS and (bits >> 10 & 255) < self._preference_bits
        return Product(
            *good,
            origin=origin,
            program=FREE_PARTNERS[origin] if free else None,
            manufacturer_id=f"{origin}{_letters(bits >> 20, 6)}{bits >> 48 & 0xFFF:04d}",
            remedies=_remedies(origin, bits >> 60),
        )

    def _valued(self, numbers: "list[tuple[_Chapter, str, int]]") -> dict[int, tuple[Good, ...]]:
        """Give every number its mean value: a chapter's share of value over its share of lines."""
        counts = {center: sum(1 for _, _, own in numbers if own == center) for center, _ in self.center_weights}
        total = sum(self._parameters.center_numbers)
        line_share: dict[str, float] = {}
        for row, _, center in numbers:
            weight = self._parameters.center_numbers[center - 1] / total / counts[center]
            line_share[row.chapter] = line_share.get(row.chapter, 0.0) + weight
        named = dict(self._parameters.chapter_value_shares)
        others = fsum(share for chapter, share in line_share.items() if chapter not in named)
        rest = (1 - fsum(named.values())) / others
        table = quantile_table(self._parameters.lines_knots, 14)
        mean_line = self._parameters.goods_value_usd / self._parameters.summaries / (sum(table) / len(table))
        values = {chapter: mean_line * named.get(chapter, rest * own) / own for chapter, own in line_share.items()}
        goods: dict[int, list[Good]] = {center: [] for center, _ in self.center_weights}
        for row, htsus, center in numbers:
            value = max(20, round(values[row.chapter]))
            goods[center].append(Good(htsus, center, value, row.duty_basis_points, row.unit, row.unit_value_usd))
        return {center: tuple(rows) for center, rows in goods.items()}


class _Chapter(NamedTuple):
    """One row of the chapter table."""

    chapter: str
    numbers: tuple[str, ...]
    unit: str
    unit_value_usd: int
    duty_basis_points: int


def _chapters() -> Iterator[_Chapter]:
    """Read the chapter table and make the ten-digit numbers of its headings."""
    for row in table("chapters.csv"):
        headings = [heading for part in row["headings"].split() for heading in _headings(part)]
        yield _Chapter(
            row["chapter"],
            tuple(number for heading in headings for number in _numbers(heading)),
            row["unit"],
            int(row["unit_value_usd"]),
            int(row["duty_basis_points"]),
        )


def _headings(part: str) -> Iterator[str]:
    """Yield the four-digit headings of `0101` or of `0101-0106`, both ends included."""
    first, _, last = part.partition("-")
    for heading in range(int(first), int(last or first) + 1):
        yield f"{heading:04d}"


def _numbers(heading: str) -> Iterator[str]:
    """Yield the made-up ten-digit numbers of a heading."""
    for position, subheading in enumerate(FINER.get(heading, SUBHEADINGS)):
        yield heading + subheading + TAILS[(int(heading) + 3 * position) % len(TAILS)]


def _countries() -> Iterator[tuple[str, float]]:
    """Yield each country of origin with its weight."""
    for row in table("countries.csv"):
        yield row["country"], float(row["weight"])


def _remedies(origin: str, bits: int) -> tuple[tuple[str, int], ...]:
    """Return four remedies of an origin in the order of the tariff: chapter 98 first, where there is one."""
    own = REMEDIES_OF_CHINA if origin == "CN" else REMEDIES
    return own if bits else (RETURNED, *own[:3])


def _letters(bits: int, count: int) -> str:
    """Return some capital letters made of bits."""
    return "".join(chr(65 + (bits >> 5 * i & 31) % 26) for i in range(count))
