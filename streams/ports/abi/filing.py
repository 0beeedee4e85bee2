"""One summary as it stands in a batch, judged: its fields, or all that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from streams.contract.models import EntrySummary
from streams.ports.abi.contract import summary_model
from streams.ports.abi.dates import date_of
from streams.ports.abi.envelope import block_faults
from streams.ports.abi.faults import Fault, Record, Stage, field_fault, in_order, record_fault
from streams.ports.abi.fields import (
    ReadRecord,
    check_digit_faults,
    code_faults,
    companion_faults,
    date_faults,
    port_notices,
    presence_faults,
    read_record,
)
from streams.ports.abi.identify import is_agency_record
from streams.ports.abi.layout import RECORD_LENGTH, layouts
from streams.ports.abi.mapping import Fields, summary_fields
from streams.ports.abi.origin import origin_of
from streams.ports.abi.structure import order_faults, structure_records
from streams.ports.abi.totals import SUMMED, total_faults
from streams.ports.numbers import CheckDigitOffsets, normalised_importer_number

ADD: Final = "A"
REPLACE: Final = "R"
DELETE: Final = "D"


@dataclass(frozen=True, slots=True)
class BatchMark:
    """What names a batch in its answer: both carry the same site, transmitter and text of the user."""

    site_code: str
    transmitter_id: str
    user_text: str
    batch_date: date | None


@dataclass(frozen=True, slots=True)
class Filing:
    """What a filer asks of one summary, or the group of records that could have been one.

    `summary` is the contract's `entry_summary` as far as the filing tells it (version and time of acceptance only
    stand in for CBP's); None for a deletion and wherever there are faults. `withheld` says that the envelope around
    it is damaged. `agency_records` are the raw release and partner-agency records. `notices` do not stand against
    the filing.
    """

    batch: int
    block: int
    first_record: int
    last_record: int
    mark: BatchMark
    action: str = ""
    is_correction: bool = False
    entry_number: str = ""
    filer_code: str = ""
    port_of_entry: str = ""
    importer_of_record: str = ""
    summary: EntrySummary | None = None
    agency_records: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notices: tuple[Fault, ...] = ()
    withheld: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether nothing stands against the filing, in itself or around it."""
        return not self.faults and not self.withheld


@dataclass(slots=True)
class Draft:
    """The records of one summary as they are gathered, and what surrounds them."""

    batch: int
    block: int
    batch_values: Mapping[str, str]
    block_values: Mapping[str, str]
    withheld: bool
    records: list[Record] = field(default_factory=list)
    agency_records: list[Record] = field(default_factory=list)
    end: int = 0
    """How many records there are up to the first that ends a summary (90); 0 before it has come."""

    def add(self, record: Record) -> None:
        """Take the next record of the summary."""
        if is_agency_record(record.id):
            self.agency_records.append(record)
        else:
            self.records.append(record)
            if record.id == "90" and not self.end:
                self.end = len(self.records)

    def take_behind_end(self) -> list[Record]:
        """Remove what stands behind the end of the summary, and return it."""
        behind = self.records[self.end :] if self.end else []
        del self.records[len(self.records) - len(behind) :]
        return behind

    def mark(self) -> BatchMark:
        """Return what names the draft's batch."""
        values = self.batch_values
        return BatchMark(
            values.get("site_code", ""),
            values.get("transmitter_id", ""),
            values.get("user_text", ""),
            date_of(values.get("batch_date", "")),
        )


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges drafts: `offsets` are the check digits that some filers may use."""

    offsets: CheckDigitOffsets

    def judged(self, draft: Draft) -> Filing:
        """Take a draft through all stages; every fault is named, none hides its neighbours."""
        batch, known = draft.batch, structure_records()
        sound = [record for record in draft.records if record.is_whole and record.id in known]
        faults = list(_record_faults(batch, [*draft.records, *draft.agency_records], known))
        reads = []
        for record in sound:
            read, broken = read_record(batch, record)
            reads.append(read)
            faults.extend(broken)
        header = reads[0] if reads and reads[0].record is draft.records[0] and reads[0].id == "10" else None
        is_deletion = header is not None and header.values.get("action") == DELETE
        faults.extend(self._order_faults(draft, known, is_deletion=is_deletion))
        if header is not None:
            faults.extend(block_faults(batch, header.record, header.values, draft.block_values))
        faults.extend(self._field_faults(batch, reads, is_deletion=is_deletion))
        if header is not None and not is_deletion and not _hinders_sums(faults):
            faults.extend(total_faults(batch, reads, _fee_day(reads, draft)))
        return self._filing(draft, header, reads, faults)

    def _order_faults(self, draft: Draft, known: frozenset[str], *, is_deletion: bool) -> list[Fault]:
        first = [*draft.records, *draft.agency_records][0]
        if first.id != "10":
            wrong = "a summary begins with record 10, and there is none before this record"
            return [record_fault(Stage.ORDER, draft.batch, first, wrong, "give the header (10) first")]
        identified = [record if record.id in known else record._replace(id="") for record in draft.records]
        return order_faults(draft.batch, identified, is_deletion=is_deletion)

    def _field_faults(self, batch: int, reads: Sequence[ReadRecord], *, is_deletion: bool) -> Iterator[Fault]:
        for read in reads:
            yield from companion_faults(batch, read)
            yield from check_digit_faults(batch, read, self.offsets)
            yield from date_faults(batch, read)
            yield from code_faults(batch, read)
            if not is_deletion:
                yield from presence_faults(batch, read)

    def _filing(
        self, draft: Draft, header: ReadRecord | None, reads: Sequence[ReadRecord], faults: list[Fault]
    ) -> Filing:
        values = header.values if header is not None else {}
        action = values.get("action", "")
        summary = None
        if not faults and action != DELETE:
            summary = _mapped(draft, reads, faults)
        every = [*draft.records, *draft.agency_records]
        return Filing(
            batch=draft.batch,
            block=draft.block,
            first_record=min(record.number for record in every),
            last_record=max(record.number for record in every),
            mark=draft.mark(),
            action=action,
            is_correction=bool(values.get("post_summary_correction")),
            entry_number=values.get("filer_code", "") + values.get("entry_number", "") if header else "",
            filer_code=draft.block_values.get("processing_filer") or values.get("filer_code", ""),
            port_of_entry=values.get("port_of_entry", ""),
            importer_of_record=_importer(reads),
            summary=summary,
            agency_records=tuple(record.text for record in draft.agency_records),
            faults=in_order(faults),
            notices=tuple(notice for read in reads for notice in port_notices(draft.batch, read)),
            withheld=draft.withheld,
        )


def _mapped(draft: Draft, reads: Sequence[ReadRecord], faults: list[Fault]) -> EntrySummary | None:
    """Make the contract's summary of faultless records, or add what the contract has against it."""
    fields = summary_fields(reads, draft.block_values)
    faults.extend(_correction_faults(draft.batch, reads[0], fields))
    summary, complaints = summary_model(fields)
    for complaint in complaints:
        read, item = origin_of(complaint.path, reads)
        stage, wrong = Stage.MAPPING, str(complaint)
        if item is None:
            faults.append(record_fault(stage, draft.batch, read.record, wrong, "correct the record"))
        else:
            faults.append(field_fault(stage, draft.batch, read.record, item, wrong, "correct the field"))
    return None if faults else summary


def _record_faults(batch: int, records: Sequence[Record], known: frozenset[str]) -> Iterator[Fault]:
    """Check length and identifier of each record."""
    for record in records:
        length = len(record.text)
        if length != RECORD_LENGTH:
            wrong = f"the record has {length} characters"
            remedy = "fill it up with spaces to 80" if length < RECORD_LENGTH else "cut it to 80"
            if not record.text.isascii():
                wrong = f"the record has {length} bytes, and characters that are not ASCII"
                remedy = "write it in ASCII, 80 characters"
            yield record_fault(Stage.LENGTH, batch, record, wrong, remedy)
        if record.id and (record.id in known or not record.id.isdigit()) and record.id not in {"E0", "E1"}:
            continue
        wrong = f"{record.id} is a record of answers" if record.id else "no record begins like this"
        yield Fault(
            Stage.IDENTIFIER, batch, record.number, record.id, 1, 2, "record_id", wrong, "correct the identifier"
        )


def _hinders_sums(faults: Sequence[Fault]) -> bool:
    """Whether the lines cannot be added up: a record that is missing, or of the wrong place, length or class."""
    return any(
        fault.stage in {Stage.LENGTH, Stage.IDENTIFIER, Stage.ORDER}
        or (fault.stage in {Stage.CLASS, Stage.CODES} and fault.record_id in SUMMED | {"40"})
        for fault in faults
    )


def _fee_day(reads: Sequence[ReadRecord], draft: Draft) -> date | None:
    """The day that decides which year's fee limits apply."""
    for read in reads:
        if read.id == "11":
            days = (date_of(read.values.get(name, "")) for name in ("estimated_entry_date", "import_date"))
            return next((day for day in days if day), draft.mark().batch_date)
    return draft.mark().batch_date


def _importer(reads: Sequence[ReadRecord]) -> str:
    """Return the importer's number in its one form, empty where none can be read."""
    numbers = (read.values.get("importer_of_record", "") for read in reads if read.id == "11")
    return normalised_importer_number(next(numbers, "")) or ""


def _correction_faults(batch: int, header: ReadRecord, summary: Fields) -> Iterator[Fault]:
    """A correction needs header or line reason codes and an explanation (AE, usage of records 35, 36, 63)."""
    if not header.values.get("post_summary_correction"):
        return
    needs = (("psc_reasons", "a reason (record 35 or 63)"), ("psc_explanation", "an explanation (record 36)"))
    for name, what in needs:
        if not summary[name]:
            item = layouts()["10"].field("post_summary_correction")
            yield field_fault(
                Stage.MAPPING, batch, header.record, item, f"the correction lacks {what}", "add the record"
            )
