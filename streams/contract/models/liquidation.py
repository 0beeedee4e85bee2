"""The way of an entry to its liquidation and beyond."""

from typing import Literal

from streams.contract.models.base import Event, Many
from streams.contract.models.moments import FactDate, PeriodDate
from streams.contract.models.numbers import (
    Amount,
    EntryNumber,
    ImporterNumber,
    Issue,
    SignedAmount,
    SuspensionCode,
    Text,
)


class LiquidationScheduled(Event):
    """ACE reports the day on which an entry is to be liquidated; overrides the forecast."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    liquidation_date: FactDate


class LiquidationExtended(Event):
    """Liquidation was extended by a year at most."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    code: Literal["49", "50", "51"]
    extended_on: FactDate
    extended_until: PeriodDate
    reason: Text | None = None


class LiquidationSuspended(Event):
    """Liquidation was suspended by statute or court."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    code: SuspensionCode
    suspended_on: FactDate
    reason: Text | None = None


class LiquidationSuspensionRemoved(Event):
    """A suspension of liquidation ended; CBP has 6 months from its notice (19 USC 1504(d))."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    code: SuspensionCode
    removed_on: FactDate
    reason: Text | None = None


class EntryLiquidated(Event):
    """An entry was liquidated."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    liquidated_on: FactDate
    duty_cents: Amount
    fee_cents: Amount | None = None
    tax_cents: Amount | None = None
    ad_cents: Amount | None = None
    cvd_cents: Amount | None = None
    interest_cents: SignedAmount | None = None
    difference_cents: SignedAmount | None = None


class EntryReliquidated(Event):
    """An entry was reliquidated."""

    entry_number: EntryNumber
    importer_of_record: ImporterNumber
    reliquidated_on: FactDate
    ground: Literal["voluntary", "protest", "claim", "court"] | None = None
    issues: Many[Issue] = ()
    duty_cents: Amount
    fee_cents: Amount | None = None
    tax_cents: Amount | None = None
    ad_cents: Amount | None = None
    cvd_cents: Amount | None = None
    interest_cents: SignedAmount | None = None
    difference_cents: SignedAmount | None = None
