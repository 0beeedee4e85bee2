"""State that the former version wrote is read as it is, and each value is brought up when it is next written."""

from typing import Any

from streams.processor.entry_layout import _CELL, _CLOSED, _ENTRY, _NOTICED
from tests.unit.processor.kit import Cluster, about, day, filed

OTHER = "B7603245286"
AMOUNTS = ("duty_cents", "fee_cents", "tax_cents", "ad_cents", "cvd_cents", "interest_cents", "difference_cents")
LIQUIDATED: dict[str, Any] = dict.fromkeys(AMOUNTS, 0) | {"liquidated_on": day("2026-03-04")}


def as_version_1(data: bytes) -> bytes:
    """Return an entry as the former layout has it: without what follows the cells."""
    *_, closed, noticed, cells, _ = _ENTRY.unpack_from(data)
    end = _ENTRY.size + closed * _CLOSED.size + noticed * _NOTICED.size + cells * _CELL.size
    return b"\x01" + data[1:end]


def downgrade(cluster: Cluster) -> None:
    for state in cluster.states:
        for key, data in state.stored.items():
            if key.startswith(b"e/"):
                state.stored[key] = as_version_1(data)


def versions(cluster: Cluster) -> dict[str, int]:
    """Return the version of the layout of each entry by its number."""
    return {
        key.split(b"/")[2].decode(): data[0]
        for state in cluster.states
        for key, data in state.stored.items()
        if key.startswith(b"e/")
    }


def lived(*, is_upgraded: bool) -> Cluster:
    """Let two entries begin a life, and one of them go on, before and after an upgrade or without one."""
    cluster = Cluster()
    for number in ("B7603245278", OTHER):
        cluster.publish("entry_summary_accepted", filed(number=number))
    if is_upgraded:
        downgrade(cluster)
        assert set(versions(cluster).values()) == {1}
    paid = about("2026-03-03T14:00:00", paid_on=day("2026-03-03"), amount_cents=0, statement_number=None)
    cluster.publish("entry_summary_paid", paid)
    return cluster


def test_a_value_of_the_former_layout_is_brought_up_when_it_is_next_written_and_not_before() -> None:
    upgraded = lived(is_upgraded=True)

    assert versions(upgraded) == {"B7603245278": 2, OTHER: 1}


def test_an_upgrade_under_way_changes_nothing_of_what_is_published() -> None:
    upgraded, plain = lived(is_upgraded=True), lived(is_upgraded=False)
    for cluster in (upgraded, plain):
        cluster.publish("entry_liquidated", about("2026-03-04T14:00:00", **LIQUIDATED))

    assert upgraded.sent == plain.sent
