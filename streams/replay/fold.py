"""Follow a partition's journal over the records of a log, and see that the two fit together without a gap."""

from collections.abc import Callable, Iterable
from typing import Protocol

from streams.engine.api import SourceRecord
from streams.engine.journal import JournalEntry, Range

RecordsBetween = Callable[[str, int, int], list[SourceRecord]]
"""Gives the records of a topic from an offset (inclusive) to another (exclusive), of the partition that is folded."""


class Follower(Protocol):
    """What does again what a transaction did: a `streams.engine.fold.Fold`, or something around it."""

    def follow(self, entry: JournalEntry, records: Iterable[SourceRecord]) -> None:
        """Take in one journal entry with the records of its ranges, in their order."""


class JournalGap(ValueError):  # noqa: N818 - it names what is wrong with the journal
    """The journal names records that the log does not have, or leaves some out; the text says which."""


def follow(
    fold: Follower,
    partition: int,
    journal: list[JournalEntry],
    records_between: RecordsBetween,
    left_out: list[str] | None = None,
) -> dict[str, int]:
    """Fold a whole journal; return the offset that it reached in each topic.

    Raises `JournalGap` where journal and log do not fit together. With `left_out`, records that are in no entry are
    told there instead and folded with the next one: whether they have outputs then shows in the comparison.
    """
    reached: dict[str, int] = {}
    for entry in journal:
        records: list[SourceRecord] = []
        if entry.kind == "release":  # held long before: it has its own places, and goes nowhere
            for part in entry.ranges:
                records += records_between(part.topic, part.first, part.stop)
            fold.follow(entry, records)
            continue
        for part in entry.ranges:
            records += _records_of(part, partition, reached.get(part.topic, 0), records_between, left_out)
            reached[part.topic] = part.stop
        fold.follow(entry, records)
    return reached


def _records_of(
    part: Range, partition: int, reached: int, records_between: RecordsBetween, left_out: list[str] | None
) -> list[SourceRecord]:
    """Return the records of one range, which has to go on exactly where the last one of its topic ended."""
    between = records_between(part.topic, reached, part.first)
    records = records_between(part.topic, part.first, part.stop)
    if part.first < reached or between or len(records) != part.records:
        message = (
            f"{part.topic}-{partition}: the journal has {part.records} records from {part.first} to {part.stop} after "
            f"those to {reached}; the log has {len(records)} there, and {len(between)} before that are in no entry"
        )
        if left_out is None or part.first < reached or len(records) != part.records:
            raise JournalGap(message)
        left_out.append(message)
    return between + records
