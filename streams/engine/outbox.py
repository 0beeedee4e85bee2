"""What a processor sends while a batch is decided, kept flat so that a savepoint is one number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from streams.engine.api import Headers
from streams.engine.errors import OversizedRecord
from streams.engine.world import Outgoing

_Item = tuple[str, int, Outgoing]


class ListOutbox:
    """The `Outbox` of one task; `items` are topic, partition and what goes there, in order of sending."""

    __slots__ = ("_partition", "items")

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self.items: list[_Item] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Publish within the transaction, by default to the task's own partition number."""
        self.items.append((topic, self._partition if partition is None else partition, (key, value, headers)))

    def drop(self) -> None:
        """Forget everything."""
        self.items = []

    def batches(self, limit: int) -> dict[tuple[str, int], list[Outgoing]]:
        """Return what was sent by topic-partition, each in order of sending.

        Raises `OversizedRecord` above `limit` bytes of key and value; the limit does not hold for headers.
        """
        batches: defaultdict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        for topic, partition, outgoing in self.items:
            key, value, _ = outgoing
            size = len(key or b"") + len(value or b"")
            if size > limit:
                message = f"a record for {topic} has {size} bytes, the limit is {limit}"
                raise OversizedRecord(message)
            batches[topic, partition].append(outgoing)
        return dict(batches)


def count_by_topic(batches: Mapping[tuple[str, int], Sequence[Outgoing]], *, without: str) -> dict[str, int]:
    """Count records by topic, leaving one topic out."""
    counts: dict[str, int] = {}
    for (topic, _), records in batches.items():
        if topic != without:
            counts[topic] = counts.get(topic, 0) + len(records)
    return counts
