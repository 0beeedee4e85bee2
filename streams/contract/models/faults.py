"""What is wrong with an event, in plain words: each fault with its path, none with the value itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (`("summary", "lines", 3, "htsus")`) and what, as a clause of a sentence."""

    path: Path
    wrong: str

    @property
    def place(self) -> str:
        """The path as one word, as in `summary.lines[3].htsus`; positions count from 0."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    def __str__(self) -> str:
        """Say place and fault as one line."""
        return f"{self.place}: {self.wrong}" if self.path else self.wrong


def faults_of(error: ValidationError) -> list[Fault]:
    """Return everything that is wrong with an event, in the order of its fields."""
    details = error.errors(include_url=False, include_input=False)
    paths = [detail["loc"] for detail in details]
    return [
        Fault(path, _words(detail))
        for path, detail in zip(paths, details, strict=True)
        if not (detail["type"] == "too_short" and _has_fault_inside(path, paths))
    ]


def _has_fault_inside(path: Path, paths: Sequence[Path]) -> bool:
    """Tell whether a list is only called too short because pydantic does not count its faulty items."""
    return any(other[: len(path)] == path and len(other) > len(path) for other in paths)


def _words(detail: Mapping[str, Any]) -> str:
    say = _SAYINGS.get(detail["type"])
    if say is not None:
        return say(detail.get("ctx", {}))
    if detail["type"] == "string_pattern_mismatch":
        name = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
        return _FORMS.get(name) or f"the form is not {detail['ctx']['pattern']}"
    text: str = detail["msg"]
    return text


_SAYINGS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = MappingProxyType(
    {
        "missing": lambda _: "is missing",
        "extra_forbidden": lambda _: "is not a field of this record",
        "string_type": lambda _: "has to be a text",
        "string_unicode": lambda _: "holds half of a pair of surrogates, which is not text",
        "int_type": lambda _: "has to be a whole number",
        "bool_type": lambda _: "has to be true or false",
        "tuple_type": lambda _: "has to be a list",
        "model_type": lambda _: "has to be an object with named fields",
        "model_attributes_type": lambda _: "has to be an object with named fields",
        "dict_type": lambda _: "has to be an object with named fields",
        "literal_error": lambda ctx: f"has to be one of {ctx['expected']}",
        "greater_than_equal": lambda ctx: "is negative" if ctx["ge"] == 0 else f"is less than {ctx['ge']}",
        "less_than_equal": lambda ctx: f"is more than {ctx['le']}",
        "too_short": lambda ctx: f"needs at least {ctx['min_length']}, has {ctx['actual_length']}",
        "too_long": lambda ctx: f"takes at most {ctx['max_length']}",
        "string_too_short": lambda _: "is empty",
        "string_too_long": lambda ctx: f"has more than {ctx['max_length']} characters",
    }
)
"""Sentences for pydantic's kinds of error; those of our own have theirs."""

_FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "event_id": "is not a UUID of 36 characters",
        "source": "is neither a port of four digits, a Center's slug, headquarters nor filer:XXX",
        "entry_number": "is not a filer code, seven digits and a check digit, without hyphens",
        "filer_code": "is not a filer code of three characters",
        "preparer_filer": "is not a filer code of three characters",
        "version": "does not have five digits",
        "port_of_entry": "does not have four digits",
        "port_of_unlading": "does not have four digits",
        "exam_port": "does not have four digits",
        "port": "does not have four digits",
        "country_of_origin": "does not have two capital letters",
        "country_of_export": "does not have two capital letters",
        "htsus": "is not a tariff number of 8 or 10 digits in chapters 01 to 99 without 77",
        "heading": "is not a heading of four digits in chapters 01 to 99 without 77",
        "category": "is not a heading of four digits in chapters 01 to 99 without 77",
        "line_id": "does not have three characters without asterisk",
        "case_number": "is not A or C and nine characters, without hyphens",
        "class_code": "does not have three digits",
        "surety_code": "does not have three capital letters or digits",
        "team_number": "does not have three capital letters or digits",
        "special_program": "does not have one or two capital letters, digits, + or *",
        "manufacturer_id": "does not have 1 to 15 printable characters without blanks",
        "unit": "does not have one to three capital letters or digits",
        "protest_number": "does not have twelve digits",
        "case_id": "is not a UUID of 36 characters",
        "center": "is none of CEE001 to CEE010, NOTELG, PNDING",
    }
)
"""What the form of a field is, by its name, where a pattern would say little."""
