"""Fold a whole past once more with the code of today, into topics of their own, and compare with what is live.

What comes out differently is what a change of the rules would have changed; nothing live is touched.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.contract.provision import ClusterError, apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from streams.engine.api import Processor, SourceRecord
from streams.engine.dead_letter import RETURN_OF
from streams.engine.fold import Fold, condemned_in, held_in
from streams.engine.journal import JournalCodec, JournalEntry
from streams.processor.clock import TimeSource
from streams.replay.fold import JournalGap, follow
from streams.replay.log_reader import Log, read_logs
from streams.replay.verify import is_the_engine_s, reader_of, state_of

EXAMPLES: Final = 3
LARGEST_BYTES: Final = 16 * 1024 * 1024
_ALWAYS: Final = 2**62


class SpanError(ValueError):
    """A span of time that cannot be read; the text is one sentence."""


class Span(NamedTuple):
    """From `start_ms` (inclusive) to `stop_ms` (exclusive), by when a record was published."""

    start_ms: int
    stop_ms: int

    def has(self, at_ms: int) -> bool:
        """Whether an instant lies in it."""
        return self.start_ms <= at_ms < self.stop_ms

    @classmethod
    def of(cls, text: str) -> "Span":
        """Read `FROM..TO`, each a date or a time of ISO 8601 (UTC), either left out. Raises `SpanError`."""
        first, dots, last = text.partition("..")
        if not dots:
            message = f"{text!r} is not a span: write FROM..TO, such as 2026-01-01..2026-02-01; either may be left out"
            raise SpanError(message)
        return cls(_instant(first, -1), _instant(last, _ALWAYS))


@dataclass(slots=True)
class TopicDifference:
    """What differs in one topic: counts, and a few examples as `partition, time, key`."""

    same: int = 0
    only_live: int = 0
    only_replayed: int = 0
    expired: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Comparison:
    """What a replay came to. `state_keys` that differ are only known where the span reaches the present."""

    records: int = 0
    outputs: int = 0
    topics: dict[str, TopicDifference] = field(default_factory=dict)
    state_keys: int | None = None
    gaps: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        differs = any(one.only_live or one.only_replayed for one in self.topics.values())
        return not (differs or self.state_keys or self.gaps)


class Timed(NamedTuple):
    """A record with the partition it lies in and when it was published (milliseconds)."""

    partition: int
    key: bytes | None
    value: bytes | None
    at_ms: int


class _TimedFold:
    """A fold that knows when each of its records was published: with the journal record of its transaction."""

    def __init__(self, fold: Fold, times: Sequence[int]) -> None:
        self.fold = fold
        self.sent: dict[str, list[Timed]] = defaultdict(list)
        self._times = iter(times)
        self._seen: Counter[tuple[str, int]] = Counter()

    def follow(self, entry: JournalEntry, records: Iterable[SourceRecord]) -> None:
        """Do again what one transaction did."""
        self.fold.follow(entry, records)
        at_ms = next(self._times)
        for place, sent in self.fold.sent.items():
            new = sent[self._seen[place] :]
            self._seen[place] = len(sent)
            self.sent[place[0]].extend(Timed(place[1], one.key, one.value, at_ms) for one in new)


class Live(NamedTuple):
    """Where the live topics are, and how they are processed."""

    bootstrap_servers: str
    names: TopicNames
    partitions: int
    processor: Processor
    time_source: TimeSource
    codec: JournalCodec
    client: Mapping[str, Any]


async def replay_into(live: Live, shadow: TopicNames, span: Span, say: Callable[[str], None]) -> Comparison:
    """Fold the live input from its start, publish what follows under another namespace, and compare.

    Holds all records in memory. Raises `ClusterError`, also for a namespace that is not empty.
    """
    await _prepare(live, shadow, say)
    say("reading the live topics ...")
    log = await read_logs(live.bootstrap_servers, live.names.of_the_processor, live.client)
    comparison = Comparison()
    folds = [fold for partition in range(live.partitions) if (fold := _folded(live, log, partition, comparison))]
    say(f"folded {comparison.records} records; publishing what follows under {shadow.namespace} ...")
    comparison.outputs = await _publish(live, shadow, folds)
    for topic in scaled(load_topics(), namespace=live.names.namespace):
        if topic.name in live.names.outputs or topic.name == live.names.of("dead-letter"):
            replayed = [one for fold in folds for one in fold.sent.get(topic.name, ())]
            is_compacted = topic.config["cleanup.policy"] == "compact"
            found = _difference(_live_records(log, topic.name), replayed, span, is_compacted=is_compacted)
            comparison.topics[topic.name] = found
    if span.stop_ms == _ALWAYS:
        comparison.state_keys = sum(_state_difference(live, log, fold.fold) for fold in folds)
    return comparison


async def _prepare(live: Live, shadow: TopicNames, say: Callable[[str], None]) -> None:
    """Create the shadow's topics; none of them may hold anything."""
    if shadow.namespace == live.names.namespace:
        message = f"{shadow.namespace or 'the empty namespace'} is the live one: choose another for the replay"
        raise ClusterError(message)
    say("creating the topics of the replay ...")
    topics = scaled(load_topics(), namespace=shadow.namespace, partitions=live.partitions)
    await apply_topics(live.bootstrap_servers, topics, client=live.client)
    held = await read_logs(live.bootstrap_servers, shadow.of_the_processor, live.client)
    used = next((topic for (topic, _), records in sorted(held.items()) if records), None)
    if used is not None:
        message = f"{used} is not empty: choose a namespace that was not used before"
        raise ClusterError(message)


def _folded(live: Live, log: Log, partition: int, comparison: Comparison) -> _TimedFold | None:
    names = live.names
    records = log[names.of("processing-journal"), partition]
    dead_letter = names.of("dead-letter")
    condemned = frozenset(condemned_in(record.headers for record in log[dead_letter, partition]))
    waited = dict(held_in(record.headers for record in log[dead_letter, partition]))
    fold = Fold(live.processor, partition, dead_letter, condemned, waited)
    timed = _TimedFold(fold, [record.timestamp_ms for record in records])
    journal = [live.codec.decode(record.value or b"") for record in records]
    try:
        follow(timed, partition, journal, reader_of(log, partition))
    except JournalGap as gap:
        comparison.gaps.append(str(gap))
        return None
    comparison.records += sum(part.records for entry in journal for part in entry.ranges)
    return timed


async def _publish(live: Live, shadow: TopicNames, folds: Sequence[_TimedFold]) -> int:
    """Publish outputs and state under the shadow's names, each partition in its order."""
    count = 0
    async with AIOKafkaProducer(
        bootstrap_servers=live.bootstrap_servers,
        enable_idempotence=True,
        linger_ms=20,
        max_request_size=LARGEST_BYTES,
        **live.client,
    ) as producer:
        for fold in folds:
            writes = [
                await producer.send(_moved(live, shadow, topic), one.value, key=one.key, partition=one.partition)
                for topic, sent in fold.sent.items()
                for one in sent
            ]
            count += len(writes)
            state = shadow.of("placement-state")
            partition = fold.fold.partition
            for key, value in fold.fold.state.values.items():
                writes.append(await producer.send(state, value, key=key, partition=partition))
            for write in writes:
                await write
    return count


def _moved(live: Live, shadow: TopicNames, topic: str) -> str:
    prefix = live.names.of("")
    return shadow.of(topic.removeprefix(prefix))


def _live_records(log: Log, name: str) -> list[Timed]:
    return [
        Timed(partition, record.key, record.value, record.timestamp_ms)
        for (topic, partition), records in sorted(log.items())
        if topic == name
        for record in records
        if RETURN_OF not in dict(record.headers)
    ]


def _difference(live: list[Timed], replayed: list[Timed], span: Span, *, is_compacted: bool) -> TopicDifference:
    """Compare as often as each record is there; of a compacted topic only what stands last under each key."""
    if is_compacted:
        live, replayed = _last(live), _last(replayed)
    found = TopicDifference()
    first_kept = min((one.at_ms for one in live), default=-1)
    lacking = Counter(one[:3] for one in live)
    only_replayed = []
    for one in replayed:
        if lacking[one[:3]] > 0:
            lacking[one[:3]] -= 1
            found.same += span.has(one.at_ms)
        elif span.has(one.at_ms):
            only_replayed.append(one)
    expired = [one for one in only_replayed if one.at_ms < first_kept]
    found.expired = len(expired)
    found.only_replayed = len(only_replayed) - len(expired)
    only_live = []
    for one in reversed(live):
        if lacking[one[:3]] > 0:
            lacking[one[:3]] -= 1
            if span.has(one.at_ms):
                only_live.append(one)
    found.only_live = len(only_live)
    found.examples = [_example("only live", one) for one in only_live[-EXAMPLES:]]
    found.examples += [_example("only replayed", one) for one in only_replayed[len(expired) :][:EXAMPLES]]
    return found


def _last(records: list[Timed]) -> list[Timed]:
    newest = {(one.partition, one.key): one for one in records}
    return [one for one in newest.values() if one.value is not None]


def _example(what: str, one: Timed) -> str:
    key = (one.key or b"").decode("utf-8", "backslashreplace")
    at = datetime.fromtimestamp(one.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return f"{what}: partition {one.partition}, {at}, key {key}, {len(one.value or b'')} bytes"


def _state_difference(live: Live, log: Log, fold: Fold) -> int:
    kept = state_of(log[live.names.of("placement-state"), fold.partition])
    for key in [key for key in kept if is_the_engine_s(key)]:
        del kept[key]
    return sum(kept.get(key) != fold.state.values.get(key) for key in kept.keys() | fold.state.values.keys())


def _instant(text: str, missing: int) -> int:
    if not text:
        return missing
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is not a date or time in ISO 8601"
        raise SpanError(message) from error
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
