"""Read offsets and groups from a broker, as cheaply as its protocol allows.

Three requests a look and two more a group, whatever the number of partitions. The public admin client cannot
read log ends, so the requests are sent through the client beneath it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Self

from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import DescribeConfigsRequest, DescribeGroupsRequest, ListGroupsRequest
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.structs import TopicPartition

from streams.contract.reach import why_unreachable
from streams.ops.lag.reading import GroupReading, Member, Place

REQUEST_SECONDS: Final = 5.0
EARLIEST: Final = -2
LATEST: Final = -1
_NO_GROUP: Final = 69
_TOPIC: Final = 2


class BrokerUnreachable(Exception):  # noqa: N818 - what is so, in one sentence for a person
    """Nobody answers at the address, or not in time."""


class BrokerReader:
    """A connection to look at logs and groups; an async context manager.

    Every method raises `BrokerUnreachable` or a `KafkaError`; after one, close the reader and open another.
    """

    def __init__(self, bootstrap_servers: str, client: Mapping[str, Any] | None = None) -> None:
        self.bootstrap_servers = bootstrap_servers
        settings = {"client_id": "cee-lag-monitor", **{k: v for k, v in (client or {}).items() if k != "client_id"}}
        self._settings = settings
        self.client = AIOKafkaClient(
            bootstrap_servers=bootstrap_servers, request_timeout_ms=int(REQUEST_SECONDS * 1000), **settings
        )
        self._coordinators: dict[str, int] = {}
        self._leaders: dict[Place, int] = {}

    async def __aenter__(self) -> Self:
        """Connect."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await self.client.bootstrap()
        except (KafkaError, OSError, TimeoutError) as error:
            await self.close()
            raise BrokerUnreachable(await why_unreachable(self.bootstrap_servers, self._settings)) from error
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Let go."""
        await self.close()

    async def close(self) -> None:
        """Close all connections; never waits for a broker that is gone."""
        closing = asyncio.ensure_future(self.client.close())
        await asyncio.wait({closing}, timeout=1.0)
        if not closing.done():
            closing.cancel()
            await asyncio.wait({closing})
        elif not closing.cancelled():
            closing.exception()

    async def places(self, topics: Collection[str]) -> list[Place]:
        """Return every partition of these topics that exists and has a leader."""
        cluster: ClusterMetadata = await self._timely(self.client.fetch_all_metadata())
        self._leaders = {
            (topic, partition): leader
            for topic in topics
            for partition in sorted(cluster.partitions_for_topic(topic) or ())
            if (leader := cluster.leader_for_partition(TopicPartition(topic, partition))) not in {None, -1}
        }
        return list(self._leaders)

    async def offsets(self, places: Iterable[Place], timestamp_ms: int = LATEST) -> dict[Place, int]:
        """Return the next (`LATEST`) or first (`EARLIEST`) offset of places, or the first not before an instant.

        A place without an answer is left out.
        """
        asked: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for topic, partition in places:
            if (leader := self._leaders.get((topic, partition))) is not None:
                asked[leader][topic].append((partition, timestamp_ms))
        answers = await asyncio.gather(
            *(self.send(node, OffsetRequest(-1, 0, list(topics.items()))) for node, topics in asked.items())
        )
        return {
            (topic, partition): offset
            for answer in answers
            for topic, partitions in answer.topics
            for partition, error, _timestamp, offset, *_ in partitions
            if not error and offset >= 0
        }

    async def retentions(self, topics: Iterable[str]) -> dict[str, int | None]:
        """Return for how long topics keep records, in milliseconds; None where for ever, or only by key."""
        wanted = [(_TOPIC, topic, ["retention.ms", "cleanup.policy"]) for topic in topics]
        answer = await self.send(self.client.get_random_node(), DescribeConfigsRequest(wanted))
        found: dict[str, int | None] = {}
        for _error, _message, _kind, topic, entries in answer.resources:
            values = {name: value for name, value, *_ in entries}
            kept = int(values.get("retention.ms") or -1)
            found[topic] = kept if kept >= 0 and "delete" in (values.get("cleanup.policy") or "") else None
        return found

    async def group_names(self) -> list[str]:
        """Return the names of all consumer groups of the cluster."""
        nodes = [broker.nodeId for broker in self.client.cluster.brokers()]
        answers = await asyncio.gather(*(self.send(node, ListGroupsRequest()) for node in nodes))
        return sorted({str(name) for answer in answers for name, _protocol in answer.groups})

    async def groups(self, names: Collection[str]) -> list[GroupReading]:
        """Return where these groups stand and who is in them; one that is gone meanwhile is left out."""
        return sorted(group for group in await asyncio.gather(*map(self._group, names)) if group is not None)

    async def _group(self, name: str) -> GroupReading | None:
        node = await self._coordinator(name)
        # One group a request: the client reads the answer about several wrongly (its version 3 as if it were 2).
        described, answer = await asyncio.gather(
            self.send(node, DescribeGroupsRequest([name], include_authorized_operations=False)),
            self.send(node, OffsetFetchRequest(name, None)),
        )
        [(error, _name, state, _type, _protocol, members, *_)] = described.groups
        if error and error != _NO_GROUP:
            self._coordinators.pop(name, None)
            message = f"group {name}"
            raise for_code(error)(message)
        committed = self._committed(name, answer)
        # Listed, and yet dead: a group of the newer protocol, which this request knows nothing of.
        is_told = state != "Dead" or not committed
        owners = _owners(members) if is_told else None
        return GroupReading(name, state if is_told else "", committed, owners) if owners or committed else None

    def _committed(self, name: str, answer: Any) -> dict[Place, int]:  # noqa: ANN401 - a response has no types
        error = getattr(answer, "error_code", 0)
        if error:
            self._coordinators.pop(name, None)
            message = f"offsets of group {name}"
            raise for_code(error)(message)
        return {
            (topic, partition): offset
            for topic, partitions in answer.topics
            for partition, offset, _metadata, _error in partitions
            if offset >= 0
        }

    async def _coordinator(self, name: str) -> int:
        known = self._coordinators.get(name)
        if known is None:
            answer = await self.send(self.client.get_random_node(), FindCoordinatorRequest(name, 0))
            if answer.error_code:
                message = f"coordinator of group {name}"
                raise for_code(answer.error_code)(message)
            known = self._coordinators[name] = int(answer.coordinator_id)
        return known

    async def send(self, node: int, request: object) -> Any:  # noqa: ANN401 - a response has no types
        """Send one request to a node and return its answer."""
        return await self._timely(self.client.send(node, request))

    async def _timely(self, answer: Any) -> Any:  # noqa: ANN401 - as above
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await answer
        except (TimeoutError, OSError) as error:
            message = f"{self.bootstrap_servers} gave no answer within {REQUEST_SECONDS:.0f} s"
            raise BrokerUnreachable(message) from error

    def leader(self, place: Place) -> int | None:
        """Return the node that leads a place, as of the last `places`."""
        return self._leaders.get(place)


def _owners(members: Iterable[Any]) -> dict[Place, Member]:
    owners: dict[Place, Member] = {}
    for member_id, client_id, host, _metadata, assignment in members:
        if not assignment:
            continue
        member = Member(member_id, client_id, host.lstrip("/"))
        for topic, partitions in ConsumerProtocol.ASSIGNMENT.decode(assignment).assignment:
            owners.update({(topic, partition): member for partition in partitions})
    return owners
