"""What converges in an account, whatever the order in which its events arrive, and however often.

The events of these lives are lawful: each could happen when it did. For them, whatever their order of arrival,

- the version that stands, with all registers of its entry and the state read from them,
- the mix, in its totals and in each entry day,
- the clocks of every case, and the day until which each runs,
- which cases of entries are open, and which entries, notices and latest clocks the matters hold

come out the same. What by nature does not:

- how a case came to be: its sequence and assignment numbers, which desk heard of what (`told`, `closed_cases`), how
  often a notice was repeated, under which notice a joined case was opened and is named;
- placement itself: it folds daily cuts of what was known at each of them, so a late event changes later cuts only;
- what time has brought about before an event arrived (`marks`): it was published, and is withdrawn, not undone;
- a refusal: it is published too. What is unlawful is judged by what is known when it is judged, after waiting for what
  may still be told;
- the clock of a notice that counts from the date of entry (marking, textiles, records): it counts from the date that
  was known when the notice was taken.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.customs.case_clocks import clocks_of
from streams.customs.corrections import CorrectionUndone
from streams.customs.entry_summary import Entry, state_of
from streams.customs.events import EntryLiquidated, Envelope, StatusNotified
from streams.customs.facts_known import Fact
from streams.customs.life_cycle import Kind, State
from streams.customs.liquidation import FactNoted
from streams.customs.matters import clock_of
from streams.customs.outcomes import Refused
from streams.customs.tariff_mix import CenterCount
from streams.customs.trade_events import NoticeIssued
from streams.customs.work import wanted_cases
from streams.customs.work_types import WORK_TYPES
from tests.unit.customs.kit import (
    COMPUTER,
    IMPORTER,
    SHIRT,
    TOY,
    Account,
    Told,
    at,
    day,
    days_later,
    entry_numbers,
    fact,
    line,
    released,
    summary,
    told,
)

NUMBERS: Final = [number for number, _ in zip(entry_numbers(), range(3), strict=False)]
GOODS: Final = st.lists(st.sampled_from([COMPUTER, SHIRT, TOY]), min_size=1, max_size=3)

Step = Callable[[str, str, Sequence[str]], Told]
"""Makes an event of an entry: its number, when it happens, the goods of the entry."""


def cause(number: str, when: str, word: str) -> Envelope:
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{when}/{word}"))
    return Envelope(name, at(when), "2704", "entry-summary-event", 0, 0, at(when))


def files(kind: Kind, version: str, entry_type: str = "01") -> Step:
    def step(number: str, when: str, goods: Sequence[str]) -> Told:
        entered = days_later(when[:10], -(int(version) % 7))
        lines = [line(code, value=10 + int(version)) for code in goods[int(version) % len(goods) :]]
        return summary(
            *lines, number=number, kind=kind, accepted=when, entered=entered, version=version, entry_type=entry_type
        )

    return step


def notes(kind: Kind, days: int = 0) -> Step:
    return lambda number, when, _: fact(kind, when, days_later(when[:10], days), number)


def tells(what: Fact, days: int = 0) -> Step:
    def step(number: str, when: str, _: Sequence[str]) -> Told:
        return FactNoted(cause(number, when, what.name), what, number, day(days_later(when[:10], days)), what.name)

    return step


def undoes(what: Fact, version: str = "") -> Step:
    def step(number: str, when: str, _: Sequence[str]) -> Told:
        return CorrectionUndone(cause(number, when, what.name), what, number, day(when[:10]), what.name, version)

    return step


def notifies(disposition: str, reason: str = "") -> Step:
    def step(number: str, when: str, _: Sequence[str]) -> Told:
        return StatusNotified(cause(number, when, disposition), number, disposition, reason, day(when[:10]))

    return step


def notice(kind: str, issue: str = "") -> Step:
    def step(number: str, when: str, _: Sequence[str]) -> Told:
        name, on = f"{kind}/{number}/{when}", day(when[:10])
        heading = "8471" if issue else ""
        return NoticeIssued(
            cause(number, when, kind), number, IMPORTER, name, kind, on, on, 0, "2704", (), issue, heading,
            (), "", "", 0,
        )  # fmt: skip

    return step


def liquidates(kind: Kind = Kind.LIQUIDATED, cents: int = 0, ground: str = "", days: int = 0) -> Step:
    def step(number: str, when: str, _: Sequence[str]) -> Told:
        on = day(days_later(when[:10], days))
        return EntryLiquidated(cause(number, when, kind), kind, number, on, ground, ("value",) if ground else (), cents)

    return step


def enters(number: str, when: str, _: Sequence[str]) -> Told:
    return released(when, number)


ACCEPTED: Final = files(Kind.ACCEPTED, "00100")
PAID: Final = notes(Kind.PAID)
SCHEDULED: Final = notes(Kind.SCHEDULED, 200)
CBP: Final = notes(Kind.CONTROL_CBP)

LIVES: Final = st.sampled_from(
    [
        # corrected twice, the second one taken back
        (ACCEPTED, CBP, PAID, SCHEDULED, files(Kind.CORRECTED, "00200"), files(Kind.CORRECTED, "00300"),
         undoes(Fact.PSC_REVERTED), liquidates()),
        # corrected by another filer, all taken back by name, corrected again
        (ACCEPTED, PAID, SCHEDULED, files(Kind.CORRECTED, "00200", "03"), notifies("8"),
         undoes(Fact.PSC_REVERTED, "00100"), files(Kind.CORRECTED, "00300")),
        # a correction that was accepted and then rejected after all, another that never was
        (enters, ACCEPTED, files(Kind.REPLACED, "00100"), PAID, SCHEDULED, files(Kind.CORRECTED, "00200"),
         undoes(Fact.PSC_REJECTED, "00200"), undoes(Fact.PSC_REJECTED)),
        # extended, suspended, released, liquidated with a bill, reliquidated with a refund
        (ACCEPTED, PAID, SCHEDULED, tells(Fact.EXTENDED, 500), tells(Fact.SUSPENDED), tells(Fact.SUSPENSION_REMOVED),
         liquidates(cents=500), liquidates(Kind.RELIQUIDATED, -700, "voluntary")),
        # extended and suspended again: the latest word stands
        (ACCEPTED, tells(Fact.EXTENDED, 300), tells(Fact.EXTENDED, 600), tells(Fact.SUSPENDED),
         tells(Fact.SUSPENSION_REMOVED), tells(Fact.SUSPENDED), notes(Kind.DATE_SET, -2)),
        # documents asked for twice and handed in, quota, a question about a number
        (ACCEPTED, notifies("1"), notifies("2"), tells(Fact.ANSWERED), notifies("Q"), notifies("8", "003")),
        # a rejection, a replacement, notices of one issue and heading, a bill by notice and by liquidation
        (enters, ACCEPTED, CBP, notes(Kind.REJECTED), files(Kind.REPLACED, "00200"), notice("form_28", "value"),
         notice("form_28", "value"), notice("bill"), liquidates(cents=900)),
        # a temporary importation: extended, denied, exported
        (files(Kind.ACCEPTED, "00100", "23"), tells(Fact.IMPORTATION_EXTENDED, 400), notifies("E"),
         tells(Fact.EXPORTED)),
        # implicitly deleted and added again, then cancelled
        (ACCEPTED, notes(Kind.REPLACE_FAILED), files(Kind.ACCEPTED, "00100"), notice("penalty"),
         notes(Kind.CANCELLED)),
    ]
)  # fmt: skip


def life(number: str, steps: Sequence[Step], goods: Sequence[str], start: int) -> list[Told]:
    """Return the events of one entry, two days apart."""
    return [
        step(number, f"{days_later('2026-01-05', start + 2 * at)}T15:00:{at:02d}", goods)
        for at, step in enumerate(steps)
    ]


HISTORIES: Final = st.lists(st.tuples(LIVES, GOODS, st.integers(0, 60)), min_size=1, max_size=3).map(
    lambda lives: [
        event
        for number, (steps, goods, start) in zip(NUMBERS, lives, strict=False)
        for event in life(number, steps, goods, start)
    ]
)


def converging(entry: Entry) -> Entry:
    """Return an entry without what depends on the order."""
    latest = sorted((number, at_ms) for number, at_ms, _ in zip(*[iter(entry.noticed)] * 3, strict=True))
    flat = tuple(number for pair in latest for number in pair)
    return entry._replace(closed_cases=(), told=0, due_on=0, noticed=flat)


def clocks(account: Account) -> dict[str, object]:
    """Return the clocks of every entry's cases."""
    return {
        number: [clocks_of(work_type, entry) for bit, work_type in WORK_TYPES.items() if entry.open_cases >> bit & 1]
        for number, entry in account.books.entries.items()
    }


def matters(account: Account) -> Sequence[object]:
    """Return what the matters hold: their work, entries, notices and clocks."""
    return sorted(
        (
            matter.work_type,
            sorted(matter.entries),
            sorted(one for one in matter.references if "/" not in one or one.startswith("form")),
            sorted((clock_of(one).name, clock_of(one).started_on) for one in matter.clocks),
        )
        for matter in account.books.matters.values()
    )


def totals(account: Account) -> tuple[int, tuple[CenterCount, ...]]:
    """Return what is in the mix."""
    ledger = account.books.account_ledger
    return (ledger.mix.summaries, ledger.mix.centers) if ledger else (0, ())


@settings(max_examples=200, deadline=None)
@given(HISTORIES.flatmap(lambda events: st.tuples(st.just(events), st.permutations([*events, *events]))))
def test_versions_mix_and_clocks_are_the_same_for_every_order_and_duplication(
    case: tuple[list[Told], list[Told]],
) -> None:
    """Every event twice, in any order, ends like every event once, as it happened."""
    events, arrivals = case

    in_order, shuffled = told(events), told(arrivals)

    assert {number: converging(entry) for number, entry in shuffled.books.entries.items()} == {
        number: converging(entry) for number, entry in in_order.books.entries.items()
    }
    assert totals(shuffled) == totals(in_order)
    assert shuffled.books.days.kept == in_order.books.days.kept
    assert clocks(shuffled) == clocks(in_order)
    assert matters(shuffled) == matters(in_order)
    assert shuffled.waiting == in_order.waiting == {}


@settings(max_examples=60, deadline=None)
@given(HISTORIES)
def test_lives_are_lawful_in_their_order_and_leave_the_cases_that_their_states_call_for(events: list[Told]) -> None:
    """A property over lives whose events are refused would say little."""
    account = Account()
    for event in sorted(events, key=lambda event: event.cause.at_ms):
        assert not any(isinstance(outcome, Refused) for outcome in account.tell(event))

    for entry in account.books.entries.values():
        assert entry.open_cases == wanted_cases(entry, state_of(entry))


def test_the_lives_of_this_module_reach_corrections_that_stand_and_ones_that_were_taken_back() -> None:
    """Else the orders of such events would not have been tried."""
    steps = (ACCEPTED, PAID, SCHEDULED, files(Kind.CORRECTED, "00200"))

    stands = told(life(NUMBERS[0], steps, [SHIRT], 0)).entry(NUMBERS[0])
    undone = told(life(NUMBERS[0], (*steps, undoes(Fact.PSC_REVERTED)), [SHIRT], 0)).entry(NUMBERS[0])

    assert (state_of(stands), stands.version) == (State.CORRECTED, "00200")
    assert (state_of(undone), undone.version) == (State.TRADE_CONTROL, "00100")
