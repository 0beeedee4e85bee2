"""What a task looks for before it starts: that Kafka has what it said it had committed."""

# ruff: noqa: ARG002, ASYNC109 - stand-ins have the shape of the real thing

import asyncio
from collections.abc import Sequence

import pytest

from streams.engine.continuity import encode_place, entries_since, wait_until_decided
from streams.engine.errors import Halted
from streams.engine.world import Bounds, Chunk


class Log:
    """A log with one record at each of some offsets; its stable end moves on as told with each look at it."""

    def __init__(self, records: Sequence[int], ends: Sequence[int], end_of_all: int, start: int = 0) -> None:
        self._records = records
        self._ends = list(ends)
        self._end_of_all = end_of_all
        self._start = start
        self._at = 0

    async def start(self) -> None:
        pass

    async def bounds(self) -> Bounds:
        return Bounds(self._start, self._ends.pop(0) if len(self._ends) > 1 else self._ends[0])

    async def end_of_all(self) -> int:
        return self._end_of_all

    def seek(self, offset: int) -> None:
        self._at = offset

    async def read(self, timeout: float) -> Chunk:
        at, self._at = self._at, self._at + 2
        return Chunk([(b"", b"entry") for offset in self._records if at <= offset < at + 2], self._at)

    async def close(self) -> None:
        pass


class Hurrying:
    """A clock on which every look is ten seconds after the last one."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 10.0
        return self.now

    def time_ms(self) -> int:
        return 0


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.engine.continuity._POLL_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("ends", "end_of_all"),
    [
        ([9], 9),
        ([5, 5, 9], 9),
        ([3, 4, 5, 6, 7, 8, 9], 9),  # each look is late, but somebody is at work
    ],
)
def test_a_log_without_an_open_transaction_is_decided_and_one_that_is_being_ended_is_waited_for(
    ends: list[int], end_of_all: int
) -> None:
    asyncio.run(wait_until_decided(Log([], ends, end_of_all), 3, Hurrying(), patience=25.0))


def test_a_transaction_that_outlasts_every_time_out_is_nobodys() -> None:
    with pytest.raises(Halted, match=r"open-transaction: the changelog of partition 3 .* from offset 5"):
        asyncio.run(wait_until_decided(Log([], [5], 9), 3, Hurrying(), patience=25.0))


@pytest.mark.parametrize(
    ("records", "place", "log_start", "end_of_all", "found"),
    [
        ([4], 4, 0, 10, 1),
        ([7], 4, 0, 10, 1),  # after markers, or what was undone
        ([3], 4, 0, 10, 0),
        ([], 10, 0, 10, 0),  # the log ends before it
        ([3], 4, 0, 12, 1),  # still open: the next commit decides it
        ([4], 4, 0, 12, 1),  # its own, and one that is open
        ([4, 8], 4, 0, 10, 2),  # the state knows nothing of the second
        ([4, 5, 8], 4, 0, 10, 2),  # nor of those behind it
        ([], 4, 6, 10, None),  # trimmed past it
        ([], None, 0, 10, None),  # a state from before there was such a place
    ],
)
def test_entries_are_looked_for_from_the_place_of_the_states_own_on(
    records: list[int],
    place: int | None,
    log_start: int,
    end_of_all: int,
    found: int | None,
) -> None:
    log = Log(records, [10], end_of_all, log_start)
    value = None if place is None else encode_place(place)

    assert asyncio.run(entries_since(log, value, Bounds(log_start, 10))) == found
