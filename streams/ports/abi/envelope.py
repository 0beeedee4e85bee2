"""The envelope of a file: batches `A … Z` with blocks `B … Y`, and what is damaged of it.

An envelope is judged only at its end, so a file is read twice: once for its envelopes, once for the summaries. What
a damaged envelope holds is withheld, as CBP refuses such a batch or block as a whole; its neighbours are read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from streams.ports.abi.dates import date_of
from streams.ports.abi.faults import Fault, Record, Stage, field_fault, in_order, quoted, record_fault
from streams.ports.abi.fields import class_fault
from streams.ports.abi.identify import ENVELOPE
from streams.ports.abi.layout import RECORD_LENGTH, layouts
from streams.ports.numbers import FILER_CODE

# Which fields of an envelope's two ends have to agree.
BATCH_PAIRS: Final = ("site_code", "transmitter_id", "batch_date", "office_code")
BLOCK_PAIRS: Final = ("processing_port", "processing_filer", "application_id", "filer_office")
AGREE: Final = "make both ends of the envelope agree"
GIVEN_FOR: Final = {"AE": "give the batch (AE) as the file", "AX": "give CBP's answers (AX) as --answers"}


@dataclass(slots=True)
class EnvelopeDamage:
    """What is wrong with one batch's envelope: all of it, or some of its blocks (counted from 1 in the batch)."""

    faults: list[Fault] = field(default_factory=list)
    whole_batch: bool = False
    blocks: set[int] = field(default_factory=set)

    def covers(self, block: int) -> bool:
        """Whether a block's summaries are withheld."""
        return self.whole_batch or block in self.blocks


class Envelope:
    """Where in the file a record stands; collects `damage` by batch as records are fed in order.

    `batch` and `block` count from 1; a record before any A or B opens one of its own, with a fault, and so does a Y
    that closes none.
    """

    def __init__(self, application: str) -> None:
        self.application = application
        self.batch = 0
        self.block = 0
        self.batch_values: Mapping[str, str] = {}
        self.block_values: Mapping[str, str] = {}
        self.damage: dict[int, EnvelopeDamage] = {}
        self._batch_open = False
        self._block_open = False
        self._last = Record(1, "", "")

    def feed(self, record: Record) -> None:
        """Take the next record of the file, whichever it is."""
        if record.id in ENVELOPE:
            _OPENERS_AND_CLOSERS[record.id](self, record)
        elif not self._block_open:
            self._open_block_without(record)
        self._last = record

    def finish(self) -> None:
        """Take the end of the file."""
        if self.batch == 0:
            self._fault(self._last, "A", "the file holds no record", "send the file again")
        if self._batch_open:
            self._close_missing_block(self._last)
            wrong = "the file ends without the batch's record Z"
            self._fault(self._last, "Z", wrong, "send the whole file again")
            self._batch_open = False

    def batch_date(self) -> date | None:
        """The open batch's date, None where it has none that is one."""
        return date_of(self.batch_values.get("batch_date", ""))

    def _open_batch(self, record: Record) -> None:
        if self._batch_open:
            self._close_missing_block(record)
            self._fault(record, "Z", "a batch begins before the former one has its record Z", "close it with Z")
        self.batch, self.block = self.batch + 1, 0
        self._batch_open, self._block_open = True, False
        self.batch_values = self._values(record)
        application = self.batch_values.get("application_id", "")
        if application and application != self.application:
            wrong = f"the application is {application}, not {self.application}"
            self._field_fault(record, "application_id", wrong, GIVEN_FOR[self.application], Stage.ENVELOPE)

    def _open_block(self, record: Record) -> None:
        if not self._batch_open:
            self._open_batch_without(record)
        self._close_missing_block(record)
        self.block += 1
        self._block_open = True
        self.block_values = self._values(record)
        application = self.block_values.get("application_id", "")
        if application and application != self.batch_values.get("application_id", application):
            wrong = f"the application is {application}, in the batch's record A it is another"
            self._field_fault(record, "application_id", wrong, AGREE, Stage.ENVELOPE)
        for name in ("processing_filer", "preparer_filer"):
            filer = self.block_values.get(name, "")
            if filer and FILER_CODE.fullmatch(filer) is None:
                wrong = f"{filer!r} is not a filer code"
                self._field_fault(record, name, wrong, "give the filer's three characters", Stage.CODES)

    def _close_block(self, record: Record) -> None:
        if not self._batch_open:
            self._open_batch_without(record)
        if not self._block_open:
            self.block += 1
            self._fault(record, "Y", "record Y closes no block", "open the block with B or leave Y out")
            return
        self._compare(record, "B", self.block_values, BLOCK_PAIRS)
        self._block_open = False

    def _close_batch(self, record: Record) -> None:
        if not self._batch_open:
            self._open_batch_without(record)
        self._close_missing_block(record)
        self._compare(record, "A", self.batch_values, BATCH_PAIRS)
        self._batch_open = False

    def _open_batch_without(self, record: Record) -> None:
        self.batch, self.block = self.batch + 1, 0
        self._batch_open, self._block_open = True, False
        self.batch_values = {}
        self._fault(record, "A", "the batch has no record A before this record", "begin the batch with its record A")

    def _open_block_without(self, record: Record) -> None:
        if not self._batch_open:
            self._open_batch_without(record)
        self.block += 1
        self._block_open = True
        self.block_values = {}
        self._fault(record, "B", "the block has no record B before this record", "begin the block with its record B")

    def _close_missing_block(self, record: Record) -> None:
        if self._block_open:
            self._fault(record, "Y", "the block has no record Y before this record", "close the block with record Y")
            self._block_open = False

    def _values(self, record: Record) -> Mapping[str, str]:
        """Read an envelope record; what cannot be read is a fault and absent."""
        layout = layouts()[record.id]
        if not record.is_whole:
            wrong = f"the record has {len(record.text)} characters"
            self._note(record_fault(Stage.LENGTH, self.batch, record, wrong, f"send {RECORD_LENGTH} characters"))
            return {}
        broken = {bad.name for bad in layout.violations(record.text)}
        for bad in layout.violations(record.text):
            self._note(class_fault(self.batch, record, bad))
        values = {item.name: item.text_in(record.text).rstrip() for item in layout.fields if item.is_read}
        if "batch_date" in values and "batch_date" not in broken and date_of(values["batch_date"]) is None:
            found = quoted(record, layout.field("batch_date"))
            self._field_fault(record, "batch_date", f"{found} is not a date", "give MMDDYY", Stage.DATES)
        return {name: value for name, value in values.items() if name not in broken}

    def _compare(self, record: Record, opener: str, opened: Mapping[str, str], names: Iterable[str]) -> None:
        closing = self._values(record)
        for name in names:
            if name in opened and name in closing and opened[name] != closing[name]:
                found = quoted(record, layouts()[record.id].field(name))
                wrong = f"{found} differs from the {name} of record {opener}"
                self._field_fault(record, name, wrong, AGREE, Stage.ENVELOPE)

    def _field_fault(self, record: Record, name: str, wrong: str, remedy: str, stage: Stage) -> None:
        item = layouts()[record.id].field(name)
        self._note(field_fault(stage, self.batch, record, item, wrong, remedy))

    def _fault(self, record: Record, end: str, wrong: str, remedy: str) -> None:
        self._note(record_fault(Stage.ENVELOPE, max(1, self.batch), record, wrong, remedy), end)

    def _note(self, fault: Fault, end: str = "") -> None:
        damage = self.damage.setdefault(max(1, self.batch), EnvelopeDamage())
        damage.faults.append(fault)
        if (end or fault.record_id) in {"A", "Z"}:
            damage.whole_batch = True
        else:
            damage.blocks.add(self.block)


_OPENERS_AND_CLOSERS: Final = {
    "A": Envelope._open_batch,  # noqa: SLF001 - the table belongs to the class
    "B": Envelope._open_block,  # noqa: SLF001
    "Y": Envelope._close_block,  # noqa: SLF001
    "Z": Envelope._close_batch,  # noqa: SLF001
}


def envelope_damage(records: Iterable[Record], application: str) -> dict[int, EnvelopeDamage]:
    """Read all records of a file and return what is damaged of its envelopes, by batch."""
    envelope = Envelope(application)
    for record in records:
        envelope.feed(record)
    envelope.finish()
    for damage in envelope.damage.values():
        damage.faults = list(in_order(damage.faults))
    return envelope.damage


def block_faults(batch: int, header: Record, values: Mapping[str, str], block: Mapping[str, str]) -> Sequence[Fault]:
    """Find what a summary's header says against its block: another filer, another district.

    Source: Batch and Block Control, section c. A correction may come from another filer than the entry's.
    """
    faults = []
    filer, port = values.get("filer_code", ""), values.get("port_of_entry", "")
    of_block = block.get("processing_filer", filer)
    if filer and filer != of_block and not values.get("post_summary_correction"):
        faults.append(_against_block(batch, header, "filer_code", f"the block's filer is {of_block}"))
    district = block.get("processing_port", port)[:2]
    if port and not _same_district(port[:2], district):
        faults.append(_against_block(batch, header, "port_of_entry", f"the block's port district is {district}"))
    return faults


# Districts 10, 46 and 47 (New York and Newark) may be mixed in one block.
NEW_YORK_DISTRICTS: Final = frozenset({"10", "46", "47"})


def _same_district(one: str, other: str) -> bool:
    return one == other or {one, other} <= NEW_YORK_DISTRICTS


def _against_block(batch: int, header: Record, name: str, wrong: str) -> Fault:
    item = layouts()["10"].field(name)
    found = f"{quoted(header, item)}: {wrong}"
    return field_fault(Stage.ENVELOPE, batch, header, item, found, "file the summary in a block of its own")
