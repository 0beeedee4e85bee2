"""Take a summary's records apart into fields, and check field by field: class, check digit, dates, codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from streams.ports.abi.codes import code_rules, known_ports
from streams.ports.abi.dates import date_of
from streams.ports.abi.faults import Fault, Record, Stage, field_fault, quoted
from streams.ports.abi.layout import CLASS_NAMES, Field, layouts
from streams.ports.numbers import (
    FILER_CODE,
    NO_OFFSETS,
    CheckDigitOffsets,
    false_check_digit,
    has_true_check_digit,
)


@dataclass(slots=True)
class ReadRecord:
    """A record and its fields' texts, trailing blanks cut; a field of the wrong class is absent."""

    record: Record
    values: Mapping[str, str]
    id: str

    def raw(self, name: str) -> str:
        """Return a field's text with all its blanks."""
        return layouts()[self.record.id].field(name).text_in(self.record.text)

    def cents(self, name: str) -> int:
        """Read an amount with two implied decimals in cents; 0 where the field is blank."""
        return int(self.values.get(name) or 0)

    def number(self, name: str) -> int | None:
        """Read a whole number; None where the field is blank."""
        text = self.values.get(name)
        return int(text) if text else None

    def text(self, name: str) -> str | None:
        """Read a text; None where the field is blank."""
        return self.values.get(name) or None


def read_record(batch: int, record: Record) -> tuple[ReadRecord, list[Fault]]:
    """Take a whole record with a known identifier apart; one fault for each field of the wrong class."""
    layout = layouts()[record.id]
    values = layout.read(record.text)
    if values is not None:
        return ReadRecord(record, values, record.id), []
    broken = list(layout.violations(record.text))
    names = {bad.name for bad in broken if bad.is_read}
    kept = {
        item.name: item.text_in(record.text).rstrip()
        for item in layout.fields
        if item.is_read and item.name not in names
    }
    return ReadRecord(record, kept, record.id), [class_fault(batch, record, bad) for bad in broken]


def class_fault(batch: int, record: Record, bad: Field) -> Fault:
    """Say that a field is not of its class."""
    if bad.is_mandatory and not bad.text_in(record.text).strip():
        return field_fault(Stage.CLASS, batch, record, bad, "the field is blank and may not be", f"give {bad.name}")
    expected = CLASS_NAMES[bad.kind]
    return field_fault(
        Stage.CLASS, batch, record, bad, f"{quoted(record, bad)} is not of its class", f"give {expected}"
    )


# Where entry numbers stand: record, filer field, number field.
ENTRY_NUMBER_FIELDS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "10": (("filer_code", "entry_number"),),
    "30": (("warehouse_entry_filer", "warehouse_entry_number"),),
    "32": tuple((f"release_filer_{place}", f"release_entry_number_{place}") for place in range(1, 7)),
}


def check_digit_faults(batch: int, read: ReadRecord, offsets: CheckDigitOffsets = NO_OFFSETS) -> Iterator[Fault]:
    """Check the entry numbers of a record."""
    for filer_name, number_name in ENTRY_NUMBER_FIELDS.get(read.id, ()):
        filer, number = read.values.get(filer_name, ""), read.values.get(number_name, "")
        if not filer or not number or has_true_check_digit(filer + number, offsets):
            continue
        item = layouts()[read.id].field(number_name)
        is_number = FILER_CODE.fullmatch(filer) and number.isdigit() and len(number) == item.length
        if is_number:
            wrong = false_check_digit(filer + number)
        else:
            wrong = (
                f"{filer + number!r} is not an entry number: three characters of the filer, seven digits, a check digit"
            )
        yield field_fault(Stage.CHECK_DIGIT, batch, read.record, item, wrong, "correct the entry number")


@cache
def _date_fields(record: str) -> tuple[Field, ...]:
    return tuple(item for item in layouts()[record].fields if item.kind == "D")


def date_faults(batch: int, read: ReadRecord) -> Iterator[Fault]:
    """Check that each date of a record is a day of the calendar."""
    for item in _date_fields(read.id):
        text = read.values.get(item.name)
        if text and date_of(text) is None:
            yield field_fault(
                Stage.DATES, batch, read.record, item, f"{quoted(read.record, item)} is not a date", "give MMDDYY"
            )


def code_faults(batch: int, read: ReadRecord) -> Iterator[Fault]:
    """Check the codes of a record."""
    for rule in code_rules().get(read.id, ()):
        for name in rule.fields:
            value = read.values.get(name)
            if value and not rule.allows(value):
                item = layouts()[read.id].field(name)
                wrong = f"{quoted(read.record, item)} is not {rule.meaning}"
                yield field_fault(Stage.CODES, batch, read.record, item, wrong, rule.remedy)


def port_notices(batch: int, read: ReadRecord) -> Iterator[Fault]:
    """Point out ports that the list of ports lacks; the list is not complete."""
    for name in PORT_FIELDS.get(read.id, ()):
        port = read.values.get(name)
        if port and port not in known_ports():
            item = layouts()[read.id].field(name)
            wrong = f"port {port} is not among the ports we know"
            yield field_fault(Stage.CODES, batch, read.record, item, wrong, "check it")


PORT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {"10": ("port_of_entry",), "20": ("port_of_unlading", "exam_port")}

# What an added or replaced summary has to say although the layout calls it conditional.
NEEDED_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "10": ("electronic_signature",),
    "90": ("total_duty", "total_user_fees", "total_ir_tax", "total_ad", "total_cvd"),
}


def presence_faults(batch: int, read: ReadRecord) -> Iterator[Fault]:
    """Check that an added or replaced summary is signed and gives all grand totals, zero if none."""
    for name in NEEDED_FIELDS.get(read.id, ()):
        if read.values.get(name) == "":
            item = layouts()[read.id].field(name)
            remedy = "give X" if read.id == "10" else "give the total, zero if there is none"
            yield field_fault(
                Stage.CLASS, batch, read.record, item, "the field is blank and may not be on A or R", remedy
            )


# Fields that say nothing without another one of their record, which the layout calls conditional.
RELEASES: Final = tuple((f"release_filer_{place}", f"release_entry_number_{place}") for place in range(2, 7))
TOLD_WITH: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "32": (*RELEASES, *((number, filer) for filer, number in RELEASES)),
    "34": (("header_fee_2", "class_code_2"),),
    "50": (("quantity_2", "uom_2"), ("quantity_3", "uom_3")),
    "89": tuple((f"total_fee_{place}", f"class_code_{place}") for place in range(2, 6)),
}


def companion_faults(batch: int, read: ReadRecord) -> Iterator[Fault]:
    """Check that no quantity stands without its unit, no fee without its class, and no half of an entry number."""
    for name, needed in TOLD_WITH.get(read.id, ()):
        if read.values.get(needed) == "" and read.values.get(name, "").strip("0"):
            item = layouts()[read.id].field(needed)
            wrong, remedy = f"the field is blank although {name} is given", f"give {needed}, or neither"
            yield field_fault(Stage.CLASS, batch, read.record, item, wrong, remedy)
