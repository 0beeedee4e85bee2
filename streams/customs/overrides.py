"""What headquarters decides of an importer's placement: overrides, and whether Centers take the importer at all.

Source: 19 CFR 101.10(b): an importer may be placed elsewhere than by the number of its goods, for its business
practices, the intended use of the goods or their high relative value.
"""

from streams.customs.broker import with_broker
from streams.customs.decision import Decision, DecisionKind, Note, decision, moved_kind, word_of
from streams.customs.evidence import Review, dated, named
from streams.customs.placement import placed, placement_in
from streams.customs.policy import PlacementRules
from streams.customs.standing import NOWHERE, Override, Standing
from streams.customs.tariff_mix import CountedDays, Day, Mix


def set_override(  # noqa: PLR0913, PLR0917 - the five that every decision looks at, and the word itself
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, override: Override, today: Day
) -> tuple[Standing, Decision]:
    """Put an importer in a Center by hand; at once, or at the cut of a later effective day.

    The latest word counts: it takes the place of an earlier one, in force or scheduled. The computation goes on
    beside it, and the decision says whether the two differ.
    """
    review = Review(mix, days, rules, today)
    if override.effective_on > today:
        after = _looked_at_tomorrow(standing._replace(scheduled=override), today)
        return after, decision(standing, after, review, [(DecisionKind.SCHEDULED, _sentence(after, override))])
    after = _looked_at_tomorrow(standing._replace(override=override, scheduled=None), today)
    if after == _looked_at_tomorrow(standing, today):
        note = DecisionKind.UNCHANGED, f"Headquarters has said so before: {word_of(override)}."
        return standing, decision(standing, standing, review, [note])
    return after, decision(standing, after, review, [(_kind(standing, after), _sentence(after, override))])


def remove_override(  # noqa: PLR0913, PLR0917 - the five that every decision looks at, and why
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day, reason: str
) -> tuple[Standing, Decision]:
    """End an override, in force or scheduled: the importer returns to its computed placement, or to none.

    A computed placement elsewhere begins anew on this day, so that P8 protects it like any other.
    """
    review = Review(mix, days, rules, today)
    former = standing.override or standing.scheduled
    if not former:
        note = DecisionKind.UNCHANGED, "Headquarters has not placed the importer: there is nothing to end."
        return standing, decision(standing, standing, review, [note])
    computed = standing.computed
    after = standing._replace(override=None, scheduled=None)
    notes: list[Note] = []
    if not computed:
        after, note = placed(after, review)
        notes.append((DecisionKind.UNCHANGED, note[1]))
    elif standing.diverges:
        renewed = placement_in(computed.center, review, firm=computed.firm)._replace(stale=computed.stale)
        after = after._replace(computed=renewed, challenger=NOWHERE, challenger_since=0)
    place = named(after.center) if after.center else "no Center"
    sentence = f"Headquarters ends its placement in {named(former.center)} ({reason}): the importer is in {place}."
    notes.insert(0, (_kind(standing, after), sentence))
    after = _looked_at_tomorrow(after, today)
    return after, decision(standing, after, review, notes)


def set_eligible(  # noqa: PLR0913 - the five that every decision looks at, and the word itself
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day, *, eligible: bool
) -> tuple[Standing, Decision]:
    """P17: Note whether Centers take the importer at all; the computation goes on either way."""
    review = Review(mix, days, rules, today)
    if standing.eligible == eligible:
        note = DecisionKind.UNCHANGED, "The importer is so already."
        return standing, decision(standing, standing, review, [note])
    after = _looked_at_tomorrow(standing._replace(eligible=eligible), today)
    sentence = (
        "Centers take the importer again." if eligible else "No Center takes the importer; its work stays with ports."
    )
    return after, decision(standing, after, review, [(_kind(standing, after), f"{sentence} (P17)")])


def set_broker(  # noqa: PLR0913 - the five that every decision looks at, and the fact itself
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day, *, broker: bool
) -> tuple[Standing, Decision]:
    """P11: Note whether the importer is a broker; the computation goes on either way."""
    review = Review(mix, days, rules, today)
    after, notes = with_broker(_looked_at_tomorrow(standing._replace(broker=broker), today), review)
    if not notes:
        notes = [(DecisionKind.UNCHANGED, "Whether the importer is a broker changes nothing (P11).")]
    return after, decision(standing, after, review, notes)


def set_inactive(
    standing: Standing, mix: Mix, days: CountedDays, rules: PlacementRules, today: Day
) -> tuple[Standing, Decision]:
    """P18: Keep the placement of an importer whose number CBP has made inactive, stale: its next entry places anew."""
    review = Review(mix, days, rules, today)
    computed = standing.computed
    if not computed or computed.stale:
        note = DecisionKind.UNCHANGED, "There is no placement that could become stale."
        return standing, decision(standing, standing, review, [note])
    stale = standing._replace(computed=computed._replace(stale=True), challenger=NOWHERE, challenger_since=0)
    after = _looked_at_tomorrow(stale, today)
    note = DecisionKind.STALE, "CBP has made the importer inactive: the placement is kept, and stale (P18)."
    return after, decision(standing, after, review, [note])


def _kind(before: Standing, after: Standing) -> DecisionKind:
    return moved_kind(before) if before.center != after.center else DecisionKind.CONFIRMED


def _sentence(after: Standing, override: Override) -> str:
    computed = after.computed
    beside = ""
    if computed and computed.center != override.center:
        beside = f" By its goods it is in {named(computed.center)} since {dated(computed.since)}."
    return f"Headquarters places the importer: {word_of(override)}.{beside}"


def _looked_at_tomorrow(standing: Standing, today: Day) -> Standing:
    return standing._replace(review_on=today + 1)
