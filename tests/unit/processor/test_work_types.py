"""Every row of the division of labour has an event that triggers it, a routed item, its clock, and its end."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from streams.customs.work_types import WORK_TYPES
from tests.unit.processor.happenings import (
    CENTER_TOPIC,
    NUMBERS,
    accepted,
    actions,
    asked_of_protest,
    claim,
    decided,
    inquiry,
    items,
    liquidated,
    noted,
    notice,
    pass_to,
    port_notice,
    protest,
    reliquidated,
    status,
    tell,
)
from tests.unit.processor.kit import ENTRY, Cluster, about, day, filed

ROWS: Final = list(csv.DictReader((Path(__file__).parent / "data" / "work_types.csv").read_text("utf-8").splitlines()))
ELSEWHERE: Final = "center-work-elsewhere"
DRAWBACK_TYPE: Final = "47"

Scene = Callable[[Cluster], object]


def entered(cluster: Cluster) -> None:
    when = "2026-03-02"
    fields = about(
        f"{when}T12:00:00",
        port_of_entry="2704",
        entry_type="01",
        filed_at=cluster_ms(when),
        time_of_entry=cluster_ms(when),
    )
    cluster.publish("entry_filed", fields)


def cluster_ms(when: str) -> int:
    return day(when) * 86_400_000 + 12 * 3_600_000


def of_type(entry_type: str) -> Scene:
    return lambda cluster: accepted(cluster, entry_type=entry_type)


def then(*scenes: Scene) -> Scene:
    def play(cluster: Cluster) -> None:
        accepted(cluster)
        for scene in scenes:
            scene(cluster)

    return play


def noticed(kind: str, **changed: Any) -> Scene:
    return then(lambda cluster: notice(cluster, kind, "2026-03-10", **changed))


def protested(*scenes: Scene, **changed: Any) -> Scene:
    return then(liquidated, lambda cluster: protest(cluster, ENTRY, **changed), *scenes)


def denied(work_type: str = "protest") -> Scene:
    return lambda cluster: decided(cluster, work_type, "denied", "2026-12-10")


def profile(cluster: Cluster) -> None:
    notice(cluster, "bond_insufficient", "2026-03-10")


TRIGGERS: Final[dict[str, Scene]] = {
    "entry_summary_review": accepted,
    "entry_summary_filing_check": entered,
    "entry_summary_rejection": then(lambda cluster: status(cluster, "4", "2026-03-10")),
    "entry_summary_cancellation": then(lambda cluster: status(cluster, "6", "2026-03-10")),
    "documents_required": then(lambda cluster: status(cluster, "2", "2026-03-10")),
    "informal_entry_review": of_type("11"),
    "warehouse_withdrawal_review": of_type("31"),
    "quota_processing": of_type("02"),
    "tib_control": of_type("23"),
    "reconciliation_review": then(lambda cluster: accepted(cluster, NUMBERS[1], entry_type="09")),
    "post_summary_correction_review": lambda cluster: corrected(cluster),  # noqa: PLW0108 - defined below
    "census_warning_resolution": lambda cluster: accepted(cluster, census_warnings=["27A"]),
    "request_for_information": noticed("form_28"),
    "notice_of_action": noticed("form_29_proposed", mailed_on=day("2026-03-11")),
    "classification_decision": then(lambda cluster: status(cluster, "8", "2026-03-10", "003")),
    "appraisement_decision": then(lambda cluster: status(cluster, "8", "2026-03-10", "005")),
    "origin_and_preference_decision": noticed("question", issue="origin", heading="8471"),
    "preference_refund_claim": then(
        lambda cluster: claim(cluster, "preference_refund", "2026-06-01", import_date=day("2026-02-28"))
    ),
    "marking_notice": noticed("form_4647", examined_at="dock", port="2704"),
    "redelivery_notice": noticed("redelivery", ground="textiles", port="2704"),
    "label_opportunity": noticed("label_opportunity"),
    "ipr_determination": noticed("ipr", port="2704"),
    "sampling_and_lab": then(lambda cluster: port_notice(cluster, "sampling", "2026-03-10")),
    "antidumping_countervailing_review": of_type("03"),
    "internal_advice_request": noticed("internal_advice"),
    "bond_sufficiency": then(profile),
    "bill_issued": then(lambda cluster: liquidated(cluster, difference_cents=5_000)),
    "refund_due": then(lambda cluster: liquidated(cluster, difference_cents=-5_000)),
    "liquidation_scheduled": then(
        lambda cluster: noted(
            cluster,
            "entry_summary_paid",
            "2026-03-12",
            paid_on=day("2026-03-12"),
            amount_cents=None,
            statement_number=None,
        ),
        lambda cluster: pass_to(cluster, "2027-01-20"),
    ),
    "deemed_liquidation_watch": then(lambda cluster: pass_to(cluster, "2027-02-15")),
    "liquidation_extension": then(
        lambda cluster: noted(
            cluster,
            "liquidation_extended",
            "2026-12-01",
            code="49",
            extended_on=day("2026-12-01"),
            extended_until=day("2028-03-02"),
            reason=None,
        )
    ),
    "liquidation_suspension": then(
        lambda cluster: noted(
            cluster, "liquidation_suspended", "2026-04-01", code="44", suspended_on=day("2026-04-01"), reason=None
        ),
        lambda cluster: noted(
            cluster,
            "liquidation_suspension_removed",
            "2026-09-01",
            code="44",
            removed_on=day("2026-09-01"),
            reason=None,
        ),
    ),
    "liquidation_posted": then(liquidated),
    "voluntary_reliquidation": then(liquidated, lambda cluster: reliquidated(cluster, "2026-12-15", "voluntary")),
    "protest": protested(),
    "protest_exclusion": then(
        lambda cluster: protest(cluster, ENTRY, against="exclusion", decision_on=day("2026-11-20"), issue="exclusion")
    ),
    "protest_accelerated": protested(accelerated=True),
    "protest_further_review": protested(further_review=True),
    "protest_further_review_set_aside": protested(
        denied("protest_further_review"),
        lambda cluster: asked_of_protest(cluster, "set_aside", "2026-12-20"),
        further_review=True,
    ),
    "protest_denial_void_request": protested(denied(), lambda cluster: asked_of_protest(cluster, "void", "2026-12-20")),
    "protest_summons_watch": protested(denied()),
    "petition_penalty": noticed("penalty", mailed_on=day("2026-03-10"), port="2704"),
    "petition_liquidated_damages": noticed("liquidated_damages", mailed_on=day("2026-03-10"), port="2704"),
    "domestic_interested_party_petition": lambda cluster: claim(
        cluster, "domestic_party", "2026-03-10", None, htsus="8471300100", entry_numbers=[]
    ),
    "prior_disclosure": then(
        lambda cluster: claim(cluster, "prior_disclosure", "2026-03-10"),
        lambda cluster: notice(cluster, "unpaid_amount", "2026-03-20"),
    ),
    "recordkeeping_request": noticed("records_demand"),
    "owner_declaration": then(lambda cluster: claim(cluster, "owner_declaration", "2026-04-10")),
    "cargo_release": then(lambda cluster: port_notice(cluster, "release", "2026-03-10")),
    "export_control": then(lambda cluster: port_notice(cluster, "export", "2026-03-10")),
    "drawback_claim": of_type(DRAWBACK_TYPE),
    "seizure_and_forfeiture": then(lambda cluster: port_notice(cluster, "seizure", "2026-03-10")),
    "trade_inquiry": then(lambda cluster: inquiry(cluster, "2026-03-10")),
}
"""By work type: what has to happen for it."""

ENDS: Final[dict[str, list[str]]] = {
    "entry_summary_filing_check": ["due_soon", "overdue"],
    "documents_required": ["due_soon", "overdue"],
    "tib_control": ["due_soon", "overdue"],
    "reconciliation_review": ["due_soon", "overdue"],
    "request_for_information": ["due_soon", "overdue"],
    "notice_of_action": ["due_soon", "overdue"],
    "marking_notice": ["due_soon", "overdue"],
    "redelivery_notice": ["due_soon", "overdue"],
    "bill_issued": ["due_soon", "overdue"],
    "refund_due": ["due_soon", "overdue"],
    "deemed_liquidation_watch": ["legal_result_presumed", "legal_result"],
    "liquidation_extension": ["due_soon", "overdue", "due_soon", "legal_result_presumed", "legal_result"],
    "liquidation_suspension": ["due_soon", "legal_result_presumed", "legal_result"],
    "liquidation_posted": ["closed"],
    "protest": ["due_soon", "overdue"],
    "protest_exclusion": ["due_soon", "legal_result_presumed", "legal_result", "closed"],
    "protest_accelerated": ["due_soon", "legal_result_presumed", "legal_result", "closed"],
    "protest_further_review": ["due_soon", "overdue"],
    "protest_further_review_set_aside": ["due_soon", "legal_result_presumed", "legal_result", "closed"],
    "protest_summons_watch": ["due_soon", "closed"],
    "petition_penalty": ["due_soon", "overdue"],
    "petition_liquidated_damages": ["due_soon", "overdue"],
    "prior_disclosure": ["due_soon", "overdue"],
    "recordkeeping_request": ["due_soon", "overdue"],
    "drawback_claim": ["due_soon", "legal_result_presumed", "legal_result"],
    "trade_inquiry": ["due_soon", "overdue"],
}
"""What the owner hears as the clock runs out and nobody acts; nothing more for all other rows."""

LEFT_TO_FILING: Final = frozenset({"protest_denial_void_request"})
"""Rows whose period was over with the filing, which is refused when it comes late: the case has no clock any more."""


def corrected(cluster: Cluster) -> None:
    accepted(cluster)
    for name, when, fields in (
        (
            "entry_summary_paid",
            "2026-03-12",
            {"paid_on": day("2026-03-12"), "amount_cents": None, "statement_number": None},
        ),
        ("liquidation_scheduled", "2026-03-13", {"liquidation_date": day("2027-01-15")}),
    ):
        noted(cluster, name, when, **fields)

    changed = filed(when="2026-05-01T14:00:00", version="00200", psc_reasons=["H01"], psc_explanation="Other goods.")
    tell(cluster, "psc_accepted", changed)


def row(name: str) -> dict[str, str]:
    return next(row for row in ROWS if row["work_type"] == name)


def played(name: str) -> Cluster:
    cluster = Cluster()
    TRIGGERS[name](cluster)
    return cluster


@pytest.mark.parametrize(("number", "row"), list(enumerate(ROWS, 1)), ids=[row["work_type"] for row in ROWS])
def test_the_table_of_the_code_is_that_of_the_division_of_labour(number: int, row: dict[str, str]) -> None:
    """Number, name, owner and joint owner."""
    work_type = WORK_TYPES[number]

    assert (work_type.name, work_type.owner, work_type.joint) == (row["work_type"], row["owner"], row["joint_with"])
    assert work_type.source


@pytest.mark.parametrize("name", [row["work_type"] for row in ROWS if row["work_type"] in TRIGGERS])
def test_each_row_is_triggered_and_routed_to_its_owners(name: str) -> None:
    """The owner's desk gets it as owner, each joint owner a copy; no other desk gets any."""
    owner, joint = row(name)["owner"], row(name)["joint_with"]

    sent = [one for one in played(name).sent if one.name == "work_item" and one.fields["work_type"] == name]

    expected: set[tuple[str, str, str | None]]
    if owner == "center" and name != "entry_summary_filing_check":
        expected = {(CENTER_TOPIC, "owner", None)}
    elif owner == "center":
        expected = {("center-work-pending", "owner", None)}
    else:
        expected = {(ELSEWHERE, "owner", "port:2704" if owner == "port" else owner)}
    if joint == "center":
        expected.add((CENTER_TOPIC, "joint", "port:2704" if owner == "port" else owner))
    elif joint:
        expected.add((ELSEWHERE, "joint", "port:2704" if joint == "port" else joint))
    assert {(one.topic, one.fields["role"], one.fields["party"]) for one in sent} == expected


@pytest.mark.parametrize("name", [row["work_type"] for row in ROWS if row["work_type"] in TRIGGERS])
def test_each_row_has_the_clock_of_its_kind(name: str) -> None:
    """And a row of kind `none` has one only where it starts the clocks of what may follow."""
    kinds = set(row(name)["due_kind"].split("; ")) - {"none"}

    clocks = {clock["kind"] for item in items(played(name), name)[-1:] for clock in item["clocks"]}

    if name not in LEFT_TO_FILING and name != "entry_summary_rejection":
        assert kinds & clocks if kinds else clocks <= {"practice", "cbp_must", "trade_may_until"}


@pytest.mark.parametrize("name", [row["work_type"] for row in ROWS if row["work_type"] in TRIGGERS])
def test_each_row_ends_as_its_clock_says(name: str) -> None:
    """Warned before, marked after, presumed, then final; each exactly once, and nothing more in six years."""
    cluster = played(name)
    before = len(actions(cluster, name))

    pass_to(cluster, "2032-12-31")

    assert actions(cluster, name)[before:] == ENDS.get(name, [])


def test_every_row_has_its_scene() -> None:
    """An appeal of the assignment has a test of its own, with all its states."""
    assert {row["work_type"] for row in ROWS} - set(TRIGGERS) == {"center_assignment_appeal"}


@pytest.mark.parametrize("name", ["drawback_claim", "seizure_and_forfeiture", "cargo_release", "export_control"])
def test_what_is_no_centers_work_never_reaches_a_center(name: str) -> None:
    """Drawback, seizures, cargo and exports."""
    cluster = played(name)

    topics = {one.topic for one in cluster.sent if one.fields.get("work_type") == name}

    assert topics == {ELSEWHERE}
