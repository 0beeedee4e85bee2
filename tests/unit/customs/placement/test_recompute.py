"""What the rules of a day would change, before anyone applies them."""

import pytest

from streams.customs.policy import PlacementRules
from streams.customs.recompute import Prospect, Recomputed, recomputed
from streams.customs.rule_book import Adopted, rules_of

from .importing import APPAREL, DEFAULTS, ELECTRONICS, MACHINERY, MONDAY, Importer, goods
from .test_rule_book import COMPUTERS_TO_MACHINERY, version

REFORM = MONDAY + 200


def reformed(**policy: str) -> PlacementRules:
    """Return rules that give computers to Machinery from REFORM on."""
    words = [(key, [value]) for key, value in policy.items()]
    parts = {"coverage_version": "reform", "coverage": COMPUTERS_TO_MACHINERY, "policy": words}
    return rules_of(DEFAULTS, [Adopted(REFORM, version("reform", REFORM, **parts))])


def firm_importer() -> Importer:
    """Return an importer that is firm in Electronics, with a third of its lines in Apparel."""
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 20), *goods(APPAREL, 10))
    importer.comes_to(MONDAY + 100)
    assert importer.computed.firm
    return importer


def found(importer: Importer, rules: PlacementRules, day: int = REFORM) -> Recomputed:
    return recomputed(importer.standing, importer.mix, importer.days, rules, day)


def test_P12_a_firm_placement_would_be_challenged_by_the_center_of_the_new_coverage() -> None:
    """Nothing moves by asking."""
    importer = firm_importer()
    before = (importer.standing, importer.mix, dict(importer.days))

    result = found(importer, reformed())

    assert (result.prospect, result.center, result.computed, result.leader) == (
        Prospect.WOULD_BE_CHALLENGED,
        ELECTRONICS,
        ELECTRONICS,
        MACHINERY,
    )
    assert "Machinery would have 66.6 % of 30 lines" in result.reason
    assert before == (importer.standing, importer.mix, dict(importer.days))
    assert found(importer, reformed(), REFORM - 1).prospect is Prospect.STAYS


def test_P2_a_provisional_placement_would_move_at_once() -> None:
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 2))

    assert found(importer, reformed()).prospect is Prospect.WOULD_MOVE


def test_P7_a_lead_that_does_not_count_changes_nothing() -> None:
    importer = Importer()
    importer.files(*goods(ELECTRONICS, 20), *goods(MACHINERY, 19))
    importer.comes_to(MONDAY + 100)
    importer.files(*goods(MACHINERY, 3), on=MONDAY + 99)

    result = found(importer, DEFAULTS)

    assert (result.prospect, result.leader) == (Prospect.STAYS, MACHINERY)
    assert "less than 10 (P7)" in result.reason


@pytest.mark.parametrize(
    ("day", "prospect"), [(MONDAY + 365, Prospect.WOULD_BE_CHALLENGED), (MONDAY + 366, Prospect.UNPLACED)]
)
def test_P1_what_has_left_the_window_on_that_day_does_not_count(day: int, prospect: Prospect) -> None:
    assert found(firm_importer(), reformed(), day).prospect is prospect


def test_P18_a_silent_importer_would_be_stale() -> None:
    rules = reformed(stale_after_days="150")

    assert found(firm_importer(), rules, MONDAY + 200).prospect is Prospect.WOULD_BE_STALE


@pytest.mark.parametrize("measure", ["value", "lines_then_value", "entry_summaries"])
def test_P4_every_measure_can_be_tried(measure: str) -> None:
    """What summaries are made of is not kept per day: lines stand for them."""
    assert found(firm_importer(), reformed(measure=measure)).leader == MACHINERY


def test_an_importer_without_a_placement_has_no_prospect() -> None:
    assert found(Importer(), reformed()) == Recomputed(
        Prospect.UNPLACED, 0, 0, 0, "There is no placement, or nothing counts on that day."
    )
