"""The answers of a file, found by entry number; kept in a temporary file, so that their number does not matter."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Self

from streams.ports.abi.answers import Answer, BatchRejection, Finding
from streams.ports.abi.faults import Fault
from streams.ports.abi.filing import BatchMark


class AnswerBook:
    """The answers of a file, to be taken by entry number: the first one not yet taken.

    Kept in a temporary file, not in memory. A context manager.
    """

    def __init__(self, answers: Iterable[Answer | BatchRejection | Fault]) -> None:
        self.faults: list[Fault] = []
        self._rejections: dict[tuple[str, str, str], BatchRejection] = {}
        self._rejected: set[tuple[str, str, str]] = set()
        self._table = sqlite3.connect("")
        self._table.execute("CREATE TABLE answer (entry TEXT, record INTEGER, body TEXT, PRIMARY KEY (entry, record))")
        rows = ((item.entry_number, item.record, _dumped(item)) for item in self._kept(answers))
        self._table.executemany("INSERT INTO answer VALUES (?, ?, ?)", rows)

    def __enter__(self) -> Self:
        """Return the book itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary file."""
        self._table.close()

    def take(self, entry_number: str) -> Answer | None:
        """Return the next answer to an entry number, None where there is none left."""
        query = "SELECT record, body FROM answer WHERE entry = ? ORDER BY record LIMIT 1"
        row = self._table.execute(query, (entry_number,)).fetchone()
        if row is None:
            return None
        self._table.execute("DELETE FROM answer WHERE entry = ? AND record = ?", (entry_number, row[0]))
        return _loaded(row[1])

    def rejection_of(self, mark: BatchMark) -> BatchRejection | None:
        """Return the answer that rejects a whole batch: it repeats the batch's site, transmitter and text."""
        rejection = self._rejections.get(_name(mark))
        if rejection is not None:
            self._rejected.add(_name(mark))
        return rejection

    def rejections_left_over(self) -> Iterator[BatchRejection]:
        """Yield the rejections of whole batches that nobody asked for."""
        for name, rejection in self._rejections.items():
            if name not in self._rejected:
                yield rejection

    def left_over(self) -> Iterator[Answer]:
        """Yield the answers that nobody took, in the file's order."""
        for (body,) in self._table.execute("SELECT body FROM answer ORDER BY record"):
            yield _loaded(body)

    def _kept(self, answers: Iterable[Answer | BatchRejection | Fault]) -> Iterator[Answer]:
        for item in answers:
            match item:
                case Answer():
                    yield item
                case BatchRejection():
                    self._rejections.setdefault(_name(item.mark), item)
                case Fault():
                    self.faults.append(item)


def _name(mark: BatchMark) -> tuple[str, str, str]:
    return mark.site_code, mark.transmitter_id, mark.user_text


def _dumped(answer: Answer) -> str:
    at = answer.answered_at.isoformat()
    about = (answer.entry_number, answer.disposition, answer.team_number, answer.batch, answer.record)
    return json.dumps((about, at, answer.findings), separators=(",", ":"))


def _loaded(body: str) -> Answer:
    (entry_number, disposition, team_number, batch, record), at, findings = json.loads(body)
    return Answer(
        entry_number=entry_number,
        disposition=disposition,
        findings=tuple(Finding(*finding) for finding in findings),
        team_number=team_number,
        answered_at=datetime.fromisoformat(at),
        batch=batch,
        record=record,
    )
