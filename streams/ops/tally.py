"""Counts the work that was published, by desk and action, from the records of committed transactions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from streams.contract.topics import TopicNames, center_slugs
from streams.engine.world import Outgoing

BESIDE_CENTERS: Final = ("pending", "ineligible", "elsewhere")

# Behind its header a work item begins with two UUIDs, each a length byte and 36 characters.
_NUMBERS: Final = 2 * 37
_MORE: Final = 0x80
"""The bit of a number's byte that says that another one follows."""


def desk_topics(names: TopicNames) -> Mapping[str, str]:
    """Return the desk, as metrics name it, of every topic of work."""
    return {names.of(f"center-work-{desk}"): desk for desk in (*center_slugs(), *BESIDE_CENTERS)}


class Tally:
    """Work items by desk and action; `header` is what the bytes of a work item begin with."""

    def __init__(self, desks: Mapping[str, str], header: bytes) -> None:
        self._desks = desks
        self._header = header
        self._counts: defaultdict[str, Counter[bytes]] = defaultdict(Counter)

    def add(self, sent: Mapping[tuple[str, int], Sequence[Outgoing]]) -> None:
        """Count what a transaction published; what else is on a topic of work, a summary's snapshot, is no item."""
        header = self._header
        numbers = len(header) + _NUMBERS
        for (topic, _), records in sent.items():
            desk = self._desks.get(topic)
            if desk is None:
                continue
            items = [value for _, value, _ in records if value is not None and value.startswith(header)]
            self._counts[desk].update([action_of(item, numbers) for item in items])

    @property
    def items(self) -> Counter[tuple[str, str]]:
        """Work items by desk and action."""
        return Counter(
            {(desk, action.decode()): number for desk, by in self._counts.items() for action, number in by.items()}
        )


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
