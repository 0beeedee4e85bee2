"""Records that can never be processed, and how many of them are too many."""

from collections import deque
from typing import Final, NamedTuple

from streams.engine.api import Headers, InvalidRecord, SourceRecord
from streams.engine.config import DeadLetterLimits

# Header names of Kafka Streams' own dead letters (KIP-1034), so that tools for those read ours. The stack trace is
# left out: it would name our code, not the record's fault.
EXCEPTION: Final = "__streams.errors.exception"
MESSAGE: Final = "__streams.errors.message"
TOPIC: Final = "__streams.errors.topic"
PARTITION: Final = "__streams.errors.partition"
OFFSET: Final = "__streams.errors.offset"
# Ours: the reason's short word, and when the record was published.
REASON: Final = "dead-letter.reason"
PUBLISHED_AT: Final = "dead-letter.published-at-ms"
# Ours, where a value was cut: how many bytes it has at its place in the source.
CUT_FROM: Final = "dead-letter.cut-from-bytes"
# Ours, of what a person makes of a dead letter: which one (`partition/offset`) it is the replay or the return of.
REPLAY_OF: Final = "dead-letter.replay-of"
RETURN_OF: Final = "dead-letter.return-of"

_KEPT_BYTES: Final = 64 * 1024
_KEY_BYTES: Final = 1024


def dead_letter_headers(record: SourceRecord, fault: InvalidRecord) -> Headers:
    """Return the record's own headers, followed by where it was and what is wrong with it."""
    return (
        *record.headers,
        (EXCEPTION, type(fault).__name__.encode()),
        (MESSAGE, fault.detail.encode()),
        (TOPIC, record.topic.encode()),
        (PARTITION, b"%d" % record.partition),
        (OFFSET, b"%d" % record.offset),
        (REASON, fault.reason.encode()),
        (PUBLISHED_AT, b"%d" % record.timestamp_ms),
    )


class DeadLetter(NamedTuple):
    """What is published of a bad record."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def dead_letter(record: SourceRecord, fault: InvalidRecord, limit: int) -> DeadLetter:
    """Return the record as it came, with what is wrong with it in headers.

    One with more than `limit` bytes of key and value is cut to its beginning: a source is limited after compression,
    so a small batch may hold what no output topic takes, and a record that cannot be buried would halt its partition.
    """
    headers = dead_letter_headers(record, fault)
    key, value = record.key, record.value
    size = len(key or b"") + len(value or b"")
    if size <= limit:
        return DeadLetter(key, value, headers)
    return DeadLetter(key and key[:_KEY_BYTES], value and value[:_KEPT_BYTES], (*headers, (CUT_FROM, b"%d" % size)))


class DeadLetterMeter:
    """Watches the flow of dead letters of one task against its limits.

    Only committed batches count: a batch that is decided again must not be counted twice.
    """

    def __init__(self, limits: DeadLetterLimits) -> None:
        self._limits = limits
        self._batches: deque[tuple[int, int]] = deque()
        self._records = 0
        self._dead = 0
        self.consecutive = 0
        """Dead letters since the last good record, as of the last committed batch."""

    def reset(self) -> None:
        """Start over, after a person looked at it."""
        self._batches.clear()
        self._records = self._dead = self.consecutive = 0

    def crossed(self, records: int, dead: int, longest_run: int) -> str | None:
        """Say which limit a batch would cross, None if none; `longest_run` includes the run before the batch."""
        if longest_run > self._limits.max_consecutive:
            return f"{longest_run} dead letters in a row, the limit is {self._limits.max_consecutive}"
        total, all_dead = self._records + records, self._dead + dead
        if total >= self._limits.min_records and all_dead > total * self._limits.max_share:
            return f"{all_dead} dead letters among the last {total} records, the limit is {self._limits.max_share:.0%}"
        return None

    def add(self, records: int, dead: int, run_at_end: int) -> None:
        """Count a committed batch; `run_at_end` is the number of dead letters since its last good record."""
        self.consecutive = run_at_end
        self._batches.append((records, dead))
        self._records += records
        self._dead += dead
        while self._records - self._batches[0][0] >= self._limits.window_records:
            old_records, old_dead = self._batches.popleft()
            self._records -= old_records
            self._dead -= old_dead
