"""Who imports: importers by rank, each with its numbers, ports, filers and the mix of its goods.

A profile is a pure function of seed and rank, so that any part of the nation can be made without the rest.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from math import log, sqrt
from math import pow as power_of
from typing import Final, NamedTuple

from streams.contract.keys import account_key
from streams.sample.draws import mix, seed_of, spread, weighted_table
from streams.sample.goods import Catalogue, Product
from streams.sample.parameters import Classes, SampleParameters
from streams.sample.tables import table

SLOTS: Final = 64
"""Products and ports of an importer are dealt into this many slots: drawing one is one look-up."""

NEVER: Final = 1 << 40
CACHED_PROFILES: Final = 50_000

UNASSIGNED_PREFIXES: Final = (7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97)
"""Prefixes that the IRS does not assign: no made-up number is a real firm's."""

SURETIES: Final = ("036", "054", "098", "123", "175", "202", "288", "341")


class Kind(StrEnum):
    """How an importer's goods are spread over Centers."""

    CONCENTRATED = "concentrated"
    SWITCHING = "switching"
    MIXED = "mixed"
    TIE = "tie"


class Port(NamedTuple):
    """A port of entry and how goods come to it: vessel, air, truck or rail."""

    code: str
    carriage: str


class Importer(NamedTuple):
    """One importer; `products` are dealt into slots, and from `switch_day` on (an ordinal date) those after."""

    rank: int
    kind: Kind
    numbers: tuple[str, ...]
    key: bytes
    filers: tuple[int, int]
    ports: tuple[Port, ...]
    centers: tuple[int, ...]
    products: tuple[Product, ...]
    switch_day: int
    products_after: tuple[Product, ...]
    surety_code: str

    def products_on(self, day: int) -> tuple[Product, ...]:
        """Return the slots in force on an entry day (an ordinal date)."""
        return self.products if day < self.switch_day else self.products_after


class Importers:
    """All importers of the sample, made when asked for; the latest are kept."""

    def __init__(self, parameters: SampleParameters, catalogue: Catalogue) -> None:
        self._parameters = parameters
        self._catalogue = catalogue
        self.count = parameters.total_importers
        self._offset = max(0.5, parameters.head_offset * self.count)
        self._exponent = self._fitted_exponent()
        self._centers = weighted_table(catalogue.center_weights, 12)
        self._ports = weighted_table(_ports(), 10)
        self._first_day = parameters.first_entry_on.toordinal()
        self._offsets = {name: seed_of(parameters.seed, name) / 2**64 for name in ("center", "kind", "port", "number")}
        self.profile = lru_cache(maxsize=CACHED_PROFILES)(self._profile)

    def weight(self, rank: int) -> float:
        """Return how often an importer imports, relative to the others; rank 0 is the largest."""
        return power_of(rank + 0.5 + self._offset, -self._exponent)

    def stripe_weights(self, stripe: int) -> list[float]:
        """Return the cumulated weights of a stripe's importers, the largest first."""
        return list(accumulate(self.weight(rank) for rank in range(stripe, self.count, self._parameters.stripes)))

    def expected_summaries(self, rank: int) -> float:
        """Return how many summaries an importer has within the sample, on average."""
        return self._parameters.total_summaries * self.weight(rank) / self._mass(self.count)

    def overridden(self) -> Iterator[int]:
        """Yield the ranks that headquarters places by hand: spread over all sizes, the first a large one."""
        count = max(1, round(self._parameters.override_share * self.count)) if self._parameters.override_share else 0
        yield from (min(self.count - 1, 2 + step * self.count // max(1, count)) for step in range(count))

    def not_eligible(self) -> Iterator[int]:
        """Yield the ranks that are declared not eligible, none of them placed by hand."""
        count = round(self._parameters.not_eligible_share * self.count)
        yield from (min(self.count - 1, 7 + step * self.count // max(1, count)) for step in range(count))

    def _mass(self, count: int) -> float:
        """Return the weight of the first `count` importers together (the integral of the power law)."""
        power = 1 - self._exponent
        if abs(power) < 1e-9:  # noqa: PLR2004 - where the integral turns into a logarithm
            return log((count + self._offset) / self._offset)
        return (power_of(count + self._offset, power) - power_of(self._offset, power)) / power

    def _fitted_exponent(self) -> float:
        """Return the exponent at which the top of the importers holds what the parameters say."""
        low, high = 0.0, 6.0
        for _ in range(60):
            self._exponent = (low + high) / 2
            top = self._mass(max(1, round(self.count * self._parameters.top_share))) / self._mass(self.count)
            low, high = (self._exponent, high) if top < self._parameters.top_holds else (low, self._exponent)
        return self._exponent

    def _profile(self, rank: int) -> Importer:
        """Make the importer of a rank."""
        seed = seed_of(self._parameters.seed, "importer", rank)
        kind = self._kind(rank)
        centers = self._centers_of(rank, seed, kind)
        products = self._slots(seed, centers, _shares(kind, seed))
        switches = kind is Kind.SWITCHING
        low, high = self._parameters.switch_between_days
        numbers = self._numbers(rank, seed)
        return Importer(
            rank=rank,
            kind=kind,
            numbers=numbers,
            key=account_key(numbers[0]).encode(),
            filers=(mix(seed, 11), mix(seed, 12)),
            ports=self._port_slots(rank, seed),
            centers=centers,
            products=products,
            switch_day=self._first_day + low + mix(seed, 13) % (high - low + 1) if switches else NEVER,
            products_after=self._slots(mix(seed, 14), centers[::-1], (SLOTS - 2, 2)) if switches else products,
            surety_code=SURETIES[mix(seed, 15) % len(SURETIES)],
        )

    def _kind(self, rank: int) -> Kind:
        """Return how the goods of a rank are spread; shares hold within every few neighbouring ranks."""
        parameters = self._parameters
        point = spread(rank, self._offsets["kind"])
        mixed = 1 - parameters.concentrated_share
        if point < mixed * parameters.tie_of_mixed:
            return Kind.TIE
        if point < mixed:
            return Kind.MIXED
        large = self.expected_summaries(rank) >= parameters.large_importer_summaries
        switching = mixed + parameters.concentrated_share * parameters.switching_of_large
        return Kind.SWITCHING if large and point < switching else Kind.CONCENTRATED

    def _centers_of(self, rank: int, seed: int, kind: Kind) -> tuple[int, ...]:
        """Return the Centers of an importer's goods, the main one first."""
        main = self._centers[int(spread(rank, self._offsets["center"]) * 4096)]
        wanted = 3 if kind is Kind.MIXED and mix(seed, 21) & 1 else 2
        centers = [main]
        salt = 22
        while len(centers) < wanted:
            other = self._centers[mix(seed, salt) & 4095]
            salt += 1
            if other not in centers:
                centers.append(other)
        return tuple(centers)

    def _slots(self, seed: int, centers: tuple[int, ...], shares: tuple[int, ...]) -> tuple[Product, ...]:
        """Deal products of each Center into its share of slots: a few for a main Center, fewer for the others."""
        slots: list[Product] = []
        for position, share in enumerate(shares):
            kinds = 3 + mix(seed, 31 + position) % 8 if position == 0 else 1 + mix(seed, 31 + position) % 4
            own = [self._catalogue.product(centers[position], mix(seed, 100 * position + 40 + i)) for i in range(kinds)]
            slots += [own[i % kinds] for i in range(share)]
        return tuple(slots)

    def _port_slots(self, rank: int, seed: int) -> tuple[Port, ...]:
        """Deal ports into slots: the first takes about half, as the larger importers use more ports."""
        low, high = _port_class(self._parameters.port_classes, rank / self.count, spread(rank, self._offsets["port"]))
        wanted = low + int((high - low + 2) ** ((mix(seed, 51) >> 11) / 2**53)) - 1
        ports: list[Port] = []
        salt = 52
        while len(ports) < wanted:
            port = self._ports[mix(seed, salt) & 1023]
            salt += 1
            if port not in ports:
                ports.append(port)
        first = SLOTS if wanted == 1 else max(4, SLOTS // 2 - wanted + 2)
        return tuple([ports[0]] * first + [ports[1 + i % (wanted - 1)] for i in range(SLOTS - first)])

    def _numbers(self, rank: int, seed: int) -> tuple[str, ...]:
        """Return the importer numbers of a rank: unique, and none of them a real one."""
        parameters = self._parameters
        point = spread(rank, self._offsets["number"])
        if point < parameters.social_security_share:
            # Group 00 is in no number of a person.
            return (f"9{rank // 10_000:02d}-00-{rank % 10_000:04d}",)
        if point < parameters.social_security_share + parameters.assigned_number_share:
            return (f"{90 + rank % 10}2704-{rank // 10:05d}",)
        prefix, number = divmod(rank * 7_654_321 % 160_000_000, 10_000_000)
        base = f"{UNASSIGNED_PREFIXES[prefix]:02d}-{number:07d}"
        if (mix(seed, 61) >> 11) / 2**53 >= parameters.suffix_share:
            return (base + "00",)
        return tuple(base + suffix for suffix in ("00", "01", "0A", "NY")[: 2 + mix(seed, 62) % 3])


def _shares(kind: Kind, seed: int) -> tuple[int, ...]:
    """Return how many slots each Center gets."""
    draw = mix(seed, 71)
    match kind:
        case Kind.TIE:
            main = 32 + (draw & 1)
            return (main, SLOTS - main)
        case Kind.MIXED:
            main = 36 + draw % 18
            second = SLOTS - main if mix(seed, 21) & 1 == 0 else (SLOTS - main) * 2 // 3
            return (main, second, SLOTS - main - second) if second < SLOTS - main else (main, second)
        case _:
            main = SLOTS if draw % 10 < 6 else SLOTS - 1 - (draw >> 8) % 5  # noqa: PLR2004 - six of ten import nothing else
            return (main, SLOTS - main) if main < SLOTS else (SLOTS,)


def _port_class(classes: Classes, quantile: float, point: float) -> tuple[int, int]:
    """Return fewest and most ports of an importer whose size is at this quantile (0 the largest).

    The size counts seven parts and chance three; the limits are those of the sum of the two (a trapezoid), so
    that each class has exactly its share of importers.
    """
    score = 0.7 * quantile + 0.3 * point
    reached = 0.0
    for share, low, high in sorted(classes, key=lambda row: -row[2]):
        reached += share
        if score < _trapezoid_quantile(reached):
            return low, high
    return classes[0][1], classes[0][2]


def _trapezoid_quantile(share: float) -> float:
    """Return the quantile of 0.7 u + 0.3 v for independent even u and v."""
    edge = 0.3 / 0.7 / 2
    if share < edge:
        return sqrt(share * 0.42)
    if share <= 1 - edge:
        return share * 0.7 + 0.15
    return 1 - sqrt(max(0.0, (1 - share) * 0.42))


def _ports() -> Iterator[tuple[Port, float]]:
    """Yield each port with its weight."""
    for row in table("ports.csv"):
        yield Port(row["port_code"], row["carriage"]), float(row["weight"])
