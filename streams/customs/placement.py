"""In which Center an importer is, on what ground, and since when.

`Standing` is all that is remembered of an importer's placement. The functions that change it are here (first
placement), in `daily_cut` (what a day brings) and in `overrides` (what headquarters says); each returns the new
standing with a `Decision` that says what has changed, or why nothing has.
"""

from enum import StrEnum
from typing import NamedTuple

from streams.customs.centers import Center, Unplaced
from streams.customs.policy import PlacementPolicy
from streams.customs.tariff_mix import CenterCount, CountedDays, Day, Mix


class Basis(StrEnum):
    """On what ground an importer is in its Center (19 CFR 101.10(b)); all but the first are set by headquarters."""

    PREDOMINANT_GOODS = "predominant_goods"
    BUSINESS_PRACTICE = "business_practice"
    INTENDED_USE = "intended_use"
    HIGH_RELATIVE_VALUE = "high_relative_value"
    APPEAL_GRANTED = "appeal_granted"
    BROKER = "broker"


class HistoryClass(StrEnum):
    """P3: how long an importer's history is (19 CFR 101.10(c)(5))."""

    NEW = "new"
    UNDER_ONE_YEAR = "under_one_year"
    OVER_ONE_YEAR = "over_one_year"


class Placement(NamedTuple):
    """An importer's place as the computation gives it."""

    center: int
    since: Day
    """First day in this Center."""
    firm: bool
    """False while provisional (P2): it then follows the plurality at every cut."""
    stale: bool
    """True after a year without entry (P18); the next entry places anew."""


class Override(NamedTuple):
    """A placement by headquarters: it wins over the computation until it is removed."""

    center: int
    basis: Basis
    reason: str
    effective_on: Day


class Standing(NamedTuple):
    """All that is remembered of one importer's placement; `NEWCOMER` is the first."""

    computed: Placement | None
    override: Override | None
    scheduled: Override | None
    """An override that begins on a later day."""
    eligible: bool
    challenger: int
    """Center that leads the present one by the points of P7, 0 if none does."""
    challenger_since: Day
    """The first of the consecutive cuts at which it led."""
    flags: int
    """Bits of `Flag`."""
    last_cut: Day
    """The latest daily cut that is folded in, 0 if none is."""
    review_on: Day
    """The next cut that could change anything, 0 if none could."""


NEWCOMER = Standing(None, None, None, eligible=True, challenger=0, challenger_since=0, flags=0, last_cut=0, review_on=0)


class DecisionKind(StrEnum):
    """What a decision says of an importer's placement."""

    PLACED = "placed"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    FLAGGED = "flagged"
    STALE = "stale"
    UNCHANGED = "unchanged"


class Evidence(NamedTuple):
    """What a decision rests on."""

    window_from: Day
    window_to: Day
    centers: tuple[CenterCount, ...]
    policy_version: str
    coverage_version: str


class Decision(NamedTuple):
    """What has become of an importer's placement, and why; `reason` is a sentence for a person."""

    kind: DecisionKind
    day: Day
    center: int
    """Center after the decision; 0 if none."""
    former: int
    """Center before it; 0 if none."""
    reason: str
    evidence: Evidence


def destination(standing: Standing) -> Center | Unplaced:
    """Return where an importer's work goes: its Center, whatever the goods of the single line (S2), or why to none."""
    raise NotImplementedError


def first_placement(
    standing: Standing, mix: Mix, days: CountedDays, policy: PlacementPolicy, today: Day
) -> tuple[Standing, Decision]:
    """Place an importer that has no placement, or a stale one, as soon as its history allows (P2, P18).

    To be called after a summary was counted and before it is routed.
    """
    raise NotImplementedError
