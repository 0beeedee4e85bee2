"""From a record's fields to an event that the rules understand.

Whatever makes an event impossible raises `InvalidRecord`; what only breaks a rule is left to the rules.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn
from uuid import UUID

from streams.customs.centers import center_by_slug
from streams.customs.events import (
    EntryFiled,
    EntryNoted,
    Envelope,
    Event,
    Line,
    PlacementSet,
    PortNoticed,
    ProfileChanged,
    StatusNotified,
    SummaryFiled,
)
from streams.customs.life_cycle import Kind
from streams.customs.tariff import tariff_fault
from streams.engine.api import InvalidRecord

Fields = Mapping[str, Any]

MAX_LINES: Final = 998
"""CBP ACE ABI CATAIR Entry Summary Create/Update: record 40 repeats at most 998 times."""

MAX_VALUE_USD: Final = 9_999_999_999
"""The same, record 50: a value has ten digits."""

MAX_REASON: Final = 4_000
"""Characters in the reason of a placement by hand: it is kept with the placement."""

_NUMBERS_KEPT: Final = 50_000
_DAY_MS: Final = 86_400_000
_FIRST_DAY: Final = 6117
"""1 October 1986: older entry numbers have another form."""
_HORIZON_DAYS: Final = 5 * 366
"""No date of an event lies further ahead: the longest period that begins with an entry is five years."""


class Parsed(NamedTuple):
    """What becomes an event: a record's fields (of a filing the projected ones), its envelope, its entry, its bytes."""

    fields: Fields
    cause: Envelope
    entry_number: str
    data: bytes


Parser = Callable[[Parsed], Event]


def _impossible(detail: str) -> NoReturn:
    raise InvalidRecord("impossible-content", detail)


def _day(value: int | None, parsed: Parsed) -> int:
    """Return a date of an event as a day, 0 where it has none. Raises `InvalidRecord` for one that cannot be."""
    if value is None:
        return 0
    if not _FIRST_DAY <= value <= parsed.cause.published_ms // _DAY_MS + _HORIZON_DAYS:
        raise InvalidRecord("impossible-date", "a date lies before October 1986 or more than five years ahead")
    return value


def _instant(value: int, parsed: Parsed) -> int:
    _day(value // _DAY_MS, parsed)
    return value


def _code(value: str, length: int, name: str) -> str:
    """Return a code of fixed length as it is. Raises `InvalidRecord` for any other text."""
    if len(value) != length or not (value.isascii() and value.isalnum()):
        _impossible(f"{name} has {length} letters or digits")
    return value


def entry_number_of(fields: Fields) -> str:
    """Return the entry number of an event. Raises `InvalidRecord` for one that could not even be kept."""
    return _code(fields["entry_number"], 11, "an entry number (without hyphens)")


def _filed(kind: Kind) -> Parser:
    def parse(parsed: Parsed) -> SummaryFiled:
        summary = parsed.fields["summary"]
        lines = summary["lines"]
        if len(lines) > MAX_LINES:
            raise InvalidRecord("too-many-lines", f"an entry summary has at most {MAX_LINES} lines, not {len(lines)}")
        released = _day(summary["release_date"], parsed)
        entered = _day(summary["entry_date"], parsed)
        estimated = _day(summary["estimated_entry_date"], parsed)
        return SummaryFiled(
            parsed.cause,
            _uuid(parsed.cause.event_id),
            kind,
            parsed.entry_number,
            summary["importer_of_record"],
            _code(summary["version"], 5, "a version"),
            _instant(summary["accepted_at"], parsed),
            _code(summary["entry_type"], 2, "an entry type"),
            _ports(summary),
            entered or released or estimated,
            _day(summary["import_date"], parsed),
            bool(summary["census_warnings"]),
            tuple([_line(*line) for line in lines]),
            parsed.data,
        )

    return parse


def _uuid(text: str) -> bytes:
    try:
        return UUID(text).bytes
    except ValueError:
        _impossible("an event id is a UUID")


def _ports(summary: Fields) -> tuple[str, ...]:
    ports = [_code(summary["port_of_entry"], 4, "a port")]
    for name in ("port_of_unlading", "exam_port"):
        port = summary[name]
        if port is not None and port not in ports:
            ports.append(_code(port, 4, "a port"))
    return tuple(ports)


def _line(article_set: str, tariffs: list[tuple[str, int]], ad_cvd_cases: int) -> Line:
    for number, value_usd in tariffs:
        if number not in _KNOWN_NUMBERS:
            _check_number(number)
        if not 0 <= value_usd <= MAX_VALUE_USD:
            _impossible(f"a value lies between 0 and {MAX_VALUE_USD} dollars")
    return Line(article_set, tuple(tariffs), ad_cvd_cases > 0)


_KNOWN_NUMBERS: Final[set[str]] = set()
"""Tariff numbers found to be in order: importers use the same ones again and again."""


def _check_number(number: str) -> None:
    if tariff_fault(number) is not None:
        _impossible("a tariff number has 8 or 10 digits of chapter 01 to 99 without 77")
    if len(_KNOWN_NUMBERS) < _NUMBERS_KEPT:
        _KNOWN_NUMBERS.add(number)


def _noted(kind: Kind, day_field: str = "") -> Parser:
    def parse(parsed: Parsed) -> EntryNoted:
        day = _day(parsed.fields[day_field], parsed) if day_field else 0
        return EntryNoted(parsed.cause, kind, parsed.entry_number, day)

    return parse


_CONTROLS: Final = MappingProxyType({"trade": Kind.CONTROL_TRADE, "cbp": Kind.CONTROL_CBP})


def _control_changed(parsed: Parsed) -> EntryNoted:
    kind = _CONTROLS.get(parsed.fields["control"])
    if kind is None:
        _impossible("control of a summary is with the trade or with CBP")
    return EntryNoted(parsed.cause, kind, parsed.entry_number, 0)


def _entry_filed(parsed: Parsed) -> EntryFiled:
    fields = parsed.fields
    return EntryFiled(
        parsed.cause,
        parsed.entry_number,
        fields["importer_of_record"],
        _code(fields["port_of_entry"], 4, "a port"),
        _code(fields["entry_type"], 2, "an entry type"),
        _instant(fields["time_of_entry"], parsed),
    )


def _status_notified(parsed: Parsed) -> StatusNotified:
    fields = parsed.fields
    return StatusNotified(
        parsed.cause,
        parsed.entry_number,
        fields["disposition"],
        fields["reason"] or "",
        _day(fields["action_on"], parsed),
    )


def _port_noticed(parsed: Parsed) -> PortNoticed:
    fields = parsed.fields
    return PortNoticed(
        parsed.cause,
        fields["kind"],
        parsed.entry_number,
        fields["importer_of_record"],
        _code(fields["port"], 4, "a port"),
    )


def _placement_set(parsed: Parsed) -> PlacementSet:
    fields = parsed.fields
    return PlacementSet(
        parsed.cause,
        fields["importer_of_record"],
        _center(fields["center"]),
        fields["basis"],
        _reason(fields["reason"]),
        _day(fields["effective_on"], parsed),
    )


def _reason(text: str) -> str:
    if len(text) > MAX_REASON:
        _impossible(f"a reason has at most {MAX_REASON} characters")
    return text


def _center(slug: str | None) -> int:
    if slug is None:
        return 0
    try:
        return center_by_slug(slug).id
    except KeyError:
        _impossible("there is no Center of this name")


def _profile_changed(parsed: Parsed) -> ProfileChanged:
    return ProfileChanged(parsed.cause, parsed.fields["importer_of_record"], parsed.fields["eligible"])


PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        "entry_filed": _entry_filed,
        "entry_summary_accepted": _filed(Kind.ACCEPTED),
        "entry_summary_replaced": _filed(Kind.REPLACED),
        "psc_accepted": _filed(Kind.CORRECTED),
        "entry_summary_replace_failed": _noted(Kind.REPLACE_FAILED),
        "entry_summary_deleted": _noted(Kind.DELETED),
        "entry_summary_rejected": _noted(Kind.REJECTED),
        "entry_summary_inactivated": _noted(Kind.INACTIVATED),
        "entry_summary_cancelled": _noted(Kind.CANCELLED),
        "entry_summary_control_changed": _control_changed,
        "entry_summary_paid": _noted(Kind.PAID, "paid_on"),
        "entry_date_set": _noted(Kind.DATE_SET, "entry_date"),
        "liquidation_scheduled": _noted(Kind.SCHEDULED, "liquidation_date"),
        "entry_liquidated": _noted(Kind.LIQUIDATED, "liquidated_on"),
        "entry_reliquidated": _noted(Kind.RELIQUIDATED, "reliquidated_on"),
        "status_notification": _status_notified,
        "port_notice": _port_noticed,
        "importer_profile_changed": _profile_changed,
        "placement_set": _placement_set,
    }
)
"""What is acted on; records of a source topic that are not here are accepted, counted, and nothing follows yet."""
