"""A Kafka in memory: topics, transactional producers, and the offsets of one consumer group.

It answers as the real one does where exactly-once depends on it: a new holder of a transactional id ends the old
one's work and raises the epoch; markers are written some time after the end of a transaction was answered, partition
by partition; a write that belongs to no open transaction is refused; a late request is judged by its epoch alone.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from random import Random

from streams.engine.errors import Fenced, TransientFault
from streams.engine.simulated.log import Entry, SimLog
from streams.engine.world import Appended, Outgoing

Place = tuple[str, int]
"""A topic and a partition number."""

_EPOCH_MS = 1_700_000_000_000


class Concurrent(TransientFault):
    """The transaction before is still being ended: ask again."""


class Refused(Exception):  # noqa: N818 - the broker's answer
    """The broker will never take this batch."""


class State(Enum):
    """Where a transactional id stands."""

    EMPTY = "empty"
    ONGOING = "ongoing"
    ENDING = "ending"


@dataclass(slots=True)
class Holder:
    """What the broker knows of a transactional id."""

    producer: int
    epoch: int = -1
    state: State = State.EMPTY
    places: list[Place] = field(default_factory=list)
    takes_offsets: bool = False
    offsets: dict[Place, int] = field(default_factory=dict)
    serial: int = 0
    """Counts transactions, so that a time-out ends only its own."""
    committed_last: bool | None = None


class SimBroker:
    """Topics and transactions; every method runs at once and may raise what a broker answers."""

    def __init__(self, topics: Iterable[str], partitions: int, random: Random, transaction_timeout: float) -> None:
        self._random = random
        self._timeout = transaction_timeout
        self._loop = asyncio.get_running_loop()
        self.partitions = partitions
        self.logs: dict[Place, SimLog] = {(topic, p): SimLog() for topic in topics for p in range(partitions)}
        self.holders: dict[str, Holder] = {}
        self.committed: dict[Place, int] = {}
        self.violations: list[str] = []
        self.deleted: dict[Place, SimLog] = {}
        """Logs of topics that were made anew."""
        self._offsets_of_deleted: dict[Place, int | None] = {}
        self.was_recreated = False
        """Whether a topic was ever made anew: then offsets may be set back with it."""
        self._waiters: dict[Place, list[asyncio.Future[None]]] = {}
        self.refuse: Callable[[Place], bool] = lambda _: False
        """Asked for each batch whether to refuse it for good."""
        self.forgets: Callable[[Place], bool] = lambda _: False
        """Asked for each marker of a transaction whether to forget it, as a broker does that shall never be met."""

    def now_ms(self) -> int:
        """Return the broker's clock."""
        return _EPOCH_MS + int(self._loop.time() * 1000)

    # -- writing ---------------------------------------------------------------------------------------------

    def publish(self, place: Place, key: bytes | None, value: bytes | None, *, aborted: bool = False) -> int:
        """Append a record as somebody outside would; an aborted one leaves a marker behind too."""
        log = self.deleted.get(place, self.logs[place])
        offset = log.append(Entry(0, self.now_ms(), key, value, aborted=aborted))
        if aborted:
            log.append(Entry(0, self.now_ms(), None, None, is_marker=True))
        self._wake(place)
        return offset

    def init_producer(self, transactional_id: str) -> tuple[int, int]:
        """Return producer and epoch for a new holder, once the old one's transaction has ended."""
        holder = self.holders.setdefault(transactional_id, Holder(producer=len(self.holders) + 1))
        if holder.state is State.ONGOING:
            holder.epoch += 1
            self._end(holder, commit=False)
        if holder.state is State.ENDING:
            raise Concurrent
        holder.epoch += 1
        return holder.producer, holder.epoch

    def add_partitions(self, transactional_id: str, epoch: int, places: Sequence[Place]) -> None:
        """Make partitions part of the transaction, beginning it if need be."""
        holder = self._judged(transactional_id, epoch)
        if holder.state is State.ENDING:
            raise Concurrent
        self._begin(holder)
        holder.places.extend(place for place in places if place not in holder.places)

    def produce(
        self, transactional_id: str, epoch: int, sequence: int, place: Place, records: Sequence[Outgoing]
    ) -> Appended:
        """Append a batch; a batch with a sequence number that is known was already appended."""
        holder, log = self.holders[transactional_id], self.logs[place]
        known = log.sequences.setdefault((holder.producer, epoch), {})
        if sequence in known:
            return Appended(known[sequence], len(records), self.now_ms())
        if epoch < log.epochs.get(holder.producer, -1):
            raise Fenced
        if holder.producer not in log.open_since and (
            self._judged(transactional_id, epoch).state is not State.ONGOING or place not in holder.places
        ):
            raise Concurrent
        if self.refuse(place):
            raise Refused
        log.epochs[holder.producer] = epoch
        first = log.end
        for key, value, headers in records:
            log.append(Entry(0, self.now_ms(), key, value, headers, holder.producer, epoch))
        known[sequence] = first
        self._wake(place)
        return Appended(first, len(records), self.now_ms())

    def add_offsets(self, transactional_id: str, epoch: int) -> None:
        """Make the group's offsets part of the transaction, beginning it if need be."""
        holder = self._judged(transactional_id, epoch)
        if holder.state is State.ENDING:
            raise Concurrent
        self._begin(holder)
        holder.takes_offsets = True

    def commit_offsets(self, transactional_id: str, epoch: int, offsets: dict[Place, int]) -> None:
        """Hold offsets until the transaction ends."""
        holder = self._judged(transactional_id, epoch)
        if holder.state is not State.ONGOING or not holder.takes_offsets:
            raise Concurrent
        holder.offsets.update(offsets)

    def end(self, transactional_id: str, epoch: int, *, commit: bool) -> None:
        """End the transaction; asking again for what was done last is not an error."""
        holder = self._judged(transactional_id, epoch)
        if holder.state is State.ONGOING:
            self._end(holder, commit=commit)
        elif holder.committed_last is not commit:
            message = "no transaction to end"
            raise TransientFault(message)

    # -- administering -------------------------------------------------------------------------------------------

    def recreate(self, place: Place) -> None:
        """Delete a topic-partition with its committed offset and make it anew, empty.

        What is published from now on is kept for `give_back`, as by a sender that waits for the topic's return.
        """
        self.was_recreated = True
        if place not in self.deleted:
            self.deleted[place] = self.logs[place]
            self.logs[place] = SimLog()
            self._offsets_of_deleted[place] = self.committed.pop(place, None)

    def give_back(self, place: Place) -> None:
        """Restore what was deleted or trimmed of a topic-partition with its offset, as from a copy."""
        if place in self.deleted:
            self.logs[place] = self.deleted.pop(place)
            offset = self._offsets_of_deleted.pop(place)
            if offset is not None:
                self.committed.setdefault(place, offset)
            self._wake(place)
        self.logs[place].untrim()

    def forget_offsets(self, partition: int) -> None:
        """Delete the group's offsets of a partition."""
        for place in [place for place in self.committed if place[1] == partition]:
            del self.committed[place]

    # -- reading ---------------------------------------------------------------------------------------------

    def group_offsets(self, places: Sequence[Place]) -> dict[str, int]:
        """Return committed offsets by topic; absent where there is none."""
        return {place[0]: self.committed[place] for place in places if place in self.committed}

    def wait_for_more(self, places: Iterable[Place]) -> "asyncio.Future[None]":
        """Return a future that is done when something new can be read in one of these."""
        future = self._loop.create_future()
        for place in places:
            self._waiters.setdefault(place, []).append(future)
        return future

    def partition_of(self, producer: int) -> int:
        """Return the task whose producer this is, -1 if it is none of ours."""
        for transactional_id, holder in self.holders.items():
            if holder.producer == producer:
                return int(transactional_id.rpartition("-")[2])
        return -1

    def is_settled(self) -> bool:
        """Whether no transaction is open or ending."""
        return all(holder.state is State.EMPTY for holder in self.holders.values())

    # -- inside ----------------------------------------------------------------------------------------------

    def _judged(self, transactional_id: str, epoch: int) -> Holder:
        holder = self.holders[transactional_id]
        if epoch != holder.epoch:
            raise Fenced
        return holder

    def _begin(self, holder: Holder) -> None:
        if holder.state is State.EMPTY:
            holder.state = State.ONGOING
            holder.serial += 1
            holder.committed_last = None
            self._loop.call_later(self._timeout, self._expire, holder, holder.serial)

    def _expire(self, holder: Holder, serial: int) -> None:
        if holder.state is State.ONGOING and holder.serial == serial:
            holder.epoch += 1
            self._end(holder, commit=False)

    def _end(self, holder: Holder, *, commit: bool) -> None:
        holder.state = State.ENDING
        holder.committed_last = commit
        writes: list[Callable[[], None]] = [
            lambda place=place: self._mark(place, holder, commit=commit)  # type: ignore[misc]  # bound per place
            for place in holder.places
        ]
        if holder.takes_offsets:
            writes.append(lambda: self._settle_offsets(holder, commit=commit))
        self._random.shuffle(writes)
        self._write_markers(holder, writes)

    def _write_markers(self, holder: Holder, writes: list[Callable[[], None]]) -> None:
        if not writes:
            holder.state = State.EMPTY
            holder.places, holder.offsets, holder.takes_offsets = [], {}, False
            return
        delay = self._random.random() * 0.005
        self._loop.call_later(delay, self._write_marker, holder, writes)

    def _write_marker(self, holder: Holder, writes: list[Callable[[], None]]) -> None:
        writes.pop()()
        self._write_markers(holder, writes)

    def _mark(self, place: Place, holder: Holder, *, commit: bool) -> None:
        if self.forgets(place):
            return
        self.logs[place].finish(holder.producer, holder.epoch, self.now_ms(), commit=commit)
        self._wake(place)

    def _settle_offsets(self, holder: Holder, *, commit: bool) -> None:
        if not commit:
            return
        for place, offset in holder.offsets.items():
            if offset < self.committed.get(place, 0):
                self.violations.append(f"S4: the offset of {place} went back from {self.committed[place]} to {offset}")
            self.committed[place] = offset

    def _wake(self, place: Place) -> None:
        for future in self._waiters.pop(place, ()):
            if not future.done():
                future.set_result(None)
