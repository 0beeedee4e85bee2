"""Which Center the predominant goods of an importer belong to: measure, share, ties.

Shares are compared by whole numbers multiplied crosswise, never by fractions. Source: 19 CFR 101.10(b).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from streams.customs.policy import Measure, PlacementPolicy, Predominance
from streams.customs.tariff_mix import CenterCount, Contribution, CountedDays, Mix, most_recent_day, totals_of

_MEASURED: Final[Mapping[Measure, int]] = {
    Measure.LINES: CenterCount._fields.index("lines"),
    Measure.LINES_THEN_VALUE: CenterCount._fields.index("lines"),
    Measure.VALUE: CenterCount._fields.index("value_usd"),
    Measure.ENTRY_SUMMARIES: CenterCount._fields.index("summaries"),
}

NONE = 0
"""In place of a Center: nothing counts, or no Center has a majority where P6 asks for one."""


def amount(count: CenterCount, measure: Measure) -> int:
    """P4: Return what a Center has of what is measured."""
    return count[_MEASURED[measure]]


def whole(mix: Mix, measure: Measure) -> int:
    """Return what all shares are shares of. A summary with lines of two Centers is one summary, and counts for both."""
    if measure is Measure.ENTRY_SUMMARIES:
        return mix.summaries
    at = _MEASURED[measure]
    return sum([count[at] for count in mix.centers])


def leading_center(mix: Mix, days: CountedDays, policy: PlacementPolicy, present: int) -> int:
    """P6: Return the Center with the predominant goods, or `NONE`."""
    leader = plurality_center(mix, days, policy.measure, present)
    if policy.predominance is Predominance.PLURALITY or not leader:
        return leader
    measure = policy.measure
    has_majority = 2 * amount(mix.count_of(leader), measure) > whole(mix, measure)
    return leader if has_majority else NONE


def plurality_center(mix: Mix, days: CountedDays, measure: Measure, present: int) -> int:
    """Return the Center with the greatest share, or `NONE` where nothing counts.

    P13: of Centers with equally much the present one stays; else the higher value leads; else the more recent entry;
    else the lower Center number.
    """
    counts = mix.centers
    if len(counts) == 1:
        return counts[0].center
    if not counts:
        return NONE
    at = _MEASURED[measure]
    amounts = [count[at] for count in counts]
    most = max(amounts)
    if amounts.count(most) == 1:
        return counts[amounts.index(most)].center
    first = [count for count in counts if count[at] == most]
    tied = _most_valuable(first)
    if any(count.center == present for count in (tied if measure is Measure.LINES_THEN_VALUE else first)):
        return present
    if len(tied) == 1:
        return tied[0].center
    return min(tied, key=lambda count: (-most_recent_day(mix, days, count.center), count.center)).center


def own_center(contribution: Contribution, measure: Measure) -> int:
    """P11: Return the Center with most of one entry summary's goods: by the measure, the value, the lower number."""
    counts = totals_of(contribution)
    if not counts:
        return NONE
    return max(counts, key=lambda count: (amount(count, measure), count.value_usd, -count.center)).center


def _most_valuable(counts: Sequence[CenterCount]) -> list[CenterCount]:
    """Return those of some Centers that have the highest value."""
    most_usd = max(count.value_usd for count in counts)
    return [count for count in counts if count.value_usd == most_usd]


def leads_by_points(mix: Mix, measure: Measure, challenger: int, present: int, points: int) -> bool:
    """P7: Tell whether a Center's share is at least so many points (hundredths of the whole) above another's."""
    lead = amount(mix.count_of(challenger), measure) - amount(mix.count_of(present), measure)
    return lead > 0 and 100 * lead >= points * whole(mix, measure)


def has_share(mix: Mix, measure: Measure, center: int, percent: int) -> bool:
    """Tell whether a Center has at least so many hundredths of the whole; of nothing, nobody has a share."""
    total = whole(mix, measure)
    return total > 0 and 100 * amount(mix.count_of(center), measure) >= percent * total


def most_valuable_center(mix: Mix) -> int:
    """Return the Center with the highest value; the lowest number of several; `NONE` where nothing counts."""
    return max(mix.centers, key=lambda count: (count.value_usd, -count.center)).center if mix.centers else NONE
