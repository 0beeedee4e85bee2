"""The first placement of an importer, and the one after a year of silence."""

import pytest

from streams.customs.cases import INELIGIBLE, PENDING
from streams.customs.ledger import desk_of
from streams.customs.placement import Basis, DecisionKind, HistoryClass, history_class
from streams.customs.tariff import published_coverage

from .importing import APPAREL, CONSUMER, DEFAULTS, ELECTRONICS, MONDAY, Importer, Line, goods, rules


def test_P16_an_importer_without_entries_is_pending() -> None:
    """No Center has it, and nobody knows why yet."""
    importer = Importer()

    assert desk_of(importer.standing) == PENDING
    assert (importer.standing.center, importer.standing.effective_from) == (0, 0)


def test_P2_the_first_summary_places_at_once_and_provisionally() -> None:
    """Before it is routed, on the ground of its goods."""
    importer = Importer()

    importer.files(*goods(ELECTRONICS, 2), *goods(APPAREL))

    assert desk_of(importer.standing) == ELECTRONICS
    assert importer.computed == (
        ELECTRONICS,
        MONDAY,
        False,
        False,
        HistoryClass.NEW,
        "default",
        published_coverage().in_force(MONDAY).version,
    )
    assert importer.standing.basis is Basis.PREDOMINANT_GOODS
    assert importer.standing.effective_from == MONDAY


def test_the_first_placement_tells_what_it_rests_on() -> None:
    """Window, headings, Centers, versions, and a sentence."""
    importer = Importer()

    importer.files(*goods(ELECTRONICS, 2, 70), *goods(APPAREL, 1, 500))

    [decision] = importer.decisions
    assert (decision.kind, decision.former, decision.center) == (DecisionKind.PLACED, 0, ELECTRONICS)
    assert decision.reason == (
        "The first entries put the importer in Electronics with 66.6 % of 3 lines, provisionally (P2)."
    )
    evidence = decision.evidence
    assert (evidence.window_from, evidence.first_day, evidence.last_day) == (MONDAY - 365, MONDAY, MONDAY)
    assert evidence.centers == ((APPAREL, 1, 500, 1), (ELECTRONICS, 2, 140, 1))
    assert evidence.headings == (("6109", APPAREL, 1, 500), ("8471", ELECTRONICS, 2, 140))
    assert (evidence.summaries, evidence.measure, evidence.policy_version) == (1, "lines", "default")
    assert evidence.coverage_version == "published-2017"


def test_P2_a_summary_without_a_vote_places_nobody() -> None:
    """Provisions accompany goods, they are none."""
    importer = Importer()

    importer.files(Line((("9801001098", 100),)))

    assert desk_of(importer.standing) == PENDING
    assert importer.decisions[-1].kind is DecisionKind.UNCHANGED
    assert importer.decisions[-1].reason.startswith("0 of 1 entry summaries")


@pytest.mark.parametrize(("filed", "placed"), [(2, False), (3, True)])
def test_P2_the_minimum_history_can_be_raised(filed: int, placed: bool) -> None:  # noqa: FBT001 - a case table
    """Until it is reached the importer is pending."""
    importer = Importer(rules(minimum_summaries=3))

    for _ in range(filed):
        importer.files(*goods(ELECTRONICS))

    assert bool(importer.standing.center) is placed


def test_P6_without_a_majority_nobody_is_placed_where_one_is_asked_for() -> None:
    """The next summary may bring it."""
    importer = Importer(rules(predominance="majority"))
    importer.files(*goods(ELECTRONICS), *goods(APPAREL))
    assert importer.standing.center == 0
    assert importer.decisions[-1].reason == "No Center has a majority (P6)."

    importer.files(*goods(APPAREL))

    assert importer.standing.center == APPAREL


def test_P6_a_majority_that_expiry_brings_places_at_the_cut() -> None:
    """The cut is due on the day on which the oldest day leaves."""
    importer = Importer(rules(predominance="majority"))
    importer.files(*goods(ELECTRONICS, 2))
    importer = Importer(rules(predominance="majority"))
    importer.files(*goods(ELECTRONICS), *goods(APPAREL))
    importer.comes_to(MONDAY + 10)
    importer.files(*goods(APPAREL), *goods(CONSUMER))
    assert importer.standing.center == 0

    importer.comes_to(MONDAY + 365)
    assert importer.standing.center == 0
    importer.files(*goods(APPAREL))
    importer.comes_to(MONDAY + 366)

    assert importer.standing.center == APPAREL


def test_P2_a_placed_importer_is_not_placed_again() -> None:
    """Cuts alone move it."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))

    importer.files(*goods(APPAREL, 10))

    assert importer.standing.center == ELECTRONICS
    assert importer.decisions[-1].reason == "The importer is placed in Electronics already."


@pytest.mark.parametrize(
    ("first_day", "history"),
    [
        (0, HistoryClass.NEW),
        (MONDAY + 5, HistoryClass.NEW),
        (MONDAY, HistoryClass.NEW),
        (MONDAY - 1, HistoryClass.UNDER_ONE_YEAR),
        (MONDAY - 364, HistoryClass.UNDER_ONE_YEAR),
        (MONDAY - 365, HistoryClass.OVER_ONE_YEAR),
    ],
)
def test_P3_a_history_is_new_under_or_over_one_year(first_day: int, history: HistoryClass) -> None:
    """Both sides of both bounds."""
    assert history_class(first_day, MONDAY) is history


def test_P3_the_history_class_is_stored_with_the_placement() -> None:
    """An importer whose first known entry is half a year old is not new."""
    importer = Importer()

    importer.files(*goods(ELECTRONICS), on=MONDAY - 180)

    assert importer.computed.history is HistoryClass.UNDER_ONE_YEAR


def test_P21_an_entry_older_than_the_window_places_nobody_but_is_history() -> None:
    """The next one finds an importer that is not new."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS), on=MONDAY - 366)
    assert importer.standing.center == 0

    importer.files(*goods(ELECTRONICS))

    assert importer.computed.history is HistoryClass.OVER_ONE_YEAR


def test_P17_an_importer_that_no_center_takes_has_no_destination_but_a_computed_placement() -> None:
    """When Centers take it again, its place is known."""
    importer = Importer()
    importer.becomes(eligible=False)

    importer.files(*goods(ELECTRONICS))

    assert desk_of(importer.standing) == INELIGIBLE
    assert importer.computed.center == ELECTRONICS

    importer.becomes(eligible=True)
    assert desk_of(importer.standing) == ELECTRONICS


@pytest.mark.parametrize(("days", "stale"), [(365, False), (366, True)])
def test_P18_a_placement_is_kept_365_days_after_the_last_entry_and_then_stale(days: int, stale: bool) -> None:  # noqa: FBT001 - a case table
    """Stale or not, the Center keeps the importer."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))

    importer.comes_to(MONDAY + days)

    assert importer.computed.stale is stale
    assert importer.standing.center == ELECTRONICS
    kinds = [decision.kind for decision in importer.decisions]
    assert (DecisionKind.STALE in kinds) is stale


def test_P18_the_next_entry_places_a_stale_importer_anew() -> None:
    """At once, provisionally, by the goods that then count."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 50))
    importer.comes_to(MONDAY + 400)

    importer.files(*goods(APPAREL))

    decision = importer.decisions[-1]
    assert (decision.kind, decision.former, decision.center) == (DecisionKind.CHANGED, ELECTRONICS, APPAREL)
    assert decision.reason.startswith("The first entry since the placement went stale put the importer in Apparel")
    assert (importer.computed.since, importer.computed.firm, importer.computed.stale) == (MONDAY + 400, False, False)
    assert importer.computed.history is HistoryClass.OVER_ONE_YEAR


def test_P18_a_stale_importer_may_come_back_to_its_center() -> None:
    """Which is a new placement in the same place."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS))
    importer.comes_to(MONDAY + 400)

    importer.files(*goods(ELECTRONICS))

    assert importer.decisions[-1].kind is DecisionKind.CONFIRMED
    assert importer.computed.since == MONDAY + 400
    assert not importer.computed.stale


@pytest.mark.parametrize(("entry_day", "stale"), [(MONDAY + 400 - 101, True), (MONDAY + 400 - 100, False)])
def test_P18_an_entry_that_is_itself_too_old_ends_no_silence(entry_day: int, stale: bool) -> None:  # noqa: FBT001 - a case table
    """The limit can be shorter than the window; late events count by their entry date."""
    importer = Importer(rules(stale_after_days=100))
    importer.files(*goods(ELECTRONICS))
    importer.comes_to(MONDAY + 400)

    importer.files(*goods(APPAREL), on=entry_day)

    assert importer.computed.stale is stale
    assert importer.standing.center == (ELECTRONICS if stale else APPAREL)


@pytest.mark.parametrize(("days", "stale"), [(365, False), (366, True)])
def test_P18_an_importer_whose_only_summary_was_taken_back_goes_stale_a_year_after_its_placement(
    days: int,
    stale: bool,  # noqa: FBT001 - a case table
) -> None:
    """There is no last entry to count from."""
    importer = Importer()
    importer.takes_back(importer.files(*goods(ELECTRONICS)), MONDAY)

    importer.comes_to(MONDAY + days)

    assert importer.computed.stale is stale
    assert importer.standing.center == ELECTRONICS


def test_no_default_rule_depends_on_the_order_of_lines() -> None:
    """The same summary in another order places alike."""
    one, other = Importer(), Importer()

    one.files(*goods(ELECTRONICS), *goods(APPAREL, 1, 90))
    other.files(*goods(APPAREL, 1, 90), *goods(ELECTRONICS))

    assert one.standing == other.standing
    assert one.rules is DEFAULTS
