"""What makes a worker's membership impossible."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from streams.engine.config import EngineConfig
from streams.engine.kafka.membership import KafkaMembership
from tests.unit.engine.kit import SetClock

CONFIG = EngineConfig("app", "127.0.0.1:1", ("event",), "state", "journal", "dead-letter", Path())


@pytest.mark.parametrize(("apart", "counted"), [(20.0, 3), (30.0, 3), (30.5, 2), (86_400.0, 1)])
def test_an_identity_that_was_taken_long_ago_does_not_count_any_more(apart: float, counted: int) -> None:
    """Three of them in a worker's whole life ended it, with the word that another one uses its identity."""
    clock = SetClock()
    membership = KafkaMembership(CONFIG, "w0", clock)

    for _ in range(3):
        membership._note_fenced_identity()
        clock.seconds += apart

    assert len(membership._evicted) == counted


class Consumer:
    """The client, as far as a look at the membership goes."""

    def __init__(self, coordinator: "Coordinator") -> None:
        self._coordinator = coordinator
        self._subscription = self
        self.fetch_context = nullcontext


class Coordinator:
    """The client's side of the group, in trouble; `has_given_up` when it does nothing about it any more."""

    def __init__(self, *, has_given_up: bool) -> None:
        self._coordination_task: asyncio.Future[None] = asyncio.Future()
        if has_given_up:
            self._coordination_task.set_result(None)

    def check_errors(self) -> None:
        message = "Unexpected error during coordination KeyError(1)"
        raise KafkaError(message)


@pytest.mark.parametrize("has_given_up", [False, True])
def test_trouble_with_the_group_passes_unless_the_client_has_given_up(has_given_up: bool) -> None:  # noqa: FBT001 - a case table
    """It was a warning a second, and a worker that learned of no division of the partitions any more."""

    async def test() -> None:
        membership: Any = KafkaMembership(CONFIG, "w0", SetClock())
        membership._consumer = Consumer(Coordinator(has_given_up=has_given_up))
        if has_given_up:
            with pytest.raises(KafkaError, match="Unexpected error during coordination"):
                membership.check()
        else:
            membership.check()

    asyncio.run(test())
