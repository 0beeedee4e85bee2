"""Where a partition stands, kept in the state itself, and whether the sources are still those it was read from.

Committed offsets can expire or be deleted with their group. The state cannot go without them: reading history again
would fold it into a state that has it already. So every transaction writes the position beside the state.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from streams.engine.api import SourceRecord
from streams.engine.errors import Halted
from streams.engine.world import Bounds

POSITION_KEY: Final = b"m/position"


class SourcePosition(NamedTuple):
    """Next offset of one source, with its last processed record (offset -1 before the first)."""

    next_offset: int
    last_offset: int = -1
    last_timestamp_ms: int = -1
    last_crc: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """A partition's position in all its sources, and the last `now` that was used (milliseconds UTC)."""

    now_ms: int
    sources: Mapping[str, SourcePosition]

    def advanced(self, now_ms: int, offsets: Mapping[str, int], last: Mapping[str, SourceRecord]) -> "Position":
        """Return the position after a batch: new offsets by topic, and the last record of each topic in it."""
        sources = dict(self.sources)
        for topic, offset in offsets.items():
            record = last.get(topic)
            if record is not None:
                sources[topic] = SourcePosition(offset, record.offset, record.timestamp_ms, crc_of(record))
            elif topic in sources:
                sources[topic] = sources[topic]._replace(next_offset=offset)
            else:
                sources[topic] = SourcePosition(offset)
        return replace(self, now_ms=now_ms, sources=sources)

    def offsets(self) -> dict[str, int]:
        """Return the next offset by topic."""
        return {topic: place.next_offset for topic, place in self.sources.items()}

    def encode(self) -> bytes:
        """Return compact JSON."""
        body = {topic: list(place) for topic, place in self.sources.items()}
        return json.dumps([self.now_ms, body], separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> "Position":
        """Return the position of `encode`."""
        now_ms, body = json.loads(data)
        return cls(now_ms, {topic: SourcePosition(*place) for topic, place in body.items()})


def crc_of(record: SourceRecord) -> int:
    """Return a checksum of a record's key and value."""
    return zlib.crc32(record.value or b"", zlib.crc32(record.key or b""))


def starting_offsets(
    position: Position | None, committed: Mapping[str, int], bounds: Mapping[str, Bounds], *, is_resumed: bool
) -> dict[str, int]:
    """Return where to go on in each source.

    The state's own position decides; committed offsets can only be equal or, past transaction markers, greater.
    A source that is new to the application is read from its start, and so is one that lost records before they were
    read, once a person has resumed (`is_resumed`).

    Raises `Halted` when state and sources do not belong together.
    """
    if position is None:
        position = Position(0, {})
        if committed:
            raise Halted(
                "state-lost",
                f"offsets are committed for {_listed(committed)}, but the changelog holds no position",
                "restore the changelog, or reset the application to read its sources from the start",
            )
    offsets: dict[str, int] = {}
    for topic, limits in bounds.items():
        place = position.sources.get(topic)
        if place is None:
            offsets[topic] = limits.start
            continue
        _check_end(topic, place, limits)
        if not is_resumed:
            _check_start(topic, place, limits)
        _check_committed(topic, place, committed.get(topic))
        offsets[topic] = max(place.next_offset, limits.start)
    return offsets


def _check_end(topic: str, place: SourcePosition, limits: Bounds) -> None:
    if place.next_offset > limits.end:
        raise Halted(
            "position-beyond-end",
            f"{topic} ends at {limits.end}, but records up to {place.next_offset} were processed: "
            "the topic was recreated or lost records",
            "restore the topic, or reset the application",
            topic=topic,
            offset=place.next_offset,
        )


def _check_start(topic: str, place: SourcePosition, limits: Bounds) -> None:
    if place.next_offset < limits.start:
        raise Halted(
            "position-before-start",
            f"{topic} starts at {limits.start}, but records from {place.next_offset} on were not yet processed: "
            "retention was faster than the worker",
            "resume after deciding what the lost records mean",
            topic=topic,
            offset=place.next_offset,
        )


def _check_committed(topic: str, place: SourcePosition, committed: int | None) -> None:
    if committed is not None and committed < place.next_offset:
        raise Halted(
            "offsets-set-back",
            f"{topic} was processed up to {place.next_offset}, but the group's offset is {committed}: "
            "somebody set it back, and history would be folded in twice",
            "delete the group's offsets to go on from the position, or reset the application to replay",
            topic=topic,
            offset=committed,
        )


def records_to_verify(position: Position | None, bounds: Mapping[str, Bounds]) -> dict[str, int]:
    """Return the offset of the last processed record of each source that still has it."""
    if position is None:
        return {}
    return {
        topic: place.last_offset
        for topic, place in position.sources.items()
        if topic in bounds and bounds[topic].start <= place.last_offset < bounds[topic].end
    }


def verify_last_records(
    position: Position | None, wanted: Mapping[str, int], found: Mapping[str, SourceRecord]
) -> None:
    """Compare the last processed records with what is there now.

    Raises `Halted` when one is another record, or gone: the topic is not the one that was processed.
    """
    if position is None:
        return
    for topic, offset in wanted.items():
        place = position.sources[topic]
        record = found.get(topic)
        if record is None or record.timestamp_ms != place.last_timestamp_ms or crc_of(record) != place.last_crc:
            raise Halted(
                "other-records",
                f"{topic} holds another record at offset {offset} than the one that was processed: "
                "the topic was recreated",
                "restore the topic, or reset the application",
                topic=topic,
                offset=offset,
            )


def _listed(topics: Mapping[str, int]) -> str:
    return ", ".join(sorted(topics))
