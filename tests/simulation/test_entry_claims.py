"""Summaries name another importer than before, and the first one again, while workers die."""

from collections.abc import Iterator
from functools import cache

import pytest

from streams.engine.simulated.network import Faults
from streams.processor.tables import ENTRIES as ENTRIES_TABLE
from tests.simulation.test_account_moves import GROUP, JOINS, NUMBERS, End, Event, accepted, run
from tests.unit.processor.kit import COMPUTER, SHIRT, filed

FORMER, LATER = JOINS, f"{GROUP}00"
ENTRIES = 12


def before() -> Iterator[Event]:
    """Yield entries of one importer, and one of the other."""
    for number in NUMBERS[:ENTRIES]:
        yield accepted(number, FORMER, COMPUTER, "2023-11-14T21:00:00")
    yield accepted(NUMBERS[100], LATER, SHIRT, "2023-11-14T21:00:00")


def since() -> Iterator[Event]:
    """Yield a replacement of each under the other importer, every third one back again, and repeats of both."""
    for place, number in enumerate(NUMBERS[:ENTRIES]):
        yield replaced(number, LATER, "00101", f"2023-11-14T21:{place:02d}:10")
        if place % 3 == 0:
            yield replaced(number, FORMER, "00102", f"2023-11-14T21:{place:02d}:20")
        yield replaced(number, LATER, "00101", f"2023-11-14T21:{place:02d}:10")


def replaced(number: str, importer: str, version: str, when: str) -> Event:
    """Return the replacement of a summary."""
    fields = filed(SHIRT, number=number, importer=importer, version=version, when=when)
    return "entry_summary_replaced", fields, "entry-summary-event"


@cache
def undisturbed() -> End:
    """Return the end of a run in which nothing breaks."""
    return run(0, story=(before, since))


def test_without_trouble_each_entry_is_in_the_account_of_its_latest_version() -> None:
    end = undisturbed()

    assert end.found == []
    held = sorted(key.decode().split("/")[1:] for state in end.states for key in state if key.startswith(b"e/"))
    back = [[FORMER[:10], number] for number in NUMBERS[:ENTRIES:3]]
    gone = [[GROUP, number] for place, number in enumerate(NUMBERS[:ENTRIES]) if place % 3]
    assert held == sorted([*back, *gone, [GROUP, NUMBERS[100]]])


@pytest.mark.parametrize("part", range(2))
def test_a_worker_that_dies_while_entries_change_hands_changes_nothing(part: int) -> None:
    calm = undisturbed()
    every = (calm.steps - calm.began) // 24
    ends = {
        step: run(0, step, story=(before, since)) for step in range(calm.began + part * every, calm.steps, 2 * every)
    }

    assert {step: end.found for step, end in ends.items() if end.found} == {}
    assert [step for step, end in ends.items() if holders(end) != holders(calm)] == []


@pytest.mark.parametrize("seed", range(4))
def test_lost_answers_late_requests_and_rebalances_change_nothing_either(seed: int) -> None:
    faults = Faults(crash=0.002, lost=0.01, unanswered=0.01, late=0.005, rebalance=0.002)

    end = run(seed, faults=faults, story=(before, since))

    assert end.found == []
    assert holders(end) == holders(undisturbed())


def holders(end: End) -> list[object]:
    """Return who has which entry, and what counts in each account, whatever the partitions' turns were.

    An event that was overtaken by a later version may wait for the entry in an account that has it no more, until its
    wait ends and it is judged as it is: such an account does not have the entry.
    """
    parts = (b"x/", b"d/")
    found: list[object] = [sorted(key for key, value in state.items() if is_entry(key, value)) for state in end.states]
    return [*found, *({key: value for key, value in state.items() if key[:2] in parts} for state in end.states)]


def is_entry(key: bytes, value: object) -> bool:
    return key.startswith(b"e/") and isinstance(value, bytes) and bool(ENTRIES_TABLE.load(value).version)
