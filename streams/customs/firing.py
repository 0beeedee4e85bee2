"""Lets time work on an account: what is due on a day is brought about once, whether it is a day or a week late."""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.casework import Reason, announce
from streams.customs.clock_marks import Mark, Stage, mark_of, next_stage, with_mark
from streams.customs.clocks import ends_of
from streams.customs.entry_summary import Entry, state_of
from streams.customs.entry_watch import ACTIONS, advanced, clock_rule, due_for
from streams.customs.matter_clerk import MatterClerk
from streams.customs.matters import Matter, clock_of
from streams.customs.periods import PERIOD
from streams.customs.protest_changes import deny_by_law
from streams.customs.replacing import replacing
from streams.customs.tariff import Day
from streams.customs.work_types import PROTEST_ACCELERATED, PROTEST_EXCLUSION, WORK_TYPES

_DENIED_BY_LAW = frozenset({PROTEST_ACCELERATED.number, PROTEST_EXCLUSION.number})


def fire(work: AccountWork, name: str, listed: Day) -> None:
    """Do what the clocks of an entry or of a matter bring about, which was listed under a day that has come."""
    if name[0] == "e":
        _fire_entry(work, name[1:], listed)
    else:
        _fire_matter(work, name[1:], listed)


def _fire_entry(work: AccountWork, number: str, listed: Day) -> None:
    entry = work.books.entry(number)
    if entry is None or entry.due_on != listed:
        return
    state = state_of(entry)
    marks, words = advanced(entry, state, work.today)
    after = _with_marks(entry, marks, 0)
    if marks != entry.marks:
        rule = words[0][2] if words else "clock.window_closed"
        after = work.routed(number, after, state, Reason(rule, 0, work.now_ms))
        for work_type, action, reason in words:
            told = Reason(reason, 0, work.now_ms)
            work.out += announce(work.books, number, after, WORK_TYPES[work_type], action, told)
    due = work.not_before_today(due_for(after, state, work.today))
    if due:
        work.books.list_due(f"e{number}", 0, due)
        after = _with_marks(after, after.marks, due)
    work.books.keep_entry(number, after)


_with_marks: Final = replacing(Entry, "marks", "due_on")


def _fire_matter(work: AccountWork, case_id: str, listed: Day) -> None:
    matter = work.books.matter(case_id)
    if matter is None or matter.due_on != listed:
        return
    matter = matter._replace(due_on=0)
    for one in matter.clocks:
        ends, effects = ends_of(clock_of(one)), PERIOD[one.period].effects
        stage = next_stage(effects, ends, mark_of(matter.marks, one.period), work.today)
        if stage is None:
            continue
        mark = Mark(ends.closes_after, stage, work.today)
        matter = matter._replace(marks=with_mark(matter.marks, one.period, mark))
        if stage is Stage.CLOSED:
            MatterClerk(work).close_by_time(case_id, matter, clock_rule(one.period))
            return
        matter = MatterClerk(work).tell(case_id, matter, ACTIONS[stage], clock_rule(one.period))
        if stage is Stage.FINAL:
            _end_by_law(work, case_id, matter, clock_rule(one.period))
            return
    MatterClerk(work).kept(case_id, matter)


def _end_by_law(work: AccountWork, case_id: str, matter: Matter, rule: str) -> None:
    """End what a final legal result has decided: a protest, with all that goes with it, or a request."""
    if matter.work_type in _DENIED_BY_LAW:
        deny_by_law(work, matter, rule)
    else:
        MatterClerk(work).close_by_time(case_id, matter, rule)
