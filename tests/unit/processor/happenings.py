"""Short ways to say what happens to an importer's entries: each publishes one event, no earlier than it happened."""

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from streams.processor.tables import DUE
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.kit import ENTRY, IMPORTER, Cluster, day, envelope, filed

KEY: Final = IMPORTER[:10]
NUMBERS: Final = [number for number, _ in zip(entry_numbers(), range(12), strict=False)]
ELECTRONICS: Final = "electronics"
CENTER_TOPIC: Final = "center-work-electronics"
AMOUNTS: Final = ("fee_cents", "tax_cents", "ad_cents", "cvd_cents", "interest_cents", "difference_cents")


def tell(
    cluster: Cluster, name: str, fields: dict[str, Any], *, key: str = "", topic: str = "entry-summary-event"
) -> str:
    """Publish an event no earlier than it happened."""
    cluster.now = max(cluster.now, datetime.fromtimestamp(fields["event_time"] / 1000, UTC))
    return cluster.publish(name, fields, key=key, topic=topic)


def happened(when: str, **fields: Any) -> dict[str, Any]:
    """Return an event's fields on a day; its identity follows from them."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{when}/{sorted(fields.items(), key=str)}"))
    return envelope(f"{when}T15:00:00", identity) | fields


def accepted(cluster: Cluster, number: str = ENTRY, when: str = "2026-03-02", **others: Any) -> str:
    """Accept a summary."""
    return tell(cluster, "entry_summary_accepted", filed(number=number, when=f"{when}T14:00:00", **others))


def noted(cluster: Cluster, name: str, when: str, number: str = ENTRY, **fields: Any) -> str:
    """Tell a fact about an entry of the importer."""
    about = {"entry_number": number, "importer_of_record": IMPORTER}
    return tell(cluster, name, happened(when, **about, **fields))


def liquidated(cluster: Cluster, when: str = "2026-11-13", number: str = ENTRY, **changed: Any) -> str:
    """Liquidate an entry."""
    amounts: dict[str, Any] = dict.fromkeys(AMOUNTS)
    return noted(
        cluster, "entry_liquidated", when, number, **amounts | {"liquidated_on": day(when), "duty_cents": 0} | changed
    )


def reliquidated(cluster: Cluster, when: str, ground: str, issues: tuple[str, ...] = ()) -> str:
    """Reliquidate an entry."""
    amounts: dict[str, Any] = dict.fromkeys(AMOUNTS)
    changed = {"reliquidated_on": day(when), "duty_cents": 0, "ground": ground, "issues": list(issues)}
    return noted(cluster, "entry_reliquidated", when, **amounts | changed)


def status(cluster: Cluster, disposition: str, when: str, reason: str | None = None) -> str:
    """Notify a filer of a disposition."""
    optional = dict.fromkeys(("team_number", "line_id", "text"))
    fields = {"entry_number": ENTRY, "disposition": disposition, "disposition_source": "1", "documents": []}
    return tell(
        cluster, "status_notification", happened(when, **fields, **optional, action_on=day(when), reason=reason)
    )


def notice(cluster: Cluster, kind: str, when: str, number: str = ENTRY, **changed: Any) -> str:
    """Issue a notice."""
    optional = dict.fromkeys(
        (
            "mailed_on",
            "due_on",
            "port",
            "issue",
            "heading",
            "ground",
            "examined_at",
            "examined_on",
            "amount_cents",
            "text",
        )
    )
    fields = {
        "entry_number": number, "importer_of_record": IMPORTER, "notice_id": f"N-{kind}-{number}", "kind": kind,
        "issued_on": day(when), "further_entry_numbers": [], "line_ids": [],
    }  # fmt: skip
    return tell(cluster, "notice_issued", happened(when, **optional | fields | changed))


def answered(cluster: Cluster, kind: str | None, when: str, notice_id: str | None = None) -> str:
    """Answer a notice, or hand documents in."""
    fields: dict[str, Any] = {
        "answered_on": day(when),
        "documents": [],
        "text": None,
        "notice_id": notice_id,
        "kind": kind,
    }
    return noted(cluster, "party_answered", when, **fields)


def port_notice(cluster: Cluster, kind: str, when: str) -> str:
    """Let a port tell of cargo in its own hands."""
    return noted(cluster, "port_notice", when, kind=kind, port="2704", noticed_on=day(when), line_ids=[], text=None)


def claim(cluster: Cluster, kind: str, when: str, importer: str | None = IMPORTER, **changed: Any) -> str:
    """File a claim."""
    optional = dict.fromkeys(("import_date", "htsus", "agreement", "amount_cents", "text"))
    fields = {
        "claim_number": f"C-{kind}", "kind": kind, "importer_of_record": importer, "filed_on": day(when),
        "entry_numbers": [ENTRY],
    }  # fmt: skip
    key = "" if importer else f"inquiry:C-{kind}"
    return tell(cluster, "claim_filed", happened(when, **optional | fields | changed), key=key)


def inquiry(cluster: Cluster, when: str, importer: str | None = IMPORTER, number: str = "Q-1", **about: object) -> str:
    """Ask a question."""
    optional = dict.fromkeys(("entry_number", "htsus", "industry", "port", "text"))
    fields = {
        "inquiry_number": number, "importer_of_record": importer, "received_on": day(when), "subject": "What is it?",
    }  # fmt: skip
    key = "" if importer else f"inquiry:{number}"
    return tell(cluster, "inquiry_received", happened(when, **optional | fields | about), key=key)


def petition(cluster: Cluster, kind: str, when: str, **changed: Any) -> str:
    """File a petition."""
    fields = {
        "importer_of_record": IMPORTER, "petition_number": f"P-{kind}", "kind": kind, "notice_id": None, "port": "2704",
        "filed_on": day(when), "entry_numbers": [ENTRY], "text": None,
    }  # fmt: skip
    return tell(cluster, "petition_filed", happened(when, **fields | changed))


def protest(
    cluster: Cluster, *numbers: str, when: str = "2026-12-01", number: str = "270426000001", **changed: Any
) -> str:
    """Protest the liquidation of entries."""
    optional = dict.fromkeys(("decision_on", "center", "text"))
    fields = {
        "importer_of_record": IMPORTER, "protest_number": number, "protest_type": "1", "protestant": IMPORTER,
        "protestant_role": "importer", "filed_on": day(when), "against": "liquidation", "issue": "classification",
        "category": "8471", "accelerated": False, "further_review": False,
        "entries": [
            {"entry_number": one, "port_of_entry": None, "entry_date": None, "liquidation_date": None}
            for one in numbers
        ],
    }  # fmt: skip
    return tell(cluster, "protest_filed", happened(when, **optional | fields | changed))


def asked_of_protest(cluster: Cluster, request: str, when: str, number: str = "270426000001") -> str:
    """Ask something that goes with a protest."""
    fields = {"importer_of_record": IMPORTER, "protest_number": number, "request": request, "text": None}
    return tell(cluster, "protest_request_added", happened(when, **fields, requested_on=day(when)))


def decided(
    cluster: Cluster, work_type: str, decision: str, when: str, center: str = ELECTRONICS, **said: object
) -> str:
    """Let a Center decide its latest case of a work type."""
    item = items(cluster, work_type)[-1]
    about = {"account_key": item["account_key"], "case_id": item["case_id"], "assignment": item["assignment"]}
    rest = {"decision": decision, "decided_on": day(when), "issue": None, "heading": None, "entries": [], "text": None}
    fields = happened(when, **about | rest | said) | {"source": center}
    return tell(cluster, "work_decided", fields, key=item["account_key"], topic=f"center-decision-{center}")


def items(cluster: Cluster, work_type: str, topic: str = "") -> list[dict[str, Any]]:
    """Return the pieces of work of a type, on one topic or on all."""
    sent = [one for one in cluster.sent if one.name == "work_item" and topic in ("", one.topic)]
    return [one.fields for one in sent if one.fields["work_type"] == work_type]


def actions(cluster: Cluster, work_type: str) -> list[str]:
    """Return what the owner of a work type has heard."""
    return [item["action"] for item in items(cluster, work_type) if item["role"] == "owner"]


def pass_to(cluster: Cluster, when: str) -> None:
    """Let time pass to a day, with a look at every day on which a clock is due, as a worker does that is never down."""
    last = day(when)
    while (due := _next_due(cluster)) <= last:
        _look(cluster, due)
    _look(cluster, last)


def _look(cluster: Cluster, on: int) -> None:
    noon = datetime.fromtimestamp(on * 86_400 + 17 * 3_600, UTC)
    cluster.pass_time(seconds=max(0.0, (noon - cluster.now).total_seconds()))


def _next_due(cluster: Cluster) -> int:
    """Return the first day under which anything is listed."""
    listed = [key for state in cluster.states for key in state.stored if key.startswith(DUE.prefix)]
    return min((int.from_bytes(key[2:6], "big") for key in listed), default=1 << 31)
