"""What a processor calls `now`: the broker's time."""

from datetime import UTC, datetime, timedelta
from typing import Final

from streams.engine.world import Clock

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Timeline:
    """`now` of one task in milliseconds UTC; it never decreases, whatever the clocks do.

    It is the broker's append time of the last journal record plus the monotonic time since, so that no worker's own
    clock decides anything.
    """

    def __init__(self, clock: Clock, now_ms: int) -> None:
        self._clock = clock
        self._anchor_ms = now_ms
        self._anchored_at = clock.monotonic()
        self._last_ms = now_ms
        self.is_anchored = False
        """Whether the broker ever told its time."""

    def now_ms(self) -> int:
        """Return the present."""
        elapsed = int((self._clock.monotonic() - self._anchored_at) * 1000)
        self._last_ms = max(self._last_ms, self._anchor_ms + elapsed)
        return self._last_ms

    def anchor(self, broker_ms: int) -> None:
        """Learn the broker's append time of a journal record just written; -1 where the topic does not tell."""
        if broker_ms >= 0:
            self.is_anchored = True
            self._anchor_ms = broker_ms
            self._anchored_at = self._clock.monotonic()


def as_datetime(now_ms: int) -> datetime:
    """Return milliseconds UTC as an aware datetime."""
    return _EPOCH + timedelta(milliseconds=now_ms)
