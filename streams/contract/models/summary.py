"""The entry summary and its parts, and what must hold across them.

Source: ACE ABI CATAIR Entry Summary Create/Update, July 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from streams.contract.models.base import Many, Part
from streams.contract.models.moments import FactDate, HappenedAt
from streams.contract.models.numbers import (
    Amount,
    CaseNumber,
    CenterCode,
    ClassCode,
    Country,
    EntryNumber,
    EntryType,
    FilerCode,
    Htsus,
    ImporterNumber,
    LineId,
    ManufacturerId,
    PartyNumber,
    Port,
    SpecialProgram,
    TeamNumber,
    ThreeCharacters,
    TwoDigits,
    Unit,
    Version,
)
from streams.contract.models.together import Broken, validated_together

MAX_LINES: Final = 998
MAX_TARIFFS: Final = 32
MAX_QUANTITIES: Final = 3
MAX_EXPLANATION: Final = 99 * 75
"""Characters: AE takes 99 records 36 of 75 each."""
_FEWEST_COMPONENTS: Final = 2


class TariffQuantity(Part):
    """A quantity of a tariff number in one unit of measure; unit X has none."""

    quantity_hundredths: Amount | None = None
    unit: Unit


class LineTariff(Part):
    """One tariff number of a line, with what rests on it."""

    htsus: Htsus
    duty_cents: Amount
    value_usd: Amount
    quantities: Annotated[Many[TariffQuantity], Field(max_length=MAX_QUANTITIES)] = ()


class LineAdCvd(Part):
    """An antidumping or countervailing duty case on a line."""

    case_number: CaseNumber
    duty_cents: Amount


class LineFee(Part):
    """A fee, tax or other revenue on a line."""

    class_code: ClassCode
    amount_cents: Amount


class EntrySummaryLine(Part):
    """One line of an entry summary."""

    line_id: LineId
    article_set: Literal["", "X", "V"]
    country_of_origin: Country
    country_of_export: Country | None = None
    special_program: SpecialProgram | None = None
    charges_usd: Amount | None = None
    gross_weight_kg: Amount | None = None
    manufacturer_id: ManufacturerId | None = None
    tariffs: Annotated[Many[LineTariff], Field(min_length=1, max_length=MAX_TARIFFS)]
    ad_cvd: Many[LineAdCvd] = ()
    fees: Many[LineFee] = ()


class EntrySummaryTotals(Part):
    """Grand totals of an entry summary; zero where there is none."""

    duty_cents: Amount
    fee_cents: Amount
    tax_cents: Amount
    ad_cents: Amount
    cvd_cents: Amount
    other_cents: Amount


class EntrySummary(Part):
    """A whole entry summary in one version."""

    entry_number: EntryNumber
    version: Version
    accepted_at: HappenedAt
    filer_code: FilerCode
    preparer_filer: FilerCode | None = None
    port_of_entry: Port
    port_of_unlading: Port | None = None
    exam_port: Port | None = None
    entry_type: EntryType
    mode_of_transport: TwoDigits | None = None
    importer_of_record: ImporterNumber
    consignee: PartyNumber | None = None
    notify_party: PartyNumber | None = None
    estimated_entry_date: FactDate | None = None
    import_date: FactDate | None = None
    entry_date: FactDate | None = None
    release_date: FactDate | None = None
    summary_date: FactDate | None = None
    bond_type: Literal["8", "9"] | None = None
    surety_code: ThreeCharacters | None = None
    bond_amount_usd: Amount | None = None
    bond_waiver_reason: Literal["995", "996", "997", "998", "999"] | None = None
    team_number: TeamNumber | None = None
    center: CenterCode | None = None
    psc_reasons: Many[ThreeCharacters] = ()
    psc_explanation: Annotated[str, Field(min_length=1, max_length=MAX_EXPLANATION)] | None = None
    census_warnings: Many[ThreeCharacters] = ()
    totals: EntrySummaryTotals
    lines: Annotated[Many[EntrySummaryLine], Field(min_length=1, max_length=MAX_LINES)]

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - any input
        return validated_together(cls.__name__, data, handler, _faults_across)


def _faults_across(summary: Mapping[str, Any]) -> Iterator[Broken]:
    """Yield what is wrong between the fields of a summary, whether or not each of them is right by itself."""
    if all(summary.get(name) is None for name in ("entry_date", "release_date", "estimated_entry_date")):
        yield ("estimated_entry_date",), "is missing, and there is neither entry date nor release date"
    lines = summary.get("lines")
    if isinstance(lines, list | tuple):
        yield from _line_id_faults(lines)
        yield from _article_set_faults(lines)


def _line_id_faults(lines: Sequence[Any]) -> Iterator[Broken]:
    known: set[str] = set()
    for at, line in enumerate(lines):
        line_id = line.get("line_id") if isinstance(line, dict) else None
        if isinstance(line_id, str):
            if line_id in known:
                yield ("lines", at, "line_id"), "is the identifier of an earlier line"
            known.add(line_id)


def _article_set_faults(lines: Sequence[Any]) -> Iterator[Broken]:
    """Yield where a set's header (X) is not followed by two or more components (V), or a component has no header."""
    members = [line.get("article_set") if isinstance(line, dict) else None for line in lines]
    header, components = -1, 0
    for at, member in enumerate([*members, None]):
        if member == "V":
            components += 1
            if header < 0:
                yield ("lines", at, "article_set"), "a component (V) follows neither a header (X) nor a component"
            continue
        if header >= 0 and components < _FEWEST_COMPONENTS:
            yield ("lines", header, "article_set"), "a header (X) is followed by two or more components (V)"
        header, components = (at, 0) if member == "X" else (-1, 0)
