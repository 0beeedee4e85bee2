"""How a matter becomes bytes in the state: a version, and its fields as JSON.

Matters are few beside the cases of entries, and have lists of any length: here a layout that a person can read costs
nothing that counts.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from streams.customs.matters import Matter, Running

_VERSION: Final = b"\x01"


def dump_matter(matter: Matter) -> bytes:
    """Return a matter as bytes, in the newest layout."""
    return _VERSION + json.dumps(matter, separators=(",", ":")).encode()


def _matter_1(data: bytes) -> Matter:
    fields: list[Any] = [tuple(value) if isinstance(value, list) else value for value in json.loads(data[1:])]
    matter = Matter(*fields)
    entries = tuple((number, generation) for number, generation in matter.entries)
    return matter._replace(entries=entries, clocks=tuple(Running(*clock) for clock in matter.clocks))


_LOADERS: Final[Mapping[int, Callable[[bytes], Matter]]] = MappingProxyType({1: _matter_1})


def load_matter(data: bytes) -> Matter:
    """Return a matter from bytes of any layout."""
    return _LOADERS[data[0]](data)
