"""Publish what files hold: count it, report what could not be, and know from where to go on."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from streams.contract.models import Event
from streams.contract.topics import TopicNames
from streams.ports.errors import InvalidEvent
from streams.ports.events import Raw, outgoing
from streams.ports.numbers import CheckDigitOffsets
from streams.ports.publisher import Published, Publisher, Refused
from streams.ports.sources import Item, Note
from streams.ports.spool.publisher import Kept, SpoolingPublisher

# A report of a file that is wrong throughout shall stay readable, and fit into memory.
MOST_REPORTED: Final = 10_000
BREATH: Final = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that was not published, or that CBP did not accept; `position` counts items from 0."""

    position: int
    item: Item
    why: str
    faults: tuple[object, ...]

    def text(self) -> str:
        """Say it in lines: the place, then each fault."""
        entry = f" (event {self.item.event_id})" if self.item.event_id and self.item.event is None else ""
        return "\n".join([f"{self.item.where}{entry}: {self.why}", *(f"    {fault}" for fault in self.faults)])

    def to_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "position": self.position,
            "where": self.item.where,
            "why": self.why,
            "event_id": self.item.event_id,
            "entry_number": self.item.entry_number,
            "faults": [fault.to_json() for fault in self.faults if hasattr(fault, "to_json")],
        }


@dataclass(slots=True)
class Report:
    """What became of the items so far. `published` counts events safely in Kafka (in a dry run: valid ones)."""

    read: int = 0
    skipped: int = 0
    published: int = 0
    refused: int = 0
    file_faults: int = 0
    interrupted: bool = False
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    waiting: "deque[tuple[int, Item]]" = field(default_factory=deque)

    @property
    def settled(self) -> int:
        """How many items from the first are known to be published or refused: from here to go on."""
        return self.waiting[0][0] if self.waiting else self.read

    @property
    def is_clean(self) -> bool:
        """Whether every item was accepted and nothing was wrong with the files."""
        return not self.refused and not self.file_faults

    def to_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "read": self.read,
            "skipped": self.skipped,
            "published": self.published,
            "refused": self.refused,
            "file_faults": self.file_faults,
            "interrupted": self.interrupted,
            "settled": self.settled,
            "refusals": [refusal.to_json() for refusal in self.refusals],
            "refusals_left_out": self.refused - len(self.refusals),
            "notes": [
                {"where": note.where, "what": note.what, "faults": [fault.to_json() for fault in note.faults]}
                for note in self.notes
            ],
        }


Tell = Callable[[Refusal | Note], None]


class Run:
    """One run over some items; `stop` ends it after what is on its way."""

    def __init__(
        self, items: Iterable[Item | Note] | AsyncIterable[Item | Note], *, skip: int = 0, tell: Tell = lambda _: None
    ) -> None:
        self.report = Report()
        self._items = items
        self._skip = skip
        self._tell = tell
        self._stopping = False

    def stop(self) -> None:
        """Take no more items."""
        self._stopping = True

    async def publish(self, publisher: Publisher | SpoolingPublisher) -> Report:
        """Publish all items, in order. Raises what the publisher raises; the report then says what is safe."""
        async with aclosing(publisher.publish_many(self._events())) as outcomes:
            async for outcome in outcomes:
                self._settle(outcome)
        return self.report

    async def check(self, offsets: CheckDigitOffsets) -> Report:
        """Validate all items and send nothing."""
        names = TopicNames()
        async for event in self._events():
            try:
                out = outgoing(event, names, offsets)
            except InvalidEvent as error:
                self._settle(Refused(0, "", error.faults))
            else:
                self._settle(out)
        return self.report

    async def _events(self) -> AsyncIterator[Event | Raw]:
        async for item in _each(self._items):
            if self._stopping:
                break
            if isinstance(item, Note):
                self._note(item)
            elif (event := self._taken(item)) is not None:
                yield event
            if self.report.read % BREATH == 0:
                await asyncio.sleep(0)
        self.report.interrupted = self._stopping

    def _taken(self, item: Item) -> Event | Raw | None:
        """Count an item; returns the event to publish, if there is one."""
        position, self.report.read = self.report.read, self.report.read + 1
        if position < self._skip:
            self.report.skipped += 1
            return None
        if item.why:
            self._refuse(Refusal(position, item, item.why, item.faults))
        if item.event is not None:
            self.report.waiting.append((position, item))
        return item.event

    def _settle(self, outcome: "Published | Kept | Refused | object") -> None:
        position, item = self.report.waiting.popleft()
        if isinstance(outcome, Refused):
            self._refuse(Refusal(position, item, "not a valid event", outcome.faults))
        else:
            self.report.published += 1

    def _refuse(self, refusal: Refusal) -> None:
        self.report.refused += 1
        if len(self.report.refusals) < MOST_REPORTED:
            self.report.refusals.append(refusal)
        self._tell(refusal)

    def _note(self, note: Note) -> None:
        self.report.file_faults += note.is_fault
        if len(self.report.notes) < MOST_REPORTED:
            self.report.notes.append(note)
        self._tell(note)


async def _each(items: Iterable[Item | Note] | AsyncIterable[Item | Note]) -> AsyncIterator[Item | Note]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
