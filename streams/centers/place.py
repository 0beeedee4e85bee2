"""Where a record is in Kafka."""

from typing import NamedTuple


class WorkPlace(NamedTuple):
    """Topic, partition, offset, and the record's timestamp in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
