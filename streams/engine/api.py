"""What the engine gives a processor, and what it asks of one.

The engine knows nothing of what the records mean. It reads them in the order of one partition, lets a
`Processor` decide, and makes outputs, state and input offsets durable in one Kafka transaction.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

V = TypeVar("V")

Headers = tuple[tuple[str, bytes], ...]


class SourceRecord(NamedTuple):
    """One record as Kafka delivered it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class InvalidRecord(Exception):  # noqa: N818 - it names the record's fault, not the program's
    """A record that can never be processed: it becomes a dead letter, and its neighbours go on.

    `reason` is a short kebab-case word (a metric label); `detail` is one sentence for a person, free of
    personal data.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class NotReady(Exception):  # noqa: N818 - a condition, not a mistake
    """Something outside that a record needs does not answer yet, as a registry with the record's schema.

    The record is tried again: for a moment at once, then from the last commit with growing patience, as long as it
    takes. The text is one sentence that says what is waited for.
    """


@dataclass(frozen=True, slots=True)
class Table(Generic[V]):
    """A named part of a partition's state: its key prefix and how its values become bytes.

    Values are immutable: the engine keeps them decoded between records and encodes each changed one
    once, when the transaction is built.
    """

    prefix: bytes
    dump: Callable[[V], bytes]
    load: Callable[[bytes], V]
    is_cached: bool = True
    """False for values that are scanned, or hardly read again: they are not kept decoded."""


class State(Protocol):
    """A partition's state as the record being processed sees it, own changes included."""

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key, or None where there is none."""

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key; undone when the record turns out invalid or the transaction fails."""

    def delete(self, table: Table[V], key: bytes) -> None:
        """Remove a key; removing an absent key does nothing."""

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield key (without prefix) and value from `start` (inclusive) to `stop` (exclusive), in byte order.

        Changing the table while a scan over it is under way is allowed; the scan shows the state at its start.
        """


class Outbox(Protocol):
    """Where a processor puts what follows from a record."""

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Publish within the transaction, by default to the task's own partition number."""


class Processor(Protocol):
    """The application's part: deterministic, without input or output of its own.

    What it decides depends on record, `now` and state alone: no clock, no randomness, no iteration over sets.
    """

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Fold one record into the state, send what follows, and return the outcome's name (a metric label).

        Raises `InvalidRecord` for a record that can never be processed, `NotReady` for one that cannot be processed
        yet. Any other exception is a bug: the task starts again from its last commit, and after three times at one
        offset the partition halts.
        """

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Do what time alone brings about; runs between batches, as a transaction of its own. Raises `NotReady`."""
