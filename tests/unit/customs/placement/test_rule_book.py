"""Dated versions of the rules: what they add up to, and what is refused."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.customs.decision import DecisionKind
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.rule_book import (
    Adopted,
    AnnouncedRules,
    InvalidRules,
    accounts_changed,
    announced,
    prefixes_changed,
    rules_of,
    switches_changed,
)
from streams.customs.tariff import Coverage

from .importing import APPAREL, DEFAULTS, ELECTRONICS, MACHINERY, MONDAY, Importer, goods
from .test_placement_properties import Filed, Happening, Story, gaps, of_all, seen, told

COMPUTERS_TO_MACHINERY = [("84", "84", "machinery"), ("61", "61", "apparel-footwear-textiles")]


TABLE: dict[str, Any] = {
    "policy": [("account_key", ["table"])],
    "accounts": [("98-765432100", "12-3456789")],
}


def version(name: str = "2026-02", day: int = MONDAY + 10, **parts: Any) -> AnnouncedRules:
    """Return a version as headquarters announces it two days before it begins."""
    record: dict[str, Any] = {
        "version": name,
        "effective_day": day,
        "announced_ms": (day - 2) * 86_400_000,
        "event_id": f"event of {name}",
        "policy": (),
        "coverage_version": "",
        "coverage": (),
        "accounts": (),
    }
    return announced(**(record | parts))


def test_a_version_changes_what_it_names_and_leaves_the_rest() -> None:
    window = version("window", MONDAY + 10, policy=[("window_days", ["100"]), ("entry_types", ["01", "03"])])
    reform = version("reform", MONDAY + 20, coverage_version="reform", coverage=COMPUTERS_TO_MACHINERY)

    rules = rules_of(DEFAULTS, [Adopted(MONDAY + 10, window), Adopted(MONDAY + 20, reform)])

    assert rules.at(MONDAY + 9).policy == DEFAULTS.policy
    assert rules.at(MONDAY + 10).policy.window_days == 100
    assert rules.at(MONDAY + 10).policy.version == "window"
    assert rules.at(MONDAY + 20).policy == rules.at(MONDAY + 10).policy
    assert rules.coverage.in_force(MONDAY + 19).center("8471300100") == ELECTRONICS
    assert rules.coverage.in_force(MONDAY + 20).center("8471300100") == MACHINERY
    assert [rules.first_change_after(day) - MONDAY for day in (MONDAY, MONDAY + 9, MONDAY + 10)] == [10, 10, 20]
    assert rules.first_change_after(MONDAY + 20) == 0


def test_the_switches_of_a_policy_are_all_that_differ_from_the_default() -> None:
    first = version("first", policy=[("window_days", ["100"])])
    second = version("second", MONDAY + 20, policy=[("firm_lines", ["5"])])

    rules = rules_of(DEFAULTS, [Adopted(MONDAY + 10, first), Adopted(MONDAY + 20, second)])

    assert rules.policy == PlacementPolicy(version="second", firm_lines=5)


def test_versions_add_up_to_the_same_in_whatever_order_they_arrive() -> None:
    """Two announce the same day: the one announced later stands."""
    versions = [
        Adopted(MONDAY + 10, version("one", policy=[("firm_lines", ["5"])])),
        Adopted(MONDAY + 10, version("mended", policy=[("firm_lines", ["6"])], announced_ms=(MONDAY + 9) * 86_400_000)),
        Adopted(MONDAY + 30, version("later", MONDAY + 30, policy=[("firm_lines", ["7"])])),
    ]

    results = [rules_of(DEFAULTS, order) for order in permutations(versions)]

    assert all(result == results[0] for result in results)
    assert results[0].at(MONDAY + 10).policy.firm_lines == 6


def test_a_version_that_came_late_begins_when_it_came() -> None:
    """A later version that is in force already is not undone by it."""
    late = Adopted(MONDAY + 40, version("late", MONDAY + 5, policy=[("firm_lines", ["5"])]))
    newer = Adopted(MONDAY + 20, version("newer", MONDAY + 20, policy=[("firm_lines", ["6"])]))

    rules = rules_of(DEFAULTS, [late, newer])

    assert [rules.at(MONDAY + day).policy.firm_lines for day in (5, 20, 40)] == [20, 6, 6]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "policy: a version changes"),
        ({"policy": [("windows", ["1"])]}, "windows: there is no such switch"),
        ({"policy": [("window_days", ["many"])]}, "window_days: a whole number"),
        ({"policy": [("window_days", ["1", "2"])]}, "window_days: one value"),
        ({"policy": [("window_days", ["0"])]}, "window_days: a whole number from 1"),
        ({"policy": [("window_days", ["9"]), ("window_days", ["9"])]}, "window_days: a switch is named once"),
        ({"policy": [("measure", ["quantity"])]}, "measure: 'quantity' has no behaviour"),
        ({"policy": [("entry_types", ["21"])]}, "entry_types: warehouse types"),
        ({"policy": [("firm_lines", ["1"]), ("minimum_summaries", ["2"])]}, "firm_lines: a firm placement"),
        ({"coverage": COMPUTERS_TO_MACHINERY}, "coverage_version: a coverage has a name"),
        ({"coverage_version": "reform"}, "policy: a version changes"),
        ({"coverage_version": "r", "coverage": [("84", "84", "toys")]}, "coverage: there is no Center toys"),
        ({"coverage_version": "r", "coverage": [("84", "83", "machinery")]}, "coverage row 84-83"),
        ({"accounts": [("98-765432100", "12-3456789")]}, "accounts: an account table takes account_key = table"),
        (TABLE | {"policy": []}, "accounts: an account table takes account_key = table"),
        (TABLE | {"accounts": [("98-7654321", "12-3456789")]}, "accounts: importer numbers in their normal form"),
        (TABLE | {"accounts": [("98-765432100", "12-345678900")]}, "accounts: importer numbers in their normal form"),
        (TABLE | {"accounts": [("98-765432100", "ACME")]}, "accounts: importer numbers in their normal form"),
        (
            TABLE | {"accounts": [("98-765432100", "12-3456789"), ("98-765432100", "98-7654321")]},
            "accounts: an importer",
        ),
    ],
)
def test_what_makes_no_rules_is_refused_with_its_key(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRules, match=f"^{said}"):
        version(**parts)


def test_differences_are_told_by_switch_and_prefix() -> None:
    policy = PlacementPolicy(version="other", window_days=100, entry_types=frozenset({"01"}))

    assert switches_changed(DEFAULTS.policy, policy) == {
        "window_days": ("365", "100"),
        "entry_types": ("01 02 03 06 07 11 12 23 51 52", "01"),
    }
    before, after = Coverage("before", 1, {"61": 4, "84": 7, "8471": 7}), Coverage("after", 2, {"84": 9, "85": 7})
    assert prefixes_changed(before, after) == {"61": (4, 0), "84": (7, 9), "8471": (7, 9), "85": (0, 7)}


def test_P10_an_account_table_counts_as_long_as_the_policy_says_so() -> None:
    """The numbers that it ever named are known, so that they find back."""
    grouped, alone = version("grouped", **TABLE), version("alone", MONDAY + 20, policy=[("account_key", ["base"])])

    rules = rules_of(DEFAULTS, [Adopted(MONDAY + 10, grouped), Adopted(MONDAY + 20, alone)])

    number, base = "98-765432100", "98-7654321"
    assert [rules.at(MONDAY + day).account_of(number, base) for day in (9, 10, 20)] == [base, "12-3456789", base]
    assert rules.at(MONDAY + 10).account_of("98-765432101", base) == base
    assert [rules.at(MONDAY + day).regrouped for day in (9, 10, 20)] == [frozenset(), {number}, {number}]
    assert accounts_changed(rules.at(MONDAY + 9), rules.at(MONDAY + 10)) == {number: (base, "12-3456789")}
    assert accounts_changed(rules.at(MONDAY + 10), rules) == {number: ("12-3456789", base)}


def test_P10_each_number_may_be_an_account_of_its_own() -> None:
    """From then on the account of any number may be another than its base."""
    each = version("each", policy=[("account_key", ["number"])])

    rules = rules_of(DEFAULTS, [Adopted(MONDAY + 10, each)])

    assert rules.account_of("98-765432100", "98-7654321") == "98-765432100"
    assert (rules.at(MONDAY).regrouped, rules.regrouped) == (frozenset(), None)


def ruled_later(**settings: str) -> PlacementRules:
    """Return short rules that change a switch after 15 days."""
    short = DEFAULTS._replace(
        policy=PlacementPolicy(
            window_days=20, firm_lines=4, firm_days=5, dwell_cuts=4, settled_days=9, stale_after_days=16
        )
    )
    words = [(key, [value]) for key, value in {**settings}.items()]
    return rules_of(short, [Adopted(MONDAY + 15, version("changed", MONDAY + 15, policy=words))])


CHANGED = st.sampled_from(
    [
        {"window_days": "8", "firm_lines": "4", "firm_days": "5", "dwell_cuts": "4", "settled_days": "9"},
        {"measure": "value", "firm_lines": "2", "firm_days": "0", "stale_after_days": "10"},
        {"predominance": "majority", "flag_below_percent": "90", "high_value_percent": "50"},
    ]
)


@settings(max_examples=200, deadline=None)
@given(CHANGED, st.lists(st.tuples(gaps, of_all), max_size=25))
def test_leaving_out_cuts_changes_nothing_where_the_rules_change(
    switches: dict[str, str], happenings: Sequence[tuple[int, Happening]]
) -> None:
    """A silent account, looked at long after the change, folds the cut of the change under the new rules."""
    ruled = ruled_later(**switches)
    lazy, daily = Story(Importer(ruled.at(MONDAY))), Story(Importer(ruled.at(MONDAY)))
    for gap, happening in [(0, Filed(goods(APPAREL), 0)), *happenings, (60, Filed(goods(MACHINERY), 0))]:
        day = lazy.importer.today + gap
        for story in (lazy, daily):
            story.importer.rules = ruled.at(day)
        lazy.importer.comes_to(day)
        while daily.importer.today < day:
            daily.importer.rules = ruled.at(daily.importer.today + 1)
            daily.importer.comes_to_daily(daily.importer.today + 1)
        assert seen(lazy.importer.standing) == seen(daily.importer.standing)
        assert lazy.importer.mix == daily.importer.mix
        lazy.happens(happening)
        daily.happens(happening)

    assert told(lazy.importer.decisions) == told(daily.importer.decisions)


def test_P12_a_new_coverage_in_a_version_is_proposed_to_a_silent_importer() -> None:
    """Nothing moves by that alone."""
    reform = version("reform", MONDAY + 20, coverage_version="reform", coverage=COMPUTERS_TO_MACHINERY)
    rules = rules_of(DEFAULTS, [Adopted(MONDAY + 20, reform)])
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 3))
    importer.comes_to(MONDAY + 1)
    importer.rules = rules.at(MONDAY + 25)

    [decision] = importer.comes_to(MONDAY + 25)

    assert (decision.kind, decision.day) == (DecisionKind.PROPOSED, MONDAY + 20)
    assert "Under coverage reform Machinery would lead" in decision.reason
    assert importer.standing.center == ELECTRONICS
