"""A partition's state while a batch is decided: an overlay of changes above cached values above the store.

Changed values stay decoded and are encoded once, when the transaction is built. An undo log takes back what an
invalid record changed. Nothing here is shared between tasks, and nothing awaits.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, TypeVar

from streams.engine.api import Table
from streams.engine.cache import ABSENT, MISS, CachedTable, ValueCache
from streams.engine.errors import OversizedRecord
from streams.engine.world import Change, Store

V = TypeVar("V")


class _Shelf(CachedTable):
    """What is known of one table: values changed since the last commit, `ABSENT` for a removed one, and cached ones."""

    __slots__ = ("changed", "sorted_keys", "table")

    def __init__(self, table: Table[Any]) -> None:
        super().__init__()
        self.table = table
        self.changed: dict[bytes, object] = {}
        self.sorted_keys: list[bytes] | None = None
        """Changed keys, once the table was scanned: in byte order up to those that were changed since."""


class OverlayState:
    """The `State` that a processor sees."""

    __slots__ = ("_cache", "_shelves", "_store", "_undo")

    def __init__(self, store: Store, cache: ValueCache) -> None:
        self._store = store
        self._cache = cache
        self._shelves: dict[bytes, _Shelf] = {}
        self._undo: list[tuple[_Shelf, bytes, object]] = []

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key, own changes included."""
        try:  # in line here and in `put`: a call would take longer than the look-up
            shelf = self._shelves[table.prefix]
        except KeyError:
            shelf = self._shelf(table)
        if key in shelf.changed:
            value = shelf.changed[key]
        elif (value := shelf.young.get(key, MISS)) is MISS:
            value = self._committed(shelf, key)
        return None if value is ABSENT else value  # type: ignore[return-value]  # put through the same table

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key."""
        try:
            shelf = self._shelves[table.prefix]
        except KeyError:
            shelf = self._shelf(table)
        changed = shelf.changed
        before = changed.get(key, MISS)
        self._undo.append((shelf, key, before))
        changed[key] = value
        if before is MISS and (keys := shelf.sorted_keys) is not None:
            keys.append(key)

    def delete(self, table: Table[Any], key: bytes) -> None:
        """Remove a key."""
        self.put(table, key, ABSENT)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield key (without prefix) and value in byte order, as of the call."""
        shelf = self._shelves.get(table.prefix) or self._shelf(table)
        prefix = table.prefix
        last = after_prefix(prefix) if stop is None else prefix + stop
        return self._merge(shelf, _changed_between(shelf, start, stop), self._store.scan(prefix + start, last))

    def savepoint(self) -> None:
        """Make the changes so far those of a record that is done; `rollback` comes back to here."""
        if self._undo:
            self._undo.clear()

    def rollback(self) -> None:
        """Take back every change since the last savepoint."""
        for shelf, key, before in reversed(self._undo):
            if before is MISS:
                shelf.changed.pop(key, None)
                shelf.sorted_keys = None
            else:
                shelf.changed[key] = before
        self._undo.clear()

    def drop(self) -> None:
        """Forget all changes and everything cached: what they were based on may not have been committed."""
        self._undo.clear()
        self._shelves.clear()
        self._cache.clear()

    def accept(self) -> None:
        """Keep the changes as the new committed values; the store has them now."""
        self._undo.clear()
        for shelf in self._shelves.values():
            if shelf.changed:
                if shelf.table.is_cached:
                    self._cache.put_all(shelf, shelf.changed)
                shelf.changed = {}
            shelf.sorted_keys = None

    def encoded(self, limit: int) -> list[Change]:
        """Return every change as bytes, table by table, in order of first change.

        Raises `OversizedRecord` for a key and value above `limit` bytes, and whatever a table's `dump` raises.
        """
        encoded: list[Change] = []
        append = encoded.append
        for prefix, shelf in self._shelves.items():
            dump, room = shelf.table.dump, limit - len(prefix)
            for key, value in shelf.changed.items():
                if value is ABSENT:
                    append((prefix + key, None))
                    continue
                data = dump(value)
                if len(key) + len(data) > room:
                    message = (
                        f"a value of the state has {len(data)} bytes, the limit is {limit} (key prefix {prefix!r})"
                    )
                    raise OversizedRecord(message)
                append((prefix + key, data))
        return encoded

    @property
    def is_changed(self) -> bool:
        """Whether anything was put or deleted since the last commit."""
        return any(shelf.changed for shelf in self._shelves.values())

    def _shelf(self, table: Table[Any]) -> _Shelf:
        shelf = self._shelves[table.prefix] = _Shelf(table)
        self._cache.add(shelf)
        return shelf

    def _committed(self, shelf: _Shelf, key: bytes) -> object:
        """Return a value that is not among the young ones: an old one, or what the store has."""
        value = self._cache.get(shelf, key)
        if value is MISS:
            table = shelf.table
            data = self._store.get(table.prefix + key)
            value = ABSENT if data is None else table.load(data)
            if table.is_cached:
                self._cache.put(shelf, key, value)
        return value

    def _merge(
        self, shelf: _Shelf, changed: list[tuple[bytes, Any]], stored: Iterator[tuple[bytes, bytes]]
    ) -> Iterator[tuple[bytes, Any]]:
        cut, load = len(shelf.table.prefix), shelf.table.load
        at = 0
        for full, data in stored:
            stored_key = full[cut:]
            while at < len(changed) and changed[at][0] < stored_key:
                key, value = changed[at]
                at += 1
                if value is not ABSENT:
                    yield key, value
            if at < len(changed) and changed[at][0] == stored_key:
                continue  # the change is newer than what is stored; it comes with the next round
            cached = self._cache.get(shelf, stored_key)
            yield stored_key, load(data) if cached is MISS or cached is ABSENT else cached
        for key, value in changed[at:]:
            if value is not ABSENT:
                yield key, value


def _changed_between(shelf: _Shelf, start: bytes, stop: bytes | None) -> list[tuple[bytes, Any]]:
    """Return the changed keys of a range with their values, in byte order."""
    changed = shelf.changed
    if not changed:
        return []
    keys = shelf.sorted_keys
    if keys is None:
        keys = shelf.sorted_keys = list(changed)
    keys.sort()  # takes one look at each where all but the last are in order
    lo = bisect_left(keys, start)
    hi = len(keys) if stop is None else bisect_left(keys, stop)
    return [(key, changed[key]) for key in keys[lo:hi]]


def after_prefix(prefix: bytes) -> bytes | None:
    """Return the first key that is greater than every key with this prefix, None if there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        if prefix[place] < 0xFF:  # noqa: PLR2004 - the greatest byte
            return prefix[:place] + bytes((prefix[place] + 1,))
    return None
