"""How to host an application: count words by key. Twenty lines, and exactly once."""

from datetime import datetime
from typing import Final

from streams.engine.api import InvalidRecord, Outbox, SourceRecord, State, Table

COUNTS: Final[Table[int]] = Table(b"c/", lambda count: b"%d" % count, int)


class WordCount:
    """Counts each word, and publishes word and count to `counts`."""

    def __init__(self, counts: str = "counts") -> None:
        self._counts = counts

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:  # noqa: ARG002 - time does not matter here
        """Count the words of a line."""
        if record.value is None:
            reason = "no-line"
            raise InvalidRecord(reason, "a line without text")
        for word in record.value.split():
            count = (state.get(COUNTS, word) or 0) + 1
            state.put(COUNTS, word, count)
            out.send(self._counts, word, b"%d" % count)
        return "counted"

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Time changes nothing."""
