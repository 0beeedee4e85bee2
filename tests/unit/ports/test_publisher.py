"""A publisher without a broker: opened once, waiting for room, and its errors in plain words."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import RecordMetadata, TopicPartition

from streams.contract.codec import Codec
from streams.ports.errors import NotDelivered
from streams.ports.publisher import Published, Publisher

from .test_events import PAID

TOPIC = "entry-summary-event"


class Delivery:
    """Has room for a record only after so many attempts."""

    def __init__(self, full_times: int) -> None:
        self.full_times = full_times

    def partitions_of(self, _topic: str) -> int:
        return 1

    async def send(self, topic: str, partition: int, _key: bytes, _value: bytes) -> "asyncio.Future[Any]":
        await asyncio.sleep(0)
        if self.full_times:
            self.full_times -= 1
            raise KafkaTimeoutError
        place: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        place.set_result(RecordMetadata(topic, partition, TopicPartition(topic, partition), 7, 0, 0, 0))
        return place


def publisher(delivery: Delivery, seconds: float) -> Publisher:
    """Return an open publisher."""
    opened = Publisher(delivery_seconds=seconds)
    opened._delivery = delivery  # type: ignore[assignment]  # stands in for it
    opened._codec = Codec()
    return opened


def published(delivery: Delivery, seconds: float) -> Published:
    return asyncio.run(publisher(delivery, seconds).publish(PAID))


def test_an_event_waits_for_room_as_long_as_any_may_be_on_its_way() -> None:
    assert published(Delivery(full_times=3), 60).place[:3] == (TOPIC, 0, 7)


def test_without_room_to_the_end_it_is_not_delivered() -> None:
    with pytest.raises(NotDelivered, match=r"event 0 .* not known to be safely in Kafka: no broker takes any more"):
        published(Delivery(full_times=1_000_000), 0.05)


def test_a_publisher_that_is_open_is_not_opened_again() -> None:
    async def twice() -> None:
        async with publisher(Delivery(0), 1):
            pass

    with pytest.raises(RuntimeError, match="is open already"):
        asyncio.run(twice())


def test_a_publisher_that_is_not_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="is not open: use it as an async context manager"):
        asyncio.run(Publisher().publish(PAID))
