"""Duties, fees and special duties of lines, in whole cents that add up to the summary's totals."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.sample.goods import Product
from streams.sample.lifecycle import INFORMAL
from streams.sample.parameters import SampleParameters

Fields = dict[str, object]

HEADER: Final = "X"
COMPONENT: Final = "V"
NO_PROCESSING_FEE: Final = INFORMAL | {"21", "22", "51", "52"}
"""Informal entries pay a fee of their own; warehouse entries pay when the goods are withdrawn."""

NO_UNIT: Final = "X"
DUMPING_BASIS_POINTS: Final = (650, 1240, 2800, 5510)


class Item(NamedTuple):
    """One line before its amounts are known; `bits` (14 of them) decide its tariff numbers."""

    product: Product
    value_usd: int
    article_set: str
    bits: int


class Fees:
    """Shares out a summary's fees among its lines; `total_cents` is what was handed out so far."""

    __slots__ = ("_flat_cents", "_hmf_per_million", "_left_base", "_left_cents", "total_cents")

    def __init__(
        self, parameters: SampleParameters, items: Sequence[Item], entry_type: str, *, by_vessel: bool
    ) -> None:
        base = 0
        if entry_type not in NO_PROCESSING_FEE:
            base = sum(item.value_usd for item in items if item.article_set != COMPONENT and not item.product.program)
        fee = min(max(base * parameters.mpf_per_million // 10_000, parameters.mpf_min_cents), parameters.mpf_max_cents)
        self._left_base = base
        self._left_cents = fee
        self._hmf_per_million = parameters.hmf_per_million if by_vessel else 0
        self._flat_cents = parameters.informal_fee_cents if entry_type in INFORMAL else 0
        self.total_cents = 0

    def of_line(self, product: Product, value_usd: int, article_set: str) -> list[Fields]:
        """Return the fees of the next line; components of a set bear none."""
        if article_set == COMPONENT:
            return []
        fees: list[Fields] = []
        if self._left_base and not product.program:
            # The last line gets what is left: shares add up to the fee after its minimum and maximum.
            cents = self._left_cents * value_usd // self._left_base
            self._left_base -= value_usd
            self._left_cents -= cents
            self.total_cents += cents
            fees.append({"class_code": "499", "amount_cents": cents})
        elif self._flat_cents:
            self.total_cents += self._flat_cents
            fees.append({"class_code": "311", "amount_cents": self._flat_cents})
            self._flat_cents = 0
        if self._hmf_per_million:
            cents = value_usd * self._hmf_per_million // 10_000
            self.total_cents += cents
            fees.append({"class_code": "501", "amount_cents": cents})
        return fees


def tariffs_of(item: Item, remedies: int) -> tuple[list[Fields], int]:
    """Return a line's tariff numbers, the goods' own last, and their duty together in cents.

    A component's duty is in its header; goods of a free trade partner pay none.
    """
    product, value, article_set, _ = item
    free = product.program or article_set == COMPONENT
    duty = 0 if free else value * product.duty_basis_points // 100
    quantity = None if product.unit == NO_UNIT else value * 100 // product.unit_value_usd + 100
    goods: Fields = {
        "htsus": product.htsus,
        "duty_cents": duty,
        "value_usd": value,
        "quantities": [{"quantity_hundredths": quantity, "unit": product.unit}],
    }
    if not remedies:
        return [goods], duty
    tariffs: list[Fields] = []
    for number, basis_points in product.remedies[-remedies:]:
        cents = 0 if free else value * basis_points // 100
        duty += cents
        tariffs.append({"htsus": number, "duty_cents": cents, "value_usd": 0, "quantities": []})
    tariffs.append(goods)
    return tariffs, duty


def add_dumping_duties(lines: Sequence[Fields], items: Sequence[Item], *, both: bool) -> tuple[int, int]:
    """Put an antidumping case on the first line, and a countervailing one if `both`; return their totals in cents."""
    product, value, _, bits = items[0]
    country = 100 + sum(map(ord, product.origin)) * 7 % 900
    case = int(product.htsus[:4]) % 1000
    antidumping = value * DUMPING_BASIS_POINTS[bits & 3] // 100
    cases: list[Fields] = [{"case_number": f"A{country:03d}{case:03d}{bits % 40:03d}", "duty_cents": antidumping}]
    countervailing = 0
    if both:
        countervailing = value * DUMPING_BASIS_POINTS[bits >> 3 & 1] // 100
        cases.append({"case_number": f"C{country + 1:03d}{case:03d}{bits % 40:03d}", "duty_cents": countervailing})
    lines[0]["ad_cvd"] = cases
    return antidumping, countervailing
