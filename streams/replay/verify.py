"""Compare what a worker published and keeps with a fold of its input by the journal."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streams.contract.topics import TopicNames, load_topics, scaled
from streams.engine.api import Processor, SourceRecord
from streams.engine.continuity import JOURNAL_KEY
from streams.engine.dead_letter import RETURN_OF
from streams.engine.fold import Fold, condemned_in, held_in
from streams.engine.halt import HALT_KEY, PARDON_KEY, RESUME_KEY, SKIP_KEY
from streams.engine.held import KEY_PREFIXES
from streams.engine.journal import JournalCodec, JournalEntry
from streams.engine.position import POSITION_KEY
from streams.replay.fold import JournalGap, follow
from streams.replay.log_reader import Log, read_logs
from streams.replay.outputs import Output, compare_partition

# The engine's own keys in the state; all others are the processor's.
ENGINE_KEYS: Final = (POSITION_KEY, JOURNAL_KEY, HALT_KEY, RESUME_KEY, SKIP_KEY, PARDON_KEY)


def is_the_engine_s(key: bytes) -> bool:
    """Whether a key of the state is the engine's own."""
    return key in ENGINE_KEYS or key.startswith(KEY_PREFIXES)


@dataclass(slots=True)
class Verdict:
    """What a comparison found: figures, and one line for each thing that is wrong.

    `compacted` are outputs that gave way to newer ones of their key, in topics that keep only those.
    """

    records: int = 0
    transactions: int = 0
    outputs: int = 0
    state_keys: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    compacted: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or different."""
        return not (self.lost or self.doubled or self.wrong)


async def verify(
    bootstrap_servers: str,
    names: TopicNames,
    processor: Processor,
    codec: JournalCodec,
    client: Mapping[str, Any] | None = None,
) -> Verdict:
    """Read all topics of a namespace and compare them with a fold; the workers must be stopped or idle."""
    own = [names.of(name) for name in ("placement-state", "processing-journal", "dead-letter")]
    log = await read_logs(bootstrap_servers, {*names.sources, *names.outputs, *own}, client)
    return compare(log, names, processor, codec)


def compare(log: Log, names: TopicNames, processor: Processor, codec: JournalCodec) -> Verdict:
    """Compare logs that were read with a fold of their source records."""
    verdict = Verdict()
    journal_topic, dead_letter = names.of("processing-journal"), names.of("dead-letter")
    writers: list[Fold] = []
    for partition in sorted(partition for topic, partition in log if topic == journal_topic):
        journal = [codec.decode(record.value or b"") for record in log[journal_topic, partition]]
        condemned = frozenset(condemned_in(record.headers for record in log[dead_letter, partition]))
        held = dict(held_in(record.headers for record in log[dead_letter, partition]))
        fold = Fold(processor, partition, dead_letter, condemned, held)
        try:
            reached = follow(fold, partition, journal, reader_of(log, partition), verdict.wrong)
        except JournalGap as gap:
            verdict.wrong.append(str(gap))
            continue
        _count(verdict, journal, fold)
        _find_unprocessed(verdict, log, names.sources, partition, reached)
        _compare_state(verdict, log[names.of("placement-state"), partition], partition, fold.state.values)
        writers.append(fold)
    topics = scaled(load_topics(), namespace=names.namespace)
    compacted = {topic.name for topic in topics if topic.config["cleanup.policy"] == "compact"}
    _compare_outputs(verdict, log, {*names.outputs, dead_letter}, writers, compacted)
    return verdict


def reader_of(log: Log, partition: int) -> Callable[[str, int, int], list[SourceRecord]]:
    """Return what gives the records of a topic between two offsets, in this partition."""
    offsets = {topic: [record.offset for record in records] for (topic, at), records in log.items() if at == partition}

    def records(topic: str, first: int, stop: int) -> list[SourceRecord]:
        positions = offsets[topic]
        return log[topic, partition][bisect_left(positions, first) : bisect_left(positions, stop)]

    return records


def _count(verdict: Verdict, journal: Sequence[JournalEntry], fold: Fold) -> None:
    verdict.transactions += len(journal)
    verdict.records += sum(part.records for entry in journal for part in entry.ranges)
    verdict.outcomes.update(fold.outcomes)
    verdict.state_keys += len(fold.state.values)


def _find_unprocessed(
    verdict: Verdict, log: Log, sources: Iterable[str], partition: int, reached: Mapping[str, int]
) -> None:
    """Every input record has to be in some journal record: nothing is left over once the lag is 0."""
    for topic in sources:
        left = [record for record in log[topic, partition] if record.offset >= reached.get(topic, 0)]
        if left:
            verdict.lost += len(left)
            verdict.wrong.append(
                f"{topic}-{partition}: {len(left)} records from offset {left[0].offset} on were not read"
            )


def _compare_state(
    verdict: Verdict, changelog: Sequence[SourceRecord], partition: int, expected: Mapping[bytes, bytes]
) -> None:
    state = state_of(changelog)
    for key in [key for key in state if is_the_engine_s(key)]:
        del state[key]
    different = sorted(key for key in state.keys() | expected.keys() if state.get(key) != expected.get(key))
    if different:
        verdict.wrong.append(
            f"state of partition {partition}: {len(different)} keys differ, the first of table {different[0][:2]!r}"
        )


def state_of(changelog: Iterable[SourceRecord]) -> dict[bytes, bytes]:
    """Return what a changelog says is in the state."""
    state: dict[bytes, bytes] = {}
    for record in changelog:
        assert record.key is not None
        if record.value is None:
            state.pop(record.key, None)
        else:
            state[record.key] = record.value
    return state


def _compare_outputs(
    verdict: Verdict, log: Log, topics: set[str], writers: Sequence[Fold], compacted: set[str]
) -> None:
    """Compare per topic and partition: the same records the same number of times, each writer's own in order."""
    for place in sorted(key for key in log if key[0] in topics):
        # What a person told a sender about a dead letter no input asked for.
        actual = [Output(one.key, one.value) for one in log[place] if RETURN_OF not in dict(one.headers)]
        by_writer = [[Output(sent.key, sent.value) for sent in fold.sent.get(place, ())] for fold in writers]
        found = compare_partition(by_writer, actual, keeps_all=place[0] not in compacted)
        verdict.outputs += len(actual)
        verdict.lost += found.lost
        verdict.doubled += found.doubled
        verdict.compacted += found.compacted
        if found.lost or found.doubled:
            verdict.wrong.append(f"{place[0]}-{place[1]}: {found.lost} outputs missing, {found.doubled} too many")
        elif not found.in_order:
            verdict.wrong.append(f"{place[0]}-{place[1]}: outputs of a task are out of order")
