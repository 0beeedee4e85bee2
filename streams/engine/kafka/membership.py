"""The worker's place in the consumer group.

A consumer that reads nothing: it subscribes to the sources, heartbeats, and learns which partitions are ours. The
tasks read by themselves.
"""

# ruff: noqa: ANN401 - aiokafka has no types for what passes through here

import logging
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownError
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.group import LeaveGroupRequest

from streams.engine.config import EngineConfig
from streams.engine.errors import ConfigurationError, Kind, TransientFault, kind_of
from streams.engine.kafka.client import client_settings, connected, let_go, settled
from streams.engine.world import Changed, Clock

log = logging.getLogger(__name__)

_DAY_MS: Final = 24 * 3600 * 1000
_EVICTIONS: Final = 3
_EVICTION_WINDOW_SECONDS: Final = 60.0


class KafkaMembership:
    """A `Membership` over a consumer whose partitions are all paused."""

    def __init__(self, config: EngineConfig, instance_id: str, clock: Clock) -> None:
        self._config = config
        self._instance_id = instance_id
        self._clock = clock
        self._consumer: AIOKafkaConsumer | None = None
        self._evicted: deque[float] = deque()
        self._heard_at = -math.inf
        self._forget: Callable[[], None] = _nothing
        self._unbroken = False
        self._generation = -1
        """The generation of the group that was told last."""

    async def start(self) -> None:
        """Connect; raises `ConfigurationError` when nothing answers."""
        config, budgets = self._config, self._config.budgets
        consumer = self._consumer = AIOKafkaConsumer(
            group_id=config.app_id,
            group_instance_id=self._instance_id,
            partition_assignment_strategy=(RangePartitionAssignor,),
            auto_offset_reset="none",
            enable_auto_commit=False,
            session_timeout_ms=int(budgets.session * 1000),
            heartbeat_interval_ms=int(budgets.heartbeat * 1000),
            rebalance_timeout_ms=int(budgets.rebalance * 1000),
            max_poll_interval_ms=_DAY_MS,
            **client_settings(config, f"member-{self._instance_id}"),
        )
        try:
            await connected(consumer.start())
        except KafkaConnectionError as error:
            message = f"no Kafka broker answers at {config.bootstrap_servers}"
            raise ConfigurationError(message) from error
        self._watch_evictions()

    def join(self, changed: Changed) -> None:
        """Join the group."""

        def assigned(partitions: frozenset[int]) -> None:
            generation: int = self._coordinator.generation
            unbroken = self._unbroken and generation <= self._generation + 1
            self._unbroken, self._generation = True, generation
            self._heard_at = self._clock.monotonic()
            changed(partitions, unbroken)

        consumer = self._started()
        consumer.subscribe(list(self._config.sources), listener=_Assignments(consumer, assigned))

    async def partition_counts(self, topics: Iterable[str]) -> Mapping[str, int]:
        """Return how many partitions each topic has."""
        client = self._started()._client  # noqa: SLF001 - the consumer would wait for topics that do not exist
        cluster = await client.fetch_all_metadata()
        counts = {topic: cluster.partitions_for_topic(topic) for topic in topics}
        return {topic: len(partitions) for topic, partitions in counts.items() if partitions}

    async def committed(self, partition: int) -> Mapping[str, int]:
        """Return the committed offset of that partition of each source that has one."""
        places = [TopicPartition(topic, partition) for topic in self._config.sources]
        offsets = await self._coordinator.fetch_committed_offsets(places)
        return {place.topic: offset.offset for place, offset in offsets.items()}

    async def owns(self, partition: int) -> bool:
        """Ask the group's coordinator whether the partition is ours now."""
        coordinator = self._coordinator
        await coordinator.ensure_coordinator_known()
        request = DescribeGroupsRequest([self._config.app_id], include_authorized_operations=False)
        response = await coordinator._send_req(request)  # noqa: SLF001 - the consumer has no public describe
        for group in response.groups:
            for member_id, _client, _host, _metadata, assignment in group[5]:
                if member_id == coordinator.member_id and assignment:
                    places = ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions()
                    return any(place.partition == partition for place in places)
        return False

    async def rejoin(self) -> None:
        """Leave the group and join it again as if new."""
        await self._leave()
        self._unbroken = False
        self._forget()

    def check(self) -> None:
        """Raise what makes membership impossible."""
        consumer = self._started()
        # We never call `getmany`, and without it the member would leave after `max_poll_interval_ms` for good.
        with consumer._subscription.fetch_context():  # noqa: SLF001 - marks the consumer as in use
            pass
        try:
            self._coordinator.check_errors()
        except KafkaError as error:
            if kind_of(error) is not Kind.TRANSIENT or self._coordinator._coordination_task.done():  # noqa: SLF001 - see below
                raise  # the second: the client has given up, and nobody keeps up the membership any more
            log.warning("the group's coordinator: %s", error)
            if UnknownError.__name__ in str(error):
                self._note_fenced_identity()
        if len(self._evicted) >= _EVICTIONS:
            message = (
                f"another worker uses this one's identity {self._instance_id} in the group {self._config.app_id}: "
                "give each its own state folder or host name"
            )
            raise ConfigurationError(message)

    async def close(self, *, leave: bool) -> None:
        """Stop; `leave` gives the partitions away at once instead of after the session time-out."""
        consumer = self._consumer
        if consumer is None:
            return
        if leave and consumer._coordinator is not None:  # noqa: SLF001 - no public way to leave as a static member
            await settled(self._leave())
        self._consumer = None
        await let_go(consumer)

    async def _leave(self) -> None:
        coordinator = self._coordinator
        # The client leaves only as a dynamic member; the broker removes a static one by its member id too.
        request = LeaveGroupRequest(self._config.app_id, coordinator.member_id)
        await coordinator._send_req(request)  # noqa: SLF001 - see above

    def _watch_evictions(self) -> None:
        """Count how often the group forgets us without cause; the client would join again for ever."""
        coordinator = self._coordinator
        self._forget = coordinator.reset_generation
        heartbeat = coordinator._do_heartbeat  # noqa: SLF001 - the only place that knows when one was answered

        async def noted_heartbeat() -> bool:
            answered: bool = await heartbeat()
            if answered:
                self._heard_at = self._clock.monotonic()
            return answered

        def noted_reset() -> None:
            self._unbroken = False
            self._note_eviction()
            self._forget()

        coordinator._do_heartbeat = noted_heartbeat  # noqa: SLF001 - as above
        coordinator.reset_generation = noted_reset

    def _note_fenced_identity(self) -> None:
        """Join as if new, and count it: somebody else has joined with our identity.

        That is what the broker means by the code that this client has no name for (82, FENCED_INSTANCE_ID); left
        alone, the client goes on asking with the member id that was taken from it.
        """
        self._unbroken = False
        self._count_eviction()
        self._forget()

    def _note_eviction(self) -> None:
        """Count it unless we were silent for a session: then the group was right."""
        if self._clock.monotonic() - self._heard_at < self._config.budgets.session:
            self._count_eviction()

    def _count_eviction(self) -> None:
        now = self._clock.monotonic()
        self._evicted.append(now)
        while self._evicted and now - self._evicted[0] > _EVICTION_WINDOW_SECONDS:
            self._evicted.popleft()

    @property
    def _coordinator(self) -> Any:
        coordinator = self._started()._coordinator  # noqa: SLF001 - what the group is asked has no public method
        if coordinator is None:
            message = "the consumer group is not joined yet"
            raise TransientFault(message)
        return coordinator

    def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            message = "the consumer group is closed"
            raise TransientFault(message)
        return self._consumer


def _nothing() -> None:
    """There is nothing to forget before the group is joined."""


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no type information
    """Passes assignments on. Heartbeats stop while these run, and exceptions in them are swallowed."""

    def __init__(self, consumer: AIOKafkaConsumer, changed: Callable[[frozenset[int]], None]) -> None:
        self._consumer = consumer
        self._changed = changed

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing: what stays ours goes on, and what does not is fenced by its next owner."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Start and stop tasks."""
        places = list(assigned)
        for place in places:
            self._consumer.seek(place, 0)  # without a position, the fetcher would keep asking for one
        self._consumer.pause(*places)
        self._changed(frozenset(place.partition for place in places))
