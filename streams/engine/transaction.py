"""One Kafka transaction, in the only order that is safe.

Begin, write everything, add the offsets, see every write confirmed, and only then ask for the commit, once. A
commit succeeds although a write failed (a record too large, for instance), so none may go unseen.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streams.engine.world import Appended, Clock, Outgoing, Transaction

_ABORT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one transaction is to make visible; `changelog` and `journal` are the topic-partitions of these."""

    outputs: Mapping[tuple[str, int], Sequence[Outgoing]]
    offsets: Mapping[str, int]
    changelog: tuple[str, int]
    changes: Sequence[Outgoing]
    journal: tuple[str, int]
    entry: bytes | None


class Written(NamedTuple):
    """What is known after the commit.

    `changelog_end` is the offset after the last change and `journal_end` that after the journal record (None without
    such), `journal_ms` the broker's append time of the journal record or -1.
    """

    changelog_end: int | None
    journal_end: int | None
    journal_ms: int
    send_seconds: float
    commit_seconds: float


async def execute(transaction: Transaction, plan: Plan, clock: Clock, deadline: float) -> Written:
    """Carry out a plan within `deadline` seconds.

    After any exception the transaction is undone, at the latest by the next holder of its id. One that is cancelled
    is undone here, so that readers need not wait for that.
    """
    try:
        async with asyncio.timeout(deadline):
            return await _carry_out(transaction, plan, clock)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):  # whatever prevents it, the next holder sees to it
            await asyncio.wait_for(transaction.abort(), _ABORT_SECONDS)
        raise


async def _carry_out(transaction: Transaction, plan: Plan, clock: Clock) -> Written:
    started = clock.monotonic()
    transaction.begin()
    outputs = await transaction.append(plan.outputs) if plan.outputs else []
    changes = await transaction.append({plan.changelog: plan.changes}) if plan.changes else []
    entry = [] if plan.entry is None else await transaction.append({plan.journal: [(None, plan.entry, ())]})
    await confirmed(outputs)
    changed = await confirmed(changes)
    journaled = await confirmed(entry)
    # Not beside the writes: the broker verifies each against the transaction, and while offsets are being added
    # it answers "not enough replicas", which costs the client's back-off.
    if plan.offsets:
        await transaction.add_offsets(plan.offsets)
    sent = clock.monotonic()
    await transaction.commit()
    return Written(
        changelog_end=changed[-1].offset + changed[-1].records if changed else None,
        journal_end=journaled[-1].offset + journaled[-1].records if journaled else None,
        journal_ms=journaled[-1].timestamp_ms if journaled else -1,
        send_seconds=sent - started,
        commit_seconds=clock.monotonic() - sent,
    )


async def confirmed(writes: Sequence[Awaitable[Appended]]) -> list[Appended]:
    """Wait for every write; raises what the first failed one raised, after all are done."""
    results = await asyncio.gather(*writes, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, Appended)]
