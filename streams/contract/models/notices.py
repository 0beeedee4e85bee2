"""What CBP tells filers and importers, and what they answer."""

from typing import Annotated, Literal

from pydantic import Field

from streams.contract.models.base import Event, Listed, Many
from streams.contract.models.moments import FactDate, PeriodDate
from streams.contract.models.numbers import (
    Amount,
    EntryNumber,
    Heading,
    ImporterNumber,
    Issue,
    LineId,
    NoticeKind,
    Number,
    Port,
    TeamNumber,
    Text,
)
from streams.contract.models.summary import MAX_LINES


class StatusNotification(Event):
    """CBP told a filer something about an entry summary (UC message)."""

    entry_number: EntryNumber
    disposition: Literal["1", "2", "3", "4", "5", "6", "8", "P", "Q", "E", "R", "C", "D"]
    disposition_source: Literal["1", "2"]
    action_on: FactDate
    team_number: TeamNumber | None = None
    reason: Text | None = None
    line_id: LineId | None = None
    documents: Many[Text] = ()
    text: Text | None = None


class NoticeIssued(Event):
    """CBP issued a formal notice to an importer."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    notice_id: Number
    kind: NoticeKind
    issued_on: FactDate
    mailed_on: FactDate | None = None
    due_on: PeriodDate | None = None
    port: Port | None = None
    further_entry_numbers: Listed[EntryNumber] = ()
    issue: Issue | None = None
    heading: Heading | None = None
    line_ids: Annotated[Many[LineId], Field(max_length=MAX_LINES)] = ()
    ground: Literal["marking", "textiles", "other"] | None = None
    examined_at: Literal["dock", "premises"] | None = None
    examined_on: FactDate | None = None
    amount_cents: Amount | None = None
    text: Text | None = None


class PartyAnswered(Event):
    """The importer or filer answered a notice or a request for documents."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    notice_id: Number | None = None
    kind: NoticeKind | Literal["documents"] | None = None
    answered_on: FactDate
    documents: Many[Text] = ()
    text: Text | None = None
