"""The engine's journal in the contract's words, so that replays and verifiers in any language can read it."""

from typing import Any, cast

from streams.contract.codec import Codec
from streams.contract.errors import UndecodableRecord
from streams.engine.journal import JournalEntry, JournalKind, Range

RECORD = "processing_journal"


class AvroJournalCodec:
    """Journal entries as `processing_journal` records; see `engine.journal.JournalCodec`."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def encode(self, entry: JournalEntry) -> bytes:
        """Return the journal record's value."""
        ranges = [
            {"topic": part.topic, "first_offset": part.first, "next_offset": part.stop, "count": part.records}
            for part in entry.ranges
        ]
        fields = {"partition": entry.partition, "kind": entry.kind, "now_ms": entry.now_ms, "ranges": ranges}
        return self._codec.encode(RECORD, {**fields, "rules_version": None})

    def decode(self, data: bytes) -> JournalEntry:
        """Return the entry; raises `ValueError` for bytes that are no journal record."""
        name, fields = self._codec.decode(data)
        if name != RECORD:
            message = f"{name} is not a journal record"
            raise UndecodableRecord("unknown-schema", message)
        ranges = cast("list[dict[str, Any]]", fields["ranges"])
        return JournalEntry(
            cast("int", fields["partition"]),
            cast("JournalKind", fields["kind"]),
            cast("int", fields["now_ms"]),
            tuple(Range(part["topic"], part["first_offset"], part["next_offset"], part["count"]) for part in ranges),
        )
