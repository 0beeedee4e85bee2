"""Makes what was decided durable, visible, and the new present, in this order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.engine.api import SourceRecord
from streams.engine.continuity import JOURNAL_KEY, encode_place
from streams.engine.decide import Decision, ranges_of
from streams.engine.errors import EngineError, Halted, Unencodable
from streams.engine.halt import HALT_KEY, encode_halt
from streams.engine.journal import JournalEntry, JournalKind
from streams.engine.listener import Commit, CommitKind
from streams.engine.outbox import ListOutbox, count_by_topic
from streams.engine.position import POSITION_KEY, Position
from streams.engine.reader import Batch
from streams.engine.resources import Resources, Start
from streams.engine.state import OverlayState
from streams.engine.surroundings import Progress, Surroundings
from streams.engine.timeline import Timeline
from streams.engine.transaction import Plan, Written, execute
from streams.engine.world import Change, Checkpoint, Outgoing

Outputs = Mapping[tuple[str, int], Sequence[Outgoing]]


@dataclass(frozen=True, slots=True)
class Work:
    """What a transaction is about, besides what lies in state and outbox; `seconds` are for reading and deciding.

    `released` are records of an account that was held: processed in this transaction, read long before.
    """

    kind: JournalKind
    batch: Batch
    now_ms: int
    decision: Decision | None = None
    extra: Sequence[Change] = ()
    seconds: tuple[float, float] = (0.0, 0.0)
    released: Sequence[SourceRecord] = ()

    @property
    def records(self) -> Sequence[SourceRecord]:
        """All records that were processed."""
        return self.released or self.batch.records


@dataclass(frozen=True, slots=True)
class Pending:
    """What the next transaction is made of: changed state, what to send, and the present."""

    state: OverlayState
    out: ListOutbox
    timeline: Timeline


class Committer:
    """Builds and carries out the transactions of one life of a task."""

    def __init__(
        self,
        around: Surroundings,
        progress: Progress,
        resources: Resources,
        start: Start,
        pending: Pending,
    ) -> None:
        self._around = around
        self._config = around.config
        self._clock = around.world.clock
        self._partition = progress.partition
        self._progress = progress
        self._resources = resources
        self._position = start.position
        self._journal_end = start.journal_end
        self._state, self._out, self._timeline = pending.state, pending.out, pending.timeline
        self.offsets: Mapping[str, int] = start.committed
        """The committed offset of each source."""

    def at_rest(self, kind: JournalKind, extra: Sequence[Change] = ()) -> Work:
        """Return work that processes no record."""
        return Work(kind, Batch([], self._position.offsets()), self._timeline.now_ms(), extra=extra)

    async def commit(self, work: Work) -> None:
        """Commit state, outputs, journal and offsets as one.

        Raises `Unencodable` before anything is sent; after any other exception this life is over.
        """
        last = {record.topic: record for record in work.batch.records}
        position = self._position.advanced(self._timeline.now_ms(), work.batch.offsets, last)
        outputs, changes = self._encoded(position, work.extra)
        entry = JournalEntry(
            self._partition, work.kind, work.now_ms, ranges_of(work.records, scattered=bool(work.released))
        )
        offsets = self.ahead(work.batch.offsets)
        written = await self._execute(self._plan(outputs, offsets, changes, self._around.codec.encode(entry)))
        self._store_committed(changes, written)
        self._position = position
        self._note_commit(offsets, written)
        self._around.listener.committed(self._report(work, outputs, len(changes), written))

    def ahead(self, offsets: Mapping[str, int]) -> Mapping[str, int]:
        """Return the offsets to commit, none before what is committed.

        A former owner may have committed past markers at which our reader has not looked yet.
        """
        committed = self.offsets
        return {topic: max(offset, committed.get(topic, 0)) for topic, offset in offsets.items()}

    async def commit_offsets(self, offsets: Mapping[str, int]) -> None:
        """Commit offsets that moved past transaction markers alone; state and journal stay as they are."""
        written = await self._execute(self._plan({}, offsets, [], None))
        self._note_commit(offsets, written)
        self._around.listener.committed(
            Commit(
                partition=self._partition,
                kind="idle",
                now_ms=self._timeline.now_ms(),
                send_seconds=written.send_seconds,
                commit_seconds=written.commit_seconds,
            )
        )

    async def write_halt(self, halt: Halted) -> None:
        """Put the partition on hold for every owner to come; nothing of the failed batch is kept."""
        self._state.drop()
        self._out.drop()
        await self.commit(self.at_rest("halt", [(HALT_KEY, encode_halt(halt))]))

    async def _execute(self, plan: Plan) -> Written:
        return await execute(self._resources.transaction, plan, self._clock, self._config.budgets.transaction)

    def _encoded(self, position: Position, extra: Sequence[Change]) -> tuple[Outputs, list[Change]]:
        limits = self._config.limits
        try:
            outputs = self._out.batches(limits.record_bytes)
            changes = self._state.encoded(limits.state_bytes)
        except Exception as error:
            message = str(error) if isinstance(error, EngineError) else type(error).__name__
            raise Unencodable(message) from error
        changes.extend(extra)
        changes.append((POSITION_KEY, position.encode()))
        changes.append((JOURNAL_KEY, encode_place(self._journal_end)))
        return outputs, changes

    def _plan(
        self, outputs: Outputs, offsets: Mapping[str, int], changes: Sequence[Change], entry: bytes | None
    ) -> Plan:
        return Plan(
            outputs=outputs,
            offsets=offsets,
            changelog=(self._config.changelog, self._partition),
            changes=[(key, value, ()) for key, value in changes],
            journal=(self._config.journal, self._partition),
            entry=entry,
        )

    def _store_committed(self, changes: Sequence[Change], written: Written) -> None:
        """Only what is committed reaches the store; if we die before, the changelog brings it back."""
        assert written.changelog_end is not None
        assert written.journal_end is not None
        self._journal_end = written.journal_end
        self._resources.store.write(changes, Checkpoint(written.changelog_end, self._clock.time_ms()))
        self._state.accept()
        self._out.drop()
        self._timeline.anchor(written.journal_ms)

    def _note_commit(self, offsets: Mapping[str, int], written: Written) -> None:
        self.offsets = offsets
        self._progress.positions = offsets
        self._progress.last_commit_ms = max(written.journal_ms, self._progress.last_commit_ms)
        self._progress.moved()

    def _report(self, work: Work, outputs: Outputs, changes: int, written: Written) -> Commit:
        decision = work.decision
        kind: CommitKind = work.kind
        return Commit(
            partition=self._partition,
            kind=kind,
            now_ms=work.now_ms,
            records=len(work.records),
            outcomes={} if decision is None else decision.outcomes,
            dead_letters={} if decision is None else decision.dead_letters,
            outputs=count_by_topic(outputs, without=self._config.dead_letter),
            changes=changes,
            sent=outputs,
            published_ms=[record.timestamp_ms for record in work.records],
            read_seconds=work.seconds[0],
            decide_seconds=work.seconds[1],
            send_seconds=written.send_seconds,
            commit_seconds=written.commit_seconds,
        )
