"""Read what a worker published, once, and count it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.contract.codec import Codec
from streams.contract.topics import TopicNames, center_slugs

FETCH_BYTES: Final = 8 * 1024 * 1024
REASON: Final = "dead-letter.reason"
OTHERS: Final = ("center-work-pending", "center-work-ineligible", "center-work-elsewhere", "importer-response")
SOCIAL_SECURITY_HYPHENS: Final = 2


@dataclass(slots=True)
class Tally:
    """Counts of all outputs. Centers are keyed by slug; `placements` holds the newest placement of each account."""

    work_items: Counter[str] = field(default_factory=Counter)
    snapshots: Counter[str] = field(default_factory=Counter)
    moved_in: Counter[str] = field(default_factory=Counter)
    moved_out: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    placements: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    example: Mapping[str, Any] | None = None

    @property
    def placed(self) -> Counter[str]:
        """Importers by the Center that they are in; "" for none."""
        return Counter(str(placement["center"] or "") for placement in self.placements.values())


class Counting:
    """Counts records by the topic that they are on; bodies are decoded only where something in them counts."""

    def __init__(self, names: TopicNames, codec: Codec) -> None:
        self.tally = Tally()
        self._codec = codec
        self._work = {names.center_work(slug): slug for slug in center_slugs()} | {
            names.of(name): name for name in OTHERS
        }
        self._decoded = {
            names.of("importer-placement"): self._placement,
            names.of("placement-change"): self._change,
            names.of("event-refusal"): self._refusal,
        }
        self._dead_letter = names.of("dead-letter")
        self.topics = (*self._work, *self._decoded, self._dead_letter)

    def count(self, topic: str, record: ConsumerRecord[bytes, bytes]) -> None:
        """Take one record into account."""
        if topic in self._work:
            is_item = self._codec.name_of(record.value or b"") != "entry_summary_snapshot"
            (self.tally.work_items if is_item else self.tally.snapshots)[self._work[topic]] += 1
        elif topic == self._dead_letter:
            self.tally.dead_letters[dict(record.headers).get(REASON, b"unknown").decode()] += 1
        elif record.value is not None:
            name, fields = self._codec.decode(record.value)
            self._decoded[topic](name, fields)

    def _placement(self, _name: str, fields: Mapping[str, Any]) -> None:
        self.tally.placements[fields["account_key"]] = fields

    def _change(self, name: str, fields: Mapping[str, Any]) -> None:
        if name != "placement_change":
            return  # an appeal's states stand beside the changes
        self.tally.changes[fields["kind"]] += 1
        if fields["kind"] != "changed":
            return
        self.tally.moved_out[fields["former_center"] or ""] += 1
        self.tally.moved_in[fields["center"] or ""] += 1
        if fields["center"] and not is_personal(fields["importer_numbers"][0]):
            self.tally.example = max(self.tally.example or fields, fields, key=_how_telling)

    def _refusal(self, name: str, fields: Mapping[str, Any]) -> None:
        if name == "event_refusal":
            self.tally.refusals[f"{fields['rule']}{' (ignored)' if fields['ignored'] else ''}"] += 1


def _how_telling(change: Mapping[str, Any]) -> tuple[bool, int]:
    """Rank a change: one of a firm placement that rests on many summaries explains more."""
    return bool(change["firm"]), int(change["evidence"]["summaries"])


def is_personal(importer_number: str) -> bool:
    """Tell whether a number has the social security form, NNN-NN-NNNN."""
    return importer_number.count("-") == SOCIAL_SECURITY_HYPHENS


async def tally_of(bootstrap_servers: str, names: TopicNames, codec: Codec, client: Mapping[str, Any]) -> Tally:
    """Read all outputs to their ends, `read_committed`, and return the counts."""
    counting = Counting(names, codec)
    consumer = AIOKafkaConsumer(
        *counting.topics,
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        **client,
    )
    async with consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
        left = {place for place, end in ends.items() if end}
        while left:
            for place, records in (await consumer.getmany(timeout_ms=200, max_records=5000)).items():
                for record in records:
                    counting.count(place.topic, record)
            # The position also passes the markers of transactions, which are no records.
            left = {place for place in left if await consumer.position(place) < ends[place]}
    return counting.tally
