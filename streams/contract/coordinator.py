"""Questions to a group's coordinator, on a Kafka where there was never a group."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError

PATIENCE_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 0.25

T = TypeVar("T")


async def once_there_is_one(ask: Callable[[], Awaitable[T]]) -> T:
    """Return the answer once a coordinator gives it.

    The first question about any group has Kafka create the topic of all groups' offsets; until that is there, it
    answers that no coordinator is. Raises that error where it stays so for ten seconds.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(RETRY_SECONDS)
