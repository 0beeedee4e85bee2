"""The lag monitor: looks at the broker again and again, and knows how everybody is.

It is a service of every worker. Each watches its own partitions, for its health; the owner of partition 0 watches
all groups, so that there is one monitor for all workers, and another one as soon as that worker is gone.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.errors import KafkaError
from mode import Service

from streams.engine.status import TaskStatus
from streams.ops.health import Health, Progress, Sight, health
from streams.ops.lag.book import LagBook, LagReport
from streams.ops.lag.broker import EARLIEST, BrokerReader, BrokerUnreachable
from streams.ops.lag.history import History
from streams.ops.lag.once import house_of
from streams.ops.lag.probe import NextUnread
from streams.ops.lag.reading import GroupReading, Member, Place, Reading
from streams.ops.notices import Notice, Notices

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 5.0
RETENTION_LOOKS: Final = 120
STRANGER_LOOKS: Final = 12
"""Groups that read nothing of ours are looked at again only every so many looks."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What to watch: our own group and its sources, and all groups with a matching name that read our topics."""

    bootstrap_servers: str
    group: str
    sources: tuple[str, ...]
    topics: tuple[str, ...]
    pattern: re.Pattern[str]
    client: Mapping[str, Any] = field(default_factory=dict)

    def wants(self, group: str) -> bool:
        """Whether to watch a group, if it reads our topics; what Faust's own group reads is nobody's work."""
        return group != house_of(self.group) and self.pattern.fullmatch(group) is not None


class LagMonitor(Service):
    """`report` is the newest one, None on a worker that does not monitor."""

    mundane_level = "debug"  # starting and stopping is nothing to act on

    def __init__(
        self, watched: Watched, tasks: Callable[[], tuple[TaskStatus, ...]], restarts: Mapping[int, str]
    ) -> None:
        super().__init__()
        self._watched = watched
        self._statuses = tasks
        self._restarts = restarts
        self._reader: BrokerReader | None = None
        self._looks = 0
        self._strangers: set[str] = set()
        self._retention: dict[str, int | None] = {}
        self._ends: dict[int, dict[str, int]] = {}
        self._progress = Progress()
        self._notices = Notices()
        self._trouble = ""
        self.answered_at = time.monotonic()
        self.look_seconds = 0.0
        self.own_group: GroupReading | None = None
        self._forget()

    def _forget(self) -> None:
        self._book = LagBook(self._retention_of)
        self._unread = NextUnread()
        self.report: LagReport | None = None
        self.growth: dict[str, float] = {}
        self.history = History()

    def _retention_of(self, topic: str) -> int | None:
        return self._retention.get(topic)

    @property
    def is_active(self) -> bool:
        """Whether this worker has partition 0, and with it the watch over all groups."""
        return any(task.partition == 0 for task in self._statuses())

    def owner(self, partition: int) -> Member | None:
        """Return who has a partition of the sources, as the group last said."""
        group = self.own_group
        return None if group is None else (group.owners or {}).get((self._watched.sources[0], partition))

    def health(self) -> Health:
        """Say how this worker is, as of now."""
        now = time.monotonic()
        sight = Sight(now - self.answered_at, self._trouble, self._ends, self._restarts)
        return health(self._statuses(), sight, self._progress, now)

    @Service.task
    async def _look_again_and_again(self) -> None:
        while not self.should_stop:
            await self.look_once()
            self._progress.note(self._statuses(), self._ends, time.monotonic())
            self._tell()
            await self.sleep(INTERVAL_SECONDS)

    async def on_stop(self) -> None:
        """Let go of the broker."""
        await self._close()

    async def look_once(self) -> None:
        """Look; what goes wrong is remembered, and the next look begins with a new connection."""
        began = time.monotonic()
        try:
            await self._look(await self._opened())
        except (BrokerUnreachable, KafkaError, OSError) as error:
            self._trouble = str(error) or type(error).__name__
            await self._close()
        except Exception as error:
            log.exception("the lag monitor failed, and goes on")
            self._trouble = f"{type(error).__name__}: {error}"
            await self._close()
        else:
            self._trouble = ""
            self.answered_at = time.monotonic()
            self.look_seconds = self.answered_at - began

    def _tell(self) -> None:
        """Log what is new since the last look."""
        for notice in (*self._notices.of_health(self.health()), *self._of_report()):
            log.log(notice.level, "%s", notice.text, extra=dict(notice.fields))

    def _of_report(self) -> Iterator[Notice]:
        if self.report is not None:
            yield from self._notices.of_report(self.report)

    async def _look(self, reader: BrokerReader) -> None:
        self._looks += 1
        places = await reader.places(self._watched.topics)
        if self.is_active:
            await self._look_at_all(reader, places)
        elif self.report is not None:
            self._forget()
        else:
            self.own_group = next(iter(await reader.groups([self._watched.group])), None)
            self._note_own(await reader.offsets(self._own(places)))

    async def _look_at_all(self, reader: BrokerReader, places: list[Place]) -> None:
        if not self._retention or self._looks % RETENTION_LOOKS == 0:
            self._retention = await reader.retentions(self._watched.topics)
        # Commits before ends: a reader that is quicker than we are never seems to be ahead.
        groups = await self._groups(reader)
        begins, ends = await reader.offsets(places, EARLIEST), await reader.offsets(places)
        reading = Reading(time.time(), begins, ends, groups)
        self._note_own({place: ends[place] for place in self._own(places) if place in ends})
        asks = list(self._book.asks(reading))
        await self._unread.look(reader, asks)
        wanted: dict[Place, set[int]] = {}
        for place, offset, _end in asks:
            wanted.setdefault(place, set()).add(offset)
        self._unread.keep(wanted)
        former, self.report = self.report, self._book.fold(reading, self._unread)
        self.growth = growth(former, self.report)
        self.history.note(self.report)

    async def _groups(self, reader: BrokerReader) -> tuple[GroupReading, ...]:
        """Return our own group first, then all that read our topics."""
        watched = self._watched
        if self._looks % STRANGER_LOOKS == 0:
            self._strangers.clear()
        names = [
            name
            for name in await reader.group_names()
            if name == watched.group or (name not in self._strangers and watched.wants(name))
        ]
        groups = await reader.groups(names)
        ours = frozenset(watched.topics)
        self._strangers.update(group.name for group in groups if not group.topics & ours)
        self._strangers.update(set(names) - {group.name for group in groups})
        self._strangers.discard(watched.group)
        self.own_group = next((group for group in groups if group.name == watched.group), None)
        readers = [group for group in groups if group.topics & ours and group.name != watched.group]
        return (*([self.own_group] if self.own_group else []), *readers)

    def _own(self, places: list[Place]) -> list[Place]:
        here, sources = {task.partition for task in self._statuses()}, frozenset(self._watched.sources)
        return [place for place in places if place[1] in here and place[0] in sources]

    def _note_own(self, ends: Mapping[Place, int]) -> None:
        self._ends = {}
        for (topic, partition), end in ends.items():
            self._ends.setdefault(partition, {})[topic] = end

    async def _opened(self) -> BrokerReader:
        if self._reader is None:
            reader = BrokerReader(self._watched.bootstrap_servers, self._watched.client)
            self._reader = await reader.__aenter__()
        return self._reader

    async def _close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()


def growth(former: LagReport | None, newer: LagReport) -> dict[str, float]:
    """Return how many offsets a second each topic's logs grew between two looks, transaction markers included."""
    if former is None or newer.at <= former.at:
        return {}
    grown: dict[str, float] = {}
    for place, end in newer.ends.items():
        grown[place[0]] = grown.get(place[0], 0.0) + max(0, end - former.ends.get(place, end)) / (newer.at - former.at)
    return grown
