"""The first record that a reader has still to read: the true age of its lag, and whether anything is left at all.

Transactions end with a marker that takes an offset and is no record. A reader that commits behind its last record
leaves one such offset for ever; only a look into the log tells it from a record that waits.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from streams.ops.lag.broker import BrokerReader, BrokerUnreachable
from streams.ops.lag.reading import Place, Unread

AT_ONCE: Final = 8
"""Looks into the log in one round; the broker answers each with a whole batch, however few bytes are asked for."""

_STEPS: Final = 3
_BYTES: Final = 4096
_WAIT_MS: Final = 0


class NextUnread:
    """Remembers what was found, so that a reader that stands still costs nothing."""

    def __init__(self) -> None:
        self._found: dict[Place, dict[int, tuple[int, Unread | None]]] = {}
        self._turn = 0

    async def look(self, reader: BrokerReader, wanted: Iterable[tuple[Place, int, int]]) -> None:
        """Find the next record from each place and offset, with the log's end; `AT_ONCE` of them, the rest later."""
        unknown = [ask for ask in wanted if not self.is_known(*ask)]
        # Readers on the move ask anew each time: none of them may keep the others from being looked up.
        self._turn = (self._turn + AT_ONCE) % max(1, len(unknown))
        new = [*unknown[self._turn :], *unknown[: self._turn]][:AT_ONCE]
        for ask, found in zip(new, await asyncio.gather(*(_or_gone(reader, *ask) for ask in new)), strict=True):
            place, offset, end = ask
            self._found.setdefault(place, {})[offset] = (end, found)

    def is_known(self, place: Place, offset: int, end: int) -> bool:
        """Whether the next record is known; "there is none" is known only for the end at which it was found."""
        found = self._found.get(place, {}).get(offset)
        if found is None:
            return False
        return found[0] == end or (found[1] is not None and found[1].timestamp_ms > 0)

    def get(self, place: Place, offset: int, end: int) -> Unread | None:
        """Return the next record, None where there is none, or none is known."""
        found = self._found.get(place, {}).get(offset)
        return found[1] if found is not None and self.is_known(place, offset, end) else None

    def is_drained(self, place: Place, offset: int, end: int) -> bool:
        """Whether no record at all is left between offset and end: only markers, or what was undone."""
        return offset >= end or (self.is_known(place, offset, end) and self.get(place, offset, end) is None)

    def keep(self, asked: Mapping[Place, set[int]]) -> None:
        """Forget all but these."""
        self._found = {
            place: {offset: found for offset, found in offsets.items() if offset in asked[place]}
            for place, offsets in self._found.items()
            if place in asked
        }


async def _or_gone(reader: BrokerReader, place: Place, offset: int, end: int) -> Unread | None:
    """Look for the next record; what retention has taken meanwhile has no age any more."""
    try:
        return await _next(reader, place, offset, end)
    except OffsetOutOfRangeError:
        return Unread(offset, 0)


async def _next(reader: BrokerReader, place: Place, offset: int, end: int) -> Unread | None:
    """Return the first committed record at or behind an offset, None where there is none before the end.

    Behind a transaction that is still open nothing can be read: that is an `Unread` of timestamp 0.
    """
    for _ in range(_STEPS):
        stable, records = await _fetched(reader, place, offset)
        for record in records:
            return Unread(record.offset, record.timestamp)
        offset = max(offset, records.next_fetch_offset)
        if offset >= end:
            return None
        if offset >= stable:
            break
    return Unread(offset, 0)


async def _fetched(reader: BrokerReader, place: Place, offset: int) -> tuple[int, Any]:
    """Return up to where all transactions have ended, and the records of the batch at an offset."""
    topic, partition = place
    leader = reader.leader(place)
    if leader is None:
        message = f"no node leads {topic} partition {partition}"
        raise BrokerUnreachable(message)
    request = FetchRequest(_WAIT_MS, 0, _BYTES, READ_COMMITTED, [(topic, [(partition, offset, _BYTES)])])
    answer = await reader.send(leader, request)
    [(_topic, [found])] = answer.topics
    _partition, error, _end, stable, *rest = found
    if error:
        message = f"{topic} partition {partition} offset {offset}"
        raise for_code(error)(message)
    aborted = next((part for part in rest if isinstance(part, list)), [])
    place_ = TopicPartition(topic, partition)
    records = MemoryRecords(rest[-1] or b"")
    return stable, PartitionRecords(place_, records, aborted, offset, None, None, False, READ_COMMITTED)  # noqa: FBT003 - aiokafka's own order
