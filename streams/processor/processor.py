"""The processor of placement and routing: decode, let the rules decide, encode. No decision is made here."""

from datetime import datetime
from typing import Final

from streams.contract.codec import Codec
from streams.customs.account import apply, fold_cuts
from streams.customs.calendar import eastern_day_number
from streams.customs.entry_number import entry_number_fault
from streams.customs.events import Envelope
from streams.customs.outcomes import (
    Ignored,
    Introduced,
    NotActed,
    Outcome,
    Refused,
    Released,
    Waits,
    WorkItem,
)
from streams.customs.policy import PlacementRules
from streams.customs.rules import CHECK_DIGIT, FUTURE_EVENT
from streams.engine.api import Outbox, SourceRecord, State
from streams.processor.books import StateBooks
from streams.processor.clock import PartitionClock, TimeSource
from streams.processor.entry_index import holder_of, introduce
from streams.processor.publish import Publisher
from streams.processor.reading import Reader, Reading
from streams.processor.tables import REVIEWS, day_bytes
from streams.processor.topics import Topics
from streams.processor.waiting import WaitingRoom

APPLIED: Final = "applied"
ROUTED: Final = "routed"
REFUSED: Final = "refused"
IGNORED: Final = "ignored"
REKEYED: Final = "rekeyed"
WAITING: Final = "waiting"
INDEXED: Final = "indexed"
NOT_ACTED: Final = "accepted-not-acted"

OUTCOMES: Final = (APPLIED, ROUTED, REFUSED, IGNORED, REKEYED, WAITING, INDEXED, NOT_ACTED)
"""Every answer of `process`: state changed without work, work sent, refused, nothing new, sent on to its partition,
kept until its entry is known, entry index updated, and accepted although nothing follows from it yet."""

_FUTURE_MS: Final = 24 * 3_600_000
_CUTS_AT_ONCE: Final = 500


class PlacementProcessor:
    """Folds the records of one partition into accounts, and publishes what follows; see `engine.api.Processor`."""

    def __init__(
        self,
        codec: Codec,
        topics: Topics,
        partitions: int,
        rules: PlacementRules,
        time_source: TimeSource = TimeSource.BROKER,
    ) -> None:
        self._rules = rules
        self._reader = Reader(codec, topics, partitions)
        self._publisher = Publisher(codec, topics, partitions, rules)
        self._clock = PartitionClock(time_source)
        self._waiting = WaitingRoom()

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Fold one record into the account that it speaks of; return one of `OUTCOMES`.

        Raises `InvalidRecord` for what can never be processed: bytes that are no known record, a record of another
        topic, a key that is not the importer's, impossible content.
        """
        reading = self._reader.read(record)
        cause = reading.cause
        if reading.partition != record.partition:
            self._publisher.send_on(out, record, reading, reading.key, reading.partition)
            return REKEYED
        if reading.entry_account is not None:
            return self._introduce(reading, now, state, out)
        if cause.at_ms > cause.published_ms + _FUTURE_MS:
            self._publisher.refused(out, Refused(FUTURE_EVENT, reading.entry_number), reading)
            return REFUSED
        now_ms = self._tell_time(cause.at_ms, now, state, out)
        return self._take(record, reading, now_ms, state, out)
