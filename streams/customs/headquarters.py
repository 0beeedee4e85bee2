"""Taking the words of headquarters: placements by hand, and who is a Center's importer at all."""

import json
from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.events import PlacementSet, ProfileChanged
from streams.customs.ledger import brought_to_day, named_by
from streams.customs.outcomes import Ignored, Refused
from streams.customs.overrides import remove_override, set_broker, set_eligible, set_inactive, set_override
from streams.customs.placement import Basis, Override
from streams.customs.rules import OVERRIDE_GROUNDS
from streams.customs.tariff import Day

_MANUAL = frozenset(
    {
        Basis.BUSINESS_PRACTICE,
        Basis.INTENDED_USE,
        Basis.HIGH_RELATIVE_VALUE,
        Basis.APPEAL_GRANTED,
        Basis.BROKER,
    }
)


SAID_OF_PLACEMENT: Final = "said/placement/"
SAID_OF_PROFILE: Final = "said/profile/"
"""What names begin with under which the latest word on each number of an account is remembered."""


class PlacementWord(NamedTuple):
    """What headquarters has said last of the placement of one importer number."""

    at_ms: int
    center: int
    basis: str
    reason: str
    effective_day: Day


class ProfileWord(NamedTuple):
    """What CBP's file has said last of one importer number."""

    at_ms: int
    eligible: bool
    broker: bool


def set_placement(work: AccountWork, event: PlacementSet) -> None:
    """Put an importer in a Center by hand from a day on, or end that; of two such words the later one stands."""
    former = work.ledger()
    if event.cause.at_ms <= former.override_ms:
        work.out.append(Ignored(None, ""))
        return
    if not event.reason.strip() or (event.center and event.basis not in _MANUAL):
        work.out.append(Refused(OVERRIDE_GROUNDS, ""))
        return
    ledger, decisions = brought_to_day(former, work.books.days, work.rules, work.today)
    standing, mix, days = ledger.standing, ledger.mix, work.books.days
    if event.center:
        override = Override(event.center, Basis(event.basis), event.reason, event.effective_day)
        standing, decision = set_override(standing, mix, days, work.rules, override, work.today)
    else:
        standing, decision = remove_override(standing, mix, days, work.rules, work.today, event.reason)
    ledger = ledger._replace(standing=standing, override_ms=event.cause.at_ms)
    work.keep(named_by(ledger, event.importer), (*decisions, decision))
    word = PlacementWord(event.cause.at_ms, event.center, event.basis, event.reason, event.effective_day)
    work.books.keep_note(f"{SAID_OF_PLACEMENT}{event.importer}", json.dumps(word))


def change_profile(work: AccountWork, event: ProfileChanged) -> None:
    """Note who takes the importer (P11, P17, P18); of two such facts the later one stands."""
    former = work.ledger()
    if event.cause.at_ms <= former.profile_ms:
        work.out.append(Ignored(None, ""))
        return
    ledger, decisions = brought_to_day(former, work.books.days, work.rules, work.today)
    standing, mix, days, rules, today = ledger.standing, ledger.mix, work.books.days, work.rules, work.today
    # CBP no longer takes entries under a voided number: no Center has anything to do with it.
    eligible = event.eligible and event.status != "voided"
    if eligible != standing.eligible:
        standing, decision = set_eligible(standing, mix, days, rules, today, eligible=eligible)
        decisions = (*decisions, decision)
    if event.is_broker is not None and event.is_broker != standing.broker:
        standing, decision = set_broker(standing, mix, days, rules, today, broker=event.is_broker)
        decisions = (*decisions, decision)
    if event.status == "inactive":
        standing, decision = set_inactive(standing, mix, days, rules, today)
        decisions = (*decisions, decision)
    ledger = ledger._replace(standing=standing, profile_ms=event.cause.at_ms)
    work.keep(named_by(ledger, event.importer), decisions)
    word = ProfileWord(event.cause.at_ms, eligible, standing.broker)
    work.books.keep_note(f"{SAID_OF_PROFILE}{event.importer}", json.dumps(word))
