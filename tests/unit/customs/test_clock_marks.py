"""A clock never fires early and never twice, whenever anybody looks."""

from hypothesis import given
from hypothesis import strategies as st

from streams.customs.clock_marks import (
    CONFIRMED_AFTER_DAYS,
    UNMARKED,
    Effects,
    Ends,
    Mark,
    Stage,
    mark_of,
    next_day,
    next_stage,
    with_mark,
)

EFFECTS = st.builds(Effects, st.integers(0, 60), st.sampled_from([Stage.OVERDUE, Stage.PRESUMED, Stage.CLOSED]))
ENDS = st.tuples(st.integers(10_000, 10_400), st.integers(0, 4)).map(lambda pair: Ends(pair[0], sum(pair)))
LOOKS = st.lists(st.integers(9_900, 10_500), min_size=1, max_size=60).map(sorted)


def lived(effects: Effects, ends: Ends, looks: list[int]) -> list[tuple[int, Stage]]:
    """Return what a clock brings about when somebody looks on these days; an outage is a gap between them."""
    mark, reached = UNMARKED, []
    for today in looks:
        stage = next_stage(effects, ends, mark, today)
        if stage is not None:
            mark = Mark(ends.closes_after, stage, today)
            reached.append((today, stage))
    return reached


@given(EFFECTS, ENDS, LOOKS)
def test_each_stage_is_reached_once_and_in_order(effects: Effects, ends: Ends, looks: list[int]) -> None:
    """However often anybody looks."""
    stages = [stage for _, stage in lived(effects, ends, looks)]

    assert stages == sorted(set(stages))


@given(EFFECTS, ENDS, LOOKS)
def test_no_stage_is_reached_before_its_day(effects: Effects, ends: Ends, looks: list[int]) -> None:
    """A warning within its days, an end after the last day that is in time, a result three days after it."""
    reached = lived(effects, ends, looks)

    for today, stage in reached:
        if stage is Stage.DUE_SOON:
            assert ends.warn_by - effects.warn_days <= today <= ends.closes_after
        else:
            assert today > ends.closes_after
    presumed = {stage: today for today, stage in reached}
    if Stage.FINAL in presumed:
        assert presumed[Stage.FINAL] >= presumed[Stage.PRESUMED] + CONFIRMED_AFTER_DAYS


@given(EFFECTS, ENDS, LOOKS)
def test_the_listed_day_is_the_first_on_which_anything_follows(effects: Effects, ends: Ends, looks: list[int]) -> None:
    """A look before it finds nothing; so looking on listed days alone misses nothing."""
    mark = UNMARKED
    for today in looks:
        due = next_day(effects, ends, mark)
        stage = next_stage(effects, ends, mark, today)
        assert stage is None or today >= due > 0
        if due and today == due:
            assert stage is not None
        if stage is not None:
            mark = Mark(ends.closes_after, stage, today)


@given(ENDS, st.integers(1, 400))
def test_a_moved_end_starts_the_clock_anew(ends: Ends, days: int) -> None:
    """What was brought about for the old end does not count for the new one."""
    effects = Effects(7, Stage.OVERDUE)
    overdue = Mark(ends.closes_after, Stage.OVERDUE, ends.closes_after + 1)
    moved = Ends(ends.warn_by + days, ends.closes_after + days)

    assert next_stage(effects, ends, overdue, ends.closes_after + 500) is None
    assert next_stage(effects, moved, overdue, moved.closes_after + 1) is Stage.OVERDUE


@given(
    st.dictionaries(
        st.integers(1, 36), st.tuples(st.integers(1, 60_000), st.sampled_from(Stage), st.integers(1, 60_000))
    )
)
def test_marks_come_back_as_they_were_put_in(marks: dict[int, tuple[int, Stage, int]]) -> None:
    """One for each period, in the order of periods."""
    kept: tuple[int, ...] = ()
    for period, mark in marks.items():
        kept = with_mark(kept, period, Mark(*mark))

    assert {period: mark_of(kept, period) for period in marks} == {at: Mark(*mark) for at, mark in marks.items()}
    assert list(kept[::3]) == sorted(marks)
    assert all(with_mark(kept, period, UNMARKED)[::3] == tuple(sorted(set(marks) - {period})) for period in marks)
