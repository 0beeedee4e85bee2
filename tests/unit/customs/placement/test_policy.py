"""The switches of placement: defaults, bounds, contradictions."""

from collections.abc import Mapping

import pytest

from streams.customs.importer_number import AccountKey
from streams.customs.policy import (
    BrokerImporter,
    CoverageChange,
    InvalidPolicy,
    LateEvents,
    Measure,
    OlderWork,
    PlacementPolicy,
    Predominance,
    Tie,
    WarehouseGoods,
    WithoutCenter,
)

COUNTING = ["01", "02", "03", "06", "07", "11", "12", "23", "31", "32", "34", "38", "51", "52"]


def test_the_defaults_are_the_recommended_ones() -> None:
    """P1-P21 as far as they have behaviour."""
    policy = PlacementPolicy()

    assert policy == PlacementPolicy.from_settings({})
    assert (policy.window_days, policy.minimum_summaries, policy.firm_lines, policy.firm_days) == (365, 1, 20, 90)
    assert (policy.measure, policy.high_value_percent) == (Measure.LINES, 0)
    assert (policy.predominance, policy.flag_below_percent) == (Predominance.PLURALITY, 40)
    assert (policy.lead_points, policy.dwell_cuts, policy.settled_days) == (10, 90, 180)
    assert (policy.account_key, policy.warehouse_goods) == (AccountKey.BASE, WarehouseGoods.WITHDRAWALS)
    assert policy.broker_importer is BrokerImporter.BY_OWN_HEADING
    assert policy.coverage_change is CoverageChange.PROPOSE
    assert policy.tie is Tie.PRESENT_THEN_VALUE_THEN_RECENT_THEN_NUMBER
    assert (policy.older_work, policy.late_events) == (OlderWork.PRESENT_CENTER, LateEvents.COUNT_BY_ENTRY_DATE)
    assert policy.pending is policy.not_eligible is WithoutCenter.OWN_TOPIC
    assert policy.stale_after_days == 365


@pytest.mark.parametrize("entry_type", [f"{number:02d}" for number in range(100)])
def test_P9_by_default_the_documented_types_count_and_no_other(entry_type: str) -> None:
    """Warehouse goods count when they are withdrawn, drawback and in-bond never."""
    assert PlacementPolicy().counts(entry_type) is (entry_type in COUNTING)


def test_P9_warehouse_goods_count_once_either_way() -> None:
    """Entries or withdrawals, and re-warehouse entries never."""
    policy = PlacementPolicy.from_settings({"warehouse_goods": "entries"})

    assert policy.counts("21")
    assert not any(policy.counts(entry_type) for entry_type in ("22", "31", "32", "34", "38"))
    assert policy.counts("01")


def test_P9_fewer_types_can_be_chosen() -> None:
    """Those of warehouses are switched apart."""
    policy = PlacementPolicy.from_settings({"entry_types": ["01", "03"]})

    assert policy.counting_types == {"01", "03", "31", "32", "34", "38"}


def test_every_switch_can_be_set_by_its_key() -> None:
    """Plain values, as a dated record of rules carries them."""
    policy = PlacementPolicy.from_settings(
        {
            "version": "2026-07",
            "window_days": 180,
            "minimum_summaries": 3,
            "firm_lines": 30,
            "firm_days": 60,
            "measure": "lines_then_value",
            "high_value_percent": 75,
            "predominance": "majority",
            "flag_below_percent": 0,
            "lead_points": 5,
            "dwell_cuts": 30,
            "settled_days": 0,
            "entry_types": ["01"],
            "warehouse_goods": "withdrawals",
            "account_key": "base",
            "broker_importer": "as_importer",
            "coverage_change": "propose",
            "tie": "present_value_recent_number",
            "older_work": "present_center",
            "pending": "own_topic",
            "not_eligible": "own_topic",
            "stale_after_days": 90,
            "appeals": "placement_stays",
            "importer_notice": "every_change",
            "late_events": "count_by_entry_date",
        }
    )

    assert (policy.version, policy.window_days, policy.measure) == ("2026-07", 180, Measure.LINES_THEN_VALUE)
    assert (policy.predominance, policy.broker_importer) == (Predominance.MAJORITY, BrokerImporter.AS_IMPORTER)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"window": 365}, "window: there is no such switch; there are version, window_days"),
        ({"window_days": 0}, "window_days: a whole number from 1 to 3660"),
        ({"window_days": 3661}, "window_days: a whole number from 1 to 3660"),
        ({"window_days": "365"}, "window_days: a whole number is needed"),
        ({"window_days": 365.0}, "window_days: a whole number is needed"),
        ({"window_days": True}, "window_days: a whole number is needed"),
        ({"minimum_summaries": 0}, "minimum_summaries: "),
        ({"minimum_summaries": 21}, "firm_lines: a firm placement cannot need fewer lines"),
        ({"firm_days": -1}, "firm_days: "),
        ({"lead_points": 101}, "lead_points: "),
        ({"dwell_cuts": 0}, "dwell_cuts: "),
        ({"flag_below_percent": 101}, "flag_below_percent: "),
        ({"stale_after_days": 0}, "stale_after_days: "),
        ({"version": ""}, "version: "),
        ({"version": 1}, "version: a text is needed"),
        ({"measure": "quantity"}, "measure: 'quantity' has no behaviour; one of lines, value, entry_summaries"),
        ({"measure": 1}, "measure: 1 has no behaviour"),
        ({"account_key": "account_table"}, "account_key: 'account_table' has no behaviour"),
        ({"entry_types": ["01", "22"]}, "entry_types: re-warehouse"),
        ({"entry_types": ["01", "31"]}, "entry_types: warehouse types are chosen by warehouse_goods"),
        ({"entry_types": ["01", "21"]}, "entry_types: warehouse types are chosen by warehouse_goods"),
        ({"entry_types": []}, "entry_types: one or more of 01, 02"),
        ({"entry_types": ["01", "41"]}, "entry_types: one or more of 01, 02"),
        ({"entry_types": "01"}, "entry_types: a list"),
        ({"entry_types": 1}, "entry_types: a list"),
        ({"entry_types": [1]}, "entry_types: a text is needed"),
        ({"coverage_change": "move"}, "coverage_change: 'move' has no behaviour"),
        ({"tie": "value"}, "tie: 'value' has no behaviour"),
        ({"account_key": "full_number"}, "account_key: 'full_number' has no behaviour"),
        ({"broker_importer": "route"}, "broker_importer: 'route' has no behaviour"),
        ({"work_in_flight": "move"}, "work_in_flight: 'move' has no behaviour"),
        ({"appeals": "on"}, "appeals: 'on' has no behaviour"),
        ({"importer_notice": "on"}, "importer_notice: 'on' has no behaviour"),
    ],
)
def test_settings_that_make_no_policy_are_refused_by_their_key(settings: Mapping[str, object], complaint: str) -> None:
    """Unknown keys, wrong values, contradictions."""
    with pytest.raises(InvalidPolicy, match=complaint):
        PlacementPolicy.from_settings(settings)


def test_a_policy_made_directly_is_checked_just_as_well() -> None:
    """There is no way around the bounds."""
    with pytest.raises(InvalidPolicy, match="lead_points"):
        PlacementPolicy(lead_points=-1)
