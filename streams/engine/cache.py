"""A bounded cache of decoded values that costs one dictionary look-up on a hit.

Two generations instead of a list in order of use: when the young one is full, it becomes the old one and what was
not asked for in the meantime is forgotten. What is in use survives, and no hit has to move anything. Each table of the
state has generations of its own, so that nobody has to put table and key together; they grow old at the same time.
"""

from collections.abc import Mapping
from typing import Final

ABSENT: Final = object()
"""Stands in the cache for a key that the store does not have."""

MISS: Final = object()
"""Returned for a key of which the cache knows nothing."""


class CachedTable:
    """The committed values of one table by key, in their two generations; `young` may be read by anyone."""

    __slots__ = ("old", "young")

    def __init__(self) -> None:
        self.young: dict[bytes, object] = {}
        self.old: dict[bytes, object] = {}


class ValueCache:
    """Holds at most `capacity` values of all tables together, and what one transaction changed."""

    __slots__ = ("_half", "_tables", "_young")

    def __init__(self, capacity: int) -> None:
        self._half = max(1, capacity // 2)
        self._tables: list[CachedTable] = []
        self._young = 0

    def add(self, table: CachedTable) -> None:
        """Let the values of a table count."""
        self._tables.append(table)

    def get(self, table: CachedTable, key: bytes) -> object:
        """Return the value, `ABSENT`, or `MISS`."""
        value = table.young.get(key, MISS)
        if value is MISS:
            value = table.old.get(key, MISS)
            if value is not MISS:
                self.put(table, key, value)
        return value

    def put(self, table: CachedTable, key: bytes, value: object) -> None:
        """Remember a value, or `ABSENT`."""
        self._make_room()
        table.young[key] = value
        self._young += 1

    def put_all(self, table: CachedTable, values: Mapping[bytes, object]) -> None:
        """Remember many at once; what is gone takes no place, for hardly anyone asks for it again."""
        self._make_room()
        young = table.young
        young.update(values)
        for key in [key for key, value in values.items() if value is ABSENT]:
            del young[key]
            table.old.pop(key, None)
        self._young = sum(len(table.young) for table in self._tables)

    def clear(self) -> None:
        """Forget everything, the tables too."""
        self._tables = []
        self._young = 0

    def _make_room(self) -> None:
        """Let all tables grow older once the young ones are full."""
        if self._young >= self._half:
            self._young = 0
            for table in self._tables:
                table.old, table.young = table.young, {}

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return sum(len(table.young.keys() | table.old.keys()) for table in self._tables)
