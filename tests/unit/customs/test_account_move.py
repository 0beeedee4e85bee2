"""What an importer number takes along from account to account, and what two accounts know of one entry (P10)."""

import json

import pytest

from streams.customs.account_move import hold, look_again, matter_number, put_in, release, settle, take_out
from streams.customs.account_work import AccountWork
from streams.customs.entry_facts import with_facts_of, without_cases
from streams.customs.entry_summary import Entry
from streams.customs.events import PlacementSet, ProfileChanged
from streams.customs.headquarters import SAID_OF_PLACEMENT, SAID_OF_PROFILE
from streams.customs.ledger import Ledger
from streams.customs.life_cycle import Kind
from streams.customs.matter_clerk import Brief, MatterClerk
from streams.customs.matters import Matter
from streams.customs.outcomes import CaseStands, MatterStands, Placed, WorkItem
from streams.customs.work import Action
from streams.customs.work_types import INFORMATION_REQUEST
from tests.unit.customs.kit import (
    APPAREL,
    ELECTRONICS,
    ENTRY,
    RULES,
    SHIRT,
    Account,
    MemoryBooks,
    at,
    cause,
    day,
    entry_numbers,
    fact,
    line,
    summary,
)

JOINS = "98-765432100"
MACHINERY = 10
OTHER = next(entry_numbers())


def work(account: Account, when: str = "2026-03-10T15:00:00") -> AccountWork:
    """Return what a step of a move works with."""
    account.now_ms = max(account.now_ms, at(when))
    return AccountWork(account.books, RULES, account.now_ms)


def filed_by(importer: str, *lines: object, name: str = "", number: str = ENTRY) -> Account:
    """Return an account with one entry of an importer."""
    account = Account()
    account.books = MemoryBooks(account=name or importer[:10])
    account.tell(summary(*lines, importer=importer, number=number))  # type: ignore[arg-type]  # lines, as they come
    return account


def moved(source: Account, target: Account) -> list[object]:
    """Let the number of the one entry go from account to account; return what the new one publishes in the end."""
    hold(work(source))
    hold(work(target))
    entry = source.books.entries[ENTRY]
    take_out(work(source), entry)
    put_in(work(target), ENTRY, entry, source.books.account)
    source.books.entries.clear()
    target.books.cases |= source.books.cases
    source.books.cases.clear()
    target.books.summaries |= source.books.summaries
    for name in [name for name in source.books.notes if name.startswith("said/")]:
        target.books.notes[name] = source.books.notes.pop(name)
    standing = ledger_of(source).standing
    release(work(source), gone=JOINS, is_left=True)
    done = work(target)
    release(done, former=source.books.account, brought=standing)
    settle(done, f"e{ENTRY}")
    return list(done.out)


def ledger_of(account: Account) -> Ledger:
    assert account.books.account_ledger is not None
    return account.books.account_ledger


def test_P10_what_counts_goes_along_and_the_account_that_is_left_has_no_placement_any_more() -> None:
    source, target = filed_by(JOINS), filed_by("12-345678900", line(SHIRT), number=OTHER)

    published = moved(source, target)

    assert (ledger_of(source).mix.summaries, ledger_of(source).standing.center) == (0, 0)
    assert [count.center for count in ledger_of(target).mix.centers] == [APPAREL, ELECTRONICS]
    assert ledger_of(target).held == ledger_of(source).held == 0
    assert target.books.entries[ENTRY].named == source.books.account
    items = [one for one in published if isinstance(one, WorkItem)]
    assert [item.action for item in items] == [Action.TRANSFERRED_OUT, Action.TRANSFERRED_IN]


def test_P10_an_account_without_placement_goes_on_with_that_of_its_first_number() -> None:
    """Its case stays where it is, under the other account."""
    source, target = filed_by(JOINS), Account()

    published = moved(source, target)

    assert ledger_of(target).standing.center == ELECTRONICS
    [placed] = [one for one in published if isinstance(one, Placed)]
    assert "goes on with the placement that its number had in account 98-7654321" in placed.decision.reason
    assert [one.rule for one in published if isinstance(one, CaseStands)] == ["placement.account_moved"]


def test_P10_a_held_account_counts_and_decides_nothing() -> None:
    account = Account()
    hold(work(account))

    account.tell(summary(accepted="2026-03-11T15:00:00"))
    look_again(work(account))
    held = account.center()
    release(work(account, "2026-03-12T15:00:00"))

    assert (held, account.center()) == (0, ELECTRONICS)


def test_P10_the_latest_word_on_any_number_of_an_account_stands() -> None:
    """In the account that a number leaves the word on it does not."""
    source, target = filed_by(JOINS), filed_by("12-345678900", line(SHIRT), number=OTHER)
    when = cause(at("2026-03-03T15:00:00"))
    word = PlacementSet(when, JOINS, MACHINERY, "business_practice", "its trade", day("2026-03-03"))
    source.tell(word)
    source.tell(ProfileChanged(when, JOINS, eligible=False))
    target.tell(word._replace(cause=cause(at("2026-03-02T15:00:00")), importer="12-345678900", center=APPAREL))

    moved(source, target)
    joined = ledger_of(target).standing
    for name in (SAID_OF_PLACEMENT, SAID_OF_PROFILE):
        target.books.notes.pop(f"{name}{JOINS}")
    hold(work(target))
    release(work(target), gone=JOINS)

    assert (joined.override and joined.override.center, joined.eligible) == (MACHINERY, False)
    left = ledger_of(target).standing
    assert (left.override and left.override.center, left.eligible) == (APPAREL, True)
    target.books.notes.pop(f"{SAID_OF_PLACEMENT}12-345678900")
    hold(work(target))
    release(work(target))
    assert ledger_of(target).standing.override is None


def test_P10_several_moves_hold_an_account_until_the_last_one_is_done() -> None:
    account = Account()
    hold(work(account))
    hold(work(account))

    release(work(account))
    once = ledger_of(account).held
    release(work(account))

    assert (once, ledger_of(account).held) == (1, 0)


def test_P10_a_matter_goes_with_the_number_that_brought_it() -> None:
    """Else with that of its first entry; what comes along is listed under its clocks again."""
    account = filed_by(JOINS)
    clerk = MatterClerk(work(account))
    case_id = clerk.open(INFORMATION_REQUEST, Brief("N-1", (JOINS,), ("2704",), ((ENTRY, 0),)), "notice")
    matter = account.books.matters[case_id]

    settled = work(account)
    settle(settled, f"c{case_id}")
    settle(settled, "cunknown")
    settle(settled, "eunknown")

    assert [type(one) for one in settled.out] == [MatterStands]
    assert matter_number(account.books, matter) == JOINS
    assert matter_number(account.books, matter._replace(importers=())) == JOINS
    assert matter_number(account.books, matter._replace(importers=(), entries=())) == ""
    assert matter_number(account.books, _of_nobody(matter)) == ""


def _of_nobody(matter: Matter) -> Matter:
    return matter._replace(importers=(), entries=((OTHER, 0),))


def test_the_cases_of_an_entry_that_another_account_has_are_closed() -> None:
    account = filed_by(JOINS)
    done = work(account)

    entry = without_cases(done, ENTRY, account.entry())

    assert (entry.open_cases, account.books.cases) == (0, {})
    assert [item.action for item in done.out if isinstance(item, WorkItem)] == [Action.CLOSED]


@pytest.mark.parametrize("told", ["here", "there"])
def test_of_two_accounts_words_on_an_entry_the_later_ones_stand(told: str) -> None:
    """Whichever account was told them."""
    here, there = filed_by("12-345678900"), filed_by(JOINS)
    account = here if told == "here" else there
    account.tell(fact(Kind.PAID, "2026-03-09T15:00:00"))
    account.tell(fact(Kind.CONTROL_CBP, "2026-03-08T15:00:00"))
    before = here.entry()

    with_facts_of(work(here), ENTRY, before, there.entry())

    after = here.entry()
    assert (after.paid_day, after.cbp_control) == (day("2026-03-09"), True)
    assert (after is before) is (told == "here")
    with_facts_of(work(here), ENTRY, after, Entry(facts=(1, 20_000, 5), filed_ms=7))
    assert (here.entry().facts, here.entry().filed_ms) == ((1, 20_000, 5), 7)


def test_words_are_remembered_by_number() -> None:
    account = filed_by(JOINS)
    account.tell(ProfileChanged(cause(at("2026-03-03T15:00:00")), JOINS, eligible=True, is_broker=True))

    assert json.loads(account.books.notes[f"{SAID_OF_PROFILE}{JOINS}"]) == [at("2026-03-03T15:00:00"), True, True]
