"""An importer that files summaries day after day: what the tests of placement have in common."""

from datetime import date
from typing import Final, NamedTuple

from streams.customs.calendar import EPOCH
from streams.customs.centers import center_by_slug
from streams.customs.daily_cut import brought_to, fold_cut, mix_changed
from streams.customs.overrides import remove_override, set_broker, set_eligible, set_inactive, set_override
from streams.customs.placement import NEWCOMER, Basis, Decision, Override, Placement, Standing, first_placement
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import CoverageBook, Day, published_coverage
from streams.customs.tariff_mix import (
    EMPTY_MIX,
    Contribution,
    DayCounts,
    Mix,
    contribution_of,
    counted,
    moved_window,
    retracted,
)

APPAREL: Final = center_by_slug("apparel-footwear-textiles").id
BASE_METALS: Final = center_by_slug("base-metals").id
ELECTRONICS: Final = center_by_slug("electronics").id
CONSUMER: Final = center_by_slug("consumer-products").id
MACHINERY: Final = center_by_slug("machinery").id

GOODS: Final = {
    APPAREL: "6109100012",
    BASE_METALS: "7208390015",
    ELECTRONICS: "8471300100",
    CONSUMER: "9503000073",
    MACHINERY: "8466938500",
}

MONDAY: Final = (date(2026, 1, 5) - EPOCH).days
DEFAULTS: Final = PlacementRules(PlacementPolicy(), published_coverage())


class Line(NamedTuple):
    """A line of a summary, as counting reads it."""

    tariffs: tuple[tuple[str, int], ...]
    article_set: str = ""


class DayBook(dict[Day, DayCounts]):
    """Counted days in memory."""

    def put(self, day: Day, counts: DayCounts) -> None:
        """Keep a day."""
        self[day] = counts

    def delete(self, day: Day) -> None:
        """Forget a day."""
        del self[day]


def goods(center: int, lines: int = 1, value_usd: int = 100) -> tuple[Line, ...]:
    """Return lines of goods of a Center; the value is that of each line."""
    return (Line(((GOODS[center], value_usd),)),) * lines


def rules(coverage: CoverageBook | None = None, **settings: object) -> PlacementRules:
    """Return rules with some switches set."""
    return PlacementRules(PlacementPolicy.from_settings(settings), coverage or published_coverage())


def window_on(day: Day, days: DayBook) -> Mix:
    """Return an empty mix with the default window of a day."""
    return moved_window(EMPTY_MIX, days, day - DEFAULTS.policy.window_days)


class Importer:
    """One importer's placement from day to day, its cuts folded lazily unless told otherwise."""

    def __init__(self, rules: PlacementRules = DEFAULTS, today: Day = MONDAY) -> None:
        self.rules = rules
        self.today = today
        self.standing = NEWCOMER
        self.days = DayBook()
        self.mix = moved_window(EMPTY_MIX, self.days, today - rules.policy.window_days)
        self.decisions: list[Decision] = []

    @property
    def computed(self) -> Placement:
        """The computed placement, which must be there."""
        assert self.standing.computed is not None
        return self.standing.computed

    def comes_to(self, day: Day) -> tuple[Decision, ...]:
        """Let the days pass; return what was decided on the way."""
        self.today = day
        self.standing, self.mix, decisions = brought_to(self.standing, self.mix, self.days, self.rules, day)
        self.decisions += decisions
        return decisions

    def comes_to_daily(self, day: Day) -> None:
        """Let the days pass and fold the cut of every single one of them."""
        while self.today < day:
            self.today += 1
            self.cut()

    def cut(self) -> Decision:
        """Fold the cut that opens today, whether or not it is due."""
        self.standing, self.mix, decision = fold_cut(self.standing, self.mix, self.days, self.rules, self.today)
        self.decisions.append(decision)
        return decision

    def files(self, *lines: Line, on: Day | None = None) -> Contribution:
        """File a summary today, with today's or another entry date."""
        day = self.today if on is None else on
        contribution = contribution_of(lines, self.rules.coverage.in_force(day))
        self.mix = counted(self.mix, self.days, day, contribution)
        self.standing, decision = first_placement(self.standing, self.mix, self.days, self.rules, self.today)
        self.decisions.append(decision)
        self._changed()
        return contribution

    def takes_back(self, contribution: Contribution, on: Day) -> None:
        """Take a summary with an entry date back."""
        self.mix = retracted(self.mix, self.days, on, contribution)
        self._changed()

    def rules_changed(self) -> None:
        """Have the importer looked at because the rules have changed."""
        self._changed()

    def _changed(self) -> None:
        self.standing = mix_changed(self.standing, self.mix, self.days, self.rules, self.today)

    def is_put_in(
        self, center: int, effective_on: Day | None = None, basis: Basis = Basis.BUSINESS_PRACTICE
    ) -> Decision:
        """Let headquarters place the importer."""
        override = Override(center, basis, "because", self.today if effective_on is None else effective_on)
        return self._decided(set_override(self.standing, self.mix, self.days, self.rules, override, self.today))

    def is_let_go(self) -> Decision:
        """Let headquarters end its placement."""
        return self._decided(
            remove_override(self.standing, self.mix, self.days, self.rules, self.today, "no longer so")
        )

    def becomes(self, *, eligible: bool) -> Decision:
        """Let Centers take the importer, or not."""
        return self._decided(
            set_eligible(self.standing, self.mix, self.days, self.rules, self.today, eligible=eligible)
        )

    def turns_out(self, *, broker: bool) -> Decision:
        """Let CBP's file say that the importer is a broker, or none."""
        return self._decided(set_broker(self.standing, self.mix, self.days, self.rules, self.today, broker=broker))

    def is_inactive(self) -> Decision:
        """Let CBP make the importer's number inactive."""
        return self._decided(set_inactive(self.standing, self.mix, self.days, self.rules, self.today))

    def _decided(self, result: tuple[Standing, Decision]) -> Decision:
        self.standing, decision = result
        self.decisions.append(decision)
        return decision
