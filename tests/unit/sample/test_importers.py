"""Importers: how large they are, what they import, where, and under which numbers."""

from collections import Counter
from itertools import pairwise

import pytest

from streams.customs.importer_number import NumberKind, importer_number
from streams.sample.importers import Importer, Kind
from streams.sample.national import NationalSample

RANGES = ((1, 6), (10, 16), (20, 27), (30, 48), (50, 68), (71, 77), (80, 88), (90, 95), (98, 99))
ASSIGNED_PREFIXES = {f"{prefix:02d}" for low, high in RANGES for prefix in range(low, high + 1)}
"""Prefixes that the IRS gives to employers, by campus or on the internet (irs.gov, valid EIN prefixes)."""


@pytest.fixture(scope="module")
def importers(nation: NationalSample) -> list[Importer]:
    return [nation.importers.profile(rank) for rank in range(nation.importers.count)]


def slots_of(importer: Importer) -> Counter[int]:
    return Counter(product.center for product in importer.products)


def test_the_largest_importers_hold_half_and_nobody_dwarfs_the_next(nation: NationalSample) -> None:
    expected = [nation.importers.expected_summaries(rank) for rank in range(nation.importers.count)]

    assert sum(expected) == pytest.approx(36_700, rel=0.01)
    assert sum(expected[:10]) / sum(expected) == pytest.approx(0.5, abs=0.02)
    assert all(smaller < larger < 1.5 * smaller for larger, smaller in pairwise(expected))


def test_85_of_100_import_nearly_all_in_one_center_and_a_third_of_the_others_is_close_to_a_tie(
    importers: list[Importer],
) -> None:
    kinds = Counter(importer.kind for importer in importers)

    assert (kinds[Kind.CONCENTRATED] + kinds[Kind.SWITCHING]) / len(importers) == pytest.approx(0.85, abs=0.01)
    assert kinds[Kind.TIE] / (kinds[Kind.TIE] + kinds[Kind.MIXED]) == pytest.approx(1 / 3, abs=0.03)


def test_the_mix_of_goods_is_that_of_the_kind(importers: list[Importer]) -> None:
    for importer in importers:
        (center, most), *others = slots_of(importer).most_common()
        second = others[0][1] if others else 0

        match importer.kind:
            case Kind.CONCENTRATED | Kind.SWITCHING:
                assert most / 64 > 0.9
                assert center == importer.centers[0]
            case Kind.TIE:
                assert abs(most - second) <= 2
            case Kind.MIXED:
                assert 0.5 < most / 64 < 0.9


def test_large_importers_switch_to_another_center_early_enough_to_be_moved(
    nation: NationalSample, importers: list[Importer]
) -> None:
    switching = [importer for importer in importers if importer.kind is Kind.SWITCHING]
    first = nation.parameters.first_entry_on.toordinal()

    assert len(switching) >= 5
    for importer in switching:
        before, after = slots_of(importer), Counter(product.center for product in importer.products_after)
        assert before.most_common(1)[0][0] != after.most_common(1)[0][0]
        assert importer.products_on(importer.switch_day - 1) == importer.products
        assert importer.products_on(importer.switch_day) == importer.products_after
        # A new Center leads by 10 points after 2.2 times the days before the switch, and then for 90 days more.
        assert 90 < importer.switch_day - first < (nation.parameters.entry_days - 90) / 2.2
        assert nation.importers.expected_summaries(importer.rank) >= 60


def test_60_of_100_use_one_port_33_up_to_five_and_7_more(importers: list[Importer]) -> None:
    counts = Counter(len(set(importer.ports)) for importer in importers)

    assert counts[1] / len(importers) == pytest.approx(0.60, abs=0.02)
    assert sum(counts[n] for n in range(2, 6)) / len(importers) == pytest.approx(0.33, abs=0.02)
    assert sum(counts[n] for n in counts if n >= 6) / len(importers) == pytest.approx(0.07, abs=0.01)
    assert all(counts[n] for n in (2, 3, 4, 5))
    assert max(counts) > 30


def test_every_number_is_valid_in_its_normal_form_and_belongs_to_one_importer(importers: list[Importer]) -> None:
    numbers = [number for importer in importers for number in importer.numbers]
    kinds = Counter(importer_number(number).kind for number in numbers)

    assert len(set(numbers)) == len(numbers)
    assert all(importer_number(number).number == number for number in numbers)
    assert len({importer.key for importer in importers}) == len(importers)
    assert kinds[NumberKind.CBP_ASSIGNED] / len(importers) == pytest.approx(0.04, abs=0.01)
    assert kinds[NumberKind.SOCIAL_SECURITY] / len(importers) == pytest.approx(0.01, abs=0.005)


def test_no_number_is_one_that_is_ever_assigned(importers: list[Importer]) -> None:
    for importer in importers:
        for number in map(importer_number, importer.numbers):
            if number.kind is NumberKind.IRS:
                assert number.number[:2] not in ASSIGNED_PREFIXES
            if number.kind is NumberKind.SOCIAL_SECURITY:
                assert number.number[3:7] == "-00-"


def test_all_suffixes_of_a_firm_share_its_account(importers: list[Importer]) -> None:
    several = [importer for importer in importers if len(importer.numbers) > 1]

    assert len(several) / len(importers) == pytest.approx(0.08, abs=0.025)
    for importer in several:
        assert {importer_number(number).account.encode() for number in importer.numbers} == {importer.key}


def test_lines_are_spread_over_centers_by_their_tariff_numbers(
    nation: NationalSample, importers: list[Importer]
) -> None:
    main = Counter(importer.centers[0] for importer in importers)
    numbers = nation.parameters.center_numbers

    for center, count in enumerate(numbers, start=1):
        assert main[center] / len(importers) == pytest.approx(count / sum(numbers), abs=0.01)


def test_headquarters_places_importers_of_all_sizes_elsewhere_and_bars_others(nation: NationalSample) -> None:
    placed, barred = list(nation.importers.overridden()), list(nation.importers.not_eligible())

    assert (len(placed), len(barred)) == (3, 2)
    assert not set(placed) & set(barred)
    assert all(
        nation.importers.profile(rank).centers[-1] != nation.importers.profile(rank).centers[0] for rank in placed
    )
