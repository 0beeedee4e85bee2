"""Records in, records out: routing, placement and answers over the partitions of a cluster."""

from datetime import timedelta

from streams.contract.keys import partition_for
from streams.customs.work_types import WORK_TYPES
from tests.unit.processor.kit import (
    COMPUTER,
    ENTRY,
    IMPORTER,
    SHIRT,
    Cluster,
    about,
    at,
    day,
    envelope,
    filed,
    names_of,
)

ELECTRONICS = "center-work-electronics"
APPAREL = "center-work-apparel-footwear-textiles"


def placement_set(center: str | None, when: str = "2026-03-02T14:30:00", **others: object) -> dict[str, object]:
    """Return the fields of a placement by headquarters."""
    return envelope(when, source="headquarters") | {
        "importer_of_record": IMPORTER,
        "center": center,
        "basis": "business_practice",
        "reason": "the importer builds machines",
        "effective_on": day(when[:10]),
        **others,
    }


def test_an_accepted_summary_becomes_placement_snapshot_and_work_on_its_centers_topic() -> None:
    """In this order, all under the account's key in the account's partition."""
    cluster = Cluster()

    outcome = cluster.publish("entry_summary_accepted", filed(COMPUTER, COMPUTER, SHIRT))

    assert outcome == "routed"
    assert names_of(cluster.sent)[:4] == [
        "importer_placement",
        "placement_change",
        "entry_summary_snapshot",
        "work_item",
    ]
    partition = partition_for(IMPORTER[:10].encode(), cluster.partitions)
    assert {(sent.partition, sent.key) for sent in cluster.sent[:4]} == {(partition, IMPORTER[:10].encode())}


def test_a_placement_is_published_with_its_evidence() -> None:
    """Window, counts per Center and heading, and the versions of policy and coverage."""
    cluster = Cluster()

    cluster.publish("entry_summary_accepted", filed(COMPUTER, COMPUTER, SHIRT))

    [placement] = cluster.on("importer-placement")
    assert (placement["center"], placement["ace_code"], placement["basis"]) == (
        "electronics",
        "CEE007",
        "predominant_goods",
    )
    assert placement["importer_numbers"] == [IMPORTER]
    evidence = placement["evidence"]
    assert [(count["center"], count["lines"]) for count in evidence["centers"]] == [
        ("apparel-footwear-textiles", 1),
        ("electronics", 2),
    ]
    assert [(count["heading"], count["value_usd"]) for count in evidence["headings"]] == [("6109", 100), ("8471", 200)]
    assert evidence["policy_version"]
    assert evidence["coverage_version"]
    [change] = cluster.on("placement-change")
    assert (change["kind"], change["former_center"]) == ("placed", None)


def test_two_changes_of_one_day_have_names_of_their_own() -> None:
    """The word of headquarters comes on a day whose cut nobody has folded yet, and both move the importer."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    cluster.publish("entry_summary_accepted", filed(SHIRT, SHIRT, number="B7600000015"))
    cluster.now += timedelta(days=1)
    cluster.sent.clear()

    word = placement_set("machinery", "2026-03-03T14:30:00")
    cluster.publish("placement_set", word, topic="headquarters-decision")

    changes = cluster.on("placement-change")
    assert [(change["kind"], change["former_center"], change["center"]) for change in changes] == [
        ("changed", "electronics", "apparel-footwear-textiles"),
        ("changed", "apparel-footwear-textiles", "machinery"),
    ]
    assert len({change["change_id"] for change in changes}) == len(changes)


def test_a_work_item_says_whence_why_and_by_what_it_was_caused() -> None:
    """Its readers can find the event, the port and the rule."""
    cluster = Cluster()

    cluster.publish("entry_summary_accepted", filed(COMPUTER, port_of_unlading="1401"))

    [item] = cluster.on(ELECTRONICS, "work_item")
    assert (item["work_type"], item["action"], item["role"], item["center"]) == (
        "entry_summary_review",
        "opened",
        "owner",
        "electronics",
    )
    assert item["ports"] == ["2704", "1401"]
    assert [entry["entry_number"] for entry in item["entries"]] == [ENTRY]
    assert item["why"] | {"policy_version": "", "coverage_version": ""} == {
        "rule": "entry_summary_accepted",
        "source": WORK_TYPES[1].source,
        "placement_basis": "predominant_goods",
        "placement_since": day("2026-03-02"),
        "policy_version": "",
        "coverage_version": "",
    }
    assert [clock["name"] for clock in item["clocks"]] == ["scheduled_liquidation", "deemed_liquidation"]
    cause = item["caused_by"]
    assert (cause["topic"], cause["offset"], cause["event_at"]) == ("entry-summary-event", 0, at("2026-03-02T14:00"))


def test_a_snapshot_is_the_summary_as_it_was_filed() -> None:
    """Byte for byte: the summary is handed on unread."""
    cluster = Cluster()
    fields = filed(COMPUTER, COMPUTER, SHIRT, exam_port="1101", census_warnings=["27A"])

    cluster.publish("entry_summary_accepted", fields)

    [snapshot] = cluster.on(ELECTRONICS, "entry_summary_snapshot")
    assert snapshot["summary"] == fields["summary"]
    assert snapshot["center"] == "electronics"


def test_an_apparel_line_of_an_electronics_importer_goes_to_electronics_with_its_ports_unchanged() -> None:
    """The account decides, not the line; entry and port of importation do not change."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, COMPUTER, COMPUTER))
    fields = filed(SHIRT, number="B7600000007", when="2026-03-02T14:10:00", port_of_entry="1401")

    cluster.publish("entry_summary_accepted", fields)

    assert cluster.on(APPAREL) == []
    item = cluster.on(ELECTRONICS, "work_item")[-1]
    assert (item["entries"][0]["entry_number"], item["ports"]) == ("B7600000007", ["1401"])
    assert cluster.on(ELECTRONICS, "entry_summary_snapshot")[-1]["summary"]["port_of_entry"] == "1401"


def test_a_life_cycle_ends_with_the_time_for_protest() -> None:
    """The small events in between change the entry's record alone."""
    cluster = Cluster()
    outcomes = [
        cluster.publish("entry_summary_accepted", filed(COMPUTER)),
        cluster.publish("entry_summary_control_changed", about("2026-03-02T14:01:00", control="cbp")),
        cluster.publish(
            "entry_summary_paid",
            about("2026-03-02T14:02:00", paid_on=day("2026-03-02"), amount_cents=None, statement_number=None),
        ),
        cluster.publish("liquidation_scheduled", about("2026-03-02T14:03:00", liquidation_date=day("2027-01-15"))),
    ]
    cluster.sent.clear()
    amounts = dict.fromkeys(("fee_cents", "tax_cents", "ad_cents", "cvd_cents", "interest_cents", "difference_cents"))

    liquidated = about("2026-03-02T14:04:00", liquidated_on=day("2027-01-15"), duty_cents=0) | amounts
    outcomes.append(cluster.publish("entry_liquidated", liquidated))

    assert outcomes == ["routed", "applied", "applied", "applied", "routed"]
    assert cluster.work() == [
        (ELECTRONICS, "entry_summary_review", "closed"),
        (ELECTRONICS, "liquidation_posted", "opened"),
    ]
    clocks = cluster.on(ELECTRONICS)[-1]["clocks"]
    assert [(clock["name"], clock["warn_by"]) for clock in clocks] == [
        ("protest_filing", day("2027-07-14")),
        ("voluntary_reliquidation", day("2027-04-15")),
    ]


def test_the_same_input_twice_changes_nothing_and_publishes_nothing() -> None:
    """Ports deliver at least once."""
    cluster = Cluster()
    events = [
        ("entry_summary_accepted", filed(COMPUTER)),
        ("entry_summary_control_changed", about("2026-03-02T14:01:00", control="cbp")),
    ]
    for name, fields in events:
        cluster.publish(name, fields)
    before = cluster.stored()
    cluster.sent.clear()

    outcomes = [cluster.publish(name, fields) for name, fields in events]

    assert outcomes == ["ignored", "ignored"]
    assert cluster.stored() == before
    assert cluster.sent == []


def test_a_replay_publishes_the_same_bytes() -> None:
    """Names of work and everything else depend on the input alone."""
    runs = [Cluster(), Cluster()]
    for cluster in runs:
        cluster.publish("entry_summary_accepted", filed(COMPUTER, SHIRT, entry_type="07"))
        cluster.publish(
            "entry_summary_cancelled", about("2026-03-02T14:05:00", cancelled_on=day("2026-03-02"), reason=None)
        )

    first, second = ([(sent.topic, sent.key, sent.value) for sent in cluster.sent] for cluster in runs)
    assert first == second
    assert runs[0].stored() == runs[1].stored()


def test_headquarters_places_an_importer_by_hand_and_ends_it_again() -> None:
    """New work follows the placement in force."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))

    cluster.publish("placement_set", placement_set("machinery"), topic="headquarters-decision")
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number="B7600000007", when="2026-03-02T14:40:00"))
    cluster.publish("placement_set", placement_set(None, "2026-03-02T14:50:00"), topic="headquarters-decision")

    assert cluster.on("center-work-machinery", "work_item")[0]["why"]["placement_basis"] == "business_practice"
    changes = [(change["kind"], change["center"]) for change in cluster.on("placement-change")]
    assert changes == [("placed", "electronics"), ("changed", "machinery"), ("changed", "electronics")]


def test_a_placement_by_hand_without_a_reason_is_refused() -> None:
    """Headquarters hears of it on the topic of refusals."""
    cluster = Cluster()

    outcome = cluster.publish("placement_set", placement_set("machinery", reason=" "), topic="headquarters-decision")

    assert outcome == "refused"
    [refusal] = cluster.on("event-refusal")
    assert (refusal["rule"], refusal["event_type"], refusal["source"]) == (
        "placement.override_needs_a_ground",
        "placement_set",
        "headquarters",
    )


def test_an_importer_that_no_center_takes_keeps_its_work_at_the_ports() -> None:
    """Its work goes to the topic of those who are not eligible, and its placement says so."""
    cluster = Cluster()
    profile = envelope("2026-03-02T13:00:00", source="headquarters") | {
        "importer_of_record": IMPORTER,
        "eligible": False,
        "changed_on": day("2026-03-02"),
        "status": None,
        "is_broker": None,
        "bond_status": None,
        "bond_number": None,
    }
    cluster.publish("importer_profile_changed", profile)

    cluster.publish("entry_summary_accepted", filed(COMPUTER))

    assert cluster.work() == [("center-work-ineligible", "entry_summary_review", "opened")]
    assert cluster.on("importer-placement")[-1]["ace_code"] == "NOTELG"


def test_the_daily_cut_moves_a_provisional_importer_to_where_its_goods_are() -> None:
    """The index of reviews names the account; nothing else is looked at."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    cluster.publish("entry_summary_accepted", filed(SHIRT, SHIRT, number="B7600000007", when="2026-03-02T14:20:00"))
    cluster.sent.clear()

    cluster.pass_time(hours=8)
    before_midnight = list(cluster.sent)
    cluster.pass_time(hours=8)

    assert before_midnight == []
    [change] = cluster.on("placement-change")
    assert (change["kind"], change["center"], change["decided_on"]) == (
        "changed",
        "apparel-footwear-textiles",
        day("2026-03-03"),
    )
    cause = change["caused_by"]
    assert (cause["event_id"], cause["topic"], cause["offset"]) == (None, "", -1)
    assert cause["event_at"] == at("2026-03-03T05:00:00")


def test_what_nothing_follows_from_is_accepted_and_changes_nothing() -> None:
    """What partner agencies say of a summary is nobody's work here."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    before, published = cluster.stored(), len(cluster.sent)
    told = envelope("2026-03-02T14:05:00") | {
        "entry_number": ENTRY,
        "disposition": "P",
        "disposition_source": "2",
        "action_on": day("2026-03-02"),
        "documents": [],
    }

    outcome = cluster.publish("status_notification", told | dict.fromkeys(("team_number", "reason", "line_id", "text")))

    assert outcome in {"accepted-not-acted", "rekeyed"}
    assert [sent for sent in cluster.sent[published:] if sent.topic != "rekeyed-event"] == []
    assert cluster.stored() == before


def test_cargo_export_and_seizure_stay_with_the_port() -> None:
    """They never reach a Center, even before anybody knows the importer."""
    cluster = Cluster()
    for kind in ("release", "export", "seizure"):
        notice = about(
            f"2026-03-02T14:0{len(kind)}:00",
            kind=kind,
            port="2704",
            noticed_on=day("2026-03-02"),
            line_ids=[],
            text=None,
        )
        cluster.publish("port_notice", notice)

    assert cluster.work() == [
        ("center-work-elsewhere", "cargo_release", "opened"),
        ("center-work-elsewhere", "export_control", "opened"),
        ("center-work-elsewhere", "seizure_and_forfeiture", "opened"),
    ]
    assert {item["party"] for item in cluster.on("center-work-elsewhere")} == {"port:2704"}


def test_work_of_a_broker_says_why_it_came_to_its_center() -> None:
    """P11: marked, and the placement says that no Center has the importer."""
    cluster = Cluster()
    told = {"status": None, "is_broker": True, "bond_status": None, "bond_number": None}
    profile = {**envelope("2026-03-02T13:00:00"), "importer_of_record": IMPORTER, "eligible": True, **told}
    cluster.publish("importer_profile_changed", profile | {"changed_on": day("2026-03-02")})

    cluster.publish("entry_summary_accepted", filed(SHIRT))

    [item] = cluster.on("center-work-apparel-footwear-textiles", "work_item")
    assert (item["why"]["placement_basis"], item["why"]["placement_since"]) == ("broker_ior", None)
    placements = cluster.on("importer-placement")
    assert [(placement["center"], placement["computed_center"]) for placement in placements[-1:]] == [
        (None, "apparel-footwear-textiles")
    ]
    assert placements[-1]["flags"] == ["broker_ior"]


def test_an_appeal_is_told_with_its_year_and_an_unknown_ones_decision_is_refused_after_a_week() -> None:
    """Beside the changes of the placement, and beyond a commit."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, COMPUTER))
    contents = {
        "current_center": "electronics",
        "preferred_center": "machinery",
        "importer_numbers": [IMPORTER],
        "bond_numbers": [],
        "justification": "They are parts of machines.",
        "import_data": [
            {"importer_of_record": IMPORTER, "heading": "8471", "period": "prior", "lines": 2, "value_usd": 200}
        ],
    }
    named = {"importer_of_record": IMPORTER, "appeal_number": "A-1"}
    filing = envelope("2026-03-02T15:00:00") | named | {"received_on": day("2026-03-02")} | contents
    decision = {"decision": "denied", "center": None, "decided_on": day("2026-03-02"), "effective_on": None}
    unknown = envelope("2026-03-02T15:30:00") | named | decision | {"appeal_number": "A-2", "reason": "late"}

    assert cluster.publish("appeal_received", filing) == "routed"
    assert cluster.publish("appeal_decided", unknown, topic="headquarters-decision") == "waiting"
    cluster.pass_time(days=8)

    closing = envelope("2026-03-09T15:30:00") | named | decision | {"reason": "too late"}
    cluster.publish("appeal_decided", closing, topic="headquarters-decision")
    case = [
        (sent.topic, sent.fields["action"], sent.fields["role"], sent.fields["party"])
        for sent in cluster.sent
        if sent.fields.get("work_type") == "center_assignment_appeal"
    ]
    owner, joint = "center-work-elsewhere", "center-work-electronics"
    assert case == [
        (owner, "opened", "owner", "office_of_field_operations"),
        (joint, "opened", "joint", "office_of_field_operations"),
        (owner, "closed", "owner", "office_of_field_operations"),
        (joint, "closed", "joint", "office_of_field_operations"),
    ]
    status, denied = cluster.on("placement-change", "appeal_status")
    assert (denied["state"], denied["reason"]) == ("denied", "too late")
    assert (status["state"], status["placed_in"], status["history"]) == ("incomplete", "electronics", "new")
    assert status["missing"] == [
        "no bond number is named (19 CFR 101.10(c)(3))",
        "projected importations by four-digit heading are missing (19 CFR 101.10(c)(5)(i), (ii))",
    ]
    assert [(count["heading"], count["lines"], count["value_usd"]) for count in status["extract"]] == [("8471", 2, 200)]
    assert [refusal["rule"] for refusal in cluster.on("event-refusal")] == ["appeal.unknown"]


def test_P20_every_change_of_a_placement_is_published_with_its_reason() -> None:
    """The first placement and headquarters' word; a summary that changes nothing tells nothing."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number="B7603245286"))
    told = {"center": "machinery", "basis": "intended_use", "reason": "parts of machines"}
    word = envelope("2026-03-02T14:50:00") | {"importer_of_record": IMPORTER} | told
    cluster.publish("placement_set", word | {"effective_on": day("2026-03-02")}, topic="headquarters-decision")

    changes = cluster.on("placement-change", "placement_change")

    assert [(change["kind"], change["center"]) for change in changes] == [
        ("placed", "electronics"),
        ("changed", "machinery"),
    ]
    assert all(change["reason"] for change in changes)
