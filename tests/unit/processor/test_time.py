"""By which clock a partition lives: the broker's, or for historic loads that of the events."""

from datetime import UTC, datetime

from streams.processor.clock import TimeSource
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.kit import COMPUTER, SHIRT, Cluster, about, at, day, filed

NUMBERS = [number for number, _ in zip(entry_numbers(), range(20), strict=False)]


def history() -> Cluster:
    """Return a cluster that loads history, long after it happened; the importer has its own partition only."""
    cluster = Cluster(1, TimeSource.EVENT)
    cluster.now = datetime(2026, 11, 20, tzinfo=UTC)
    return cluster


def test_events_move_the_time_of_a_historic_load() -> None:
    """Work is processed at the time of its event, and never earlier than the latest one seen."""
    cluster = history()

    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[0], when="2025-03-04T14:00:00"))
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[1], when="2025-03-03T14:00:00"))

    items = cluster.on("center-work-electronics", "work_item")
    assert [item["caused_by"]["processed_at"] for item in items] == [at("2025-03-04T14:00:00")] * 2
    assert cluster.on("importer-placement")[0]["decided_on"] == day("2025-03-04")


def test_a_new_day_folds_the_cuts_that_are_due_before_the_record_that_begins_it() -> None:
    """Another importer's record moves the time: the cut decides for all accounts that are due, and no others."""
    cluster = history()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[0], when="2025-03-03T14:00:00"))
    cluster.publish("entry_summary_accepted", filed(SHIRT, SHIRT, number=NUMBERS[1], when="2025-03-03T15:00:00"))
    cluster.sent.clear()

    cluster.publish(
        "entry_summary_accepted",
        filed(COMPUTER, number=NUMBERS[2], when="2025-03-04T04:59:59", importer="98-765432100"),
    )
    before_midnight = cluster.on("placement-change")
    cluster.publish(
        "entry_summary_accepted",
        filed(COMPUTER, number=NUMBERS[3], when="2025-03-04T05:00:00", importer="98-765432100"),
    )

    assert [change["account_key"] for change in before_midnight] == ["98-7654321"]
    changes = cluster.on("placement-change")[1:]
    assert [(change["account_key"], change["kind"], change["center"]) for change in changes] == [
        ("12-3456789", "changed", "apparel-footwear-textiles")
    ]
    assert changes[0]["caused_by"]["event_at"] == at("2025-03-04T05:00:00")


def test_cuts_are_folded_one_by_one_when_many_days_pass_at_once() -> None:
    """What a decision says of its day does not depend on how the events lie in between."""
    dense, sparse = history(), history()
    for cluster in (dense, sparse):
        cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[0], when="2025-01-02T14:00:00"))
    for number, date in enumerate(("2025-06-01", "2025-12-01", "2026-01-02", "2026-01-04"), 1):
        other = filed(SHIRT, number=NUMBERS[number], when=f"{date}T14:00:00", importer="98-765432100")
        dense.publish("entry_summary_accepted", other)
    last = filed(SHIRT, number=NUMBERS[9], when="2026-01-10T14:00:00", importer="98-765432100")
    for cluster in (dense, sparse):
        cluster.publish("entry_summary_accepted", last)

    decided = [
        [
            (change["kind"], change["decided_on"])
            for change in cluster.on("placement-change")
            if change["account_key"] == "12-3456789"
        ]
        for cluster in (dense, sparse)
    ]

    assert decided[0] == decided[1]
    assert decided[0][-1][0] == "stale"


def test_the_engines_timer_does_nothing_in_a_historic_load() -> None:
    """What it would do depends on when it runs."""
    cluster = history()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[0], when="2025-03-03T14:00:00"))
    cluster.publish("entry_summary_accepted", filed(SHIRT, SHIRT, number=NUMBERS[1], when="2025-03-03T15:00:00"))
    before = cluster.stored()
    cluster.sent.clear()

    cluster.pass_time(days=30)

    assert cluster.sent == []
    assert cluster.stored() == before


def test_waiting_ends_with_the_days_of_the_events() -> None:
    """Seven days of history, not of the load."""
    cluster = history()
    cluster.publish("entry_summary_control_changed", about("2025-03-03T14:00:00", NUMBERS[5], control="cbp"))
    for number, when in enumerate(("2025-03-09T14:00:00", "2025-03-11T14:00:00")):
        cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[number], when=when))

    assert [refusal["rule"] for refusal in cluster.on("event-refusal")] == ["entry.unknown"]


def test_an_event_in_the_future_does_not_move_the_time() -> None:
    """It is refused, and the days in between do not pass."""
    cluster = history()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[0], when="2025-03-03T14:00:00"))

    cluster.publish("entry_summary_control_changed", about("2027-03-03T14:00:00", NUMBERS[0], control="cbp"))
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NUMBERS[1], when="2025-03-03T15:00:00"))

    item = cluster.on("center-work-electronics", "work_item")[-1]
    assert item["caused_by"]["processed_at"] == at("2025-03-03T15:00:00")
