"""Events as they come, from a list or from a source that takes its time."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Iterator
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")


class Arrival(Enum):
    """What may come instead of an event."""

    LATER = "later"
    """None yet: something else happened first, or the time is over."""
    END = "end"
    """None any more."""


class Arrivals(Generic[T]):
    """The next event of any iterable, or word that something else was quicker."""

    def __init__(self, events: Iterable[T] | AsyncIterable[T]) -> None:
        self._at_hand: Iterator[T] | None = None if isinstance(events, AsyncIterable) else iter(events)
        self._source: AsyncIterator[T] | None = aiter(events) if isinstance(events, AsyncIterable) else None
        self._coming: asyncio.Task[T | Literal[Arrival.END]] | None = None

    async def next(self, others: "Collection[asyncio.Future[Any]]", seconds: float | None) -> T | Arrival:
        """Return the next event, `END`, or `LATER` as soon as one of the others is done or the time is over."""
        if self._source is None:
            assert self._at_hand is not None, "events come from one of the two"
            return next(self._at_hand, Arrival.END)
        if self._coming is None:
            self._coming = asyncio.ensure_future(_next_of(self._source))
        if not self._coming.done():
            first_done = asyncio.FIRST_COMPLETED
            await asyncio.wait([self._coming, *others], timeout=seconds if others else None, return_when=first_done)
        if not self._coming.done():
            return Arrival.LATER
        coming, self._coming = self._coming, None
        return coming.result()

    async def close(self) -> None:
        """Wait for no more."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)


async def _next_of(source: AsyncIterator[T]) -> T | Literal[Arrival.END]:
    try:
        return await anext(source)
    except StopAsyncIteration:
        return Arrival.END
