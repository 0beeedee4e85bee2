"""Importer numbers that join and leave accounts (P10), across partitions that take turns in any order."""

from collections import deque
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from streams.contract.keys import partition_for
from streams.customs.headquarters import SAID_OF_PLACEMENT
from streams.engine.api import Headers
from streams.processor.tables import ARRIVING, CASES, ENTRIES, HOLDERS, LEAVING, LEDGERS, MATTERS, QUEUE
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.happenings import happened
from tests.unit.processor.kit import COMPUTER, SHIRT, Cluster, MemoryOutbox, about, day, filed
from tests.unit.processor.test_rules import publish, version

PARTITIONS = 4
JOINS = "98-765432100"
GROUP = "12-3456789"
HEAD = "12-345678900"
BASE = JOINS[:10]
NUMBERS = [number for number, _ in zip(entry_numbers(), range(400), strict=False)]
MACHINERY = 10
TABLE = [{"name": "account_key", "values": ["table"]}]
ROW = {"importer_of_record": JOINS, "account_key": GROUP}


class Turns(Cluster):
    """Partitions read what is sent to them in its order, and take turns at random."""

    def __init__(self, seed: int) -> None:
        super().__init__(PARTITIONS)
        self.logs: list[deque[tuple[str, bytes | None, bytes | None, Headers]]] = [deque() for _ in range(PARTITIONS)]
        self.random = Random(seed)
        self.largest = 0

    def _hand_on(self, outbox: MemoryOutbox) -> None:
        self.sent += outbox.sent
        for sent in outbox.sent:
            if sent.topic == "rekeyed-event":
                self.largest = max(self.largest, len(sent.value or b""))
                self.logs[sent.partition].append((sent.topic, sent.key, sent.value, sent.headers))

    def some(self, most: int = 1_000_000) -> None:
        """Let partitions read up to so many records."""
        while most and (ready := [partition for partition, log in enumerate(self.logs) if log]):
            partition = self.random.choice(ready)
            topic, key, value, headers = self.logs[partition].popleft()
            self.deliver(topic, partition, key, value, 0, headers)
            most -= 1

    def comes_to(self, when: str) -> None:
        """Let it become a day, everywhere."""
        now = datetime.fromisoformat(f"{when}T15:00:00").replace(tzinfo=UTC)
        self.pass_time(seconds=(now - self.now).total_seconds())

    def in_account(self, table: Any, account: str) -> list[str]:
        """Return the names of the values that an account has."""
        prefix = table.prefix + account.encode() + b"/"
        keys = [key for state in self.states for key in sorted(state.stored) if key.startswith(prefix)]
        return [key[len(prefix) :].decode() for key in keys]

    def ledger(self, account: str) -> Any:
        """Return placement and totals of an account."""
        return self.states[partition_for(account[:10].encode(), PARTITIONS)].get(LEDGERS, account.encode())

    def is_moving(self) -> bool:
        """Tell whether any number is under way."""
        tables = (LEAVING, ARRIVING, QUEUE)
        return any(key.startswith(table.prefix) for state in self.states for key in state.stored for table in tables)


def group(cluster: Cluster, *rows: dict[str, str], name: str = "2026-04", effective_on: str = "2026-04-01") -> None:
    """Publish an account table."""
    publish(cluster, version(name, effective_on, policy=TABLE, accounts=list(rows or (ROW,))))


def accept(cluster: Cluster, number: str, importer: str = JOINS, code: str = COMPUTER, **others: Any) -> str:
    return cluster.publish("entry_summary_accepted", filed(code, number=number, importer=importer, **others))


def paid(cluster: Cluster, number: str, when: str, importer: str = JOINS) -> str:
    fields = about(f"{when}T14:00:00", number, importer, paid_on=day(when), amount_cents=None, statement_number=None)
    return cluster.publish("entry_summary_paid", fields)


def notified(cluster: Cluster, number: str, when: str) -> str:
    fields = about(when, number, None, disposition="2", disposition_source="1", action_on=day(when[:10]), reason=None)
    fields.pop("importer_of_record")
    optional: dict[str, Any] = {"team_number": None, "line_id": None, "documents": [], "text": None}
    return cluster.publish("status_notification", fields | optional)


def test_the_accounts_and_the_entries_index_of_these_tests_lie_in_different_partitions() -> None:
    assert partition_for(GROUP.encode(), PARTITIONS) != partition_for(BASE.encode(), PARTITIONS)


@pytest.mark.parametrize("seed", range(5))
def test_P10_a_number_that_joins_an_account_takes_along_what_it_counts_and_its_cases(seed: int) -> None:
    """In pieces; entries, cases, index and placement are then the other account's."""
    cluster = Turns(seed)
    for number in NUMBERS[:120]:
        accept(cluster, number)
    for number in NUMBERS[200:203]:
        accept(cluster, number, HEAD, SHIRT)
    cluster.some()
    group(cluster)
    cluster.comes_to("2026-04-01")
    cluster.some()

    assert not cluster.is_moving()
    assert cluster.in_account(ENTRIES, BASE) == []
    assert len(cluster.in_account(ENTRIES, GROUP)) == len(cluster.in_account(CASES, GROUP)) == 123
    mix = cluster.ledger(GROUP).mix
    assert [(count.center, count.lines, count.summaries) for count in mix.centers] == [(4, 3, 3), (7, 120, 120)]
    assert cluster.ledger(BASE).mix.summaries == 0
    assert cluster.ledger(BASE).standing.center == 0
    assert set(cluster.ledger(GROUP).importers) == {HEAD, JOINS}
    holders = [state.get(HOLDERS, number.encode()) for number in NUMBERS[:120] for state in cluster.states]
    assert {holder.account for holder in holders if holder} == {GROUP}
    assert sum(sent.fields.get("step") == "moved" for sent in cluster.sent) >= 3
    assert cluster.largest < 400_000


@pytest.mark.parametrize("seed", range(20))
def test_P10_events_that_come_meanwhile_are_applied_in_their_order_after_what_has_moved(seed: int) -> None:
    """Whatever the order in which partitions take their turns, the end is the same."""
    cluster = Turns(seed)
    for number in NUMBERS[:60]:
        accept(cluster, number)
    accept(cluster, NUMBERS[200], HEAD, SHIRT)
    cluster.some()
    group(cluster)
    cluster.comes_to("2026-04-01")
    for at_once, number in enumerate(NUMBERS[:30]):
        paid(cluster, number, "2026-04-01")
        accept(cluster, NUMBERS[100 + at_once], when="2026-04-01T14:00:00")
        notified(cluster, number, f"2026-04-01T14:{at_once:02d}:00")
        cluster.some(cluster.random.randrange(4))
        accept(cluster, number, version="00101", when="2026-04-01T15:00:00")
    cluster.some()

    assert not cluster.is_moving()
    assert cluster.on("event-refusal") == []
    assert len(cluster.in_account(ENTRIES, GROUP)) == 91
    assert cluster.in_account(ENTRIES, BASE) == cluster.in_account(CASES, BASE) == []
    state = cluster.states[partition_for(GROUP.encode(), PARTITIONS)]
    for number in NUMBERS[:30]:
        entry = state.get(ENTRIES, f"{GROUP}/{number}".encode())
        assert entry is not None
        assert (entry.version, entry.paid_day, len(entry.noticed)) == ("00101", day("2026-04-01"), 3)
    assert cluster.ledger(GROUP).mix.summaries == 91
    assert one_center_each(cluster)


def one_center_each(cluster: Cluster) -> bool:
    """Tell whether each case was at any time on one desk, with an assignment for each, and none missing."""
    cases: dict[str, list[tuple[str, str, int, int]]] = {}
    for sent in cluster.sent:
        if sent.name == "work_item" and sent.fields["role"] == "owner":
            item = sent.fields
            cases.setdefault(item["case_id"], []).append(
                (sent.topic, item["action"], item["sequence"], item["assignment"])
            )
    for items in cases.values():
        assert [sequence for _, _, sequence, _ in items] == list(range(1, len(items) + 1))
        desk = items[0][0]
        for topic, action, _, _ in items[1:]:
            assert topic == desk or action == "transferred_in"
            desk = topic
    return True


@pytest.mark.parametrize("seed", range(5))
def test_P10_cases_change_desk_only_where_the_center_is_another_one_and_keep_their_names(seed: int) -> None:
    """Out of the old desk, the summary and the case into the new one; Centers decide on under either account."""
    cluster = Turns(seed)
    accept(cluster, NUMBERS[0])
    for number in NUMBERS[200:203]:
        accept(cluster, number, HEAD, SHIRT)
    cluster.some()
    [opened] = cluster.on("center-work-electronics", "work_item")
    group(cluster)
    cluster.comes_to("2026-04-01")
    cluster.some()

    moved = [
        sent for sent in cluster.sent if sent.fields.get("case_id") == opened["case_id"] and sent.name == "work_item"
    ]
    assert [(sent.topic, sent.fields["action"], sent.fields["assignment"]) for sent in moved] == [
        ("center-work-electronics", "opened", 1),
        ("center-work-electronics", "transferred_out", 1),
        ("center-work-apparel-footwear-textiles", "transferred_in", 2),
    ]
    assert moved[-1].fields["account_key"] == GROUP
    assert (
        cluster.on("center-work-apparel-footwear-textiles", "entry_summary_snapshot")[-1]["summary"]["entry_number"]
        == NUMBERS[0]
    )
    late = {"account_key": BASE, "case_id": opened["case_id"], "assignment": 1}
    take(cluster, late, "electronics")
    take(cluster, late | {"assignment": 2}, "apparel-footwear-textiles")
    cluster.some()
    assert [refusal["assignment"] for refusal in cluster.on("event-refusal", "case_moved")] == [2]
    state = cluster.states[partition_for(GROUP.encode(), PARTITIONS)]
    case = state.get(CASES, f"{GROUP}/{opened['case_id']}".encode())
    assert case is not None
    assert case.taken


def take(cluster: Cluster, about_case: dict[str, Any], center: str) -> str:
    fields = happened("2026-04-02", **about_case, taken_by=None) | {"source": center}
    return cluster.publish("work_taken", fields, key=about_case["account_key"], topic=f"center-decision-{center}")


@pytest.mark.parametrize("seed", range(10))
def test_P10_there_and_back_again_before_the_first_move_is_through(seed: int) -> None:
    """A worker that was down over both days lets them pass at once."""
    cluster = Turns(seed)
    for number in NUMBERS[:60]:
        accept(cluster, number)
    accept(cluster, NUMBERS[200], HEAD, SHIRT)
    cluster.some()
    group(cluster)
    publish(cluster, version("2026-04b", "2026-04-03", policy=[{"name": "account_key", "values": ["base"]}]))
    cluster.comes_to("2026-04-01")
    paid(cluster, NUMBERS[0], "2026-04-01")
    cluster.some(cluster.random.randrange(8))
    cluster.comes_to("2026-04-03")
    paid(cluster, NUMBERS[1], "2026-04-03")
    accept(cluster, NUMBERS[100], when="2026-04-03T14:00:00")
    cluster.some()

    assert not cluster.is_moving()
    assert cluster.on("event-refusal") == []
    assert len(cluster.in_account(ENTRIES, BASE)) == 61
    assert cluster.in_account(ENTRIES, GROUP) == [NUMBERS[200]]
    assert (cluster.ledger(BASE).mix.summaries, cluster.ledger(GROUP).mix.summaries) == (61, 1)
    assert cluster.ledger(BASE).held == cluster.ledger(GROUP).held == 0
    assert one_center_each(cluster)


def test_P10_the_placement_of_both_accounts_is_held_until_the_move_is_done() -> None:
    """What comes is counted, and nothing is decided from it."""
    cluster = Turns(1)
    for number in NUMBERS[:60]:
        accept(cluster, number)
    accept(cluster, NUMBERS[200], HEAD, SHIRT)
    cluster.some()
    group(cluster)
    cluster.comes_to("2026-04-01")
    while not (cluster.ledger(GROUP).held and cluster.ledger(BASE).held):
        cluster.some(1)
    told = len(cluster.on("placement-change"))
    cluster.comes_to("2026-04-02")
    accept(cluster, NUMBERS[201], HEAD, COMPUTER, when="2026-04-02T14:00:00")
    cluster.comes_to("2026-04-04")

    assert len(cluster.on("placement-change")) == told
    assert cluster.ledger(GROUP).mix.summaries == 2
    cluster.some()
    cluster.comes_to("2026-04-05")
    changes = [(change["account_key"], change["center"]) for change in cluster.on("placement-change")[told:]]
    assert changes == [(BASE, None), (GROUP, "electronics")]


@pytest.mark.parametrize("seed", range(3))
def test_P10_an_account_without_placement_takes_over_that_of_its_first_number(seed: int) -> None:
    """A number that only gets another name is not placed anew."""
    cluster = Turns(seed)
    accept(cluster, NUMBERS[0])
    cluster.some()
    since = cluster.ledger(BASE).standing.computed.since
    group(cluster)
    cluster.comes_to("2026-04-01")
    cluster.some()

    computed = cluster.ledger(GROUP).standing.computed
    assert (computed.center, computed.since) == (7, since)
    reasons = [change["reason"] for change in cluster.on("placement-change") if change["account_key"] == GROUP]
    assert "goes on with the placement that its number had in account 98-7654321" in reasons[0]


@pytest.mark.parametrize("seed", range(3))
def test_P10_words_of_headquarters_on_a_number_go_with_it(seed: int) -> None:
    """The latest word on any number of an account stands; the one on a number that has left does not."""
    cluster = Turns(seed)
    accept(cluster, NUMBERS[0])
    accept(cluster, NUMBERS[200], HEAD, SHIRT)
    fields = happened(
        "2026-03-02",
        importer_of_record=JOINS,
        center="machinery",
        basis="business_practice",
        reason="its trade",
        effective_on=day("2026-03-02"),
    )
    cluster.publish("placement_set", fields | {"source": "headquarters"}, topic="headquarters-decision")
    cluster.some()
    group(cluster)
    publish(cluster, version("2026-05", "2026-05-01", policy=[{"name": "account_key", "values": ["base"]}]))

    cluster.comes_to("2026-04-01")
    cluster.some()
    joined = cluster.ledger(GROUP).standing.center
    cluster.comes_to("2026-05-01")
    cluster.some()

    assert joined == MACHINERY
    assert cluster.ledger(GROUP).standing.override is None
    assert cluster.ledger(BASE).standing.center == MACHINERY
    assert cluster.in_account(MATTERS, GROUP) == []
    state = cluster.states[partition_for(BASE.encode(), PARTITIONS)]
    assert any(key.endswith(f"{SAID_OF_PLACEMENT}{JOINS}".encode()) for key in state.stored)


@pytest.mark.parametrize("seed", range(5))
def test_P10_what_waits_in_the_former_account_goes_on_waiting_in_the_new_one(seed: int) -> None:
    """As long as it would have there; then it is applied, or refused on the day on which it would have been."""
    cluster = Turns(seed)
    accept(cluster, NUMBERS[0])
    cluster.comes_to("2026-03-28")
    assert paid(cluster, NUMBERS[1], "2026-03-28") == paid(cluster, NUMBERS[2], "2026-03-28") == "waiting"
    group(cluster)
    cluster.comes_to("2026-04-01")
    cluster.some()
    accept(cluster, NUMBERS[1], when="2026-04-01T14:00:00")
    cluster.some()
    cluster.comes_to("2026-04-03")
    refused = len(cluster.on("event-refusal"))
    cluster.comes_to("2026-04-05")

    state = cluster.states[partition_for(GROUP.encode(), PARTITIONS)]
    entry = state.get(ENTRIES, f"{GROUP}/{NUMBERS[1]}".encode())
    assert entry is not None
    assert entry.paid_day == day("2026-03-28")
    assert (refused, [refusal["rule"] for refusal in cluster.on("event-refusal")]) == (0, ["entry.unknown"])
    assert sorted(cluster.in_account(ENTRIES, GROUP)) == sorted(NUMBERS[:2])


@pytest.mark.parametrize("seed", range(3))
def test_P10_each_number_becomes_an_account_and_one_account_again(seed: int) -> None:
    """Also numbers to which nothing happens; all within the partition of the base."""
    cluster = Turns(seed)
    other = f"{BASE}01"
    accept(cluster, NUMBERS[0])
    accept(cluster, NUMBERS[1], other, SHIRT)
    cluster.some()
    publish(cluster, version("each", "2026-04-01", policy=[{"name": "account_key", "values": ["number"]}]))
    publish(cluster, version("one", "2026-05-01", policy=[{"name": "account_key", "values": ["base"]}]))
    cluster.comes_to("2026-04-01")
    cluster.some()
    cluster.comes_to("2026-04-02")
    apart = [
        (cluster.in_account(ENTRIES, account), cluster.ledger(account).standing.center) for account in (JOINS, other)
    ]
    accept(cluster, NUMBERS[2], other, SHIRT, when="2026-04-02T14:00:00")
    cluster.some()
    cluster.comes_to("2026-05-01")
    cluster.some()

    assert apart == [([NUMBERS[0]], 7), ([NUMBERS[1]], 4)]
    assert sorted(cluster.in_account(ENTRIES, BASE)) == sorted(NUMBERS[:3])
    assert cluster.ledger(BASE).mix.summaries == 3
    assert not cluster.is_moving()


def of_number(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an event's fields as those of the number that moves."""
    return fields | {"importer_of_record": JOINS}


def protest(cluster: Turns, *numbers: str, when: str = "2026-03-20") -> str:
    """Protest the liquidation of entries of the number that moves."""
    optional = dict.fromkeys(("decision_on", "center", "text"))
    fields = {
        "protest_number": "270426000001", "protest_type": "1", "protestant": JOINS,
        "protestant_role": "importer", "filed_on": day(when), "against": "liquidation", "issue": "classification",
        "category": "8471", "accelerated": False, "further_review": True,
        "entries": [
            {"entry_number": one, "port_of_entry": None, "entry_date": None, "liquidation_date": None}
            for one in numbers
        ],
    }  # fmt: skip
    return cluster.publish("protest_filed", of_number(happened(when, **optional | fields)))


def liquidate(cluster: Turns, number: str, when: str = "2026-03-13") -> str:
    amounts = dict.fromkeys(("fee_cents", "tax_cents", "ad_cents", "cvd_cents", "interest_cents", "difference_cents"))
    fields = happened(when, entry_number=number, liquidated_on=day(when), duty_cents=0, **amounts)
    return cluster.publish("entry_liquidated", of_number(fields))


def question(cluster: Turns, number: str, when: str, notice_id: str) -> str:
    optional = dict.fromkeys(
        ("mailed_on", "due_on", "port", "ground", "examined_at", "examined_on", "amount_cents", "text")
    )
    fields = {
        "entry_number": number, "notice_id": notice_id, "kind": "form_28", "issue": "value", "heading": "8471",
        "issued_on": day(when), "further_entry_numbers": [], "line_ids": [],
    }  # fmt: skip
    return cluster.publish("notice_issued", of_number(happened(when, **optional | fields)))


def decide(cluster: Turns, item: dict[str, Any], when: str, decision: str = "denied") -> str:
    """Let a Center decide a case as it has it from a piece of work."""
    rest = {"decision": decision, "decided_on": day(when), "issue": None, "heading": None, "entries": [], "text": None}
    about_case = {"account_key": item["account_key"], "case_id": item["case_id"], "assignment": item["assignment"]}
    fields = happened(when, **about_case, **rest) | {"source": item["center"]}
    return cluster.publish("work_decided", fields, key=item["account_key"], topic=f"center-decision-{item['center']}")


@pytest.mark.parametrize("seed", range(5))
def test_P10_protests_notices_and_appeals_go_on_in_the_other_account(seed: int) -> None:
    """One response; what was taken before is known there; a Center that still names the former account is heard."""
    cluster = Turns(seed)
    for number in NUMBERS[:4]:
        accept(cluster, number)
    cluster.comes_to("2026-03-20")
    for number in NUMBERS[:3]:
        liquidate(cluster, number)
    protest(cluster, *NUMBERS[:3])
    question(cluster, NUMBERS[3], "2026-03-20", "N-1")
    cluster.some()
    filed_case = [item for item in cluster.on("center-work-electronics") if item.get("work_type") == "protest"][-1]
    group(cluster)
    cluster.comes_to("2026-04-01")
    cluster.some(cluster.random.randrange(10))
    decide(cluster, filed_case, "2026-04-01")
    cluster.some()
    protest(cluster, *NUMBERS[:3])
    cluster.some()
    repeated = [cluster.outcomes[-1]]
    question(cluster, NUMBERS[3], "2026-03-20", "N-1")
    cluster.some()
    repeated.append(cluster.outcomes[-1])
    decide(cluster, filed_case, "2026-04-01")
    cluster.some()
    repeated.append(cluster.outcomes[-1])
    question(cluster, NUMBERS[3], "2026-04-02", "N-2")
    cluster.some()

    assert repeated == ["ignored", "ignored", "ignored"]
    [response] = cluster.on("importer-response", "case_response")
    assert (response["case_id"], response["decision"]) == (filed_case["case_id"], "denied")
    results = cluster.on("importer-response", "entry_result")
    assert sorted((one["entry_number"], one["port_of_entry"]) for one in results) == [
        (one, "2704") for one in NUMBERS[:3]
    ]
    assert cluster.on("event-refusal") == []
    asked = [
        item for item in cluster.on("center-work-electronics") if item.get("work_type") == "request_for_information"
    ]
    assert [item["action"] for item in asked if item["role"] == "owner"] == ["opened", "updated"]
    assert len({item["case_id"] for item in asked}) == 1
    summons = [
        item for item in cluster.on("center-work-electronics") if item.get("work_type") == "protest_summons_watch"
    ]
    assert [(item["action"], item["account_key"]) for item in summons] == [("opened", GROUP)]
    assert cluster.in_account(MATTERS, BASE) == []


def test_P10_whatever_the_turns_of_the_partitions_the_end_is_the_same() -> None:
    """State and open cases, to the last byte but for the order in which entries were told to the index."""
    ends = []
    for seed in range(8):
        cluster = Turns(seed)
        for number in NUMBERS[:70]:
            accept(cluster, number)
        accept(cluster, NUMBERS[200], HEAD, SHIRT)
        cluster.some()
        group(cluster)
        cluster.comes_to("2026-04-01")
        for number in NUMBERS[:20]:
            paid(cluster, number, "2026-04-01")
            cluster.some(cluster.random.randrange(6))
        cluster.some()
        cluster.comes_to("2026-04-20")
        cluster.some()
        ends.append(cluster.kept())

    assert all(end == ends[0] for end in ends)
