"""The coordinator of the consumer group, and a member's side of it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.engine.config import EngineConfig
from streams.engine.errors import EngineError, TransientFault
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.network import Network, Process
from streams.engine.world import Changed

_REBALANCE_SECONDS = 0.05


class UnknownMember(EngineError):  # noqa: N818 - the coordinator's answer
    """The group has forgotten this member."""


@dataclass(slots=True)
class _Member:
    member_id: int
    seen_at: float


class SimGroup:
    """Divides partitions in ranges over static members, in the order of their identities."""

    def __init__(self, partitions: int, session: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._partitions = partitions
        self._session = session
        self._members: dict[str, _Member] = {}
        self._next_id = 0
        self.generation = 0
        self._rebalanced_at = -_REBALANCE_SECONDS
        self._turned = 0
        self.members: list[SimMembership] = []
        """Those that can be told of a rebalance at once."""

    def join(self, instance: str) -> int:
        """Become a member, taking the place of a former one with the same identity."""
        self._evict()
        self._next_id += 1
        if instance not in self._members:
            self._rebalance()
        self._members[instance] = _Member(self._next_id, self._loop.time())
        return self._next_id

    def heartbeat(self, instance: str, member_id: int) -> tuple[int, frozenset[int]]:
        """Return generation and partitions of a member."""
        self._evict()
        member = self._known(instance, member_id)
        member.seen_at = self._loop.time()
        return self.generation, self._share(instance)

    def leave(self, instance: str, member_id: int) -> None:
        """Stop being a member."""
        self._known(instance, member_id)
        del self._members[instance]
        self._rebalance()

    def describe(self, instance: str, member_id: int) -> frozenset[int]:
        """Return a member's partitions as of now, none if it is not one, or while they are being divided anew."""
        self._evict()
        if self._loop.time() - self._rebalanced_at < _REBALANCE_SECONDS:
            return frozenset()
        member = self._members.get(instance)
        return self._share(instance) if member is not None and member.member_id == member_id else frozenset()

    def owners(self) -> dict[int, str]:
        """Return which identity has each partition now."""
        return {partition: name for name in self._members for partition in self._share(name)}

    def shuffle(self) -> None:
        """Let every member learn its partitions anew, as a rebalance without cause does."""
        self._rebalance()

    def turn(self) -> None:
        """Give every member the partitions of the one before it, and let all learn it now."""
        self._turned += 1
        self._rebalance()
        for member in self.members:
            member.hear()

    def _share(self, instance: str) -> frozenset[int]:
        names = sorted(self._members)
        place = (names.index(instance) + self._turned) % len(names)
        size, more = divmod(self._partitions, len(names))
        first = size * place + min(place, more)
        return frozenset(range(first, first + size + (place < more)))

    def _known(self, instance: str, member_id: int) -> _Member:
        member = self._members.get(instance)
        if member is None or member.member_id != member_id:
            raise UnknownMember
        return member

    def _evict(self) -> None:
        now = self._loop.time()
        silent = [name for name, member in self._members.items() if now - member.seen_at > self._session]
        for name in silent:
            del self._members[name]
        if silent:
            self._rebalance()

    def _rebalance(self) -> None:
        self.generation += 1
        self._rebalanced_at = self._loop.time()


class SimMembership:
    """A `Membership` that heartbeats over the simulated network."""

    def __init__(
        self, config: EngineConfig, process: Process, network: Network, broker: SimBroker, group: SimGroup
    ) -> None:
        self._config = config
        self._process = process
        self._network = network
        self._broker = broker
        self._group = group
        self._member_id = -1
        self._heart: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self._generation = -1

    async def start(self) -> None:
        """Connect."""
        while True:
            try:
                return await self._network.call(self._process, "connect member", lambda: None)
            except TransientFault:  # the worker would be started again by whatever looks after it
                await asyncio.sleep(0.1)

    def join(self, changed: Changed) -> None:
        """Join the group."""
        self._heart = asyncio.ensure_future(self._beat(changed))
        self._group.members.append(self)

    def hear(self) -> None:
        """Heartbeat now, not only when it is due."""
        self._heard.set()

    async def partition_counts(self, topics: Iterable[str]) -> Mapping[str, int]:
        """Return how many partitions each topic has."""
        return {topic: self._broker.partitions for topic in topics if (topic, 0) in self._broker.logs}

    async def committed(self, partition: int) -> Mapping[str, int]:
        """Return the committed offset of that partition of each source that has one."""
        places = [(topic, partition) for topic in self._config.sources]
        while True:
            try:
                return await self._network.call(
                    self._process, f"fetch offsets {partition}", self._broker.group_offsets, places
                )
            except TransientFault:
                await asyncio.sleep(0.1)

    async def owns(self, partition: int) -> bool:
        """Ask the group's coordinator whether the partition is ours now."""
        owned = await self._network.call(
            self._process, "describe group", self._group.describe, self._process.name, self._member_id
        )
        return partition in owned

    async def rejoin(self) -> None:
        """Leave the group and join it again as if new."""
        member_id, self._member_id = self._member_id, -1
        await self._network.call(self._process, "leave group", self._group.leave, self._process.name, member_id)

    def check(self) -> None:
        """Nothing makes membership impossible here."""

    async def close(self, *, leave: bool) -> None:
        """Stop."""
        if self._heart is not None:
            self._heart.cancel()
        if self in self._group.members:
            self._group.members.remove(self)
        if leave and self._member_id >= 0 and self._process.is_alive:
            try:
                await self.rejoin()
            except (TransientFault, UnknownMember):
                return

    async def _beat(self, changed: Changed) -> None:
        name, unbroken = self._process.name, False
        while True:
            try:
                if self._member_id < 0:
                    self._generation, unbroken = -1, False
                    self._member_id = await self._network.call(self._process, "join group", self._group.join, name)
                generation, owned = await self._network.call(
                    self._process, "heartbeat", self._group.heartbeat, name, self._member_id
                )
                if generation != self._generation:
                    unbroken = unbroken and generation == self._generation + 1
                    self._generation = generation
                    self._network.note(self._process, f"assigned {sorted(owned)}")
                    changed(owned, unbroken)
                    unbroken = True
            except UnknownMember:
                self._member_id = -1
                continue
            except TransientFault:
                pass
            await self._until_next_beat()

    async def _until_next_beat(self) -> None:
        waiting = asyncio.ensure_future(self._heard.wait())
        await asyncio.wait({waiting}, timeout=self._config.budgets.heartbeat)
        waiting.cancel()
        self._heard.clear()
