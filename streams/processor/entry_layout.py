"""How an entry becomes bytes in the state.

A layout is a fixed little-endian `struct` and, after it, lists of fixed items. The first byte is the version of
the layout: the reader keeps a loader for every version ever written, and the next write brings a value to the
newest one. `docs/decisions` has the measurement against Avro.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain
from struct import Struct
from types import MappingProxyType
from typing import Final

from streams.customs.entry_summary import Entry

_HEAD: Final = "<BBBH3Q9H11q16sBBH31s"
_ENTRY: Final = Struct(_HEAD)
"""Version, generation, flags, told, three sets of work types, days, instants, event id, list lengths, codes.

The codes are version (5 characters), entry type (2), importer (12) and three ports (4 each), ASCII, filled with 0.
"""

_CELL: Final = Struct("<IHq")
_CLOSED: Final = Struct("<BIH")
_NOTICED: Final = Struct("<BqH")
_WATCHED: Final = Struct("<QHBB")
"""Since version 2, behind the cells: closed work types, day of the next look, lengths of the lists that follow."""
_FACT: Final = Struct("<BHq")
_MARK: Final = Struct("<BHI")


def dump_entry(entry: Entry) -> bytes:
    """Return an entry as bytes, in the newest layout."""
    (
        generation,
        importer,
        ports,
        entry_type,
        version,
        accepted_ms,
        version_event,
        corrected,
        called_for,
        asked,
        asked_day,
        import_day,
        summary_day,
        set_day,
        set_ms,
        filed_ms,
        rejected_ms,
        ended_ms,
        cancelled,
        deleted_ms,
        control_ms,
        cbp_control,
        paid_day,
        paid_ms,
        scheduled_day,
        scheduled_ms,
        liquidated_day,
        liquidated_ms,
        reliquidated_day,
        reliquidated_ms,
        noticed,
        counted,
        counted_day,
        open_cases,
        closed_cases,
        told,
        waiting,
        done,
        facts,
        marks,
        due_on,
        named,
    ) = entry
    data = _layout(len(closed_cases) // 3, len(noticed) // 3, len(counted)).pack(
        3 if named else 2,
        generation,
        corrected | cancelled << 1 | cbp_control << 2 | waiting << 3,
        told,
        called_for,
        asked,
        open_cases,
        asked_day,
        import_day,
        summary_day,
        set_day,
        paid_day,
        scheduled_day,
        liquidated_day,
        reliquidated_day,
        counted_day,
        accepted_ms,
        set_ms,
        filed_ms,
        rejected_ms,
        ended_ms,
        deleted_ms,
        control_ms,
        paid_ms,
        scheduled_ms,
        liquidated_ms,
        reliquidated_ms,
        version_event,
        len(closed_cases) // 3,
        len(noticed) // 3,
        len(counted),
        _codes(version, entry_type, importer, ports),
        *closed_cases,
        *noticed,
        *chain.from_iterable(counted),
        done,
        due_on,
        len(facts) // 3,
        len(marks) // 3,
    )
    if facts or marks:
        data += _triples(_FACT, facts) + _triples(_MARK, marks)
    return data + f"{named:\0<12}".encode() if named else data


@lru_cache(maxsize=1024)
def _layout(closed: int, noticed: int, cells: int) -> Struct:
    """Return the layout of an entry up to the lengths of its facts and marks, by how many items its lists have."""
    lists = [(_CLOSED, closed), (_NOTICED, noticed), (_CELL, cells), (_WATCHED, 1)]
    return Struct(_HEAD + "".join(item.format[1:] * count for item, count in lists))


@lru_cache(maxsize=65_536)
def _codes(version: str, entry_type: str, importer: str, ports: tuple[str, ...]) -> bytes:
    """Return the codes of an entry; importers use the same types and ports again and again."""
    return f"{version:\0<5}{entry_type:\0<2}{importer:\0<12}{''.join(ports)}".encode()


@lru_cache(maxsize=65_536)
def _codes_in(data: bytes) -> tuple[str, str, str, tuple[str, ...]]:
    """Return what `_codes` was given, the same objects for all entries that share it."""
    text = data.decode()
    version, entry_type, importer = (text[first:end].rstrip("\0") for first, end in ((0, 5), (5, 7), (7, 19)))
    return version, entry_type, importer, tuple(text[at : at + 4] for at in range(19, len(text.rstrip("\0")), 4))


def _triples(item: Struct, numbers: tuple[int, ...]) -> bytes:
    return b"".join([item.pack(*numbers[at : at + 3]) for at in range(0, len(numbers), 3)])


def _entry(data: bytes) -> Entry:
    (
        _,
        generation,
        flags,
        told,
        called_for,
        asked,
        open_cases,
        asked_day,
        import_day,
        summary_day,
        set_day,
        paid_day,
        scheduled_day,
        liquidated_day,
        reliquidated_day,
        counted_day,
        accepted_ms,
        set_ms,
        filed_ms,
        rejected_ms,
        ended_ms,
        deleted_ms,
        control_ms,
        paid_ms,
        scheduled_ms,
        liquidated_ms,
        reliquidated_ms,
        version_event,
        closed,
        noticed,
        cells,
        codes,
    ) = _ENTRY.unpack_from(data)
    version, entry_type, importer, ports = _codes_in(codes)
    at_noticed = _ENTRY.size + closed * _CLOSED.size
    at_cells = at_noticed + noticed * _NOTICED.size
    at_watched = at_cells + cells * _CELL.size
    done, due_on, facts, marks = _watched(data, at_watched)
    return Entry(
        generation,
        importer,
        ports,
        entry_type,
        version,
        accepted_ms,
        version_event if codes[0] else b"",
        bool(flags & 1),
        called_for,
        asked,
        asked_day,
        import_day,
        summary_day,
        set_day,
        set_ms,
        filed_ms,
        rejected_ms,
        ended_ms,
        bool(flags & 2),
        deleted_ms,
        control_ms,
        bool(flags & 4),
        paid_day,
        paid_ms,
        scheduled_day,
        scheduled_ms,
        liquidated_day,
        liquidated_ms,
        reliquidated_day,
        reliquidated_ms,
        _numbers(_NOTICED, data[at_noticed:at_cells]) if noticed else (),
        tuple(_CELL.iter_unpack(data[at_cells:at_watched])),
        counted_day,
        open_cases,
        _numbers(_CLOSED, data[_ENTRY.size : at_noticed]) if closed else (),
        told,
        bool(flags & 8),
        done,
        facts,
        marks,
        due_on,
    )


def _watched(data: bytes, at: int) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    """Return what version 2 has behind the cells; nothing of it where an entry was written in version 1."""
    if data[0] == 1:
        return 0, 0, (), ()
    done, due_on, facts, marks = _WATCHED.unpack_from(data, at)
    if not facts and not marks:
        return done, due_on, (), ()
    at += _WATCHED.size
    at_marks = at + facts * _FACT.size
    return done, due_on, _numbers(_FACT, data[at:at_marks]), _numbers(_MARK, data[at_marks:])


def _numbers(item: Struct, data: bytes) -> tuple[int, ...]:
    return tuple([number for triple in item.iter_unpack(data) for number in triple])


def _named_entry(data: bytes) -> Entry:
    """Return an entry whose cases are named after another account than its own: that stands at the end."""
    return _entry(data[:-12])._replace(named=data[-12:].rstrip(b"\0").decode())


_ENTRY_LOADERS: Final[Mapping[int, Callable[[bytes], Entry]]] = MappingProxyType(
    {1: _entry, 2: _entry, 3: _named_entry}
)


def load_entry(data: bytes) -> Entry:
    """Return an entry from bytes of any layout."""
    return _ENTRY_LOADERS[data[0]](data)
