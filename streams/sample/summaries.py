"""The content of a summary: header, lines, duties, fees and totals, made when it is published.

A replacement or correction is the same content with the changes of its version, so that no summary is kept.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

from streams.sample.checks import MAX_LINES
from streams.sample.days import EPOCH_DAY, day_of
from streams.sample.draws import lognormal_table, mix, quantile_table, threshold, weighted_table
from streams.sample.entry_numbers import entry_number
from streams.sample.goods import Product
from streams.sample.importers import Importer, Port
from streams.sample.lifecycle import INFORMAL, SUSPENDED_TYPES, LifeCycle, Version
from streams.sample.parameters import SampleParameters
from streams.sample.plans import Plan
from streams.sample.pricing import COMPONENT, HEADER, Fees, Fields, Item, add_dumping_duties, tariffs_of

INFORMAL_LINES: Final = 3

MODES: Final = {"vessel": "11", "air": "40", "truck": "30", "rail": "21"}
VALUE_SIGMA: Final = 1.1
"""Spread of line values around their chapter's mean (standard deviation of the logarithm). Assumed."""

LINE_IDS: Final = tuple(f"{number:03d}" for number in range(1, 1000))
CENSUS_CONDITIONS: Final = ("27B", "38C", "10A", "68D")
CHANGES: Final = ("value",) * 3 + ("number",) * 3 + ("less", "more")
PSC_REASONS: Final = ("L03", "L04", "L02", "L07", "L29", "H99")


class Summaries:
    """Makes whole summaries as fields of the wire."""

    def __init__(self, parameters: SampleParameters, life: LifeCycle) -> None:
        self._parameters = parameters
        self._life = life
        self._random = Random(0)  # seeded anew for each summary
        self._lines = quantile_table(parameters.lines_knots, 14)
        self._noise = lognormal_table(VALUE_SIGMA, 12)
        self._sets = threshold(parameters.article_set_share, 16)
        self._census = threshold(parameters.census_warning_share, 16)
        self._remedies = _remedy_table(parameters)

    def number(self, plan: Plan, importer: Importer) -> str:
        """Return the entry number of a plan."""
        return entry_number(plan.ordinal, importer.filers[plan.seed >> 8 & 7 == 0])

    def port(self, plan: Plan, importer: Importer) -> Port:
        """Return the port of entry of a plan."""
        return importer.ports[plan.seed >> 14 & 63]

    def importer_number(self, plan: Plan, importer: Importer) -> str:
        """Return the number under which the importer entered these goods: of several suffixes one."""
        return importer.numbers[(plan.seed >> 20 & 0xFFFF) % len(importer.numbers)]

    def summary(self, plan: Plan, importer: Importer, accepted_ms: int, versions: int, *, dated: bool) -> Fields:
        """Return a version of a summary; `dated` says whether its entry date is known when it is accepted."""
        entry_type = self._life.entry_type(plan)
        port = self.port(plan, importer)
        number = self.number(plan, importer)
        corrected = bool(versions & Version.CORRECTED)
        bits = mix(plan.seed, 60)
        day = plan.day - EPOCH_DAY
        informal = entry_type in INFORMAL
        single = not informal and bits & 63 == 0
        lines, totals = self._content(plan, importer, entry_type, port, versions)
        return {
            "entry_number": number,
            "version": version_number(versions),
            "accepted_at": accepted_ms,
            "filer_code": number[:3],
            "preparer_filer": None,
            "port_of_entry": port.code,
            "port_of_unlading": port.code if port.carriage == "vessel" else None,
            "exam_port": importer.ports[bits >> 6 & 63].code if bits >> 12 & 31 == 0 else None,
            "entry_type": entry_type,
            "mode_of_transport": MODES[port.carriage],
            "importer_of_record": self.importer_number(plan, importer),
            "consignee": importer.numbers[0] if bits >> 17 & 1 else None,
            "notify_party": None,
            "estimated_entry_date": day,
            "import_date": day - (bits >> 20) % 5,
            "entry_date": day if dated else None,
            "release_date": day if dated else None,
            "summary_date": day_of(accepted_ms) - EPOCH_DAY,
            "bond_type": None if informal else ("9" if single else "8"),
            "surety_code": None if informal else importer.surety_code,
            "bond_amount_usd": 50_000 + 1000 * (bits >> 24 & 255) if single else None,
            "bond_waiver_reason": "999" if informal else None,
            "team_number": None,
            "center": None,
            "psc_reasons": [PSC_REASONS[(bits >> 32) % len(PSC_REASONS)]] if corrected else [],
            "psc_explanation": "Corrected after review of the invoice." if corrected else None,
            "census_warnings": [CENSUS_CONDITIONS[bits >> 62]] if bits >> 40 & 0xFFFF < self._census else [],
            "totals": totals,
            "lines": lines,
        }

    def totals(self, plan: Plan, importer: Importer, versions: int) -> dict[str, int]:
        """Return the totals of a version in cents: what the entry is liquidated at."""
        return self._content(plan, importer, self._life.entry_type(plan), self.port(plan, importer), versions)[1]

    def is_countervailing(self, plan: Plan) -> bool:
        """Whether a summary under antidumping duty bears a countervailing duty as well."""
        return bool(plan.seed >> 30 & 1)

    def _content(
        self, plan: Plan, importer: Importer, entry_type: str, port: Port, versions: int
    ) -> tuple[list[Fields], dict[str, int]]:
        """Return lines and totals of a version."""
        items = self._items(plan, importer.products_on(plan.day), entry_type, versions)
        return self._priced(items, entry_type, by_vessel=port.carriage == "vessel", both=self.is_countervailing(plan))

    def _items(self, plan: Plan, slots: Sequence[Product], entry_type: str, versions: int) -> list[Item]:
        """Draw goods and values of the lines, then change what each version has changed."""
        seed = plan.seed
        draw = self._random
        draw.seed(seed)
        count = self._lines[seed >> 40 & 16383]
        bits = draw.getrandbits
        noise = self._noise
        if entry_type in INFORMAL:
            count = min(count, INFORMAL_LINES)
            most = self._parameters.informal_limit_usd // (count + 1)
            return [Item(slots[(b := bits(32)) & 63], 1 + (b >> 6) % most, "", b >> 18) for _ in range(count)]
        items = []
        for _ in range(count):
            b = bits(32)
            product = slots[b & 63]
            items.append(Item(product, product.value_usd * noise[b >> 6 & 4095] // 1000 + 1, "", b >> 18))
        if bits(16) < self._sets and entry_type not in SUSPENDED_TYPES:
            items[:1] = self._article_set(items[0], slots)
            del items[MAX_LINES:]
        for version in (Version.REPLACED, Version.AFTER_REJECTION, Version.CORRECTED):
            if versions & version:
                _change(items, slots, mix(seed, 70 + version))
        return items

    def _article_set(self, item: Item, slots: Sequence[Product]) -> list[Item]:
        """Return a set in place of a line: its header, worth the sum of two to four components."""
        count = 2 + (item.bits & 3) % 3
        shares = [item.value_usd // count + 1] * count
        others = [slots[self._random.getrandbits(6)] for _ in range(count - 1)]
        products = [item.product, *others]
        components = [Item(product, value, COMPONENT, 0) for product, value in zip(products, shares, strict=True)]
        return [Item(item.product, sum(shares), HEADER, 0), *components]

    def _priced(
        self, items: list[Item], entry_type: str, *, by_vessel: bool, both: bool
    ) -> tuple[list[Fields], dict[str, int]]:
        """Return the lines with duties and fees, and the totals, which are the sums of the lines."""
        fees = Fees(self._parameters, items, entry_type, by_vessel=by_vessel)
        remedies = self._remedies
        lines: list[Fields] = []
        duty_total = 0
        for line_id, item in zip(LINE_IDS, items, strict=False):
            product, value, article_set, bits = item
            tariffs, duty = tariffs_of(item, 0 if article_set else remedies[bits & 1023])
            duty_total += duty
            lines.append(
                {
                    "line_id": line_id,
                    "article_set": article_set,
                    "country_of_origin": product.origin,
                    "country_of_export": product.origin,
                    "special_program": product.program,
                    "charges_usd": value * (2 + (bits & 7)) // 100,
                    "gross_weight_kg": value // (1 + product.unit_value_usd % 23) + 1,
                    "manufacturer_id": product.manufacturer_id,
                    "tariffs": tariffs,
                    "ad_cvd": [],
                    "fees": fees.of_line(product, value, article_set),
                }
            )
        ad, cvd = add_dumping_duties(lines, items, both=both) if entry_type in SUSPENDED_TYPES else (0, 0)
        return lines, {
            "duty_cents": duty_total,
            "fee_cents": fees.total_cents,
            "tax_cents": 0,
            "ad_cents": ad,
            "cvd_cents": cvd,
            "other_cents": 0,
        }


def version_number(versions: int) -> str:
    """Return the five digits of a version: the first three grow with a rejection and with a correction.

    A replacement while the filer has control keeps the number (ACE ABI CATAIR).
    """
    major = 1 + bool(versions & Version.AFTER_REJECTION) + bool(versions & Version.CORRECTED)
    return f"{major:03d}00"


def _change(items: list[Item], slots: Sequence[Product], bits: int) -> None:
    """Change a summary as a new version does: another value, another number for a line, one line less or more."""
    place = (bits >> 8) % len(items)
    item = items[place]
    choice = CHANGES[bits & 7]
    if item.article_set or choice == "value":
        _scale(items, 50 + (bits >> 32) % 100)
    elif choice == "number" or len(items) == 1:
        product = slots[bits >> 40 & 63]
        items[place] = item._replace(product=product, value_usd=item.value_usd + (product == item.product))
    elif choice == "less":
        del items[place]
    elif len(items) < MAX_LINES:
        items.append(Item(slots[bits >> 40 & 63], item.value_usd, "", bits >> 48 & 0x3FFF))


def _scale(items: list[Item], percent: int) -> None:
    """Change the value of the first line that belongs to no set by some percent of itself."""
    for place, item in enumerate(items):
        if not item.article_set:
            items[place] = item._replace(value_usd=item.value_usd * percent // 100 + 1)
            return


def _remedy_table(parameters: SampleParameters) -> tuple[int, ...]:
    """Return 1024 counts of chapter 98 and 99 numbers in front of the goods' own."""
    classes = parameters.tariff_classes
    counts = [(count - 1, share / (high - low + 1)) for share, low, high in classes for count in range(low, high + 1)]
    return weighted_table(counts, 10)
