"""What the daily cut (00:00 America/New_York) makes of an importer's placement.

Placement is a fold over daily cuts of what was known at each of them: a late event changes later cuts only. Most
cuts can change nothing; `Standing.review_on` names the next one that could, and folding those alone gives the same
as folding every day.
"""

from streams.customs.contribution import remapped
from streams.customs.evidence import Review, dated, lead_text, named, share_text
from streams.customs.placement import (
    NOWHERE,
    Decision,
    DecisionKind,
    Flag,
    Note,
    Placement,
    Standing,
    above,
    computed_kind,
    decision,
    moved_kind,
    placed,
    placement_in,
    word_of,
)
from streams.customs.policy import Measure, PlacementRules
from streams.customs.predominance import (
    has_share,
    leading_center,
    leads_by_points,
    most_valuable_center,
    plurality_center,
)
from streams.customs.tariff_mix import (
    CountedDays,
    Day,
    Mix,
    cells_in_window,
    moved_window,
    totals_of,
)


def brought_to(
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day
) -> tuple[Standing, Mix, tuple[Decision, ...]]:
    """Fold all cuts up to the one that opens `today`, those alone that can change something; move the window.

    To be called before anything of a day is counted, and when `standing.review_on` has come. Returns the decisions
    that changed something, in order; cheap when nothing is due.
    """
    decisions: tuple[Decision, ...] = ()
    while standing.review_on and standing.review_on <= today:
        standing, mix, decided = fold_cut(standing, mix, days, rules, standing.review_on)
        if decided.kind is not DecisionKind.UNCHANGED:
            decisions = (*decisions, decided)
    return standing, moved_window(mix, days, today - rules.policy.window_days), decisions


def mix_changed(standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day) -> Standing:
    """Note that something was counted or retracted today: tomorrow's cut has to look, unless it could change nothing.

    Also to be called for every account when the rules themselves have changed.
    """
    review = Review(mix, days, rules, today)
    return standing._replace(review_on=next_review(standing, review) if _is_settled(standing, review) else today + 1)


def fold_cut(
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, cut: Day
) -> tuple[Standing, Mix, Decision]:
    """Fold the cut that opens a day: move the window, then look at everything that time and the mix can change."""
    mix = moved_window(mix, days, cut - rules.policy.window_days)
    review = Review(mix, days, rules, cut)
    after, notes = _with_scheduled(standing, review)
    after, news = _with_coverage(after, review)
    notes += news
    after, note = _with_computed(after, review)
    notes.append(note)
    after, news = _with_flags(after, review)
    notes += news
    after = after._replace(last_cut=cut)
    after = after._replace(review_on=next_review(after, review))
    return after, mix, decision(standing, after, review, notes)


def next_review(standing: Standing, review: Review) -> Day:
    """Return the first cut after the review's day that could change anything if the mix stays; 0 if none could.

    The window moves past its oldest day; a challenger completes its cuts, and the placement its age; a provisional
    one its days; a year without entry ends; headquarters' word or another coverage begins.
    """
    mix, policy = review.mix, review.rules.policy
    possible = [review.rules.coverage.next_change(review.day) or 0]
    if mix.days:
        possible.append(mix.oldest_day + policy.window_days + 1)
    if standing.scheduled:
        possible.append(standing.scheduled.effective_on)
    computed = standing.computed
    if computed and not computed.stale:
        possible.append(_last_sign_of_life(computed, mix) + policy.stale_after_days + 1)
        if not computed.firm and mix.lines >= policy.firm_lines:
            possible.append(mix.first_day + policy.firm_days)
        if standing.challenger:
            enough_cuts = standing.challenger_since + policy.dwell_cuts - 1
            possible.append(max(enough_cuts, computed.since + policy.settled_days))
    return min((max(day, review.day + 1) for day in possible if day), default=0)


def _is_settled(standing: Standing, review: Review) -> bool:
    """Tell whether the next cut would find everything as it is, unless it is one that `next_review` names anyway."""
    computed = standing.computed
    if not computed or computed.stale or standing.challenger:
        return False
    if standing.coverage_version != review.rules.coverage.in_force(review.day).version:
        return False
    leader = leading_center(review.mix, review.days, review.rules.policy, computed.center)
    return leader == computed.center and standing.flags == _flags(standing, review)


def _with_scheduled(standing: Standing, review: Review) -> tuple[Standing, list[Note]]:
    """Let an override of headquarters begin on its day."""
    scheduled = standing.scheduled
    if not scheduled or scheduled.effective_on > review.day:
        return standing, []
    after = standing._replace(override=scheduled, scheduled=None)
    kind = moved_kind(standing) if after.center != standing.center else DecisionKind.CONFIRMED
    return after, [(kind, f"The word of headquarters begins: {word_of(scheduled)}.")]


def _with_coverage(standing: Standing, review: Review) -> tuple[Standing, list[Note]]:
    """P12: Where a new coverage would lead elsewhere, propose it; nothing moves by that.

    The window is counted again by lines, or by value where that is the measure: what summaries are made of is not
    kept per day.
    """
    coverage = review.rules.coverage.in_force(review.day)
    computed, former = standing.computed, standing.coverage_version
    if not computed or former == coverage.version:
        return standing, []
    after = standing._replace(coverage_version=coverage.version)
    mix, policy = review.mix, review.rules.policy
    measure = Measure.VALUE if policy.measure is Measure.VALUE else Measure.LINES
    recounted = mix._replace(centers=totals_of(remapped(cells_in_window(mix, review.days), coverage)))
    leader = plurality_center(recounted, review.days, measure, computed.center)
    if leader in (NOWHERE, computed.center):
        return after, []
    sentence = (
        f"Under coverage {coverage.version} {named(leader)} would lead with {share_text(recounted, measure, leader)}; "
        "entries from its first day on count under it, nothing moves by that alone (P12)."
    )
    return after, [(DecisionKind.PROPOSED, sentence)]


def _with_computed(standing: Standing, review: Review) -> tuple[Standing, Note]:
    """Let time and the mix work on the computed placement, whether or not headquarters' word stands above it."""
    computed = standing.computed
    if not computed:
        return placed(standing, review)
    if computed.stale:
        return standing, (DecisionKind.UNCHANGED, "The placement is stale and is kept until the next entry (P18).")
    silent_days = review.day - _last_sign_of_life(computed, review.mix)
    if silent_days > review.rules.policy.stale_after_days:
        after = standing._replace(computed=computed._replace(stale=True), challenger=NOWHERE, challenger_since=0)
        return after, (DecisionKind.STALE, f"No entry for {silent_days} days: the placement is kept, and stale (P18).")
    leader = leading_center(review.mix, review.days, review.rules.policy, computed.center)
    step = _challenged if computed.firm else _provisional
    return step(standing, computed, leader or computed.center, review)


def _last_sign_of_life(computed: Placement, mix: Mix) -> Day:
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


def _with_flags(standing: Standing, review: Review) -> tuple[Standing, list[Note]]:
    """Raise and lower the flags for a person."""
    flags = _flags(standing, review)
    if flags == standing.flags:
        return standing, []
    mix, policy = review.mix, review.rules.policy
    sentences = []
    if flags & Flag.NO_CLEAR_LEADER:
        sentences.append(f"To be looked at: no Center has {policy.flag_below_percent} % (P6).")
    if flags & Flag.VALUE_ELSEWHERE:
        elsewhere = most_valuable_center(mix)
        sentences.append(f"To be looked at: {named(elsewhere)} has {share_text(mix, Measure.VALUE, elsewhere)} (P5).")
    note = DecisionKind.FLAGGED, " ".join(sentences) or "Nothing is left to be looked at (P5, P6)."
    return standing._replace(flags=flags), [note]


def _flags(standing: Standing, review: Review) -> int:
    """P5, P6: Return what a person should look at; nothing where nothing counts or the importer has no Center."""
    mix, policy, flags = review.mix, review.rules.policy, 0
    if not mix.days or not standing.computed or standing.computed.stale:
        return flags
    leader = plurality_center(mix, review.days, policy.measure, standing.computed.center)
    if not has_share(mix, policy.measure, leader, policy.flag_below_percent):
        flags |= Flag.NO_CLEAR_LEADER
    elsewhere = most_valuable_center(mix)
    limit = policy.high_value_percent
    if limit and elsewhere != standing.center and has_share(mix, Measure.VALUE, elsewhere, limit):
        flags |= Flag.VALUE_ELSEWHERE
    return flags
