"""What is decided of an importer's placement, why, and on what evidence."""

from enum import StrEnum
from typing import Final, NamedTuple

from streams.customs.evidence import HeadingCount, Review, dated, headings_of, named
from streams.customs.policy import Measure
from streams.customs.standing import Override, Standing
from streams.customs.tariff_mix import CenterCount, Day, cells_in_window


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
    return Decision(
        kind=kind,
        day=review.day,
        center=after.center,
        former=before.center,
        reason=" ".join(sentence for _, sentence in notes),
        standing=after,
        evidence=evidence_of(review, with_headings=kind is not DecisionKind.UNCHANGED),
    )


def evidence_of(review: Review, *, with_headings: bool) -> Evidence:
    """Return what a decision rests on; the headings are read from every counted day of the window."""
    mix, rules = review.mix, review.rules
    return Evidence(
        window_from=mix.counted_from,
        first_day=mix.first_day,
        last_day=mix.last_day,
        summaries=mix.summaries,
        centers=mix.centers,
        headings=headings_of(cells_in_window(mix, review.days)) if with_headings else (),
        measure=rules.policy.measure,
        policy_version=rules.policy.version,
        coverage_version=rules.coverage.in_force(review.day).version,
    )
