"""Seconds behind, told from a table of log ends."""

from hypothesis import given
from hypothesis import strategies as st

from streams.ops.lag.interpolation import EndTable, Point


def table(*points: tuple[int, float]) -> EndTable:
    made = EndTable(size=4)
    for offset, at in points:
        made.add(Point(offset, at))
    return made


def test_the_end_itself_is_no_lag_even_from_one_point() -> None:
    assert table((100, 50.0)).lag_seconds(100) == 0.0
    assert table((100, 50.0)).lag_seconds(101) == 0.0


def test_one_point_cannot_tell_how_old_an_earlier_offset_is() -> None:
    assert table((100, 50.0)).lag_seconds(99) is None
    assert table().lag_seconds(0) is None


def test_an_offset_between_two_points_lies_on_their_line() -> None:
    ends = table((100, 50.0), (200, 60.0), (300, 80.0))

    assert ends.lag_seconds(250) == 10.0
    assert ends.lag_seconds(200) == 20.0
    assert ends.lag_seconds(150) == 25.0


def test_an_offset_before_the_first_point_lies_on_the_line_through_first_and_last() -> None:
    assert table((100, 50.0), (200, 60.0)).lag_seconds(0) == 20.0


def test_a_log_that_stands_still_lets_its_reader_fall_behind_with_time() -> None:
    ends = table((100, 50.0), (200, 60.0), (200, 70.0), (200, 80.0), (200, 90.0))

    assert ends.lag_seconds(200) == 0.0
    assert ends.lag_seconds(199) == 90.0 - 59.9


def test_only_standing_still_was_ever_seen_so_nothing_can_be_told() -> None:
    assert table((200, 60.0), (200, 70.0)).lag_seconds(100) is None


def test_a_log_that_was_made_anew_begins_a_new_table() -> None:
    ends = table((100, 50.0), (200, 60.0), (5, 70.0))

    assert ends.lag_seconds(5) == 0.0
    assert ends.lag_seconds(1) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0.5, 9)), min_size=2, max_size=30), st.data())
def test_being_further_behind_is_never_fewer_seconds(steps: list[tuple[int, float]], data: st.DataObject) -> None:
    ends, offset, at = EndTable(), 0, 0.0
    for more, seconds in steps:
        offset, at = offset + more, at + seconds
        ends.add(Point(offset, at))
    near, far = sorted((data.draw(st.integers(0, offset)), data.draw(st.integers(0, offset))), reverse=True)

    less, more_seconds = ends.lag_seconds(near), ends.lag_seconds(far)

    if less is not None and more_seconds is not None:
        assert more_seconds >= less - 1e-6
