"""Rules by which a reader is judged: each on both sides of its boundary."""

import pytest

from streams.ops.lag.verdict import COMPLETE, Sample, Verdict, judge, worst


def window(offsets: list[int], lags: list[int], *, owned: bool = True) -> list[Sample]:
    return [Sample(offset, lag, owned) for offset, lag in zip(offsets, lags, strict=True)]


STILL = [7] * 6
MOVING = [1, 2, 3, 4, 5, 6]
GROWING = [10, 11, 12, 13, 14, 15]
LEVEL = [10] * 6

CASES = [
    ("no lag in the end", STILL, [5, 5, 5, 5, 5, 0], True, Verdict.OK),
    ("no lag at some time of the window", STILL, [5, 0, 1, 2, 3, 4], True, Verdict.OK),
    ("no lag at its beginning", STILL, [0, 1, 2, 3, 4, 5], False, Verdict.OK),
    ("stands, owned, lag grows", STILL, GROWING, True, Verdict.STALL),
    ("stands, owned, lag stays", STILL, LEVEL, True, Verdict.STALL),
    ("stands, owned, lag shrinks since retention takes records", STILL, [10, 10, 10, 10, 10, 9], True, Verdict.OK),
    ("stands, nobody owns it, lag stays", STILL, LEVEL, False, Verdict.STOP),
    ("stands, nobody owns it, lag shrinks", STILL, [10, 9, 8, 7, 6, 5], False, Verdict.STOP),
    ("moved once, nobody owns it any more", [6, 7, 7, 7, 7, 7], GROWING, False, Verdict.WARN),
    ("moves, lag grows", MOVING, GROWING, True, Verdict.WARN),
    ("moves, lag stays", MOVING, LEVEL, True, Verdict.WARN),
    ("moves, lag shrinks once", MOVING, [10, 11, 12, 13, 14, 13], True, Verdict.OK),
    ("went back and stays behind", [5, 6, 7, 3, 3, 3], GROWING, True, Verdict.REWIND),
    ("went back by one at the very end", [5, 6, 7, 8, 9, 8], GROWING, True, Verdict.REWIND),
    ("went back although nobody owns it", [5, 4, 4, 4, 4, 4], GROWING, False, Verdict.REWIND),
]


@pytest.mark.parametrize(("about", "offsets", "lags", "owned", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_window_of_samples_gets_its_verdict(
    about: str,
    offsets: list[int],
    lags: list[int],
    owned: bool,  # noqa: FBT001 - a column of the table
    expected: Verdict,
) -> None:
    del about

    assert judge(window(offsets, lags, owned=owned)) is expected


def test_a_window_too_short_to_tell_is_ok() -> None:
    bad = window([7] * COMPLETE, [9] * COMPLETE)

    assert judge(bad) is Verdict.STALL
    assert judge(bad[1:]) is Verdict.OK
    assert judge([]) is Verdict.OK


def test_the_worst_of_several_counts_for_a_group() -> None:
    assert worst([Verdict.OK, Verdict.STALL, Verdict.WARN]) is Verdict.STALL
    assert worst([Verdict.STOP, Verdict.REWIND]) is Verdict.STOP
    assert worst([]) is Verdict.OK
    assert [verdict.code for verdict in Verdict] == [0, 1, 2, 3, 4]
