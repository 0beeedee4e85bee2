"""Processes what waits of the accounts that a person asked to release, before anything newer is read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from streams.engine.api import SourceRecord
from streams.engine.committer import Committer, Work
from streams.engine.decide import Decider
from streams.engine.reader import BatchReader
from streams.engine.resources import Resources
from streams.engine.surroundings import Progress, Surroundings, within
from streams.engine.timeline import Timeline, as_datetime

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Releaser:
    """What a life of a task needs for it; `commit` commits, and names the record that prevents it."""

    around: Surroundings
    progress: Progress
    resources: Resources
    reader: BatchReader
    decider: Decider
    committer: Committer
    timeline: Timeline
    commit: Callable[[Work], Awaitable[None]]

    async def release_wished(self, stopping: asyncio.Event, most: int) -> None:
        """Process what waits, account after account, with up to `most` records in a transaction."""
        holds = self.decider.holds
        for key in holds.wishes:
            while not stopping.is_set() and key in holds.wishes and key in holds.by_key:
                await self._release_some(key, most)
            if key not in holds.by_key:
                holds.refuse(key)  # it is not held, or not any more
        if answers := holds.taken():  # who asked waits for it, and there may be no other transaction for long
            await self.commit(self.committer.at_rest("release", answers))
        self.progress.held = len(holds.by_key)

    async def _release_some(self, key: bytes, most: int) -> None:
        """Process the first waiting records of an account in one transaction."""
        holds = self.decider.holds
        places = holds.waiting(self.resources.store, key, most)
        records = await self._read(places)
        if len(records) < len(places):
            topic, offset = places[len(records)]
            where = f"{topic} offset {offset}"
            log.error("partition %d: %s is not in its topic any more: its account stays held",
                      self.progress.partition, where)  # fmt: skip
            holds.keep(key)
            return
        now_ms = self.timeline.now_ms()
        holds.releasing = key
        decision = await self.decider.decide(records, as_datetime(now_ms))
        holds.releasing = None
        holds.processed(key, len(records))
        rest = self.committer.at_rest("release", holds.taken())
        await self.commit(replace(rest, now_ms=now_ms, decision=decision, released=records))
        self.progress.moved()

    async def _read(self, places: Sequence[tuple[str, int]]) -> list[SourceRecord]:
        """Read records of which others lie between, up to the first that is gone."""
        source, offsets, limit = self.resources.source, self.reader.offsets(), self.around.config.budgets.start
        bounds = await within(limit, source.bounds)
        records: list[SourceRecord] = []
        for topic, offset in places:
            if not bounds[topic].start <= offset < bounds[topic].end:
                break
            found = await within(limit, partial(source.peek, {topic: offset}))
            if topic not in found:
                break
            records.append(found[topic])
            self.progress.moved()
        source.seek(offsets)
        return records
