"""How an importer's placement, totals and counted days become bytes in the state; see `entry_layout`."""

from collections.abc import Callable, Mapping
from struct import Struct
from types import MappingProxyType
from typing import Final

from streams.customs.ledger import Ledger
from streams.customs.placement import Basis, HistoryClass, Override, Placement, Standing
from streams.customs.tariff import Cell
from streams.customs.tariff_mix import CenterCount, DayCounts, Mix

Cells = Mapping[Cell, tuple[int, int]]

_LEDGER: Final = Struct("<BBBIBBIHIIIIIIqqBBH")
"""Version, flags, Center, since, history, challenger, since, flags, last cut, review, mix, instants, list lengths."""

_OVERRIDE: Final = Struct("<BBIH")
_CENTER_COUNT: Final = Struct("<BIqI")
_DAY: Final = Struct("<BIBH")
_CELL: Final = Struct("<IIq")
_HELD: Final = Struct("<HB")
"""Version 2 of a ledger, of an account that is held or shares entries, has both at the end."""

_BASES: Final = tuple(Basis)
"""The order is stored: new grounds are added at the end."""

_HISTORIES: Final = tuple(HistoryClass)
_HISTORY_NUMBERS: Final = {history: number for number, history in enumerate(_HISTORIES)}

_PLACED, _FIRM, _STALE, _ELIGIBLE, _OVERRIDDEN, _SCHEDULED, _BROKER, _SINGLY = 1, 2, 4, 8, 16, 32, 64, 128


def dump_ledger(ledger: Ledger) -> bytes:
    """Return placement and totals as bytes, in the newest layout."""
    standing, mix = ledger.standing, ledger.mix
    days = mix.days.to_bytes((mix.days.bit_length() + 7) // 8, "little")
    placed = standing.computed
    flags = _ELIGIBLE * standing.eligible | _BROKER * standing.broker | _SINGLY * standing.singly
    if placed is not None:
        flags |= _PLACED | _FIRM * placed.firm | _STALE * placed.stale
    tail = _dump_text(standing.coverage_version) + b"".join(map(_dump_text, ledger.importers))
    if placed is not None:
        tail += _dump_text(placed.policy_version) + _dump_text(placed.coverage_version)
    for bit, override in ((_OVERRIDDEN, standing.override), (_SCHEDULED, standing.scheduled)):
        if override is not None:
            flags |= bit
            tail += _dump_override(override)
    if ledger.held or ledger.shares:
        tail += _HELD.pack(ledger.held, ledger.shares)
    head = _LEDGER.pack(
        2 if ledger.held or ledger.shares else 1,
        flags,
        placed.center if placed is not None else 0,
        placed.since if placed is not None else 0,
        _HISTORY_NUMBERS[placed.history] if placed is not None else 0,
        standing.challenger,
        standing.challenger_since,
        standing.flags,
        standing.last_cut,
        standing.review_on,
        mix.counted_from,
        mix.summaries,
        mix.earliest_before,
        mix.latest_before,
        ledger.override_ms,
        ledger.profile_ms,
        len(mix.centers),
        len(ledger.importers),
        len(days),
    )
    return b"".join([head, *[_CENTER_COUNT.pack(*count) for count in mix.centers], days, tail])


def _dump_text(text: str) -> bytes:
    data = text.encode()
    return bytes((len(data),)) + data


def _dump_override(override: Override) -> bytes:
    reason = override.reason.encode()
    return _OVERRIDE.pack(override.center, _BASES.index(override.basis), override.effective_on, len(reason)) + reason


def _ledger_1(data: bytes) -> Ledger:
    (
        _,
        flags,
        center,
        since,
        history,
        challenger,
        challenger_since,
        standing_flags,
        last_cut,
        review_on,
        counted_from,
        summaries,
        earliest_before,
        latest_before,
        override_ms,
        profile_ms,
        centers,
        importers,
        days,
    ) = _LEDGER.unpack_from(data)
    at = _LEDGER.size + centers * _CENTER_COUNT.size
    counts = tuple([CenterCount(*count) for count in _CENTER_COUNT.iter_unpack(data[_LEDGER.size : at])])
    bits = int.from_bytes(data[at : at + days], "little")
    coverage_version, at = _load_text(data, at + days)
    numbers = []
    for _ in range(importers):
        number, at = _load_text(data, at)
        numbers.append(number)
    placed = None
    if flags & _PLACED:
        policy, at = _load_text(data, at)
        coverage, at = _load_text(data, at)
        firm, stale = bool(flags & _FIRM), bool(flags & _STALE)
        placed = Placement(center, since, firm, stale, _HISTORIES[history], policy, coverage)
    override, at = _load_override(data, at) if flags & _OVERRIDDEN else (None, at)
    scheduled, at = _load_override(data, at) if flags & _SCHEDULED else (None, at)
    return Ledger(
        Standing(
            placed,
            override,
            scheduled,
            bool(flags & _ELIGIBLE),
            challenger,
            challenger_since,
            standing_flags,
            coverage_version,
            last_cut,
            review_on,
            bool(flags & _BROKER),
            bool(flags & _SINGLY),
        ),
        Mix(counted_from, bits, summaries, counts, earliest_before, latest_before),
        tuple(numbers),
        override_ms,
        profile_ms,
    )


def _load_text(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + data[at]
    return data[at + 1 : end].decode(), end


def _load_override(data: bytes, at: int) -> tuple[Override, int]:
    center, basis, effective_on, length = _OVERRIDE.unpack_from(data, at)
    at += _OVERRIDE.size
    return Override(center, _BASES[basis], data[at : at + length].decode(), effective_on), at + length


def _held_ledger(data: bytes) -> Ledger:
    held, shares = _HELD.unpack(data[-_HELD.size :])
    return _ledger_1(data)._replace(held=held, shares=bool(shares))


_LEDGER_LOADERS: Final[Mapping[int, Callable[[bytes], Ledger]]] = MappingProxyType({1: _ledger_1, 2: _held_ledger})


def load_ledger(data: bytes) -> Ledger:
    """Return placement and totals from bytes of any layout."""
    return _LEDGER_LOADERS[data[0]](data)


MOST_CELLS: Final = 2_000
"""Cells in the record of a day; where there are more, they are kept beside it (see `day_parts`) and it has none."""


def dump_day(counts: DayCounts) -> bytes:
    """Return what is counted for a day as bytes, in the newest layout."""
    cells: Cells = counts.cells if len(counts.cells) <= MOST_CELLS else {}
    head = _DAY.pack(1, counts.summaries, len(counts.centers), len(cells))
    centers = [_CENTER_COUNT.pack(*count) for count in counts.centers]
    return b"".join([head, *centers, *[_CELL.pack(cell, *count) for cell, count in cells.items()]])


def _day_1(data: bytes) -> DayCounts:
    _, summaries, centers, _ = _DAY.unpack_from(data)
    at = _DAY.size + centers * _CENTER_COUNT.size
    counts = tuple([CenterCount(*count) for count in _CENTER_COUNT.iter_unpack(data[_DAY.size : at])])
    cells = {cell: (lines, value_usd) for cell, lines, value_usd in _CELL.iter_unpack(data[at:])}
    return DayCounts(summaries, counts, cells)


_DAY_LOADERS: Final[Mapping[int, Callable[[bytes], DayCounts]]] = MappingProxyType({1: _day_1})


def dump_cells(cells: Cells) -> bytes:
    """Return the cells of one heading of a day as bytes: a version, and each cell."""
    return b"\x01" + b"".join([_CELL.pack(cell, *count) for cell, count in cells.items()])


def load_cells(data: bytes) -> Cells:
    """Return the cells of one heading of a day from bytes; one layout was ever written."""
    return {cell: (lines, value_usd) for cell, lines, value_usd in _CELL.iter_unpack(data[1:])}


def load_day(data: bytes) -> DayCounts:
    """Return what is counted for a day from bytes of any layout."""
    return _DAY_LOADERS[data[0]](data)
