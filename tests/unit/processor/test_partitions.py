"""Records in the wrong partition, events that name an entry alone, and waiting for what is not known yet."""

import pytest

from streams.contract.keys import partition_for
from streams.engine.api import InvalidRecord
from streams.processor.clock import TimeSource
from streams.processor.waiting import MOST
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.kit import COMPUTER, IMPORTER, Cluster, about, day, filed

PARTITIONS = 4
ACCOUNT_PARTITION = partition_for(IMPORTER[:10].encode(), PARTITIONS)


def entry_in(partition: int) -> str:
    """Return an entry number that belongs to a partition."""
    return next(number for number in entry_numbers() if partition_for(number.encode(), PARTITIONS) == partition)


NEAR = entry_in(ACCOUNT_PARTITION)
FAR = entry_in((ACCOUNT_PARTITION + 1) % PARTITIONS)


def notified(
    number: str, disposition: str, when: str = "2026-03-02T14:30:00", reason: str | None = None
) -> dict[str, object]:
    """Return the fields of a status notification."""
    fields = about(
        when, number, None, disposition=disposition, disposition_source="1", action_on=day(when[:10]), reason=reason
    )
    fields.pop("importer_of_record")
    return fields | {"team_number": None, "line_id": None, "documents": [], "text": None}


def test_a_right_key_in_the_wrong_partition_takes_one_hop_and_is_processed_as_if_it_had_come_there() -> None:
    """As from a librdkafka client with its default partitioner; the cause names where it first arrived."""
    wrong = (ACCOUNT_PARTITION + 2) % PARTITIONS
    cluster = Cluster(PARTITIONS)

    outcome = cluster.publish("entry_summary_accepted", filed(COMPUTER), partition=wrong)

    assert outcome == "rekeyed"
    assert cluster.outcomes[-1] != "rekeyed"
    assert "routed" in cluster.outcomes
    [hop] = [sent for sent in cluster.sent if sent.name == "entry_summary_accepted"]
    assert (hop.topic, hop.partition, hop.key) == ("rekeyed-event", ACCOUNT_PARTITION, IMPORTER[:10].encode())
    assert dict(hop.headers)["origin-topic"] == b"entry-summary-event"
    cause = cluster.on("center-work-electronics", "work_item")[0]["caused_by"]
    assert (cause["topic"], cause["partition"], cause["offset"]) == ("entry-summary-event", wrong, 0)


def test_the_first_acceptance_tells_the_partition_of_the_entry_number() -> None:
    """In another partition by a record, in its own at once."""
    near, far = Cluster(PARTITIONS), Cluster(PARTITIONS)

    near.publish("entry_summary_accepted", filed(COMPUTER, number=NEAR))
    far.publish("entry_summary_accepted", filed(COMPUTER, number=FAR))

    assert near.on("rekeyed-event") == []
    assert [fields["account_key"] for fields in far.on("rekeyed-event", "entry_account")] == [IMPORTER[:10]]
    assert far.outcomes == ["routed", "indexed"]
    assert any(key == b"x/" + FAR.encode() for key in far.stored()[(ACCOUNT_PARTITION + 1) % PARTITIONS])


def test_a_status_notification_finds_the_account_by_its_entry() -> None:
    """It names no importer; the index of the entry's partition does."""
    for number in (NEAR, FAR):
        cluster = Cluster(PARTITIONS)
        cluster.publish("entry_summary_accepted", filed(COMPUTER, number=number))
        cluster.sent.clear()

        outcome = cluster.publish("status_notification", notified(number, "2"))

        assert outcome == ("routed" if number == NEAR else "rekeyed")
        assert cluster.work() == [("center-work-electronics", "documents_required", "opened")]
        [item] = cluster.on("center-work-electronics")
        assert item["clocks"][0]["warn_by"] == day("2026-03-16")
        assert item["caused_by"]["topic"] == "entry-summary-event"


def test_each_disposition_opens_its_work() -> None:
    """Rows 4, 5, 8 and 24; what is not acted on yet is accepted."""
    expected = {
        "1": ["documents_required"],
        "Q": ["quota_processing"],
        "4": ["entry_summary_review", "entry_summary_rejection"],
        "5": ["entry_summary_review", "entry_summary_cancellation", "entry_summary_cancellation"],
        "6": ["entry_summary_review", "entry_summary_cancellation", "entry_summary_cancellation"],
        "8": ["entry_summary_review"],
    }
    for disposition, work_types in expected.items():
        cluster = Cluster(PARTITIONS)
        cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NEAR))
        cluster.sent.clear()

        outcome = cluster.publish("status_notification", notified(NEAR, disposition))

        assert [work_type for _, work_type, _ in cluster.work()] == work_types
        assert outcome == ("routed" if work_types else "accepted-not-acted")


def test_a_notice_with_the_reason_of_antidumping_opens_its_review() -> None:
    """Whatever the disposition."""
    cluster = Cluster(PARTITIONS)
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=NEAR))
    cluster.sent.clear()

    cluster.publish("status_notification", notified(NEAR, "P", reason="010"))

    assert [work_type for _, work_type, _ in cluster.work()] == ["antidumping_countervailing_review"]


def test_notifications_of_an_unknown_entry_wait_for_it_and_keep_their_order() -> None:
    """They are released when the first acceptance tells the entry's partition."""
    for number in (NEAR, FAR):
        cluster = Cluster(PARTITIONS)
        early = [
            cluster.publish("status_notification", notified(number, "1", "2026-03-02T14:30:00")),
            cluster.publish("status_notification", notified(number, "3", "2026-03-02T14:31:00")),
        ]

        cluster.publish("entry_summary_accepted", filed(COMPUTER, number=number))

        assert early == ["waiting", "waiting"]
        assert [(work_type, action) for _, work_type, action in cluster.work()] == [
            ("entry_summary_review", "opened"),
            ("documents_required", "opened"),
            ("documents_required", "updated"),
        ]
        assert not any(key[:2] in (b"w/", b"v/") for state in cluster.stored() for key in state)


def test_facts_of_an_account_wait_for_the_summary_that_they_speak_of() -> None:
    """Out of order by hours or days is normal."""
    cluster = Cluster(PARTITIONS)
    paid = about("2026-03-02T14:30:00", FAR, paid_on=day("2026-03-02"), amount_cents=None, statement_number=None)
    early = cluster.publish("entry_summary_paid", paid)

    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=FAR))
    again = cluster.publish("entry_summary_paid", paid)

    assert (early, again) == ("waiting", "ignored")


def test_an_entry_nobody_knows_waits_seven_days_and_is_then_refused() -> None:
    """Both the event with an importer and the one without; nothing is left behind."""
    cluster = Cluster(PARTITIONS)
    cluster.publish("status_notification", notified(FAR, "1"))
    cluster.publish("entry_summary_control_changed", about("2026-03-02T14:00:00", NEAR, control="cbp"))

    cluster.pass_time(days=6, hours=23)
    still_waiting = cluster.on("event-refusal")
    cluster.pass_time(hours=1)

    assert still_waiting == []
    refusals = cluster.on("event-refusal")
    assert {(refusal["rule"], refusal["event_type"]) for refusal in refusals} == {
        ("entry.unknown", "status_notification"),
        ("entry.unknown", "entry_summary_control_changed"),
    }
    assert cluster.kept() == [{}] * PARTITIONS


def test_in_a_historic_load_a_notification_waits_for_a_partition_that_is_months_behind() -> None:
    """The partitions of a load run through its years at different speeds; nothing is refused for that."""
    cluster = Cluster(PARTITIONS, TimeSource.EVENT)
    ahead = partition_for(FAR.encode(), PARTITIONS)
    loaded = "2026-11-01T00:00:00"
    cluster.publish("status_notification", notified(FAR, "1", "2026-03-02T14:30:00"), published=loaded)
    cluster.publish("status_notification", notified(FAR, "3", "2026-09-02T14:30:00"), partition=ahead, published=loaded)

    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=FAR), published=loaded)

    assert cluster.on("event-refusal") == []
    asked = [action for _, work_type, action in cluster.work() if work_type == "documents_required"]
    assert asked == ["opened", "overdue", "updated"]


def test_records_that_came_later_wait_their_own_seven_days() -> None:
    """The first one's end is not theirs."""
    cluster = Cluster(PARTITIONS)
    cluster.publish("status_notification", notified(FAR, "1", "2026-03-02T14:30:00"))
    cluster.pass_time(days=5)
    cluster.publish("status_notification", notified(FAR, "2", "2026-03-07T14:30:00"))

    cluster.pass_time(days=2)
    first = len(cluster.on("event-refusal"))
    cluster.pass_time(days=5)

    assert (first, len(cluster.on("event-refusal"))) == (1, 2)
    assert cluster.kept() == [{}] * PARTITIONS


def test_too_many_records_for_one_unknown_entry_are_refused() -> None:
    """No record of the state grows without bound."""
    cluster = Cluster(PARTITIONS)
    outcomes = [
        cluster.publish(
            "status_notification", notified(FAR, "1", f"2026-03-02T14:{number // 60:02d}:{number % 60:02d}")
        )
        for number in range(MOST + 1)
    ]

    assert outcomes == ["waiting"] * MOST + ["refused"]


def test_a_record_that_belongs_nowhere_else_is_never_sent_on_for_ever() -> None:
    """Every record comes to rest after at most two hops."""
    cluster = Cluster(PARTITIONS)
    cluster.publish("entry_summary_accepted", filed(COMPUTER, number=FAR))
    wrong = (ACCOUNT_PARTITION + 2) % PARTITIONS

    cluster.publish("status_notification", notified(FAR, "1"), partition=wrong)

    hops = [sent for sent in cluster.sent if sent.name == "status_notification"]
    assert [hop.partition for hop in hops] == [(ACCOUNT_PARTITION + 1) % PARTITIONS, ACCOUNT_PARTITION]
    assert cluster.work()[-1] == ("center-work-electronics", "documents_required", "opened")


def test_a_corrupt_hop_is_a_dead_letter_and_not_a_crash() -> None:
    """Bytes that are no record are none on the internal topic either."""
    cluster = Cluster(PARTITIONS)

    with pytest.raises(InvalidRecord) as fault:
        cluster.deliver("rekeyed-event", 0, b"x", b"junk")

    assert fault.value.reason == "undecodable"
