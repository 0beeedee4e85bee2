"""Takes batches out of what has been fetched, so that fetching goes on while a batch is processed.

Topics are merged by the time their records were published, as far as fetched: after an outage, decisions do not
overtake the events that they are about. Within a topic the offset order always holds.
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from streams.engine.api import SourceRecord
from streams.engine.world import Source


class Batch(NamedTuple):
    """Records in the order of processing, and the position in each source after them, markers included."""

    records: list[SourceRecord]
    offsets: Mapping[str, int]


class BatchReader:
    """The buffer between a source and its task."""

    def __init__(self, source: Source, topics: tuple[str, ...]) -> None:
        self._source = source
        self._topics = topics
        self._buffered: dict[str, deque[SourceRecord]] = {topic: deque() for topic in topics}
        self._returned: deque[SourceRecord] = deque()

    async def next(self, max_records: int, max_bytes: int, timeout: float) -> Batch:  # noqa: ASYNC109 - passed on
        """Return the next batch, empty if nothing came within `timeout` seconds.

        A batch ends before the record that would take it past `max_bytes`, but holds at least one.
        """
        if self._count() < max_records:
            await self._fetch(0 if self._count() else timeout)
        records = self._take(max_records, max_bytes)
        return Batch(records, self.offsets())

    def unread(self, records: list[SourceRecord]) -> None:
        """Put the end of the last batch back; it comes first, in the same order."""
        self._returned.extendleft(reversed(records))

    def drop(self) -> None:
        """Forget what was fetched and not taken; the source has to be told where to go on."""
        self._returned.clear()
        for buffer in self._buffered.values():
            buffer.clear()

    def offsets(self) -> dict[str, int]:
        """Return the offset of the next record of each source, or the position past markers if none is here."""
        first_returned: dict[str, int] = {}
        for record in self._returned:
            first_returned.setdefault(record.topic, record.offset)
        offsets = {}
        for topic in self._topics:
            if topic in first_returned:
                offsets[topic] = first_returned[topic]
            elif self._buffered[topic]:
                offsets[topic] = self._buffered[topic][0].offset
            else:
                offsets[topic] = self._source.position(topic)
        return offsets

    def _count(self) -> int:
        return len(self._returned) + sum(map(len, self._buffered.values()))

    async def _fetch(self, timeout: float) -> None:  # noqa: ASYNC109 - the source does the waiting
        for topic, records in await self._source.fetch(timeout):
            self._buffered[topic].extend(records)

    def _take(self, max_records: int, max_bytes: int) -> list[SourceRecord]:
        taken: list[SourceRecord] = []
        room = max_bytes
        while self._returned and len(taken) < max_records:
            room -= _size(self._returned[0])
            if room < 0 and taken:
                return taken
            taken.append(self._returned.popleft())
        waiting = [buffer for buffer in self._buffered.values() if buffer]
        while waiting and len(taken) < max_records:
            buffer = min(waiting, key=_published) if len(waiting) > 1 else waiting[0]
            limit = _next_published(waiting, buffer)
            # A run of the topic whose head is oldest, up to where another topic's head is older.
            while buffer and len(taken) < max_records:
                record = buffer[0]
                if limit is not None and record.timestamp_ms > limit:
                    break
                room -= _size(record)
                if room < 0 and taken:
                    return taken
                taken.append(buffer.popleft())
            if not buffer:
                waiting.remove(buffer)
        return taken


def _size(record: SourceRecord) -> int:
    return 0 if record.value is None else len(record.value)


def _published(buffer: deque[SourceRecord]) -> int:
    return buffer[0].timestamp_ms


def _next_published(waiting: list[deque[SourceRecord]], chosen: deque[SourceRecord]) -> int | None:
    return min((_published(buffer) for buffer in waiting if buffer is not chosen), default=None)
