"""What the clocks of an entry bring about: warnings, marks, legal results, and their withdrawal by late events."""

from typing import Final

from streams.customs.case_clocks import REVIEWED, Found, entry_due, watches
from streams.customs.clock_marks import UNMARKED, Mark, Marks, Stage, mark_of, next_stage, with_mark
from streams.customs.entry_summary import Entry
from streams.customs.life_cycle import State
from streams.customs.periods import PERIOD
from streams.customs.tariff import Day
from streams.customs.work import Action, wanted_without_clocks
from streams.customs.work_types import (
    DEEMED_WATCH,
    DRAWBACK,
    EXTENSION,
    SCHEDULED_WATCH,
    SUSPENSION,
)

ACTIONS: Final = {
    Stage.DUE_SOON: Action.DUE_SOON,
    Stage.OVERDUE: Action.OVERDUE,
    Stage.PRESUMED: Action.LEGAL_RESULT_PRESUMED,
    Stage.FINAL: Action.LEGAL_RESULT,
}
"""What a stage is called on a piece of work; a window that closes is the end of its case."""

Word = tuple[int, Action, str]
"""What a case hears of a clock: its work type, the action, the rule."""

_HEIRS: Final = {5: DEEMED_WATCH.number, 9: EXTENSION.number, 10: SUSPENSION.number, 34: DRAWBACK.number}
"""By the number of a period with a legal result: the work type whose case hears of it."""


def clock_rule(period: int) -> str:
    """Return how a clock is named as the reason of a piece of work."""
    return f"clock.{PERIOD[period].name}"


def found_for(entry: Entry, state: State) -> Found:
    """Return the clocks of an entry that may bring something about."""
    return watches(entry, state, wanted_without_clocks(entry, state))


def due_for(entry: Entry, state: State, today: Day) -> Day:
    """Return the day on which the clocks of an entry have to be looked at again; 0 if none."""
    return entry_due(entry, found_for(entry, state), today)


def advanced(entry: Entry, state: State, today: Day) -> tuple[Marks, list[Word]]:
    """Return the marks after what is due today, and what the cases hear of it."""
    marks, words = entry.marks, []
    for work_type, period, ends in found_for(entry, state).watches:
        if work_type == SCHEDULED_WATCH.number and not entry.paid_day:
            continue
        stage = next_stage(period.effects, ends, mark_of(marks, period.number), today)
        if stage is None:
            continue
        marks = with_mark(marks, period.number, Mark(ends.closes_after, stage, today))
        action = ACTIONS.get(stage)
        if action is not None and work_type != SCHEDULED_WATCH.number:
            words.append((work_type, action, clock_rule(period.number)))
    return marks, words


def refreshed(entry: Entry, state: State) -> tuple[Marks, list[Word]]:
    """Return the marks that still hold after an event, and which legal results it withdraws.

    A clock whose end has moved starts anew. One that no longer runs keeps its mark, lest it warn twice, except for
    a legal result: that is withdrawn, unless CBP's liquidation is what confirms it.
    """
    ends = {watch.period.number: watch.ends.closes_after for watch in found_for(entry, state).watches}
    marks, words = entry.marks, []
    for number in entry.marks[::3]:
        mark = mark_of(marks, number)
        if ends.get(number) == mark.closes_after:
            continue
        is_result = mark.stage in {Stage.PRESUMED, Stage.FINAL}
        if is_result and not _is_confirmed(entry, mark, state):
            words.append((_HEIRS[number], Action.LEGAL_RESULT_WITHDRAWN, clock_rule(number)))
            marks = with_mark(marks, number, UNMARKED)
        elif number in ends or (not is_result and number in _WATCHES):
            marks = with_mark(marks, number, UNMARKED)
    return marks, words


_WATCHES: Final = frozenset({3, 4, 5})
"""Periods whose mark alone keeps a watch open: it ends where they no longer run."""


def _is_confirmed(entry: Entry, mark: Mark, state: State) -> bool:
    """Tell whether a liquidation by law stands: CBP has posted a liquidation that is no earlier."""
    posted = entry.liquidated_day
    return state not in REVIEWED and posted > 0 and posted >= mark.closes_after
