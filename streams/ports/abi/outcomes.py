"""What became of each filing: the event that is to be published, or why there is none.

A batch is what a filer asks; what became of it is CBP's answer. Without answers the user has to say that all was
accepted, and when. Event ids are made of what happened, so that the same files give the same ids each time.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from streams.contract.models import (
    EntrySummaryAccepted,
    EntrySummaryDeleted,
    EntrySummaryReplaced,
    EntrySummaryReplaceFailed,
    Event,
    PscAccepted,
    PscRejected,
)
from streams.ports.abi.answer_book import AnswerBook
from streams.ports.abi.answers import FATAL, REJECTED, Answer
from streams.ports.abi.filing import ADD, DELETE, REPLACE, Filing
from streams.ports.abi.reader import DamagedEnvelope
from streams.ports.numbers import ENTRY_NUMBER

FIRST_VERSION: Final = "00100"
MOST_TEXT: Final = 4000
WASHINGTON: Final = ZoneInfo("America/New_York")
# The name space of event ids that are made from batch files; never to be changed, or old files become new events.
EVENT_IDS: Final = uuid.UUID("6a1f6a34-7d0e-5c58-9d55-3a3f0f3f1c0e")


class Status(StrEnum):
    """What became of a filing."""

    EVENT = "event"
    UNSOUND = "unsound"
    WITHHELD = "withheld"
    REJECTED = "rejected by CBP"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one filing; `event` is filled for `Status.EVENT`, and where a rejection is itself an event."""

    filing: Filing
    status: Status
    event: Event | None = None
    answer: Answer | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When and how CBP took a filing."""

    at: datetime
    version: str = FIRST_VERSION
    team_number: str = ""
    census_warnings: tuple[str, ...] = ()


def answered_outcomes(
    items: Iterable[Filing | DamagedEnvelope], book: AnswerBook
) -> Iterator[Outcome | DamagedEnvelope]:
    """Pair filings with CBP's answers by entry number, in the order of both files."""
    for item in items:
        yield _answered(item, book) if isinstance(item, Filing) else item


def assumed_outcomes(
    items: Iterable[Filing | DamagedEnvelope], accepted_at: datetime
) -> Iterator[Outcome | DamagedEnvelope]:
    """Take every sound filing as accepted at a time, plus a millisecond for each record before it in the file."""
    for item in items:
        if isinstance(item, Filing):
            at = accepted_at + timedelta(milliseconds=item.first_record - 1)
            yield _refused(item) or Outcome(item, Status.EVENT, accepted_event(item, Acceptance(at)))
        else:
            yield item


def _answered(filing: Filing, book: AnswerBook) -> Outcome:
    answer = book.take(filing.entry_number) if filing.entry_number else None
    if answer is None or not answer.disposition:
        rejection = book.rejection_of(filing.mark)
        if rejection is not None:
            return Outcome(filing, Status.REJECTED, why=f"the whole batch: {rejection.reasons()}")
        why = answer.reasons() if answer else "the answers say nothing of it"
        return _refused(filing) or Outcome(filing, Status.UNANSWERED, answer=answer, why=why)
    if answer.disposition == REJECTED:
        return Outcome(filing, Status.REJECTED, _rejection_event(filing, answer), answer, answer.reasons())
    refused = _refused(filing, answer)
    if refused is not None:
        return refused
    acceptance = Acceptance(
        answer.answered_at, answer.version or FIRST_VERSION, answer.team_number, answer.census_warnings
    )
    return Outcome(filing, Status.EVENT, accepted_event(filing, acceptance), answer)


def _refused(filing: Filing, answer: Answer | None = None) -> Outcome | None:
    """Tell why nothing can be said of a filing that is unsound or in a damaged envelope; None for any other."""
    accepted = "CBP accepted it all the same: the file is not the one that was sent, or differs from its layout"
    why = accepted if answer is not None else ""
    if filing.faults:
        return Outcome(filing, Status.UNSOUND, answer=answer, why=why)
    if filing.withheld:
        return Outcome(filing, Status.WITHHELD, answer=answer, why=why or "its batch or block is damaged")
    return None


def accepted_event(filing: Filing, acceptance: Acceptance) -> Event:
    """Make the event of a sound filing that was accepted: acceptance, replacement, correction or deletion.

    Its parts have been validated one by one, so the whole is not validated again.
    """
    if filing.action == DELETE:
        return EntrySummaryDeleted.model_construct(
            event_id=_event_id("entry_summary_deleted", filing, acceptance.at),
            event_time=acceptance.at,
            source=_source(filing),
            entry_number=filing.entry_number,
            deleted_at=acceptance.at,
            filer_code=filing.filer_code or None,
            port_of_entry=filing.port_of_entry or None,
        )
    assert filing.summary is not None, "a sound filing that is no deletion has its summary"
    told = {
        "version": acceptance.version,
        "accepted_at": acceptance.at,
        "team_number": acceptance.team_number or None,
        "census_warnings": acceptance.census_warnings,
    }
    summary = filing.summary.model_copy(update=told)
    model = PscAccepted if filing.is_correction else ACCEPTED_AS[filing.action]
    # What is as by default does not count, so that a field which the contract gains later changes no id.
    content = summary.model_dump_json(exclude_defaults=True)
    return model.model_construct(
        event_id=_event_id(model.RECORD, filing, acceptance.at, content),
        event_time=acceptance.at,
        source=_source(filing),
        summary=summary,
    )


ACCEPTED_AS: Final[Mapping[str, type[EntrySummaryAccepted | EntrySummaryReplaced]]] = {
    ADD: EntrySummaryAccepted,
    REPLACE: EntrySummaryReplaced,
}


def _rejection_event(filing: Filing, answer: Answer) -> Event | None:
    """Make the event of a rejection that changes something, if it does.

    A replacement that failed fatally deletes the summary while it is under trade control: whether it was is known
    to the reader of the event, not here. A rejected correction leaves the former version. A rejected addition or
    deletion changes nothing.
    """
    at, number = answer.answered_at, filing.entry_number
    if ENTRY_NUMBER.fullmatch(number) is None:
        return None
    if filing.is_correction and filing.importer_of_record:
        return PscRejected.model_construct(
            event_id=_event_id("psc_rejected", filing, at, answer.reasons()),
            event_time=at,
            source=_source(filing),
            entry_number=number,
            importer_of_record=filing.importer_of_record,
            rejected_on=at.astimezone(WASHINGTON).date(),
            version=answer.version,
            text=answer.reasons()[:MOST_TEXT] or None,
        )
    if filing.action == REPLACE and not filing.is_correction and answer.is_fatal:
        fatal = [finding for finding in answer.findings if finding.severity == FATAL]
        return EntrySummaryReplaceFailed.model_construct(
            event_id=_event_id("entry_summary_replace_failed", filing, at, answer.reasons()),
            event_time=at,
            source=_source(filing),
            entry_number=number,
            failed_at=at,
            conditions=answer.fatal_conditions,
            text="; ".join(finding.narrative for finding in fatal)[:MOST_TEXT] or None,
        )
    return None


def _source(filing: Filing) -> str:
    return f"filer:{filing.filer_code or filing.entry_number[:3]}"


def _event_id(record: str, filing: Filing, at: datetime, content: str = "") -> str:
    """Make an id of filer, entry number, kind of event, time and content."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    what = f"{filing.filer_code}|{filing.entry_number}|{record}|{at.isoformat()}|{digest}"
    return str(uuid.uuid5(EVENT_IDS, what))
