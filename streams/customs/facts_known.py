"""Rarer facts of an entry: kept as a list, so that the many entries without them stay small.

Each kind of fact is a register that only moves forward, like those of the entry itself: the latest instant wins,
and of two facts at one instant the one with the later day.
"""

from enum import IntEnum
from typing import Final

from streams.customs.tariff import Day

Facts = tuple[int, ...]
"""Per kind of fact three numbers: the kind, its day, its instant; in the order of kinds."""


class Fact(IntEnum):
    """Kinds of facts; the numbers are stored."""

    EXTENDED = 1
    """Day until which liquidation is extended."""
    SUSPENDED = 2
    """Day of the suspension."""
    SUSPENSION_REMOVED = 3
    """Day of the notice that the suspension is removed."""
    PSC_REJECTED = 4
    PSC_REVERTED = 5
    ANSWERED = 6
    """Day on which the documents asked for were handed in."""
    RELIQUIDATED_VOLUNTARILY = 7
    EXTENSION_DENIED = 8
    """Day on which an extension of a temporary importation was denied."""
    IMPORTATION_EXTENDED = 9
    """Day on which a temporary importation was extended."""
    EXPORTED = 10
    """Day of the proof of export or destruction."""
    CORRECTED = 11
    """Instant of the newest accepted correction, whether or not it stands; it has no day."""
    CORRECTED_BY_ANOTHER = 12
    """Day on which CBP told the filer that another filer has corrected the summary."""
    CONTROL_BEFORE = 13
    """Instant of a word on control before the latest one; in place of a day 1 if CBP took it, 0 if it gave it back."""


_NOTHING: Final = (0, 0)


def known(facts: Facts, kind: Fact) -> tuple[Day, int]:
    """Return day and instant of a fact; zeros where it is not known."""
    for at in range(0, len(facts), 3):
        if facts[at] == kind:
            return facts[at + 1], facts[at + 2]
    return _NOTHING


def day_of(facts: Facts, kind: Fact) -> Day:
    """Return the day of a fact; 0 where it is not known."""
    return known(facts, kind)[0] if facts else 0


def latest_ms(facts: Facts, kind: Fact) -> int:
    """Return the instant of a fact; 0 where it is not known."""
    return known(facts, kind)[1] if facts else 0


def with_fact(facts: Facts, kind: Fact, day: Day, at_ms: int) -> Facts:
    """Return the facts with one more; the same object where it tells nothing new."""
    present, present_ms = known(facts, kind)
    if (at_ms, day) <= (present_ms, present):
        return facts
    return replaced_fact(facts, kind, day, at_ms)


def replaced_fact(facts: Facts, kind: Fact, day: Day, at_ms: int) -> Facts:
    """Return the facts with a register set, whatever it was."""
    kept = [facts[at : at + 3] for at in range(0, len(facts), 3) if facts[at] != kind]
    return tuple(number for triple in sorted([*kept, (int(kind), day, at_ms)]) for number in triple)
