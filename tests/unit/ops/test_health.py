"""When a worker is well, and what it says when it is not."""

import pytest

from streams.engine.listener import Phase
from streams.engine.status import TaskStatus
from streams.ops.health import SILENT_SECONDS, STILL_SECONDS, Health, Progress, Sight, health, lag_of, readiness
from streams.ops.lag.broker import REQUEST_SECONDS
from streams.ops.lag.monitor import INTERVAL_SECONDS

NOTHING = Sight(0.0, "", {}, {})


def task(
    partition: int = 3,
    phase: Phase = "running",
    *,
    position: int = 10,
    end: int = 10,
    restored: int = 0,
    halted: str = "",
) -> TaskStatus:
    return TaskStatus(
        partition, phase, {"events": position}, {"events": end}, restored=restored, total=100, halted=halted
    )


def after(seconds: float, first: TaskStatus, then: TaskStatus, sight: Sight = NOTHING) -> Health:
    """Return the health of a task that was seen once, and again so much later."""
    progress = Progress()
    progress.note([first], sight.ends, 0.0)
    progress.note([then], sight.ends, seconds)
    return health([then], sight, progress, seconds)


def test_half_a_minute_is_enough_for_a_look_that_fails_and_for_one_that_finds_no_progress() -> None:
    look = INTERVAL_SECONDS + REQUEST_SECONDS

    assert SILENT_SECONDS + look < 30
    assert STILL_SECONDS + INTERVAL_SECONDS < 30


def test_lag_without_a_commit_for_long_is_unhealthy_and_says_how_much() -> None:
    behind = task(end=25)

    assert after(STILL_SECONDS, behind, behind).well
    assert after(STILL_SECONDS + 1, behind, behind).reasons == (
        "partition 3 is 15 records behind and has not committed for 21 s",
    )


def test_lag_with_commits_is_well_however_long_it_lasts() -> None:
    assert after(500, task(position=10, end=9000), task(position=11, end=9000)).well


def test_nothing_to_do_is_well_however_long_it_lasts() -> None:
    assert after(9999, task(), task()).well


def test_an_event_after_long_idleness_is_not_late_at_once() -> None:
    progress, idle, behind = Progress(), task(), task(end=11)
    progress.note([idle], {}, 0.0)
    progress.note([idle], {}, 600.0)

    assert health([behind], NOTHING, progress, 603.0).well
    progress.note([behind], {}, 605.0)
    assert health([behind], NOTHING, progress, 600.0 + STILL_SECONDS).well
    assert health([behind], NOTHING, progress, 601.0 + STILL_SECONDS).reasons == (
        "partition 3 is 1 record behind and has not committed for 21 s",
    )


def test_lag_that_only_the_broker_knows_of_counts() -> None:
    sight = Sight(0.0, "", {3: {"events": 12}}, {})

    assert not after(STILL_SECONDS + 1, task(), task(), sight).well


def test_a_silent_broker_is_named_with_its_trouble_once_it_is_silent_for_long() -> None:
    brief, long = (Sight(seconds, "connection refused", {}, {}) for seconds in (SILENT_SECONDS, SILENT_SECONDS + 1))

    assert health([], brief, Progress(), 0).well
    assert health([], long, Progress(), 0).reasons == ("no broker has answered for 16 s: connection refused",)


def test_a_halted_partition_is_unhealthy_at_once_and_gives_its_reason_alone() -> None:
    halted = task(phase="halted", end=90, halted="dead-letters: 501 in a row")

    assert after(999, halted, halted).reasons == ("partition 3 is halted: dead-letters: 501 in a row",)


@pytest.mark.parametrize("phase", ["starting", "restoring", "waiting"])
def test_a_task_that_never_gets_to_work_is_unhealthy_and_says_why_it_last_began_again(phase: Phase) -> None:
    becoming, sight = task(phase=phase), Sight(0.0, "", {}, {3: "TransientFault: no coordinator"})

    assert after(STILL_SECONDS, becoming, becoming, sight).well
    assert after(STILL_SECONDS + 1, becoming, becoming, sight).reasons == (
        f"partition 3 has been {phase} for 21 s: TransientFault: no coordinator",
    )


def test_going_round_between_starting_and_waiting_is_no_progress() -> None:
    assert not after(STILL_SECONDS + 1, task(phase="starting"), task(phase="waiting")).well


def test_a_restore_that_advances_is_progress() -> None:
    assert after(500, task(phase="restoring", restored=1), task(phase="restoring", restored=2)).well


def test_a_partition_that_moved_away_is_forgotten() -> None:
    progress = Progress()
    progress.note([task()], {}, 0.0)
    progress.note([], {}, 50.0)
    progress.note([task(end=30)], {}, 100.0)

    assert health([task(end=30)], NOTHING, progress, 100.0 + STILL_SECONDS).well


def test_the_newer_of_both_ends_counts_and_a_topic_without_position_is_not_behind() -> None:
    assert lag_of(task(position=10, end=12), {"events": 15}) == 5
    assert lag_of(task(position=10, end=12), {"events": 11}) == 2
    assert lag_of(TaskStatus(0, "idle", {}, {"events": 9}), {}) == 0


def test_ready_is_who_has_partitions_and_has_restored_them() -> None:
    assert not readiness([], assigned=False).well
    assert readiness([], assigned=True).well
    assert readiness([task()], assigned=True).well
    assert readiness([task(phase="restoring", restored=7)], assigned=True).reasons == (
        "partition 3 is restoring: 7 of 100 changelog records",
    )
