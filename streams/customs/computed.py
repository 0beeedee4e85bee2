"""What time and the mix make of a computed placement: followed, made firm, challenged, moved, stale."""

from streams.customs.decision import DecisionKind, Note, above, computed_kind
from streams.customs.evidence import Review, dated, lead_text, named, share_text
from streams.customs.placement import placed, placement_in
from streams.customs.predominance import leading_center, leads_by_points
from streams.customs.standing import NOWHERE, Placement, Standing
from streams.customs.tariff_mix import Day, Mix


def with_computed(standing: Standing, review: Review) -> tuple[Standing, Note]:
    """Let time and the mix work on the computed placement, whether or not headquarters' word stands above it."""
    computed = standing.computed
    if not computed:
        return placed(standing, review)
    if computed.stale:
        return standing, (DecisionKind.UNCHANGED, "The placement is stale and is kept until the next entry (P18).")
    silent_days = review.day - last_sign_of_life(computed, review.mix)
    if silent_days > review.rules.policy.stale_after_days:
        after = standing._replace(computed=computed._replace(stale=True), challenger=NOWHERE, challenger_since=0)
        return after, (DecisionKind.STALE, f"No entry for {silent_days} days: the placement is kept, and stale (P18).")
    leader = leading_center(review.mix, review.days, review.rules.policy, computed.center)
    step = _challenged if computed.firm else _provisional
    return step(standing, computed, leader or computed.center, review)


def last_sign_of_life(computed: Placement, mix: Mix) -> Day:
    """Return the last entry day, or the day of placement where all that the importer filed was taken back."""
    return mix.last_day or computed.since


def _provisional(standing: Standing, computed: Placement, leader: int, review: Review) -> tuple[Standing, Note]:
    """P2, P8: A provisional placement follows the plurality, and becomes firm with enough lines and days."""
    mix, policy = review.mix, review.rules.policy
    history_days = review.day - mix.first_day if mix.first_day else 0
    firm = mix.lines >= policy.firm_lines and history_days >= policy.firm_days
    history = f"{mix.lines} lines in the window and {history_days} days of history"
    share = f"{named(leader)} has {share_text(mix, policy.measure, leader)}"
    if leader != computed.center:
        after = standing._replace(computed=placement_in(leader, review, firm=firm))
        stands = f"now firm with {history}" if firm else "still provisional"
        sentence = f"A provisional placement follows the plurality: {share}; {stands} (P2).{above(after)}"
        return after, (computed_kind(standing, after), sentence)
    if not firm:
        needs = f"firm takes {policy.firm_lines} lines and {policy.firm_days} days"
        return standing, (DecisionKind.UNCHANGED, f"{share}; provisional with {history}, {needs} (P2).")
    confirmed = placement_in(leader, review, firm=True)._replace(since=computed.since)
    sentence = f"The placement is firm with {history}: {share} (P2)."
    return standing._replace(computed=confirmed), (DecisionKind.CONFIRMED, sentence)


def _challenged(standing: Standing, computed: Placement, leader: int, review: Review) -> tuple[Standing, Note]:
    """P7, P8: A firm placement moves to a challenger that has led by the points at all the cuts it takes."""
    mix, policy, present = review.mix, review.rules.policy, computed.center
    if leader == present or not leads_by_points(mix, policy.measure, leader, present, policy.lead_points):
        return _unchallenged(standing, computed, leader, review)
    since = standing.challenger_since if standing.challenger == leader else review.day
    cuts, age_days = review.day - since + 1, review.day - computed.since
    lead = (
        f"{named(leader)} has {share_text(mix, policy.measure, leader)} and leads {named(present)} by "
        f"{lead_text(mix, policy.measure, leader, present)}, at {cuts} consecutive cuts since {dated(since)}"
    )
    if cuts >= policy.dwell_cuts and age_days >= policy.settled_days:
        moved = placement_in(leader, review, firm=True)
        after = standing._replace(computed=moved, challenger=NOWHERE, challenger_since=0)
        sentence = f"{lead}; the placement was {age_days} days old (P7, P8).{above(after)}"
        return after, (computed_kind(standing, after), sentence)
    after = standing._replace(challenger=leader, challenger_since=since)
    kind = DecisionKind.UNCHANGED if standing.challenger == leader else DecisionKind.PROPOSED
    needs = f"a move takes {policy.dwell_cuts} cuts and a placement of {policy.settled_days} days, it has {age_days}"
    return after, (kind, f"{lead}; {needs} (P8).")


def _unchallenged(standing: Standing, computed: Placement, leader: int, review: Review) -> tuple[Standing, Note]:
    mix, measure, present = review.mix, review.rules.policy.measure, computed.center
    if not mix.days:
        sentence = f"Nothing counts in the window: {named(present)} is kept."
    elif leader == present:
        sentence = f"{named(present)} has {share_text(mix, measure, present)}."
    else:
        lead = lead_text(mix, measure, leader, present)
        needed = review.rules.policy.lead_points
        sentence = f"{named(leader)} leads {named(present)} by {lead}, less than the {needed} that count (P7)."
    if not standing.challenger:
        return standing, (DecisionKind.UNCHANGED, sentence)
    after = standing._replace(challenger=NOWHERE, challenger_since=0)
    return after, (DecisionKind.CONFIRMED, f"{named(standing.challenger)} no longer challenges. {sentence}")
