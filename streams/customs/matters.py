"""Matters: cases that a filing, a notice or a request brings by itself, beside those that an entry's state calls for.

A matter may cover many entries of many ports. Like every case it lies on one desk, has a number for each desk that
had it, and is named after what brought it, so that the same input never opens it twice.
"""

from typing import Final, NamedTuple

from streams.customs.calendar import EPOCH
from streams.customs.cases import Namespace, uuid5
from streams.customs.clock_marks import Marks, mark_of, next_day
from streams.customs.clocks import Clock, Period, date_of, ends_of
from streams.customs.importer_number import base_of
from streams.customs.periods import PERIOD
from streams.customs.tariff import Day
from streams.customs.work_types import WorkType

MOST_ENTRIES: Final = 1_000
MOST_REFERENCES: Final = 400
MOST_LINES: Final = 1_000
"""Entries, filings or notices, and lines of one case: its record in the state stays below 64 KB."""

NO_DESK: Final = -1

_MATTER_NAMESPACE: Final = Namespace("5b0d7d0d-6a0c-5c8f-9a1e-4f7d2b9c6a30")


class Running(NamedTuple):
    """A clock of a matter: its period, the day that started it, and the end where somebody has set one."""

    period: int
    started_on: Day
    due_on: Day = 0


class Matter(NamedTuple):
    """A case with content of its own, as it stands."""

    work_type: int
    desk: int
    assignment: int
    """How many desks have had the case, this one included."""
    sequence: int
    taken: bool
    opened_ms: int
    references: tuple[str, ...]
    """Numbers of the filings or notices in it; the first one brought it."""
    importers: tuple[str, ...]
    ports: tuple[str, ...]
    entries: tuple[tuple[str, int], ...]
    """Entry number and generation."""
    beside: int = NO_DESK
    """Desk of the Center that acts beside an owner elsewhere; `NO_DESK` if none does."""
    issue: str = ""
    heading: str = ""
    lines: tuple[str, ...] = ()
    clocks: tuple[Running, ...] = ()
    marks: Marks = ()
    due_on: Day = 0
    """Day under which it is listed among those whose clocks have to be looked at."""
    terms: tuple[str, ...] = ()
    """What a protest is judged by: protestant, type, what it is against, and the day of a decision or a demand."""
    filed_day: Day = 0
    """Day of the first filing."""
    stands: tuple[str, ...] = ()
    """Requests that a protest carries: accelerated, further_review."""


class Ended(NamedTuple):
    """What is remembered of a closed matter: who asks again is told, and a repeat is known."""

    event_id: str
    """Event that closed it."""
    decision: str
    decided_day: Day
    work_type: int
    assignment: int
    center: int
    importer: str = ""
    """Number that brought the case."""


class EarlierDecision(NamedTuple):
    """What was decided before for the same account, issue and heading."""

    case_id: str
    center: int
    decision: str
    decided_day: Day


class RelatedCase(NamedTuple):
    """Another open matter of the same account, issue and heading."""

    case_id: str
    work_type: int
    desk: int


def matter_id(account: str, work_type: WorkType, reference: str, importer: str = "") -> str:
    """Return the name of a matter: the same importer, work type and reference always share one.

    It has the base of the importer number in it, not the account: a number that joins or leaves an account (P10)
    keeps the names of its matters. Only what names no importer is named after the account.
    """
    return uuid5(_MATTER_NAMESPACE, f"{base_of(importer) or account}/{work_type.name}/{reference}")


def running(period: Period, day: Day, due_on: Day = 0) -> Running:
    """Return a clock of a matter that starts on a day."""
    return Running(period.number, day, due_on)


def clock_of(one: Running) -> Clock:
    """Return a clock of a matter with its ends."""
    period = PERIOD[one.period]
    if one.due_on:
        return period.until(date_of(one.started_on), date_of(one.due_on))
    return period.start(date_of(one.started_on))


def clocks_of_matter(matter: Matter) -> tuple[Clock, ...]:
    """Return the clocks that run in a matter."""
    return tuple([clock_of(one) for one in matter.clocks])


def matter_due(matter: Matter) -> Day:
    """Return the first day on which a clock of a matter brings anything about; 0 if none will."""
    days = [
        next_day(PERIOD[one.period].effects, ends_of(clock_of(one)), mark_of(matter.marks, one.period))
        for one in matter.clocks
    ]
    return min((day for day in days if day), default=0)


def closes_after(one: Running) -> Day:
    """Return the last day on which an act within a clock is still in time."""
    return (clock_of(one).closes_after - EPOCH).days


def without_clocks(matter: Matter, *periods: Period) -> Matter:
    """Return a matter in which the clocks of some periods have been stopped."""
    stopped = {period.number for period in periods}
    return matter._replace(clocks=tuple(one for one in matter.clocks if one.period not in stopped))


def has_room(matter: Matter, entries: int, lines: int = 0) -> bool:
    """Tell whether a case can take in another filing or notice with so many entries and lines."""
    return (
        len(matter.entries) + entries <= MOST_ENTRIES
        and len(matter.references) < MOST_REFERENCES
        and len(matter.lines) + lines <= MOST_LINES
    )


def merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Return the members of both, each once, in their order."""
    return (*first, *(one for one in second if one not in first))
