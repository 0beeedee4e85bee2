"""How many seconds a reader is behind, told from when the log had which end.

The rules are those of kafka-lag-exporter, so that figures agree: a table of observed ends, the time of an offset
between two of them by a straight line, before the first one by the line through the first and the last.
"""

from collections import deque
from typing import NamedTuple

POINTS = 60


class Point(NamedTuple):
    """The log ended at `offset` at the time `at` (seconds since 1970)."""

    offset: int
    at: float


class EndTable:
    """The last ends of one log; bounded to `size` points."""

    __slots__ = ("_points",)

    def __init__(self, size: int = POINTS) -> None:
        self._points: deque[Point] = deque(maxlen=size)

    def add(self, point: Point) -> None:
        """Note an observed end.

        A log that stands still keeps the first and the last time of its end, not one point a look. A log that was
        made anew begins a new table.
        """
        points = self._points
        if points and point.offset < points[-1].offset:
            points.clear()
        if len(points) > 1 and points[-1].offset == points[-2].offset == point.offset:
            points[-1] = point
        else:
            points.append(point)

    def lag_seconds(self, offset: int) -> float | None:
        """Return how long ago the log ended at `offset`; None as long as too little was seen to tell."""
        points = self._points
        if not points:
            return None
        newest = points[-1]
        if offset >= newest.offset:
            return 0.0
        at = self._time_of(offset)
        return None if at is None else max(0.0, newest.at - at)

    def _time_of(self, offset: int) -> float | None:
        points = self._points
        for earlier, later in zip(reversed(tuple(points)[:-1]), reversed(points), strict=False):
            if earlier.offset <= offset < later.offset:
                return _on_line(earlier, later, offset)
        first, last = points[0], points[-1]
        return _on_line(first, last, offset) if last.offset > first.offset else None


def _on_line(first: Point, last: Point, offset: int) -> float:
    slope = (last.at - first.at) / (last.offset - first.offset)
    return first.at + slope * (offset - first.offset)
