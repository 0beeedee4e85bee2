"""What became of each filing: the event that is to be published, or why there is none.

A batch is what a filer asks; what became of it is CBP's answer. Without answers the user has to say that all was
accepted, and when. Event ids are made of what happened, so that the same files give the same ids each time.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from streams.ports.abi.answers import FATAL, REJECTED, Answer, AnswerBook
from streams.ports.abi.filing import ADD, DELETE, REPLACE, Filing
from streams.ports.abi.reader import DamagedEnvelope

FIRST_VERSION: Final = "00100"
WASHINGTON: Final = ZoneInfo("America/New_York")
# The name space of event ids that are made from batch files; never to be changed, or old files become new events.
EVENT_IDS: Final = uuid.UUID("6a1f6a34-7d0e-5c58-9d55-3a3f0f3f1c0e")

EventFields = dict[str, Any]


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
    event: EventFields | None = None
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


def accepted_event(filing: Filing, acceptance: Acceptance) -> EventFields:
    """Make the event of an accepted filing: acceptance, replacement, correction or deletion."""
    if filing.action == DELETE:
        fields: EventFields = {
            "entry_number": filing.entry_number,
            "deleted_at": acceptance.at,
            "filer_code": filing.filer_code or None,
            "port_of_entry": filing.port_of_entry or None,
        }
        return _event("entry_summary_deleted", filing, acceptance.at, fields)
    summary = {
        **(filing.summary or {}),
        "version": acceptance.version,
        "accepted_at": acceptance.at,
        "team_number": acceptance.team_number or None,
        "census_warnings": list(acceptance.census_warnings),
    }
    names = {ADD: "entry_summary_accepted", REPLACE: "entry_summary_replaced"}
    name = "psc_accepted" if filing.is_correction else names[filing.action]
    return _event(name, filing, acceptance.at, {"summary": summary})


def _rejection_event(filing: Filing, answer: Answer) -> EventFields | None:
    """Make the event of a rejection that changes something, if it does.

    A replacement that failed fatally deletes the summary while it is under trade control: whether it was is known
    to the reader of the event, not here. A rejected correction leaves the former version. A rejected addition or
    deletion changes nothing.
    """
    if filing.is_correction and filing.importer_of_record:
        rejected_on = answer.answered_at.astimezone(WASHINGTON).date()
        fields: EventFields = {
            "entry_number": filing.entry_number,
            "importer_of_record": filing.importer_of_record,
            "rejected_on": rejected_on,
            "version": answer.version,
            "text": answer.reasons() or None,
        }
        return _event("psc_rejected", filing, answer.answered_at, fields)
    if filing.action == REPLACE and not filing.is_correction and answer.is_fatal:
        fatal = [finding for finding in answer.findings if finding.severity == FATAL]
        fields = {
            "entry_number": filing.entry_number,
            "failed_at": answer.answered_at,
            "conditions": [finding.condition for finding in fatal],
            "text": "; ".join(finding.narrative for finding in fatal) or None,
        }
        return _event("entry_summary_replace_failed", filing, answer.answered_at, fields)
    return None


def _event(name: str, filing: Filing, at: datetime, fields: EventFields) -> EventFields:
    return {
        "event_type": name,
        "event_id": str(_event_id(name, filing, at, fields)),
        "event_time": at,
        "source": f"filer:{filing.filer_code}" if filing.filer_code else filing.port_of_entry,
        **fields,
    }


def _event_id(name: str, filing: Filing, at: datetime, content: Mapping[str, object]) -> uuid.UUID:
    """Make an id of filer, entry number, kind of event, time and content."""
    body = json.dumps(_filled(content), default=str, sort_keys=True, separators=(",", ":")).encode()
    what = (filing.filer_code, filing.entry_number, name, at.isoformat(), hashlib.sha256(body).hexdigest())
    return uuid.uuid5(EVENT_IDS, "|".join(what))


def _filled(value: object) -> object:
    """Leave out what is absent or empty, so that a field which the contract gains later changes no id."""
    if isinstance(value, Mapping):
        pairs = ((name, _filled(item)) for name, item in value.items())
        return {name: item for name, item in pairs if item not in (None, [], {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value
