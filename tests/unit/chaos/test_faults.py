"""Schedules repeat with their seed and miss nothing; what was seen is told truly."""

import json
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from streams.chaos.faults import CLUSTER, ONE_BROKER, REGISTRY, Fault, schedule
from streams.chaos.plan import Plan, Report
from streams.chaos.stores import corrupt_stores, lose_stores, truncate_stores
from streams.chaos.watch import SEEN_LATE_SECONDS, SEVERAL, Recovered, Watch

PLACE = TopicPartition("events", 0)


@pytest.mark.parametrize("deck", [ONE_BROKER, CLUSTER, REGISTRY])
def test_a_schedule_is_the_same_for_the_same_seed_and_has_every_fault_of_the_deck_in_each_round(
    deck: Sequence[Fault],
) -> None:
    first, again = (list(islice(schedule(7, deck), len(deck))) for _ in range(2))

    assert first == again
    assert sorted(planned.fault.name for planned in first) == sorted(fault.name for fault in deck)
    assert list(islice(schedule(8, deck), len(deck))) != first


def test_every_fault_is_in_a_deck() -> None:
    assert set(Fault) == set(REGISTRY) | set(CLUSTER)


def test_three_brokers_keep_each_record_three_times_and_have_faults_of_their_own() -> None:
    assert (Plan(1, 7, brokers=3).replication, Plan(1, 7).replication) == (3, 1)
    assert Fault.BROKER_PAUSE in Plan(1, 7, brokers=3).deck


def test_a_fault_is_recovered_from_when_what_was_behind_has_moved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    watch = Watch()
    watch.see({PLACE: 5}, {PLACE: 10})

    watch.fault("kill")
    now[0] += SEEN_LATE_SECONDS
    watch.see({PLACE: 6}, {PLACE: 20})  # a commit from before the fault, seen late
    assert not watch.is_recovered
    now[0] += 3
    watch.see({PLACE: 6}, {PLACE: 30})
    assert not watch.is_recovered
    now[0] += 1
    watch.see({PLACE: 9}, {PLACE: 30})

    assert watch.recovered == [Recovered("kill", 4 + SEEN_LATE_SECONDS)]
    assert watch.longest_stall == 3.0


def test_a_fault_before_the_last_one_was_recovered_from_counts_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    watch = Watch()
    watch.see({PLACE: 5}, {PLACE: 10})
    watch.fault("kill")
    now[0] += 2
    watch.fault("cut")
    now[0] += 2
    watch.see({PLACE: 6}, {PLACE: 10})

    assert watch.recovered == [Recovered(SEVERAL, 4.0)]


def test_a_report_is_plain_values_for_json() -> None:
    report = Report(7)
    report.faults["kill"] += 2

    assert json.loads(json.dumps(report.as_dict()))["faults"] == {"kill": 2}


def test_a_report_tells_median_and_longest_for_each_fault() -> None:
    report = Report(7)

    report.take([Recovered("kill", 1.0), Recovered("kill", 3.0), Recovered("kill", 2.0), Recovered("cut", 9.0)])

    assert report.recovery == {"cut": (1, 9.0, 9.0), "kill": (3, 2.0, 3.0)}
    assert (report.recovery_median_seconds, report.recovery_longest_seconds) == (2.5, 9.0)


def test_stores_are_cut_overwritten_and_deleted_and_other_files_stay(tmp_path: Path) -> None:
    store = tmp_path / "cee-placement" / "slot-0" / "partition-1"
    store.mkdir(parents=True)
    (tmp_path / "cee-placement" / "slot-0.lock").touch()
    for name in ("000001.sst", "000002.log", "CURRENT"):
        (store / name).write_bytes(b"x" * 4096)

    assert corrupt_stores(tmp_path) == 2
    assert (store / "000001.sst").read_bytes() != b"x" * 4096
    assert (store / "000001.sst").stat().st_size == 4096
    assert truncate_stores(tmp_path) == 2
    assert (store / "000002.log").stat().st_size == 2048
    assert (store / "CURRENT").read_bytes() == b"x" * 4096
    assert lose_stores(tmp_path) == 1
    assert not store.exists()
    assert (tmp_path / "cee-placement" / "slot-0.lock").exists()
