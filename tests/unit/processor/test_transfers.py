"""A case is on one desk at any moment: transfers, old assignments, and an importer that gets its first placement."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.customs import transfers
from streams.processor.tables import CASES, TRANSFERS
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.happenings import (
    KEY,
    NUMBERS,
    accepted,
    actions,
    decided,
    happened,
    items,
    liquidated,
    notice,
    pass_to,
    protest,
    status,
    tell,
)
from tests.unit.processor.kit import ENTRY, IMPORTER, SHIRT, Cluster, Sent, about, day, filed, names_of
from tests.unit.processor.test_rules import publish, version

MACHINERY = "center-work-machinery"
ELECTRONICS = "center-work-electronics"


def placed_in(cluster: Cluster, center: str | None, when: str) -> str:
    word = {
        "importer_of_record": IMPORTER, "center": center, "basis": "business_practice", "reason": "It builds machines.",
        "effective_on": day(when),
    }  # fmt: skip
    return tell(
        cluster, "placement_set", happened(when, **word) | {"source": "headquarters"}, topic="headquarters-decision"
    )


def taken(cluster: Cluster, item: dict[str, Any], when: str, center: str = "electronics") -> str:
    fields = happened(
        when, account_key=KEY, case_id=item["case_id"], assignment=item["assignment"], taken_by="desk 4"
    ) | {"source": center}
    return tell(cluster, "work_taken", fields, key=KEY, topic=f"center-decision-{center}")


def desks(sent: Sequence[Sent]) -> dict[str, set[str]]:
    """Return on which desks' hands each case is after these records, each record obeying the last one."""
    held: dict[str, set[str]] = {}
    for one in sent:
        if one.name != "work_item" or one.fields["role"] != "owner":
            continue
        holders = held.setdefault(one.fields["case_id"], set())
        if one.fields["action"] in {"closed", "transferred_out"}:
            assert holders == {one.topic}, "only the desk that has a case can lose it"
            holders.clear()
        elif one.fields["action"] in {"opened", "transferred_in"}:
            assert not holders, "a case comes to a desk only when no other has it"
            holders.add(one.topic)
        else:
            assert holders == {one.topic}, "only the desk that has a case hears of it"
    return held


def test_a_change_of_placement_hands_the_case_over_with_its_summary() -> None:
    """Out, snapshot, in: one after the other, in one transaction, with the next assignment number."""
    cluster = Cluster()
    accepted(cluster)
    before = len(cluster.sent)

    placed_in(cluster, "machinery", "2026-03-05")

    moves = [
        (one.topic, one.name, one.fields.get("action")) for one in cluster.sent[before:] if one.key == KEY.encode()
    ]
    assert moves[-3:] == [
        (ELECTRONICS, "work_item", "transferred_out"),
        (MACHINERY, "entry_summary_snapshot", None),
        (MACHINERY, "work_item", "transferred_in"),
    ]
    arrived = cluster.on(MACHINERY, "work_item")[-1]
    assert (arrived["assignment"], arrived["center"], arrived["sequence"]) == (2, "machinery", 3)
    lists = [(one.topic, one.key, one.name) for one in cluster.sent[before:] if one.topic.startswith("center-case")]
    assert lists == [
        ("center-case-electronics", arrived["case_id"].encode(), ""),
        ("center-case-machinery", arrived["case_id"].encode(), "open_case"),
    ]


def test_a_case_that_was_taken_up_stays_until_it_is_closed() -> None:
    """P14; new work goes to the new Center."""
    cluster = Cluster()
    accepted(cluster)
    [review] = items(cluster, "entry_summary_review")
    taken(cluster, review, "2026-03-04")

    placed_in(cluster, "machinery", "2026-03-05")
    accepted(cluster, NUMBERS[1], "2026-03-06")

    assert [item["center"] for item in items(cluster, "entry_summary_review")] == ["electronics", "machinery"]
    assert cluster.on("center-case-electronics")[-1]["taken"] is True


def in_flight(choice: str) -> list[tuple[str, str, int, bool]]:
    """Return topic, action and assignment of what becomes of two cases, a taken one and another; and who is placed."""
    cluster = Cluster()
    publish(cluster, version("flight", "2026-03-03", policy=[{"name": "work_in_flight", "values": [choice]}]))
    accepted(cluster)
    taken(cluster, items(cluster, "entry_summary_review")[0], "2026-03-03")
    accepted(cluster, NUMBERS[0], "2026-03-03")
    before = len(cluster.sent)
    placed_in(cluster, "machinery", "2026-03-05")
    sent = [one for one in cluster.sent[before:] if one.name == "work_item"]
    desks(cluster.sent)
    is_taken = [case.taken for state in cluster.states for _, case in state.scan(CASES)]
    return [(one.topic, one.fields["action"], one.fields["assignment"], any(is_taken)) for one in sent]


def test_P14_work_in_flight_follows_as_the_policy_says() -> None:
    """By default what is untaken; nothing that a Center has; or all, and the next Center takes it up anew."""
    one = [(ELECTRONICS, "transferred_out", 1), (MACHINERY, "transferred_in", 2)]

    assert in_flight("taken_stays") == [(*what, True) for what in one]
    assert in_flight("stay") == []
    assert in_flight("transfer_open") == [(*what, False) for what in one * 2]


def test_P14_what_waited_for_a_center_follows_even_where_all_else_stays() -> None:
    cluster = Cluster()
    publish(cluster, version("flight", "2026-03-03", policy=[{"name": "work_in_flight", "values": ["stay"]}]))
    accepted(cluster, lines=[])
    accepted(cluster, NUMBERS[0], "2026-03-04")

    moved = [(one.topic, one.fields["action"]) for one in cluster.sent if one.name == "work_item"]
    assert moved == [
        ("center-work-pending", "opened"),
        (ELECTRONICS, "opened"),
        ("center-work-pending", "transferred_out"),
        (ELECTRONICS, "transferred_in"),
    ]


def test_a_decision_under_an_old_assignment_is_told_where_the_case_is() -> None:
    """It changes nothing; the new owner's decision counts."""
    cluster = Cluster()
    accepted(cluster)
    [review] = items(cluster, "entry_summary_review")
    placed_in(cluster, "machinery", "2026-03-05")

    outcome = taken(cluster, review, "2026-03-06")
    decided(cluster, "entry_summary_review", "accepted", "2026-03-07", "machinery")

    [moved] = cluster.on("event-refusal", "case_moved")
    assert outcome == "refused"
    assert (moved["named_assignment"], moved["assignment"], moved["center"]) == (1, 2, "machinery")
    assert actions(cluster, "entry_summary_review")[-1] == "closed"
    [response] = cluster.on("importer-response", "case_response")
    assert (response["center"], response["entry_numbers"]) == ("machinery", [ENTRY])


def test_work_of_an_unplaced_importer_moves_from_pending_once_it_is_placed() -> None:
    """The filing of a summary was watched before anybody knew the goods."""
    cluster = Cluster()
    entered = about(
        "2026-03-02T12:00:00", NUMBERS[2], port_of_entry="2704", entry_type="01",
        filed_at=day("2026-03-02") * 86_400_000, time_of_entry=day("2026-03-02") * 86_400_000,
    )  # fmt: skip
    cluster.publish("entry_filed", entered)
    pending = [item["action"] for item in cluster.on("center-work-pending", "work_item")]

    accepted(cluster)

    assert pending == ["opened"]
    assert [item["action"] for item in cluster.on("center-work-pending", "work_item")] == ["opened", "transferred_out"]
    checks = items(cluster, "entry_summary_filing_check", ELECTRONICS)
    assert [(item["action"], item["assignment"]) for item in checks] == [("transferred_in", 2)]
    assert len(cluster.on("center-case-electronics")) == 2


def test_a_matter_goes_along_and_its_decision_is_the_new_centers() -> None:
    """A protest too, as long as nobody has taken it up."""
    cluster = Cluster()
    accepted(cluster)
    liquidated(cluster)
    protest(cluster, ENTRY)

    placed_in(cluster, "machinery", "2026-12-05")
    decided(cluster, "protest", "approved", "2026-12-10", "machinery")

    assert actions(cluster, "protest") == ["opened", "transferred_out", "transferred_in", "closed"]
    assert [one["center"] for one in cluster.on("importer-response", "case_response")] == ["machinery"]


def test_more_cases_than_fit_into_one_go_follow_in_the_next_ones() -> None:
    """None is lost, none moves twice, and what is still on the old desk is worked there."""
    cluster = Cluster()
    count = transfers.AT_ONCE + 30
    numbers = [number for number, _ in zip(islice(entry_numbers(), 20, None), range(count), strict=False)]
    for number in numbers:
        accepted(cluster, number)

    placed_in(cluster, "machinery", "2026-03-05")
    at_once = len(cluster.on(MACHINERY, "work_item"))
    cluster.pass_time(seconds=5)
    cluster.pass_time(seconds=5)

    assert at_once == transfers.AT_ONCE
    assert len(cluster.on(MACHINERY, "work_item")) == count
    assert all(holders == {MACHINERY} for holders in desks(cluster.sent).values())
    assert not any(key.startswith(TRANSFERS.prefix) for state in cluster.states for key in state.stored)


STEPS = st.lists(
    st.sampled_from(
        [
            "accept",
            "goods",
            "liquidate",
            "protest",
            "ask",
            "documents",
            "machinery",
            "electronics",
            "none",
            "take",
            "decide",
            "time",
        ]
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_each_case_is_on_one_desk_after_every_record(steps: list[str]) -> None:
    """Whatever happens in whatever order; and the lists of the Centers agree with it."""
    cluster = Cluster()
    accepted(cluster, NUMBERS[0])
    for at, step in enumerate(steps):
        _step(cluster, step, f"2026-{3 + at // 3:02d}-{10 + at % 3:02d}", NUMBERS[at % 4])

    held = desks(cluster.sent)

    listed = {(one.topic, one.key): one.name for one in cluster.sent if one.topic.startswith("center-case-")}
    open_in_lists = {key: topic for (topic, key), name in listed.items() if name and key is not None}
    at_centers = {
        case.encode(): next(iter(holders)).replace("work", "case")
        for case, holders in held.items()
        if holders and not next(iter(holders)).endswith(("pending", "elsewhere", "ineligible"))
    }
    assert open_in_lists == at_centers
    assert names_of(cluster.sent)


def _step(cluster: Cluster, step: str, when: str, number: str) -> None:
    match step:
        case "accept":
            accepted(cluster, number, when)
        case "goods":
            accepted(cluster, NUMBERS[5], when, entry_type="03")
            tell(cluster, "entry_summary_accepted", _shirts(when))
        case "liquidate":
            liquidated(cluster, when, number)
        case "protest":
            protest(cluster, number, when=when, number=f"2704{when.replace('-', '')}")
        case "ask":
            notice(cluster, "form_28", when, number, issue="classification", heading="8471")
        case "documents":
            status(cluster, "2", when)
        case "take" | "decide":
            _answer(cluster, step, when)
        case "time":
            pass_to(cluster, when)
        case _:
            placed_in(cluster, None if step == "none" else step, when)


def _shirts(when: str) -> dict[str, Any]:
    return filed(SHIRT, SHIRT, SHIRT, number=NUMBERS[6], when=f"{when}T16:00:00")


def _answer(cluster: Cluster, step: str, when: str) -> None:
    """Let whoever has it answer the latest case at a Center."""
    work = [
        one
        for one in cluster.sent
        if one.name == "work_item" and one.fields["center"] and one.fields["role"] == "owner"
    ]
    item, center = work[-1].fields, str(work[-1].fields["center"])
    if step == "take":
        taken(cluster, item, when, center)
    else:
        decided(cluster, item["work_type"], "approved", when, center)


def test_ten_ports_ask_and_it_is_one_case_that_cites_what_was_decided_before() -> None:
    """Requests for information, of one issue and heading: the same idea as with protests."""
    cluster = Cluster()
    for number in NUMBERS[:10]:
        accepted(cluster, number)
    for at, number in enumerate(NUMBERS[:10]):
        notice(
            cluster, "form_28", "2026-03-10", number, issue="classification", heading="8471",
            port=f"{1101 + at}", notice_id=f"N-{at}",
        )  # fmt: skip
    [case] = {item["case_id"] for item in items(cluster, "request_for_information")}
    last = items(cluster, "request_for_information")[-1]
    decided(cluster, "request_for_information", "affirmed", "2026-03-20")
    notice(cluster, "question", "2026-04-01", NUMBERS[0], issue="classification", heading="8471")

    assert last["case_id"] == case
    assert len(last["entries"]) == 10
    assert last["ports"][0] == "1101"
    [later] = items(cluster, "classification_decision")
    assert later["earlier_decisions"] == [
        {"case_id": case, "center": "electronics", "decision": "affirmed", "decided_on": day("2026-03-20")}
    ]
    assert len(cluster.on("importer-response", "case_response")) == 1
    assert len(cluster.on("importer-response", "entry_result")) == 10


def test_open_cases_of_one_issue_and_heading_name_each_other_until_they_are_closed() -> None:
    cluster = Cluster()
    accepted(cluster, NUMBERS[0])
    for at, kind in enumerate(("form_28", "question", "form_29_proposed")):
        notice(cluster, kind, f"2026-03-1{at}", NUMBERS[0], issue="classification", heading="8471", notice_id=f"N-{at}")
    [asked] = items(cluster, "request_for_information")
    [question] = items(cluster, "classification_decision")
    [action] = items(cluster, "notice_of_action")
    decided(cluster, "classification_decision", "affirmed", "2026-03-20")
    notice(cluster, "form_28", "2026-03-21", NUMBERS[0], issue="classification", heading="8471", notice_id="N-3")

    others = [
        {"case_id": one["case_id"], "work_type": one["work_type"], "center": "electronics"} for one in (asked, question)
    ]
    assert asked["related_cases"] == []
    assert question["related_cases"] == others[:1]
    assert action["related_cases"] == sorted(others, key=lambda one: str(one["case_id"]))
    assert [one["case_id"] for one in items(cluster, "request_for_information")[-1]["related_cases"]] == [
        action["case_id"]
    ]
