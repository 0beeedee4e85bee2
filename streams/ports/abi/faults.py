"""What can be wrong with a batch file: one value per fault, in the order in which a file is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from streams.contract.masking import masked
from streams.ports.abi.layout import CONFIDENTIAL_RECORDS, RECORD_LENGTH, Field
from streams.ports.masking import shape


class Stage(StrEnum):
    """The steps of validation in their order; what fails in one is not looked at in a later one."""

    LENGTH = "record length"
    IDENTIFIER = "identifier"
    ORDER = "order and repeats"
    ENVELOPE = "envelope"
    CLASS = "field class"
    CHECK_DIGIT = "check digit"
    DATES = "dates"
    CODES = "codes"
    TOTALS = "totals"
    MAPPING = "mapping"


class Record(NamedTuple):
    """One record of a file: its number from 1 (the line number in a file with line breaks), identifier and text."""

    number: int
    id: str
    text: str

    @property
    def is_whole(self) -> bool:
        """Whether the record has its 80 characters."""
        return len(self.text) == RECORD_LENGTH


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where, and what to do about it.

    `batch` counts the A records of the file from 1, `record` all records of the file; `start` and `end` are
    positions in the record, from 1, both inclusive. No text holds a personal number or a password.
    """

    stage: Stage
    batch: int
    record: int
    record_id: str
    start: int
    end: int
    field: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        """Say the fault as one line: place, field, what is wrong, what to do."""
        where = f"batch {self.batch}, record {self.record}, {self._positions()}"
        what = f"{self.record_id or '?'} {self.field}".strip()
        return f"{where} ({what}), {self.stage}: {self.wrong}; {self.remedy}"

    def _positions(self) -> str:
        return f"position {self.start}" if self.start == self.end else f"positions {self.start}-{self.end}"

    def to_json(self) -> dict[str, object]:
        """Return the fault as plain values for a report."""
        return {
            "stage": self.stage.value,
            "batch": self.batch,
            "record": self.record,
            "record_id": self.record_id,
            "start": self.start,
            "end": self.end,
            "field": self.field,
            "wrong": self.wrong,
            "remedy": self.remedy,
        }


def record_fault(stage: Stage, batch: int, record: Record, wrong: str, remedy: str) -> Fault:
    """Make a fault about a whole record."""
    end = max(1, len(record.text))
    return Fault(stage, batch, record.number, record.id, 1, end, "", masked(wrong), masked(remedy))


def field_fault(  # noqa: PLR0913, PLR0917 - a fault has six facts
    stage: Stage, batch: int, record: Record, field: Field, wrong: str, remedy: str
) -> Fault:
    """Make a fault about one field of a record."""
    return Fault(
        stage, batch, record.number, record.id, field.start, field.end, field.name, masked(wrong), masked(remedy)
    )


def quoted(record: Record, field: Field) -> str:
    """Quote a field's text for a message; where it could be about a person, only its shape."""
    text = field.text_in(record.text)
    if record.id in CONFIDENTIAL_RECORDS:
        return f"{shape(text)!r} (9 a digit, A a letter)"
    return repr(masked(text))


def in_order(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Sort faults as the file is checked: by stage, then by place."""
    order = {stage: position for position, stage in enumerate(Stage)}
    return tuple(sorted(faults, key=lambda fault: (order[fault.stage], fault.record, fault.start)))
