"""The application that the simulator hosts: small, and with everything in it that the engine must get right.

Outputs carry where they come from and what the state was, so that a lost, doubled or stale anything shows.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from streams.engine.api import InvalidRecord, Outbox, SourceRecord, State, Table

SOURCES: Final = ("event", "decision")
CHANGELOG: Final = "state"
JOURNAL: Final = "journal"
DEAD_LETTER: Final = "dead-letter"
LEDGER: Final = "ledger"
CROSSING: Final = "crossing"
OUTPUTS: Final = (LEDGER, CROSSING)
COMMON: Final = b"all"
"""A key that is no account's."""

_REMIND_MS: Final = 3_000


def _dump_pair(value: tuple[int, int]) -> bytes:
    return b"%d,%d" % value


def _load_pair(data: bytes) -> tuple[int, int]:
    count, total = data.split(b",")
    return int(count), int(total)


TOTALS: Final[Table[tuple[int, int]]] = Table(b"t/", _dump_pair, _load_pair)
REMINDERS: Final[Table[bytes]] = Table(b"r/", bytes, bytes)


class Tally:
    """Adds amounts by key. Records are `verb:amount`.

    `add` changes a total; `close` removes it and tells another partition; `remind` asks for a reminder;
    `bad` is invalid after it has changed and sent things; `shaky` raises until `patience` is used up, `poison` until
    the processor is mended. `work` is called for each record and each look at the time, and may take some.
    """

    def __init__(self, partitions: int, patience: int = 0, work: Callable[[], None] = lambda: None) -> None:
        self._partitions = partitions
        self._patience = patience
        self._work = work
        self.is_mended = False

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Fold one record."""
        self._work()
        verb, _, amount = (record.value or b"").partition(b":")
        key = record.key or b""
        cause = b"%s@%d" % (record.topic.encode(), record.offset)
        count, total = state.get(TOTALS, key) or (0, 0)
        state.put(TOTALS, key, (count + 1, total + len(amount)))
        out.send(LEDGER, key, b"%s:%d:%d" % (cause, count + 1, total + len(amount)))
        if verb == b"bad":
            state.delete(TOTALS, key)
            reason = "bad-record"
            raise InvalidRecord(reason, "it says so")
        if verb == b"poison" and not self.is_mended:
            raise ZeroDivisionError
        if verb == b"shaky" and self._patience:
            self._patience -= 1
            raise ArithmeticError
        if verb == b"close":
            others = b",".join(name for name, _ in state.scan(TOTALS))
            state.delete(TOTALS, key)
            out.send(CROSSING, key, cause + b":" + others, partition=(record.partition + 1) % self._partitions)
        if verb == b"remind":
            due = int(now.timestamp() * 1000) + _REMIND_MS
            state.put(REMINDERS, b"%015d/" % due + key, cause)
        return verb.decode()

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Send the reminders that are due."""
        self._work()
        now_ms = int(now.timestamp() * 1000)
        for due, cause in state.scan(REMINDERS, b"", b"%015d/" % (now_ms + 1)):
            out.send(LEDGER, due, b"due:%s at %d" % (cause, now_ms))
            state.delete(REMINDERS, due)
