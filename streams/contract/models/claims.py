"""Other filings of the trade: petitions, claims, inquiries, appeals."""

from typing import Literal

from streams.contract.models.base import Event, Listed, Part
from streams.contract.models.moments import FactDate
from streams.contract.models.numbers import (
    Amount,
    CenterSlug,
    EntryNumber,
    Heading,
    HtsusPart,
    ImporterNumber,
    Number,
    Port,
    SpecialProgram,
    Text,
)


class PetitionFiled(Event):
    """A petition against a penalty or a claim for liquidated damages was filed."""

    importer_of_record: ImporterNumber
    petition_number: Number
    kind: Literal["penalty", "liquidated_damages"]
    notice_id: Number | None = None
    port: Port | None = None
    filed_on: FactDate
    entry_numbers: Listed[EntryNumber] = ()
    text: Text | None = None


class PetitionDecided(Event):
    """A petition was decided."""

    importer_of_record: ImporterNumber
    petition_number: Number
    decided_on: FactDate
    decision: Literal["granted", "mitigated", "denied"]
    amount_cents: Amount | None = None
    text: Text | None = None


class ClaimFiled(Event):
    """A claim or declaration of the trade was filed."""

    claim_number: Number
    kind: Literal["preference_refund", "owner_declaration", "prior_disclosure", "domestic_party", "tib_extension"]
    importer_of_record: ImporterNumber | None = None
    filed_on: FactDate
    import_date: FactDate | None = None
    entry_numbers: Listed[EntryNumber] = ()
    htsus: HtsusPart | None = None
    agreement: SpecialProgram | None = None
    amount_cents: Amount | None = None
    text: Text | None = None


class InquiryReceived(Event):
    """The trade asked a question."""

    inquiry_number: Number
    importer_of_record: ImporterNumber | None = None
    received_on: FactDate
    subject: Text
    entry_number: EntryNumber | None = None
    htsus: HtsusPart | None = None
    industry: Text | None = None
    port: Port | None = None
    text: Text | None = None


class AppealData(Part):
    """Import data of an appeal for one heading and importer number (19 CFR 101.10(c)(5))."""

    importer_of_record: ImporterNumber
    heading: Heading
    period: Literal["projected", "prior"]
    lines: Amount
    value_usd: Amount


class AppealReceived(Event):
    """An importer appealed its Center assignment (19 CFR 101.10(c))."""

    importer_of_record: ImporterNumber
    appeal_number: Number
    received_on: FactDate
    current_center: CenterSlug | None = None
    preferred_center: CenterSlug | None = None
    importer_numbers: Listed[ImporterNumber] = ()
    bond_numbers: Listed[Number] = ()
    justification: Text | None = None
    import_data: Listed[AppealData] = ()
