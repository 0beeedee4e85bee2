"""Read one topic with a position that is committed only as far as the reader is done.

aiokafka's own rules that this rests on (0.14): positions pass transaction markers only as records are fetched, so it
is the position and not the last record's offset that is committed, also when nothing comes; a cancelled `getmany`
would lose what it fetched, so it runs as a task of its own.
"""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError

from streams.centers.errors import MissingTopic, OutOfReach, check_reachable
from streams.centers.progress import Progress
from streams.contract.reach import why_unreachable
from streams.contract.security import no_topic

POLL_SECONDS: Final = 0.5
COMMIT_SECONDS: Final = 1.0
POSITION_SECONDS: Final = 0.2
FETCH_RECORDS: Final = 500
# A member that does not ask for records within this time leaves its group and does not come back by itself: how long
# a Center's consumer may take for one item is its own affair.
MOST_SECONDS_AN_ITEM: Final = 24 * 3600
CONNECT_SECONDS: Final = 15.0
ANSWER_SECONDS: Final = 5.0
"""How long a broker may take to answer before what was asked is left out: a commit, or leaving the group."""


class Start(StrEnum):
    """Where reading begins in a partition for which the group has committed nothing, or without a group."""

    BEGINNING = "beginning"
    END = "end"


class Fetched(NamedTuple):
    """A record and the bookkeeping of the assignment in which it was fetched."""

    record: "ConsumerRecord[bytes, bytes]"
    progress: Progress

    def finish(self) -> None:
        """Say that the reader is done with the record."""
        self.progress.finish(self.record.offset)


class Consumption(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """One reader of one topic, in a group or alone.

    Without a group all partitions are read and nothing is committed.
    """

    def __init__(
        self, topic: str, *, bootstrap_servers: str, group: str | None, start: Start, client: Mapping[str, Any]
    ) -> None:
        self.topic = topic
        self._group = group
        self._start = start
        self._bootstrap_servers = bootstrap_servers
        self._client = client
        self._opened: AIOKafkaConsumer | None = None
        self._progress: dict[TopicPartition, Progress] = {}
        self._ready: deque[Fetched] = deque()
        self._fetch: asyncio.Task[None] | None = None
        self._ends: dict[TopicPartition, int] = {}
        self._next_commit = 0.0

    async def open(self) -> None:
        """Connect, check that the topic is there, and take part.

        Raises `OutOfReach` and `MissingTopic`.
        """
        check_reachable(self._bootstrap_servers)
        self._opened = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            group_id=self._group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            # Also where a position was taken by retention: what is left there comes, whatever the group began with.
            auto_offset_reset="latest" if self._group is None and self._start is Start.END else "earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            rebalance_timeout_ms=30_000,
            max_poll_interval_ms=MOST_SECONDS_AN_ITEM * 1000,
            **self._client,
        )
        try:
            await asyncio.wait_for(self._consumer.start(), CONNECT_SECONDS)
            await self._check_topic()
        except (KafkaConnectionError, TimeoutError) as error:
            await self._disconnect()
            raise OutOfReach(await why_unreachable(self._bootstrap_servers, self._client)) from error
        except MissingTopic:
            await self._disconnect()
            raise
        self._consumer.subscribe([self.topic], listener=self if self._group else None)

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        if self._opened is None:
            message = "the inbox is not open: use it as an async context manager"
            raise RuntimeError(message)
        return self._opened

    async def close(self) -> None:
        """Commit what is done, and leave; what was fetched and not finished comes again.

        Where no broker answers it leaves without: what was not committed comes again, too.
        """
        await self._commit_if_answered()
        await self._disconnect()
        if self._fetch is not None:
            await asyncio.gather(self._fetch, return_exceptions=True)

    async def next(self) -> Fetched | None:
        """Return the next record, None when none came for a moment.

        May be cancelled at any time: nothing is lost.
        """
        while self._ready:
            fetched = self._ready.popleft()
            if not fetched.progress.is_over:
                await self._commit_in_time()
                return fetched
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._fetch_more())
        fetch = self._fetch
        try:
            await asyncio.shield(fetch)
        finally:
            if fetch.done():  # also where it failed: the next call fetches anew
                self._fetch = None
        if not self._ready:
            await self._commit_in_time()
            return None
        return await self.next()

    async def is_at_end(self) -> bool:
        """Whether all that was in the partitions when this was first asked has been read and finished."""
        assigned = self._consumer.assignment()
        if not assigned:
            return False
        unknown = [partition for partition in assigned if partition not in self._ends]
        if unknown:
            self._ends.update(await self._consumer.end_offsets(unknown))
        for partition in assigned:
            progress = self._progress.get(partition)
            if progress is None or not progress.is_idle or progress.position is None:
                return False
            if progress.position < self._ends[partition]:
                return False
        return True

    async def commit(self) -> None:
        """Commit each partition as far as it is done; without a group, do nothing.

        A commit that comes too late, when the group has moved on, is left out: the records come again.
        """
        self._next_commit = time.monotonic() + COMMIT_SECONDS
        if self._group is None:
            return
        offsets = {}
        for partition, progress in list(self._progress.items()):
            offset = progress.committable()
            if offset is not None:
                offsets[partition] = offset
        await self._commit(offsets)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Commit what is finished, and drop the rest: the next owner gets it."""
        await self._commit_if_answered()
        for partition in revoked:
            progress = self._progress.pop(partition, None)
            if progress is not None:
                progress.end()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Begin anew with what is ours now; a group that begins at the end does so where it committed nothing yet."""
        for partition in assigned:
            if self._start is Start.END:
                with suppress(KafkaError):  # then it begins at the beginning: rather more than too little
                    if await self._consumer.committed(partition) is None:
                        await self._consumer.seek_to_end(partition)
            self._progress[partition] = Progress()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not offsets:
            return
        try:
            await self._consumer.commit(dict(offsets))
        except (CommitFailedError, IllegalStateError):
            return
        for partition, offset in offsets.items():
            progress = self._progress.get(partition)
            if progress is not None:
                progress.committed = offset

    async def _commit_in_time(self) -> None:
        if time.monotonic() >= self._next_commit:
            await self._commit_if_answered()

    async def _commit_if_answered(self) -> None:
        """Commit, or leave it for the next time where no broker answers: the client itself would ask without end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.commit(), ANSWER_SECONDS)

    async def _disconnect(self) -> None:
        """Leave the group and close the connections, in the end without the broker.

        aiokafka's `stop` waits for a broker that is gone, and raises the cancellation of its own tasks, which would
        look like one of ours: it runs as a task.
        """
        stopping = asyncio.ensure_future(self._consumer.stop())
        await asyncio.wait({stopping}, timeout=ANSWER_SECONDS)
        if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
            stopping.cancel()
            await asyncio.wait({asyncio.ensure_future(self._consumer._client.close())}, timeout=ANSWER_SECONDS)  # noqa: SLF001 - no public way

    async def _fetch_more(self) -> None:
        records = await self._consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=FETCH_RECORDS)
        if self._group is None:
            for partition in self._consumer.assignment():
                self._progress.setdefault(partition, Progress())
        for partition, batch in records.items():
            progress = self._progress.get(partition)
            if progress is None or progress.is_over:
                continue
            for record in batch:
                progress.take(record.offset)
                self._ready.append(Fetched(record, progress))
        await self._note_positions()

    async def _note_positions(self) -> None:
        """Keep where the consumer stands: to ask for it while the group changes would wait for ever."""
        for partition, progress in list(self._progress.items()):
            with suppress(TimeoutError, IllegalStateError):
                position = await asyncio.wait_for(self._consumer.position(partition), POSITION_SECONDS)
                if not progress.is_over:
                    progress.position = position

    async def _check_topic(self) -> None:
        """Look among all topics of the cluster, so that none is created by asking for it."""
        if self.topic not in await self._consumer.topics():
            message = no_topic(self._bootstrap_servers, self.topic, self._client)
            raise MissingTopic(message)
