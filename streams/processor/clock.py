"""By which clock a partition lives."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from streams.customs.calendar import day_starts_ms, eastern_day
from streams.engine.api import State
from streams.processor.tables import CLOCK, CLOCK_KEY

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)


class TimeSource(Enum):
    """Where the present comes from."""

    BROKER = "broker"
    """Live: the engine says how late it is, and daily cuts are folded between batches."""
    EVENT = "event"
    """Historic loads: it is as late as the latest event seen in the partition, and cuts are folded as days pass."""


EVENT_CLOCK: Final = CLOCK.prefix + CLOCK_KEY
"""Where a partition that lives by its events keeps the present; one that lives by the broker's time has it not."""


class PartitionClock:
    """Tells the present of a partition; all it remembers is in the partition's state."""

    __slots__ = ("_day_begins_ms", "_day_ends_ms", "_last", "_last_ms", "follows_events")

    def __init__(self, source: TimeSource) -> None:
        self.follows_events: Final = source is TimeSource.EVENT
        """Whether events move the time, and not the engine."""
        self._last = _EPOCH
        self._last_ms = 0
        self._day_begins_ms = self._day_ends_ms = 0

    def now_ms(self, now: datetime, state: State) -> int:
        """Return the present, in milliseconds; `now` is what the engine says, the same for many records in a row."""
        if self.follows_events:
            return state.get(CLOCK, CLOCK_KEY) or 0
        if now is not self._last:
            self._last = now
            self._last_ms = (now - _EPOCH) // _MILLISECOND
        return self._last_ms

    def move(self, now_ms: int, at_ms: int, state: State) -> bool:
        """Let a later event move the time; tell whether it begins a new day (00:00 America/New_York)."""
        state.put(CLOCK, CLOCK_KEY, at_ms)
        if not self._day_begins_ms <= now_ms < self._day_ends_ms:
            day = eastern_day(now_ms)
            self._day_begins_ms = day_starts_ms(day)
            self._day_ends_ms = day_starts_ms(day + _DAY)
        return at_ms >= self._day_ends_ms
