"""How a record that is sent on through the internal topic tells where it first arrived."""

from typing import Final, NamedTuple

from streams.engine.api import Headers, SourceRecord

_TOPIC: Final = "origin-topic"
_PARTITION: Final = "origin-partition"
_OFFSET: Final = "origin-offset"
_TIMESTAMP: Final = "origin-timestamp-ms"


class Origin(NamedTuple):
    """Where a record first arrived, and when the broker took it."""

    topic: str
    partition: int
    offset: int
    published_ms: int


def origin_headers(origin: Origin) -> Headers:
    """Return the headers that carry an origin; numbers as decimal text, for people and for any client."""
    return (
        (_TOPIC, origin.topic.encode()),
        (_PARTITION, b"%d" % origin.partition),
        (_OFFSET, b"%d" % origin.offset),
        (_TIMESTAMP, b"%d" % origin.published_ms),
    )


def origin_of(record: SourceRecord) -> Origin | None:
    """Return where a record that was sent on first arrived; None if its headers do not say so.

    Only for records of the internal topic: nobody but the processor writes there.
    """
    found = dict(record.headers)
    if _TOPIC not in found:
        return None
    return Origin(found[_TOPIC].decode(), int(found[_PARTITION]), int(found[_OFFSET]), int(found[_TIMESTAMP]))
