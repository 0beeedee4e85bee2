"""Chance that is the same everywhere: tables and mixing of 64-bit numbers.

Of `random.Random` only `random()` and `getrandbits()` are used in this package: they are the two whose
sequence Python keeps between versions.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Final, TypeVar

T = TypeVar("T")

MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_GOLDEN: Final = 0.6180339887498949


def mix(seed: int, salt: int) -> int:
    """Return 64 well-mixed bits of a 64-bit seed and a small salt (Steele, Lea, Flood: SplitMix, 2014)."""
    z = (seed + salt * _STEP) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def seed_of(*parts: object) -> int:
    """Return a 64-bit seed of some texts and numbers, the same on every machine."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:8], "big")


def spread(index: int, offset: float) -> float:
    """Return the index-th point of a sequence that fills [0, 1) evenly at every length.

    Golden-ratio steps: shares of a small sample come out close to their parameter, unlike drawn ones.
    """
    return (index * _GOLDEN + offset) % 1.0


def threshold(share: float, bits: int) -> int:
    """Return the number below which `bits` random bits fall with this probability."""
    return round(share * (1 << bits))


def weighted_table(weights: Iterable[tuple[T, float]], bits: int) -> tuple[T, ...]:
    """Return 2**bits slots that hold each value as often as its weight says; drawing is one look-up.

    Slots go to the largest remainders, and a weight above zero never loses its last slot.
    """
    pairs = [(value, weight) for value, weight in weights if weight > 0]
    size = 1 << bits
    total = math.fsum(weight for _, weight in pairs)
    exact = [weight / total * size for _, weight in pairs]
    counts = [max(1, int(share)) for share in exact]
    order = sorted(range(len(pairs)), key=lambda i: (counts[i] - exact[i], i))
    missing = size - sum(counts)
    while missing:
        for i in order if missing > 0 else reversed(order):
            if missing > 0:
                counts[i] += 1
                missing -= 1
            elif missing < 0 and counts[i] > 1:
                counts[i] -= 1
                missing += 1
            if not missing:
                break
    return tuple(value for (value, _), count in zip(pairs, counts, strict=True) for _ in range(count))


def quantile_table(knots: Sequence[tuple[float, float]], bits: int) -> tuple[int, ...]:
    """Return 2**bits whole numbers in rising order: the quantiles of a distribution given by knots.

    Between two knots (probability, value) the logarithm of the value rises in a straight line.
    """
    last = (1 << bits) - 1
    return tuple(round(_quantile(knots, i / last)) for i in range(last + 1))


def _quantile(knots: Sequence[tuple[float, float]], u: float) -> float:
    """Return the value at probability `u`."""
    for (left, low), (right, high) in pairwise(knots):
        if u <= right:
            share = (u - left) / (right - left) if right > left else 1.0
            return low * math.pow(high / low, share)
    return knots[-1][1]


def lognormal_table(sigma: float, bits: int) -> tuple[int, ...]:
    """Return 2**bits factors in thousandths with mean 1000: noise for values, in no order of size."""
    size = 1 << bits
    normal = NormalDist()
    raw = [math.exp(sigma * normal.inv_cdf((i + 0.5) / size)) for i in range(size)]
    mean = math.fsum(raw) / size
    return tuple(max(1, round(1000 * value / mean)) for value in raw)
