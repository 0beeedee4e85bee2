"""A bounded cache of decoded values that costs one dictionary look-up on a hit.

Two generations instead of a list in order of use: when the young one is full, it becomes the old one and what was
not asked for in the meantime is forgotten. What is in use survives, and no hit has to move anything.
"""

from collections.abc import Mapping
from typing import Final

ABSENT: Final = object()
"""Stands in the cache for a key that the store does not have."""

MISS: Final = object()
"""Returned for a key of which the cache knows nothing."""


class ValueCache:
    """Decoded values by full key; holds at most twice `capacity` / 2 of them, and what one transaction changed."""

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, capacity: int) -> None:
        self._half = max(1, capacity // 2)
        self._young: dict[bytes, object] = {}
        self._old: dict[bytes, object] = {}

    def get(self, key: bytes) -> object:
        """Return the value, `ABSENT`, or `MISS`."""
        value = self._young.get(key, MISS)
        if value is MISS:
            value = self._old.get(key, MISS)
            if value is not MISS:
                self.put(key, value)
        return value

    def put(self, key: bytes, value: object) -> None:
        """Remember a value, or `ABSENT`."""
        if len(self._young) >= self._half:
            self._old = self._young
            self._young = {}
        self._young[key] = value

    def put_all(self, values: Mapping[bytes, object]) -> None:
        """Remember many at once."""
        if len(self._young) >= self._half:
            self._old = self._young
            self._young = {}
        self._young.update(values)

    def clear(self) -> None:
        """Forget everything."""
        self._young = {}
        self._old = {}

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._young.keys() | self._old.keys())
