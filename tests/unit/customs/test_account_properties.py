"""What converges in an account, whatever the order in which its events arrive, and however often."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.customs.calendar import EPOCH
from streams.customs.case_clocks import clocks_of
from streams.customs.entry_summary import Entry, state_of
from streams.customs.events import EntryNoted, Event, SummaryFiled
from streams.customs.life_cycle import FINAL, IN_FORCE, Kind
from streams.customs.outcomes import Ignored, NotActed, Outcome, Refused, Waits
from streams.customs.tariff_mix import CenterCount
from streams.customs.work import wanted_cases
from streams.customs.work_types import WORK_TYPES
from tests.unit.customs.kit import (
    COMPUTER,
    SHIRT,
    TOY,
    Account,
    days_later,
    entry_numbers,
    fact,
    line,
    released,
    summary,
    told,
)

NUMBERS = [number for number, _ in zip(entry_numbers(), range(4), strict=False)]
GOODS = st.lists(st.sampled_from([COMPUTER, SHIRT, TOY]), min_size=1, max_size=3)

LIVES = st.sampled_from(
    [
        (Kind.ACCEPTED, Kind.PAID, Kind.CONTROL_CBP, Kind.SCHEDULED, Kind.LIQUIDATED),
        (Kind.FILED, Kind.ACCEPTED, Kind.REPLACED, Kind.PAID, Kind.DATE_SET, Kind.CONTROL_CBP, Kind.SCHEDULED),
        (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REJECTED, Kind.REPLACED, Kind.PAID, Kind.LIQUIDATED, Kind.RELIQUIDATED),
        (Kind.ACCEPTED, Kind.DELETED),
        (Kind.ACCEPTED, Kind.REPLACE_FAILED, Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.CANCELLED),
        (
            Kind.ACCEPTED,
            Kind.CONTROL_CBP,
            Kind.REPLACE_FAILED,
            Kind.PAID,
            Kind.SCHEDULED,
            Kind.SCHEDULED,
            Kind.CORRECTED,
        ),
        (Kind.FILED, Kind.ACCEPTED, Kind.INACTIVATED, Kind.CANCELLED),
    ]
)

FILINGS = {Kind.ACCEPTED, Kind.REPLACED, Kind.CORRECTED}


def life(number: str, kinds: Sequence[Kind], goods: Sequence[str], start: int) -> list[Event]:
    """Return the events of one entry, some days apart; versions grow after a rejection."""
    events: list[Event] = []
    major = 1
    for step, kind in enumerate(kinds):
        when = f"{days_later('2026-01-05', start + 3 * step)}T15:00:{step:02d}"
        if kind in FILINGS:
            lines = [line(code, value=10 * (step + 1)) for code in goods[step % len(goods) :]]
            entered = days_later("2026-01-03", start + step)
            filed = summary(*lines, number=number, kind=kind, accepted=when, entered=entered, version=f"{major:03d}00")
            events.append(filed)
        elif kind is Kind.FILED:
            events.append(released(when, number))
        else:
            major += kind is Kind.REJECTED
            scheduled = days_later(when[:10], 300) if kind is Kind.SCHEDULED else ""
            events.append(fact(kind, when, scheduled, number))
    return events


HISTORIES = st.lists(st.tuples(LIVES, GOODS, st.integers(0, 60)), min_size=1, max_size=4).map(
    lambda lives: [
        event
        for number, (kinds, goods, start) in zip(NUMBERS, lives, strict=False)
        for event in life(number, kinds, goods, start)
    ]
)


def converging(entry: Entry) -> Entry:
    """Return an entry without what depends on the order: closed cases, which Center was told, when it is looked at."""
    return entry._replace(closed_cases=(), told=0, due_on=0)


def totals(account: Account) -> tuple[int, tuple[CenterCount, ...]]:
    """Return what is in the mix."""
    ledger = account.books.account_ledger
    return (ledger.mix.summaries, ledger.mix.centers) if ledger else (0, ())


@settings(max_examples=150, deadline=None)
@given(HISTORIES.flatmap(lambda events: st.tuples(st.just(events), st.permutations([*events, *events]))))
def test_versions_mix_clocks_and_open_cases_converge(case: tuple[list[Event], list[Event]]) -> None:
    """Every event twice, in any order, ends like every event once, as it happened."""
    events, arrivals = case

    in_order, shuffled = told(events), told(arrivals)

    entries = in_order.books.entries
    assert {number: converging(entry) for number, entry in shuffled.books.entries.items()} == {
        number: converging(entry) for number, entry in entries.items()
    }
    assert totals(shuffled) == totals(in_order)
    assert shuffled.books.days.kept == in_order.books.days.kept
    assert {case.work_type for case in shuffled.books.cases.values()} == {
        case.work_type for case in in_order.books.cases.values()
    }
    for entry in entries.values():
        assert all(clocks_of(WORK_TYPES[number], entry) is not None for number in WORK_TYPES)
    assert shuffled.waiting == in_order.waiting == {}


@settings(max_examples=100, deadline=None)
@given(HISTORIES.flatmap(st.permutations))
def test_the_mix_counts_every_current_version_in_force_once(events: list[Event]) -> None:
    """Lines and value of the mix are those of the summaries that count, and of no others."""
    account = told(events)

    counting = [entry for entry in account.books.entries.values() if entry.counted_day]
    assert all(state_of(entry) in IN_FORCE for entry in counting)
    summaries, centers = totals(account)
    assert summaries == len(counting)
    assert sum(count.lines for count in centers) == sum(cell[1] for entry in counting for cell in entry.counted)
    assert sum(count.value_usd for count in centers) == sum(cell[2] for entry in counting for cell in entry.counted)


@settings(max_examples=100, deadline=None)
@given(HISTORIES.flatmap(st.permutations))
def test_the_open_cases_are_those_that_the_state_of_each_entry_calls_for(events: list[Event]) -> None:
    """One case each, and each on file."""
    account = told(events)

    for entry in account.books.entries.values():
        assert entry.open_cases == wanted_cases(entry, state_of(entry))
    on_file = sum(entry.open_cases.bit_count() for entry in account.books.entries.values())
    assert len(account.books.cases) == on_file


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_events_told_again_change_nothing_and_publish_nothing(events: list[Event]) -> None:
    """All of them are known: they are ignored, or refused as the older versions that they are."""
    account = told(events)
    before = dict(account.books.entries), account.books.account_ledger, dict(account.books.cases)

    answers = [answer for event in events for answer in account.tell(event)]

    assert len(answers) == len(events)
    assert all(isinstance(answer, Ignored | Refused) for answer in answers)
    assert (account.books.entries, account.books.account_ledger, account.books.cases) == before


@settings(max_examples=100, deadline=None)
@given(HISTORIES.flatmap(st.permutations))
def test_an_event_has_at_most_one_word_on_itself(events: list[Event]) -> None:
    """Refused, ignored, waiting and not acted on exclude each other and any effect."""
    account = Account()
    for event in events:
        outcomes: list[Outcome] = account.tell(event)
        words = [word for word in outcomes if isinstance(word, Ignored | Refused | Waits | NotActed)]
        assert len(words) <= 1
        assert not words or len(outcomes) == 1


@given(st.sampled_from([1, 2, 5, 33]), st.integers(18_000, 22_000))
def test_a_clock_never_ends_before_it_starts(work_type: int, day: int) -> None:
    """Whatever the dates of the entry."""
    entry = Entry(version="00100", summary_day=day, filed_ms=day * 86_400_000, asked_day=day, liquidated_day=day)

    clocks = clocks_of(WORK_TYPES[work_type], entry)

    assert clocks
    assert all((clock.started_on - EPOCH).days <= (clock.warn_by - EPOCH).days for clock in clocks)


def test_the_lives_of_this_module_reach_what_they_should() -> None:
    """A property over lives that never liquidate, end or reject would say little."""
    account = told(life(NUMBERS[0], (Kind.ACCEPTED, Kind.PAID, Kind.LIQUIDATED), [SHIRT], 0))

    assert state_of(account.entry(NUMBERS[0])) in FINAL
    assert isinstance(life(NUMBERS[0], (Kind.ACCEPTED,), [SHIRT], 0)[0], SummaryFiled)
    assert isinstance(life(NUMBERS[0], (Kind.PAID,), [SHIRT], 0)[0], EntryNoted)
