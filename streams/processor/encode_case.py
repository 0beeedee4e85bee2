"""Matters, answers and the list of open cases, as bytes of their records: by the codec, for they are few.

Open cases of entries are many: they are written from the parts that their pieces of work are written from.
"""

from collections.abc import Callable
from typing import Any, Final

from streams.customs.matters import EarlierDecision, Matter, RelatedCase, clocks_of_matter
from streams.customs.outcomes import Answered, CaseMoved, MatterItem, Resulted
from streams.customs.placement import Standing
from streams.customs.work_types import WORK_TYPES
from streams.processor.encode_entry import entry_fields
from streams.processor.encode_work import SLUGS, clock_fields
from streams.processor.occasion import Occasion
from streams.processor.record_groups import Fields

Encode = Callable[[str, Fields], bytes]

_NO_ENTRY: Final = ("version", "port_of_entry", "entry_type", "importer_of_record")


class CaseEncoder:
    """Writes what concerns matters and answers; make one and keep it."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode

    def work(self, item: MatterItem, occasion: Occasion, standing: Standing | None) -> bytes:
        """Return a piece of work about a matter."""
        matter = item.matter
        identity = f"{item.case_id}/{matter.sequence}/{item.action}/{item.role}/{item.party}"
        head = {
            "work_id": occasion.name_of(identity),
            "action": item.action,
            "role": item.role,
            "party": item.party or None,
        }
        return self._encode("work_item", head | self._common(item, occasion, standing))

    def open_case(self, item: MatterItem, occasion: Occasion, standing: Standing | None) -> bytes:
        """Return an open matter as it stands."""
        state = {"taken": item.matter.taken, "opened_at": item.matter.opened_ms}
        return self._encode("open_case", state | self._common(item, occasion, standing))

    def _common(self, item: MatterItem, occasion: Occasion, standing: Standing | None) -> Fields:
        matter = item.matter
        return {
            "case_id": item.case_id,
            "sequence": matter.sequence,
            "assignment": matter.assignment,
            "work_type": WORK_TYPES[matter.work_type].name,
            "center": SLUGS.get(item.desk),
            "account_key": occasion.account,
            "importer_numbers": matter.importers,
            "ports": matter.ports,
            "entries": _entries(item),
            "clocks": [clock_fields(clock) for clock in clocks_of_matter(matter)],
            "why": _why(item, matter, occasion, standing),
            "related_cases": [_related(one) for one in item.related],
            "earlier_decisions": [_earlier(one) for one in item.earlier],
            "caused_by": occasion.cause_fields(),
        }

    def response(self, answered: Answered, occasion: Occasion) -> bytes:
        """Return the one answer about a case."""
        fields = {
            "response_id": response_id(answered.case_id, occasion),
            "case_id": answered.case_id,
            "work_type": WORK_TYPES[answered.work_type].name,
            "reference": answered.reference or None,
            "center": SLUGS.get(answered.center),
            "account_key": occasion.account,
            "importer_numbers": answered.importers,
            "decision": answered.decision,
            "decided_on": answered.decided_day,
            "ports": answered.ports,
            "entry_numbers": answered.entries,
            "text": answered.text or None,
            "caused_by": occasion.cause_fields(),
        }
        return self._encode("case_response", fields)

    def result(self, result: Resulted, occasion: Occasion) -> bytes:
        """Return what a response, or a refusal, means for one entry."""
        identity = f"result/{result.case_id}/{result.reference}/{result.entry_number}"
        rule = result.rule
        fields = {
            "result_id": occasion.name_of(identity),
            "case_id": result.case_id,
            "response_id": response_id(result.case_id, occasion) if result.answered else None,
            "reference": result.reference or None,
            "account_key": occasion.account,
            "entry_number": result.entry_number,
            "port_of_entry": result.port or None,
            "result": result.result,
            "rule": rule.name if rule is not None else None,
            "amount_cents": result.amount_cents,
            "text": result.text or (rule.sentence if rule is not None else None),
            "caused_by": occasion.cause_fields(),
        }
        return self._encode("entry_result", fields)

    def moved(self, moved: CaseMoved, decision: str, occasion: Occasion) -> bytes:
        """Return the answer to a decision that names an old assignment."""
        fields = {
            "move_id": occasion.name_of(f"moved/{moved.case_id}"),
            "decision_event_id": occasion.cause.event_id,
            "decision_type": decision,
            "decided_by": occasion.cause.source,
            "account_key": occasion.account,
            "case_id": moved.case_id,
            "named_assignment": moved.named,
            "center": SLUGS.get(moved.desk),
            "assignment": moved.assignment,
            "caused_by": occasion.cause_fields(),
        }
        return self._encode("case_moved", fields)


def response_id(case_id: str, occasion: Occasion) -> str:
    """Return the name of the answer about a case."""
    return occasion.name_of(f"response/{case_id}")


def _entries(item: MatterItem) -> list[Fields]:
    lines = item.matter.lines
    return [
        (entry_fields(number, entry) if entry is not None else _unknown(number, generation)) | {"lines": lines}
        for number, generation, entry in item.entries
    ]


def _unknown(number: str, generation: int) -> Fields:
    dates: Fields = dict.fromkeys(("entry_date", "import_date", "liquidation_date"))
    return {"entry_number": number, "generation": generation} | dict.fromkeys(_NO_ENTRY) | dates


def _why(item: MatterItem, matter: Matter, occasion: Occasion, standing: Standing | None) -> Fields:
    is_placed = standing is not None and standing.center and standing.center == item.desk
    rules = occasion.rules
    return {
        "rule": item.rule,
        "source": WORK_TYPES[matter.work_type].source,
        "placement_basis": standing.basis if standing is not None and is_placed else None,
        "placement_since": (standing.effective_from or None) if standing is not None and is_placed else None,
        "policy_version": rules.policy.version,
        "coverage_version": rules.coverage.in_force(occasion.today).version,
    }


def _related(other: RelatedCase) -> Fields:
    return {
        "case_id": other.case_id,
        "work_type": WORK_TYPES[other.work_type].name,
        "center": SLUGS.get(other.desk),
    }


def _earlier(one: EarlierDecision) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "center": SLUGS.get(one.center, ""),
        "decision": one.decision,
        "decided_on": one.decided_day,
    }
