"""A replay is compared record by record, within a span of time."""

import pytest

from streams.repair.shadow import Comparison, Span, SpanError, Timed, TopicDifference, _difference

EVER = Span.of("..")


def record(value: bytes | None, at_ms: int, key: bytes = b"a") -> Timed:
    return Timed(0, key, value, at_ms)


def counts(live: list[Timed], replayed: list[Timed], span: Span = EVER, *, compacted: bool = False) -> tuple[int, ...]:
    """Return how many are the same, only live, only replayed, and no longer kept."""
    found = _difference(live, replayed, span, is_compacted=compacted)
    return found.same, found.only_live, found.only_replayed, found.expired


def test_the_same_records_are_equal_whenever_they_were_published() -> None:
    assert counts([record(b"1", 10), record(b"2", 20)], [record(b"1", 11), record(b"2", 21)]) == (2, 0, 0, 0)


def test_a_record_that_is_there_once_more_differs() -> None:
    assert counts([record(b"1", 10), record(b"1", 20)], [record(b"1", 10)]) == (1, 1, 0, 0)
    assert counts([record(b"1", 10)], [record(b"1", 10), record(b"1", 20)]) == (1, 0, 1, 0)


def test_only_what_lies_in_the_span_counts() -> None:
    live, replayed = [record(b"1", 10), record(b"old", 5)], [record(b"1", 10), record(b"new", 30)]

    assert counts(live, replayed, Span(10, 30)) == (1, 0, 0, 0)
    assert counts(live, replayed, Span(5, 31)) == (1, 1, 1, 0)


def test_what_the_live_topic_no_longer_keeps_is_no_difference() -> None:
    assert counts([record(b"2", 20)], [record(b"1", 10), record(b"2", 20)]) == (1, 0, 0, 1)


def test_of_a_compacted_topic_only_what_stands_last_under_a_key_counts() -> None:
    live = [record(b"2", 20), record(b"3", 25, key=b"b"), record(None, 30, key=b"b")]
    replayed = [record(b"1", 10), record(b"2", 20), record(b"3", 25, key=b"b"), record(None, 30, key=b"b")]

    assert counts(live, replayed, compacted=True) == (1, 0, 0, 0)


def test_a_comparison_is_equal_only_where_nothing_differs() -> None:
    assert Comparison(topics={"t": TopicDifference(same=3, expired=1)}, state_keys=0).is_equal
    assert not Comparison(topics={"t": TopicDifference(only_live=1)}).is_equal
    assert not Comparison(topics={"t": TopicDifference(only_replayed=1)}).is_equal
    assert not Comparison(state_keys=1).is_equal
    assert not Comparison(gaps=["a gap"]).is_equal


def test_a_span_is_two_instants_of_utc_either_left_out() -> None:
    day = 24 * 3600 * 1000

    assert Span.of("1970-01-02..1970-01-03") == Span(day, 2 * day)
    assert Span.of("1970-01-02T01:00+01:00..").has(day)
    assert not Span.of("..1970-01-02").has(day)


@pytest.mark.parametrize(("text", "said"), [("2026-01-01", "write FROM..TO"), ("yesterday..", "not a date or time")])
def test_what_is_no_span_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SpanError, match=said):
        Span.of(text)
