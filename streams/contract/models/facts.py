"""Facts about importers and cargo that others own."""

from typing import Annotated, Literal

from pydantic import Field

from streams.contract.models.base import Event, Many
from streams.contract.models.moments import FactDate
from streams.contract.models.numbers import (
    EntryNumber,
    ImporterNumber,
    LineId,
    Number,
    Port,
    Text,
)
from streams.contract.models.summary import MAX_LINES


class ImporterProfileChanged(Event):
    """CBP's file about an importer changed."""

    importer_of_record: ImporterNumber
    eligible: bool
    changed_on: FactDate
    status: Literal["active", "voided", "inactive"] | None = None
    is_broker: bool | None = None
    bond_status: Literal["sufficient", "insufficient", "missing"] | None = None
    bond_number: Number | None = None


class PortNotice(Event):
    """A port tells of cargo in its own hands."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    kind: Literal["sampling", "examination", "seizure", "export", "release"]
    port: Port
    noticed_on: FactDate
    line_ids: Annotated[Many[LineId], Field(max_length=MAX_LINES)] = ()
    text: Text | None = None
