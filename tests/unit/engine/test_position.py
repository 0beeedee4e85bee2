"""Where a partition goes on, and when it must not."""

import pytest

from streams.engine.errors import Halted
from streams.engine.position import (
    Position,
    SourcePosition,
    crc_of,
    records_to_verify,
    starting_offsets,
    verify_last_records,
)
from streams.engine.world import Bounds
from tests.unit.engine.kit import record

LAST = record(9, b"last")
STOOD = Position(1_000, {"event": SourcePosition(10, 9, LAST.timestamp_ms, crc_of(LAST))})


def test_a_position_survives_encoding() -> None:
    assert Position.decode(STOOD.encode()) == STOOD


def test_a_new_application_reads_every_source_from_its_start() -> None:
    assert starting_offsets(None, {}, {"event": Bounds(3, 9), "new": Bounds(0, 0)}, is_resumed=False) == {
        "event": 3,
        "new": 0,
    }


def test_without_committed_offsets_it_goes_on_from_its_own_position() -> None:
    assert starting_offsets(STOOD, {}, {"event": Bounds(0, 20)}, is_resumed=False) == {"event": 10}


def test_committed_offsets_past_markers_do_not_move_it() -> None:
    assert starting_offsets(STOOD, {"event": 12}, {"event": Bounds(0, 20)}, is_resumed=False) == {"event": 10}


def test_a_source_that_is_new_is_read_from_its_start() -> None:
    bounds = {"event": Bounds(0, 20), "new": Bounds(5, 8)}

    assert starting_offsets(STOOD, {"event": 10}, bounds, is_resumed=False) == {"event": 10, "new": 5}


@pytest.mark.parametrize(
    ("committed", "bounds", "reason"),
    [
        ({"event": 10}, Bounds(0, 10), None),
        ({"event": 10}, Bounds(0, 9), "position-beyond-end"),
        ({"event": 10}, Bounds(10, 20), None),
        ({"event": 10}, Bounds(11, 20), "position-before-start"),
        ({"event": 9}, Bounds(0, 20), "offsets-set-back"),
    ],
)
def test_it_halts_where_state_and_sources_do_not_belong_together(
    committed: dict[str, int], bounds: Bounds, reason: str | None
) -> None:
    if reason is None:
        assert starting_offsets(STOOD, committed, {"event": bounds}, is_resumed=False) == {"event": 10}
    else:
        with pytest.raises(Halted) as caught:
            starting_offsets(STOOD, committed, {"event": bounds}, is_resumed=False)
        assert caught.value.reason == reason
        assert not caught.value.durable


def test_who_has_resumed_goes_on_behind_the_records_that_retention_took() -> None:
    assert starting_offsets(STOOD, {"event": 10}, {"event": Bounds(12, 20)}, is_resumed=True) == {"event": 12}


def test_resuming_overrides_nothing_else() -> None:
    for committed, bounds in (({"event": 10}, Bounds(0, 9)), ({"event": 9}, Bounds(0, 20))):
        with pytest.raises(Halted):
            starting_offsets(STOOD, committed, {"event": bounds}, is_resumed=True)


def test_committed_offsets_without_a_position_mean_that_the_state_was_lost() -> None:
    with pytest.raises(Halted) as caught:
        starting_offsets(None, {"event": 4}, {"event": Bounds(0, 9)}, is_resumed=False)

    assert caught.value.reason == "state-lost"


@pytest.mark.parametrize(("start", "wanted"), [(0, {"event": 9}), (9, {"event": 9}), (10, {})])
def test_the_last_record_is_verified_while_the_topic_still_has_it(start: int, wanted: dict[str, int]) -> None:
    assert records_to_verify(STOOD, {"event": Bounds(start, 20)}) == wanted


def test_the_same_last_record_is_no_reason_to_halt() -> None:
    verify_last_records(STOOD, {"event": 9}, {"event": LAST})


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"event": record(9, b"other")},
        {"event": record(9, b"last", at_ms=10)},
        {"event": record(9, b"last", key=b"j")},
    ],
    ids=["gone", "other value", "other time", "other key"],
)
def test_another_last_record_means_that_the_topic_was_recreated(found: dict[str, object]) -> None:
    with pytest.raises(Halted) as caught:
        verify_last_records(STOOD, {"event": 9}, found)  # type: ignore[arg-type]  # one row has no record

    assert (caught.value.reason, caught.value.topic, caught.value.offset) == ("other-records", "event", 9)


def test_offsets_that_move_without_records_keep_the_last_record() -> None:
    moved = STOOD.advanced(2_000, {"event": 12}, {})

    assert moved == Position(2_000, {"event": STOOD.sources["event"]._replace(next_offset=12)})
