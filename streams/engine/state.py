"""A partition's state while a batch is decided: an overlay of changes above cached values above the store.

Changed values stay decoded and are encoded once, when the transaction is built. An undo log takes back what an
invalid record changed. Nothing here is shared between tasks, and nothing awaits.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from streams.engine.api import Table
from streams.engine.cache import ABSENT, MISS, ValueCache
from streams.engine.errors import OversizedRecord
from streams.engine.world import Change, Store

V = TypeVar("V")


_Changed = tuple[object, Callable[..., bytes] | None]
"""A changed value with its table's `dump`, no `dump` for a removed key; bare, for one is made at every `put`."""

_REMOVED: Final[_Changed] = (ABSENT, None)


class OverlayState:
    """The `State` that a processor sees."""

    __slots__ = ("_cache", "_changes", "_sorted", "_store", "_undo")

    def __init__(self, store: Store, cache: ValueCache) -> None:
        self._store = store
        self._cache = cache
        self._changes: dict[bytes, _Changed] = {}
        self._undo: list[tuple[bytes, _Changed | None]] = []
        # Keys changed so far by table prefix, in byte order; kept only for prefixes that were scanned. May hold
        # keys whose change was undone.
        self._sorted: dict[bytes, list[bytes]] = {}

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key, own changes included."""
        full = table.prefix + key
        changed = self._changes.get(full)
        if changed is not None:
            value = changed[0]
        elif (value := self._cache.get(full)) is MISS:
            data = self._store.get(full)
            value = ABSENT if data is None else table.load(data)
            self._cache.put(full, value)
        return None if value is ABSENT else value  # type: ignore[return-value]  # put through the same table

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key."""
        self._change(table.prefix, key, (value, table.dump))

    def delete(self, table: Table[V], key: bytes) -> None:
        """Remove a key."""
        self._change(table.prefix, key, _REMOVED)

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield key (without prefix) and value in byte order, as of the call."""
        prefix = table.prefix
        first = prefix + start
        last = after_prefix(prefix) if stop is None else prefix + stop
        changed = self._changed_between(prefix, first, last)
        stored = self._store.scan(first, last)
        return self._merge(table, changed, stored)

    def savepoint(self) -> None:
        """Make the changes so far those of a record that is done; `rollback` comes back to here."""
        if self._undo:
            self._undo.clear()

    def rollback(self) -> None:
        """Take back every change since the last savepoint."""
        changes = self._changes
        for full, before in reversed(self._undo):
            if before is None:
                changes.pop(full, None)
            else:
                changes[full] = before
        self._undo.clear()

    def drop(self) -> None:
        """Forget all changes and everything cached: what they were based on may not have been committed."""
        self._forget_changes()
        self._cache.clear()

    def accept(self) -> None:
        """Keep the changes as the new committed values; the store has them now."""
        self._cache.put_all({full: value for full, (value, _) in self._changes.items()})
        self._forget_changes()

    def encoded(self, limit: int) -> list[Change]:
        """Return every change as bytes, in order of first change.

        Raises `OversizedRecord` for a key and value above `limit` bytes, and whatever a table's `dump` raises.
        """
        encoded: list[Change] = []
        append = encoded.append
        for full, (value, dump) in self._changes.items():
            if dump is None:
                append((full, None))
                continue
            data = dump(value)
            if len(full) + len(data) > limit:
                message = f"a value of the state has {len(data)} bytes, the limit is {limit} (key prefix {full[:2]!r})"
                raise OversizedRecord(message)
            append((full, data))
        return encoded

    @property
    def is_changed(self) -> bool:
        """Whether anything was put or deleted since the last commit."""
        return bool(self._changes)

    def _forget_changes(self) -> None:
        self._changes = {}
        self._undo.clear()
        self._sorted = {}

    def _change(self, prefix: bytes, key: bytes, changed: _Changed) -> None:
        full = prefix + key
        changes = self._changes
        before = changes.get(full)
        self._undo.append((full, before))
        changes[full] = changed
        if before is None and (keys := self._sorted.get(prefix)) is not None:
            place = bisect_left(keys, full)
            if place == len(keys) or keys[place] != full:
                insort(keys, full, lo=place)

    def _changed_between(self, prefix: bytes, first: bytes, last: bytes | None) -> list[tuple[bytes, _Changed]]:
        if not self._changes:
            return []
        keys = self._sorted.get(prefix)
        if keys is None:
            keys = self._sorted[prefix] = sorted(full for full in self._changes if full.startswith(prefix))
        lo = bisect_left(keys, first)
        hi = len(keys) if last is None else bisect_left(keys, last)
        changes = self._changes
        return [(full, changes[full]) for full in keys[lo:hi] if full in changes]

    def _merge(
        self, table: Table[V], changed: list[tuple[bytes, _Changed]], stored: Iterator[tuple[bytes, bytes]]
    ) -> Iterator[tuple[bytes, V]]:
        cut = len(table.prefix)
        load = table.load
        at = 0
        for full, data in stored:
            while at < len(changed) and changed[at][0] < full:
                key, (value, dump) = changed[at]
                at += 1
                if dump is not None:
                    yield key[cut:], value  # type: ignore[misc]  # a table's values are put through the same table
            if at < len(changed) and changed[at][0] == full:
                continue  # the change is newer than what is stored; it comes with the next round
            cached = self._cache.get(full)
            yield full[cut:], load(data) if cached is MISS or cached is ABSENT else cached  # type: ignore[misc]  # as above
        for key, (value, dump) in changed[at:]:
            if dump is not None:
                yield key[cut:], value  # type: ignore[misc]  # as above


def after_prefix(prefix: bytes) -> bytes | None:
    """Return the first key that is greater than every key with this prefix, None if there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        if prefix[place] < 0xFF:  # noqa: PLR2004 - the greatest byte
            return prefix[:place] + bytes((prefix[place] + 1,))
    return None
