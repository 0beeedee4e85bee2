"""What an importer number brings along, put into the state of its new account (P10); see `account_parts`."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from streams.customs.account_move import put_in
from streams.customs.account_work import AccountWork
from streams.customs.entry_summary import NEW
from streams.customs.ledger import named_by
from streams.customs.matter_clerk import DECISIONS_CITED
from streams.engine.api import SourceRecord, State, Table
from streams.processor.account_parts import GONE, Part
from streams.processor.headers import Mark
from streams.processor.tables import APPEALS, ARRIVED, CASES, ENTRIES, MATTERS, NOTES, SUMMARIES, VERSIONS, WAITING
from streams.processor.waiting import admit

_DECIDED: Final = "decided/"
ELSEWHERE: Final = "elsewhere/"
"""What the name begins with under which an account remembers who has an entry that it had, or asked for."""
_AS_THEY_ARE: Final[tuple[Table[Any], ...]] = (APPEALS, CASES, ENTRIES, MATTERS, SUMMARIES, VERSIONS)
_TABLES: Final = {table.prefix[:1].decode(): table for table in _AS_THEY_ARE}
"""Tables whose values are put in as they come, by their letters; of entries the former generations."""

AsArrived = Callable[[SourceRecord, Mark], SourceRecord]


def unpack(  # noqa: PLR0913, PLR0917 - where to put what, of which number, and from where it comes
    state: State, work: AccountWork, mark: Mark, source: str, parts: Sequence[Part], as_arrived: AsArrived
) -> None:
    """Put one piece of what a number brings along into its new account."""
    prefix = f"{mark.account}/"
    for part in parts:
        key = f"{prefix}{part.name}".encode()
        match part.table:
            case "e" if "/" not in part.name:
                entry = ENTRIES.load(part.value)
                put_in(work, part.name, entry, source)
                if entry.importer == mark.number:
                    work.keep(named_by(work.ledger(), entry.importer), ())
                _list(state, mark, f"e{part.name}")
            case "n":
                _keep_note(work, part.name, NOTES.load(part.value))
            case "w":
                _go_on_waiting(state, work, mark, part, as_arrived)
            case letter:
                table = _TABLES[letter]
                state.put(table, key, table.load(part.value))
        if part.table in {"c", "f"}:
            work.books.keep_note(f"{GONE}{part.name}", "")
        if part.table == "f":
            _list(state, mark, f"c{part.name}")


def _list(state: State, mark: Mark, name: str) -> None:
    state.put(ARRIVED, f"{mark.account}/{mark.number}/{name}".encode(), b"\x01")


def _keep_note(work: AccountWork, name: str, value: str) -> None:
    """Keep what a name leads to; where the account has the name itself it stays, and of decisions the latest count."""
    present = work.books.note(name)
    if name.startswith(ELSEWHERE):
        work.keep(work.ledger()._replace(shares=True), ())
    if not present:
        work.books.keep_note(name, value)
    elif name.startswith(_DECIDED):
        found = {decision[0]: decision for decision in (*json.loads(value), *json.loads(present))}
        latest = sorted(found.values(), key=lambda decision: decision[3])[-DECISIONS_CITED:]
        work.books.keep_note(name, json.dumps(latest, separators=(",", ":")))


def _go_on_waiting(state: State, work: AccountWork, mark: Mark, part: Part, as_arrived: AsArrived) -> None:
    """Let the number's waiting events go on waiting here, until the time that they had."""
    for waiting in WAITING.load(part.value):
        admit(state, part.name, as_arrived(waiting.record, mark), waiting.until_ms)
    if ":" in part.name:  # an appeal that decisions wait for
        return
    entry = work.books.entry(part.name) or NEW
    if not entry.waiting:
        work.books.keep_entry(part.name, entry._replace(waiting=True))
