"""Whether a reader is well, judged from how its offsets moved: Burrow's rules, over a sliding window.

Burrow sees each commit; we look at the committed offsets again and again. Two things follow. A reader has
"committed" when its offset moved. And whether it still commits, without moving, is told from the group: a place
that a member owns and that does not move is stalled, one that nobody owns is stopped.
Source: Burrow, "Consumer Lag Evaluation Rules", and its caching evaluator.
"""

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import Final, NamedTuple

WINDOW: Final = 12
COMPLETE: Final = 6
"""Samples in the window, and how many of them are needed before anything but OK is said."""


class Verdict(Enum):
    """How a reader of one partition, or a whole group, is; from well to worst."""

    OK = "OK"
    WARN = "WARN"
    REWIND = "REWIND"
    STALL = "STALL"
    STOP = "STOP"

    @property
    def code(self) -> int:
        """Number for a metric: 0 is well, greater is worse."""
        return _ORDER.index(self)


_ORDER: Final = tuple(Verdict)


class Sample(NamedTuple):
    """One look at a place: committed offset, lag in records, and whether a member owns it."""

    offset: int
    lag: int
    is_owned: bool


def judge(window: Sequence[Sample]) -> Verdict:
    """Return what a window of samples, oldest first, says about the reader.

    1. No lag now, or none at some time of the window: OK.
    2. The offset went back: REWIND.
    3. It never moved, and nobody owns the place: STOP.
    4. It never moved, although a member owns the place, and the lag has not shrunk: STALL.
    5. It moves, but the lag never shrinks: WARN.
    Lag that shrinks is OK; so is a window too short to tell.
    """
    if len(window) < COMPLETE or any(sample.lag == 0 for sample in window):
        return Verdict.OK
    pairs = tuple(pairwise(window))
    if any(later.offset < earlier.offset for earlier, later in pairs):
        return Verdict.REWIND
    moved = window[-1].offset != window[0].offset
    if not moved and not window[-1].is_owned:
        return Verdict.STOP
    if any(later.lag < earlier.lag for earlier, later in pairs):
        return Verdict.OK
    return Verdict.WARN if moved else Verdict.STALL


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the worst of some verdicts; OK where there are none."""
    return max(verdicts, key=lambda verdict: verdict.code, default=Verdict.OK)
