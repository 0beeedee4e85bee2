"""What is told in the log: once when it begins, once when it is over, and not as long as it lasts."""

import logging
from collections.abc import Iterable

from streams.ops.health import Health
from streams.ops.lag.book import GroupLag, LagReport, PlaceLag
from streams.ops.lag.reading import NOBODY
from streams.ops.lag.verdict import Verdict
from streams.ops.notices import NEAR_SECONDS, Notice, Notices

WELL = Health(well=True, reasons=())


def report(
    verdict: Verdict = Verdict.OK, *, lost: int = 0, left: float | None = None, gone: Iterable[str] = ()
) -> LagReport:
    place = PlaceLag("work", 0, 5, 9, 4, 1.0, 1.0, NOBODY, verdict, None, lost, left)
    groups = (GroupLag("desk", "Stable", (), (place,), verdict, None),)
    return LagReport(100.0, {}, {}, groups, dict.fromkeys(gone, 100.0))


def texts(notices: Iterable[Notice]) -> list[str]:
    return [notice.text for notice in notices]


def test_a_worker_that_turns_unhealthy_says_why_once_and_says_when_it_is_over() -> None:
    said = Notices()
    silent = [Health(well=False, reasons=(f"no broker has answered for {n} s: refused",)) for n in (16, 21)]

    assert texts(said.of_health(silent[0])) == ["this worker is not well: no broker has answered for 16 s: refused"]
    assert texts(said.of_health(silent[1])) == []
    assert texts(said.of_health(WELL)) == ["over: no broker has answered for 21 s: refused"]
    assert texts(said.of_health(WELL)) == []


def test_partitions_that_wait_for_a_broker_that_is_gone_are_not_told_one_by_one() -> None:
    waiting = tuple(f"partition {n} has been waiting for 21 s" for n in range(12))
    gone = Health(well=False, reasons=("no broker has answered for 21 s: refused", *waiting))

    assert texts(Notices().of_health(gone)) == ["this worker is not well: no broker has answered for 21 s: refused"]


def test_two_partitions_that_stand_still_are_two_things_and_a_halt_tells_itself() -> None:
    reasons = tuple(f"partition {n} is {5 * n} records behind and has not committed for 21 s" for n in (3, 4))
    told = list(Notices().of_health(Health(well=False, reasons=(*reasons, "partition 5 is halted: position"))))

    assert [notice.level for notice in told] == [logging.ERROR, logging.ERROR]
    assert {notice.text for notice in told} == {f"this worker is not well: {reason}" for reason in reasons}


def test_a_reader_that_stands_still_is_told_when_it_begins_when_it_changes_and_when_it_moves_again() -> None:
    said = Notices()
    history = [Verdict.OK, Verdict.STALL, Verdict.STALL, Verdict.STOP, Verdict.WARN, Verdict.OK, Verdict.REWIND]

    told = [texts(said.of_report(report(verdict))) for verdict in history]

    assert [len(lines) for lines in told] == [0, 1, 0, 1, 1, 0, 1]
    assert told[1] == ["group desk has work and does not move, though it has members: 4 records unread"]
    assert "it has no members" in told[3][0]
    assert told[4] == ["group desk moves again: 4 records unread"]
    assert "went back" in told[6][0]


def test_records_that_retention_took_are_told_each_time_more_are_gone_and_those_in_danger_once() -> None:
    said = Notices()

    assert texts(said.of_report(report(lost=2)))[0].startswith("group desk lost 2 records")
    assert texts(said.of_report(report(lost=2))) == []
    assert texts(said.of_report(report(lost=5)))[0].startswith("group desk lost 5 records")
    assert texts(said.of_report(report(lost=5, left=NEAR_SECONDS))) == []
    assert "in 1.0 hours" in texts(said.of_report(report(lost=5, left=3600.0)))[0]
    assert texts(said.of_report(report(lost=5, left=3500.0))) == []
    assert texts(said.of_report(report(lost=5))) == []
    assert len(texts(said.of_report(report(lost=5, left=-1.0)))) == 1


def test_a_group_that_was_deleted_is_told_once() -> None:
    said = Notices()

    assert texts(said.of_report(report(gone=["old"]))) == ["group old was deleted"]
    assert texts(said.of_report(report(gone=["old"]))) == []
