"""The lives of summaries: how many of each kind, in which order, delivered how."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from streams.sample.days import DAY_MS, EPOCH_DAY, day_of, friday_from, midnight_ms, working_day_after
from streams.sample.lifecycle import SUSPENDED_TYPES, Stage
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters
from streams.sample.schedule import Due, Schedule

Life = Mapping[int, Due]


def scheduled(nation: NationalSample) -> list[Due]:
    return list(Schedule(nation.parameters, nation.importers, nation.life, nation.stripes))


@pytest.fixture(scope="module")
def dues(nation: NationalSample) -> list[Due]:
    return scheduled(nation)


@pytest.fixture(scope="module")
def lives(dues: list[Due]) -> dict[int, dict[int, Due]]:
    found: dict[int, dict[int, Due]] = defaultdict(dict)
    for due in dues:
        found[due.plan.ordinal].setdefault(due.stage, due)
    return {ordinal: life for ordinal, life in found.items() if Stage.ACCEPTED in life}


def share(lives: Mapping[int, Life], *stages: Stage) -> float:
    return sum(any(stage in life for stage in stages) for life in lives.values()) / len(lives)


def test_there_are_36_700_summaries_with_six_events_each(lives: Mapping[int, Life], dues: list[Due]) -> None:
    assert set(lives) == set(range(36_700))
    assert len(dues) / len(lives) == pytest.approx(6, abs=0.25)


@pytest.mark.parametrize(
    ("stages", "expected", "within"),
    [
        ((Stage.REPLACED, Stage.REPLACED_AFTER_REJECTION), 0.08, 0.005),
        ((Stage.REJECTED,), 0.02, 0.003),
        ((Stage.CORRECTED,), 0.03, 0.003),
        ((Stage.CANCELLED,), 0.005, 0.001),
        ((Stage.INACTIVATED,), 0.001, 0.0006),
        ((Stage.DELETED,), 0.001, 0.0006),
        ((Stage.REQUEST,), 0.005, 0.0015),
        ((Stage.NOTICE,), 0.003, 0.001),
        ((Stage.DOCUMENTS,), 0.02, 0.003),
        ((Stage.FILED,), 0.65, 0.01),
        ((Stage.DATE_SET,), 0.35, 0.01),
        ((Stage.PORT_NOTICE,), 0.06, 0.005),
        ((Stage.EXTENDED,), 0.0087, 0.002),
        ((Stage.PAID,), 0.999, 0.001),
    ],
)
def test_as_many_summaries_as_the_parameters_say(
    lives: Mapping[int, Life], stages: tuple[Stage, ...], expected: float, within: float
) -> None:
    assert share(lives, *stages) == pytest.approx(expected, abs=within)


def test_every_rejection_is_followed_by_a_replacement(lives: Mapping[int, Life], nation: NationalSample) -> None:
    end = midnight_ms(nation.parameters.end_on.toordinal() + 1)
    rejected = [life for life in lives.values() if Stage.REJECTED in life]

    for life in rejected:
        again = life.get(Stage.REPLACED_AFTER_REJECTION)
        assert again is not None or life[Stage.REJECTED].at_ms > end - 9 * DAY_MS
        assert again is None or again.at_ms > life[Stage.REJECTED].at_ms


def test_protests_cover_liquidated_summaries_of_one_importer_and_come_as_often_as_asked_for() -> None:
    parameters = SampleParameters(scale=Fraction(1, 4000), protest_share=0.04)
    nation = NationalSample(parameters)
    schedule = Schedule(parameters, nation.importers, nation.life, nation.stripes)

    covered: list[int] = []
    liquidated = 0
    for due in schedule:
        liquidated += due.stage == Stage.LIQUIDATED
        if due.stage == Stage.PROTESTED:
            entries = schedule.protests.entries_of(due.plan, due.at_ms)
            covered.append(len(entries))
            assert {entry.plan.rank for entry in entries} == {due.plan.rank}
            assert all(0 < due.at_ms - entry.liquidated_ms < 180 * DAY_MS for entry in entries)
            assert len({entry.plan.ordinal for entry in entries}) == len(entries)

    assert 0.008 < len(covered) / liquidated < 0.04
    assert min(covered) == 1
    assert max(covered) > 10


def test_life_runs_in_its_order(lives: Mapping[int, Life]) -> None:
    order = (
        (Stage.FILED, Stage.DATE_SET),
        (Stage.ACCEPTED, Stage.DATE_SET),
        (Stage.ACCEPTED, Stage.REPLACED),
        (Stage.REPLACED, Stage.PAID),
        (Stage.REPLACED, Stage.DELETED),
        (Stage.PAID, Stage.CONTROL),
        (Stage.PAID, Stage.SCHEDULED),
        (Stage.CONTROL, Stage.REJECTED),
        (Stage.REJECTED, Stage.REPLACED_AFTER_REJECTION),
        (Stage.REPLACED_AFTER_REJECTION, Stage.CORRECTED),
        (Stage.SCHEDULED, Stage.CORRECTED),
        (Stage.CORRECTED, Stage.LIQUIDATED),
        (Stage.CONTROL, Stage.CANCELLED),
        (Stage.REQUEST, Stage.ANSWERED),
    )
    for life in lives.values():
        for before, after in order:
            assert before not in life or after not in life or life[before].at_ms < life[after].at_ms, (before, after)


def test_what_has_ceased_to_count_is_never_liquidated(lives: Mapping[int, Life], nation: NationalSample) -> None:
    ends = {Stage.CANCELLED, Stage.INACTIVATED, Stage.DELETED, Stage.EXTENDED, Stage.SUSPENDED}

    for life in lives.values():
        assert Stage.LIQUIDATED not in life or not ends & set(life)
        suspended = nation.life.entry_type(life[Stage.ACCEPTED].plan) in SUSPENDED_TYPES
        assert not (suspended and Stage.SCHEDULED in life)


def test_all_else_is_liquidated_on_the_friday_from_314_days_after_entry(
    lives: Mapping[int, Life], nation: NationalSample
) -> None:
    count = 0
    for life in lives.values():
        plan = life[Stage.ACCEPTED].plan
        friday = friday_from(plan.day + 314)
        if Stage.LIQUIDATED in life:
            assert day_of(life[Stage.LIQUIDATED].at_ms) == friday
            count += 1
        elif friday <= nation.parameters.end_on.toordinal():
            assert not nation.life.is_liquidated(plan)
    assert count / len(lives) > 0.6


def test_liquidations_come_within_one_hour_of_their_friday(dues: list[Due]) -> None:
    hours = {
        datetime.fromtimestamp(due.at_ms / 1000, ZoneInfo("America/New_York")).hour
        for due in dues
        if due.stage == Stage.LIQUIDATED
    }

    assert len(hours) == 1


def test_a_correction_keeps_to_its_window(lives: Mapping[int, Life]) -> None:
    for life in lives.values():
        if Stage.CORRECTED in life:
            plan = life[Stage.ACCEPTED].plan
            day = day_of(life[Stage.CORRECTED].at_ms)
            assert day <= min(plan.day + 300, friday_from(plan.day + 314) - 15)


def test_deliveries_are_doubled_overtaken_and_late_as_often_as_the_parameters_say(dues: list[Due]) -> None:
    second = sum(due.order & 1 for due in dues)
    delays = [due.published_ms - due.at_ms for due in dues if not due.order & 1]

    assert second / len(delays) == pytest.approx(0.005, abs=0.001)
    assert sum(delay >= DAY_MS for delay in delays) / len(delays) == pytest.approx(0.001, abs=0.0005)
    assert sum(600_000 <= delay < DAY_MS for delay in delays) / len(delays) == pytest.approx(0.02, abs=0.002)
    assert min(delays) > 0


def test_events_are_published_in_order_and_some_overtake_those_of_their_own_summary(dues: list[Due]) -> None:
    assert all(left[:2] < right[:2] for left, right in pairwise(dues))

    last: dict[int, int] = {}
    overtaken = 0
    for due in dues:
        overtaken += due.at_ms < last.get(due.plan.ordinal, 0)
        last[due.plan.ordinal] = max(due.at_ms, last.get(due.plan.ordinal, 0))
    assert overtaken > 100


def test_nothing_happens_after_the_end_of_the_sample(dues: list[Due], nation: NationalSample) -> None:
    end = midnight_ms(nation.parameters.end_on.toordinal() + 1)

    assert max(due.at_ms for due in dues) < end
    assert max(due.published_ms for due in dues) < end + 8 * DAY_MS


def test_the_busiest_hour_holds_five_average_ones(dues: list[Due]) -> None:
    entered = [due for due in dues if due.stage == Stage.DATE_SET]
    hours = Counter(datetime.fromtimestamp(due.at_ms / 1000, ZoneInfo("America/New_York")).hour for due in entered)

    assert hours[16] / len(entered) == pytest.approx(5 / 24, abs=0.02)
    assert max(hours, key=hours.__getitem__) == 16


def test_only_what_is_under_way_is_kept_in_memory(sample: NationalSample) -> None:
    schedule = Schedule(sample.parameters, sample.importers, sample.life, sample.stripes)
    most = 0
    for number, _ in enumerate(schedule):
        if number % 100 == 0:
            most = max(most, schedule.waiting())

    # About eleven weeks of events for a sample of fourteen months: whole years wait nowhere.
    assert most < 0.04 * 6 * sample.parameters.total_summaries


def test_days_are_those_of_new_york_also_when_clocks_change() -> None:
    before, after = (datetime(2025, 3, day, tzinfo=UTC).toordinal() for day in (9, 10))

    assert midnight_ms(after) - midnight_ms(before) == 23 * 3_600_000
    assert day_of(midnight_ms(after)) == after
    assert day_of(midnight_ms(after) - 1) == before


@pytest.mark.parametrize(
    ("day", "count", "expected"), [(0, 1, 1), (0, 5, 7), (4, 1, 7), (5, 1, 7), (6, 1, 7), (4, 6, 14)]
)
def test_working_days_skip_weekends(day: int, count: int, expected: int) -> None:
    monday = date(2025, 1, 6).toordinal()

    assert working_day_after(monday + day, count) == monday + expected


def test_the_epoch_is_1970() -> None:
    assert date.fromordinal(EPOCH_DAY) == date(1970, 1, 1)
