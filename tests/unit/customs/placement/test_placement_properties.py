"""What holds of placement whatever happens: cuts left out change nothing, and the slow telling agrees."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.customs.contribution import Contribution
from streams.customs.placement import Decision, DecisionKind, Standing
from streams.customs.policy import Measure, PlacementRules
from streams.customs.tariff import Coverage, CoverageBook, CoverageRow, published_coverage

from .importing import APPAREL, ELECTRONICS, MACHINERY, MONDAY, Importer, Line, goods, rules
from .oracle import Oracle

CENTERS = st.sampled_from([APPAREL, ELECTRONICS, MACHINERY])
REFORM = MONDAY + 15


def reformed() -> CoverageBook:
    """Return the shipped coverage, and one from REFORM on that gives computers to Machinery."""
    published = published_coverage().versions[0]
    rows = [CoverageRow(prefix, prefix, center) for prefix, center in published.centers.items() if prefix[:2] != "84"]
    return CoverageBook((published, Coverage.from_rows("reform", REFORM, [*rows, CoverageRow("84", "84", MACHINERY)])))


def short(measure: Measure, lead_points: int, majority: bool, coverage: CoverageBook | None) -> PlacementRules:  # noqa: FBT001 - drawn
    """Return rules with periods of days in place of months, so that every one of them ends often."""
    return rules(
        coverage,
        measure=measure.value,
        lead_points=lead_points,
        predominance="majority" if majority else "plurality",
        window_days=20,
        firm_lines=4,
        firm_days=5,
        dwell_cuts=4,
        settled_days=9,
        stale_after_days=16,
        high_value_percent=75,
    )


measures, points = st.sampled_from(list(Measure)), st.sampled_from([0, 10, 34])
filed_lines = st.lists(
    st.builds(goods, CENTERS, st.integers(1, 4), st.sampled_from([0, 50, 100, 1_000])), min_size=1, max_size=2
).map(lambda parts: tuple(line for part in parts for line in part))


@dataclass(frozen=True)
class Filed:
    """A summary with an entry date some days ago, or ahead."""

    lines: tuple[Line, ...]
    age: int


@dataclass(frozen=True)
class TakenBack:
    """One of the summaries that stand goes."""

    which: int


@dataclass(frozen=True)
class Placed:
    """Headquarters' word, from today or later on."""

    center: int
    in_days: int


@dataclass(frozen=True)
class LetGo:
    """Headquarters' word ends."""


@dataclass(frozen=True)
class Eligible:
    """Centers take the importer, or not."""

    eligible: bool


@dataclass(frozen=True)
class Broker:
    """CBP's file says that the importer is a broker, or none."""

    broker: bool


@dataclass(frozen=True)
class Inactive:
    """CBP makes the importer's number inactive."""


Happening = Filed | TakenBack | Placed | LetGo | Eligible | Broker | Inactive
gaps = st.sampled_from([0, 0, 1, 1, 2, 3, 5, 9, 17, 40])
of_goods = st.one_of(
    st.builds(Filed, filed_lines, st.sampled_from([0, 0, 0, 1, 4, 19, 20, 21, -3])),
    st.builds(TakenBack, st.integers(0, 20)),
)
of_all = st.one_of(
    of_goods,
    of_goods,
    st.builds(Placed, CENTERS, st.sampled_from([0, 0, 3, 12])),
    st.just(LetGo()),
    st.builds(Eligible, st.booleans()),
    st.builds(Broker, st.booleans()),
    st.just(Inactive()),
)


@dataclass
class Story:
    """An importer and what of its filings stands."""

    importer: Importer
    stands: list[tuple[int, Contribution]] = field(default_factory=list)

    def happens(self, happening: Happening) -> None:
        """Let something happen today."""
        importer = self.importer
        match happening:
            case Filed(lines, age):
                day = importer.today - age
                self.stands.append((day, importer.files(*lines, on=day)))
            case TakenBack(which):
                if self.stands:
                    day, contribution = self.stands.pop(which % len(self.stands))
                    importer.takes_back(contribution, day)
            case Placed(center, in_days):
                importer.is_put_in(center, importer.today + in_days)
            case LetGo():
                importer.is_let_go()
            case Eligible(eligible):
                importer.becomes(eligible=eligible)
            case Broker(broker):
                importer.turns_out(broker=broker)
            case Inactive():
                importer.is_inactive()


def told(decisions: list[Decision]) -> list[Decision]:
    """Return the decisions that changed something, without which cuts were looked at."""
    kept = [decision for decision in decisions if decision.kind is not DecisionKind.UNCHANGED]
    return [decision._replace(standing=seen(decision.standing)) for decision in kept]


def seen(standing: Standing) -> Standing:
    """Return a standing without which cuts were looked at."""
    return standing._replace(last_cut=0, review_on=0)


@settings(max_examples=400, deadline=None)
@given(measures, points, st.booleans(), st.booleans(), st.lists(st.tuples(gaps, of_all), max_size=25))
def test_leaving_out_cuts_that_can_change_nothing_changes_nothing(
    measure: Measure,
    lead_points: int,
    majority: bool,  # noqa: FBT001 - drawn
    reform: bool,  # noqa: FBT001 - drawn
    happenings: list[tuple[int, Happening]],
) -> None:
    """Folding at the days of review alone gives every standing, decision and total that folding daily gives."""
    ruled = short(measure, lead_points, majority, reformed() if reform else None)
    lazy, daily = Story(Importer(ruled)), Story(Importer(ruled))

    for gap, happening in [*happenings, (60, LetGo())]:
        day = lazy.importer.today + gap
        lazy.importer.comes_to(day)
        daily.importer.comes_to_daily(day)
        assert seen(lazy.importer.standing) == seen(daily.importer.standing)
        assert lazy.importer.mix == daily.importer.mix
        assert lazy.importer.days == daily.importer.days
        lazy.happens(happening)
        daily.happens(happening)

    assert told(lazy.importer.decisions) == told(daily.importer.decisions)


@settings(max_examples=400, deadline=None)
@given(measures, points, st.lists(st.tuples(gaps, of_goods), max_size=25))
def test_placement_is_what_the_rules_told_slowly_say(
    measure: Measure, lead_points: int, happenings: list[tuple[int, Happening]]
) -> None:
    """Center, since when, firm and stale, after every cut and every event."""
    ruled = short(measure, lead_points, majority=False, coverage=None)
    story = Story(Importer(ruled))
    oracle = Oracle(ruled.policy)

    for gap, happening in happenings:
        for day in range(story.importer.today + 1, story.importer.today + gap + 1):
            oracle.cut(day)
            story.importer.comes_to(day)
            assert place_of(story.importer.standing) == (oracle.center, oracle.since, oracle.firm, oracle.stale)
        story.happens(happening)
        oracle.filed = [(day, contribution) for day, contribution in story.stands if contribution]
        if isinstance(happening, Filed):
            oracle.place(story.importer.today)
        assert place_of(story.importer.standing) == (oracle.center, oracle.since, oracle.firm, oracle.stale)


def place_of(standing: Standing) -> tuple[int, int, bool, bool]:
    """Return the computed placement as the oracle tells it."""
    computed = standing.computed
    return (computed.center, computed.since, computed.firm, computed.stale) if computed else (0, 0, False, False)


@given(st.permutations([Filed(goods(APPAREL, 2), 0), Filed(goods(MACHINERY, 3), 1), Filed(goods(ELECTRONICS, 4), 2)]))
def test_the_order_of_events_between_two_cuts_does_not_matter_to_the_next_cut(filed: list[Filed]) -> None:
    """A provisional placement follows the plurality of what is known at midnight."""
    story = Story(Importer())
    for happening in filed:
        story.happens(happening)

    story.importer.comes_to(MONDAY + 1)

    assert story.importer.standing.center == ELECTRONICS
