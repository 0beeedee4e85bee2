"""Which importer enters goods when: a few numbers per summary, from which all else follows.

A day of a stripe can be planned again at any time, in any order, by anyone: what happens 314 days later needs
no memory of the summary, only its plan once more.
"""

from bisect import bisect
from collections.abc import Iterator
from math import floor, fsum
from random import Random
from typing import NamedTuple

from streams.sample.days import cumulated_days
from streams.sample.importers import Importers
from streams.sample.parameters import SampleParameters


class Plan(NamedTuple):
    """One summary: its place among all of the sample, importer's rank, entry day (ordinal), and 64 random bits."""

    ordinal: int
    rank: int
    day: int
    seed: int


class Stripe:
    """The plans of every `stripes`-th importer."""

    def __init__(
        self, parameters: SampleParameters, number: int, cumulated: list[float], total: int, first: int
    ) -> None:
        self._seed = parameters.seed
        self._stripes = parameters.stripes
        self._first_day = parameters.first_entry_on.toordinal()
        self._cumulated = cumulated
        self.number = number
        self.total = total
        # The stripe's own fraction keeps small stripes from all having their entries on the same days.
        fraction = (number * 0.6180339887498949) % 1.0
        self._starts = [first + floor(total * share + fraction) for share in cumulated_days(parameters)]

    def plans(self, day: int) -> Iterator[Plan]:
        """Yield the summaries of an entry day (an ordinal date); none on a day outside the sample."""
        step = day - self._first_day
        if not 0 <= step < len(self._starts) - 1 or not self._cumulated:
            return
        draw = Random(f"{self._seed}/{self.number}/{day}")
        weight = self._cumulated[-1]
        for ordinal in range(self._starts[step], self._starts[step + 1]):
            place = bisect(self._cumulated, draw.random() * weight)
            yield Plan(ordinal, self.number + place * self._stripes, day, draw.getrandbits(64))


def make_stripes(parameters: SampleParameters, importers: Importers) -> tuple[Stripe, ...]:
    """Share out the sample's summaries among stripes by their importers' weights (largest remainders)."""
    cumulated = [importers.stripe_weights(number) for number in range(parameters.stripes)]
    weights = [rows[-1] if rows else 0.0 for rows in cumulated]
    total = parameters.total_summaries
    nation = fsum(weights)
    exact = [total * weight / nation for weight in weights]
    counts = [floor(value) for value in exact]
    remainders = sorted(range(len(exact)), key=lambda number: (counts[number] - exact[number], number))
    for number in remainders[: total - sum(counts)]:
        counts[number] += 1
    stripes = []
    first = 0
    for number, count in enumerate(counts):
        stripes.append(Stripe(parameters, number, cumulated[number], count, first))
        first += count
    return tuple(stripes)
