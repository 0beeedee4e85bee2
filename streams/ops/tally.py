"""Counts what a processor decides, on its way to the engine: work by desk and action, and how long records waited."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from streams.contract.codec import Codec
from streams.contract.topics import TopicNames, center_slugs
from streams.engine.api import Headers, Outbox, Processor, SourceRecord, State

BESIDE_CENTERS: Final = ("pending", "ineligible", "elsewhere")

# Behind its header a work item begins with two UUIDs, each a length byte and 36 characters.
_NUMBERS: Final = 2 * 37
_MORE: Final = 0x80
"""The bit of a number's byte that says that another one follows."""


def desk_topics(names: TopicNames) -> Mapping[str, str]:
    """Return the desk, as metrics name it, of every topic of work."""
    return {names.of(f"center-work-{desk}"): desk for desk in (*center_slugs(), *BESIDE_CENTERS)}


class Tally:
    """What was decided: `items` by desk and action, and the records of each partition that wait for their commit."""

    def __init__(self, desks: Mapping[str, str]) -> None:
        self.desks = desks
        self.counts: dict[tuple[str, bytes], int] = defaultdict(int)
        self.waiting: dict[int, list[int]] = defaultdict(list)

    @property
    def items(self) -> Counter[tuple[str, str]]:
        """Work items by desk and action."""
        return Counter({(desk, action.decode()): number for (desk, action), number in self.counts.items()})

    def taken(self, partition: int) -> list[int]:
        """Return the publishing times (ms) of a partition's decided records, and forget them."""
        return self.waiting.pop(partition, [])


class TalliedProcessor:
    """A `Processor` that decides as another one, and counts; a record that turns out invalid is not counted."""

    def __init__(self, processor: Processor, tally: Tally, codec: Codec) -> None:
        self._processor = processor
        self._tally = tally
        self._out = _ListeningOutbox(tally.desks, codec.header("work_item"))

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Let the processor decide, then count."""
        listening = self._out
        listening.begin(out)
        outcome = self._processor.process(record, now, state, listening)
        for heard in listening.heard:
            self._tally.counts[heard] += 1
        self._tally.waiting[record.partition].append(record.timestamp_ms)
        return outcome

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Let time pass, then count."""
        self._out.begin(out)
        self._processor.punctuate(now, state, self._out)
        for heard in self._out.heard:
            self._tally.counts[heard] += 1


class _ListeningOutbox:
    """Hands on what is sent, and notes desk and action of work items."""

    __slots__ = ("_desks", "_header", "_numbers", "_send", "heard")

    def __init__(self, desks: Mapping[str, str], header: bytes) -> None:
        self._desks = desks
        self._header = header
        self._numbers = len(header) + _NUMBERS
        self.heard: list[tuple[str, bytes]] = []

    def begin(self, out: Outbox) -> None:
        """Begin with a record."""
        self._send = out.send
        if self.heard:
            self.heard = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Hand on to the engine."""
        self._send(topic, key, value, headers=headers, partition=partition)
        desk = self._desks.get(topic)
        if desk is not None and value is not None and value.startswith(self._header):
            self.heard.append((desk, action_of(value, self._numbers)))


def action_of(work_item: bytes, at: int) -> bytes:
    """Return the action of a work item without decoding the rest; `at` is where its sequence number begins."""
    if work_item[at] < _MORE > work_item[at + 1]:  # nearly always: sequence and assignment are small
        at += 2
    else:
        for _ in range(2):
            while work_item[at] & _MORE:
                at += 1
            at += 1
    length = work_item[at] >> 1  # a zigzag number below 64
    return work_item[at + 1 : at + 1 + length]
