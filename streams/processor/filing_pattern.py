r"""Regular expressions that match the bytes of a filing, written down from its schema.

Each byte is one character (Latin-1). A text of two characters is `\x04[\0-\x7f]{2}`, an absent option `\0`, a present
one `\x02` and its value. Where a value ends is told by its own first bytes, so bytes match in one way or not at all,
and nothing is tried twice.

What is rare is no match: texts beyond ASCII or of more than 40 characters, numbers of ten bytes, and in an array that
nobody reads more than five items or texts of more than 15 characters. Each length is an alternative of its own, so what
matched everything would take a restart's time to compile.

Source: Apache Avro 1.12 specification, "Binary encoding".
"""

import re
from collections.abc import Container
from typing import Any, Final, NamedTuple

from streams.contract.schemas import Definition

LONGEST_TEXT: Final = 40
"""Names of events have 36 characters, codes at most 15; what is longer are sentences."""

LONGEST_IN_ARRAY: Final = 15
MOST_ITEMS: Final = 5
"""Fees, quantities, duty cases, warnings, reasons of a correction: mostly there is one or none."""

MOST_TARIFFS: Final = 63
"""Of a line: their number has one byte."""


def _text(longest: int) -> str:
    lengths = [rf"\x{2 * length:02x}[\0-\x7f]{{{length}}}" for length in range(1, longest + 1)]
    return rf"(?:\0|{'|'.join(lengths)})"


_TEXT: Final = _text(LONGEST_TEXT)
_TEXT_IN_ARRAY: Final = _text(LONGEST_IN_ARRAY)
_NUMBER: Final = r"[\x80-\xff]{0,8}[\0-\x7f]"
_FLAG: Final = r"[\0\x01]"


class FilingPattern(NamedTuple):
    """The expressions for a kind of filing; they have groups for the fields that are read, in the schema's order."""

    head: re.Pattern[str]
    """All that stands before the lines; its last group is their number."""
    line: re.Pattern[str]
    """One line; or, in its last group, whatever is none, up to the end."""
    tariff: re.Pattern[str]
    """One item of the tariffs of a line, where the line has several."""


def filing_pattern(filing: Definition, read: Container[str]) -> FilingPattern:
    """Return the expressions for a filing whose last field is the summary, the last field of which are the lines.

    A line has a group for all its tariffs, in their bytes, where there are several; of a single one the fields are
    groups of the line itself. Several ones are no match if any has no number: that would look like their end.
    """
    summary = filing["fields"][-1]["type"]
    line = summary["fields"][-1]["type"]["items"]
    [tariffs] = [field for field in line["fields"] if field["name"] == "tariffs"]
    tariff = _fields(tariffs["type"]["items"]["fields"], read)
    several = rf"[\x04-\x7e](?:(?!\0){_fields(tariffs['type']['items']['fields'], ())}){{2,{MOST_TARIFFS}}}\0"
    any_tariffs = rf"(?:\x02{tariff}\0|({several}))"
    parts = [any_tariffs if field is tariffs else _fields([field], read) for field in line["fields"]]
    return FilingPattern(
        re.compile(_fields([*filing["fields"][:-1], *summary["fields"][:-1]], read) + f"({_NUMBER})"),
        re.compile("".join([*parts, r"|([\0-\xff]+)"])),
        re.compile(tariff),
    )


def _fields(fields: list[Any], read: Container[str], text: str = _TEXT) -> str:
    return "".join([_field(field["type"], text, is_read=field["name"] in read) for field in fields])


def _field(schema: Any, text: str, *, is_read: bool) -> str:  # noqa: ANN401 - any part of parsed JSON
    match schema:
        case ["null", inner] if is_read:
            return rf"(?:\0|\x02({_value(inner, text)}))"
    return f"({_value(schema, text)})" if is_read else _value(schema, text)


def _value(schema: Any, text: str) -> str:  # noqa: ANN401, PLR0911 - any part of parsed JSON; one answer for each kind of schema
    match schema:
        case {"type": "record", "fields": fields}:
            return _fields(fields, (), text)
        case {"type": "array", "items": items}:
            item = _value(items, _TEXT_IN_ARRAY)
            blocks = [rf"\x{2 * count:02x}(?:{item}){{{count}}}\0" for count in range(1, MOST_ITEMS + 1)]
            return rf"(?:\0|{'|'.join(blocks)})"
        case {"type": inner}:
            return _value(inner, text)
        case ["null", inner]:
            return rf"(?:\0|\x02{_value(inner, text)})"
        case "string":
            return text
        case "boolean":
            return _FLAG
    return _NUMBER
