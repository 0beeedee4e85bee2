"""One protest: one filing over many entries and ports, one case, one response, one result for each entry."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from streams.customs.clocks import date_of
from streams.customs.protest_periods import PROTEST_FILING
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.kit import IMPORTER, Cluster, about, day, envelope, filed

KEY = IMPORTER[:10]
PORTS = ("2704", "1401", "0101", "2809", "3001", "5301", "4601", "1703", "2006", "3901")
NUMBERS = [number for number, _ in zip(entry_numbers(), range(12), strict=False)]
PROTEST = "270426000001"
FILED = "2026-12-01"
LIQUIDATED = "2026-11-13"
DESK = "center-work-electronics"


def liquidated(number: str, on: str = LIQUIDATED) -> dict[str, Any]:
    amounts = dict.fromkeys(("fee_cents", "tax_cents", "ad_cents", "cvd_cents", "interest_cents", "difference_cents"))
    return about(f"{on}T12:00:00", number, liquidated_on=day(on), duty_cents=0, **amounts)


def protest(*numbers: str, when: str = FILED, number: str = PROTEST, **changed: object) -> dict[str, Any]:
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{when}"))
    entries = [
        {"entry_number": one, "port_of_entry": None, "entry_date": None, "liquidation_date": day(LIQUIDATED)}
        for one in numbers
    ]
    fields = {
        "importer_of_record": IMPORTER,
        "protest_number": number,
        "protest_type": "1",
        "protestant": IMPORTER,
        "protestant_role": "importer",
        "filed_on": day(when),
        "against": "liquidation",
        "decision_on": None,
        "issue": "classification",
        "category": "8471",
        "accelerated": False,
        "further_review": False,
        "center": None,
        "entries": entries,
        "text": None,
    }
    return envelope(f"{when}T15:00:00", identity) | fields | changed


def decided(
    case: dict[str, Any], decision: str = "approved", when: str = "2027-01-15", **said: object
) -> dict[str, Any]:
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{case['case_id']}/{decision}/{when}"))
    about_case = {"account_key": KEY, "case_id": case["case_id"], "assignment": case["assignment"]}
    rest = {"decision": decision, "decided_on": day(when), "issue": None, "heading": None, "entries": [], "text": None}
    return envelope(f"{when}T15:00:00", identity, "electronics") | about_case | rest | said


@pytest.fixture
def cluster() -> Cluster:
    """Twelve entries of ten ports, ten of them liquidated."""
    cluster = Cluster()
    for at, number in enumerate(NUMBERS):
        cluster.publish("entry_summary_accepted", filed(number=number, port_of_entry=PORTS[at % 10]))
    cluster.now = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    for number in NUMBERS[:10]:
        cluster.publish("entry_liquidated", liquidated(number))
    return cluster


def tell(cluster: Cluster, name: str, fields: dict[str, Any], key: str = "", topic: str = "entry-summary-event") -> str:
    """Publish an event no earlier than it happened."""
    happened = datetime.fromtimestamp(fields["event_time"] / 1000, UTC)
    cluster.now = max(cluster.now, happened)
    return cluster.publish(name, fields, key=key, topic=topic)


def decide(cluster: Cluster, decision: dict[str, Any], slug: str = "electronics", name: str = "work_decided") -> str:
    return tell(cluster, name, decision, key=KEY, topic=f"center-decision-{slug}")


def items(cluster: Cluster, work_type: str, topic: str = DESK) -> list[dict[str, Any]]:
    return [item for item in cluster.on(topic, "work_item") if item["work_type"] == work_type]


def test_ten_ports_and_ten_entries_are_one_protest_one_case_and_one_response(cluster: Cluster) -> None:
    """The seed of it all; and the same input told twice changes nothing."""
    tell(cluster, "protest_filed", protest(*NUMBERS[:10]))
    [opened] = items(cluster, "protest")
    decide(cluster, decided(opened))
    once, published = cluster.stored(), len(cluster.sent)

    again = [
        tell(cluster, "protest_filed", protest(*NUMBERS[:10])),
        decide(cluster, decided(opened)),
    ]

    assert opened["ports"] == list(PORTS)
    assert [entry["entry_number"] for entry in opened["entries"]] == NUMBERS[:10]
    assert [clock["name"] for clock in opened["clocks"]] == ["protest_decision"]
    assert [item["action"] for item in items(cluster, "protest")] == ["opened", "closed"]
    [response] = cluster.on("importer-response", "case_response")
    results = cluster.on("importer-response", "entry_result")
    assert (response["reference"], response["decision"], response["center"]) == (PROTEST, "approved", "electronics")
    assert [(one["entry_number"], one["port_of_entry"], one["result"]) for one in results] == [
        (number, port, "approved") for number, port in zip(NUMBERS, PORTS, strict=False)
    ]
    assert {one["response_id"] for one in results} == {response["response_id"]}
    assert again == ["ignored", "ignored"]
    assert (cluster.stored(), len(cluster.sent)) == (once, published)


def test_an_entry_that_fails_is_refused_by_itself_and_the_rest_stays(cluster: Cluster) -> None:
    """Unliquidated and undated: refused; under protest already: refused; the others become the case."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    late = protest(NUMBERS[0], NUMBERS[1], NUMBERS[10], number="270426000002")
    for entry in late["entries"]:
        entry["liquidation_date"] = None

    tell(cluster, "protest_filed", late)

    refused = [(one["entry_number"], one["rule"]) for one in cluster.on("importer-response", "entry_result")]
    assert refused == [
        (NUMBERS[0], "protest.one_per_entry_and_category"),
        (NUMBERS[10], "protest.liquidation_known"),
    ]
    assert [len(item["entries"]) for item in items(cluster, "protest")] == [1, 2]


def test_a_protest_is_in_time_until_the_window_has_closed(cluster: Cluster) -> None:
    """180 days, moved to the next working day; the day after is refused."""
    last = PROTEST_FILING.start(date_of(day(LIQUIDATED))).closes_after
    cluster.now = datetime(2027, 6, 1, tzinfo=UTC)
    tell(cluster, "protest_filed", protest(NUMBERS[0], when=last.isoformat()))

    after = date_of(day(last.isoformat()) + 1).isoformat()
    outcome = tell(cluster, "protest_filed", protest(NUMBERS[1], when=after, number="270426000003"))

    assert len(items(cluster, "protest")) == 1
    assert outcome == "refused"
    assert [one["rule"] for one in cluster.on("event-refusal")] == ["protest.within_180_days"]


def test_a_dated_protest_waits_for_its_liquidation_and_is_judged_after_seven_days(cluster: Cluster) -> None:
    """What is liquidated by then stays in the protest, the rest is refused."""
    waiting = tell(cluster, "protest_filed", protest(NUMBERS[0], NUMBERS[10], NUMBERS[11]))
    tell(cluster, "entry_liquidated", liquidated(NUMBERS[10]))
    opened_early = items(cluster, "protest")

    cluster.pass_time(days=8)

    assert waiting == "waiting"
    assert opened_early == []
    [opened] = items(cluster, "protest")
    assert [entry["entry_number"] for entry in opened["entries"]] == [NUMBERS[0], NUMBERS[10]]
    assert [one["rule"] for one in cluster.on("importer-response")] == ["protest.liquidation_known"]


def test_a_second_protest_of_the_same_question_joins_the_leading_one_and_restarts_its_clock(cluster: Cluster) -> None:
    """Within 30 days, and only while the leading one is untaken; each entry's result names its own protest."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    tell(cluster, "protest_filed", protest(NUMBERS[1], when="2026-12-31", number="270426000002"))
    tell(cluster, "protest_filed", protest(NUMBERS[2], when="2027-01-01", number="270426000003"))

    first, joined, second = items(cluster, "protest")

    assert (first["case_id"], joined["action"]) == (joined["case_id"], "updated")
    assert joined["clocks"][0]["started_on"] == day("2026-12-31")
    assert second["case_id"] != first["case_id"]
    decide(cluster, decided(joined, "denied"))
    results = cluster.on("importer-response", "entry_result")
    assert [(one["entry_number"], one["reference"]) for one in results] == [
        (NUMBERS[0], PROTEST),
        (NUMBERS[1], "270426000002"),
    ]


@pytest.mark.parametrize("changed", [{"accelerated": True}, {"issue": "value"}, {"category": "8473"}])
def test_an_accelerated_protest_and_another_question_stand_alone(cluster: Cluster, changed: dict[str, Any]) -> None:
    """Merging would postpone CBP's own deadline."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    tell(cluster, "protest_filed", protest(NUMBERS[1], when="2026-12-02", number="270426000002", **changed))

    assert [item["action"] for item in items(cluster, "protest")] == ["opened", "opened"]


def test_a_taken_protest_takes_no_other_in(cluster: Cluster) -> None:
    """The Center has begun to decide."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    [opened] = items(cluster, "protest")
    taken = envelope("2026-12-02T10:00:00", "", "electronics") | {
        "account_key": KEY, "case_id": opened["case_id"], "assignment": 1, "taken_by": None,
    }  # fmt: skip
    decide(cluster, taken, name="work_taken")

    tell(cluster, "protest_filed", protest(NUMBERS[1], when="2026-12-02", number="270426000002"))

    assert [item["action"] for item in items(cluster, "protest")] == ["opened", "opened"]
    assert cluster.on("center-case-electronics")[-2]["work_type"] == "protest"


def test_accelerated_disposition_is_presumed_denied_after_30_days_and_final_three_days_later(cluster: Cluster) -> None:
    """Then the protest is answered, and the way to court is watched."""
    tell(cluster, "protest_filed", protest(NUMBERS[0], accelerated=True))

    cluster.pass_time(days=40)
    presumed = [item["action"] for item in items(cluster, "protest_accelerated")]
    unanswered = cluster.on("importer-response")
    cluster.pass_time(days=3)

    assert presumed == ["opened", "legal_result_presumed"]
    assert unanswered == []
    assert [item["action"] for item in items(cluster, "protest_accelerated")] == [*presumed, "legal_result", "closed"]
    [response] = cluster.on("importer-response", "case_response")
    assert response["decision"] == "deemed_denied"
    assert [item["action"] for item in items(cluster, "protest_summons_watch")] == ["opened"]


def test_a_decision_in_time_keeps_the_law_from_denying(cluster: Cluster) -> None:
    """The clocks of a decided protest are gone with it."""
    tell(cluster, "protest_filed", protest(NUMBERS[0], accelerated=True))
    [opened] = items(cluster, "protest")
    decide(cluster, decided(opened, when="2026-12-10"))

    cluster.pass_time(days=90)

    assert [item["action"] for item in items(cluster, "protest_accelerated")] == ["opened", "closed"]
    assert len(cluster.on("importer-response", "case_response")) == 1


def test_a_withdrawn_protest_is_answered_and_its_entries_are_free_again(cluster: Cluster) -> None:
    """The same entry may be protested anew."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    withdrawn = envelope("2026-12-05T10:00:00") | {
        "importer_of_record": IMPORTER, "protest_number": PROTEST, "withdrawn_on": day("2026-12-05"),
    }  # fmt: skip
    tell(cluster, "protest_withdrawn", withdrawn)

    again = tell(cluster, "protest_withdrawn", withdrawn)
    tell(cluster, "protest_filed", protest(NUMBERS[0], when="2026-12-06", number="270426000002"))

    assert again == "ignored"
    assert [one["decision"] for one in cluster.on("importer-response", "case_response")] == ["withdrawn"]
    assert [item["action"] for item in items(cluster, "protest")] == ["opened", "closed", "opened"]


def test_a_decision_of_another_center_and_one_on_a_closed_case_are_refused(cluster: Cluster) -> None:
    """Who decided is known by the topic."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    [opened] = items(cluster, "protest")

    decide(cluster, decided(opened), slug="machinery")
    decide(cluster, decided(opened))
    decide(cluster, decided(opened, "denied", "2027-01-16"))

    assert [one["rule"] for one in cluster.on("event-refusal")] == ["decision.own_case", "decision.case_is_open"]
    assert len(cluster.on("importer-response", "case_response")) == 1


def test_a_protest_may_be_amended_while_the_window_is_open(cluster: Cluster) -> None:
    """Further entries join the case; with accelerated disposition asked nothing more is taken."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    amended = envelope("2026-12-05T10:00:00") | {
        "importer_of_record": IMPORTER, "protest_number": PROTEST, "amended_on": day("2026-12-05"),
        "added_entries": protest(NUMBERS[1])["entries"], "issue": None, "text": None,
    }  # fmt: skip
    request = envelope("2026-12-06T10:00:00") | {
        "importer_of_record": IMPORTER, "protest_number": PROTEST, "request": "accelerated",
        "requested_on": day("2026-12-06"), "text": None,
    }  # fmt: skip
    late = amended | envelope("2026-12-07T10:00:00") | {"added_entries": protest(NUMBERS[2])["entries"]}

    tell(cluster, "protest_amended", amended)
    tell(cluster, "protest_request_added", request)
    tell(cluster, "protest_amended", late)

    assert [len(item["entries"]) for item in items(cluster, "protest")] == [1, 2, 2]
    assert [item["action"] for item in items(cluster, "protest_accelerated")] == ["opened"]
    assert [one["rule"] for one in cluster.on("event-refusal")] == ["protest.amended_while_window_open"]


def test_a_denial_may_be_asked_to_be_void_within_90_days(cluster: Cluster) -> None:
    """Later the denial stands."""
    tell(cluster, "protest_filed", protest(NUMBERS[0]))
    [opened] = items(cluster, "protest")
    decide(cluster, decided(opened, "denied"))
    cluster.now = datetime(2027, 6, 1, tzinfo=UTC)

    for when in ("2027-04-15", "2027-04-16"):
        request = envelope(f"{when}T10:00:00") | {
            "importer_of_record": IMPORTER, "protest_number": PROTEST, "request": "void",
            "requested_on": day(when), "text": None,
        }  # fmt: skip
        tell(cluster, "protest_request_added", request)

    assert [item["ports"] for item in items(cluster, "protest_denial_void_request")] == [["2704"]]
    assert [one["rule"] for one in cluster.on("event-refusal")] == ["protest.void_within_90_days"]
