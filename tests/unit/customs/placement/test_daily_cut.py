"""What daily cuts make of a placement: provisional, firm, challenged, moved, flagged, proposed."""

import pytest

from streams.customs.daily_cut import explained
from streams.customs.placement import DecisionKind, Flag, HistoryClass
from streams.customs.tariff import Coverage, CoverageBook, CoverageRow, Day, published_coverage

from .importing import (
    APPAREL,
    BASE_METALS,
    CONSUMER,
    DEFAULTS,
    ELECTRONICS,
    MACHINERY,
    MONDAY,
    Importer,
    goods,
    rules,
)


def firm_importer(lines: int = 20, settled_for: int = 180, **settings: object) -> Importer:
    """Return an importer that is firm in Electronics since MONDAY - settled_for, with lines dated MONDAY."""
    importer = Importer(rules(None, **settings) if settings else DEFAULTS, MONDAY - settled_for)
    early = importer.files(*goods(ELECTRONICS, 20))
    importer.comes_to(MONDAY)
    importer.files(*goods(ELECTRONICS, lines))
    importer.takes_back(early, MONDAY - settled_for)
    importer.decisions.clear()
    return importer


def kinds(importer: Importer) -> list[DecisionKind]:
    """Return what has been decided, what changed nothing left out."""
    return [decision.kind for decision in importer.decisions if decision.kind is not DecisionKind.UNCHANGED]


def test_P8_a_provisional_placement_follows_the_plurality_at_the_next_cut() -> None:
    """Without points and without dwell, yet not between cuts."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.files(*goods(APPAREL), *goods(APPAREL))
    assert importer.standing.center == ELECTRONICS

    [decision] = importer.comes_to(MONDAY + 1)

    assert (decision.kind, decision.former, decision.center) == (DecisionKind.CHANGED, ELECTRONICS, APPAREL)
    assert decision.day == importer.computed.since == MONDAY + 1
    assert not importer.computed.firm
    assert decision.reason == (
        "A provisional placement follows the plurality: Apparel, Footwear and Textiles has 66.6 % of 3 lines; "
        "still provisional (P2)."
    )


def test_P13_a_provisional_placement_stays_in_a_tie() -> None:
    """Equal shares move nobody."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.files(*goods(APPAREL, 1, 10_000))

    importer.comes_to(MONDAY + 1)

    assert importer.standing.center == ELECTRONICS


@pytest.mark.parametrize(
    ("lines", "days", "firm"), [(20, 90, True), (19, 90, False), (20, 89, False), (20, 91, True), (1, 365, False)]
)
def test_P2_twenty_lines_and_ninety_days_make_a_placement_firm(lines: int, days: int, firm: bool) -> None:  # noqa: FBT001 - a case table
    """Both are needed, both sides of both bounds."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, lines))

    importer.comes_to(MONDAY + days)

    assert importer.computed.firm is firm
    assert importer.computed.since == MONDAY
    assert kinds(importer) == [DecisionKind.PLACED] + [DecisionKind.CONFIRMED] * firm


def test_P2_becoming_firm_is_told_with_its_history_class() -> None:
    """The class is that of the day."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 20))

    [decision] = importer.comes_to(MONDAY + 90)

    assert importer.computed.history is HistoryClass.UNDER_ONE_YEAR
    assert decision.reason == (
        "The placement is firm with 20 lines in the window and 90 days of history: Electronics has 100.0 % of 20 lines "
        "(P2)."
    )


def test_P2_a_placement_can_follow_the_plurality_and_become_firm_at_one_cut() -> None:
    """It is firm in the Center that it moves to."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 19))
    importer.comes_to(MONDAY + 100)
    importer.files(*goods(APPAREL, 20))

    [decision] = importer.comes_to(MONDAY + 101)

    assert importer.computed[:3] == (APPAREL, MONDAY + 101, True)
    assert "now firm with 39 lines in the window and 101 days of history" in decision.reason


def test_P2_lines_taken_back_make_no_firm_placement_provisional() -> None:
    """Firm is firm until it goes stale."""
    importer = firm_importer(lines=1)

    importer.comes_to(MONDAY + 1)

    assert importer.mix.lines == 1
    assert importer.computed.firm


def test_P2_days_of_history_count_from_the_first_entry_that_still_stands() -> None:
    """A first entry that was a mistake makes nobody old."""
    importer = Importer()
    mistake = importer.files(*goods(ELECTRONICS, 30), on=MONDAY - 100)
    importer.takes_back(mistake, MONDAY - 100)
    importer.files(*goods(ELECTRONICS, 30))

    importer.comes_to(MONDAY + 89)
    assert not importer.computed.firm
    importer.comes_to(MONDAY + 90)

    assert importer.computed.firm


@pytest.mark.parametrize(("apparel", "challenges"), [(55, True), (54, False)])
def test_P7_a_challenger_must_lead_by_ten_points(apparel: int, challenges: bool) -> None:  # noqa: FBT001 - a case table
    """Ten are enough, nine and a bit are not."""
    importer = firm_importer(lines=45)
    importer.files(*goods(APPAREL, apparel))

    importer.comes_to(MONDAY + 1)

    assert (importer.standing.challenger == APPAREL) is challenges
    assert kinds(importer) == [DecisionKind.PROPOSED] * challenges


def test_P7_a_lead_that_is_too_small_is_explained() -> None:
    """Nothing changes, and the sentence says why."""
    importer = firm_importer(lines=46)
    importer.files(*goods(APPAREL, 54))
    importer.today += 1

    decision = importer.cut()

    assert decision.kind is DecisionKind.UNCHANGED
    assert decision.reason == (
        "Apparel, Footwear and Textiles leads Electronics by 8.0 points, less than the 10 that count (P7)."
    )


@pytest.mark.parametrize(("cuts", "moved"), [(89, False), (90, True)])
def test_P8_a_challenger_moves_the_placement_at_its_ninetieth_consecutive_cut(cuts: int, moved: bool) -> None:  # noqa: FBT001 - a case table
    """The placement is old enough by then."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))

    importer.comes_to(MONDAY + cuts)

    assert (importer.standing.center == APPAREL) is moved
    assert kinds(importer) == [DecisionKind.PROPOSED] + [DecisionKind.CHANGED] * moved


def test_P8_a_move_tells_lead_cuts_and_age() -> None:
    """And begins a firm placement without challenger."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))

    importer.comes_to(MONDAY + 90)

    assert importer.decisions[-1].reason == (
        "Apparel, Footwear and Textiles has 75.0 % of 80 lines and leads Electronics by 50.0 points, at 90 consecutive "
        "cuts since 2026-01-06; the placement was 270 days old (P7, P8)."
    )
    assert importer.computed[:4] == (APPAREL, MONDAY + 90, True, False)
    assert (importer.standing.challenger, importer.standing.challenger_since) == (0, 0)


@pytest.mark.parametrize(("age", "moved"), [(179, False), (180, True)])
def test_P8_the_present_placement_must_be_180_days_old(age: int, moved: bool) -> None:  # noqa: FBT001 - a case table
    """However long the challenger has led."""
    importer = firm_importer(settled_for=90, dwell_cuts=30)
    importer.files(*goods(APPAREL, 60))

    importer.comes_to(MONDAY - 90 + age)

    assert (importer.standing.center == APPAREL) is moved


def test_P8_a_cut_without_the_lead_begins_the_count_anew() -> None:
    """Ninety consecutive cuts, not ninety in all."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))
    importer.comes_to(MONDAY + 50)
    balance = importer.files(*goods(ELECTRONICS, 40))
    importer.comes_to(MONDAY + 51)
    assert importer.standing.challenger == 0
    importer.takes_back(balance, MONDAY + 50)

    importer.comes_to(MONDAY + 52 + 88)
    assert importer.standing.center == ELECTRONICS
    importer.comes_to(MONDAY + 52 + 89)

    assert importer.standing.center == APPAREL
    assert kinds(importer) == [
        DecisionKind.PROPOSED,
        DecisionKind.CONFIRMED,
        DecisionKind.PROPOSED,
        DecisionKind.CHANGED,
    ]


def test_P8_a_lost_and_regained_lead_within_one_day_is_no_cut_without_it() -> None:
    """Only what stands at midnight counts."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))
    importer.comes_to(MONDAY + 50)
    importer.takes_back(importer.files(*goods(ELECTRONICS, 40)), MONDAY + 50)

    importer.comes_to(MONDAY + 90)

    assert importer.standing.center == APPAREL


def test_P8_another_challenger_begins_its_own_count() -> None:
    """The lead is that of one Center."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))
    importer.comes_to(MONDAY + 50)
    importer.files(*goods(MACHINERY, 61))

    importer.comes_to(MONDAY + 51 + 88)
    assert importer.standing[4:6] == (MACHINERY, MONDAY + 51)
    importer.comes_to(MONDAY + 51 + 89)

    assert importer.standing.center == MACHINERY


def test_P8_a_challenger_that_falls_back_is_told() -> None:
    """The placement is confirmed."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))
    importer.comes_to(MONDAY + 1)
    importer.files(*goods(ELECTRONICS, 60))

    [decision] = importer.comes_to(MONDAY + 2)

    assert decision.kind is DecisionKind.CONFIRMED
    assert decision.reason == (
        "Apparel, Footwear and Textiles no longer challenges. Electronics has 57.1 % of 140 lines."
    )


def test_P1_expiry_alone_can_bring_a_challenger() -> None:
    """The day on which old lines leave the window."""
    importer = firm_importer(lines=30)
    importer.comes_to(MONDAY + 100)
    importer.files(*goods(APPAREL, 25), *goods(ELECTRONICS, 1))
    importer.comes_to(MONDAY + 365)
    assert importer.standing.challenger == 0

    importer.comes_to(MONDAY + 366)

    assert importer.standing[4:6] == (APPAREL, MONDAY + 366)


def test_a_firm_importer_whose_goods_have_all_left_the_window_is_kept() -> None:
    """With a shorter window than the time after which it is stale."""
    importer = firm_importer(window_days=100)
    importer.comes_to(MONDAY + 101)
    importer.today += 1

    decision = importer.cut()

    assert importer.mix.days == 0
    assert decision.reason == "Nothing counts in the window: Electronics is kept."


def test_P18_a_stale_placement_has_no_challenger() -> None:
    """And nothing is decided until the next entry."""
    importer = firm_importer(stale_after_days=100, settled_for=95)
    importer.files(*goods(APPAREL, 60), *goods(MACHINERY, 60))
    importer.comes_to(MONDAY + 101)
    assert importer.computed.stale
    importer.takes_back(importer.files(*goods(ELECTRONICS, 1), on=MONDAY), MONDAY)

    importer.today += 1
    decision = importer.cut()

    assert importer.mix.lines == 140
    assert (importer.standing.challenger, importer.standing.flags) == (0, 0)
    assert decision.reason == "The placement is stale and is kept until the next entry (P18)."


def test_P18_going_stale_ends_a_challenge() -> None:
    """The silence came before the ninety cuts were full."""
    importer = firm_importer(stale_after_days=30, settled_for=20, firm_days=0)
    importer.files(*goods(APPAREL, 60))
    importer.comes_to(MONDAY + 30)
    assert importer.standing[4:6] == (APPAREL, MONDAY + 1)

    importer.comes_to(MONDAY + 31)

    assert importer.computed[:4] == (ELECTRONICS, MONDAY - 20, True, True)
    assert importer.standing[4:6] == (0, 0)
    assert importer.decisions[-1].reason == "No entry for 31 days: the placement is kept, and stale (P18)."


@pytest.mark.parametrize(("electronics", "flagged"), [(40, False), (39, True)])
def test_P6_a_leader_below_forty_percent_is_flagged(electronics: int, flagged: bool) -> None:  # noqa: FBT001 - a case table
    """Of a hundred lines; nothing else changes."""
    importer = firm_importer(lines=electronics)
    rest = 100 - electronics
    importer.files(*goods(APPAREL, 30), *goods(MACHINERY, rest - 30))

    importer.comes_to(MONDAY + 1)

    assert importer.standing.flags == (Flag.NO_CLEAR_LEADER if flagged else 0)
    assert kinds(importer) == [DecisionKind.FLAGGED] * flagged


def test_P6_a_flag_is_raised_and_lowered_once() -> None:
    """Each change is told, with a sentence for a person."""
    importer = firm_importer(lines=30)
    extra = importer.files(*goods(APPAREL, 25), *goods(MACHINERY, 25), *goods(BASE_METALS, 25))
    [raised] = importer.comes_to(MONDAY + 1)
    assert importer.comes_to(MONDAY + 5) == ()
    importer.takes_back(extra, MONDAY)

    [lowered] = importer.comes_to(MONDAY + 6)

    assert raised.reason.endswith("To be looked at: no Center has 40 % (P6).")
    assert lowered.reason.endswith("Nothing is left to be looked at (P5, P6).")


@pytest.mark.parametrize(("value_usd", "flagged"), [(300, True), (299, False)])
def test_P5_another_center_with_most_of_the_value_is_flagged_where_that_is_switched_on(
    value_usd: int,
    flagged: bool,  # noqa: FBT001 - a case table
) -> None:
    """Three quarters of the value, with few lines."""
    importer = Importer(rules(high_value_percent=75))
    importer.files(*goods(ELECTRONICS, 10, 10), *goods(APPAREL, 1, value_usd))

    importer.comes_to(MONDAY + 1)

    assert importer.standing.flags == (Flag.VALUE_ELSEWHERE if flagged else 0)
    if flagged:
        assert "Apparel, Footwear and Textiles has 75.0 % of 400 dollars (P5)" in importer.decisions[-1].reason


def test_P5_is_off_by_default() -> None:
    """Value alone moves and flags nothing."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 10, 10), *goods(APPAREL, 1, 1_000_000))

    importer.comes_to(MONDAY + 1)

    assert importer.standing.flags == 0


NEW_DAY = MONDAY + 30


def moved_toys() -> CoverageBook:
    """Return the shipped coverage, and one from NEW_DAY on that gives toys to Machinery."""
    published = published_coverage().versions[0]
    rows = [CoverageRow(prefix, prefix, center) for prefix, center in published.centers.items() if prefix != "95"]
    changed = Coverage.from_rows("2026-02", NEW_DAY, [*rows, CoverageRow("95", "95", MACHINERY)])
    return CoverageBook((published, changed))


def test_P12_a_new_coverage_proposes_and_moves_nothing() -> None:
    """Neither a provisional nor a firm placement."""
    for lines in (1, 50):
        importer = Importer(rules(moved_toys()), MONDAY - 100)
        importer.files(*goods(CONSUMER, lines))
        importer.comes_to(NEW_DAY - 1)
        importer.decisions.clear()

        [decision] = importer.comes_to(NEW_DAY)

        assert decision.kind is DecisionKind.PROPOSED
        assert decision.reason.startswith(
            f"Under coverage 2026-02 Machinery would lead with 100.0 % of {lines} lines; entries from its first day on "
            "count under it, nothing moves by that alone (P12)."
        )
        assert importer.standing.center == CONSUMER
        assert importer.comes_to(NEW_DAY + 60) == ()


def test_P12_entries_from_its_first_day_on_count_under_a_new_coverage() -> None:
    """So that the ordinary rules move the importer, day by day and never in the mass."""
    importer = Importer(rules(moved_toys()))
    importer.files(*goods(CONSUMER, 3))
    importer.comes_to(NEW_DAY)

    importer.files(*goods(CONSUMER, 2), on=NEW_DAY - 1)
    assert [count[:2] for count in importer.mix.centers] == [(CONSUMER, 5)]
    importer.files(*goods(CONSUMER, 6))
    assert [count[:2] for count in importer.mix.centers] == [(CONSUMER, 5), (MACHINERY, 6)]

    importer.comes_to(NEW_DAY + 1)
    assert importer.standing.center == MACHINERY


def test_P12_a_new_coverage_that_changes_nothing_for_an_importer_is_no_news() -> None:
    """It is noted as looked at."""
    importer = Importer(rules(moved_toys()))
    importer.files(*goods(APPAREL))

    assert importer.comes_to(NEW_DAY) == ()
    assert importer.standing.coverage_version == "2026-02"


def test_P12_the_proposal_is_counted_by_value_where_that_is_the_measure() -> None:
    """Few dear toys against many cheap shirts."""
    importer = Importer(rules(moved_toys(), measure="value"))
    importer.files(*goods(CONSUMER, 1, 1_000), *goods(APPAREL, 9, 1))

    [decision] = importer.comes_to(NEW_DAY)

    assert "Machinery would lead with 99.1 % of 1009 dollars" in decision.reason


def test_P12_an_importer_without_a_placement_gets_no_proposal() -> None:
    """There is nothing to compare with."""
    importer = Importer(rules(moved_toys(), minimum_summaries=2))
    importer.files(*goods(CONSUMER))

    assert importer.comes_to(NEW_DAY) == ()


def test_P21_a_late_event_changes_later_cuts_only() -> None:
    """The challenge begins at the cut after it was known, not on its entry day."""
    importer = firm_importer()
    importer.comes_to(MONDAY + 50)

    importer.files(*goods(APPAREL, 60), on=MONDAY + 5)
    importer.comes_to(MONDAY + 60)

    assert importer.standing[4:6] == (APPAREL, MONDAY + 51)


def test_no_cut_is_due_where_nothing_could_change() -> None:
    """A firm importer of one Center is looked at again when its oldest day leaves the window."""
    importer = firm_importer()
    importer.comes_to(MONDAY + 1)
    assert importer.standing.review_on == MONDAY + 366

    importer.comes_to(MONDAY + 10)
    importer.files(*goods(ELECTRONICS, 5))

    assert importer.standing.review_on == MONDAY + 366
    assert importer.standing.last_cut == MONDAY - 90


def test_a_cut_is_due_tomorrow_where_what_was_counted_could_change_something() -> None:
    """A leader elsewhere is enough."""
    importer = firm_importer()
    importer.comes_to(MONDAY + 10)

    importer.files(*goods(APPAREL, 100))

    assert importer.standing.review_on == MONDAY + 11


def test_no_cut_is_ever_due_for_one_who_has_nothing() -> None:
    """Nothing placed, nothing counted."""
    importer = Importer()
    importer.cut()

    assert importer.standing.review_on == 0
    assert importer.comes_to(MONDAY + 10_000) == ()


def test_several_due_cuts_are_folded_in_their_order() -> None:
    """A year of silence is caught up with at once: made firm, then stale."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 20))

    decisions = importer.comes_to(MONDAY + 1_000)

    assert [(decision.kind, decision.day) for decision in decisions] == [
        (DecisionKind.CONFIRMED, MONDAY + 90),
        (DecisionKind.STALE, MONDAY + 366),
    ]
    assert importer.standing.review_on == 0
    assert importer.days == {}


def test_P12_when_the_rules_themselves_change_every_importer_is_looked_at_tomorrow() -> None:
    """Also one whose goods are all of one Center, by a coverage that is in force already."""
    importer = firm_importer()
    importer.comes_to(NEW_DAY + 5)
    assert importer.standing.review_on == MONDAY + 366
    importer.rules = rules(CoverageBook((*published_coverage().versions, computers_are_apparel())))

    importer.rules_changed()
    [decision] = importer.comes_to(NEW_DAY + 6)

    assert decision.kind is DecisionKind.PROPOSED
    assert "Under coverage odd Apparel, Footwear and Textiles would lead" in decision.reason


def computers_are_apparel() -> Coverage:
    """Return a coverage from NEW_DAY on that gives computers to Apparel."""
    return Coverage.from_rows("odd", NEW_DAY, [CoverageRow("84", "84", APPAREL)])


def test_P5_an_importer_that_no_center_takes_is_not_flagged() -> None:
    """There is no placement to look at."""
    importer = Importer(rules(high_value_percent=75))
    importer.files(*goods(ELECTRONICS, 10, 10), *goods(APPAREL, 1, 1_000))
    importer.becomes(eligible=False)

    importer.comes_to(MONDAY + 1)

    assert importer.standing.flags == 0


def test_a_placement_can_be_explained_at_any_time() -> None:
    """With what tomorrow's cut would say, and the headings behind it; nothing changes by that."""
    importer = firm_importer()
    importer.files(*goods(APPAREL, 60))
    importer.comes_to(MONDAY + 34)
    standing = importer.standing

    decision = explained(importer.standing, importer.mix, importer.days, importer.rules, importer.today)

    assert (decision.kind, decision.center, decision.standing) == (DecisionKind.UNCHANGED, ELECTRONICS, standing)
    assert decision.reason == (
        "Apparel, Footwear and Textiles has 75.0 % of 80 lines and leads Electronics by 50.0 points, at 35 consecutive "
        "cuts since 2026-01-06; a move takes 90 cuts and a placement of 180 days, it has 215 (P8)."
    )
    assert decision.evidence.headings == (("6109", APPAREL, 60, 6_000), ("8471", ELECTRONICS, 20, 2_000))


def test_an_explanation_begins_with_the_word_of_headquarters() -> None:
    """In force and for later."""
    importer = firm_importer()
    importer.is_put_in(APPAREL)
    importer.is_put_in(MACHINERY, MONDAY + 30)

    decision = explained(importer.standing, importer.mix, importer.days, importer.rules, importer.today)

    assert decision.reason == (
        "Headquarters has placed the importer: Apparel, Footwear and Textiles from 2026-01-05 on the ground of "
        'business_practice ("because"). Headquarters has said for later: Machinery from 2026-02-04 on the ground of '
        'business_practice ("because"). Electronics has 100.0 % of 20 lines.'
    )


def test_P1_an_explanation_is_of_todays_window_also_where_no_cut_was_due() -> None:
    """Days that have left it since the last cut count no longer, and are not forgotten by looking."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 2), on=MONDAY - 365)
    importer.files(*goods(ELECTRONICS), on=MONDAY - 300)
    known = dict(importer.days)

    def window_on(day: Day) -> tuple[Day, int]:
        evidence = explained(importer.standing, importer.mix, importer.days, importer.rules, day).evidence
        return evidence.window_from, sum(count.lines for count in evidence.centers)

    assert window_on(MONDAY) == (MONDAY - 365, 3)
    assert window_on(MONDAY + 1) == (MONDAY - 364, 1)
    assert window_on(MONDAY + 65) == (MONDAY - 300, 1)
    assert window_on(MONDAY + 66) == (MONDAY - 299, 0)
    assert importer.days == known


def test_an_explanation_says_why_no_center_has_an_importer_whose_goods_have_one() -> None:
    """It is not eligible, or a broker; what its goods say comes after."""
    ineligible, broker = Importer(), Importer()
    for importer in (ineligible, broker):
        importer.files(*goods(ELECTRONICS))
    ineligible.becomes(eligible=False)
    broker.turns_out(broker=True)

    reasons = [
        explained(importer.standing, importer.mix, importer.days, importer.rules, importer.today).reason
        for importer in (ineligible, broker)
    ]

    assert reasons[0].startswith(
        "No Center takes the importer; its work stays with ports (P17). Electronics has 100.0 %"
    )
    assert reasons[1].startswith(
        "The importer is a broker: each entry summary goes by its own predominant goods (P11)."
    )
