"""The one sentence: the worst thing first, and nothing wrong left out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from streams.ops.answer import Clocks, Facts, Saying, answer, duration
from streams.ops.lag.book import GroupLag, LagReport, PlaceLag
from streams.ops.lag.reading import Member
from streams.ops.lag.verdict import Verdict

TOPIC = "center-work-electronics"
CENTERS = {TOPIC: "Electronics", "center-work-machinery": "Machinery"}
DESK = Member("1", "desk-1", "h")


def reader(
    verdict: Verdict = Verdict.OK,
    *,
    age: float = 0.0,
    lag: int = 0,
    lost: int = 0,
    topic: str = TOPIC,
    name: str = "desk",
) -> GroupLag:
    place = PlaceLag(topic, 0, 5, 5 + lag, lag, age, age, DESK, verdict, 50_520.0, lost, None)
    return GroupLag(name, "Stable", (DESK,), (place,), verdict, None)


def say(
    *groups: GroupLag,
    tasks: Sequence[Mapping[str, Any]] = (),
    troubles: Sequence[str] = (),
    ends: Mapping[tuple[str, int], int] | None = None,
    seen_at: float = 100.0,
    clocks: Mapping[str, Clocks] | None = None,
) -> Saying:
    report = LagReport(seen_at, {}, ends or {}, groups, {})
    return answer(Facts(report, 100.0, "cee-placement", CENTERS, tasks, troubles, clocks or {}))


HALTED = {"partition": 3, "halted": "dead-letters: too many", "phase": "halted", "seconds_left": None}
RESTORING = {"partition": 4, "halted": "", "phase": "restoring", "seconds_left": 42.0}


def test_nothing_wrong_is_said_in_words() -> None:
    assert say(reader()) == Saying("ok", "All 2 Centers are up to date")


def test_a_stalled_reader_is_named_by_its_center_with_group_and_time() -> None:
    said = say(reader(Verdict.STALL, age=240, lag=9))

    assert said == Saying(
        "bad", "Electronics is 4 min behind", "Group desk has not moved since 14:02:00 UTC. No work is lost."
    )


def test_clocks_of_law_are_told_with_the_center_that_is_behind_and_of_all_together() -> None:
    clocks = {TOPIC: Clocks(2, 0), "center-work-machinery": Clocks(1, 4)}

    late = say(reader(Verdict.STALL, age=240, lag=9), clocks=clocks)
    well = say(reader(), clocks=clocks)

    assert "No work is lost. 2 of its clocks of law fall due within a week." in late.more
    assert (well.state, well.more) == ("ok", "Clocks of law: 3 due within a week and 4 overdue.")


def test_a_reader_without_members_is_told_apart_from_one_that_hangs() -> None:
    assert "has no members" in say(reader(Verdict.STOP, age=240, lag=9)).more


@pytest.mark.parametrize(("age", "state"), [(60.0, "ok"), (61.0, "warn")])
def test_a_reader_is_late_from_a_minute_on(age: float, state: str) -> None:
    assert say(reader(age=age, lag=9)).state == state


def test_a_halted_partition_comes_before_a_late_reader_and_hides_it_not() -> None:
    said = say(reader(age=600, lag=9), tasks=[HALTED])

    assert said.sentence == "Partition 3 is halted"
    assert "dead-letters: too many." in said.more
    assert "Also: Electronics is 10 min behind." in said.more


def test_records_that_retention_took_are_lost_and_said_to_be() -> None:
    assert say(reader(lost=1200)).sentence == "Electronics lost 1,200 records to retention"


def test_no_report_and_an_old_report_are_not_taken_for_being_well() -> None:
    unknown = answer(Facts(None, 100.0, "cee-placement", CENTERS, (), (), {}))

    assert (unknown.state, unknown.sentence) == ("bad", "Lag is not known: no worker has looked yet")
    assert say(reader(), seen_at=60.0).state == "bad"


def test_work_that_nobody_reads_is_told_and_an_empty_topic_is_not() -> None:
    full = say(reader(), ends={(TOPIC, 0): 9, ("center-work-machinery", 1): 4})
    empty = say(reader(), ends={(TOPIC, 0): 9, ("center-work-machinery", 1): 0})

    assert full.sentence == "Nobody reads the work of Machinery"
    assert empty.state == "ok"


def test_restores_are_told_with_the_time_that_is_left() -> None:
    assert say(reader(), tasks=[RESTORING]).sentence == "Partition 4 is being restored, about 42 s left"


def test_the_processor_and_a_foreign_reader_have_names_too() -> None:
    own = reader(age=600, lag=1, name="cee-placement", topic="entry-summary-event")
    foreign = reader(age=600, lag=1, name="audit", topic="importer-placement")

    assert say(own).sentence == "The processor is 10 min behind"
    assert say(foreign).sentence == "Group audit is 10 min behind"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.34, "0.3 s"),
        (9.9, "9.9 s"),
        (10, "10 s"),
        (89, "89 s"),
        (90, "2 min"),
        (5399, "90 min"),
        (5400, "2 h"),
        (200_000, "2 days"),
    ],
)
def test_a_time_span_is_told_in_the_unit_that_fits(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
