"""From a record's fields to an event that the rules understand.

Whatever makes an event impossible raises `InvalidRecord`; what only breaks a rule is left to the rules.
"""

from collections.abc import Mapping
from typing import Final

from streams.customs.appeal import AppealState, Filed, Projection
from streams.customs.centers import center_by_slug
from streams.customs.events import (
    AppealDecided,
    AppealFiled,
    EntryFiled,
    EntryNoted,
    PlacementSet,
    PortNoticed,
    ProfileChanged,
    StatusNotified,
)
from streams.customs.life_cycle import Kind
from streams.customs.notices import PORT_NOTICES
from streams.processor.decode_filing import filing
from streams.processor.decode_trade import TRADE_PARSERS
from streams.processor.parsing import Parsed, Parser, code, day, identifier, impossible, instant, listed, word

MAX_REASON: Final = 4_000
"""Characters in the reason of a placement by hand: it is kept with the placement."""


def _noted(kind: Kind, day_field: str = "") -> Parser:
    def parse(parsed: Parsed) -> EntryNoted:
        told = day(parsed.fields[day_field], parsed) if day_field else 0
        return EntryNoted(parsed.cause, kind, parsed.entry_number, told)

    return parse


_CONTROLS: Final = {"trade": Kind.CONTROL_TRADE, "cbp": Kind.CONTROL_CBP}


def _control_changed(parsed: Parsed) -> EntryNoted:
    kind = _CONTROLS.get(parsed.fields["control"])
    if kind is None:
        impossible("control of a summary is with the trade or with CBP")
    return EntryNoted(parsed.cause, kind, parsed.entry_number, 0)


def _entry_filed(parsed: Parsed) -> EntryFiled:
    fields = parsed.fields
    return EntryFiled(
        parsed.cause,
        parsed.entry_number,
        fields["importer_of_record"],
        code(fields["port_of_entry"], 4, "a port"),
        code(fields["entry_type"], 2, "an entry type"),
        instant(fields["time_of_entry"], parsed),
    )


def _status_notified(parsed: Parsed) -> StatusNotified:
    fields = parsed.fields
    return StatusNotified(
        parsed.cause,
        parsed.entry_number,
        fields["disposition"],
        fields["reason"] or "",
        day(fields["action_on"], parsed),
    )


def _port_noticed(parsed: Parsed) -> PortNoticed:
    fields = parsed.fields
    return PortNoticed(
        parsed.cause,
        word(fields["kind"], PORT_NOTICES, "the kind of a port's notice"),
        parsed.entry_number,
        fields["importer_of_record"],
        code(fields["port"], 4, "a port"),
    )


def _placement_set(parsed: Parsed) -> PlacementSet:
    fields = parsed.fields
    return PlacementSet(
        parsed.cause,
        fields["importer_of_record"],
        _center(fields["center"]),
        fields["basis"],
        _reason(fields["reason"]),
        day(fields["effective_on"], parsed),
    )


def _reason(text: str) -> str:
    if len(text) > MAX_REASON:
        impossible(f"a reason has at most {MAX_REASON} characters")
    return text


def _center(slug: str | None) -> int:
    if slug is None:
        return 0
    try:
        return center_by_slug(slug).id
    except KeyError:
        impossible("there is no Center of this name")


def _profile_changed(parsed: Parsed) -> ProfileChanged:
    fields = parsed.fields
    status = fields["status"] or ""
    if status not in _STATUSES:
        impossible("an importer is active, voided or inactive")
    return ProfileChanged(parsed.cause, fields["importer_of_record"], fields["eligible"], status, fields["is_broker"])


_STATUSES: Final = ("", "active", "voided", "inactive")


def _appeal_received(parsed: Parsed) -> AppealFiled:
    fields = parsed.fields
    filed = Filed(
        day(fields["received_on"], parsed),
        _center(fields["current_center"]),
        _center(fields["preferred_center"]),
        tuple(listed(fields["importer_numbers"])),
        tuple(listed(fields["bond_numbers"])),
        bool((fields["justification"] or "").strip()),
        tuple(
            Projection(row["importer_of_record"], row["heading"], row["period"] == "projected")
            for row in listed(fields["import_data"])
        ),
    )
    return AppealFiled(parsed.cause, fields["importer_of_record"], identifier(fields["appeal_number"]), filed)


def _appeal_decided(parsed: Parsed) -> AppealDecided:
    fields = parsed.fields
    try:
        state = AppealState(fields["decision"])
    except ValueError:
        impossible("a decision on an appeal is one of its states")
    return AppealDecided(
        parsed.cause,
        fields["importer_of_record"],
        identifier(fields["appeal_number"]),
        state,
        _center(fields["center"]),
        day(fields["decided_on"], parsed),
        day(fields["effective_on"], parsed),
        _reason(fields["reason"] or ""),
    )


PARSERS: Final[Mapping[str, Parser]] = {
    "entry_filed": _entry_filed,
    "entry_summary_accepted": filing(Kind.ACCEPTED),
    "entry_summary_replaced": filing(Kind.REPLACED),
    "psc_accepted": filing(Kind.CORRECTED),
    "entry_summary_replace_failed": _noted(Kind.REPLACE_FAILED),
    "entry_summary_deleted": _noted(Kind.DELETED),
    "entry_summary_rejected": _noted(Kind.REJECTED),
    "entry_summary_inactivated": _noted(Kind.INACTIVATED),
    "entry_summary_cancelled": _noted(Kind.CANCELLED),
    "entry_summary_control_changed": _control_changed,
    "entry_summary_paid": _noted(Kind.PAID, "paid_on"),
    "entry_date_set": _noted(Kind.DATE_SET, "entry_date"),
    "liquidation_scheduled": _noted(Kind.SCHEDULED, "liquidation_date"),
    "status_notification": _status_notified,
    "port_notice": _port_noticed,
    "importer_profile_changed": _profile_changed,
    "placement_set": _placement_set,
    "appeal_received": _appeal_received,
    "appeal_decided": _appeal_decided,
    **TRADE_PARSERS,
}
"""What is acted on; records of a source topic that are not here are accepted, counted, and nothing follows yet."""
