"""Corrections as records: taken, waiting for what they need, refused by name, and taken back."""

from typing import Any

from streams.processor.tables import VERSIONS, WAITING_UNTIL
from tests.unit.processor.happenings import CENTER_TOPIC, accepted, happened, items, noted, protest, tell
from tests.unit.processor.kit import COMPUTER, ENTRY, IMPORTER, SHIRT, Cluster, day, filed

GROUNDS = {
    "psc_reasons": ["H01"],
    "psc_explanation": "They are shirts, and were shirts all the time, says the invoice.",
}


def paid(cluster: Cluster, when: str = "2026-03-12") -> None:
    noted(cluster, "entry_summary_paid", when, paid_on=day(when), amount_cents=None, statement_number=None)


def scheduled(cluster: Cluster) -> None:
    noted(cluster, "liquidation_scheduled", "2026-03-13", liquidation_date=day("2027-01-15"))


def corrected(cluster: Cluster, **others: Any) -> str:
    fields = filed(COMPUTER, COMPUTER, SHIRT, when="2026-05-04T14:00:00", version="00200", **GROUNDS | others)
    return tell(cluster, "psc_accepted", fields)


def undone(cluster: Cluster, name: str, version: str | None) -> str:
    about = {"entry_number": ENTRY, "importer_of_record": IMPORTER, "version": version, "reason": None}
    rest = (
        {"reverted_on": day("2026-06-01")}
        if name == "psc_reverted"
        else {"rejected_on": day("2026-06-01"), "text": None}
    )
    return tell(cluster, name, happened("2026-06-01", **about, **rest))


def refusals(cluster: Cluster) -> list[str]:
    return [one["rule"] for one in cluster.on("event-refusal")]


def test_a_correction_that_is_taken_back_brings_the_former_summary_to_its_center_again() -> None:
    """Byte for byte, by the reversal as by the rejection; one that names no correction brings nothing."""
    for name, version in (("psc_reverted", None), ("psc_reverted", "00100"), ("psc_rejected", "00200")):
        cluster = Cluster()
        accepted(cluster)
        paid(cluster)
        scheduled(cluster)
        corrected(cluster)

        undone(cluster, name, version)

        versions = [one["summary"]["version"] for one in cluster.on(CENTER_TOPIC, "entry_summary_snapshot")]
        assert versions == ["00100", "00200", "00100"]
        assert [len(one["summary"]["lines"]) for one in cluster.on(CENTER_TOPIC, "entry_summary_snapshot")] == [1, 3, 1]
        kept = [key for state in cluster.stored() for key in state if key.startswith(VERSIONS.prefix)]
        assert len(kept) == 2


def test_a_correction_without_reasons_is_refused_by_name() -> None:
    """So is one whose explanation says nothing."""
    cluster = Cluster()
    accepted(cluster)
    paid(cluster)
    scheduled(cluster)

    outcomes = [corrected(cluster, psc_reasons=[]), corrected(cluster, psc_explanation=" ")]

    assert outcomes == ["refused", "refused"]
    assert refusals(cluster) == ["correction.gives_reasons"] * 2


def test_a_correction_waits_seven_days_for_the_payment_and_is_then_refused_by_name() -> None:
    """Other events of the entry do not lengthen the wait."""
    cluster = Cluster()
    accepted(cluster)
    waiting = corrected(cluster)
    cluster.pass_time(days=5)
    scheduled(cluster)
    [until] = [key for state in cluster.stored() for key in state if key.startswith(WAITING_UNTIL.prefix)]

    cluster.pass_time(days=2, hours=1)

    assert waiting == "waiting"
    assert until.endswith(ENTRY.encode())
    assert refusals(cluster) == ["correction.of_a_paid_summary"]
    assert not [key for state in cluster.stored() for key in state if key.startswith(WAITING_UNTIL.prefix)]


def test_a_correction_is_taken_as_soon_as_its_payment_is_known() -> None:
    """And the summary itself may come as late."""
    cluster = Cluster()
    waiting = corrected(cluster)
    accepted(cluster)
    scheduled(cluster)

    paid(cluster)

    assert waiting == "waiting"
    assert [item["action"] for item in items(cluster, "post_summary_correction_review")] == ["opened"]
    assert refusals(cluster) == []


def test_a_payment_does_not_lengthen_the_wait_of_a_protest_for_its_liquidation() -> None:
    """Each record waits seven days from when it came."""
    cluster = Cluster()
    accepted(cluster)
    dated = {"entry_number": ENTRY, "port_of_entry": None, "entry_date": None, "liquidation_date": day("2026-11-13")}
    protest(cluster, ENTRY, entries=[dated])
    cluster.pass_time(days=6)
    paid(cluster, "2026-12-07")

    cluster.pass_time(days=1, hours=1)

    assert refusals(cluster) == ["protest.liquidation_known"]
