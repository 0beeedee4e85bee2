"""A Kafka that never had a group is asked until it has a coordinator."""

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streams.contract import coordinator


def test_a_coordinator_that_is_not_there_yet_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator, "RETRY_SECONDS", 0.0)
    answers: Iterator[Exception | str] = iter(
        [GroupCoordinatorNotAvailableError(), GroupCoordinatorNotAvailableError(), "no member"]
    )

    async def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert asyncio.run(coordinator.once_there_is_one(ask)) == "no member"


def test_one_that_never_comes_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator, "PATIENCE_SECONDS", 0.0)

    async def ask() -> str:
        raise GroupCoordinatorNotAvailableError

    with pytest.raises(GroupCoordinatorNotAvailableError):
        asyncio.run(coordinator.once_there_is_one(ask))
