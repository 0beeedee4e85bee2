"""Publish events: valid ones only, in order, each safely in Kafka before it is said to be there.

    async with Publisher("127.0.0.1:9092") as publisher:
        published = await publisher.publish({"event_type": "entry_summary_accepted", …})
        async for outcome in publisher.publish_many(events): …

The key is the importer's account, so that all events of an importer meet in one partition in the order in which they
were handed in. An event handed in twice under one event id counts once, whoever publishes it.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar

from aiokafka.errors import KafkaError, KafkaTimeoutError

from streams.contract.codec import Codec
from streams.contract.errors import RegistryError
from streams.contract.keys import partition_for
from streams.contract.models import Event
from streams.contract.registered import open_codec
from streams.contract.topics import TopicNames
from streams.ports.arrivals import Arrival, Arrivals
from streams.ports.delivery import COMPRESSION, Delivery, Place, fits_topic, place_of
from streams.ports.errors import EventFault, InvalidEvent, NotDelivered, OutOfReach
from streams.ports.events import Outgoing, Raw, event_id_of, outgoing
from streams.ports.numbers import NO_OFFSETS, CheckDigitOffsets

IN_FLIGHT: Final = 5_000
DELIVERY_SECONDS: Final = 120.0
REQUEST_SECONDS: Final = 30.0
CANCELLED_SECONDS: Final = 5.0
LINGER_MS: Final = 20


class Published(NamedTuple):
    """An event that is safely in Kafka. `position` counts the events handed in, from 0."""

    position: int
    event_id: str
    place: Place


class Refused(NamedTuple):
    """An event that is not valid and was not sent, with all its faults."""

    position: int
    event_id: str
    faults: tuple[EventFault, ...]


Outcome = TypeVar("Outcome")


class _Sent(NamedTuple):
    position: int
    event_id: str
    at: float
    places: "tuple[asyncio.Future[Any], ...]"


class Publisher:
    """A port system's way into Kafka. An async context manager; leaving it waits until all is delivered.

    With the address of a schema `registry`, records are written in its framing. `in_flight` bounds how many events may
    be on their way; `delivery_seconds` how long one may be. `offsets` are the check digits that single filers may use.
    `client` goes to the Kafka client as it is (security settings).
    """

    def __init__(  # noqa: PLR0913 - settings, all with a default
        self,
        bootstrap_servers: str = "127.0.0.1:9092",
        *,
        namespace: str = "",
        registry: str = "",
        offsets: CheckDigitOffsets = NO_OFFSETS,
        in_flight: int = IN_FLIGHT,
        delivery_seconds: float = DELIVERY_SECONDS,
        linger_ms: int = LINGER_MS,
        compression: str | None = COMPRESSION,
        client: Mapping[str, Any] | None = None,
    ) -> None:
        self._names = TopicNames(namespace)
        self._registry = registry
        self._codec: Codec | None = None
        self._offsets = offsets
        self._in_flight = in_flight
        self._delivery_seconds = delivery_seconds
        self._settings: dict[str, Any] = {
            "linger_ms": linger_ms,
            "compression": compression,
            "request_seconds": max(1.0, min(REQUEST_SECONDS, delivery_seconds)),
            "client": client or {},
        }
        self._bootstrap_servers = bootstrap_servers
        self._delivery: Delivery | None = None
        self._failed = False

    async def __aenter__(self) -> Self:
        """Connect. Raises `OutOfReach`, also where it is the registry that cannot be used."""
        if self._delivery is not None:
            message = "the publisher is open already: share it, or make another one"
            raise RuntimeError(message)
        self._failed = False
        try:
            self._codec = await asyncio.to_thread(open_codec, self._registry)
        except RegistryError as error:
            raise OutOfReach(str(error)) from error
        delivery = Delivery(self._bootstrap_servers, **self._settings)
        await delivery.open()
        self._delivery = delivery
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is on its way, `delivery_seconds` at most (5 s when cancelled), and disconnect."""
        delivery, self._delivery = self._opened(), None
        if self._failed:
            await delivery.abandon()
            return
        is_cancelled = kind is not None and issubclass(kind, asyncio.CancelledError)
        try:
            await asyncio.wait_for(delivery.close(), CANCELLED_SECONDS if is_cancelled else self._delivery_seconds)
        except TimeoutError:
            await delivery.abandon()

    async def publish(self, event: Event | Raw) -> Published:
        """Publish one event and return where it is.

        Raises `InvalidEvent` with all faults, `MissingTopic`, and `NotDelivered` when it is not known to be there.
        A call that is cancelled may still have published its event.
        """
        return await only_outcome(self.publish_many([event]))

    async def publish_many(
        self, events: Iterable[Event | Raw] | AsyncIterable[Event | Raw]
    ) -> AsyncGenerator[Published | Refused, None]:
        """Publish events in their order and yield one outcome for each, in the same order.

        Waits where Kafka is slower than the events come. Events that are models of the contract are not validated
        again. Raises `MissingTopic`, and `NotDelivered` with the positions of all that are not known to be in Kafka.
        """
        waiting: deque[_Sent | Refused] = deque()
        position = 0
        arrivals = Arrivals(events)
        try:
            while (event := await arrivals.next(*self._oldest(waiting))) is not Arrival.END:
                if event is not Arrival.LATER:
                    waiting.append(await self._sent(position, event, waiting))
                    position += 1
                while waiting and (len(waiting) > self._in_flight or self._is_due(waiting[0])):
                    yield await self._settled(waiting)
            while waiting:
                yield await self._settled(waiting)
        finally:
            await arrivals.close()

    def _oldest(self, waiting: "deque[_Sent | Refused]") -> "tuple[tuple[asyncio.Future[Any], ...], float | None]":
        """Return what the oldest event on its way waits for, and for how many seconds more it may."""
        first = waiting[0] if waiting else None
        if not isinstance(first, _Sent):
            return (), None
        return tuple(place for place in first.places if not place.done()), self._seconds_left(first)

    def _seconds_left(self, sent: _Sent) -> float:
        return max(0.0, sent.at + self._delivery_seconds - time.monotonic())

    def _is_due(self, item: _Sent | Refused) -> bool:
        """Whether an event is delivered, refused, or too late."""
        if isinstance(item, Refused) or all(place.done() for place in item.places):
            return True
        return not self._seconds_left(item)

    async def _sent(self, position: int, event: Event | Raw, waiting: "deque[_Sent | Refused]") -> _Sent | Refused:
        """Check, encode and hand over one event."""
        try:
            out = outgoing(event, self._names, self._offsets, self._codec)
            if not fits_topic(out.value):
                raise InvalidEvent([EventFault("", "the event is larger than the topic takes", "shorten it")])  # noqa: TRY301 - told like any fault
            return _Sent(position, out.event_id, time.monotonic(), await self._handed_over(out))
        except InvalidEvent as error:
            return Refused(position, event_id_of(event), error.faults)
        except KafkaError as error:
            waiting.append(_Sent(position, event_id_of(event), time.monotonic(), ()))
            raise self._not_delivered(waiting, _why(error)) from error

    async def _handed_over(self, out: Outgoing) -> "tuple[asyncio.Future[Any], ...]":
        count = self._opened().partitions_of(out.topic)
        partitions = range(count) if out.in_every_partition else (partition_for(out.key, count),)
        return tuple([await self._handed_to(partition, out) for partition in partitions])

    async def _handed_to(self, partition: int, out: Outgoing) -> "asyncio.Future[Any]":
        """Hand over one record; while Kafka is away and there is no room for it, wait as long as any event may."""
        give_up = time.monotonic() + self._delivery_seconds
        while True:
            try:
                return await self._opened().send(out.topic, partition, out.key, out.value)
            except KafkaTimeoutError:
                if time.monotonic() >= give_up:
                    raise

    async def _settled(self, waiting: "deque[_Sent | Refused]") -> Published | Refused:
        """Wait for the oldest event and return its outcome."""
        first = waiting[0]
        if isinstance(first, Refused):
            waiting.popleft()
            return first
        pending = [place for place in first.places if not place.done()]
        if pending:
            _, late = await asyncio.wait(pending, timeout=self._seconds_left(first))
            if late:
                why = f"no broker confirmed it within {self._delivery_seconds:g} s"
                raise self._not_delivered(waiting, why)
        try:
            places = [place_of(future) for future in first.places]
        except KafkaError as error:
            raise self._not_delivered(waiting, _why(error)) from error
        waiting.popleft()
        return Published(first.position, first.event_id, places[0])

    def _not_delivered(self, waiting: "deque[_Sent | Refused]", why: str) -> NotDelivered:
        """Give up: name all events that are not known to be delivered."""
        self._failed = True
        sent = [item for item in waiting if isinstance(item, _Sent)]
        return NotDelivered(why, [item.position for item in sent if not item.places or not _is_delivered(item)])

    def _opened(self) -> Delivery:
        if self._delivery is None:
            message = "the publisher is not open: use it as an async context manager"
            raise RuntimeError(message)
        return self._delivery


async def only_outcome(outcomes: AsyncGenerator[Outcome | Refused, None]) -> Outcome:
    """Return the outcome of the only event that was handed in. Raises `InvalidEvent`, and whatever that raises."""
    async with aclosing(outcomes):
        outcome = await anext(outcomes)
    if isinstance(outcome, Refused):
        raise InvalidEvent(outcome.faults)
    return outcome


def _why(error: KafkaError) -> str:
    return "no broker takes any more of them" if isinstance(error, KafkaTimeoutError) else str(error)


def _is_delivered(item: _Sent) -> bool:
    return all(place.done() and not place.cancelled() and place.exception() is None for place in item.places)
