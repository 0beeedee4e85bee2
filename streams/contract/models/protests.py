"""Protests, and what goes with them."""

from typing import Literal

from streams.contract.models.base import Event, Listed, Part
from streams.contract.models.moments import FactDate
from streams.contract.models.numbers import (
    CenterSlug,
    EntryNumber,
    Heading,
    ImporterNumber,
    Issue,
    Number,
    Port,
    ProtestNumber,
    Text,
)


class ProtestedEntry(Part):
    """An entry that a protest lists (19 CFR 174.13)."""

    entry_number: EntryNumber
    port_of_entry: Port | None = None
    entry_date: FactDate | None = None
    liquidation_date: FactDate | None = None


class ProtestFiled(Event):
    """A protest (CBP Form 19 or electronic) was filed; it may cover entries of many ports."""

    importer_of_record: ImporterNumber
    protest_number: ProtestNumber
    protest_type: Literal["1", "2", "3", "4"]
    protestant: Number
    protestant_role: Literal["importer", "consignee", "surety", "drawback_claimant", "other"]
    filed_on: FactDate
    against: Literal["liquidation", "reliquidation", "exclusion", "decision"]
    decision_on: FactDate | None = None
    issue: Issue
    category: Heading | None = None
    accelerated: bool
    further_review: bool
    center: CenterSlug | None = None
    entries: Listed[ProtestedEntry] = ()
    text: Text | None = None


class ProtestAmended(Event):
    """A protest was amended while its window is open."""

    importer_of_record: ImporterNumber
    protest_number: ProtestNumber
    amended_on: FactDate
    added_entries: Listed[ProtestedEntry] = ()
    issue: Issue | None = None
    text: Text | None = None


class ProtestWithdrawn(Event):
    """A protest was withdrawn."""

    importer_of_record: ImporterNumber
    protest_number: ProtestNumber
    withdrawn_on: FactDate


class ProtestRequestAdded(Event):
    """A request that goes with a protest was made."""

    importer_of_record: ImporterNumber
    protest_number: ProtestNumber
    request: Literal["accelerated", "further_review", "void", "set_aside"]
    requested_on: FactDate
    text: Text | None = None
