"""Reads of a filing what the rules need, and passes over the rest: of a hundred values the rules look at ten.

The bytes are matched by expressions (`filing_pattern`): one match for all before the lines, one search for all lines,
so that C code does the walking. They take what nearly all filings are: records of the newest version, in single-object
encoding and in the registry's framing, whose texts are short and plain ASCII. All others, and whatever is wrong with
the bytes, is left to the codec, which reads the record or says what is wrong.
"""

import re
from typing import Any, Final, NoReturn

from streams.contract.compiled import Reader
from streams.contract.primitives import read_instant
from streams.contract.schemas import current_schema
from streams.processor.filing_pattern import FilingPattern, filing_pattern

Fields = dict[str, Any]
Line = tuple[str, tuple[tuple[str, int], ...], bool]
"""Article set, tariff numbers with their values, and whether the line has antidumping or countervailing cases."""

FILINGS: Final = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")

_HEAD: Final = ("event_id", "event_time", "source")
_SUMMARY: Final = (
    "entry_number",
    "version",
    "accepted_at",
    "port_of_entry",
    "port_of_unlading",
    "exam_port",
    "entry_type",
    "importer_of_record",
    "estimated_entry_date",
    "import_date",
    "entry_date",
    "release_date",
    "psc_reasons",
    "psc_explanation",
    "census_warnings",
)
_LINE: Final = ("article_set", "htsus", "value_usd", "ad_cvd")
"""What the rules read of a filing, in the order of the schema; of reasons, warnings and cases whether there are any."""

_NONE: Final = "\0"
"""An array without items; also what ends one."""
_EVENT_TIME: Final = 2
_ACCEPTED_AT: Final = 6
"""Places of the instants among what is read, from 1."""


def filing_reader(name: str) -> Reader:
    """Return what reads the needed fields of a kind of filing. It raises `ValueError` where the codec has to look."""
    pattern = filing_pattern(current_schema(name).definition, {*_HEAD, *_SUMMARY, *_LINE})

    def read(data: bytes, text: str, at: int) -> tuple[Fields, int]:
        head = pattern.head.match(text, at)
        if head is None:
            _no_match()
        lines = _lines(pattern, text, head.end(), _NUMBERS[head[head.re.groups]])
        return _filing(data, head, lines), len(data)

    return read


def _filing(data: bytes, head: re.Match[str], lines: list[Line]) -> Fields:
    """Return the fields of a filing. In front of a text stands its length: one character, which is left out."""
    (
        event_id,
        _,
        source,
        entry_number,
        version,
        _,
        port_of_entry,
        port_of_unlading,
        exam_port,
        entry_type,
        importer,
        estimated,
        imported,
        entered,
        released,
        reasons,
        explanation,
        warnings,
        _,
    ) = head.groups()
    event_time, _ = read_instant(data, head.start(_EVENT_TIME))
    accepted_at, _ = read_instant(data, head.start(_ACCEPTED_AT))
    summary = {
        "entry_number": entry_number[1:],
        "version": version[1:],
        "accepted_at": accepted_at,
        "port_of_entry": port_of_entry[1:],
        "port_of_unlading": port_of_unlading and port_of_unlading[1:],
        "exam_port": exam_port and exam_port[1:],
        "entry_type": entry_type[1:],
        "importer_of_record": importer[1:],
        "estimated_entry_date": _NUMBERS[estimated],
        "import_date": _NUMBERS[imported],
        "entry_date": _NUMBERS[entered],
        "release_date": _NUMBERS[released],
        "psc_reasons": reasons != _NONE,
        "psc_explanation": explanation and explanation[1:],
        "census_warnings": warnings != _NONE,
        "lines": lines,
    }
    return {"event_id": event_id[1:], "event_time": event_time, "source": source[1:], "summary": summary}


def projected(fields: Fields) -> Fields:
    """Return of a whole filing what its reader would have read."""
    summary = fields["summary"]
    lines = [
        (
            line["article_set"],
            tuple([(tariff["htsus"], tariff["value_usd"]) for tariff in line["tariffs"]]),
            bool(line["ad_cvd"]),
        )
        for line in summary["lines"]
    ]
    read = {name: bool(value) if isinstance(value := summary[name], list) else value for name in _SUMMARY}
    return {**{name: fields[name] for name in _HEAD}, "summary": {**read, "lines": lines}}


def _no_match() -> NoReturn:
    """Leave a record to the codec."""
    msg = "the bytes are not those of nearly all filings"
    raise ValueError(msg)


def _lines(pattern: FilingPattern, text: str, begin: int, count: int) -> list[Line]:
    """Return the lines of a filing, with which it ends."""
    if not count and begin == len(text):
        return []
    found = pattern.line.findall(text, begin, len(text) - 1)
    # What is no line has taken all that follows, so it would be the last; behind the lines stands the array's end.
    if len(found) != count or not found or found[-1][-1] or text[-1] != _NONE:
        _no_match()
    lines: list[Line] = []
    for article_set, htsus, value, several, ad_cvd, _ in found:
        if several:
            items = pattern.tariff.findall(several, 1, len(several) - 1)
            if ord(several[0]) != 2 * len(items):
                _no_match()
            tariffs = tuple([(one_htsus[1:], _NUMBERS[one_value]) for one_htsus, one_value in items])
        else:
            tariffs = ((htsus[1:], _NUMBERS[value]),)
        lines.append((article_set[1:], tariffs, ad_cvd != _NONE))
    return lines


class _Numbers(dict[str | None, Any]):
    """Numbers by their bytes: dates and values come again and again. An absent one is None."""

    def __missing__(self, written: str) -> int:
        """Return a number that is written so."""
        value = 0
        for byte in reversed(written.encode("latin-1")):
            value = value << 7 | byte & 127
        value = value >> 1 ^ -(value & 1)
        if len(self) < _KEPT:
            self[written] = value
        return value


_KEPT: Final = 32_768
_NUMBERS: Final = _Numbers({None: None})
