"""Send a Center's decisions about its cases back: taken, information asked, decided, closed, advised.

    async with Decisions("electronics") as decisions:
        await decisions.answer(item, "work_taken", taken_by="desk 4")

Who decides is known by the topic: each Center writes to its own.
"""

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from pydantic import ValidationError

from streams.centers.codec import codec_of
from streams.centers.errors import InvalidDecision, MissingTopic, NotSent, OutOfReach, check_reachable
from streams.centers.names import center_slug
from streams.centers.place import WorkPlace
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.models import EVENT_MODELS, Event, WorkItem, check_digit_faults, faults_of, key_of, parse_event
from streams.contract.reach import why_unreachable
from streams.contract.security import no_topic
from streams.contract.topics import TopicNames, load_topics

CONNECT_SECONDS: Final = 15.0
SEND_SECONDS: Final = 30.0
# The name space of ids of decisions; never to be changed, or a decision sent again becomes a second one.
DECISION_IDS: Final = uuid.UUID("0f9c7a6e-43a5-5b7f-8a0d-9a5f5c6f2b11")


class Decisions:
    """A Center's way to answer. An async context manager; each decision is safely in Kafka when `send` returns.

    `client` goes to the Kafka client as it is (security settings).
    """

    def __init__(
        self,
        center: str,
        *,
        bootstrap_servers: str = "127.0.0.1:9092",
        namespace: str = "",
        registry: str = "",
        client: Mapping[str, Any] | None = None,
    ) -> None:
        self._slug = center_slug(center)
        self._topic = TopicNames(namespace).center_decision(self._slug)
        self._bootstrap_servers = bootstrap_servers
        self._registry = registry
        self._codec: Codec | None = None
        self._client = dict(client or {})
        self._producer: AIOKafkaProducer | None = None
        self._partitions = 0

    async def __aenter__(self) -> Self:
        """Connect. Raises `OutOfReach` and `MissingTopic`."""
        check_reachable(self._bootstrap_servers)
        self._codec = await codec_of(self._registry)
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers, enable_idempotence=True, acks="all", **self._client
        )
        try:
            await asyncio.wait_for(producer.start(), CONNECT_SECONDS)
            cluster = await asyncio.wait_for(producer.client.fetch_all_metadata(), CONNECT_SECONDS)
        except (KafkaConnectionError, TimeoutError) as error:
            await producer.stop()
            raise OutOfReach(await why_unreachable(self._bootstrap_servers, self._client)) from error
        self._partitions = len(cluster.partitions_for_topic(self._topic) or ())
        if not self._partitions:
            await producer.stop()
            message = no_topic(self._bootstrap_servers, self._topic, self._client)
            raise MissingTopic(message)
        self._producer = producer
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        (producer, _), self._producer = self._opened(), None
        await producer.stop()

    async def answer(self, item: WorkItem, event_type: str, **fields: object) -> WorkPlace:
        """Decide about the case of a work item: `fields` are those of the decision, without the case's own.

        Answering the same item the same way twice has one event id, and counts once. Raises as `send` does.
        """
        content = json.dumps(fields, default=str, sort_keys=True)
        event_id = uuid.uuid5(DECISION_IDS, f"{item.case_id}|{item.assignment}|{event_type}|{content}")
        about = {"account_key": item.account_key, "case_id": item.case_id, "assignment": item.assignment}
        envelope = {"event_type": event_type, "event_id": str(event_id), "event_time": datetime.now(UTC)}
        return await self.send({**envelope, **about, **fields})

    async def send(self, decision: Event | Mapping[str, Any]) -> WorkPlace:
        """Send one decision and return where it is; without a `source` it is this Center's.

        Raises `InvalidDecision` with all faults, and `NotSent` when it is not known to be in Kafka.
        """
        model = decision if isinstance(decision, Event) else _parsed({"source": self._slug, **decision})
        if model.RECORD not in decision_records():
            raise InvalidDecision([f"event_type: a {model.RECORD} is not a decision of a Center"])
        false_digits = check_digit_faults(model)
        if false_digits:
            raise InvalidDecision([str(fault) for fault in false_digits])
        producer, codec = self._opened()
        key, value = key_of(model), codec.encode(model.RECORD, model.to_fields())
        partition = partition_for(key, self._partitions)
        try:
            sending = producer.send_and_wait(self._topic, value, key=key, partition=partition)
            sent = await asyncio.wait_for(sending, SEND_SECONDS)
        except (KafkaError, TimeoutError) as error:
            message = f"the {model.RECORD} is not known to be in Kafka ({type(error).__name__}): send it again"
            raise NotSent(message) from error
        return WorkPlace(sent.topic, sent.partition, sent.offset, sent.timestamp)

    def _opened(self) -> tuple[AIOKafkaProducer, Codec]:
        if self._producer is None or self._codec is None:
            message = "the sender of decisions is not open: use it as an async context manager"
            raise RuntimeError(message)
        return self._producer, self._codec


@cache
def decision_records() -> frozenset[str]:
    """Name the records that Centers may send."""
    topics = (topic for topic in load_topics() if topic.family.startswith("center-decision-"))
    return frozenset(record for topic in topics for record in topic.records) & EVENT_MODELS.keys()


def _parsed(decision: Mapping[str, Any]) -> Event:
    try:
        return parse_event(decision)
    except ValidationError as error:
        raise InvalidDecision([str(fault) for fault in faults_of(error)]) from None
