"""What a Center decides about its cases."""

from typing import Literal

from streams.contract.models.base import Event, Listed, Part
from streams.contract.models.moments import FactDate, PeriodDate
from streams.contract.models.numbers import (
    CaseId,
    Count,
    EntryNumber,
    Heading,
    Issue,
    Number,
    SignedAmount,
    Source,
    Text,
    Word,
)


class WorkTaken(Event):
    """A Center took up a case: it stays there until closed (policy P14)."""

    account_key: Number
    case_id: CaseId
    assignment: Count
    taken_by: Text | None = None


class InformationRequested(Event):
    """A Center asks the importer for something about a case."""

    account_key: Number
    case_id: CaseId
    assignment: Count
    kind: Literal["form_28", "form_29_proposed", "documents", "other"]
    notice_id: Number | None = None
    requested_on: FactDate
    due_on: PeriodDate | None = None
    text: Text | None = None


class DecidedEntry(Part):
    """What a decision says of one entry."""

    entry_number: EntryNumber
    result: Word
    amount_cents: SignedAmount | None = None
    text: Text | None = None


class WorkDecided(Event):
    """A Center decided a case. Exactly one decision fans out to one response and a result per entry."""

    account_key: Number
    case_id: CaseId
    assignment: Count
    decision: Word
    decided_on: FactDate
    issue: Issue | None = None
    heading: Heading | None = None
    entries: Listed[DecidedEntry] = ()
    text: Text | None = None


class WorkClosed(Event):
    """A Center closed a case without a further decision."""

    account_key: Number
    case_id: CaseId
    assignment: Count
    closed_on: FactDate
    reason: Text | None = None


class AdviceGiven(Event):
    """Advice about a case was given or taken over from headquarters."""

    account_key: Number
    case_id: CaseId
    assignment: Count
    given_on: FactDate
    given_by: Source
    reference: Text | None = None
    text: Text
