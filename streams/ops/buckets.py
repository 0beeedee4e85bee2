"""A histogram that takes many observations at once: for what is observed of every record."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate


class Buckets:
    """Counts by upper bound (inclusive), in ascending order; the last bucket has none."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, values: Iterable[float]) -> None:
        """Count values."""
        ordered = sorted(values)  # a search for each bound instead of one for each value
        below = 0
        for at, bound in enumerate(self.bounds):
            up_to = bisect_right(ordered, bound)
            self.counts[at] += up_to - below
            below = up_to
        self.counts[-1] += len(ordered) - below
        self.total += sum(ordered)

    def cumulative(self) -> list[tuple[str, float]]:
        """Return (bound, how many up to it) as Prometheus has them, ending with `+Inf`."""
        names = [*(str(float(bound)) for bound in self.bounds), "+Inf"]
        return [(name, float(count)) for name, count in zip(names, accumulate(self.counts), strict=True)]


def quantile(bounds: Sequence[float], counts: Sequence[int], share: float) -> float | None:
    """Return the value below which a share (0..1) of the observations lies, on a straight line within its bucket.

    None without observations; beyond the last bound, that bound.
    """
    total = sum(counts)
    if not total:
        return None
    rank, below, lower = share * total, 0, 0.0
    for bound, count in zip(bounds, counts, strict=False):
        if count and below + count >= rank:
            return lower + (bound - lower) * (rank - below) / count
        below, lower = below + count, bound
    return bounds[-1]
