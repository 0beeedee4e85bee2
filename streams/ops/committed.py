"""What was committed about importers, read from the logs: today's state, and the state at the end of a past day."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from streams.contract.codec import Codec
from streams.contract.keys import RULES_KEY, partition_for
from streams.contract.provision import ClusterError, partition_counts
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames
from streams.customs.account import fold_cuts
from streams.customs.calendar import EPOCH, day_starts_ms
from streams.customs.importer_number import base_of, importer_number
from streams.customs.policy import PlacementRules
from streams.customs.recompute import Recomputed, recomputed
from streams.customs.tariff import Day
from streams.engine.api import SourceRecord
from streams.engine.fold import Fold, FoldState
from streams.engine.journal import JournalEntry
from streams.ops.published_rules import PublishedRules, original_rules, read_published
from streams.processor.books import StateBooks
from streams.processor.clock import TimeSource
from streams.processor.explain import CommittedDays, explain_on
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.processor.rule_shelf import RuleShelf
from streams.processor.tables import DAYS, LEDGERS, PARTS
from streams.replay.log_reader import Log, read_logs


class Cluster(NamedTuple):
    """Where to read."""

    bootstrap_servers: str
    names: TopicNames
    registry: str
    client: Mapping[str, Any]


async def explained_as_of(cluster: Cluster, importer: str, day: Day, time_source: TimeSource) -> dict[str, Any] | None:
    """Return placement, evidence and reason of an account as they were at the end of a day; None where nothing was.

    `importer` is a whole importer number, whose account is that of the day (P10), or an account. The account's own
    records are folded again by the journal, in the order and at the times of the live run. Where events tell the time,
    those of the account alone do here. Raises `ClusterError`, `RegistryError` and `InvalidImporterNumber`.
    """
    codec = await asyncio.to_thread(open_waiting_codec, cluster.registry)
    published = await read_published(cluster.bootstrap_servers, cluster.names, cluster.registry, cluster.client)
    account = _account_on(published.rules.at(day), importer)
    keys = {RULES_KEY, account.encode(), *(base.encode() for base in _bases_in(published, account))}
    journal, key = cluster.names.of("processing-journal"), base_of(account).encode()
    counts = await partition_counts(cluster.bootstrap_servers, [journal], cluster.client)
    if journal not in counts:
        message = f"{cluster.bootstrap_servers} has no topic {journal}"
        raise ClusterError(message)
    partition = partition_for(key, counts[journal])
    logs = await read_logs(
        cluster.bootstrap_servers,
        {journal, *cluster.names.sources},
        cluster.client,
        keep=lambda topic, found: topic == journal or found in keys,
        partition=partition,
    )
    past = Past(logs, cluster.names, codec, partition, counts[journal], time_source)
    return past.explained(account, day)


def _account_on(rules: PlacementRules, importer: str) -> str:
    """Return the account of a whole importer number under rules, or what is an account itself."""
    number = importer_number(importer)
    return rules.account_of(number.number, number.base) if number.is_written_whole(importer) else number.base


def _bases_in(published: PublishedRules, account: str) -> set[str]:
    """Return the bases of the numbers that any account table gave to an account: their events have these keys."""
    tables = [version.rules.accounts or {} for version in published.adopted]
    return {base_of(account)} | {base_of(number) for table in tables for number in table if table[number] == account}


class Past:
    """One account's records, folded again up to the end of a day."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a partition's log is read with
        self, logs: Log, names: TopicNames, codec: Codec, partition: int, partitions: int, time_source: TimeSource
    ) -> None:
        self._logs = logs
        self._codec = codec
        self._partition = partition
        self._by_events = time_source is TimeSource.EVENT
        self._journal = [
            AvroJournalCodec(Codec()).decode(record.value or b"")
            for record in logs[names.of("processing-journal"), partition]
        ]
        rules = original_rules()
        self._shelf = RuleShelf(codec, rules)
        processor = PlacementProcessor(codec, names, partitions, rules, time_source)
        self._fold = Fold(processor, partition, names.of("dead-letter"), frozenset())

    def explained(self, account: str, day: Day) -> dict[str, Any] | None:
        """Return what was known of the account at the end of a day, and why it was where it was."""
        end_ms = day_starts_ms(EPOCH + timedelta(days=day + 1))
        for entry in self._journal:
            if entry.now_ms >= end_ms and not self._by_events:
                break
            if entry.kind == "release":
                continue  # what waited with a held account was folded at its place, as if it had never waited
            self._fold.follow(entry, [])
            for record in self._records_of(entry):
                if not self._by_events or self._event_ms(record) < end_ms:
                    self._fold.follow(entry, [record])
        state = self._fold.state
        last_ms = end_ms - 1
        fold_cuts(StateBooks(state, account), self._shelf.in_force(state, last_ms), last_ms)
        return explain_on(state, account, self._shelf, last_ms)

    def _records_of(self, entry: JournalEntry) -> Iterator[SourceRecord]:
        for part in entry.ranges:
            kept = self._logs[part.topic, self._partition]
            yield from (record for record in kept if part.first <= record.offset < part.stop)

    def _event_ms(self, record: SourceRecord) -> int:
        _, fields = self._codec.decode(record.value or b"")
        moment: int = fields.get("event_time", 0)
        return moment


class Changed(NamedTuple):
    """An importer with what the rules of a day would make of it."""

    account: str
    importers: tuple[str, ...]
    found: Recomputed


async def recomputed_for_all(cluster: Cluster, rules: PlacementRules, day: Day) -> Iterator[Changed]:
    """Return every importer with what the rules of a day would make of it, from what is committed now.

    Holds placements and counted days in memory, no entries. Raises `ClusterError`.
    """
    topic = cluster.names.of("placement-state")
    wanted = (LEDGERS.prefix, DAYS.prefix, PARTS.prefix)
    logs = await read_logs(
        cluster.bootstrap_servers,
        [topic],
        cluster.client,
        keep=lambda _, key: key is not None and key.startswith(wanted),
    )
    return (changed for place in sorted(logs) for changed in _recomputed(logs.pop(place), rules, day))


def _recomputed(changelog: list[SourceRecord], rules: PlacementRules, day: Day) -> Iterator[Changed]:
    state = FoldState()
    for record in changelog:
        assert record.key is not None
        if record.value is None:
            state.values.pop(record.key, None)
        else:
            state.values[record.key] = record.value
    for key, ledger in state.scan(LEDGERS):
        days = CommittedDays(state, key)
        found = recomputed(ledger.standing, ledger.mix, days, rules, day)
        yield Changed(key.decode(), ledger.importers, found)
