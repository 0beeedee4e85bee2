"""The engine's world behind small interfaces, so that the same task runs on Kafka and in the simulator.

Five things are outside: who owns which partition and what is in its sources (`Membership`, `Source`), the
transaction (`Transaction`), the changelog (`Changelog`), the local store (`Store`) and time (`Clock`).
`World` makes them. Anything asynchronous may raise what `errors.kind_of` sorts, and may be cancelled at any await.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from streams.engine.api import Headers, SourceRecord


class Bounds(NamedTuple):
    """First offset of a log that can be read, and the offset after its last stable one."""

    start: int
    end: int


class Appended(NamedTuple):
    """Where a batch of records was written: offset of the first, how many, and the broker's time or -1."""

    offset: int
    records: int
    timestamp_ms: int


Outgoing = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers of a record to be written."""

Change = tuple[bytes, bytes | None]
"""A key of the state with its new value; None removes it."""


class Clock(Protocol):
    """The time of this machine; what a processor calls `now` comes from the broker instead."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    def time_ms(self) -> int:
        """Return milliseconds UTC; may jump."""


Changed = Callable[[frozenset[int], bool], None]
"""Told all partition numbers that are ours, and whether we were a member without a break since the last time.

After a break, somebody else may have had in between what is ours again. A division of the partitions that we were
never told of is one.
"""


class Membership(Protocol):
    """The worker's place in the consumer group."""

    async def start(self) -> None:
        """Connect; raises `ConfigurationError` when nothing answers."""

    def join(self, changed: Changed) -> None:
        """Join the group; `changed` is called after each rebalance, from within it: it must not wait or raise."""

    async def partition_counts(self, topics: Iterable[str]) -> Mapping[str, int]:
        """Return how many partitions each topic has; topics that do not exist are absent."""

    async def committed(self, partition: int) -> Mapping[str, int]:
        """Return the committed offset of that partition of each source that has one."""

    async def owns(self, partition: int) -> bool:
        """Ask the group's coordinator whether the partition is ours now."""

    async def rejoin(self) -> None:
        """Leave the group and join it again as if new."""

    def check(self) -> None:
        """Raise what makes membership impossible, if anything does; to be called now and then."""

    async def close(self, *, leave: bool) -> None:
        """Stop; `leave` gives the partitions away at once instead of after the session time-out."""


class Fetched(NamedTuple):
    """Records of one topic in offset order."""

    topic: str
    records: list[SourceRecord]


class Source(Protocol):
    """The same partition of every source topic, read committed."""

    async def start(self) -> None:
        """Connect."""

    async def bounds(self) -> Mapping[str, Bounds]:
        """Return the bounds of each source."""

    async def peek(self, offsets: Mapping[str, int]) -> Mapping[str, SourceRecord]:
        """Return the record at exactly that offset of each topic; absent where none is there. Moves positions."""

    def seek(self, offsets: Mapping[str, int]) -> None:
        """Go on from these offsets; all sources are named before the first `fetch`."""

    async def fetch(self, timeout: float) -> list[Fetched]:  # noqa: ASYNC109 - the broker does the waiting
        """Return what has arrived, waiting up to `timeout` seconds for something; 0 does not wait."""

    def position(self, topic: str) -> int:
        """Return the offset after everything fetched, transaction markers included."""

    def ends(self) -> Mapping[str, int]:
        """Return the ends of the sources as last seen; topics not yet seen are absent."""

    async def close(self) -> None:
        """Disconnect; never raises and never takes long."""


class Transaction(Protocol):
    """The one producer that may write for a partition, one transaction after the other."""

    async def start(self) -> None:
        """Become the holder of the transactional id: older holders are fenced, their open work is undone."""

    def begin(self) -> None:
        """Open a transaction; nothing is sent."""

    async def append(self, batches: Mapping[tuple[str, int], Sequence[Outgoing]]) -> list[Awaitable[Appended]]:
        """Write to topic-partitions; each awaitable is done when the broker has one batch, or raises.

        The transaction must not be committed before every one of them was awaited.
        """

    async def add_offsets(self, offsets: Mapping[str, int]) -> None:
        """Make the group's offsets of this partition, by topic, part of the transaction."""

    async def commit(self) -> None:
        """Make all of it visible, asking once. Raises `CommitUnknown` when no answer came."""

    async def abort(self) -> None:
        """Undo all of it."""

    async def close(self) -> None:
        """Let go of the connection within a moment, whatever state it is in; never raises."""


class Chunk(NamedTuple):
    """Changelog records in offset order, and the offset to go on from."""

    changes: list[Change]
    next_offset: int


class Changelog(Protocol):
    """One partition of the changelog, or of the journal, read committed."""

    async def start(self) -> None:
        """Connect."""

    async def bounds(self) -> Bounds:
        """Return first and stable end offset."""

    async def end_of_all(self) -> int:
        """Return the end with what is undecided: past the stable one while a transaction is open."""

    def seek(self, offset: int) -> None:
        """Go on from this offset."""

    async def read(self, timeout: float) -> Chunk:  # noqa: ASYNC109 - the broker does the waiting
        """Return what comes next, possibly nothing."""

    async def close(self) -> None:
        """Disconnect; never raises and never takes long."""


class Checkpoint(NamedTuple):
    """Up to which changelog offset (exclusive) a store has everything, and when it was written (ms UTC)."""

    offset: int
    saved_at_ms: int


class Store(Protocol):
    """The state of one partition on the local disk. Raises `StoreFault` when it cannot be used."""

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the store goes, or None for a new one."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key."""

    def scan(self, start: bytes, stop: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        """Yield pairs from `start` (inclusive) to `stop` (exclusive, None is the end), as they are now."""

    def write(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        """Apply changes and checkpoint at once, surviving the end of the process."""

    def load(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        """Apply changes during a restore: at once, but only safe after `loaded`."""

    def loaded(self) -> None:
        """Make everything loaded safe."""

    def close(self) -> None:
        """Close; never raises."""


class World(Protocol):
    """Makes everything outside; each call gives a new, unstarted object."""

    clock: Clock

    def membership(self) -> Membership:
        """Return this worker's membership."""

    def source(self, partition: int) -> Source:
        """Return a reader of that partition of every source."""

    def transaction(self, partition: int) -> Transaction:
        """Return a producer with the partition's transactional id."""

    def changelog(self, partition: int) -> Changelog:
        """Return a reader of that partition of the changelog."""

    def journal(self, partition: int) -> Changelog:
        """Return a reader of that partition of the journal; its records have no keys."""

    def open_store(self, partition: int) -> Store:
        """Open the local store, empty if there is none; raises `StoreFault` if it is damaged."""

    def discard_store(self, partition: int) -> None:
        """Delete the local store."""

    def close(self) -> None:
        """Release what the worker holds on this machine."""
