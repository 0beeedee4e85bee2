"""What two accounts know of one entry, put together when one of them gives it up to the other."""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.casework import Reason
from streams.customs.entry_summary import Entry, state_of
from streams.customs.facts_known import Fact, Facts, with_fact
from streams.customs.life_cycle import State

GIVEN_UP: Final = "entry.has_another_importer"
FOUND: Final = "entry.had_another_importer"

_DATED: Final = ("paid", "scheduled", "set", "liquidated", "reliquidated")


def without_cases(work: AccountWork, number: str, entry: Entry) -> Entry:
    """Close the cases of an entry that another account has by now; they are not wanted here any more."""
    return work.routed(number, entry, State.DELETED, Reason(GIVEN_UP, 0, work.now_ms))


def with_facts_of(work: AccountWork, number: str, known: Entry, other: Entry) -> None:
    """Let an entry take over what CBP has said of it to another account: of two words the later one."""
    entry = known._replace(
        filed_ms=min(filter(None, (known.filed_ms, other.filed_ms)), default=0),
        rejected_ms=max(known.rejected_ms, other.rejected_ms),
        deleted_ms=max(known.deleted_ms, other.deleted_ms),
        facts=_facts(known.facts, other.facts),
    )
    entry = _later(entry, other, ("control_ms", "cbp_control"))
    entry = _later(entry, other, ("ended_ms", "cancelled"))
    for fact in _DATED:
        entry = _later(entry, other, (f"{fact}_ms", f"{fact}_day"))
    if entry == known:
        return
    state = state_of(entry)
    entry = work.recounted(known, entry, state)
    work.books.keep_entry(number, work.settled(number, entry, state, Reason(FOUND, 0, work.now_ms)))


def _later(entry: Entry, other: Entry, names: tuple[str, str]) -> Entry:
    """Return the entry with the later of two words: its instant, and what it says."""
    words = [tuple(getattr(one, name) for name in names) for one in (entry, other)]
    return entry._replace(**dict(zip(names, max(words), strict=True)))


def _facts(first: Facts, second: Facts) -> Facts:
    for at in range(0, len(second), 3):
        kind, day, at_ms = second[at : at + 3]
        first = with_fact(first, Fact(kind), day, at_ms)
    return first
