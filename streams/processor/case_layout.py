"""How an open case, and the account that has an entry, become bytes in the state; see `entry_layout`."""

from collections.abc import Callable, Mapping
from struct import Struct
from types import MappingProxyType
from typing import Final

from streams.customs.cases import Case
from streams.customs.entry_index import Holder

_CASE: Final = Struct("<BBBBHIBq11s")
_HOLDER: Final = Struct("<BB")
_RANKED: Final = Struct("<BBB")
"""Since version 2: length of the rank, which stands between this and the account."""


def dump_case(case: Case) -> bytes:
    """Return an open case as bytes, in the newest layout."""
    return _CASE.pack(
        1,
        case.work_type,
        case.generation,
        case.desk,
        case.assignment,
        case.sequence,
        case.taken,
        case.opened_ms,
        case.entry_number.encode(),
    )


def _case_1(data: bytes) -> Case:
    _, work_type, generation, desk, assignment, sequence, taken, opened_ms, number = _CASE.unpack(data)
    return Case(work_type, number.decode(), generation, desk, assignment, sequence, bool(taken), opened_ms)


_CASE_LOADERS: Final[Mapping[int, Callable[[bytes], Case]]] = MappingProxyType({1: _case_1})


def load_case(data: bytes) -> Case:
    """Return an open case from bytes of any layout."""
    return _CASE_LOADERS[data[0]](data)


def dump_holder(holder: Holder) -> bytes:
    """Return the account that has an entry as bytes, in the newest layout."""
    return _RANKED.pack(2, holder.generation, len(holder.rank)) + holder.rank + holder.account.encode()


def load_holder(data: bytes) -> Holder:
    """Return the account that has an entry from bytes of any layout."""
    if data[0] == 1:
        _, generation = _HOLDER.unpack_from(data)
        return Holder(data[_HOLDER.size :].decode(), generation)
    _, generation, length = _RANKED.unpack_from(data)
    account = _RANKED.size + length
    return Holder(data[account:].decode(), generation, data[_RANKED.size : account])
