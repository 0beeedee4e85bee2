"""Tables and mixed bits: what all else of the sample is drawn from."""

import pytest

from streams.sample.draws import lognormal_table, mix, quantile_table, spread, weighted_table


def test_mixing_is_that_of_the_published_generator() -> None:
    # The first outputs of SplitMix64 with seed 0, as printed with its reference implementation.
    assert [mix(0, salt) for salt in (1, 2, 3)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize(
    ("weights", "bits", "counts"),
    [
        ([("a", 1.0)], 3, {"a": 8}),
        ([("a", 0.75), ("b", 0.25)], 3, {"a": 6, "b": 2}),
        ([("a", 0.999), ("b", 0.001)], 3, {"a": 7, "b": 1}),
        ([("a", 1 / 3), ("b", 1 / 3), ("c", 1 / 3)], 2, {"a": 2, "b": 1, "c": 1}),
        ([("a", 1.0), ("b", 0.0)], 2, {"a": 4}),
        ([("a", 0.9), *((letter, 0.01) for letter in "bcdefghijk")], 4, {"a": 6} | dict.fromkeys("bcdefghijk", 1)),
    ],
)
def test_a_table_holds_each_value_by_its_weight_and_never_loses_one(
    weights: list[tuple[str, float]], bits: int, counts: dict[str, int]
) -> None:
    table = weighted_table(weights, bits)

    assert len(table) == 1 << bits
    assert {value: table.count(value) for value in table} == counts


def test_a_quantile_table_passes_through_its_knots() -> None:
    table = quantile_table(((0.0, 1), (0.5, 10), (1.0, 1000)), 10)

    assert (table[0], table[-1]) == (1, 1000)
    assert abs(table[512] - 10) <= 1
    assert list(table) == sorted(table)


def test_noise_keeps_the_mean() -> None:
    table = lognormal_table(1.1, 12)

    assert abs(sum(table) / len(table) - 1000) < 1


def test_spread_points_fill_the_interval_at_every_length() -> None:
    for length in (10, 100, 1000):
        below = sum(spread(index, 0.3) < 0.15 for index in range(length))

        assert abs(below - 0.15 * length) <= 2
