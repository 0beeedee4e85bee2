"""Answers to importers, ports and Centers, as the processor publishes them."""

from streams.contract.models.base import Many, Record
from streams.contract.models.moments import AnyDate
from streams.contract.models.work import Cause


class CaseResponse(Record):
    """The one answer to an importer about a case."""

    response_id: str
    case_id: str
    work_type: str
    reference: str | None = None
    center: str | None = None
    account_key: str
    importer_numbers: Many[str] = ()
    decision: str
    decided_on: AnyDate
    ports: Many[str] = ()
    entry_numbers: Many[str] = ()
    text: str | None = None
    caused_by: Cause


class EntryResult(Record):
    """What a response means for one entry, for its port."""

    result_id: str
    case_id: str
    response_id: str | None = None
    reference: str | None = None
    account_key: str
    entry_number: str
    port_of_entry: str | None = None
    result: str
    rule: str | None = None
    amount_cents: int | None = None
    text: str | None = None
    caused_by: Cause


class EventRefusal(Record):
    """An event that was refused or ignored by a rule, told to the port that sent it."""

    refusal_id: str
    event_id: str
    event_type: str
    source: str
    port: str | None = None
    entry_number: str | None = None
    account_key: str | None = None
    ignored: bool
    rule: str
    sentence: str
    rule_source: str
    remedy: str
    caused_by: Cause


class CaseMoved(Record):
    """Answer to a decision that names an old assignment number: another desk has the case now."""

    move_id: str
    decision_event_id: str
    decision_type: str
    decided_by: str
    account_key: str
    case_id: str
    named_assignment: int
    center: str | None = None
    assignment: int
    caused_by: Cause
