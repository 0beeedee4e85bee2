"""From the fields of a filing to a whole summary that the rules understand."""

from typing import Final
from uuid import UUID

from streams.customs.events import Line, SummaryFiled
from streams.customs.life_cycle import Kind
from streams.customs.replacing import making
from streams.customs.tariff import tariff_fault
from streams.engine.api import InvalidRecord
from streams.processor.parsing import Fields, Parsed, Parser, code, day, impossible, instant

MAX_LINES: Final = 998
"""CBP ACE ABI CATAIR Entry Summary Create/Update: record 40 repeats at most 998 times."""

MAX_VALUE_USD: Final = 9_999_999_999
"""The same, record 50: a value has ten digits."""

_NUMBERS_KEPT: Final = 50_000
_UUID_LENGTH: Final = 36
_UUID_BYTES: Final = 16


def filing(kind: Kind) -> Parser:
    """Return the parser of filings of a kind."""

    def parse(parsed: Parsed) -> SummaryFiled:
        summary = parsed.fields["summary"]
        lines = summary["lines"]
        if len(lines) > MAX_LINES:
            raise InvalidRecord("too-many-lines", f"an entry summary has at most {MAX_LINES} lines, not {len(lines)}")
        released = day(summary["release_date"], parsed)
        entered = day(summary["entry_date"], parsed)
        estimated = day(summary["estimated_entry_date"], parsed)
        return SummaryFiled(
            parsed.cause,
            _uuid(parsed.cause.event_id),
            kind,
            parsed.entry_number,
            summary["importer_of_record"],
            code(summary["version"], 5, "a version"),
            instant(summary["accepted_at"], parsed),
            code(summary["entry_type"], 2, "an entry type"),
            _ports(summary),
            entered or released or estimated,
            day(summary["import_date"], parsed),
            summary["census_warnings"],
            _lines(lines),
            parsed.data,
            kind is Kind.CORRECTED and _has_grounds(summary),
        )

    return parse


def _has_grounds(summary: Fields) -> bool:
    """Tell whether a correction names reasons and explains them."""
    return bool(summary["psc_reasons"] and (summary["psc_explanation"] or "").strip())


def _uuid(text: str) -> bytes:
    """Return a UUID's bytes. Nearly all are written the usual way, which is read at a third of the cost."""
    try:
        data = bytes.fromhex(text.replace("-", "")) if len(text) == _UUID_LENGTH else b""
        return data if len(data) == _UUID_BYTES else UUID(text).bytes
    except ValueError:
        impossible("an event id is a UUID")


def _ports(summary: Fields) -> tuple[str, ...]:
    ports = [code(summary["port_of_entry"], 4, "a port")]
    for name in ("port_of_unlading", "exam_port"):
        port = summary[name]
        if port is not None and port not in ports:
            ports.append(code(port, 4, "a port"))
    return tuple(ports)


_line: Final = making(Line)


def _lines(lines: list[tuple[str, tuple[tuple[str, int], ...], bool]]) -> tuple[Line, ...]:
    for _, tariffs, _ in lines:
        for number, value_usd in tariffs:
            if number not in _KNOWN_NUMBERS:
                _check_number(number)
            if not 0 <= value_usd <= MAX_VALUE_USD:
                impossible(f"a value lies between 0 and {MAX_VALUE_USD} dollars")
    return tuple(map(_line, lines))


_KNOWN_NUMBERS: Final[set[str]] = set()
"""Tariff numbers found to be in order: importers use the same ones again and again."""


def _check_number(number: str) -> None:
    if tariff_fault(number) is not None:
        impossible("a tariff number has 8 or 10 digits of chapter 01 to 99 without 77")
    if len(_KNOWN_NUMBERS) < _NUMBERS_KEPT:
        _KNOWN_NUMBERS.add(number)
