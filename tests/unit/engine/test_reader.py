"""Batches out of what was fetched."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.api import SourceRecord
from streams.engine.reader import Batch, BatchReader
from tests.unit.engine.kit import ListSource, record


def take(reader: BatchReader, most: int = 100, most_bytes: int = 10_000) -> Batch:
    return asyncio.run(reader.next(most, most_bytes, 0.0))


def offsets_of(batch: Batch) -> list[tuple[str, int]]:
    return [(item.topic, item.offset) for item in batch.records]


def test_topics_are_merged_by_the_time_their_records_were_published() -> None:
    source = ListSource(
        event=[record(0, at_ms=10), record(1, at_ms=40)],
        decision=[record(7, topic="decision", at_ms=20), record(8, topic="decision", at_ms=50)],
    )

    batch = take(BatchReader(source, ("event", "decision")))

    assert offsets_of(batch) == [("event", 0), ("decision", 7), ("event", 1), ("decision", 8)]


def test_within_a_topic_the_offset_order_holds_whatever_the_timestamps_say() -> None:
    source = ListSource(event=[record(0, at_ms=90), record(1, at_ms=10), record(2, at_ms=50)])

    assert offsets_of(take(BatchReader(source, ("event",)))) == [("event", 0), ("event", 1), ("event", 2)]


def test_the_position_of_a_topic_that_is_half_read_is_its_next_record() -> None:
    reader = BatchReader(ListSource(event=[record(0), record(4), record(5)]), ("event",))

    assert take(reader, most=1).offsets == {"event": 4}
    assert take(reader).offsets == {"event": 6}


def test_the_position_of_a_topic_that_is_read_up_lies_past_its_markers() -> None:
    source = ListSource(event=[record(0)])
    reader = BatchReader(source, ("event",))
    take(reader)

    source.pass_marker("event", 3)

    assert take(reader) == Batch([], {"event": 3})


def test_a_batch_ends_before_it_has_too_many_bytes_but_holds_at_least_one_record() -> None:
    reader = BatchReader(ListSource(event=[record(0, b"x" * 50), record(1, b"x" * 6), record(2, b"x" * 5)]), ("event",))

    assert [len(take(reader, most_bytes=10).records) for _ in range(3)] == [1, 1, 1]


def test_what_is_put_back_comes_first_and_in_the_same_order() -> None:
    reader = BatchReader(ListSource(event=[record(0), record(1), record(2), record(3)]), ("event",))
    batch = take(reader, most=3)

    reader.unread(batch.records[1:])

    assert reader.offsets() == {"event": 1}
    assert offsets_of(take(reader, most=2)) == [("event", 1), ("event", 2)]
    assert offsets_of(take(reader)) == [("event", 3)]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 20)), max_size=60),
    st.integers(1, 7),
    st.integers(1, 30),
)
def test_every_record_comes_once_and_in_order_however_it_is_cut(
    arrivals: list[tuple[str, int]], most: int, most_bytes: int
) -> None:
    topics: dict[str, list[SourceRecord]] = {"a": [], "b": [], "c": []}
    for topic, at_ms in arrivals:
        topics[topic].append(record(len(topics[topic]), b"x" * (at_ms % 9), topic=topic, at_ms=at_ms))
    expected = {topic: [item.offset for item in records] for topic, records in topics.items()}
    reader = BatchReader(ListSource(**topics), ("a", "b", "c"))

    got: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    for _ in range(len(arrivals) + 1):
        batch = take(reader, most, most_bytes)
        for item in batch.records:
            got[item.topic].append(item.offset)
        assert all(batch.offsets[topic] == len(offsets) for topic, offsets in got.items())

    assert got == expected
