"""Lets a consumer make our records at once, instead of its own that we would copy and throw away.

Worth a fifth of what reading costs: the client's own record is a frozen dataclass of eleven fields.
"""

# ruff: noqa: ANN401 - aiokafka has no types for what passes through here

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult

Make = Callable[[TopicPartition, Any], Any]
"""Makes what `getmany` returns out of a record as it was unpacked (offset, timestamp, key, value, headers)."""


def make_records_with(consumer: AIOKafkaConsumer, make: Make) -> None:
    """Let a started consumer that has fetched nothing yet return what `make` makes."""
    consumer._fetcher._records = _Arrivals(make)  # noqa: SLF001 - where fetched data waits for `getmany`


class _Arrivals(OrderedDict[TopicPartition, Any]):
    """What was fetched, by partition; each arrival is told how to make its records."""

    def __init__(self, make: Make) -> None:
        super().__init__()
        self._make = make

    def __setitem__(self, place: TopicPartition, arrival: Any) -> None:
        if isinstance(arrival, FetchResult):
            # Unpacking looks this method up on the object; nothing else depends on what it returns.
            arrival._partition_records._consumer_record = self._make  # noqa: SLF001 - see above
        super().__setitem__(place, arrival)
