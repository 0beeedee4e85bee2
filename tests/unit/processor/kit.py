"""A partition in memory: state that is encoded at every commit, an outbox, and events as ports publish them."""

import uuid
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar

from streams.contract.codec import Codec
from streams.contract.keys import account_key, partition_for
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.api import Headers, InvalidRecord, SourceRecord, Table
from streams.processor.clock import TimeSource
from streams.processor.processor import PlacementProcessor

V = TypeVar("V")

NAMES: Final = TopicNames()
RULES: Final = PlacementRules(PlacementPolicy(), published_coverage())
IMPORTER: Final = "12-345678900"
ENTRY: Final = "B7603245278"
COMPUTER: Final = "8471300100"
SHIRT: Final = "6109100012"
DAY_MS: Final = 86_400_000


@cache
def codec() -> Codec:
    """Return the contract's codec, made once."""
    return Codec()


@cache
def processor(partitions: int, time_source: TimeSource) -> PlacementProcessor:
    """Return a processor, made once: it remembers nothing that is not in the state."""
    return PlacementProcessor(codec(), NAMES, partitions, RULES, time_source)


def at(text: str) -> int:
    """Return an instant, written as a UTC date or time, in milliseconds since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def day(text: str) -> int:
    """Return a date as days since 1970-01-01."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


class MemoryState:
    """A partition's state in dictionaries; `commit` encodes what has changed, `rollback` takes it back."""

    def __init__(self) -> None:
        self.stored: dict[bytes, bytes] = {}
        self._changed: dict[bytes, tuple[Table[Any], Any] | None] = {}
        self._loaded: dict[bytes, Any] = {}

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""
        full = table.prefix + key
        if full in self._changed:
            change = self._changed[full]
            return None if change is None else change[1]
        if full in self._loaded:
            value: V = self._loaded[full]
            return value
        data = self.stored.get(full)
        if data is None:
            return None
        value = self._loaded[full] = table.load(data)
        return value

    def put(self, table: Table[V], key: bytes, value: V) -> None:
        """Set the value of a key."""
        self._changed[table.prefix + key] = (table, value)

    def delete(self, table: Table[V], key: bytes) -> None:
        """Remove a key."""
        self._changed[table.prefix + key] = None

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield key and value in byte order, as they are now."""
        keys = sorted({*self.stored, *self._changed})
        first = bisect_left(keys, table.prefix + start)
        for full in keys[first:]:
            if not full.startswith(table.prefix) or (stop is not None and full >= table.prefix + stop):
                return
            key = full[len(table.prefix) :]
            value = self.get(table, key)
            if value is not None:
                yield key, value

    def commit(self) -> None:
        """Encode every change, and forget what was loaded."""
        for full, change in self._changed.items():
            if change is None:
                self.stored.pop(full, None)
            else:
                table, value = change
                self.stored[full] = table.dump(value)
        self._changed = {}
        self._loaded = {}

    def rollback(self) -> None:
        """Take every change back."""
        self._changed = {}
        self._loaded = {}


@dataclass(frozen=True)
class Sent:
    """A record that was published, with what it says."""

    topic: str
    partition: int
    key: bytes | None
    name: str
    fields: dict[str, Any]
    headers: Headers
    value: bytes | None


class MemoryOutbox:
    """Collects what is published."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self.sent: list[Sent] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Take a record; every one of them can be decoded, or is a tombstone."""
        name, fields = codec().decode(value) if value is not None else ("", {})
        place = self._partition if partition is None else partition
        self.sent.append(Sent(topic, place, key, name, fields, headers, value))


class Cluster:
    """All partitions of a topic space, each with its own state and one processor; records hop between them."""

    def __init__(self, partitions: int = 4, time_source: TimeSource = TimeSource.BROKER) -> None:
        self.partitions = partitions
        self.processor = processor(partitions, time_source)
        self.states = [MemoryState() for _ in range(partitions)]
        self.offsets: dict[tuple[str, int], int] = {}
        self.now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
        self.sent: list[Sent] = []
        self.outcomes: list[str] = []

    def publish(
        self,
        name: str,
        fields: Mapping[str, Any],
        *,
        key: str = "",
        topic: str = "entry-summary-event",
        partition: int | None = None,
        published: str = "",
    ) -> str:
        """Publish an event as a port does and process it, with all that it makes hop; return its outcome."""
        right = (key or key_of(fields)).encode()
        place = partition_for(right, self.partitions) if partition is None else partition
        published_ms = at(published) if published else self._now_ms()
        return self.deliver(topic, place, right, codec().encode(name, fields), published_ms)

    def deliver(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        published_ms: int = 0,
        headers: Headers = (),
    ) -> str:
        """Deliver bytes to a partition; raise `InvalidRecord` as the processor does, with nothing changed."""
        offset = self.offsets.get((topic, partition), 0)
        self.offsets[topic, partition] = offset + 1
        record = SourceRecord(topic, partition, offset, published_ms or self._now_ms(), key, value, headers)
        outbox = MemoryOutbox(partition)
        state = self.states[partition]
        try:
            outcome = self.processor.process(record, self.now, state, outbox)
        except InvalidRecord:
            state.rollback()
            raise
        state.commit()
        self.outcomes.append(outcome)
        self._hand_on(outbox)
        return outcome

    def pass_time(self, **passed: float) -> None:
        """Let time pass, then let every partition do what time brings about."""
        self.now += timedelta(**passed)
        for partition, state in enumerate(self.states):
            outbox = MemoryOutbox(partition)
            self.processor.punctuate(self.now, state, outbox)
            state.commit()
            self._hand_on(outbox)

    def on(self, topic: str, name: str = "") -> list[dict[str, Any]]:
        """Return what was published on a topic, of one kind if it is named."""
        return [sent.fields for sent in self.sent if sent.topic == topic and name in ("", sent.name)]

    def work(self) -> list[tuple[str, str, str]]:
        """Return topic, work type and action of every piece of work."""
        items = [sent for sent in self.sent if sent.name == "work_item"]
        return [(sent.topic, sent.fields["work_type"], sent.fields["action"]) for sent in items]

    def stored(self) -> list[dict[bytes, bytes]]:
        """Return a copy of all committed state."""
        return [dict(state.stored) for state in self.states]

    def kept(self) -> list[dict[bytes, bytes]]:
        """Return a copy of all committed state but the mark of how far time has passed."""
        return [{key: value for key, value in stored.items() if key != b"m/passed"} for stored in self.stored()]

    def _hand_on(self, outbox: MemoryOutbox) -> None:
        self.sent += outbox.sent
        for sent in outbox.sent:
            if sent.topic == "rekeyed-event":
                self.deliver(sent.topic, sent.partition, sent.key, sent.value, 0, sent.headers)

    def _now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


def key_of(fields: Mapping[str, Any]) -> str:
    """Return the key that an event has by its content."""
    about = fields.get("summary", fields)
    importer = about.get("importer_of_record")
    return account_key(importer) if importer else str(about["entry_number"])


def envelope(when: str, event_id: str = "", source: str = "2704") -> dict[str, Any]:
    """Return an envelope; each instant has its own event id unless one is given."""
    name = event_id or str(uuid.uuid5(uuid.NAMESPACE_OID, when))
    return {"event_id": name, "event_time": at(when), "source": source}


def filed(
    *codes: str,
    number: str = ENTRY,
    when: str = "2026-03-02T14:00:00",
    version: str = "00100",
    importer: str = IMPORTER,
    **others: object,
) -> dict[str, Any]:
    """Return the fields of an accepted summary with a line for each tariff number; others go into the summary."""
    totals = dict.fromkeys(("duty_cents", "fee_cents", "tax_cents", "ad_cents", "cvd_cents", "other_cents"), 0)
    optional = (
        "preparer_filer", "port_of_unlading", "exam_port", "mode_of_transport", "consignee", "notify_party",
        "import_date", "entry_date", "release_date", "summary_date", "bond_type", "surety_code", "bond_amount_usd",
        "bond_waiver_reason", "team_number", "center", "psc_explanation",
    )  # fmt: skip
    summary = dict.fromkeys(optional) | {
        "entry_number": number,
        "version": version,
        "accepted_at": at(when),
        "filer_code": number[:3],
        "port_of_entry": "2704",
        "entry_type": "01",
        "importer_of_record": importer,
        "estimated_entry_date": day(when[:10]),
        "psc_reasons": [],
        "census_warnings": [],
        "totals": totals,
        "lines": [line(code, number) for number, code in enumerate(codes or (COMPUTER,), 1)],
    }
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{when}/{version}"))
    return envelope(when, identity) | {"summary": summary | others}


def line(code: str, number: int = 1, value_usd: int = 100) -> dict[str, Any]:
    """Return a line of a summary with one tariff number."""
    optional = ("country_of_export", "special_program", "charges_usd", "gross_weight_kg", "manufacturer_id")
    tariff = {"htsus": code, "duty_cents": 0, "value_usd": value_usd, "quantities": []}
    return dict.fromkeys(optional) | {
        "line_id": f"{number:03d}",
        "article_set": "",
        "country_of_origin": "CN",
        "tariffs": [tariff],
        "ad_cvd": [],
        "fees": [],
    }


def about(when: str, number: str = ENTRY, importer: str | None = IMPORTER, **others: object) -> dict[str, Any]:
    """Return the fields of an event about an entry."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{when}/{sorted(others)}"))
    return envelope(when, identity) | {"entry_number": number, "importer_of_record": importer} | others


def names_of(sent: Sequence[Sent]) -> list[str]:
    """Return what kinds of records were published, in order."""
    return [record.name for record in sent]
