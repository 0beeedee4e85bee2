"""Decides a batch: record by record, each with its savepoint, without an await inside."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NoReturn

from streams.engine.api import InvalidRecord, NotReady, Processor, SourceRecord
from streams.engine.config import EngineConfig
from streams.engine.dead_letter import DeadLetterMeter, dead_letter
from streams.engine.errors import Halted, RecordFailed, StoreFault, TransientFault
from streams.engine.halt import FLOOD
from streams.engine.held import HeldBack, Holds
from streams.engine.journal import Range
from streams.engine.outbox import ListOutbox
from streams.engine.state import OverlayState

NOT_READY_POLL: Final = 0.02


@dataclass(slots=True)
class Decision:
    """What deciding a batch came to; the changes are in the state, what to send is in the outbox.

    `longest_run` and `run_at_end` count dead letters in a row, a run from before the batch included. Neither these
    nor `dead` count what is held or pardoned; `dead_letters` has all, by reason.
    """

    run_at_end: int
    longest_run: int = 0
    done: int = 0
    dead: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    dead_letters: dict[str, int] = field(default_factory=dict)
    not_ready: str = ""
    """What the last record that was not ready waited for."""


class Decider:
    """Runs the processor over batches of one task."""

    def __init__(
        self, config: EngineConfig, processor: Processor, state: OverlayState, out: ListOutbox, meter: DeadLetterMeter
    ) -> None:
        self._config = config
        self._processor = processor
        self._state = state
        self._out = out
        self._meter = meter
        self._chunk = config.limits.decide_chunk
        self.condemned: frozenset[tuple[str, int]] = frozenset()
        """Topic and offset of records that a person sent to the dead letters."""
        self.pardoned: Mapping[str, int] = {}
        """Offset by topic before which dead letters count against no limit."""
        self.holds = Holds({}, ())

    async def decide(self, records: Sequence[SourceRecord], now: datetime) -> Decision:
        """Decide a batch, letting other tasks run between chunks.

        Raises `RecordFailed` for a bug at a record, `Halted` when dead letters pass a limit, `TransientFault` when
        what a record needs does not come in a moment.
        """
        decision = Decision(run_at_end=self._meter.consecutive)
        for start in range(0, len(records), self._chunk):
            chunk = records[start : start + self._chunk]
            before = decision.done
            self._decide_chunk(chunk, now, decision)
            if decision.done - before < len(chunk):
                await self._decide_patiently(chunk[decision.done - before :], now, decision)
            await asyncio.sleep(0)  # heartbeats and other tasks go on
        if decision.dead:
            self._check_limits(decision, records[0])
        return decision

    async def _decide_patiently(self, records: Sequence[SourceRecord], now: datetime, decision: Decision) -> None:
        """Decide records the first of which was not ready, trying each that is not for a moment."""
        patience = self._config.budgets.not_ready
        while records:
            before = decision.done
            await asyncio.sleep(NOT_READY_POLL)
            patience -= NOT_READY_POLL
            self._decide_chunk(records, now, decision)
            if decision.done > before:
                records, patience = records[decision.done - before :], self._config.budgets.not_ready
            elif patience <= 0:
                raise TransientFault(decision.not_ready)

    def _decide_chunk(self, records: Sequence[SourceRecord], now: datetime, decision: Decision) -> None:
        """Decide records in their order, up to the first that is not ready."""
        process = self._process()
        state, out, outcomes = self._state, self._out, decision.outcomes
        savepoint, items = state.savepoint, out.items
        run, done = decision.run_at_end, len(records)
        for number, record in enumerate(records):
            sent = len(items)
            try:
                outcome = process(record, now, state, out)
            except InvalidRecord as fault:
                state.rollback()
                del items[sent:]
                self._bury(record, fault, decision)
                if self._counts(record, fault):
                    run += 1
                    self._note_bad(record, run, decision)
            except NotReady as condition:
                state.rollback()
                del items[sent:]
                decision.not_ready, done = str(condition), number
                break
            except StoreFault:
                raise  # the disk's fault, not the record's
            except Exception as error:  # noqa: BLE001 - any exception is the processor's bug, named with its record
                self._fail(record, error)
            else:
                savepoint()
                run = 0
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        decision.run_at_end = run
        decision.done += done

    def _process(self) -> Callable[..., str]:
        is_plain = not (self.condemned or self.holds.by_key)
        return self._processor.process if is_plain else self._process_around_exceptions

    def _process_around_exceptions(self, record: SourceRecord, *rest: object) -> str:
        if (record.topic, record.offset) in self.condemned:
            reason = "condemned"
            detail = "a person sent this record to the dead letters"
            raise InvalidRecord(reason, detail)
        if self.holds.holds(record.key):
            raise self.holds.wait(record)
        return self._processor.process(record, *rest)  # type: ignore[arg-type]  # passed through as they came

    def _bury(self, record: SourceRecord, fault: InvalidRecord, decision: Decision) -> None:
        key, value, headers = dead_letter(record, fault, self._config.limits.record_bytes)
        self._out.send(self._config.dead_letter, key, value, headers=headers)
        decision.dead_letters[fault.reason] = decision.dead_letters.get(fault.reason, 0) + 1

    def _counts(self, record: SourceRecord, fault: InvalidRecord) -> bool:
        """Whether a dead letter counts against the limits: not if its account is held, nor if it was pardoned."""
        return not isinstance(fault, HeldBack) and record.offset >= self.pardoned.get(record.topic, 0)

    def _note_bad(self, record: SourceRecord, run: int, decision: Decision) -> None:
        decision.dead += 1
        decision.longest_run = max(decision.longest_run, run)
        if run > self._config.limits.dead_letters.max_consecutive:
            self._check_limits(decision, record)

    def _check_limits(self, decision: Decision, record: SourceRecord) -> None:
        crossed = self._meter.crossed(decision.done, decision.dead, decision.longest_run)
        if crossed is not None:
            reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(decision.dead_letters.items()))
            raise Halted(
                FLOOD,
                f"{crossed} (in this batch: {reasons})",
                f"find out who publishes them, then resume partition {record.partition}",
                topic=record.topic,
                offset=record.offset,
                durable=True,
            )

    def _fail(self, record: SourceRecord, error: Exception) -> NoReturn:
        raise RecordFailed(record.topic, record.offset, record.key) from error


def ranges_of(records: Sequence[SourceRecord], *, scattered: bool = False) -> tuple[Range, ...]:
    """Return the runs of records of one topic, in the order of processing.

    `scattered` records have others between them that are not among these: each offset is a run of its own.
    """
    if scattered:
        return tuple(Range(record.topic, record.offset, record.offset + 1, 1) for record in records)
    ranges: list[Range] = []
    topic = ""
    first = last = count = 0
    for record in records:
        if record.topic != topic:
            if count:
                ranges.append(Range(topic, first, last + 1, count))
            topic, first, count = record.topic, record.offset, 0
        last = record.offset
        count += 1
    if count:
        ranges.append(Range(topic, first, last + 1, count))
    return tuple(ranges)
