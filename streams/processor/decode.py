"""From a record's fields to an event that the rules understand.

Whatever makes an event impossible raises `InvalidRecord`; what only breaks a rule is left to the rules.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
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
from streams.engine.api import InvalidRecord

Fields = Mapping[str, Any]

MAX_LINES: Final = 998
"""CBP ACE ABI CATAIR Entry Summary Create/Update: record 40 repeats at most 998 times."""

_ENTRY_NUMBER_LENGTH: Final = 11
_FIRST_DAY: Final = 6117
"""1 October 1986: older entry numbers have another form."""
_HORIZON_DAYS: Final = 5 * 366
"""No date of an event lies further ahead: the longest period that begins with an entry is five years."""
_DAY_MS: Final = 86_400_000


class Parsed(NamedTuple):
    """What a record needs to become an event: its fields, its envelope, and the bytes of its summary."""

    fields: Fields
    cause: Envelope
    body: bytes


Parser = Callable[[Parsed], Event]


def _day(value: int | None, parsed: Parsed) -> int:
    """Return a date of an event as a day, 0 where it has none; raise `InvalidRecord` for one that cannot be."""
    if value is None:
        return 0
    if not _FIRST_DAY <= value <= parsed.cause.published_ms // _DAY_MS + _HORIZON_DAYS:
        detail = "a date lies before October 1986 or more than five years ahead"
        raise InvalidRecord("impossible-date", detail)
    return value


def _entry_number(fields: Fields) -> str:
    number: str = fields["entry_number"]
    if len(number) != _ENTRY_NUMBER_LENGTH or not number.isascii():
        raise InvalidRecord("entry-number", "an entry number has 11 characters without hyphens")
    return number


def _filed(kind: Kind) -> Parser:
    def parse(parsed: Parsed) -> SummaryFiled:
        summary = parsed.fields["summary"]
        lines = summary["lines"]
        if len(lines) > MAX_LINES:
            raise InvalidRecord("too-many-lines", f"an entry summary has at most {MAX_LINES} lines, not {len(lines)}")
        entered = _day(summary["entry_date"], parsed) or _day(summary["release_date"], parsed)
        return SummaryFiled(
            cause=parsed.cause,
            event_id=_uuid(parsed.cause.event_id),
            kind=kind,
            entry_number=_entry_number(summary),
            importer=summary["importer_of_record"],
            version=summary["version"],
            accepted_ms=summary["accepted_at"],
            entry_type=summary["entry_type"],
            ports=_ports(summary),
            entry_day=entered or _day(summary["estimated_entry_date"], parsed),
            import_day=_day(summary["import_date"], parsed),
            census_warnings=bool(summary["census_warnings"]),
            lines=tuple([_line(line) for line in lines]),
            body=parsed.body,
        )

    return parse


def _uuid(text: str) -> bytes:
    try:
        return UUID(text).bytes
    except ValueError:
        raise InvalidRecord("event-id", "an event id is a UUID") from None


def _ports(summary: Fields) -> tuple[str, ...]:
    others = [port for name in ("port_of_unlading", "exam_port") if (port := summary[name])]
    return tuple(dict.fromkeys([summary["port_of_entry"], *others]))


def _line(line: Fields) -> Line:
    tariffs = tuple([(tariff["htsus"], tariff["value_usd"]) for tariff in line["tariffs"]])
    return Line(line["line_id"], line["article_set"], tariffs, bool(line["ad_cvd"]))


def _noted(kind: Kind, day_field: str = "") -> Parser:
    def parse(parsed: Parsed) -> EntryNoted:
        day = _day(parsed.fields[day_field], parsed) if day_field else 0
        return EntryNoted(parsed.cause, kind, _entry_number(parsed.fields), day)

    return parse


_CONTROLS: Final = MappingProxyType({"trade": Kind.CONTROL_TRADE, "cbp": Kind.CONTROL_CBP})


def _control_changed(parsed: Parsed) -> EntryNoted:
    kind = _CONTROLS.get(parsed.fields["control"])
    if kind is None:
        raise InvalidRecord("impossible-content", "control of a summary is with the trade or with CBP")
    return EntryNoted(parsed.cause, kind, _entry_number(parsed.fields), 0)


def _entry_filed(parsed: Parsed) -> EntryFiled:
    fields = parsed.fields
    return EntryFiled(
        cause=parsed.cause,
        entry_number=_entry_number(fields),
        importer=fields["importer_of_record"],
        port=fields["port_of_entry"],
        entry_type=fields["entry_type"],
        entered_ms=_instant(fields["time_of_entry"], parsed),
    )


def _instant(value: int, parsed: Parsed) -> int:
    _day(value // _DAY_MS, parsed)
    return value


def _status_notified(parsed: Parsed) -> StatusNotified:
    fields = parsed.fields
    return StatusNotified(
        cause=parsed.cause,
        entry_number=_entry_number(fields),
        disposition=fields["disposition"],
        reason=fields["reason"] or "",
        day=_day(fields["action_on"], parsed),
    )


def _port_noticed(parsed: Parsed) -> PortNoticed:
    fields = parsed.fields
    return PortNoticed(
        cause=parsed.cause,
        kind=fields["kind"],
        entry_number=_entry_number(fields),
        importer=fields["importer_of_record"],
        port=parsed.cause.source,
        day=0,
    )


def _placement_set(parsed: Parsed) -> PlacementSet:
    fields = parsed.fields
    try:
        center = center_by_slug(fields["center"]).id
    except KeyError:
        raise InvalidRecord("impossible-content", "there is no Center of this name") from None
    return PlacementSet(
        cause=parsed.cause,
        importer=fields["importer_of_record"],
        center=center,
        basis=fields["basis"],
        reason=fields["reason"],
        effective_day=_day(fields["effective_on"], parsed),
    )


def _profile_changed(parsed: Parsed) -> ProfileChanged:
    return ProfileChanged(parsed.cause, parsed.fields["importer_of_record"], parsed.fields["center_eligible"])


PORT_EVENTS: Final[Mapping[str, Parser | None]] = MappingProxyType({
    "cee.entry_summary_accepted": _filed(Kind.ACCEPTED),
    "cee.entry_summary_replaced": _filed(Kind.REPLACED),
    "cee.psc_accepted": _filed(Kind.CORRECTED),
    "cee.entry_summary_replace_failed": _noted(Kind.REPLACE_FAILED),
    "cee.entry_summary_deleted": _noted(Kind.DELETED),
    "cee.entry_summary_rejected": _noted(Kind.REJECTED),
    "cee.entry_summary_inactivated": _noted(Kind.INACTIVATED),
    "cee.entry_summary_cancelled": _noted(Kind.CANCELLED),
    "cee.entry_summary_control_changed": _control_changed,
    "cee.entry_summary_paid": _noted(Kind.PAID, "paid_on"),
    "cee.entry_date_set": _noted(Kind.DATE_SET, "entry_date"),
    "cee.liquidation_scheduled": _noted(Kind.SCHEDULED, "liquidation_date"),
    "cee.entry_liquidated": _noted(Kind.LIQUIDATED, "liquidated_on"),
    "cee.entry_reliquidated": _noted(Kind.RELIQUIDATED, "reliquidated_on"),
    "cee.entry_filed": _entry_filed,
    "cee.status_notification": _status_notified,
    "cee.port_notice": _port_noticed,
    "cee.importer_profile_changed": _profile_changed,
})
