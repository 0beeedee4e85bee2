"""In which Center an importer is, on what ground, and since when.

`Standing` is all that is remembered of an importer's placement. What changes it is here (the first placement), in
`daily_cut` (what a day brings) and in `overrides` (what headquarters says); each of these functions returns the new
standing with a `Decision` that says what has changed, or why nothing has.
"""

from typing import Final

from streams.customs.decision import Decision, DecisionKind, Evidence, Note, above, computed_kind, decision
from streams.customs.evidence import Review, named, share_text
from streams.customs.policy import PlacementRules
from streams.customs.predominance import leading_center
from streams.customs.standing import (
    NEWCOMER,
    NOWHERE,
    Basis,
    Flag,
    HistoryClass,
    Override,
    Placement,
    Standing,
)
from streams.customs.tariff_mix import CountedDays, Day, Mix

__all__ = [
    "NEWCOMER",
    "NOWHERE",
    "Basis",
    "Decision",
    "DecisionKind",
    "Evidence",
    "Flag",
    "HistoryClass",
    "Override",
    "Placement",
    "Standing",
    "first_placement",
    "history_class",
    "placed",
    "placement_in",
]

ONE_YEAR: Final = 365


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
