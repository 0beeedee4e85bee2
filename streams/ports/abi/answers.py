"""Read CBP's answers (application AX) to AE batches.

An answer names its summary in record E0 (group SUMMRY) and gives findings in records E1; the last one carries the
disposition. Neither holds a time or a version. So the time is the answer batch's date (record A), midnight in
Washington, plus one millisecond for each record before it in the file: the order of answers is the order of times.
Whoever knows the true time gives it instead. A version is taken from the finding's text where it says one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import BinaryIO, Final, NamedTuple
from zoneinfo import ZoneInfo

from streams.ports.abi.codes import THREE_CHARACTERS
from streams.ports.abi.dates import date_of
from streams.ports.abi.envelope import Envelope
from streams.ports.abi.faults import Fault, Record, Stage, in_order, record_fault
from streams.ports.abi.fields import ReadRecord, code_faults, read_record
from streams.ports.abi.filing import BatchMark
from streams.ports.abi.identify import ENVELOPE, identified_records

APPLICATION: Final = "AX"
SUMMARY_GROUP: Final = "SUMMRY"
WASHINGTON: Final = ZoneInfo("America/New_York")
ACCEPTED: Final = "A"
REJECTED: Final = "R"
FATAL: Final = "F"
CENSUS_WARNING: Final = "W"
# Where the team number stands in E0's reference data.
TEAM: Final = (52, 54)
VERSION_IN_TEXT: Final = re.compile(r"\bVER(?:SION)?[ .:#]*(\d{5})\b")


class Finding(NamedTuple):
    """One finding of an answer: severity F fatal, W census warning, P partner agency's warning, I information."""

    severity: str
    condition: str
    reason: str
    narrative: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What CBP answered to one filing; `record` is the record of the answer file that carries the disposition.

    `disposition` is A or R, empty where the answer broke off without one.
    """

    entry_number: str
    disposition: str
    findings: tuple[Finding, ...]
    team_number: str
    answered_at: datetime
    batch: int
    record: int

    @property
    def is_accepted(self) -> bool:
        """Whether the filing was accepted."""
        return self.disposition == ACCEPTED

    @property
    def is_fatal(self) -> bool:
        """Whether the filing was rejected for a fatal error."""
        return self.disposition == REJECTED and any(finding.severity == FATAL for finding in self.findings)

    @property
    def census_warnings(self) -> tuple[str, ...]:
        """The condition codes of census warnings, each once, in order."""
        return tuple(dict.fromkeys(self._conditions(CENSUS_WARNING)))

    @property
    def fatal_conditions(self) -> tuple[str, ...]:
        """The condition codes of fatal errors, in order."""
        return tuple(self._conditions(FATAL))

    def _conditions(self, severity: str) -> Iterator[str]:
        """Yield the condition codes of a severity, damaged ones left out."""
        for found in self.findings:
            if found.severity == severity and THREE_CHARACTERS.fullmatch(found.condition):
                yield found.condition

    @property
    def version(self) -> str | None:
        """The version that the findings name, if any."""
        for finding in self.findings:
            match = VERSION_IN_TEXT.search(finding.narrative)
            if match:
                return match[1]
        return None

    def reasons(self) -> str:
        """Say the findings as one line."""
        return "; ".join(f"{found.severity} {found.condition} {found.narrative}".strip() for found in self.findings)


@dataclass(frozen=True, slots=True)
class BatchRejection:
    """An answer that rejects a whole batch: no summary of it was looked at."""

    mark: BatchMark
    findings: tuple[Finding, ...]
    batch: int
    record: int

    def reasons(self) -> str:
        """Say the findings as one line."""
        return "; ".join(f"{found.severity} {found.condition} {found.narrative}".strip() for found in self.findings)


def read_answers(stream: BinaryIO, *, answered_at: datetime | None = None) -> Iterator[Answer | BatchRejection | Fault]:
    """Yield the answers of an AX file in its order; `answered_at` is the time of its first record if it is known."""
    envelope = Envelope(APPLICATION)
    group = _Group()
    for record in identified_records(stream):
        envelope.feed(record)
        if record.id in ENVELOPE:
            yield from group.broken_off()
            group = _Group(envelope, answered_at)
        elif not record.is_whole or record.id not in {"E0", "E1"}:
            yield from _unreadable(envelope.batch, record)
            if record.id in {"E0", ""}:
                group.lose_reference()
        elif envelope.batch_values.get("application_id", APPLICATION) == APPLICATION:
            read, faults = read_record(envelope.batch, record._replace(id=f"{APPLICATION}:{record.id}"))
            yield from faults
            yield from code_faults(envelope.batch, read)
            yield from group.feed(read)
    yield from group.broken_off()
    envelope.finish()
    for damage in envelope.damage.values():
        yield from in_order(damage.faults)


def _unreadable(batch: int, record: Record) -> Iterator[Fault]:
    """Report a damaged record; what an answer repeats of the batch itself is passed over."""
    if not record.is_whole:
        wrong = f"the record has {len(record.text)} characters"
        yield record_fault(Stage.LENGTH, batch, record, wrong, "fetch the answer again")
    elif not record.id:
        yield record_fault(Stage.IDENTIFIER, batch, record, "no record begins like this", "fetch the answer again")


class _Group:
    """The records about one summary, or about a whole batch, until the disposition comes."""

    def __init__(self, envelope: Envelope | None = None, answered_at: datetime | None = None) -> None:
        self._envelope = envelope
        self._answered_at = answered_at
        self._entry_number = ""
        self._team = ""
        self._findings: list[Finding] = []
        self._last: ReadRecord | None = None
        self._is_unsure = False

    def lose_reference(self) -> None:
        """Take it that an E0 is lost: what follows may be about another summary, unless it names the same one."""
        self._is_unsure = True

    def feed(self, read: ReadRecord) -> Iterator[Answer | BatchRejection | Fault]:
        """Take the next E0 or E1; yields what it completes."""
        if read.id == "AX:E0":
            yield from self._reference(read)
            return
        entry_number = (read.text("filer_code") or "") + (read.text("entry_number") or "")
        if (entry_number or self._is_unsure) and self._entry_number and entry_number != self._entry_number:
            yield from self.broken_off()
        self._last = read
        self._is_unsure = self._is_unsure and not entry_number
        self._entry_number = entry_number or self._entry_number
        self._findings.append(
            Finding(*(read.text(name) or "" for name in ("severity", "condition_code", "reason_code", "narrative")))
        )
        if read.values.get("disposition") in {ACCEPTED, REJECTED}:
            yield from self._finished(read.values["disposition"])

    def broken_off(self) -> Iterator[Answer | Fault]:
        """End what was begun without a disposition."""
        if self._entry_number and self._findings and self._last is not None:
            yield from self._answer("", self._last)
        self._clear()

    def _reference(self, read: ReadRecord) -> Iterator[Answer | Fault]:
        if "group_id" not in read.values:
            self.lose_reference()
        if read.values.get("group_id") != SUMMARY_GROUP:
            return
        entry_number = _columns(read, 26, 28) + _columns(read, 30, 37)
        if self._entry_number and entry_number != self._entry_number:
            yield from self.broken_off()
        self._is_unsure = False
        self._entry_number, self._team = entry_number, ""
        team = _columns(read, *TEAM)
        if THREE_CHARACTERS.fullmatch(team):
            self._team = team
        elif team:
            wrong, remedy = f"{team!r} is not a team number", "fetch the answer again"
            place = (self._batch(), read.record.number, read.id, *TEAM, "reference_data")
            yield Fault(Stage.CODES, *place, wrong, remedy)

    def _finished(self, disposition: str) -> Iterator[Answer | BatchRejection | Fault]:
        assert self._last is not None
        if self._entry_number:
            yield from self._answer(disposition, self._last)
        elif disposition == REJECTED and not self._is_unsure:
            yield BatchRejection(self._mark(), tuple(self._findings), self._batch(), self._last.record.number)
        self._clear()

    def _answer(self, disposition: str, read: ReadRecord) -> Iterator[Answer | Fault]:
        answered_at = self._time(read.record)
        if answered_at is None:
            wrong = "the answer's batch has no date, so the time of acceptance is not known"
            yield record_fault(Stage.DATES, self._batch(), read.record, wrong, "give the time with --answered-at")
            return
        if not is_plausible(answered_at):
            wrong = f"the answer's time, {answered_at.isoformat()}, lies before 1990 or more than a day ahead"
            yield record_fault(Stage.DATES, self._batch(), read.record, wrong, "correct the date of record A")
            return
        yield Answer(
            entry_number=self._entry_number,
            disposition=disposition,
            findings=tuple(self._findings),
            team_number=self._team,
            answered_at=answered_at,
            batch=self._batch(),
            record=read.record.number,
        )

    def _clear(self) -> None:
        self._entry_number, self._team, self._findings = "", "", []

    def _batch(self) -> int:
        return self._envelope.batch if self._envelope else 1

    def _mark(self) -> BatchMark:
        values = self._envelope.batch_values if self._envelope else {}
        return BatchMark(
            values.get("site_code", ""),
            values.get("transmitter_id", ""),
            values.get("user_text", ""),
            date_of(values.get("batch_date", "")),
        )

    def _time(self, record: Record) -> datetime | None:
        """Tell when CBP answered: see the module's own text."""
        base = self._answered_at or _start_of_day(self._mark().batch_date)
        return base + timedelta(milliseconds=record.number - 1) if base else None


def is_plausible(moment: datetime) -> bool:
    """Whether something may have happened then: since 1990, and no more than a day ahead of this clock."""
    return EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=1)


EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)


def _columns(read: ReadRecord, start: int, end: int) -> str:
    """Cut out what E0's reference data says of a summary, by positions in the record."""
    return read.record.text[start - 1 : end].strip()


def _start_of_day(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), WASHINGTON).astimezone(UTC) if day else None
