"""Taking a fact about an entry: most change the entry's own record alone."""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.casework import Reason
from streams.customs.entry_summary import Entry, broken_rule, entry_day, noted, state_of
from streams.customs.events import EntryFiled, EntryNoted
from streams.customs.life_cycle import FINAL, Kind, State
from streams.customs.outcomes import Ignored, Refused, Released, Waits
from streams.customs.replacing import replacing
from streams.customs.tariff_mix import remapped
from streams.customs.work_types import FILING_CHECK, LIQUIDATION_POSTED, REVIEW

_SIMPLE: Final = frozenset({Kind.PAID, Kind.SCHEDULED})
"""Facts that change neither state nor mix nor cases."""

_AWAITED: Final = frozenset({Kind.LIQUIDATED, Kind.RELIQUIDATED, Kind.PAID, Kind.SCHEDULED, Kind.DATE_SET})
"""Facts that a protest or a correction may wait for."""
_CONTROL: Final = frozenset({Kind.CONTROL_TRADE, Kind.CONTROL_CBP})
_REVIEWED: Final = frozenset({State.TRADE_CONTROL, State.CBP_CONTROL, State.CORRECTED})
"""Between these, a change of control means nothing to the mix and to the cases."""

_REVIEW_HEARS: Final = REVIEW.bit
_FILING_CHECK_HEARS: Final = FILING_CHECK.bit
_LIQUIDATION_HEARS: Final = LIQUIDATION_POSTED.bit


def note(work: AccountWork, event: EntryNoted) -> None:
    """Put a fact in its register, and do what the new state of the entry calls for."""
    number = event.entry_number
    entry = summarised(work, number)
    if entry is None:
        return
    state = state_of(entry)
    rule = broken_rule(entry, state, event.kind, event.cause.at_ms)
    if rule is not None:
        work.out.append(Refused(rule, number))
        return
    after = noted(entry, event.kind, event.cause.at_ms, event.day)
    if after is entry:
        work.out.append(Ignored(None, number))
        return
    if event.kind in _SIMPLE and not entry.marks:
        if not _is_looked_at_before(work, entry, event):
            after = work.watched(number, after, state)
    else:
        after = _with_effects(work, event, (entry, state), after)
    waited = entry.waiting and event.kind in _AWAITED
    work.books.keep_entry(number, after._replace(waiting=False) if waited else after)
    if waited:
        work.out.append(Released(number))


def _is_looked_at_before(work: AccountWork, entry: Entry, event: EntryNoted) -> bool:
    """Tell whether the next look at the entry's clocks comes before a payment or a scheduled day could matter."""
    look = entry.due_on
    return work.today < look and (event.kind is Kind.PAID or event.day >= look)


def _with_effects(work: AccountWork, event: EntryNoted, before: tuple[Entry, State], after: Entry) -> Entry:
    """Count and route an entry anew after a fact that may have changed its state, its day, or what others know."""
    entry, state = before
    kind, then = event.kind, state_of(after)
    if kind is Kind.DATE_SET:
        after = _counted_under_its_day(work, entry, after)
    elif kind in _CONTROL and state in _REVIEWED and then in _REVIEWED:
        return after
    after = work.recounted(entry, after, then)
    return work.settled(event.entry_number, after, then, Reason(kind, _hearing(kind, then), work.now_ms))


def _counted_under_its_day(work: AccountWork, before: Entry, after: Entry) -> Entry:
    """Let a summary count under the coverage that is in force on its new entry day (P12)."""
    book = work.rules.coverage
    coverage = book.in_force(entry_day(after))
    if coverage is book.in_force(entry_day(before)):
        return after
    return after._replace(counted=remapped(after.counted, coverage))


def _hearing(kind: Kind, state: State) -> int:
    """Return the work types whose open cases hear of a fact, as bits."""
    if kind is Kind.REJECTED and state is State.REJECTED:
        return _REVIEW_HEARS
    if kind in (Kind.LIQUIDATED, Kind.RELIQUIDATED) and state in FINAL:
        return _LIQUIDATION_HEARS
    return 0


def summarised(work: AccountWork, number: str) -> Entry | None:
    """Return an entry whose summary is known; None after refusing its number, or letting the event wait for it."""
    entry = work.entry(number)
    if entry is None or entry.version:
        return entry
    wait(work, number, entry)
    return None


def wait(work: AccountWork, number: str, entry: Entry) -> None:
    """Let an event wait for the summary that it speaks of."""
    if not entry.waiting:
        work.books.keep_entry(number, entry._replace(waiting=True))
    work.out.append(Waits(number))


def file_entry(work: AccountWork, event: EntryFiled) -> None:
    """Take an entry whose goods are released: its summary is due within ten working days."""
    number = event.entry_number
    entry = work.entry(number)
    if entry is None:
        return
    after = noted(entry, Kind.FILED, event.entered_ms, 0)
    if after is entry:
        work.out.append(Ignored(None, number))
        return
    if not after.version:
        after = _with_release(after, event.importer, (event.port,), event.entry_type)
    reason = Reason(Kind.FILED, _FILING_CHECK_HEARS, work.now_ms)
    work.books.keep_entry(number, work.settled(number, after, state_of(after), reason))


_with_release: Final = replacing(Entry, "importer", "ports", "entry_type")
