"""How a record that is sent on through the internal topic tells where it first arrived."""

from typing import Final, NamedTuple

from streams.engine.api import Headers, InvalidRecord, SourceRecord

_TOPIC: Final = "origin-topic"
_PARTITION: Final = "origin-partition"
_OFFSET: Final = "origin-offset"
_TIMESTAMP: Final = "origin-timestamp-ms"
_ACCOUNT: Final = "account"
_NUMBER: Final = "importer-number"
_SENT_BACK: Final = "sent-back"
_OURS: Final = frozenset({_TOPIC, _PARTITION, _OFFSET, _TIMESTAMP, _ACCOUNT, _NUMBER, _SENT_BACK})

_LONG: Final = 1 << 63
_NO_ORIGIN: Final = "no-origin"


def with_own_headers(record: SourceRecord, internal_topic: str) -> SourceRecord:
    """Return a record without the headers of others, which may have any name, number and size.

    They mean nothing here, must not be taken for ours, and would be kept in the state while the record waits. A dead
    letter has them all: the engine makes it of the record as it came.
    """
    if not record.headers:
        return record
    is_internal = record.topic == internal_topic
    own = {name: value for name, value in record.headers if is_internal and name in _OURS and value is not None}
    return record._replace(headers=tuple(own.items()))


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


def origin_of(record: SourceRecord) -> Origin:
    """Return where a record that was sent on first arrived. Raises `InvalidRecord` if its headers do not say so.

    Only for records of the internal topic: nobody but the processor writes there.
    """
    found = dict(record.headers)
    try:
        origin = Origin(found[_TOPIC].decode(), int(found[_PARTITION]), int(found[_OFFSET]), int(found[_TIMESTAMP]))
    except (KeyError, ValueError):
        raise InvalidRecord(_NO_ORIGIN, "a record that was sent on says where it first arrived") from None
    if not all(-1 <= number < _LONG for number in origin[1:]):
        raise InvalidRecord(_NO_ORIGIN, "a record that was sent on says where it can have arrived first")
    return origin


class Mark(NamedTuple):
    """To which account a record is sent on, and because of which importer number of that account (P10)."""

    account: str
    number: str


def marked(headers: Headers, mark: Mark) -> Headers:
    """Return headers with a mark, in place of one that they have."""
    rest = tuple(pair for pair in headers if pair[0] not in {_ACCOUNT, _NUMBER})
    return (*rest, (_ACCOUNT, mark.account.encode()), (_NUMBER, mark.number.encode()))


def mark_of(record: SourceRecord) -> Mark | None:
    """Return the mark of a record of the internal topic; None where it has none. Raises `InvalidRecord`."""
    found = dict(record.headers)
    try:
        return Mark(found[_ACCOUNT].decode(), found[_NUMBER].decode()) if _ACCOUNT in found else None
    except (KeyError, ValueError):
        raise InvalidRecord(_NO_ORIGIN, "a record that was sent to an account says because of which number") from None


def sent_back(headers: Headers) -> Headers:
    """Return headers of a record that goes back to the partition of its entry number: without a mark."""
    rest = tuple(pair for pair in headers if pair[0] not in {_ACCOUNT, _NUMBER})
    return (*rest, (_SENT_BACK, b"1"))


def is_sent_back(record: SourceRecord) -> bool:
    """Tell whether a record has gone back to the partition of its entry number before."""
    return any(name == _SENT_BACK for name, _ in record.headers)
