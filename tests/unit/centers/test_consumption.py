"""Leaving a topic ends, whatever the broker does; a group that begins at the end passes over nothing it ever had."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from streams.centers import consumption
from streams.centers.consumption import Consumption, Start

HERE = TopicPartition("center-work-electronics", 0)


class Client:
    """Notes that it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


class Consumer:
    """A consumer whose broker is gone."""

    def __init__(self, *, committed: int | KafkaError | None = None, stop_hangs: bool = False) -> None:
        self._client = Client()
        self._committed, self._stop_hangs = committed, stop_hangs
        self.seeks: list[TopicPartition] = []

    async def commit(self, _offsets: Any) -> None:
        await asyncio.Event().wait()

    async def stop(self) -> None:
        if self._stop_hangs:
            await asyncio.Event().wait()
        raise asyncio.CancelledError

    async def committed(self, _partition: TopicPartition) -> int | None:
        if isinstance(self._committed, KafkaError):
            raise self._committed
        return self._committed

    async def seek_to_end(self, partition: TopicPartition) -> None:
        self.seeks.append(partition)


def reading(consumer: Consumer, start: Start = Start.BEGINNING) -> Consumption:
    """Return a reader in a group, opened on a consumer."""
    reader = Consumption(HERE.topic, bootstrap_servers="127.0.0.1:1", group="desk", start=start, client={})
    reader._opened = consumer  # stands in for it
    return reader


@pytest.mark.parametrize("stop_hangs", [True, False], ids=["waits without end", "raises its own cancellation"])
def test_leaving_ends_without_a_broker(monkeypatch: pytest.MonkeyPatch, *, stop_hangs: bool) -> None:
    monkeypatch.setattr(consumption, "ANSWER_SECONDS", 0.05)
    consumer = Consumer(stop_hangs=stop_hangs)
    reader = reading(consumer)

    async def leave() -> None:
        await reader.on_partitions_assigned([HERE])
        reader._progress[HERE].position = 7
        await reader.close()

    began = time.monotonic()
    asyncio.run(leave())

    assert time.monotonic() - began < 5
    assert consumer._client.closed == 1


@pytest.mark.parametrize(
    ("start", "committed", "seeks"),
    [
        (Start.BEGINNING, None, 0),
        (Start.END, None, 1),
        (Start.END, 5, 0),
        (Start.END, KafkaError(), 0),
    ],
)
def test_a_group_begins_at_the_end_only_where_it_committed_nothing(
    start: Start, committed: int | KafkaError | None, seeks: int
) -> None:
    consumer = Consumer(committed=committed)
    reader = reading(consumer, start)

    asyncio.run(reader.on_partitions_assigned([HERE]))

    assert len(consumer.seeks) == seeks
    assert HERE in reader._progress


def test_after_a_fetch_that_failed_the_next_item_is_fetched_anew() -> None:
    """A right that was missing may be given meanwhile; the failure of before was raised again for ever."""
    outcomes: list[Exception | dict[TopicPartition, list[Any]]] = [TopicAuthorizationFailedError(HERE.topic), {}]

    class Refused(Consumer):
        async def getmany(self, **_: object) -> dict[TopicPartition, list[Any]]:
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    reader = reading(Refused())

    async def ask_twice() -> None:
        with pytest.raises(TopicAuthorizationFailedError):
            await reader.next()
        assert await reader.next() is None

    asyncio.run(ask_twice())
    assert outcomes == []
