"""How records that wait for an entry become bytes: version, then each record with its parts by length."""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from streams.engine.api import SourceRecord

_VERSION: Final = b"\x01"
_RECORD: Final = Struct("<qiqqB")
_LENGTH: Final = Struct("<I")


class Waiting(NamedTuple):
    """A record that waits, and until when."""

    until_ms: int
    record: SourceRecord


def dump_waiting(present: tuple[Waiting, ...]) -> bytes:
    """Return waiting records as bytes, in the order in which they came."""
    parts = [_VERSION]
    for until_ms, record in present:
        parts.append(_RECORD.pack(until_ms, record.partition, record.offset, record.timestamp_ms, len(record.headers)))
        texts = [record.topic.encode(), record.key or b"", record.value or b""]
        for name, value in record.headers:
            texts += [name.encode(), value]
        for text in texts:
            parts += [_LENGTH.pack(len(text)), text]
    return b"".join(parts)


def load_waiting(data: bytes) -> tuple[Waiting, ...]:
    """Return waiting records from bytes."""
    assert data[:1] == _VERSION, "one layout was ever written"
    return tuple(_records(data))


def _records(data: bytes) -> Iterator[Waiting]:
    at = 1
    while at < len(data):
        until_ms, partition, offset, timestamp_ms, headers = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        texts: list[bytes] = []
        for _ in range(3 + 2 * headers):
            [length] = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size + length
            texts.append(data[at - length : at])
        pairs = tuple((texts[n].decode(), texts[n + 1]) for n in range(3, len(texts), 2))
        record = SourceRecord(texts[0].decode(), partition, offset, timestamp_ms, texts[1], texts[2], pairs)
        yield Waiting(until_ms, record)
