"""What the daily cut (00:00 America/New_York) makes of an importer's placement.

Placement is a fold over daily cuts of what was known at each of them: a late event changes later cuts only. Most
cuts can change nothing; `Standing.review_on` names the next one that could, and folding those alone gives the same
as folding every day.
"""

from typing import Final

from streams.customs.broker import with_broker
from streams.customs.computed import last_sign_of_life, with_computed
from streams.customs.contribution import remapped
from streams.customs.decision import Decision, DecisionKind, Note, decision, evidence_of, moved_kind, word_of
from streams.customs.evidence import Review, named, share_text
from streams.customs.policy import Measure, PlacementRules
from streams.customs.predominance import amount, has_share, leading_center, most_valuable_center, plurality_center
from streams.customs.replacing import replacing
from streams.customs.standing import NOWHERE, Flag, Standing
from streams.customs.tariff_mix import CountedDays, Day, Mix, cells_in_window, mix_on, moved_window, totals_of


def brought_to(
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day
) -> tuple[Standing, Mix, tuple[Decision, ...]]:
    """Fold all cuts up to the one that opens `today`, those alone that can change something; move the window.

    To be called before anything of a day is counted, and when `standing.review_on` has come. Returns the decisions
    that changed something, in order; cheap when nothing is due.
    """
    decisions: tuple[Decision, ...] = ()
    while cut := _next_cut(standing, rules, today):
        ruled = rules.at(cut)
        if cut == ruled.begins and ruled.earlier is not None:
            # A wider window does not bring back what has left the one before.
            mix = moved_window(mix, days, cut - 1 - ruled.earlier.policy.window_days)
        mix = moved_window(mix, days, cut - ruled.policy.window_days)
        eve = Review(mix, days, ruled, cut - 1)
        if cut != ruled.begins and _is_settled(standing, eve) and (then := next_review(standing, eve)) > cut:
            standing = _with_cut(standing, cut, then)  # most cuts: nothing to decide, and no sentence to write
            continue
        standing, mix, decided = fold_cut(standing, mix, days, ruled, cut)
        if decided.kind is not DecisionKind.UNCHANGED:
            decisions = (*decisions, decided)
    if not standing.last_cut:
        standing = standing._replace(last_cut=today)
    return standing, moved_window(mix, days, today - rules.policy.window_days), decisions


def _next_cut(standing: Standing, rules: PlacementRules, today: Day) -> Day:
    """Return the first cut up to today that has to be folded: of the day of review, or of new rules; 0 if none has.

    A newcomer's cuts before its first event had nothing to look at.
    """
    due = standing.review_on if standing.review_on <= today else 0
    if rules.begins > standing.last_cut > 0:
        change = rules.first_change_after(standing.last_cut)
        if change and change <= today and (change < due or not due):
            return change
    return due


def mix_changed(standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day) -> Standing:
    """Note that something was counted or retracted today: tomorrow's cut looks, unless it could change nothing."""
    if standing.review_on == today + 1:
        return standing
    review = Review(mix, days, rules, today)
    review_on = next_review(standing, review) if _is_settled(standing, review) else today + 1
    return standing if review_on == standing.review_on else _with_review(standing, review_on)


_with_review: Final = replacing(Standing, "review_on")
_with_cut: Final = replacing(Standing, "last_cut", "review_on")


def fold_cut(
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, cut: Day
) -> tuple[Standing, Mix, Decision]:
    """Fold the cut that opens a day: move the window, then look at everything that time and the mix can change."""
    mix = moved_window(mix, days, cut - rules.policy.window_days)
    review = Review(mix, days, rules, cut)
    after, notes = _with_scheduled(standing, review)
    after, news = with_broker(after, review)
    notes += news
    after, news = _with_coverage(after, review)
    notes += news
    after, note = with_computed(after, review)
    notes.append(note)
    after, news = _with_flags(after, review)
    notes += news
    after = _with_cut(after, cut, next_review(after, review))
    return after, mix, decision(standing, after, review, notes)


def explained(standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day) -> Decision:
    """Say why an importer is where it is, with the full evidence of today's window; nothing changes by that.

    The reason is what tomorrow's cut would say of what counts today.
    """
    review = Review(mix_on(mix, days, today - rules.policy.window_days), days, rules, today + 1)
    _, (_, by_goods) = with_computed(standing, review)
    words = []
    if not standing.eligible:
        words.append("No Center takes the importer; its work stays with ports (P17).")
    if standing.override:
        words.append(f"Headquarters has placed the importer: {word_of(standing.override)}.")
    elif standing.singly:
        words.append("The importer is a broker: each entry summary goes by its own predominant goods (P11).")
    if standing.scheduled:
        words.append(f"Headquarters has said for later: {word_of(standing.scheduled)}.")
    reason = " ".join([*words, by_goods])
    evidence = evidence_of(review, with_headings=True)
    return Decision(DecisionKind.UNCHANGED, today, standing.center, standing.center, reason, standing, evidence)


def next_review(standing: Standing, review: Review) -> Day:
    """Return the first cut after the review's day that could change anything if the mix stays; 0 if none could.

    The window moves past its oldest day; a challenger completes its cuts, and the placement its age; a provisional
    one its days; a year without entry ends; headquarters' word or another coverage begins.
    """
    (mix, _, rules, today), policy = review, review.rules.policy
    possible = [change] if (change := rules.coverage.next_change(today)) else []
    if mix.days:
        possible.append(mix.oldest_day + policy.window_days + 1)
    if standing.scheduled:
        possible.append(standing.scheduled.effective_on)
    computed = standing.computed
    if computed and not computed.stale:
        possible.append(last_sign_of_life(computed, mix) + policy.stale_after_days + 1)
        if not computed.firm and mix.lines >= policy.firm_lines:
            possible.append(mix.first_day + policy.firm_days)
        if standing.challenger:
            enough_cuts = standing.challenger_since + policy.dwell_cuts - 1
            possible.append(max(enough_cuts, computed.since + policy.settled_days))
    return max(min(possible), today + 1) if possible else 0


def _is_settled(standing: Standing, review: Review) -> bool:
    """Tell whether the next cut would find everything as it is, unless it is one that `next_review` names anyway."""
    computed = standing.computed
    if not computed or standing.challenger:
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
    mix, policy, flags, center = review.mix, review.rules.policy, 0, standing.center
    if not mix.days or not center or not standing.computed or standing.computed.stale:
        return flags
    if len(mix.centers) == 1 and mix.centers[0].center == center and amount(mix.centers[0], policy.measure):
        return flags  # it has everything
    leader = plurality_center(mix, review.days, policy.measure, standing.computed.center)
    if not has_share(mix, policy.measure, leader, policy.flag_below_percent):
        flags |= Flag.NO_CLEAR_LEADER
    elsewhere = most_valuable_center(mix)
    limit = policy.high_value_percent
    if limit and elsewhere != center and has_share(mix, Measure.VALUE, elsewhere, limit):
        flags |= Flag.VALUE_ELSEWHERE
    return flags
