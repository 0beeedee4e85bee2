"""From a record's fields to what the trade files, CBP notifies and Centers decide, as the rules understand it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from streams.customs.centers import center_by_slug
from streams.customs.corrections import CorrectionUndone
from streams.customs.events import EntryLiquidated
from streams.customs.facts_known import Fact
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import FactNoted
from streams.customs.trade_events import (
    AdviceGiven,
    CaseEvent,
    ClaimFiled,
    DecidedEntry,
    InformationRequested,
    InquiryReceived,
    NoticeIssued,
    PartyAnswered,
    PetitionDecided,
    PetitionFiled,
    ProtestAmended,
    ProtestedEntry,
    ProtestFiled,
    ProtestRequested,
    ProtestWithdrawn,
    WorkClosed,
    WorkDecided,
    WorkTaken,
)
from streams.processor.decode_filing import MAX_LINES
from streams.processor.parsing import Parsed, Parser, code, day, identifier, impossible, listed, word

MAX_TEXT: Final = 4_000
MAX_ISSUES: Final = 100

_DECISIONS: Final = "center-decision-"


def _text(value: str | None) -> str:
    text = value or ""
    if len(text) > MAX_TEXT:
        impossible(f"a text has at most {MAX_TEXT} characters")
    return text


def _numbers(entries: list[str]) -> tuple[str, ...]:
    return tuple([code(number, 11, "an entry number (without hyphens)") for number in listed(entries)])


def _lines(lines: list[str]) -> tuple[str, ...]:
    if len(lines) > MAX_LINES:
        impossible(f"an entry summary has at most {MAX_LINES} lines")
    return tuple([code(line, 3, "a line") for line in lines])


def _protested(entries: list[Mapping[str, Any]], parsed: Parsed) -> tuple[ProtestedEntry, ...]:
    return tuple(
        ProtestedEntry(
            code(one["entry_number"], 11, "an entry number (without hyphens)"),
            code(one["port_of_entry"], 4, "a port") if one["port_of_entry"] else "",
            day(one["liquidation_date"], parsed),
        )
        for one in listed(entries)
    )


def _protest_filed(parsed: Parsed) -> ProtestFiled:
    fields = parsed.fields
    return ProtestFiled(
        parsed.cause,
        identifier(fields["protest_number"]),
        fields["importer_of_record"],
        identifier(fields["protest_type"]),
        identifier(fields["protestant"]),
        identifier(fields["protestant_role"]),
        day(fields["filed_on"], parsed),
        word(fields["against"], ("liquidation", "reliquidation", "exclusion", "decision"), "what a protest is against"),
        day(fields["decision_on"], parsed),
        identifier(fields["issue"]),
        identifier(fields["category"]),
        fields["accelerated"],
        fields["further_review"],
        _protested(fields["entries"], parsed),
    )


def _protest_amended(parsed: Parsed) -> ProtestAmended:
    fields = parsed.fields
    return ProtestAmended(
        parsed.cause,
        identifier(fields["protest_number"]),
        day(fields["amended_on"], parsed),
        _protested(fields["added_entries"], parsed),
        identifier(fields["issue"]),
    )


def _protest_withdrawn(parsed: Parsed) -> ProtestWithdrawn:
    fields = parsed.fields
    return ProtestWithdrawn(parsed.cause, identifier(fields["protest_number"]), day(fields["withdrawn_on"], parsed))


def _protest_requested(parsed: Parsed) -> ProtestRequested:
    fields = parsed.fields
    request = word(fields["request"], ("accelerated", "further_review", "void", "set_aside"), "a request")
    return ProtestRequested(
        parsed.cause, identifier(fields["protest_number"]), request, day(fields["requested_on"], parsed)
    )


NOTICES: Final = (
    "form_28",
    "form_29_proposed",
    "form_29_taken",
    "form_4647",
    "redelivery",
    "records_demand",
    "penalty",
    "liquidated_damages",
    "bill",
    "refund",
    "question",
    "label_opportunity",
    "ipr",
    "internal_advice",
    "bond_insufficient",
    "unpaid_amount",
)


def _notice_issued(parsed: Parsed) -> NoticeIssued:
    fields = parsed.fields
    return NoticeIssued(
        parsed.cause,
        parsed.entry_number,
        fields["importer_of_record"],
        identifier(fields["notice_id"]),
        word(fields["kind"], NOTICES, "the kind of a notice"),
        day(fields["issued_on"], parsed),
        day(fields["mailed_on"], parsed),
        day(fields["due_on"], parsed),
        code(fields["port"], 4, "a port") if fields["port"] else "",
        _numbers(fields["further_entry_numbers"]),
        identifier(fields["issue"]),
        identifier(fields["heading"]),
        _lines(fields["line_ids"]),
        identifier(fields["ground"]),
        identifier(fields["examined_at"]),
        day(fields["examined_on"], parsed),
    )


def _party_answered(parsed: Parsed) -> PartyAnswered:
    fields = parsed.fields
    return PartyAnswered(
        parsed.cause,
        parsed.entry_number,
        fields["importer_of_record"],
        identifier(fields["notice_id"]),
        identifier(fields["kind"]),
        day(fields["answered_on"], parsed),
    )


_CLAIMS: Final = ("preference_refund", "owner_declaration", "prior_disclosure", "domestic_party", "tib_extension")


def _claim_filed(parsed: Parsed) -> ClaimFiled:
    fields = parsed.fields
    return ClaimFiled(
        parsed.cause,
        identifier(fields["claim_number"]),
        word(fields["kind"], _CLAIMS, "the kind of a claim"),
        fields["importer_of_record"] or "",
        day(fields["filed_on"], parsed),
        day(fields["import_date"], parsed),
        _numbers(fields["entry_numbers"]),
        identifier(fields["htsus"]),
    )


_PETITIONS: Final = ("penalty", "liquidated_damages")


def _petition_filed(parsed: Parsed) -> PetitionFiled:
    fields = parsed.fields
    return PetitionFiled(
        parsed.cause,
        identifier(fields["petition_number"]),
        word(fields["kind"], _PETITIONS, "the kind of a petition"),
        fields["importer_of_record"],
        identifier(fields["notice_id"]),
        code(fields["port"], 4, "a port") if fields["port"] else "",
        day(fields["filed_on"], parsed),
        _numbers(fields["entry_numbers"]),
    )


def _petition_decided(parsed: Parsed) -> PetitionDecided:
    fields = parsed.fields
    return PetitionDecided(
        parsed.cause,
        identifier(fields["petition_number"]),
        day(fields["decided_on"], parsed),
        identifier(fields["decision"]),
        _text(fields["text"]),
    )


def _inquiry_received(parsed: Parsed) -> InquiryReceived:
    fields = parsed.fields
    return InquiryReceived(
        parsed.cause,
        identifier(fields["inquiry_number"]),
        fields["importer_of_record"] or "",
        day(fields["received_on"], parsed),
        parsed.entry_number,
        identifier(fields["htsus"]),
        _text(fields["industry"]),
        code(fields["port"], 4, "a port") if fields["port"] else "",
    )


def _issues(issues: list[str]) -> tuple[str, ...]:
    if len(issues) > MAX_ISSUES:
        impossible(f"a reliquidation names at most {MAX_ISSUES} issues")
    return tuple(identifier(issue) for issue in issues)


def _liquidated(kind: Kind, day_field: str) -> Parser:
    def parse(parsed: Parsed) -> EntryLiquidated:
        fields = parsed.fields
        return EntryLiquidated(
            parsed.cause,
            kind,
            parsed.entry_number,
            day(fields[day_field], parsed),
            fields.get("ground") or "",
            _issues(fields.get("issues", [])),
            fields["difference_cents"] or 0,
        )

    return parse


def _fact(fact: Fact, day_field: str, name: str) -> Parser:
    def parse(parsed: Parsed) -> FactNoted:
        return FactNoted(parsed.cause, fact, parsed.entry_number, day(parsed.fields[day_field], parsed), name)

    return parse


def _undone(fact: Fact, day_field: str, name: str) -> Parser:
    def parse(parsed: Parsed) -> CorrectionUndone:
        fields = parsed.fields
        version = code(fields["version"], 5, "a version") if fields["version"] else ""
        return CorrectionUndone(parsed.cause, fact, parsed.entry_number, day(fields[day_field], parsed), name, version)

    return parse


# --- decisions of Centers -------------------------------------------------------------------------------------


def _about(parsed: Parsed) -> CaseEvent:
    """Return which case a Center speaks of; which Center it is, is known by the topic."""
    fields = parsed.fields
    slug = parsed.cause.topic.rpartition(_DECISIONS)[2]
    return CaseEvent(parsed.cause, center_by_slug(slug).id, identifier(fields["case_id"]), fields["assignment"])


def _work_taken(parsed: Parsed) -> WorkTaken:
    return WorkTaken(_about(parsed))


def _information_requested(parsed: Parsed) -> InformationRequested:
    fields = parsed.fields
    return InformationRequested(
        _about(parsed),
        identifier(fields["kind"]),
        identifier(fields["notice_id"]),
        day(fields["requested_on"], parsed),
        day(fields["due_on"], parsed),
    )


def _work_decided(parsed: Parsed) -> WorkDecided:
    fields = parsed.fields
    entries = tuple(
        DecidedEntry(
            code(one["entry_number"], 11, "an entry number (without hyphens)"),
            identifier(one["result"]),
            one["amount_cents"],
            _text(one["text"]),
        )
        for one in listed(fields["entries"])
    )
    return WorkDecided(
        _about(parsed),
        identifier(fields["decision"]),
        day(fields["decided_on"], parsed),
        identifier(fields["issue"]),
        identifier(fields["heading"]),
        entries,
        _text(fields["text"]),
    )


def _work_closed(parsed: Parsed) -> WorkClosed:
    return WorkClosed(_about(parsed), day(parsed.fields["closed_on"], parsed))


def _advice_given(parsed: Parsed) -> AdviceGiven:
    fields = parsed.fields
    return AdviceGiven(_about(parsed), fields["given_by"], day(fields["given_on"], parsed))


TRADE_PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        "protest_filed": _protest_filed,
        "protest_amended": _protest_amended,
        "protest_withdrawn": _protest_withdrawn,
        "protest_request_added": _protest_requested,
        "notice_issued": _notice_issued,
        "party_answered": _party_answered,
        "claim_filed": _claim_filed,
        "petition_filed": _petition_filed,
        "petition_decided": _petition_decided,
        "inquiry_received": _inquiry_received,
        "entry_liquidated": _liquidated(Kind.LIQUIDATED, "liquidated_on"),
        "entry_reliquidated": _liquidated(Kind.RELIQUIDATED, "reliquidated_on"),
        "liquidation_extended": _fact(Fact.EXTENDED, "extended_until", "liquidation_extended"),
        "liquidation_suspended": _fact(Fact.SUSPENDED, "suspended_on", "liquidation_suspended"),
        "liquidation_suspension_removed": _fact(
            Fact.SUSPENSION_REMOVED, "removed_on", "liquidation_suspension_removed"
        ),
        "psc_rejected": _undone(Fact.PSC_REJECTED, "rejected_on", "psc_rejected"),
        "psc_reverted": _undone(Fact.PSC_REVERTED, "reverted_on", "psc_reverted"),
        "work_taken": _work_taken,
        "information_requested": _information_requested,
        "work_decided": _work_decided,
        "work_closed": _work_closed,
        "advice_given": _advice_given,
    }
)
