"""The bytes of a spool: batches of entries, each batch whole or not there at all.

A batch is what one acknowledgement stands for: magic, length, CRC-32, number of entries, time, then the entries. It is
on disk before the next one is written, so only the last one of a file can be torn.
"""

import uuid
import zlib
from collections.abc import Iterator, Sequence
from struct import Struct, error
from typing import Final, NamedTuple

MAGIC: Final = b"CEEspool"
_HEAD: Final = Struct(">8sIIIQ")  # magic, bytes after the head, CRC-32 of all that follows it, entries, milliseconds
_CRC: Final = Struct(">IQ")
_ENTRY: Final = Struct(">16sBHHI")  # event id, every partition?, bytes of topic, of key, of value


class Entry(NamedTuple):
    """One event as it will be sent."""

    event_id: str
    topic: str
    key: bytes
    value: bytes
    in_every_partition: bool


class Batch(NamedTuple):
    """A batch as it was found: how many entries, when it was kept, their bytes, and where it ends in its file."""

    size: int
    kept_at_ms: int
    body: bytes
    end: int

    def entries(self) -> Iterator[Entry]:
        """Yield the entries."""
        at = 0
        for _ in range(self.size):
            event_id, everywhere, topic, key, value = _ENTRY.unpack_from(self.body, at)
            at += _ENTRY.size
            parts = []
            for length in (topic, key, value):
                parts.append(self.body[at : at + length])
                at += length
            yield Entry(str(uuid.UUID(bytes=event_id)), parts[0].decode(), parts[1], parts[2], bool(everywhere))

    def event_ids(self) -> Iterator[bytes]:
        """Yield the ids of the entries' events, 16 bytes each."""
        at = 0
        for _ in range(self.size):
            event_id, _, topic, key, value = _ENTRY.unpack_from(self.body, at)
            at += _ENTRY.size + topic + key + value
            yield event_id


def batch_bytes(entries: Sequence[Entry], kept_at_ms: int) -> bytes:
    """Return one batch. Event ids are UUIDs, as the contract has it."""
    parts: list[bytes] = []
    for entry in entries:
        event_id, topic = uuid.UUID(entry.event_id).bytes, entry.topic.encode()
        head = _ENTRY.pack(event_id, entry.in_every_partition, len(topic), len(entry.key), len(entry.value))
        parts += (head, topic, entry.key, entry.value)
    body = b"".join(parts)
    crc = zlib.crc32(body, zlib.crc32(_CRC.pack(len(entries), kept_at_ms)))
    return _HEAD.pack(MAGIC, len(body), crc, len(entries), kept_at_ms) + body


def batch_at(data: bytes | memoryview, at: int) -> Batch | None:
    """Return the batch that begins at a place, None where there is no whole one."""
    try:
        magic, length, crc, count, kept_at_ms = _HEAD.unpack_from(data, at)
    except error:
        return None
    start = at + _HEAD.size
    body = bytes(data[start : start + length])
    if magic != MAGIC or len(body) < length:
        return None
    if zlib.crc32(body, zlib.crc32(_CRC.pack(count, kept_at_ms))) != crc:
        return None
    return Batch(count, kept_at_ms, body, start + length)


def batches(data: bytes) -> Iterator[Batch]:
    """Yield the batches from the beginning on, up to the first that is not whole."""
    at = 0
    while (batch := batch_at(data, at)) is not None:
        yield batch
        at = batch.end


def holds_a_batch(data: bytes, start: int) -> bool:
    """Whether a whole batch stands anywhere from a place on: then what is before it was damaged, not torn."""
    at = data.find(MAGIC, start)
    while at >= 0:
        if batch_at(data, at) is not None:
            return True
        at = data.find(MAGIC, at + 1)
    return False
