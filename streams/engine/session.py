"""One life of a task: from fencing the former owner to the first failure, or the wish to stop."""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from streams.engine.api import NotReady, SourceRecord
from streams.engine.cache import ValueCache
from streams.engine.committer import Committer, Pending, Work
from streams.engine.dead_letter import DeadLetterMeter
from streams.engine.decide import Decider
from streams.engine.errors import (
    ConfigurationError,
    Halted,
    Kind,
    RecordFailed,
    StoreFault,
    TransientFault,
    Unencodable,
    kind_of,
)
from streams.engine.halt import PARDON_KEY, SKIP_KEY, encode_skip
from streams.engine.held import Blamed, Holds
from streams.engine.outbox import ListOutbox
from streams.engine.reader import Batch, BatchReader
from streams.engine.release import Releaser
from streams.engine.resources import Resources
from streams.engine.state import OverlayState
from streams.engine.surroundings import Progress, Surroundings
from streams.engine.timeline import Timeline, as_datetime
from streams.engine.world import Change

log = logging.getLogger(__name__)

PUNCTUATE: tuple[str, int] = ("", -1)
"""Stands for topic and offset where time, not a record, was being processed."""


class Care(NamedTuple):
    """What earlier lives learned.

    `suspects` are topic and offset of records at which the processor failed; the next `one_by_one` records are
    taken each alone, so that a bug found while encoding can be pinned on one of them. `to_hold` is the account to hold
    from now on, `most` how many records a batch has at first.
    """

    most: int
    suspects: frozenset[tuple[str, int]] = frozenset()
    one_by_one: int = 0
    to_hold: Blamed | None = None


class Session:
    """Reads, decides and commits, batch after batch.

    `care` says which records to take alone.
    """

    def __init__(
        self, around: Surroundings, progress: Progress, meter: DeadLetterMeter, resources: Resources, care: Care
    ) -> None:
        self._around = around
        self._config = around.config
        self._clock = around.world.clock
        self._progress = progress
        self._meter = meter
        self._resources = resources
        self._care = care
        self._one_by_one = care.one_by_one
        self.most = care.most
        """How many records a batch has: all that may be, unless a transaction ran out of its time."""
        self._out = ListOutbox(progress.partition)
        self._next_punctuate = 0.0
        self._moved_at = 0.0
        self.holds = Holds({}, ())
        self.was_asked = False
        """Whether a person's wish was found: who wrote it has fenced the life before."""
        self.punctuated = 0
        """How often time was let pass in this life."""
        self.committer: Committer | None = None
        """Present from the moment on at which transactions are possible."""

    async def open(self) -> None:
        """Become the partition's owner; ends with this life's first transaction.

        Its journal record tells the broker's time, and resuming takes effect with it.

        Raises `Halted` when the partition must not go on.
        """
        start = await self._resources.open()
        self._timeline = Timeline(self._clock, start.position.now_ms)
        self._state = OverlayState(self._resources.store, ValueCache(self._config.limits.cached_values))
        self._reader = BatchReader(self._resources.source, self._config.sources)
        self._decider = Decider(self._config, self._around.processor, self._state, self._out, self._meter)
        self._decider.condemned = start.recovery.condemned
        self._decider.pardoned = start.recovery.pardoned
        self._decider.holds = self.holds = Holds.read(self._resources.store)
        pending = Pending(self._state, self._out, self._timeline)
        self._committer = Committer(self._around, self._progress, self._resources, start, pending)
        self.committer = self._committer
        self._releaser = Releaser(
            self._around, self._progress, self._resources, self._reader, self._decider, self._committer,
            self._timeline, self._commit,
        )  # fmt: skip
        await self._resources.changelog_done()
        if self._care.to_hold is not None:
            self.holds.hold(self._care.to_hold)
        await self._committer.commit(self._committer.at_rest("start", start.recovery.changes + self.holds.taken()))
        self.was_asked = bool(start.recovery.changes or self.holds.wishes)
        self._progress.held = len(self.holds.by_key)
        if self._care.to_hold is not None:
            self._tell_of_hold(self._care.to_hold)
        if not self._timeline.is_anchored:
            message = (
                f"the topic {self._config.journal} must keep the broker's time (message.timestamp.type=LogAppendTime)"
            )
            raise ConfigurationError(message)
        if start.recovery.resumed:
            self._meter.reset()
            self._around.listener.resumed(self._progress.partition)

    def forget(self) -> None:
        """Let go of all that was read, decided and cached; no transaction is possible any more.

        What ended this life may hold on to it in a circle (an exception knows the frames that it came through), and
        circles are looked for rarely.
        """
        if self.committer is not None:
            self._state.drop()
            self._out.drop()
            self._reader.drop()

    async def write_halt(self, halt: Halted) -> None:
        """Put the partition on hold, instead of running."""
        await self._committer.write_halt(halt)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until asked to stop; every other way out is an exception."""
        self._next_punctuate = self._moved_at = self._clock.monotonic()
        await self._releaser.release_wished(stopping, self._at_once())
        while not stopping.is_set():
            await self._punctuate_when_due()
            started = self._clock.monotonic()
            batch = await self._read()
            self._progress.moved()
            self._progress.ends = {**self._progress.ends, **self._resources.source.ends()}
            if batch.records:
                self._progress.enter("running")
                await self._advance(batch, self._clock.monotonic() - started)
                self._moved_at = self._clock.monotonic()
            else:
                await self._rest(batch)

    def _at_once(self) -> int:
        return 1 if self._one_by_one > 0 else self.most

    async def _read(self) -> Batch:
        limits = self._config.limits
        batch = await self._reader.next(self._at_once(), limits.batch_bytes, self._config.budgets.idle_poll)
        return self._without_suspects(batch) if self._care.suspects else batch

    def _without_suspects(self, batch: Batch) -> Batch:
        """End a batch before a record that failed before, or take that one alone: the others must not wait for it."""
        for place, record in enumerate(batch.records):
            if (record.topic, record.offset) in self._care.suspects:
                taken = max(place, 1)
                self._reader.unread(batch.records[taken:])
                return Batch(batch.records[:taken], self._reader.offsets())
        return batch

    async def _rest(self, batch: Batch) -> None:
        """Nothing came: at most commit that the position moved past transaction markers."""
        offsets = self._committer.ahead(batch.offsets)
        patience = self._config.budgets.idle_commit
        if offsets == self._committer.offsets:
            self._progress.enter("idle")
            # A wish to release fences us, but only a transaction notices.
            patience = self._config.budgets.halted_poll if self.holds.by_key else math.inf
        if self._clock.monotonic() - self._moved_at >= patience:
            await self._committer.commit_offsets(offsets)
            self._moved_at = self._clock.monotonic()

    async def _advance(self, batch: Batch, read_seconds: float) -> None:
        """Decide a batch and commit what follows from it."""
        started = self._clock.monotonic()
        now_ms = self._timeline.now_ms()
        decision = await self._decider.decide(batch.records, as_datetime(now_ms))
        extra = [*self._done_with_condemned(batch.records), *self._done_with_pardon(batch), *self.holds.taken()]
        seconds = (read_seconds, self._clock.monotonic() - started)
        await self._commit(Work("batch", batch, now_ms, decision, extra, seconds))
        self._meter.add(decision.done, decision.dead, decision.run_at_end)
        self._one_by_one -= len(batch.records)
        self.most = min(self._config.limits.batch_records, self.most + self.most // 8 + 1)

    async def _punctuate_when_due(self) -> None:
        if self._clock.monotonic() >= self._next_punctuate:
            await self._punctuate()
            self._next_punctuate = self._clock.monotonic() + self._config.budgets.punctuate

    async def _punctuate(self) -> None:
        """Do what time alone brings about; a transaction only if that is anything."""
        now_ms = self._timeline.now_ms()
        try:
            self._around.processor.punctuate(as_datetime(now_ms), self._state, self._out)
        except NotReady as condition:
            raise TransientFault(str(condition)) from condition
        except StoreFault:
            raise  # the disk's fault, not the processor's
        except Exception as error:
            raise RecordFailed(*PUNCTUATE) from error
        self._state.savepoint()
        if self._state.is_changed or self._out.items:
            # The journal has to have the `now` that was used, not that of after the work.
            await self._commit(replace(self._committer.at_rest("punctuate"), now_ms=now_ms))
        self.punctuated += 1

    async def _commit(self, work: Work) -> None:
        """Commit, or name what is to blame where repeating the transaction will not change that it failed.

        That is what was put or sent: too large, impossible to encode, for a partition that does not exist.
        """
        self._progress.enter("running")  # also where time or a release brought it about: nobody is idle meanwhile
        try:
            await self._committer.commit(work)
        except Exception as error:
            if kind_of(error) is not Kind.BUG:
                raise
            raise _blamed(error, work.records) from error

    def _tell_of_hold(self, blamed: Blamed) -> None:
        held = self.holds.by_key[blamed.key]
        log.error("partition %d: an account is held: its record %s", self._progress.partition, held.detail)
        self._around.listener.held(self._progress.partition, held.detail)

    def _done_with_pardon(self, batch: Batch) -> list[Change]:
        """End a pardon once all that it is for was processed."""
        pardoned = self._decider.pardoned
        if not pardoned or any(offset < pardoned.get(topic, 0) for topic, offset in batch.offsets.items()):
            return []
        self._decider.pardoned = {}
        return [(PARDON_KEY, None)]

    def _done_with_condemned(self, records: Sequence[SourceRecord]) -> list[Change]:
        condemned = self._decider.condemned
        if not condemned:
            return []
        self._decider.condemned = condemned.difference((record.topic, record.offset) for record in records)
        return [] if self._decider.condemned == condemned else [(SKIP_KEY, encode_skip(self._decider.condemned))]


def _blamed(error: Exception, records: Sequence[SourceRecord]) -> Exception:
    """With one record it was that record's; with several, they are taken one by one next time."""
    if not records:
        return RecordFailed(*PUNCTUATE)
    if len(records) == 1:
        return RecordFailed(records[0].topic, records[0].offset, records[0].key)
    return Unencodable(type(error).__name__)
