"""In which Center an importer is, on what ground, and since when.

`Standing` is all that is remembered of an importer's placement. What changes it is here (the first placement), in
`daily_cut` (what a day brings) and in `overrides` (what headquarters says); each of these functions returns the new
standing with a `Decision` that says what has changed, or why nothing has.
"""

from enum import IntFlag, StrEnum
from typing import Final, NamedTuple

from streams.customs.centers import NOT_ELIGIBLE, PENDING, Center, Unplaced, center_by_id
from streams.customs.evidence import HeadingCount, Review, dated, headings_of, named, share_text
from streams.customs.policy import Measure, PlacementRules
from streams.customs.predominance import leading_center
from streams.customs.tariff_mix import CenterCount, CountedDays, Day, Mix, cells_in_window

ONE_YEAR: Final = 365
NOWHERE: Final = 0
"""In place of a Center: the importer has none."""


class Basis(StrEnum):
    """On what ground an importer is in its Center (19 CFR 101.10(b)); all but the first are headquarters' word."""

    PREDOMINANT_GOODS = "predominant_goods"
    BUSINESS_PRACTICE = "business_practice"
    INTENDED_USE = "intended_use"
    HIGH_RELATIVE_VALUE = "high_relative_value"
    APPEAL_GRANTED = "appeal_granted"
    BROKER = "broker"


class HistoryClass(StrEnum):
    """P3: how long the known history of an importer's entries is (19 CFR 101.10(c)(5))."""

    NEW = "new"
    """No entry before the day of placement."""
    UNDER_ONE_YEAR = "under_one_year"
    OVER_ONE_YEAR = "over_one_year"
    """The first entry is 365 days old or older."""


class Flag(IntFlag):
    """What a person should look at in a placement; it changes nothing by itself."""

    NO_CLEAR_LEADER = 1
    """P6: the leading Center's share is below the limit."""
    VALUE_ELSEWHERE = 2
    """P5: another Center holds most of the value."""


class Placement(NamedTuple):
    """An importer's place as the computation gives it."""

    center: int
    since: Day
    """First day in this Center (effective from)."""
    firm: bool
    """False while provisional (P2): it then follows the plurality at every cut."""
    stale: bool
    """True after a year without entry (P18): kept, until the next entry places anew."""
    history: HistoryClass
    """P3, as it was when the importer was placed, moved or made firm."""
    policy_version: str
    coverage_version: str


class Override(NamedTuple):
    """A placement by headquarters: it wins over the computation until it is removed."""

    center: int
    basis: Basis
    reason: str
    effective_on: Day


class Standing(NamedTuple):
    """All that is remembered of one importer's placement; `NEWCOMER` is where everyone begins."""

    computed: Placement | None = None
    """What the computation gives, also while headquarters' word stands above it."""
    override: Override | None = None
    """The override in force."""
    scheduled: Override | None = None
    """An override that begins on a later day."""
    eligible: bool = True
    challenger: int = NOWHERE
    """Center that leads the computed one by the points of P7."""
    challenger_since: Day = 0
    """The first of the consecutive cuts at which it led."""
    flags: int = 0
    """Bits of `Flag`."""
    coverage_version: str = ""
    """Coverage under which the importer's window was last looked at as a whole (P12)."""
    last_cut: Day = 0
    """The latest daily cut that was looked at; at those since, nothing could change."""
    review_on: Day = 0
    """The next cut that could change anything, if nothing is counted or retracted before; 0 if none could."""

    @property
    def center(self) -> int:
        """Number of the Center that has the importer; `NOWHERE` if none has."""
        if not self.eligible:
            return NOWHERE
        placed = self.override or self.computed
        return placed.center if placed else NOWHERE

    @property
    def basis(self) -> Basis:
        """On what ground the importer is where it is."""
        return self.override.basis if self.override else Basis.PREDOMINANT_GOODS

    @property
    def effective_from(self) -> Day:
        """First day of the placement in force; 0 if there is none."""
        if self.override:
            return self.override.effective_on
        return self.computed.since if self.computed else 0

    @property
    def diverges(self) -> bool:
        """Tell whether headquarters has put the importer elsewhere than its goods would."""
        return bool(self.override and self.computed and self.override.center != self.computed.center)


NEWCOMER: Final = Standing()


class DecisionKind(StrEnum):
    """What a decision says; of several that fall on one cut the first in this order names the whole."""

    CHANGED = "changed"
    """The importer goes to another Center, or to none."""
    PLACED = "placed"
    """The importer had no Center and has one now."""
    STALE = "stale"
    """P18: a year has passed without entry; the placement is kept."""
    PROPOSED = "proposed"
    """Another Center would be right, and does not have the importer: a challenger leads, or headquarters differs."""
    SCHEDULED = "scheduled"
    """Headquarters' word begins on a later day."""
    CONFIRMED = "confirmed"
    """The placement stands more firmly than before: made firm, rid of a challenger, repeated by headquarters."""
    FLAGGED = "flagged"
    """The flags for a person have changed, nothing else."""
    UNCHANGED = "unchanged"
    """Nothing to tell anyone; the reason says why."""


Note = tuple[DecisionKind, str]
"""One of the things that a decision says, with its sentence."""

_RANK: Final = {kind: rank for rank, kind in enumerate(DecisionKind)}


class Evidence(NamedTuple):
    """What was known when a decision was made: the window, what counted in it, and the rules applied to it."""

    window_from: Day
    """First entry day that counts; there is no last one, as estimated entry dates may lie ahead."""
    first_day: Day
    """Earliest entry day known, also before the window; 0 if there is none."""
    last_day: Day
    """Latest entry day known; 0 if there is none."""
    summaries: int
    centers: tuple[CenterCount, ...]
    headings: tuple[HeadingCount, ...]
    """Empty where the decision changes nothing."""
    measure: Measure
    policy_version: str
    coverage_version: str


class Decision(NamedTuple):
    """What has become of an importer's placement, and why; `reason` is one or more sentences for a person."""

    kind: DecisionKind
    day: Day
    center: int
    """Center after the decision; `NOWHERE` if none."""
    former: int
    """Center before it; `NOWHERE` if none."""
    reason: str
    standing: Standing
    """The standing after the decision: placement, override, challenger, flags."""
    evidence: Evidence


def destination(standing: Standing) -> Center | Unplaced:
    """Return where an importer's work goes: to its Center, whatever the goods of the single line, or why to none."""
    if not standing.eligible:
        return NOT_ELIGIBLE
    return center_by_id(standing.center) if standing.center else PENDING


def first_placement(
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day
) -> tuple[Standing, Decision]:
    """Place an importer that has no placement, or a stale one, as soon as its history allows (P2, P18).

    To be called after a summary was counted and before it is routed; the first placement is immediate and
    provisional.
    """
    review = Review(mix, days, rules, today)
    after, note = placed(standing, review)
    return after, decision(standing, after, review, [note])


def placed(standing: Standing, review: Review) -> tuple[Standing, Note]:
    """Return the standing with its first placement, if it is due one, and what is to be said of it."""
    former, policy = standing.computed, review.rules.policy
    if former and not former.stale:
        return standing, (DecisionKind.UNCHANGED, f"The importer is placed in {named(former.center)} already.")
    if former and review.day - review.mix.last_day > policy.stale_after_days:
        return standing, (DecisionKind.UNCHANGED, "No entry has come since the placement went stale (P18).")
    known = review.mix.summaries
    if known < policy.minimum_summaries:
        needed = f"{known} of {policy.minimum_summaries} entry summaries with a voting line are in the window (P2)."
        return standing, (DecisionKind.UNCHANGED, needed)
    center = leading_center(review.mix, review.days, policy, former.center if former else NOWHERE)
    if not center:
        return standing, (DecisionKind.UNCHANGED, "No Center has a majority (P6).")
    placement = placement_in(center, review)
    after = standing._replace(
        computed=placement, challenger=NOWHERE, challenger_since=0, coverage_version=placement.coverage_version
    )
    ground = "The first entry since the placement went stale" if former else "The first entries"
    share = share_text(review.mix, policy.measure, center)
    return after, (
        computed_kind(standing, after),
        f"{ground} put the importer in {named(center)} with {share}, provisionally (P2).{above(after)}",
    )


def placement_in(center: int, review: Review, *, firm: bool = False) -> Placement:
    """Return a placement that begins on the day of the review."""
    return Placement(
        center=center,
        since=review.day,
        firm=firm,
        stale=False,
        history=history_class(review.mix.first_day, review.day),
        policy_version=review.rules.policy.version,
        coverage_version=review.rules.coverage.in_force(review.day).version,
    )


def history_class(first_day: Day, day: Day) -> HistoryClass:
    """P3: Return the class of a history that began on `first_day` (0: none has) as seen on a day."""
    if not first_day or first_day >= day:
        return HistoryClass.NEW
    return HistoryClass.OVER_ONE_YEAR if day - first_day >= ONE_YEAR else HistoryClass.UNDER_ONE_YEAR


def computed_kind(before: Standing, after: Standing) -> DecisionKind:
    """Return what a change of the computed placement means for the importer, whom an override may hold elsewhere."""
    if before.center != after.center:
        return moved_kind(before)
    return DecisionKind.PROPOSED if after.diverges else DecisionKind.CONFIRMED


def moved_kind(before: Standing) -> DecisionKind:
    """Return what it is when an importer's Center becomes another."""
    return DecisionKind.CHANGED if before.center else DecisionKind.PLACED


def above(standing: Standing) -> str:
    """Return a sentence on the override that stands above a computed placement, or nothing."""
    override = standing.override
    return f" Headquarters has it in {named(override.center)} all the same." if override else ""


def word_of(override: Override) -> str:
    """Return what headquarters has said, for a sentence."""
    ground = f'{override.basis} ("{override.reason}")'
    return f"{named(override.center)} from {dated(override.effective_on)} on the ground of {ground}"


def decision(before: Standing, after: Standing, review: Review, notes: list[Note]) -> Decision:
    """Return what notes add up to, with the evidence; headings are read only where something is decided."""
    kind = min((kind for kind, _ in notes), key=_RANK.__getitem__)
    mix = review.mix
    decided = kind is not DecisionKind.UNCHANGED
    return Decision(
        kind=kind,
        day=review.day,
        center=after.center,
        former=before.center,
        reason=" ".join(sentence for _, sentence in notes),
        standing=after,
        evidence=Evidence(
            window_from=mix.counted_from,
            first_day=mix.first_day,
            last_day=mix.last_day,
            summaries=mix.summaries,
            centers=mix.centers,
            headings=headings_of(cells_in_window(mix, review.days)) if decided else (),
            measure=review.rules.policy.measure,
            policy_version=review.rules.policy.version,
            coverage_version=review.rules.coverage.in_force(review.day).version,
        ),
    )
