"""Small stand-ins for unit tests: a store in a dictionary, records from a list, a clock that is set."""

# ruff: noqa: ARG002, ASYNC109 - stand-ins have the shape of the real thing

from collections.abc import Iterable, Iterator, Mapping

from streams.engine.api import SourceRecord
from streams.engine.world import Bounds, Change, Checkpoint, Fetched


def record(
    offset: int,
    value: bytes | None = b"",
    *,
    topic: str = "event",
    key: bytes | None = b"k",
    at_ms: int | None = None,
) -> SourceRecord:
    """Make a record of partition 0, published at its offset's millisecond."""
    return SourceRecord(topic, 0, offset, offset if at_ms is None else at_ms, key, value)


class DictStore:
    """A `Store` in memory."""

    def __init__(self, data: Mapping[bytes, bytes] | None = None) -> None:
        self.data = dict(data or {})
        self.saved: Checkpoint | None = None
        self.is_closed = False
        self.reads = 0

    def checkpoint(self) -> Checkpoint | None:
        return self.saved

    def get(self, key: bytes) -> bytes | None:
        self.reads += 1
        return self.data.get(key)

    def scan(self, start: bytes, stop: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        return iter(
            [(key, self.data[key]) for key in sorted(self.data) if key >= start and (stop is None or key < stop)]
        )

    def write(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        for key, value in changes:
            if value is None:
                self.data.pop(key, None)
            else:
                self.data[key] = value
        self.saved = checkpoint

    def load(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        self.write(changes, checkpoint)

    def loaded(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


class ListSource:
    """A `Source` that has what it was given, all at once."""

    def __init__(self, **topics: list[SourceRecord]) -> None:
        self._waiting = topics
        self._positions = dict.fromkeys(topics, 0)

    async def start(self) -> None:
        pass

    async def bounds(self) -> Mapping[str, Bounds]:
        return {}

    async def peek(self, offsets: Mapping[str, int]) -> Mapping[str, SourceRecord]:
        return {}

    def seek(self, offsets: Mapping[str, int]) -> None:
        self._positions = dict(offsets)

    def arrive(self, topic: str, *records: SourceRecord) -> None:
        """Let records come."""
        self._waiting[topic] = list(records)

    def pass_marker(self, topic: str, position: int) -> None:
        """Let the position move past something that is no record."""
        self._positions[topic] = position

    async def fetch(self, timeout: float) -> list[Fetched]:
        fetched = [Fetched(topic, records) for topic, records in self._waiting.items() if records]
        for topic, records in fetched:
            self._positions[topic] = records[-1].offset + 1
        self._waiting = {topic: [] for topic in self._waiting}
        return fetched

    def position(self, topic: str) -> int:
        return self._positions[topic]

    def ends(self) -> Mapping[str, int]:
        return {}

    async def close(self) -> None:
        pass


class SetClock:
    """A `Clock` that stands until it is moved."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def monotonic(self) -> float:
        return self.seconds

    def time_ms(self) -> int:
        return int(self.seconds * 1000)
