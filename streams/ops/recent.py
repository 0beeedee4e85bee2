"""What came of late: dead letters and what was done about them, refusals and placement changes, read from their topics.

A read model that can be lost: it begins with today's records (New York's day) and the last ones before them, and
may show a record twice after a broken connection. It runs beside the lag monitor, so once for all workers.
"""

import asyncio
import json
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from mode import Service

from streams.contract.codec import Codec
from streams.contract.errors import SchemaPending, UndecodableRecord
from streams.contract.topics import TopicNames
from streams.customs.calendar import day_starts_ms, eastern_day
from streams.customs.evidence import dated
from streams.engine.dead_letter import MESSAGE, OFFSET, PARTITION, REASON, TOPIC

log = logging.getLogger(__name__)

KEPT: Final = 100
BEFORE_TODAY: Final = 20
"""Older records of each partition that are read first, so that a quiet day still shows something."""
MOST_RESOLVED: Final = 2000
"""Resolutions that are remembered: more than the dead letters that are shown."""
AT_ONCE: Final = 300
REST_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 5.0


@dataclass
class Kept:
    """One kind of record: the last ones, newest first, and how many there were today, by reason."""

    items: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    today: Counter[str] = field(default_factory=Counter)
    last_ms: dict[str, int] = field(default_factory=dict)
    ever: Counter[str] = field(default_factory=Counter)
    day: int = 0

    def note(self, at_ms: int, reason: str, item: dict[str, Any]) -> None:
        """Take a record in; the first of a new day begins the day's counts anew."""
        day = eastern_day(at_ms).toordinal()
        if day > self.day:
            self.day, self.today = day, Counter()
        if day == self.day:
            self.today[reason] += 1
        self.ever[reason] += 1
        self.last_ms[reason] = max(at_ms, self.last_ms.get(reason, 0))
        self.items.appendleft({"at_ms": at_ms, "reason": reason, **item})

    def counted(self, now_ms: int) -> Counter[str]:
        """Return today's counts; none where the last record is of a day before."""
        return self.today if eastern_day(now_ms).toordinal() == self.day else Counter()


class Recent(Service):
    """Follows the topics while `is_ours` says so."""

    mundane_level = "debug"  # starting and stopping is nothing to act on

    def __init__(
        self,
        bootstrap_servers: str,
        client: Mapping[str, Any],
        names: TopicNames,
        is_ours: Callable[[], bool],
        codec: Codec,
    ) -> None:
        super().__init__()
        self._bootstrap_servers = bootstrap_servers
        self._client = dict(client) | {"client_id": "cee-recent"}
        self._is_ours = is_ours
        self._codec = codec
        self._topics = {
            names.of("dead-letter"): self._note_dead_letter,
            names.of("event-refusal"): self._note_refusal,
            names.of("placement-change"): self._note_change,
            names.of("dead-letter-resolution"): self._note_resolution,
        }
        self._forget()

    def _forget(self) -> None:
        self.dead_letters, self.refusals, self.changes = Kept(), Kept(), Kept()
        self.sources = Kept()
        """Dead letters by the topic they came from."""
        self.became: dict[str, str] = {}
        """What was done about dead letters, by partition/offset; of the last ones only."""

    @Service.task
    async def _follow(self) -> None:
        while not self.should_stop:
            if self._is_ours():
                try:
                    await self._follow_once()
                except (KafkaError, OSError, TimeoutError) as error:
                    log.debug("recent records cannot be read: %s", error)
                except Exception:
                    log.exception("recent records cannot be read")
            await self.sleep(RETRY_SECONDS)

    async def _follow_once(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="latest",
            **self._client,
        )
        try:
            await consumer.start()
            await self._begin(consumer)
            while not self.should_stop and self._is_ours():
                records = await consumer.getmany(timeout_ms=500, max_records=AT_ONCE)
                for place, found in records.items():
                    for record in found:
                        self._topics[place.topic](record)
                await self.sleep(REST_SECONDS)
        finally:
            self._forget_unless_ours()
            await asyncio.wait({asyncio.ensure_future(consumer.stop())}, timeout=2.0)

    def _forget_unless_ours(self) -> None:
        if not self._is_ours():
            self._forget()

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        """Go to the beginning of today, or a little before the end, whichever is earlier."""
        cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - the consumer knows only what it is assigned
        places = [
            TopicPartition(topic, partition)
            for topic in self._topics
            for partition in sorted(cluster.partitions_for_topic(topic) or ())
        ]
        consumer.assign(places)
        midnight = day_starts_ms(eastern_day(int(datetime.now(UTC).timestamp() * 1000)))
        since = await consumer.offsets_for_times(dict.fromkeys(places, midnight))
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        self._forget()
        for place in places:
            today = ends[place] if since.get(place) is None else since[place].offset
            consumer.seek(place, max(begins[place], min(today, ends[place] - BEFORE_TODAY)))

    def _note_dead_letter(self, record: Any) -> None:  # noqa: ANN401 - aiokafka has no types
        headers = dict(record.headers)

        def text(name: str) -> str:
            return bytes(headers.get(name, b"")).decode("utf-8", "replace")

        source = text(TOPIC)
        self.sources.note(record.timestamp, source, {})
        origin = {"topic": source, "partition": text(PARTITION), "offset": text(OFFSET), "detail": text(MESSAGE)}
        here = {"at_partition": record.partition, "at_offset": record.offset}
        self.dead_letters.note(record.timestamp, text(REASON) or "unknown", {**origin, **here})

    def _note_resolution(self, record: Any) -> None:  # noqa: ANN401 - as above
        with suppress(ValueError, KeyError, TypeError):
            self.became[bytes(record.key or b"").decode()] = str(json.loads(record.value)["did"])
        while len(self.became) > MOST_RESOLVED:
            del self.became[next(iter(self.became))]

    def _note_refusal(self, record: Any) -> None:  # noqa: ANN401 - as above
        fields = self._fields(record, "event_refusal")
        if fields is None:
            return
        wanted = ("event_type", "source", "port", "entry_number", "ignored", "sentence", "rule_source", "remedy")
        self.refusals.note(record.timestamp, str(fields["rule"]), {name: fields[name] for name in wanted})

    def _note_change(self, record: Any) -> None:  # noqa: ANN401 - as above
        fields = self._fields(record, "placement_change")
        if fields is not None:
            self.changes.note(record.timestamp, str(fields["kind"]), change_item(fields))

    def _fields(self, record: Any, name: str) -> dict[str, Any] | None:  # noqa: ANN401 - as above
        try:
            found, fields = self._codec.decode(record.value or b"")
        except (UndecodableRecord, SchemaPending):
            return None
        return fields if found == name else None


def change_item(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a placement change."""
    wanted = ("account_key", "importer_numbers", "former_center", "center", "ace_code", "basis", "firm")
    day = dated(fields["decided_on"])
    return {name: fields[name] for name in wanted} | {
        "why": fields["reason"],
        "decided_on": day,
        "kind": fields["kind"],
    }
