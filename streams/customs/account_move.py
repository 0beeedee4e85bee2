"""An importer number that joins or leaves an account takes along all that is its own (P10).

While that is under way the placement of both accounts is held: entries go on to be counted, but no daily cut is
folded, and nothing is decided from what is counted. What goes along, and what stays:

- entries with what they count, their cases, clocks and waiting events, and the matters that the number brought;
- the words of headquarters and of CBP's file on the number: of all that is said of an account's numbers the latest
  stands, in either account;
- an account that has no placement yet takes over that of the account which its first number comes from; one that
  all its numbers have left has none any more;
- that the former account had an entry before the window stays known there.

Cases keep their names (`Entry.named`, `matters.matter_id`); they change desk only after the number has arrived as a
whole, as the policy on work in flight says (P14). Two open cases of one issue and heading stay two.
"""

import json
from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.books import Books
from streams.customs.cases import case_id
from streams.customs.daily_cut import mix_changed
from streams.customs.decision import Decision, DecisionKind, decision, moved_kind
from streams.customs.entry_summary import Entry, state_of
from streams.customs.evidence import Review, named
from streams.customs.headquarters import SAID_OF_PLACEMENT, SAID_OF_PROFILE, PlacementWord, ProfileWord
from streams.customs.ledger import Counting, Ledger, mix_with
from streams.customs.matter_clerk import MatterClerk
from streams.customs.matters import Matter
from streams.customs.outcomes import CaseStands
from streams.customs.overrides import remove_override, set_broker, set_eligible, set_override
from streams.customs.placement import NEWCOMER, Basis, Override, Standing, first_placement
from streams.customs.transfers import transfer_case, transfer_matter
from streams.customs.work_types import WORK_TYPES

RULE: Final = "placement.account_moved"
_NOTHING: Final = Counting(0, ())


def hold(work: AccountWork) -> None:
    """Fold the cuts that are due, then hold the account's placement until `release`; several moves may hold it."""
    work.fold_cuts()
    ledger = work.ledger()
    work.keep(ledger._replace(held=ledger.held + 1), ())


def take_out(work: AccountWork, entry: Entry) -> None:
    """Take back what an entry counts in the account that it leaves."""
    _count(work, Counting(entry.counted_day, entry.counted), _NOTHING)


def put_in(work: AccountWork, number: str, entry: Entry, former: str) -> None:
    """Take an entry in that comes from a former account: it counts, and its cases keep their names.

    Its clocks are looked at once all has arrived (`settle`).
    """
    _count(work, _NOTHING, Counting(entry.counted_day, entry.counted))
    named_after = entry.named or former
    arrived = entry._replace(due_on=0, named="" if named_after == work.books.account else named_after)
    work.books.keep_entry(number, arrived)


def settle(work: AccountWork, name: str) -> None:
    """Let the clocks of an entry (`e` and its number) or matter (`c` and its name) run on, and its cases follow."""
    if name[0] == "e":
        _settle_entry(work, name[1:])
        return
    matter = work.books.matter(name[1:])
    if matter is None:
        return
    matter = MatterClerk(work).kept(name[1:], matter)
    if not transfer_matter(work, name[1:], matter):
        MatterClerk(work).stands(name[1:], matter, RULE)


def _settle_entry(work: AccountWork, number: str) -> None:
    entry = work.books.entry(number)
    if entry is None:
        return
    entry = work.watched(number, entry, state_of(entry))
    work.books.keep_entry(number, entry)
    for case_type in [WORK_TYPES[bit] for bit in sorted(WORK_TYPES) if entry.open_cases >> bit & 1]:
        name = case_id(entry.named or work.books.account, number, entry.generation, case_type)
        case = work.books.case(name)
        assert case is not None, "an entry's open case comes along with it"
        if not transfer_case(work, name, case):
            work.out.append(CaseStands(name, case, entry, RULE))


def release(
    work: AccountWork, *, gone: str = "", is_left: bool = False, former: str = "", brought: Standing | None = None
) -> None:
    """End one move's hold on an account; with the last one its cuts are folded and it is placed.

    `gone` is the number that has left, `is_left` tells that nothing is left in the account; `brought` is the standing
    of the `former` account of a number that has arrived.
    """
    ledger = work.ledger()
    importers = tuple(number for number in ledger.importers if number != gone)
    ledger = ledger._replace(held=ledger.held - 1, importers=importers)
    work.keep(*(_taken_over(work, ledger, former, brought) if brought is not None else (ledger, ())))
    if work.ledger().held:
        return
    if is_left:
        _dissolve(work)
        return
    work.fold_cuts()
    _reconsider_placement(work)
    _reconsider_profile(work)
    look_again(work)


def _count(work: AccountWork, old: Counting, new: Counting) -> None:
    ledger = work.ledger()
    mix = mix_with(ledger.mix, work.books.days, (old, new))
    if mix != ledger.mix:
        work.keep(ledger._replace(mix=mix), ())


def _taken_over(
    work: AccountWork, ledger: Ledger, former: str, brought: Standing
) -> tuple[Ledger, tuple[Decision, ...]]:
    """Let an account without placement go on with the one that its first number had."""
    standing = ledger.standing
    if standing.computed is not None or brought.computed is None:
        return ledger, ()
    after = standing._replace(
        computed=brought.computed,
        challenger=brought.challenger,
        challenger_since=brought.challenger_since,
        coverage_version=brought.coverage_version,
    )
    sentence = f"The account goes on with the placement that its number had in account {former}: "
    review = Review(ledger.mix, work.books.days, work.rules, work.today)
    note = moved_kind(standing), f"{sentence}{named(brought.computed.center)} (P10)."
    return ledger._replace(standing=after), (decision(standing, after, review, [note]),)


def _dissolve(work: AccountWork) -> None:
    """End the placement of an account that all its numbers have left."""
    ledger = work.ledger()
    before = ledger.standing
    after = NEWCOMER._replace(last_cut=before.last_cut)
    review = Review(ledger.mix, work.books.days, work.rules, work.today)
    kind = DecisionKind.CHANGED if before.center else DecisionKind.UNCHANGED
    note = kind, "All importer numbers of the account have gone to other accounts (P10)."
    work.keep(ledger._replace(standing=after, override_ms=0, profile_ms=0), (decision(before, after, review, [note]),))


def _reconsider_placement(work: AccountWork) -> None:
    """Let the latest word of headquarters on any number of the account stand; none ends what a gone one brought."""
    ledger = work.ledger()
    words = [PlacementWord(*json.loads(text)) for _, text in work.books.notes_under(SAID_OF_PLACEMENT)]
    word = max(words, default=PlacementWord(0, 0, "", "its number has left the account", 0))
    if word.at_ms == ledger.override_ms:
        return
    around = ledger.mix, work.books.days, work.rules
    if word.center:
        override = Override(word.center, Basis(word.basis), word.reason, word.effective_day)
        standing, decided = set_override(ledger.standing, *around, override, work.today)
    else:
        standing, decided = remove_override(ledger.standing, *around, work.today, word.reason)
    work.keep(ledger._replace(standing=standing, override_ms=word.at_ms), (decided,))


def _reconsider_profile(work: AccountWork) -> None:
    """Let what CBP's file said last of any number of the account stand."""
    ledger = work.ledger()
    words = [ProfileWord(*json.loads(text)) for _, text in work.books.notes_under(SAID_OF_PROFILE)]
    word = max(words, default=ProfileWord(0, eligible=True, broker=False))
    if word.at_ms == ledger.profile_ms:
        return
    around = ledger.mix, work.books.days, work.rules, work.today
    standing, eligible = set_eligible(ledger.standing, *around, eligible=word.eligible)
    standing, broker = set_broker(standing, *around, broker=word.broker)
    work.keep(ledger._replace(standing=standing, profile_ms=word.at_ms), (eligible, broker))


def look_again(work: AccountWork) -> None:
    """Place an account that has no placement yet, and let tomorrow's cut look at what has been counted."""
    ledger = work.ledger()
    if ledger.held:
        return
    standing, around = ledger.standing, (ledger.mix, work.books.days, work.rules, work.today)
    decisions: tuple[Decision, ...] = ()
    if ledger.mix.days and (standing.computed is None or standing.computed.stale):
        standing, placed = first_placement(standing, *around)
        decisions = (placed,)
    work.keep(ledger._replace(standing=mix_changed(standing, *around)), decisions)


def matter_number(books: Books, matter: Matter) -> str:
    """Return the importer number that a matter goes with: that which brought it, else that of its first entry."""
    if matter.importers:
        return matter.importers[0]
    entry = books.entry(matter.entries[0][0]) if matter.entries else None
    return entry.importer if entry is not None else ""
