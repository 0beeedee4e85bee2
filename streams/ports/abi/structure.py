"""The order of records in one summary, as a table, and what a sequence of records breaks of it.

Source: structure maps of ACE ABI CATAIR Entry Summary Create/Update, July 2026. Where the maps as we have them give
no number of repeats, the bound is ours: once, except fees, taxes and revenues (once for each class code).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from string import ascii_letters
from typing import Final, NamedTuple

from streams.ports.abi.faults import Fault, Record, Stage, record_fault


class Loop(NamedTuple):
    """A group of records that repeats as a whole."""

    name: str
    at_most: int
    parts: tuple["Slot | Loop", ...]


class Slot(NamedTuple):
    """A place for a record: how often it has to and may stand there."""

    record: str
    at_least: int
    at_most: int


LINE: Final = Loop(
    "line",
    998,
    (
        Slot("40", 1, 1),
        Slot("41", 0, 1),
        Loop("invoice", 999, (Slot("42", 0, 1), Slot("43", 0, 1), Slot("44", 0, 1))),
        Slot("47", 0, 6),
        Slot("50", 1, 32),
        Slot("51", 0, 1),
        Slot("52", 0, 1),
        Slot("53", 0, 2),
        Slot("54", 0, 9),
        Slot("60", 0, 4),
        Slot("61", 0, 23),
        Slot("62", 0, 23),
        Slot("63", 0, 1),
        Slot("CW02", 0, 1),
    ),
)

SUMMARY: Final = Loop(
    "summary",
    1,
    (
        Slot("10", 1, 1),
        Slot("11", 0, 1),
        Slot("20", 0, 1),
        Slot("21", 0, 1),
        Loop("manifest", 999, (Slot("22", 1, 1), Slot("23", 0, 4))),
        Slot("30", 0, 1),
        Slot("31", 0, 2),
        Slot("32", 0, 999),
        Slot("33", 0, 1),
        Slot("34", 0, 1),
        Slot("35", 0, 1),
        Slot("36", 0, 99),
        LINE,
        Slot("88", 0, 1),
        Slot("89", 0, 9),
        Slot("90", 0, 1),
    ),
)

# What an added or replaced summary cannot do without; a deletion needs its header alone.
NEEDED: Final = {"11": "the importer of record", "40": "a line", "90": "the grand totals"}


@cache
def _symbols() -> Mapping[str, str]:
    """One letter for each record, so that a sequence of records is a word and the table a pattern."""
    return dict(zip((place.slot.record for place in _places()), ascii_letters, strict=False))


class _Place(NamedTuple):
    """A slot in reading order, with the loops around it, outermost first."""

    slot: Slot
    loops: tuple[Loop, ...]


@cache
def _places() -> tuple[_Place, ...]:
    return tuple(_flattened(SUMMARY, ()))


def _flattened(loop: Loop, around: tuple[Loop, ...]) -> Iterator[_Place]:
    for part in loop.parts:
        if isinstance(part, Loop):
            yield from _flattened(part, (*around, part))
        else:
            yield _Place(part, around)


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(_pattern(SUMMARY))


def _pattern(loop: Loop) -> str:
    # Possessive for single records alone: of whole groups, Python 3.11.2 loses what has to stand behind them. What a
    # group takes is settled by its records, so giving up rounds costs no more than one pass.
    parts = [
        f"{_pattern(part)}{{0,{part.at_most}}}"
        if isinstance(part, Loop)
        else f"{_symbols()[part.record]}{{{part.at_least},{part.at_most}}}+"
        for part in loop.parts
    ]
    body = "".join(parts)
    # A loop whose parts may all be absent would match nothing for ever: ask for one of its first records.
    heads = "".join(_symbols()[part.record] for part in loop.parts if isinstance(part, Slot))
    return f"(?:(?=[{heads}]){body})" if loop is not SUMMARY else body


def order_faults(batch: int, records: Sequence[Record], *, is_deletion: bool) -> list[Fault]:
    """Find what a summary's records break of order and repeats.

    Takes the known records of one summary, agencies' records left out. A record of unknown identity in the summary
    may be the one that is missed, so nothing is said to be missing then.
    """
    known = [record for record in records if record.id]
    if _word_pattern().fullmatch("".join([_symbols()[record.id] for record in known])) is None:
        faults = list(_Walk(batch, is_complete=len(known) == len(records)).faults(known))
    else:
        faults = []
    if len(known) == len(records) and not is_deletion and not faults:
        faults.extend(_missing(batch, known))
    return faults


def _missing(batch: int, records: Sequence[Record]) -> Iterator[Fault]:
    present = {record.id for record in records}
    header = records[0]
    for identifier, meaning in NEEDED.items():
        if identifier not in present:
            yield record_fault(
                Stage.ORDER, batch, header, f"the summary has no record {identifier}", f"add {meaning} ({identifier})"
            )


class _Walk:
    """One pass over a summary that follows the table as far as it can and names each record that leaves it."""

    def __init__(self, batch: int, *, is_complete: bool) -> None:
        self._batch = batch
        self._is_complete = is_complete
        self._at = -1
        self._times = 0
        self._rounds: dict[str, int] = {}
        self._index = {place.slot.record: index for index, place in enumerate(_places())}

    def faults(self, records: Sequence[Record]) -> Iterator[Fault]:
        """Yield a fault for each record that may not stand where it stands."""
        for record in records:
            wrong = self._step(record.id)
            if wrong:
                remedy = f"place it as the structure map says: {_neighbourhood(record.id)}"
                yield record_fault(Stage.ORDER, self._batch, record, wrong, remedy)
        skipped = self._passed_over(len(_places()), ())
        if skipped:
            wrong, remedy = f"the summary ends before {skipped}", "add the record that is missing"
            yield record_fault(Stage.ORDER, self._batch, records[-1], wrong, remedy)

    def _step(self, identifier: str) -> str:
        """Take one record; returns what is wrong with its standing here, empty if nothing."""
        target = self._index[identifier]
        if target == self._at:
            return self._again(identifier)
        if target > self._at:
            return self._forward(target)
        return self._back(target)

    def _again(self, identifier: str) -> str:
        place = _places()[self._at]
        if self._times < place.slot.at_most:
            self._times += 1
            return ""
        if place.loops and place.slot is _head(place.loops[-1]):
            return self._new_round(place.loops[-1], self._at)
        if place.loops and place.loops[-1].name == "invoice":
            return self._new_round(place.loops[-1], self._at)
        return f"record {identifier} stands here more than {place.slot.at_most} times"

    def _forward(self, target: int) -> str:
        around = _places()[target].loops
        skipped = self._passed_over(target, around)
        entered = [loop for loop in around if loop not in self._current_loops()]
        self._at, self._times = target, 1
        for loop in entered:
            self._rounds[loop.name] = 1
        return f"record {_places()[target].slot.record} stands before {skipped}" if skipped else ""

    def _current_loops(self) -> tuple[Loop, ...]:
        return _places()[self._at].loops if self._at >= 0 else ()

    def _passed_over(self, target: int, around: tuple[Loop, ...]) -> str:
        """Name a needed record between here and the target: of a loop that is left, or of one that is entered."""
        if not self._is_complete:
            return ""
        for place in _places()[self._at + 1 : target]:
            is_ours = place.loops == self._current_loops()[: len(place.loops)]
            if place.slot.at_least and (is_ours or place.loops == around[: len(place.loops)]):
                return f"its record {place.slot.record}"
        return ""

    def _back(self, target: int) -> str:
        place, current = _places()[target], _places()[self._at]
        for loop in place.loops:
            starts_round = place.slot is _head(loop) or loop.name == "invoice"
            if loop in current.loops and starts_round:
                return self._new_round(loop, target)
        return f"record {place.slot.record} comes after record {current.slot.record}"

    def _new_round(self, loop: Loop, target: int) -> str:
        end_of_loop = max(index for index, place in enumerate(_places()) if loop in place.loops) + 1
        skipped = self._passed_over(end_of_loop, ())
        rounds = self._rounds.get(loop.name, 1) + 1
        self._rounds[loop.name] = rounds
        self._at, self._times = target, 1
        if rounds == loop.at_most + 1:
            return f"more than {loop.at_most} groups that begin with record {_places()[target].slot.record}"
        return f"record {_places()[target].slot.record} stands before {skipped} of the line before" if skipped else ""


def _head(loop: Loop) -> Slot:
    head = loop.parts[0]
    assert isinstance(head, Slot)
    return head


def _neighbourhood(identifier: str) -> str:
    """Say what stands around a record in the table."""
    records = [place.slot.record for place in _places()]
    index = records.index(identifier)
    before = f"after {records[index - 1]}" if index else "first"
    after = f"before {records[index + 1]}" if index + 1 < len(records) else "last"
    return f"{before}, {after}, at most {_places()[index].slot.at_most}"


@cache
def structure_records() -> frozenset[str]:
    """Name all records that can stand in a summary, agencies' records left out."""
    return frozenset(place.slot.record for place in _places())
