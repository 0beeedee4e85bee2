"""Versions of the rules in a partition: adopted, refused, and looked at by every account."""

import uuid
from typing import Any

from streams.processor.rule_shelf import RuleShelf
from streams.processor.rule_walk import accounts_to_look_at
from streams.processor.tables import LEDGERS
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.kit import COMPUTER, RULES, SHIRT, Cluster, at, codec, day, filed

COVERAGE = [
    {"from_code": "84", "to_code": "84", "center": "machinery"},
    {"from_code": "61", "to_code": "61", "center": "apparel-footwear-textiles"},
]


def version(name: str = "2026-04", effective_on: str = "2026-04-01", **others: Any) -> dict[str, Any]:
    """Return the fields of a version that is announced on 2 March."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name}/{effective_on}/{sorted(others.items())}"))
    empty: dict[str, Any] = {"policy": [], "coverage_version": None, "coverage": [], "accounts": [], "reason": None}
    return {
        "event_id": identity,
        "event_time": at("2026-03-02T14:30:00"),
        "source": "headquarters",
        "version": name,
        "effective_on": day(effective_on),
        **empty,
        **others,
    }


def publish(cluster: Cluster, fields: dict[str, Any]) -> list[str]:
    """Publish a version to every partition; return the outcomes."""
    return [
        cluster.publish("rules_version", fields, key="rules", topic="headquarters-decision", partition=partition)
        for partition in range(cluster.partitions)
    ]


def importer(number: int) -> str:
    return f"12-{number:07d}00"


def test_a_version_is_in_force_in_every_partition_from_its_day_on() -> None:
    """Also beyond a commit, and for work that cites it."""
    cluster = Cluster()
    assert set(publish(cluster, version(policy=[{"name": "window_days", "values": ["100"]}]))) == {"applied"}

    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    cluster.pass_time(days=31)
    numbers = entry_numbers()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=next(numbers), when="2026-04-02T14:00:00"))

    cited = [item["why"]["policy_version"] for item in cluster.on("center-work-electronics", "work_item")]
    assert cited == ["default", "2026-04"]


def test_a_repeat_changes_nothing_and_a_taken_name_is_refused() -> None:
    cluster = Cluster()
    publish(cluster, version(policy=[{"name": "window_days", "values": ["100"]}]))
    before = cluster.stored()

    assert set(publish(cluster, version(policy=[{"name": "window_days", "values": ["100"]}]))) == {"ignored"}
    assert set(publish(cluster, version(policy=[{"name": "window_days", "values": ["99"]}]))) == {"refused"}
    assert cluster.stored() == before
    assert {refusal["rule"] for refusal in cluster.on("event-refusal")} == {"rules.version_is_named_once"}


def test_what_makes_no_rules_or_begins_too_soon_is_refused_by_every_partition() -> None:
    cluster = Cluster()

    publish(cluster, version("wrong", policy=[{"name": "windows", "values": ["100"]}]))
    publish(cluster, version("soon", "2026-03-02", policy=[{"name": "window_days", "values": ["100"]}]))

    refusals = cluster.on("event-refusal")
    assert [refusal["rule"] for refusal in refusals] == (
        ["rules.version_is_valid"] * 4 + ["rules.announced_before_they_begin"] * 4
    )
    assert "windows: there is no such switch" in refusals[0]["sentence"]


def test_every_silent_account_hears_of_a_new_coverage_once_and_stays_where_it_is() -> None:
    """Also where there are more accounts than one transaction takes."""
    cluster = Cluster(partitions=1)
    numbers = entry_numbers()
    for number in range(520):
        goods = COMPUTER if number % 2 else SHIRT
        cluster.publish("entry_summary_accepted", filed(goods, number=next(numbers), importer=importer(number)))
    cluster.pass_time(days=1)
    told = len(cluster.on("placement-change"))
    publish(cluster, version(coverage_version="2026-04", coverage=COVERAGE))

    for _ in range(4):
        cluster.pass_time(days=16)

    changes = cluster.on("placement-change")[told:]
    assert {(change["kind"], change["center"], change["decided_on"]) for change in changes} == {
        ("proposed", "electronics", day("2026-04-01"))
    }
    assert len(changes) == 260
    walked = accounts_to_look_at(cluster.states[0], RuleShelf(codec(), RULES).all_of(cluster.states[0]), 30_000, None)
    assert walked == []


def test_the_walk_goes_on_where_it_stopped() -> None:
    cluster = Cluster(partitions=1)
    numbers = entry_numbers()
    for number in range(5):
        cluster.publish("entry_summary_accepted", filed(number=next(numbers), importer=importer(number)))
    publish(cluster, version(policy=[{"name": "window_days", "values": ["100"]}]))
    state = cluster.states[0]
    rules, today = RuleShelf(codec(), RULES).all_of(state), day("2026-04-01")

    assert accounts_to_look_at(state, rules, today - 1, 2) == []
    parts = [accounts_to_look_at(state, rules, today, 2) for _ in range(4)]

    assert parts[0] + parts[1] + parts[2] == [key.decode() for key, _ in state.scan(LEDGERS)]
    assert parts[3] == []


def test_a_large_version_is_kept_in_chunks_that_stay_small() -> None:
    """A coverage of every subheading is larger than one value of the state may be."""
    cluster = Cluster(partitions=1)
    rows = [
        {"from_code": f"{code:06d}", "to_code": f"{code:06d}", "center": ("machinery", "electronics")[code * 7 % 5 % 2]}
        for code in range(10_100, 50_000)
    ]

    publish(cluster, version(coverage_version="2026-04", coverage=rows))

    sizes = [len(value) for key, value in cluster.states[0].stored.items() if key.startswith(b"r/")]
    assert max(sizes) <= 32 * 1024
    assert RuleShelf(codec(), RULES).all_of(cluster.states[0]).coverage.versions[-1].version == "2026-04"


def test_partitions_hold_the_same_versions_whoever_reads_them() -> None:
    cluster = Cluster()
    publish(cluster, version(policy=[{"name": "window_days", "values": ["100"]}]))

    chains = [RuleShelf(codec(), RULES).all_of(state) for state in cluster.states]

    assert all(chain == chains[0] for chain in chains)
