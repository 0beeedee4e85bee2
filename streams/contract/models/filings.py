"""Events about an entry and its summary, from filing to payment, and corrections."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import ModelWrapValidatorHandler, model_validator

from streams.contract.models.base import Event, Many
from streams.contract.models.moments import FactDate, HappenedAt
from streams.contract.models.numbers import (
    Amount,
    EntryNumber,
    EntryType,
    FilerCode,
    ImporterNumber,
    Number,
    Port,
    Text,
    ThreeCharacters,
    Version,
)
from streams.contract.models.summary import EntrySummary
from streams.contract.models.together import Broken, validated_together


class EntryFiled(Event):
    """An entry (the request for release) was filed.

    Its summary is due 10 working days after the time of entry (19 CFR 142.12(b)).
    """

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    port_of_entry: Port
    entry_type: EntryType
    filed_at: HappenedAt
    time_of_entry: HappenedAt


class EntrySummaryAccepted(Event):
    """CBP accepted an entry summary that the filer added."""

    summary: EntrySummary


class EntrySummaryReplaced(Event):
    """CBP accepted a replacement of an entry summary; it wipes what was there. May name another importer."""

    summary: EntrySummary


class EntrySummaryReplaceFailed(Event):
    """A replacement failed with a fatal error; under trade control this deletes the summary (AE, implicit delete)."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber | None = None
    failed_at: HappenedAt
    conditions: Many[ThreeCharacters] = ()
    text: Text | None = None


class EntrySummaryRejected(Event):
    """CBP sent an entry summary back; the filer has to replace it."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    rejected_on: FactDate
    reason: Text | None = None
    text: Text | None = None


class EntrySummaryDeleted(Event):
    """The filer deleted an entry summary under trade control."""

    entry_number: EntryNumber
    deleted_at: HappenedAt
    filer_code: FilerCode | None = None
    port_of_entry: Port | None = None


class EntrySummaryControlChanged(Event):
    """Control over an entry summary went to CBP or back to trade."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    control: Literal["trade", "cbp"]


class EntrySummaryInactivated(Event):
    """CBP made an entry summary inactive."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    inactivated_on: FactDate
    reason: Text | None = None


class EntrySummaryCancelled(Event):
    """CBP cancelled an entry summary."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    cancelled_on: FactDate
    reason: Text | None = None


class EntrySummaryPaid(Event):
    """Duties, taxes and fees of an entry summary were paid."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    paid_on: FactDate
    amount_cents: Amount | None = None
    statement_number: Number | None = None


class EntryDateSet(Event):
    """CBP fixed or changed the date of entry."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    entry_date: FactDate
    basis: Literal["release", "filing", "correction"] | None = None


class PscAccepted(Event):
    """CBP accepted a post-summary correction: a whole new version, with its reasons and an explanation."""

    summary: EntrySummary

    @model_validator(mode="wrap")
    @classmethod
    def _explained(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - any input
        return validated_together(cls.__name__, data, handler, _correction_faults)


class PscRejected(Event):
    """CBP rejected a post-summary correction; the former version stands."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    rejected_on: FactDate
    version: Version | None = None
    reason: Text | None = None
    text: Text | None = None


class PscReverted(Event):
    """CBP took an accepted post-summary correction back; an earlier version stands again."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    reverted_on: FactDate
    version: Version | None = None
    reason: Text | None = None


def _correction_faults(event: Mapping[str, Any]) -> Iterator[Broken]:
    """Yield what a correction lacks (ACE ABI CATAIR Entry Summary Create/Update, records 35, 36, 63)."""
    summary = event.get("summary")
    if isinstance(summary, dict):
        if not summary.get("psc_reasons"):
            yield ("summary", "psc_reasons"), "a correction gives the reason of its header or of a line"
        if not summary.get("psc_explanation"):
            yield ("summary", "psc_explanation"), "a correction is explained"
