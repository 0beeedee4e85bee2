"""Summaries that go before the first piece of work about them: handed on unread, behind the head of a snapshot."""

from functools import lru_cache
from typing import Final

from streams.contract.codec import Codec
from streams.contract.schemas import current_schema
from streams.customs.outcomes import SnapshotDue
from streams.processor.encode_work import SLUGS, WorkEncoder
from streams.processor.occasion import Occasion
from streams.processor.record_groups import KEPT, UUID_LENGTH, Fields, group_writers

SNAPSHOT_GROUPS: Final = (("work_id",), ("center", "account_key", "generation"), ("caused_by",), ("summary",))

_MARKER: Final = b"\xc3\x01"
_HEADER: Final = 10
_FRAMED_HEADER: Final = 5

_FILINGS: Final = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")


class SnapshotEncoder:
    """Puts summaries, as they came in their events, behind the heads of snapshots."""

    def __init__(self, codec: Codec, work: WorkEncoder) -> None:
        self._codec = codec
        self._work = work
        _, self._importer, _, _ = group_writers(current_schema("entry_summary_snapshot").definition, SNAPSHOT_GROUPS)
        self._importer_text = lru_cache(KEPT)(self._write_importer)
        self._header = codec.header("entry_summary_snapshot").decode("latin-1")
        carried = _last_field("entry_summary_snapshot")
        as_they_are = [name for name in _FILINGS if _last_field(name) == carried]
        self._begins = {_MARKER + current_schema(name).fingerprint: _HEADER for name in as_they_are}
        self._begins |= {codec.header(name): len(codec.header(name)) for name in as_they_are}

    def encode(self, snapshot: SnapshotDue, occasion: Occasion) -> bytes:
        """Return a whole snapshot. An event of another version of the schema is read and written by the codec."""
        desk, generation, body = snapshot.desk, snapshot.entry.generation, snapshot.body
        work_id = occasion.name_of(f"snapshot/{desk}/{snapshot.entry_number}/{generation}")
        begins = self._begins.get(body[:_HEADER]) or self._begins.get(body[:_FRAMED_HEADER])
        if begins is None:
            head = {"work_id": work_id, **_importer_fields(desk, occasion.account, generation)}
            head["caused_by"] = occasion.cause_fields()
            return self._codec.encode_with_last_of(body, "entry_summary_snapshot", head)
        importer = self._importer_text(desk, occasion.account, generation)
        cause = occasion.cause_text or self._work.cause_text(occasion)
        head_text = f"{self._header}{UUID_LENGTH}{work_id}{importer}{cause}"
        return head_text.encode("latin-1") + body[_summary_at(body, begins) :]

    def _write_importer(self, desk: int, account: str, generation: int) -> str:
        return self._importer(_importer_fields(desk, account, generation))


def _importer_fields(desk: int, account: str, generation: int) -> Fields:
    return {"center": SLUGS.get(desk), "account_key": account, "generation": generation}


def _summary_at(event: bytes, begins: int) -> int:
    """Return where the summary begins in an event: behind event id, time and source."""
    at = _after_text(event, begins)
    while event[at] & 0x80:
        at += 1
    return _after_text(event, at + 1)


def _after_text(data: bytes, at: int) -> int:
    length = shift = 0
    while data[at] & 0x80:
        length |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
    return at + 1 + ((length | data[at] << shift) >> 1)


def _last_field(name: str) -> Fields:
    last: Fields = current_schema(name).definition["fields"][-1]["type"]
    return last
