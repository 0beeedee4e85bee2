"""The fields of AE records as a table, and the patterns made from it.

The table is `streams/ports/data/ae_record_layout.csv`: every field of every record with its positions, class and
decimals. Nothing about a position is written anywhere else.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

RECORD_LENGTH: Final = 80

# Fields of class AN that carry more than letters and digits in practice: preference claims such as `S+` and
# `E*`, and the running text of an answer.
MORE_CHARACTERS: Final[Mapping[str, str]] = {"special_program_claim": r"+*", "narrative": r"!-/:-@\[-`{-~"}

# Called mandatory, yet blank by the field's own note: a finding that is not the last one has no disposition.
MAY_BE_BLANK: Final = frozenset({("AX:E1", "disposition")})

# Records whose contents never appear in a message: importer numbers of persons, and the password.
CONFIDENTIAL_RECORDS: Final = frozenset({"A", "11"})
PASSWORD: Final = "password"  # noqa: S105 - the name of the field that is skipped


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `start` and `end` count from 1, both inclusive, as the specification counts them."""

    record: str
    name: str
    start: int
    end: int
    kind: str
    designation: str
    decimals: int
    note: str

    @property
    def length(self) -> int:
        """How many characters the field has."""
        return self.end - self.start + 1

    @property
    def is_mandatory(self) -> bool:
        """Whether the field may not be blank."""
        return self.designation == "M" and (self.record, self.name) not in MAY_BE_BLANK

    @property
    def is_read(self) -> bool:
        """Whether the field's text is kept; fillers and the password are not."""
        return self.kind != "S" and self.name not in {"record_id", PASSWORD}

    def text_in(self, record: str) -> str:
        """Cut the field out of a record's text."""
        return record[self.start - 1 : self.end]

    @property
    def pattern(self) -> str:
        """A regular expression for the field's exact width, blank included where the field may be blank."""
        if self.name == PASSWORD:
            return f".{{{self.length}}}"
        filled = CLASS_PATTERNS[self.kind](self)
        if self.kind == "S" or self.is_mandatory:
            return filled
        return f"(?:{filled}| {{{self.length}}})"


def _characters(more: str) -> Callable[[Field], str]:
    """Make the pattern of a text class: its characters and blanks, but not blanks alone."""

    def pattern(field: Field) -> str:
        allowed = more + MORE_CHARACTERS.get(field.name, "")
        return f"(?! {{{field.length}}})[{allowed} ]{{{field.length}}}"

    return pattern


def _right_justified(field: Field) -> str:
    """Digits filled up on the left with zeros or blanks: the last position is always a digit."""
    pattern = r"\d"
    for digits in range(2, field.length + 1):
        pattern = rf"(?:\d{{{digits}}}| {pattern})"
    return pattern


CLASS_PATTERNS: Final[Mapping[str, Callable[[Field], str]]] = {
    "A": _characters("A-Z"),
    "AN": _characters("A-Z0-9"),
    "X": _characters("!-~"),
    "N": lambda field: rf"\d{{{field.length}}}",
    "D": lambda field: rf"\d{{{field.length}}}",
    "(S)N": _right_justified,
    "S": lambda field: f" {{{field.length}}}",
}

CLASS_NAMES: Final[Mapping[str, str]] = {
    "A": "letters A-Z",
    "AN": "capital letters and digits",
    "X": "printable characters",
    "N": "digits, with leading zeros",
    "D": "a date as MMDDYY",
    "(S)N": "a number at the right, filled up with zeros or spaces",
    "S": "spaces",
}


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """One record's fields in order of position, and a pattern that takes its text apart in one step."""

    record: str
    fields: tuple[Field, ...]
    names: tuple[str, ...]
    pattern: re.Pattern[str]

    def field(self, name: str) -> Field:
        """Find a field by name; raises `KeyError` for an unknown one."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def read(self, text: str) -> dict[str, str] | None:
        """Take a record's text apart: trailing blanks cut, absent fields empty; None where a class is violated."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        return dict(zip(self.names, [value.rstrip() for value in match.groups()], strict=True))

    def violations(self, text: str) -> Iterator[Field]:
        """Yield each field of a record of full length whose text does not fit its class."""
        for field in self.fields:
            if field.name != "record_id" and re.fullmatch(field.pattern, field.text_in(text), re.DOTALL) is None:
                yield field


@cache
def layouts() -> Mapping[str, RecordLayout]:
    """Read the table once: layouts by record, answers and notifications as `AX:E0`, `AX:E1`, `UC:E1`."""
    by_record: dict[str, list[Field]] = {}
    table = files("streams.ports.data").joinpath("ae_record_layout.csv").read_text("utf-8")
    for row in csv.DictReader(table.splitlines()):
        by_record.setdefault(row["record"], []).append(_field(row))
    return {record: _layout(record, tuple(fields)) for record, fields in by_record.items()}


def _field(row: Mapping[str, str]) -> Field:
    return Field(
        record=row["record"],
        name=row["field"],
        start=int(row["start"]),
        end=int(row["end"]),
        kind=row["class"],
        designation=row["designation"],
        decimals=int(row["decimals"] or 0),
        note=row["note"],
    )


def _layout(record: str, fields: tuple[Field, ...]) -> RecordLayout:
    parts = [
        f"({field.pattern})" if field.is_read else ("." * field.length if field.name == "record_id" else field.pattern)
        for field in fields
    ]
    return RecordLayout(
        record=record,
        fields=fields,
        names=tuple(field.name for field in fields if field.is_read),
        pattern=re.compile("".join(parts), re.DOTALL),
    )
