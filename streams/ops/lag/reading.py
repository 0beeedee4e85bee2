"""What one look at the broker shows: logs, groups and where each group stands."""

from collections.abc import Mapping
from typing import NamedTuple

Place = tuple[str, int]
"""A topic and a partition of it."""


class Member(NamedTuple):
    """Who reads a partition; `host` without the slash that the broker puts before it."""

    id: str
    client_id: str
    host: str


NOBODY = Member("", "", "")


class GroupReading(NamedTuple):
    """One consumer group.

    `committed` holds the offset of the next record of each place that the group has committed. `owners` are the
    places that members have now, None where the broker does not tell (a group of the newer protocol).
    """

    name: str
    state: str
    committed: Mapping[Place, int]
    owners: Mapping[Place, Member] | None

    @property
    def topics(self) -> frozenset[str]:
        """Names of the topics that the group reads, or has read."""
        return frozenset(topic for topic, _ in (*self.committed, *(self.owners or ())))

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody who has a partition, in order of their ids."""
        return tuple(sorted(set((self.owners or {}).values())))


class Reading(NamedTuple):
    """Logs and groups as they were at `at` (seconds since 1970); `begins` and `ends` are first and next offsets."""

    at: float
    begins: Mapping[Place, int]
    ends: Mapping[Place, int]
    groups: tuple[GroupReading, ...]


class Unread(NamedTuple):
    """The first record that a reader has still to read: its offset, and when it was published (ms since 1970)."""

    offset: int
    timestamp_ms: int
