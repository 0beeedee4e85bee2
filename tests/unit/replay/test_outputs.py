"""Outputs of a partition against those of a fold, where all is kept and where newer records replace older ones."""

import pytest

from streams.replay.outputs import Difference, Output, compare_partition

A1, A2, A3, B1, B2 = (
    Output(b"a", b"1"),
    Output(b"a", b"2"),
    Output(b"a", b"3"),
    Output(b"b", b"1"),
    Output(b"b", b"2"),
)
A_GONE = Output(b"a", None)
PUBLISHED = [A1, B1, A2, B2, A3]
CLOSED = [A1, B1, A2, B2, A_GONE]


def compacted(published: list[Output], actual: list[Output]) -> Difference:
    return compare_partition([published, []], actual, keeps_all=False)


@pytest.mark.parametrize(
    "actual", [PUBLISHED, [B1, A2, B2, A3], [B2, A3], [A1, B2, A3]], ids=["all", "no a1", "the ends alone", "no middle"]
)
def test_of_a_compacted_topic_older_records_of_a_key_may_be_gone(actual: list[Output]) -> None:
    assert compacted(PUBLISHED, actual) == Difference(0, 0, len(PUBLISHED) - len(actual), in_order=True)


@pytest.mark.parametrize("actual", [CLOSED, [B2, A_GONE], [B2]])
def test_a_key_that_ends_deleted_may_be_gone_altogether(actual: list[Output]) -> None:
    assert compacted(CLOSED, actual) == Difference(0, 0, len(CLOSED) - len(actual), in_order=True)


def test_a_key_that_should_be_gone_and_is_there_is_found() -> None:
    assert compacted(CLOSED, [A2, B2]).lost == 1


@pytest.mark.parametrize("actual", [[A1, B1, A2, B2], [B2], [A3], []])
def test_the_newest_record_of_a_key_must_not_be_gone(actual: list[Output]) -> None:
    assert compacted(PUBLISHED, actual).lost == len({b"a", b"b"} - {one.key for one in actual if one in {A3, B2}})


@pytest.mark.parametrize("actual", [[*PUBLISHED, A3], [A1, A1, B2, A3], [B2, A3, Output(b"c", b"1")]])
def test_what_was_not_published_so_often_is_found_in_a_compacted_topic_too(actual: list[Output]) -> None:
    assert compacted(PUBLISHED, actual).doubled == 1


def test_what_is_left_of_a_compacted_topic_must_be_in_order() -> None:
    assert not compacted(PUBLISHED, [A3, B2]).in_order
    assert not compacted(PUBLISHED, [B1, A1, B2, A3]).in_order


def test_where_all_is_kept_nothing_may_be_gone() -> None:
    assert compare_partition([PUBLISHED], [B1, A2, B2, A3], keeps_all=True) == Difference(1, 0, 0, in_order=True)
    assert compare_partition([PUBLISHED], PUBLISHED, keeps_all=True) == Difference(0, 0, 0, in_order=True)
    assert not compare_partition([PUBLISHED], PUBLISHED[::-1], keeps_all=True).in_order


def test_outputs_of_several_writers_may_be_mixed_but_each_in_its_own_order() -> None:
    assert compare_partition([[A1, A2], [B1, B2]], [B1, A1, A2, B2], keeps_all=True).in_order
    assert not compare_partition([[A1, A2], [B1, B2]], [B2, A1, A2, B1], keeps_all=True).in_order
