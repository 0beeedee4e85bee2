"""What follows from looks at the broker: lag of each reader, in records and seconds, and how it is.

Pure: it is given readings, and what was found in the logs.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from streams.ops.lag.interpolation import EndTable, Point
from streams.ops.lag.reading import NOBODY, GroupReading, Member, Place, Reading, Unread
from streams.ops.lag.verdict import WINDOW, Sample, Verdict, judge, worst

GONE_SECONDS: Final = 3600.0
"""How long a group that was deleted is still told of."""


class PlaceLag(NamedTuple):
    """One reader of one partition.

    `offset` is what the group has committed, None where it never has: then all that the log holds is unread. `lag`
    counts offsets, and is 0 where only transaction markers are left. `lag_seconds` is interpolated, `age_seconds` the
    true age of the next unread record; None where not known yet. `moved_at` is when it was last seen to move. `lost`
    counts records that retention took before they were read, `retention_left` is how many seconds are left until it
    takes the next one (None: never).
    """

    topic: str
    partition: int
    offset: int | None
    end: int
    lag: int
    lag_seconds: float | None
    age_seconds: float | None
    owner: Member
    verdict: Verdict
    moved_at: float | None
    lost: int
    retention_left: float | None


class GroupLag(NamedTuple):
    """One consumer group; `behind_since` is when it was last up to date, None where it is, or never was seen so."""

    name: str
    state: str
    members: tuple[Member, ...]
    places: tuple[PlaceLag, ...]
    verdict: Verdict
    behind_since: float | None

    @property
    def lag(self) -> int:
        """Offsets behind, over all its partitions."""
        return sum(place.lag for place in self.places)

    @property
    def lag_seconds(self) -> float | None:
        """Seconds behind of the partition that is farthest behind, interpolated; None where none is known."""
        return _greatest([place.lag_seconds for place in self.places if place.lag])

    @property
    def age_seconds(self) -> float | None:
        """Age of the oldest unread record; 0 without lag, None where it is not known yet."""
        return _greatest([place.age_seconds for place in self.places if place.lag])

    @property
    def uncommitted(self) -> int:
        """Partitions of which nothing was ever committed although they hold records."""
        return sum(place.offset is None and place.lag > 0 for place in self.places)

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics that it reads, in order."""
        return tuple(dict.fromkeys(place.topic for place in self.places))


def _greatest(values: list[float | None]) -> float | None:
    """Return the greatest of those that are known: none is 0 seconds behind while another is not known to be."""
    known = [value for value in values if value is not None]
    return max(known) if known else None if values else 0.0


class LagReport(NamedTuple):
    """All readers as of `at`; `gone` are groups that were deleted, with when that was seen."""

    at: float
    begins: Mapping[Place, int]
    ends: Mapping[Place, int]
    groups: tuple[GroupLag, ...]
    gone: Mapping[str, float]


@dataclass
class _Track:
    """What is remembered of one reader of one partition."""

    window: deque[Sample] = field(default_factory=lambda: deque(maxlen=WINDOW))
    moved_at: float | None = None


class Asked(NamedTuple):
    """Something to look up in the log: the next record from `offset`, with the log ending at `end`."""

    place: Place
    offset: int
    end: int


class LagBook:
    """Folds readings; `retention_ms` gives a topic's retention, None for ever."""

    def __init__(self, retention_ms: Callable[[str], int | None]) -> None:
        self._retention_ms = retention_ms
        self._ends: dict[Place, EndTable] = {}
        self._tracks: dict[tuple[str, Place], _Track] = {}
        self._up_to_date: dict[str, float] = {}
        self._missing: set[str] = set()
        self._gone: dict[str, float] = {}

    def asks(self, reading: Reading) -> Iterator[Asked]:
        """Yield what to look up before `fold`: the next record of each reader that has not read all."""
        for group in reading.groups:
            for place in _places(group, reading):
                offset, end = _offset(group, place, reading), reading.ends[place]
                if offset < end:
                    yield Asked(place, offset, end)

    def fold(self, reading: Reading, found: "Found") -> LagReport:
        """Take a reading in and say how everybody is."""
        self._note_ends(reading)
        groups = tuple(self._group(group, reading, found) for group in reading.groups)
        self._note_gone(reading)
        return LagReport(reading.at, reading.begins, reading.ends, groups, dict(self._gone))

    def _note_ends(self, reading: Reading) -> None:
        for place, end in reading.ends.items():
            self._ends.setdefault(place, EndTable()).add(Point(end, reading.at))
        for place in self._ends.keys() - reading.ends.keys():
            del self._ends[place]

    def _note_gone(self, reading: Reading) -> None:
        """Note who is missing for the second time: a broker that has just started may not know its groups yet."""
        names = {group.name for group in reading.groups}
        missing = {name for name, _ in self._tracks} - names
        for name in missing & self._missing:
            self._gone[name] = reading.at
        self._missing = missing - self._gone.keys()
        kept = names | self._missing
        self._tracks = {key: track for key, track in self._tracks.items() if key[0] in kept}
        self._up_to_date = {name: at for name, at in self._up_to_date.items() if name in kept}
        self._gone = {
            name: at for name, at in self._gone.items() if name not in names and reading.at - at < GONE_SECONDS
        }

    def _group(self, group: GroupReading, reading: Reading, found: "Found") -> GroupLag:
        places = tuple(self._place(group, place, reading, found) for place in _places(group, reading))
        self._forget_moved(group, places)
        behind = any(place.lag for place in places)
        if not behind:
            self._up_to_date[group.name] = reading.at
        return GroupLag(
            name=group.name,
            state=group.state,
            members=group.members,
            places=places,
            verdict=worst([place.verdict for place in places]),
            behind_since=self._up_to_date.get(group.name) if behind else None,
        )

    def _forget_moved(self, group: GroupReading, places: Iterable[PlaceLag]) -> None:
        present = {(place.topic, place.partition) for place in places}
        for key in [key for key in self._tracks if key[0] == group.name and key[1] not in present]:
            del self._tracks[key]

    def _place(self, group: GroupReading, place: Place, reading: Reading, found: "Found") -> PlaceLag:
        committed = group.committed.get(place)
        offset, end, begin = _offset(group, place, reading), reading.ends[place], reading.begins.get(place, 0)
        is_drained = offset >= end or found.is_drained(place, offset, end)
        lag = 0 if is_drained else end - offset
        owner = NOBODY if group.owners is None else group.owners.get(place, NOBODY)
        track = self._tracks.setdefault((group.name, place), _Track())
        # A group of which the broker does not tell the members is taken at its word that it has some.
        sample = Sample(offset, lag, is_owned=group.owners is None or place in group.owners)
        if track.window and track.window[-1].offset != offset:
            track.moved_at = reading.at
        track.window.append(sample)
        unread = None if is_drained else found.get(place, offset, end)
        age = None if unread is None or not unread.timestamp_ms else max(0.0, reading.at - unread.timestamp_ms / 1000)
        return PlaceLag(
            topic=place[0],
            partition=place[1],
            offset=committed,
            end=end,
            lag=lag,
            lag_seconds=0.0 if is_drained else self._ends[place].lag_seconds(offset),
            age_seconds=0.0 if is_drained else age,
            owner=owner,
            verdict=judge(track.window),
            moved_at=track.moved_at,
            lost=0 if committed is None else max(0, begin - committed),
            retention_left=self._retention_left(place[0], age),
        )

    def _retention_left(self, topic: str, age: float | None) -> float | None:
        retention_ms = self._retention_ms(topic)
        return None if retention_ms is None or age is None else retention_ms / 1000 - age


class Found(Protocol):
    """What was found in the logs, as the book asks for it; `probe.NextUnread` is the real one."""

    def get(self, place: Place, offset: int, end: int) -> Unread | None:
        """Return the next record from an offset, None where none is known."""

    def is_drained(self, place: Place, offset: int, end: int) -> bool:
        """Whether nothing but markers lies between offset and end."""


def _places(group: GroupReading, reading: Reading) -> list[Place]:
    """Return every partition of every topic of a group: also those of which it has committed nothing."""
    topics = group.topics
    by_topic: dict[str, list[Place]] = defaultdict(list)
    for place in reading.ends:
        if place[0] in topics:
            by_topic[place[0]].append(place)
    return sorted(place for places in by_topic.values() for place in places)


def _offset(group: GroupReading, place: Place, reading: Reading) -> int:
    """Return from where a group has to read: behind what it has committed, and not before the log's begin."""
    return max(group.committed.get(place, 0), reading.begins.get(place, 0))
