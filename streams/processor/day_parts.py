"""A day with thousands of subheadings: its cells are kept by heading beside it, so that no record grows with them.

Up to `MOST_CELLS` stand in the record of the day itself. Beyond them that record has only the sums, and each four-digit
heading a record of its own: a heading has at most a hundred subheadings. In memory a day is always whole.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol, TypeVar

from streams.customs.tariff import Cell, cell_heading
from streams.customs.tariff_mix import DayCounts
from streams.engine.api import State, Table
from streams.processor.ledger_layout import MOST_CELLS, Cells
from streams.processor.tables import DAYS, PARTS, day_bytes

V = TypeVar("V")

_CHANGED_AT_ONCE: Final = 1_000
"""Cells that one event can add or take away: more than a summary has lines."""


class Readable(Protocol):
    """What reading a day takes."""

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield keys and values in byte order."""


def whole_day(state: Readable, prefix: bytes, day: int) -> DayCounts | None:
    """Return what is counted for a day, put together from its parts where it has any; None where nothing is."""
    counts = state.get(DAYS, prefix + day_bytes(day))
    if counts is None or counts.cells:
        return counts
    return counts._replace(cells=dict(cell for _, part in _parts_on_file(state, prefix, day) for cell in part.items()))


def put_day(state: State, prefix: bytes, day: int, counts: DayCounts) -> None:
    """Keep what is counted for a day, with the parts that have changed."""
    if len(counts.cells) > MOST_CELLS - _CHANGED_AT_ONCE:
        # In the order of cells: that of arrival is lost with the parts, and equal states must have equal bytes.
        counts = counts._replace(cells=dict(sorted(counts.cells.items())))
        _put_parts(state, prefix, day, counts.cells)
    state.put(DAYS, prefix + day_bytes(day), counts)


def delete_day(state: State, prefix: bytes, day: int) -> None:
    """Forget a day with its parts."""
    key = prefix + day_bytes(day)
    known = state.get(DAYS, key)
    if known is not None and not 0 < len(known.cells) <= MOST_CELLS:
        for part, _ in list(_parts_on_file(state, prefix, day)):
            state.delete(PARTS, part)
    state.delete(DAYS, key)


def _put_parts(state: State, prefix: bytes, day: int, cells: Cells) -> None:
    known = whole_day(state, prefix, day)
    before = _by_heading(known.cells) if known is not None and len(known.cells) > MOST_CELLS else {}
    after = _by_heading(cells) if len(cells) > MOST_CELLS else {}
    for heading in sorted(before.keys() | after.keys()):
        key = prefix + day_bytes(day) + heading.encode()
        part = after.get(heading)
        if part is None:
            state.delete(PARTS, key)
        elif part != before.get(heading):
            state.put(PARTS, key, part)


def _by_heading(cells: Cells) -> Mapping[str, dict[Cell, tuple[int, int]]]:
    parts: dict[str, dict[Cell, tuple[int, int]]] = {}
    for cell, count in cells.items():
        parts.setdefault(cell_heading(cell), {})[cell] = count
    return parts


def _parts_on_file(state: Readable, prefix: bytes, day: int) -> Iterator[tuple[bytes, Cells]]:
    return state.scan(PARTS, prefix + day_bytes(day), prefix + day_bytes(day + 1))
