"""What an importer number has in an account's state, taken out piece by piece to be handed over (P10).

The order matters. Matters go first, as some belong to the number by their first entry alone; then entries, each with
all that is its own; then appeals; then names: one that leads to something that is still here stays.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from streams.customs.account import give_up_waiting
from streams.customs.account_move import matter_number, take_out
from streams.customs.account_work import AccountWork
from streams.customs.appeals import WAITS_AS
from streams.customs.cases import case_id
from streams.customs.entry_summary import Entry
from streams.customs.headquarters import SAID_OF_PLACEMENT, SAID_OF_PROFILE
from streams.customs.work_types import WORK_TYPES
from streams.engine.api import SourceRecord, State, Table
from streams.processor.books import StateBooks
from streams.processor.move_layout import Leaving
from streams.processor.tables import APPEALS, CASES, ENTRIES, MATTERS, NOTES, SUMMARIES, VERSIONS, WAITING
from streams.processor.waiting import is_waited_for, taken_out

LOOKED_AT: Final = 500
TAKEN: Final = 50
BYTES: Final = 256 * 1024
"""What one piece is made of at most: values looked at, values taken (an entry with its own is one), bytes."""

GONE: Final = "gone/"
"""What the names begin with under which the former account remembers where an open case has gone."""

_OF_ENTRY: Final = ("protested", "reliquidated", "versions")
"""What the names begin with under which something about one entry is remembered; see `Packer._ways_of`."""

V = TypeVar("V")


class Part(NamedTuple):
    """One value of the state: letter of its table, name within the account, bytes."""

    table: str
    name: str
    value: bytes

    def as_fields(self) -> dict[str, str]:
        """Return it as the record has it."""
        return {"table": self.table, "name": self.name, "content": b64encode(self.value).decode()}

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> "Part":
        """Return the part that a record has."""
        return cls(fields["table"], fields["name"], b64decode(fields["content"]))


class Piece(NamedTuple):
    """What one step hands over, and where the next one goes on; None where nothing is left."""

    parts: list[Part]
    entries: list[tuple[str, int]]
    """Entries with a summary, and their generations: the index has to know who has them now."""
    rest: Leaving | None


class Packer:
    """Takes out what one number has in one account."""

    def __init__(
        self, state: State, work: AccountWork, number: str, target: str, number_of: Callable[[SourceRecord], str]
    ) -> None:
        self._state = state
        self._work = work
        self._books = StateBooks(state, work.books.account)
        self._number = number
        self._target = target
        self._number_of = number_of
        self._parts: list[Part] = []
        self._entries: list[tuple[str, int]] = []
        self._stages: tuple[Callable[[str], str | None], ...] = (self._matters, self._held, self._appeals, self._notes)

    def piece(self, leaving: Leaving) -> Piece:
        """Take the next piece out of the account."""
        stage, after = leaving.stage, leaving.after
        last = self._stages[stage](after)
        if last is not None:
            rest: Leaving | None = leaving._replace(after=last)
        elif stage + 1 < len(self._stages):
            rest = leaving._replace(stage=stage + 1, after="")
        else:
            rest = None
        return Piece(self._parts, self._entries, rest)

    # Each stage looks at the values after a name, and returns the last name that it got to; None at the end.

    def _matters(self, after: str) -> str | None:
        def take(name: str, matter: Any) -> bool:  # noqa: ANN401 - the table says of what type its values are
            if matter_number(self._books, matter) != self._number:
                return False
            self._books.list_due(f"c{name}", matter.due_on, 0)
            self._take(MATTERS, name, matter._replace(due_on=0))
            self._leave_word(name)
            return True

        return self._walk(MATTERS, after, take)

    def _held(self, after: str) -> str | None:
        def take(name: str, entry: Entry) -> bool:
            if "/" in name:  # a former generation goes with the latest one
                return False
            is_own = entry.importer == self._number
            if is_own:
                self._take_entry(name, entry)
            return (entry.waiting and self._take_waiting(name)) or is_own

        return self._walk(ENTRIES, after, take)

    def _appeals(self, after: str) -> str | None:
        def take(name: str, appeal: Any) -> bool:  # noqa: ANN401 - as above
            if appeal.importer == self._number:
                self._take(APPEALS, name, appeal)
            return bool(appeal.importer == self._number)

        if not after:
            for key, _ in list(self._state.scan(WAITING, WAITS_AS.encode(), WAITS_AS.encode() + b"\xff")):
                self._take_waiting(key.decode())
        return self._walk(APPEALS, after, take)

    def _notes(self, after: str) -> str | None:
        def take(name: str, value: str) -> bool:
            goes, stays = self._ways_of(name, value)
            if not goes:
                return False
            self._parts.append(Part("n", name, NOTES.dump(value)))
            if not stays:
                self._books.keep_note(name, "")
            return True

        return self._walk(NOTES, after, take)

    def _walk(self, table: Table[V], after: str, take: Callable[[str, V], bool]) -> str | None:
        prefix = f"{self._books.account}/".encode()
        start = prefix + after.encode() + (b"\0" if after else b"")
        found = self._state.scan(table, start, prefix[:-1] + b"0")
        taken = 0
        looked_at = LOOKED_AT
        for key, value in islice(found, looked_at):
            looked_at -= 1
            name = key[len(prefix) :].decode()
            taken += take(name, value)
            if taken >= TAKEN or sum(len(part.value) for part in self._parts) >= BYTES:
                return name
        return name if not looked_at else None

    def _take(self, table: Table[V], name: str, value: V) -> None:
        self._parts.append(Part(table.prefix[:1].decode(), name, table.dump(value)))
        self._state.delete(table, f"{self._books.account}/{name}".encode())

    def entry(self, number: str, entry: Entry) -> list[Part]:
        """Take one entry alone, with what is remembered of it."""
        self._take_entry(number, entry)
        named = [name for stem in _OF_ENTRY for name, _ in self._books.notes_under(f"{stem}/{number}")]
        named += [f"asked/{work_type}/{number}/{entry.generation}" for work_type in WORK_TYPES]
        for name in named:
            value = self._books.note(name)
            if value:
                self._parts.append(Part("n", name, NOTES.dump(value)))
                self._books.keep_note(name, "")
        return self._parts

    def _take_entry(self, number: str, entry: Entry) -> None:
        """Take an entry with its former generations, its summaries and its open cases."""
        take_out(self._work, entry)
        self._books.list_due(f"e{number}", entry.due_on, 0)
        self._take(ENTRIES, number, entry)
        for table in (ENTRIES, VERSIONS):
            self._take_below(table, number)
        self._take_below(SUMMARIES, number)
        for work_type in [WORK_TYPES[bit] for bit in sorted(WORK_TYPES) if entry.open_cases >> bit & 1]:
            name = case_id(entry.named or self._books.account, number, entry.generation, work_type)
            case = self._books.case(name)
            assert case is not None, "an entry's open case is on file"
            self._take(CASES, name, case)
            self._leave_word(name)
        if entry.version:
            self._entries.append((number, entry.generation))

    def _take_below(self, table: Table[V], number: str) -> None:
        """Take what a table has of an entry by generation: former ones, versions, summaries."""
        stem = f"{self._books.account}/{number}"
        cut = len(self._books.account) + 1
        for key, value in list(self._state.scan(table, f"{stem}/".encode(), f"{stem}0".encode())):
            self._take(table, key[cut:].decode(), value)

    def _leave_word(self, name: str) -> None:
        """Remember where an open case has gone: Centers may still decide it under the former account."""
        self._books.keep_note(f"{GONE}{name}", f"{self._target}|{self._number}")

    def _take_waiting(self, name: str) -> bool:
        """Take those of the number's events that wait for an entry or appeal; return whether there are any."""
        own = taken_out(self._state, name, lambda record: self._number_of(record) == self._number)
        if own:
            self._parts.append(Part("w", name, WAITING.dump(own)))
            if not is_waited_for(self._state, name):
                give_up_waiting(self._books, name)
        return bool(own)

    def _ways_of(self, name: str, value: str) -> tuple[bool, bool]:
        """Tell whether a name goes along, and whether it stays.

        What is remembered of an entry goes with it, of an open case with the case; of a closed case with the number
        that brought it, and stays as well: a Center may repeat itself. What cannot be told apart does both.
        """
        kind, _, rest = name.partition("/")
        match kind:
            case kind if kind in _OF_ENTRY:
                goes = self._books.entry(rest.partition("/")[0]) is None
            case "asked":
                goes = self._books.entry(rest.split("/")[1]) is None
            case "said":
                goes = name in {SAID_OF_PLACEMENT + self._number, SAID_OF_PROFILE + self._number}
            case "notice" | "protest" | "petition" | "disclosure" | "open" | "beside" | "leading":
                goes = self._has_gone(value.partition("|")[0])
            case "denied":
                goes = self._has_gone(self._books.note(f"protest/{rest}").partition("|")[0])
            case "ended":
                return self._brought(rest), True
            case _:
                return kind != "gone", True
        return goes, not goes

    def _has_gone(self, name: str) -> bool:
        return self._books.note(f"{GONE}{name}") == f"{self._target}|{self._number}" or self._brought(name)

    def _brought(self, name: str) -> bool:
        """Tell whether the number has brought a closed case."""
        ended = self._books.note(f"ended/{name}")
        return bool(ended) and json.loads(ended)[-1] == self._number
