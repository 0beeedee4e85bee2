"""Compare what lies in a partition with what a fold says was published to it.

A compacted topic keeps the newest record of each key for ever and the older ones for as long as the broker likes, so
that a reader sees the same end and not the same way to it: there a record that a newer one of its key has replaced
may be gone. What is left has to be in order all the same, and nothing may be there that was not published.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Output(NamedTuple):
    """What is compared of a published record."""

    key: bytes | None
    value: bytes | None


class Difference(NamedTuple):
    """How many outputs are missing or too many, how many gave way to newer ones, and whether all are in order."""

    lost: int
    doubled: int
    compacted: int
    in_order: bool


def compare_partition(
    by_writer: Sequence[Sequence[Output]], actual: Sequence[Output], *, keeps_all: bool
) -> Difference:
    """Compare a partition with what each of its writers published there, in each writer's order.

    Most partitions have one writer; what tasks send to one another comes from several, and how those interleave is not
    determined. `keeps_all` is false for a compacted topic, each key of which has one writer.
    """
    published, found = Counter(output for own in by_writer for output in own), Counter(actual)
    doubled = (found - published).total()
    missing = published - found
    if keeps_all:
        in_order = all(_in_order(own, actual) for own in by_writer)
        return Difference(missing.total(), doubled, 0, in_order or bool(missing or doubled))
    lost = _ends_lost(by_writer, actual)
    in_order = all(_in_order(_of_keys(actual, own), own) for own in by_writer)
    return Difference(lost, doubled, missing.total() - min(lost, missing.total()), in_order or bool(doubled))


def _ends_lost(by_writer: Iterable[Sequence[Output]], actual: Iterable[Output]) -> int:
    """Count the keys that do not end as they should; one that ends deleted may be gone altogether."""
    left = {output.key: output.value for output in actual}
    ends = {output.key: output.value for own in by_writer for output in own}
    return sum(left[key] != value if key in left else value is not None for key, value in ends.items())


def _of_keys(actual: Iterable[Output], own: Iterable[Output]) -> list[Output]:
    keys = {output.key for output in own}
    return [output for output in actual if output.key in keys]


def _in_order(few: Iterable[Output], many: Iterable[Output]) -> bool:
    """Whether some outputs appear in their order among others."""
    rest = iter(many)
    return all(any(output == found for found in rest) for output in few)
