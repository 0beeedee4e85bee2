"""A partition is committed as far as its reader is done, and never further."""

import random

from hypothesis import given
from hypothesis import strategies as st

from streams.centers.progress import Progress


def reading(*offsets: int, position: int) -> Progress:
    """Return the bookkeeping of a partition from which some records were taken."""
    progress = Progress()
    for offset in offsets:
        progress.take(offset)
    progress.position = position
    return progress


def test_nothing_is_committable_before_the_position_is_known() -> None:
    """An assignment that has not read yet has nothing to say."""
    assert Progress().committable() is None


def test_an_idle_partition_commits_the_consumers_position_past_markers() -> None:
    """Offsets 10 and 11 are records, 12 a transaction marker: 13 is committed."""
    progress = reading(10, 11, position=13)

    progress.finish(10)
    progress.finish(11)

    assert progress.is_idle
    assert progress.committable() == 13


def test_the_first_unfinished_record_bounds_the_commit() -> None:
    """Records finished out of order wait for the one before them."""
    progress = reading(10, 11, 12, position=14)

    progress.finish(11)
    progress.finish(12)
    assert progress.committable() == 10

    progress.finish(10)
    assert progress.committable() == 14


def test_what_is_committed_is_not_committed_again() -> None:
    """Only news is worth a request."""
    progress = reading(position=7)
    progress.committed = 7

    assert progress.committable() is None


def test_finishing_twice_or_too_late_changes_nothing() -> None:
    """A caller may be careless."""
    progress = reading(10, 11, position=12)
    progress.finish(10)
    progress.finish(10)
    assert progress.committable() == 11

    progress.end()
    progress.finish(11)

    assert progress.committable() is None


@given(st.integers(1, 30), st.randoms(use_true_random=False))
def test_no_unfinished_record_is_ever_committed_over(count: int, chance: random.Random) -> None:
    """Whatever the order of finishing."""
    offsets = sorted(chance.sample(range(100), count))
    progress = reading(*offsets, position=offsets[-1] + 2)
    unfinished = set(offsets)

    for offset in chance.sample(offsets, count):
        progress.finish(offset)
        unfinished.discard(offset)
        assert progress.committable() == min(unfinished, default=offsets[-1] + 2)
