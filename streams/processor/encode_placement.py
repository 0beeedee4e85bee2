"""A decision about an importer's placement as the fields of its records."""

from typing import Any, Final

from streams.customs.centers import NOT_ELIGIBLE_CODE, PENDING_CODE, center_by_id
from streams.customs.evidence import HeadingCount
from streams.customs.ledger import Ledger
from streams.customs.outcomes import AppealNoted, Placed
from streams.customs.placement import Evidence, Flag, Override, Standing
from streams.customs.tariff_mix import CenterCount
from streams.processor.encode_work import SLUGS

Fields = dict[str, Any]

_FLAGS: Final = ((Flag.NO_CLEAR_LEADER, "no_clear_leader"), (Flag.VALUE_ELSEWHERE, "value_elsewhere"))


def placement_fields(placed: Placed, account: str, cause: Fields) -> Fields:
    """Return where an importer is placed after a decision, with what the decision rests on."""
    decision = placed.decision
    return {
        **standing_fields(decision.standing, placed.ledger, account),
        "evidence": evidence_fields(decision.evidence),
        "decided_on": decision.day,
        "reason": decision.reason,
        "caused_by": cause,
    }


def change_fields(placed: Placed, placement: Fields, change_id: str) -> Fields:
    """Return a decision as an entry of the log of changes."""
    decision = placed.decision
    return placement | {
        "change_id": change_id,
        "kind": decision.kind,
        "former_center": SLUGS.get(decision.former),
    }


def standing_fields(standing: Standing, ledger: Ledger, account: str) -> Fields:
    """Return an importer's standing as fields."""
    computed = standing.computed
    is_placed = bool(standing.center)
    return {
        "account_key": account,
        "importer_numbers": ledger.importers,
        "center": SLUGS.get(standing.center),
        "ace_code": _ace_code(standing),
        "basis": standing.basis if is_placed else None,
        "effective_from": standing.effective_from if is_placed else None,
        "firm": computed is not None and computed.firm,
        "stale": computed is not None and computed.stale,
        "history": computed.history if computed is not None else None,
        "eligible": standing.eligible,
        "computed_center": SLUGS.get(computed.center) if computed is not None else None,
        "override": _override_fields(standing.override),
        "scheduled": _override_fields(standing.scheduled),
        "challenger": SLUGS.get(standing.challenger),
        "challenger_since": standing.challenger_since or None,
        "flags": _flags(standing),
    }


def _ace_code(standing: Standing) -> str:
    if not standing.eligible:
        return NOT_ELIGIBLE_CODE
    return center_by_id(standing.center).ace_code if standing.center else PENDING_CODE


def _override_fields(override: Override | None) -> Fields | None:
    if override is None:
        return None
    return {
        "center": SLUGS[override.center],
        "basis": override.basis,
        "reason": override.reason,
        "effective_on": override.effective_on,
    }


def _flags(standing: Standing) -> list[str]:
    flags = [name for flag, name in _FLAGS if standing.flags & flag]
    marks = ((standing.diverges, "diverges"), (standing.singly, "broker_ior"))
    return flags + [name for is_so, name in marks if is_so]


def evidence_fields(evidence: Evidence) -> Fields:
    """Return what a decision rests on as fields."""
    return {
        "window_from": evidence.window_from,
        "first_day": evidence.first_day or None,
        "last_day": evidence.last_day or None,
        "summaries": evidence.summaries,
        "centers": [_center_fields(count) for count in evidence.centers],
        "headings": [_heading_fields(count) for count in evidence.headings],
        "measure": evidence.measure,
        "policy_version": evidence.policy_version,
        "coverage_version": evidence.coverage_version,
    }


def _center_fields(count: CenterCount) -> Fields:
    return count._asdict() | {"center": SLUGS[count.center]}


def _heading_fields(count: HeadingCount) -> Fields:
    return count._asdict() | {"center": SLUGS[count.center]}


def appeal_fields(noted: AppealNoted, account: str, status_id: str, cause: Fields) -> Fields:
    """Return how far an appeal has come as fields."""
    appeal, extract = noted.appeal, noted.extract
    return {
        "status_id": status_id,
        "account_key": account,
        "importer_numbers": noted.ledger.importers,
        "appeal_number": noted.number,
        "state": appeal.state,
        "missing": noted.missing,
        "received_on": appeal.received_day,
        "current_center": SLUGS.get(appeal.current_center),
        "preferred_center": SLUGS.get(appeal.preferred_center),
        "placed_in": SLUGS.get(noted.ledger.standing.center),
        "decided_on": appeal.decided_day or None,
        "effective_on": appeal.effective_day or None,
        "reason": noted.reason or None,
        "history": extract.history if extract is not None else None,
        "extract_from": extract.since if extract is not None else None,
        "extract": [_heading_fields(count) for count in extract.headings] if extract is not None else [],
        "caused_by": cause,
    }
