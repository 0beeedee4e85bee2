"""What a day's rules would make of an importer's placement: looked at before anyone applies them."""

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from streams.customs.computed import last_sign_of_life
from streams.customs.contribution import remapped
from streams.customs.evidence import lead_text, named, share_text
from streams.customs.policy import Measure, PlacementRules
from streams.customs.predominance import leading_center, leads_by_points
from streams.customs.standing import NOWHERE, Standing
from streams.customs.tariff_mix import CountedDays, Day, Mix, cells_since, counted_days, totals_of


class Prospect(StrEnum):
    """What the first cut under the rules would do with the computed placement."""

    STAYS = "stays"
    WOULD_MOVE = "would_move"
    """A provisional placement follows at the next cut."""
    WOULD_BE_CHALLENGED = "would_be_challenged"
    """A firm placement moves once the challenger has led by the points for all the cuts that it takes."""
    WOULD_BE_STALE = "would_be_stale"
    UNPLACED = "unplaced"
    """Nothing that counts, or no placement yet."""


class Recomputed(NamedTuple):
    """An importer's placement beside what the rules of a day would give."""

    prospect: Prospect
    center: int
    """Center that has the importer now; `NOWHERE` if none has."""
    computed: int
    """Center of its computed placement."""
    leader: int
    """Center that would lead; `NOWHERE` where none would."""
    reason: str


def recomputed(standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, day: Day) -> Recomputed:
    """Return what the rules in force on a day would make of what counts now, as if nothing came before that day.

    All lines in the window are counted again under the coverage of the day. Nothing is changed by that.
    """
    ruled = rules.at(day)
    policy, coverage = ruled.policy, ruled.coverage.in_force(day)
    first_day = day - policy.window_days
    centers = totals_of(remapped(cells_since(mix, days, first_day), coverage))
    held = sum(1 << known - mix.counted_from for known in counted_days(mix) if known >= first_day)
    recounted = mix._replace(days=held, centers=centers)
    # What summaries are made of is not kept per day: lines stand for them, as when a coverage begins (P12).
    measure = Measure.LINES if policy.measure is Measure.ENTRY_SUMMARIES else policy.measure
    computed = standing.computed
    present = computed.center if computed else NOWHERE
    leader = leading_center(recounted, days, replace(policy, measure=measure), present)

    def said(prospect: Prospect, reason: str) -> Recomputed:
        return Recomputed(prospect, standing.center, present, leader, reason)

    if not computed or not leader:
        return said(Prospect.UNPLACED, "There is no placement, or nothing counts on that day.")
    silent = day - last_sign_of_life(computed, mix)
    if silent > policy.stale_after_days:
        return said(Prospect.WOULD_BE_STALE, f"No entry for {silent} days (P18).")
    share = f"{named(leader)} would have {share_text(recounted, measure, leader)}"
    if leader == present:
        return said(Prospect.STAYS, f"{share}.")
    if not computed.firm:
        return said(Prospect.WOULD_MOVE, f"{share}; a provisional placement follows (P2).")
    lead = lead_text(recounted, measure, leader, present)
    if leads_by_points(recounted, measure, leader, present, policy.lead_points):
        takes = f"a move takes {policy.dwell_cuts} cuts (P8)"
        return said(Prospect.WOULD_BE_CHALLENGED, f"{share} and lead {named(present)} by {lead}; {takes}.")
    return said(Prospect.STAYS, f"{share} and lead {named(present)} by {lead}, less than {policy.lead_points} (P7).")
