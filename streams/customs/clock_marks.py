"""What a clock has brought about so far, and what it brings about next: never early, never twice.

A clock passes through stages: a warning before its bare end; after its moved end it is marked overdue, or a legal
result is presumed and, three days later, final. A mark remembers the last stage, and for which end; where the end
moves, the mark no longer holds and the clock starts anew.
"""

from enum import IntEnum
from typing import Final, NamedTuple

from streams.customs.tariff import Day

CONFIRMED_AFTER_DAYS: Final = 3
"""A presumed legal result becomes final after so many days without a contrary event."""

_STAGE: Final = 16
_DAYS: Final = (1 << _STAGE) - 1


class Stage(IntEnum):
    """How far a clock has come; the numbers are stored."""

    RUNNING = 0
    DUE_SOON = 1
    OVERDUE = 2
    PRESUMED = 3
    FINAL = 4
    CLOSED = 5
    """A window has closed, and with it what was open only for its sake."""


class Effects(NamedTuple):
    """What the end of a period brings about."""

    warn_days: int = 0
    """A warning goes out so many days before the bare end; none where it is 0."""
    end: Stage = Stage.RUNNING
    """What the end itself is: overdue, a presumed result, a closed window; nothing where it is `RUNNING`."""


NOTHING: Final = Effects()


class Ends(NamedTuple):
    """The two ends of a running clock, both still in time."""

    warn_by: Day
    closes_after: Day


class Mark(NamedTuple):
    """The last stage of a clock, for which end it holds, and when it was reached."""

    closes_after: Day
    stage: Stage
    on: Day


Marks = tuple[int, ...]
"""Per clock three numbers: its period, the end, and stage and day in one number; in the order of periods."""

UNMARKED: Final = Mark(0, Stage.RUNNING, 0)


def mark_of(marks: Marks, period: int) -> Mark:
    """Return the mark of a clock; `UNMARKED` where it has brought nothing about."""
    for at in range(0, len(marks), 3):
        if marks[at] == period:
            return Mark(marks[at + 1], Stage(marks[at + 2] >> _STAGE), marks[at + 2] & _DAYS)
    return UNMARKED


def with_mark(marks: Marks, period: int, mark: Mark) -> Marks:
    """Return the marks with that of one clock; without it where it is `UNMARKED`."""
    kept = [marks[at : at + 3] for at in range(0, len(marks), 3) if marks[at] != period]
    if mark is not UNMARKED:
        kept.append((period, mark.closes_after, mark.stage << _STAGE | mark.on))
    return tuple(number for triple in sorted(kept) for number in triple)


def next_stage(effects: Effects, ends: Ends, mark: Mark, today: Day) -> Stage | None:
    """Return the stage that a clock reaches today, or None where nothing is due.

    After a long pause a warning that has come too late is left out; a legal result is presumed first all the same.
    """
    stage = mark.stage if mark.closes_after == ends.closes_after else Stage.RUNNING
    if today > ends.closes_after:
        if stage is Stage.PRESUMED:
            return Stage.FINAL if today >= mark.on + CONFIRMED_AFTER_DAYS else None
        return effects.end if stage < effects.end and stage < Stage.OVERDUE else None
    warns = effects.warn_days and today >= ends.warn_by - effects.warn_days
    return Stage.DUE_SOON if warns and stage is Stage.RUNNING else None


def next_day(effects: Effects, ends: Ends, mark: Mark) -> Day:
    """Return the first day on which `next_stage` may return a stage; 0 where no day will."""
    stage = mark.stage if mark.closes_after == ends.closes_after else Stage.RUNNING
    if stage is Stage.PRESUMED:
        return mark.on + CONFIRMED_AFTER_DAYS
    if stage is Stage.RUNNING and effects.warn_days:
        return ends.warn_by - effects.warn_days
    return ends.closes_after + 1 if stage < Stage.OVERDUE and effects.end else 0
