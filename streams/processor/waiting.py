"""Records that speak of an entry nobody knows yet: kept in their order until it is known, or until time is up."""

from collections.abc import Callable
from itertools import islice
from typing import Final

from streams.customs.tariff import Day
from streams.engine.api import SourceRecord, State
from streams.processor.summary_chunks import chunks_of, packed, unpacked
from streams.processor.tables import WAITING, WAITING_BODIES, WAITING_UNTIL, due_bytes
from streams.processor.waiting_layout import Waiting

WAIT_MS: Final = 7 * 24 * 3_600_000
"""An entry that nobody knows is waited for 7 days."""

_DAY_MS: Final = 86_400_000
MOST: Final = 64
"""Records that wait for one entry at most: its record in the state must stay small."""
MOST_INLINE: Final = 512
"""Bytes of a record that are kept in the list of an entry; those of longer ones are kept beside it, in chunks."""


def admit(state: State, number: str, record: SourceRecord, until_ms: int) -> bool:
    """Let a record wait for an entry until an instant; return False where too many wait already."""
    key = number.encode()
    present = state.get(WAITING, key) or ()
    if len(present) >= MOST:
        return False
    waiting = (*present, Waiting(until_ms, _without_body(state, key, record)))
    _list_until(state, key, present, waiting)
    state.put(WAITING, key, waiting)
    return True


def release(state: State, number: str) -> list[Waiting]:
    """Return the records that waited for an entry, in the order in which they came, and forget them."""
    key = number.encode()
    present = state.get(WAITING, key)
    if not present:
        return []
    _list_until(state, key, present, ())
    state.delete(WAITING, key)
    return [_with_body(state, key, waiting) for waiting in present]


def taken_out(state: State, number: str, belongs: Callable[[SourceRecord], bool]) -> tuple[Waiting, ...]:
    """Return those of the records that wait for an entry which belong elsewhere, and let the others go on waiting."""
    own = []
    for waiting in release(state, number):
        if belongs(waiting.record):
            own.append(waiting)
        else:
            admit(state, number, waiting.record, waiting.until_ms)
    return tuple(own)


def is_waited_for(state: State, number: str) -> bool:
    """Tell whether records wait for an entry."""
    return state.get(WAITING, number.encode()) is not None


def expired(state: State, since: Day, now_ms: int, most: int | None) -> list[tuple[str, SourceRecord]]:
    """Return the records of up to `most` entries (None: all) that have waited long enough, and forget them.

    No wait has ended before the day `since`.
    """
    instants = due_bytes(since * _DAY_MS), due_bytes(now_ms + 1)  # a day of New York begins after that of UTC
    due = [key for key, _ in islice(state.scan(WAITING_UNTIL, *instants), most)]
    return [(key[8:].decode(), record) for key in due for record in _expire(state, key[8:], now_ms)]


def _expire(state: State, entry: bytes, now_ms: int) -> list[SourceRecord]:
    present = state.get(WAITING, entry) or ()
    left = tuple(waiting for waiting in present if waiting.until_ms > now_ms)
    _list_until(state, entry, present, left)
    if left:
        state.put(WAITING, entry, left)
    else:
        state.delete(WAITING, entry)
    return [_with_body(state, entry, waiting).record for waiting in present if waiting.until_ms <= now_ms]


def _list_until(state: State, key: bytes, former: tuple[Waiting, ...], present: tuple[Waiting, ...]) -> None:
    """List an entry under the first instant at which a wait for it ends."""
    first, before = (min((one.until_ms for one in some), default=0) for some in (present, former))
    if first != before:
        if before:
            state.delete(WAITING_UNTIL, due_bytes(before) + key)
        if first:
            state.put(WAITING_UNTIL, due_bytes(first) + key, b"\x01")


def _without_body(state: State, key: bytes, record: SourceRecord) -> SourceRecord:
    """Put the bytes of a record aside where they are many."""
    value = record.value or b""
    if len(value) <= MOST_INLINE:
        return record
    for at, chunk in enumerate(packed(value)):
        state.put(WAITING_BODIES, _body_key(key, record, at), chunk)
    return record._replace(value=b"")


def _with_body(state: State, key: bytes, waiting: Waiting) -> Waiting:
    """Return a waiting record with its bytes, and forget them where they were put aside."""
    record = waiting.record
    if record.value:
        return waiting
    first = state.get(WAITING_BODIES, _body_key(key, record, 0))
    assert first is not None, "what was put aside is on file"
    rest = [state.get(WAITING_BODIES, _body_key(key, record, at)) for at in range(1, chunks_of(first))]
    for at in range(chunks_of(first)):
        state.delete(WAITING_BODIES, _body_key(key, record, at))
    value = unpacked([first, *[chunk for chunk in rest if chunk is not None]])
    return waiting._replace(record=record._replace(value=value))


def _body_key(key: bytes, record: SourceRecord, at: int) -> bytes:
    return key + f"/{record.topic}/{record.partition}/{record.offset}/{at}".encode()
