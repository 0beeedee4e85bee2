"""An importer's books, laid into a partition's state."""

from itertools import islice
from typing import TypeVar

from streams.customs.appeal import Appeal
from streams.customs.cases import Case
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.matters import Matter
from streams.customs.tariff import Day
from streams.customs.tariff_mix import DayCounts
from streams.engine.api import State, Table
from streams.processor.day_parts import delete_day, put_day, whole_day
from streams.processor.summary_chunks import chunks_of, packed, unpacked
from streams.processor.tables import (
    APPEALS,
    CASES,
    DUE,
    ENTRIES,
    LEDGERS,
    MATTERS,
    NOTES,
    REVIEWS,
    SUMMARIES,
    TRANSFERS,
    VERSIONS,
    day_bytes,
)

V = TypeVar("V")


class StateDays:
    """The counted days of one account."""

    __slots__ = ("_prefix", "_state")

    def __init__(self, state: State, account: bytes) -> None:
        self._state = state
        self._prefix = account + b"/"

    def get(self, day: Day) -> DayCounts | None:
        """Return what is counted for an entry day."""
        return whole_day(self._state, self._prefix, day)

    def put(self, day: Day, counts: DayCounts) -> None:
        """Keep what is counted for an entry day."""
        put_day(self._state, self._prefix, day, counts)

    def delete(self, day: Day) -> None:
        """Forget a day."""
        delete_day(self._state, self._prefix, day)


class StateBooks:
    """The records of one account; see `streams.customs.books.Books`."""

    __slots__ = ("_key", "_prefix", "_state", "account")

    def __init__(self, state: State, account: str) -> None:
        self._state = state
        self.account = account
        self._key = account.encode()
        self._prefix = self._key + b"/"

    @property
    def days(self) -> StateDays:
        """What is counted for each entry day."""
        return StateDays(self._state, self._key)

    def ledger(self) -> Ledger | None:
        """Return placement and totals."""
        return self._state.get(LEDGERS, self._key)

    def keep_ledger(self, ledger: Ledger, former_review: Day) -> None:
        """Keep placement and totals, and list the account under the day of its next review."""
        self._state.put(LEDGERS, self._key, ledger)
        review = ledger.standing.review_on
        if review == former_review:
            return
        if former_review:
            self._state.delete(REVIEWS, day_bytes(former_review) + self._key)
        if review:
            self._state.put(REVIEWS, day_bytes(review) + self._key, b"")

    def appeal(self, number: str) -> Appeal | None:
        """Return an appeal against the account's placement."""
        return self._state.get(APPEALS, self._prefix + number.encode())

    def keep_appeal(self, number: str, appeal: Appeal) -> None:
        """Keep an appeal as it now stands."""
        self._state.put(APPEALS, self._prefix + number.encode(), appeal)

    def entry(self, number: str) -> Entry | None:
        """Return an entry in its latest generation."""
        return self._state.get(ENTRIES, self._prefix + number.encode())

    def keep_entry(self, number: str, entry: Entry) -> None:
        """Keep an entry as it now stands."""
        self._state.put(ENTRIES, self._prefix + number.encode(), entry)

    def drop_entry(self, number: str) -> None:
        """Forget an entry of which nothing is known."""
        self._state.delete(ENTRIES, self._prefix + number.encode())

    def version(self, number: str, generation: int, name: str) -> tuple[Entry, bytes] | None:
        """Return a version of a corrected summary with its bytes as they came."""
        entry = self._state.get(VERSIONS, self._stem(number, generation) + name.encode())
        body = self.summary(number, generation, name)
        return None if entry is None or body is None else (entry, body)

    def keep_version(self, number: str, generation: int, name: str, entry: Entry, body: bytes) -> None:
        """Keep a version of a corrected summary beside the entry, in place of one of the same name."""
        self._state.put(VERSIONS, self._stem(number, generation) + name.encode(), entry)
        self.keep_summary(number, generation, body, replaces=True, name=name)

    def archive_entry(self, number: str, entry: Entry) -> None:
        """Put a generation aside whose entry number is used again."""
        self._state.put(ENTRIES, self._prefix + f"{number}/{entry.generation}".encode(), entry)

    def case(self, case_id: str) -> Case | None:
        """Return an open case."""
        return self._state.get(CASES, self._prefix + case_id.encode())

    def keep_case(self, case_id: str, case: Case) -> None:
        """Keep a case as it now stands."""
        self._state.put(CASES, self._prefix + case_id.encode(), case)

    def drop_case(self, case_id: str) -> None:
        """Forget a closed case."""
        self._state.delete(CASES, self._prefix + case_id.encode())

    def cases_after(self, case_id: str, most: int) -> list[tuple[str, Case]]:
        """Return up to so many open cases of entries, in the order of their names, after a name."""
        return self._after(CASES, case_id, most)

    def matter(self, case_id: str) -> Matter | None:
        """Return an open matter."""
        return self._state.get(MATTERS, self._prefix + case_id.encode())

    def keep_matter(self, case_id: str, matter: Matter) -> None:
        """Keep a matter as it now stands."""
        self._state.put(MATTERS, self._prefix + case_id.encode(), matter)

    def drop_matter(self, case_id: str) -> None:
        """Forget a closed matter."""
        self._state.delete(MATTERS, self._prefix + case_id.encode())

    def matters_after(self, case_id: str, most: int) -> list[tuple[str, Matter]]:
        """Return up to so many open matters, in the order of their names, after a name."""
        return self._after(MATTERS, case_id, most)

    def note(self, name: str) -> str:
        """Return what a name leads to."""
        return self._state.get(NOTES, self._prefix + name.encode()) or ""

    def keep_note(self, name: str, value: str) -> None:
        """Let a name lead to something; an empty value forgets it."""
        if value:
            self._state.put(NOTES, self._prefix + name.encode(), value)
        else:
            self._state.delete(NOTES, self._prefix + name.encode())

    def notes_under(self, start: str) -> list[tuple[str, str]]:
        """Return the names that begin so, and what they lead to, in their order."""
        first = self._prefix + start.encode()
        cut = len(self._prefix)
        found = self._state.scan(NOTES, first, first + b"\xff")
        return [(key[cut:].decode(), value) for key, value in found]

    def list_due(self, name: str, former: Day, day: Day) -> None:
        """List an entry or a matter under the day on which its clocks are to be looked at."""
        if former == day:
            return
        if former:
            self._state.delete(DUE, day_bytes(former) + self._prefix + name.encode())
        if day:
            self._state.put(DUE, day_bytes(day) + self._prefix + name.encode(), b"\x01")

    def transfer_from(self, case_id: str | None) -> None:
        """Remember after which case a transfer has to go on."""
        if case_id is not None:
            self._state.put(TRANSFERS, self._key, case_id)
        elif self._state.get(TRANSFERS, self._key) is not None:  # or the traces of removals would slow the scan down
            self._state.delete(TRANSFERS, self._key)

    def _after(self, table: Table[V], case_id: str, most: int) -> list[tuple[str, V]]:
        start, cut = self._prefix + case_id.encode(), len(self._prefix)
        found = self._state.scan(table, start + b"\0" if case_id else start, self._key + b"0")
        return [(key[cut:].decode(), value) for key, value in islice(found, most)]

    def summary(self, number: str, generation: int, name: str = "") -> bytes | None:
        """Return the current summary of an entry, or a named version of it, put together from its chunks."""
        stem = self._stem(number, generation, name)
        first = self._state.get(SUMMARIES, stem + b"0")
        if first is None:
            return None
        rest = [self._state.get(SUMMARIES, stem + b"%d" % at) for at in range(1, chunks_of(first))]
        return unpacked([first, *[chunk for chunk in rest if chunk is not None]])

    def keep_summary(self, number: str, generation: int, body: bytes, *, replaces: bool, name: str = "") -> None:
        """Keep the current summary of an entry, or a named version of it, in place of an older one if there is one."""
        stem = self._stem(number, generation, name)
        if replaces:
            self._drop_summary(stem)
        for at, chunk in enumerate(packed(body)):
            self._state.put(SUMMARIES, stem + b"%d" % at, chunk)

    def _drop_summary(self, stem: bytes) -> None:
        first = self._state.get(SUMMARIES, stem + b"0")
        for at in range(chunks_of(first) if first is not None else 0):
            self._state.delete(SUMMARIES, stem + b"%d" % at)

    def _stem(self, number: str, generation: int, name: str = "") -> bytes:
        return self._prefix + (f"{number}/{generation}/{name}/" if name else f"{number}/{generation}/").encode()
