"""The bytes of a summary inside its record, so that they can be kept and handed on unread.

In every record that carries one, `summary` is the last field. Its bytes in the newest version of the schema are
cut out of the event and put behind the head of a snapshot; decoding and encoding them again would cost more than
all the rest of an event's processing.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from fastavro import parse_schema, schemaless_writer

from streams.contract.codec import Codec
from streams.contract.schemas import current_schema

_MARKER: Final = b"\xc3\x01"
_HEADER: Final = 10
_FILINGS: Final = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")


class SummaryBody:
    """Cuts summaries out of events and puts them into snapshots."""

    __slots__ = ("_codec", "_head", "_newest", "_snapshot")

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._newest = frozenset(_MARKER + current_schema(name).fingerprint for name in _FILINGS)
        snapshot = current_schema("entry_summary_snapshot")
        head = snapshot.definition
        assert head["fields"].pop()["name"] == "summary", "the summary stays the last field of a snapshot"
        self._head = parse_schema(head)
        self._snapshot = _MARKER + snapshot.fingerprint

    def cut(self, name: str, fields: Mapping[str, object], data: bytes) -> bytes:
        """Return the bytes of the summary in an event, written anew if the event is of an older version."""
        if data[:_HEADER] not in self._newest:
            data = self._codec.encode(name, fields)
        at = _after_text(data, _HEADER)  # event_id
        at = _after_number(data, at)  # event_time
        return data[_after_text(data, at) :]  # source

    def snapshot(self, head: Mapping[str, Any], body: bytes) -> bytes:
        """Return a whole snapshot from its other fields and the bytes of the summary."""
        out = BytesIO()
        out.write(self._snapshot)
        schemaless_writer(out, self._head, head)
        out.write(body)
        return out.getvalue()


def _after_number(data: bytes, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1


def _after_text(data: bytes, at: int) -> int:
    length = shift = 0
    while True:
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return at + (length >> 1)
        shift += 7
