"""CBP's file about an importer: eligible, voided, inactive, a broker."""

from streams.customs.cases import INELIGIBLE, PENDING
from streams.customs.entry_summary import Entry, broken_rule
from streams.customs.events import PlacementSet, ProfileChanged
from streams.customs.life_cycle import Kind, State
from streams.customs.outcomes import Outcome, Placed
from streams.customs.placement import Decision, DecisionKind
from streams.customs.policy import PlacementPolicy
from tests.unit.customs.kit import (
    APPAREL,
    COMPUTER,
    ELECTRONICS,
    IMPORTER,
    RULES,
    SHIRT,
    Account,
    at,
    cause,
    day,
    entry_numbers,
    fact,
    line,
    summary,
    work_of,
)

NUMBERS = [number for number, _ in zip(entry_numbers(), range(9), strict=False)]
UNPLACED = "9801001000"


def profile(
    when: str = "2026-03-05T12:00:00", *, eligible: bool = True, status: str = "", is_broker: bool | None = None
) -> ProfileChanged:
    return ProfileChanged(cause(at(when)), IMPORTER, eligible, status, is_broker)


def decisions(outcomes: list[Outcome]) -> list[Decision]:
    return [outcome.decision for outcome in outcomes if isinstance(outcome, Placed)]


def desks(outcomes: list[Outcome]) -> set[int]:
    return {item.desk for item in work_of(outcomes)}


def test_P11_each_summary_of_a_broker_goes_by_its_own_predominant_goods() -> None:
    """Cases that are open stay where they are; a summary without a voting line is pending."""
    account = Account()
    account.tell(summary(line(COMPUTER)))

    [decision] = decisions(account.tell(profile(is_broker=True)))
    shirts = account.tell(summary(line(SHIRT), line(SHIRT), line(COMPUTER, value=9_000), number=NUMBERS[0]))
    computers = account.tell(summary(line(COMPUTER), number=NUMBERS[1]))
    provisions = account.tell(summary(line(UNPLACED), number=NUMBERS[2]))

    assert (decision.kind, decision.former, decision.center) == (DecisionKind.CHANGED, ELECTRONICS, 0)
    assert (desks(shirts), desks(computers), desks(provisions)) == ({APPAREL}, {ELECTRONICS}, {PENDING})
    assert account.center() == APPAREL or account.center() == ELECTRONICS  # the computation goes on beside it


def test_P11_a_tie_within_a_summary_goes_by_value_and_then_by_the_lower_number() -> None:
    account = Account()
    account.tell(profile(is_broker=True))

    by_value = account.tell(summary(line(COMPUTER, value=200), line(SHIRT), number=NUMBERS[0]))
    by_number = account.tell(summary(line(COMPUTER), line(SHIRT), number=NUMBERS[1]))

    assert (desks(by_value), desks(by_number)) == ({ELECTRONICS}, {APPAREL})


def test_P11_headquarters_places_a_broker_all_the_same() -> None:
    """And once that ends, its summaries go by their goods again."""
    account = Account()
    account.tell(profile(is_broker=True))
    account.tell(
        PlacementSet(cause(at("2026-03-06T12:00:00")), IMPORTER, APPAREL, "broker", "its clients", day("2026-03-06"))
    )

    placed = account.tell(summary(line(COMPUTER), number=NUMBERS[0]))
    account.tell(PlacementSet(cause(at("2026-03-07T12:00:00")), IMPORTER, 0, "broker", "no longer", day("2026-03-07")))
    singly = account.tell(summary(line(COMPUTER), number=NUMBERS[1]))

    assert (desks(placed), desks(singly)) == ({APPAREL}, {ELECTRONICS})


def test_P11_an_importer_that_is_no_broker_any_more_is_in_its_computed_center() -> None:
    account = Account()
    account.tell(summary(line(COMPUTER)))
    account.tell(profile(is_broker=True))

    [decision] = decisions(account.tell(profile("2026-03-06T12:00:00", is_broker=False)))

    assert (decision.kind, decision.center) == (DecisionKind.PLACED, ELECTRONICS)


def test_P11_where_the_policy_says_so_a_broker_is_placed_like_any_importer() -> None:
    """A policy that begins later changes it at its first cut."""
    rules = RULES._replace(policy=PlacementPolicy.from_settings({"broker_importer": "as_importer"}))
    account = Account(rules)
    account.tell(summary(line(COMPUTER)))

    assert decisions(account.tell(profile(is_broker=True))) == []
    account.rules = RULES._replace(begins=day("2026-03-10"), earlier=rules)
    [decision] = decisions(account.cut("2026-03-10"))

    assert (decision.kind, decision.center) == (DecisionKind.CHANGED, 0)
    assert "by its own predominant goods (P11)" in decision.reason


def test_P17_no_center_takes_a_voided_number_until_it_is_active_again() -> None:
    account = Account()
    account.tell(summary(line(COMPUTER)))

    account.tell(profile(status="voided"))
    voided = account.tell(summary(line(COMPUTER), number=NUMBERS[0]))
    account.tell(profile("2026-03-06T12:00:00", status="active"))
    active = account.tell(summary(line(COMPUTER), number=NUMBERS[1]))

    assert (desks(voided), desks(active)) == ({INELIGIBLE}, {ELECTRONICS})


def test_P18_an_inactive_importer_keeps_its_placement_stale_and_its_next_entry_places_anew() -> None:
    account = Account()
    account.tell(summary(line(COMPUTER)))

    [decision] = decisions(account.tell(profile(status="inactive")))
    again = decisions(account.tell(profile("2026-03-06T12:00:00", status="inactive")))
    [placed] = decisions(account.tell(summary(line(SHIRT), line(SHIRT), number=NUMBERS[0])))

    assert (decision.kind, decision.center, again) == (DecisionKind.STALE, ELECTRONICS, [])
    assert (placed.kind, placed.center) == (DecisionKind.CHANGED, APPAREL)


def test_what_a_profile_does_not_tell_stays_and_of_two_the_later_one_stands() -> None:
    account = Account()
    account.tell(profile(is_broker=True))
    account.tell(profile("2026-03-04T12:00:00", is_broker=False))
    account.tell(profile("2026-03-06T12:00:00"))

    assert account.books.account_ledger is not None
    assert account.books.account_ledger.standing.singly


def test_P15_new_work_on_an_older_entry_goes_to_the_present_center() -> None:
    """The entry was filed while another Center had the importer."""
    account = Account()
    account.tell(summary(line(COMPUTER)))
    account.tell(
        PlacementSet(cause(at("2026-03-06T12:00:00")), IMPORTER, APPAREL, "intended_use", "parts", day("2026-03-06"))
    )

    liquidated = account.tell(fact(Kind.LIQUIDATED, "2027-01-15T15:00:00"))

    assert {(item.action, item.desk) for item in work_of(liquidated)} == {("closed", APPAREL), ("opened", APPAREL)}


def test_an_event_in_a_state_in_which_it_cannot_happen_breaks_a_rule() -> None:
    """Payment of what was never filed; it waits for the filing before that is asked."""
    broken = broken_rule(Entry(), State.EXPECTED, Kind.PAID, at("2026-03-06T15:00:00"))

    assert broken is not None
    assert broken.name == "life_cycle.not_in_this_state"


def test_a_recount_keeps_the_times_of_headquarters_word_and_of_the_profile() -> None:
    """Or an older word, arriving late, would pass for a newer one."""
    account = Account()
    account.tell(profile(is_broker=False))
    account.tell(
        PlacementSet(cause(at("2026-03-06T12:00:00")), IMPORTER, APPAREL, "intended_use", "parts", day("2026-03-06"))
    )
    account.tell(summary(line(COMPUTER)))

    ledger = account.books.account_ledger
    assert ledger is not None
    assert (ledger.override_ms, ledger.profile_ms) == (at("2026-03-06T12:00:00"), at("2026-03-05T12:00:00"))


def test_the_first_twenty_numbers_of_an_account_are_remembered_each_once() -> None:
    account = Account()
    importers = [f"12-3456789{suffix:02d}" for suffix in range(21)]

    for importer, number in zip([importers[0], *importers], entry_numbers(), strict=False):
        account.tell(summary(number=number, importer=importer))

    ledger = account.books.account_ledger
    assert ledger is not None
    assert list(ledger.importers) == importers[:20]
