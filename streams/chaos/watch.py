"""Watches the committed offsets of the group: how far behind it is, and how long a partition stood still."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NoError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

POLL_SECONDS: Final = 0.25
ANSWER_SECONDS: Final = 15.0
REQUEST_MS: Final = 10_000
# A commit that is first seen so shortly after a fault may be from before it.
SEEN_LATE_SECONDS: Final = 2 * POLL_SECONDS
SEVERAL: Final = "several at once"

Offsets = Mapping[TopicPartition, int]


class Recovered(NamedTuple):
    """A fault and after how many seconds every partition that was behind had committed again."""

    what: str
    seconds: float


@dataclass(slots=True)
class Watch:
    """What was seen: for each partition when it last moved or had nothing to do, and the longest stall in seconds."""

    lag: int = -1
    longest_stall: float = 0.0
    recovered: list[Recovered] = field(default_factory=list)
    _moved_at: dict[int, float] = field(default_factory=dict)
    _committed: dict[int, int] = field(default_factory=dict)
    _fault: str = ""
    _fault_at: float = 0.0

    @property
    def is_recovered(self) -> bool:
        """Whether no fault is left that a partition still suffers from."""
        return not self._fault

    def fault(self, what: str) -> None:
        """Note that a fault comes now; one that meets an earlier one is counted with it, from its time on."""
        if self._fault:
            self._fault = SEVERAL
        else:
            self._fault, self._fault_at = what, time.monotonic()

    def see(self, committed: Offsets, ends: Offsets) -> None:
        """Take in one reading of committed offsets and log ends."""
        now = time.monotonic()
        self.lag = sum(max(0, end - committed.get(place, 0)) for place, end in ends.items())
        for partition in {place.partition for place in ends}:
            total = sum(offset for place, offset in committed.items() if place.partition == partition)
            behind = any(committed.get(place, 0) < end for place, end in ends.items() if place.partition == partition)
            if total != self._committed.get(partition) or not behind:
                self._committed[partition] = total
                self._moved_at[partition] = now
            self.longest_stall = max(self.longest_stall, now - self._moved_at.setdefault(partition, now))
        if self._fault and min(self._moved_at.values()) > self._fault_at + SEEN_LATE_SECONDS:
            self.recovered.append(Recovered(self._fault, now - self._fault_at))
            self._fault = ""


async def watch_group(bootstrap_servers: str, group: str, sources: tuple[str, ...], watch: Watch) -> None:
    """Read offsets four times a second until cancelled; a broker that is away is asked again."""
    while True:
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await _watch_while_connected(bootstrap_servers, group, sources, watch)
        await asyncio.sleep(POLL_SECONDS)


async def _watch_while_connected(bootstrap_servers: str, group: str, sources: tuple[str, ...], watch: Watch) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=REQUEST_MS)
    consumer = AIOKafkaConsumer(*sources, bootstrap_servers=bootstrap_servers, request_timeout_ms=REQUEST_MS)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await admin.start()
            await consumer.start()
        while True:
            async with asyncio.timeout(ANSWER_SECONDS):
                committed = await _committed(admin, group)
                ends = await consumer.end_offsets(consumer.assignment())
            watch.see(committed, ends)
            await asyncio.sleep(POLL_SECONDS)
    finally:
        # Either may wait for a broker that is gone.
        await asyncio.wait({asyncio.ensure_future(admin.close()), asyncio.ensure_future(consumer.stop())}, timeout=3.0)


async def _committed(admin: AIOKafkaAdminClient, group: str) -> Offsets:
    """Return the committed offsets of a group.

    Not by the admin client's own method: that takes a coordinator that is still loading for a group without offsets,
    and a fault would be recovered from before it is.
    """
    node = await admin.find_coordinator(group)
    answer = await admin._send_request(OffsetFetchRequest(group, None), node)  # noqa: SLF001 - see above
    codes = {answer.error_code, *(code for _, places in answer.topics for _, _, _, code in places)}
    for error in map(for_code, codes):
        if error is not NoError:
            raise error
    return {TopicPartition(topic, number): offset for topic, places in answer.topics for number, offset, _, _ in places}
