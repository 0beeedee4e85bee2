"""What an importer's account knows of its placement, and how counting a summary changes it."""

from typing import Final, NamedTuple

from streams.customs.cases import INELIGIBLE, PENDING
from streams.customs.daily_cut import brought_to, mix_changed
from streams.customs.placement import NEWCOMER, Decision, Standing, first_placement
from streams.customs.policy import PlacementRules
from streams.customs.replacing import replacing
from streams.customs.tariff import Day
from streams.customs.tariff_mix import EMPTY_MIX, Contribution, CountedDays, Mix, counted, retracted

_NUMBERS_KEPT: Final = 20


class Ledger(NamedTuple):
    """One importer's placement and the totals that it rests on."""

    standing: Standing = NEWCOMER
    mix: Mix = EMPTY_MIX
    importers: tuple[str, ...] = ()
    """Numbers of the account that summaries have named, the first twenty."""
    override_ms: int = 0
    """Time of the latest word of headquarters on its placement."""
    profile_ms: int = 0
    """Time of the latest change of its profile."""
    held: int = 0
    """Moves of importer numbers into or out of the account that are under way: no cut, no placement decision (P10)."""
    shares: bool = False
    """Other accounts have entries that this one had, or asked for."""


class Counting(NamedTuple):
    """A summary's part in the mix: on which entry day it counts (0: it does not), and what."""

    day: Day
    contribution: Contribution


def named_by(ledger: Ledger, importer: str) -> Ledger:
    """Return the ledger with one more number of the importer."""
    known = ledger.importers
    if importer in known or len(known) >= _NUMBERS_KEPT:
        return ledger
    return ledger._replace(importers=(*known, importer))


def desk_of(standing: Standing) -> int:
    """Return the desk that new work of an importer goes to: its Center, whatever the goods of the single line."""
    return (standing.center or PENDING) if standing.eligible else INELIGIBLE


def brought_to_day(
    ledger: Ledger, days: CountedDays, rules: PlacementRules, today: Day
) -> tuple[Ledger, tuple[Decision, ...]]:
    """Fold every daily cut up to today into the ledger."""
    if ledger.held:
        return ledger, ()
    standing, mix, decisions = brought_to(ledger.standing, ledger.mix, days, rules, today)
    return _with_cut(ledger, standing, mix), decisions


_with_cut: Final = replacing(Ledger, "standing", "mix")


def recounted(
    ledger: Ledger, days: CountedDays, rules: PlacementRules, today: Day, change: tuple[Counting, Counting]
) -> tuple[Ledger, tuple[Decision, ...]]:
    """Take the first counting out of the mix and put the second one in; place an importer that has no place yet.

    Cuts that are due are folded before: what is counted today does not change them.
    """
    if ledger.held:
        return ledger._replace(mix=mix_with(ledger.mix, days, change)), ()
    standing, mix, decisions = brought_to(ledger.standing, ledger.mix, days, rules, today)
    mix = mix_with(mix, days, change)
    if change[1].day and (standing.computed is None or standing.computed.stale):
        standing, decision = first_placement(standing, mix, days, rules, today)
        decisions = (*decisions, decision)
    if standing.review_on != today + 1:  # else tomorrow's cut looks anyway
        standing = mix_changed(standing, mix, days, rules, today)
    return _with_cut(ledger, standing, mix), decisions


def mix_with(mix: Mix, days: CountedDays, change: tuple[Counting, Counting]) -> Mix:
    """Take the first counting out of a mix and put the second one in, and nothing else."""
    old, new = change
    if old.day:
        mix = retracted(mix, days, old.day, old.contribution)
    return counted(mix, days, new.day, new.contribution) if new.day else mix
