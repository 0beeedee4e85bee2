"""Lag over the last hour: what the charts are drawn from."""

from collections import deque
from typing import Final, NamedTuple

from streams.ops.lag.book import GroupLag, LagReport

STEP_SECONDS: Final = 10.0
KEPT: Final = 360


class Moment(NamedTuple):
    """Lag of every group at a time: seconds (the true age where it is known, else interpolated) and offsets."""

    at: float
    lags: dict[str, tuple[float | None, int]]


class History:
    """One moment every ten seconds, for an hour."""

    def __init__(self) -> None:
        self.moments: deque[Moment] = deque(maxlen=KEPT)

    def note(self, report: LagReport) -> None:
        """Keep a report's figures, if it is time."""
        if self.moments and report.at - self.moments[-1].at < STEP_SECONDS - 1.0:
            return
        self.moments.append(Moment(report.at, {group.name: (seconds_of(group), group.lag) for group in report.groups}))

    def since(self, at: float) -> list[Moment]:
        """Return the moments after a time, oldest first."""
        return [moment for moment in self.moments if moment.at > at]


def seconds_of(group: GroupLag) -> float | None:
    """Return how many seconds a group is behind: by its oldest unread record, else by interpolation."""
    age = group.age_seconds
    return round(group.lag_seconds, 1) if age is None and group.lag_seconds is not None else age
