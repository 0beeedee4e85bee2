"""Lines of a pipe come as they are written, and waiting for them can be ended."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from streams.ports.arrivals import Arrival, Arrivals
from streams.ports.pipe import MOST_LINE_BYTES, Pipe


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Open a pipe."""
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_a_line_comes_before_the_next_one_is_written(ends: tuple[int, int]) -> None:
    reading, writing = ends

    async def read() -> list[bytes]:
        lines = Pipe(reading).lines()
        os.write(writing, b"one\ntwo")
        seen = [await anext(lines)]
        os.write(writing, b"\nthree\n")
        seen += [await anext(lines), await anext(lines)]
        os.write(writing, b"\nfour")
        os.close(writing)
        return seen + [line async for line in lines]

    assert asyncio.run(read()) == [b"one", b"two", b"three", b"", b"four"]


def lines_while(send: Callable[[], None], reading: int) -> list[bytes]:
    """Return the lines that come while another thread sends them."""

    async def read() -> list[bytes]:
        sending = asyncio.create_task(asyncio.to_thread(send))
        seen = [line async for line in Pipe(reading).lines()]
        await sending
        return seen

    return asyncio.run(read())


def test_much_more_than_a_chunk_arrives_whole(ends: tuple[int, int]) -> None:
    reading, writing = ends
    expected = [str(number).encode() * 50 for number in range(5000)]

    def send() -> None:
        for line in expected:
            os.write(writing, line + b"\n")
        os.close(writing)

    assert lines_while(send, reading) == expected


def test_of_a_line_that_is_much_too_long_the_beginning_comes_and_the_next_line_whole(ends: tuple[int, int]) -> None:
    reading, writing = ends

    def send() -> None:
        with os.fdopen(writing, "wb", closefd=False) as pipe:
            pipe.write(b"first\n" + b"x" * (MOST_LINE_BYTES + 2_000_000) + b"\nlast")
        os.close(writing)

    first, cut, last = lines_while(send, reading)

    assert (first, last) == (b"first", b"last")
    assert MOST_LINE_BYTES < len(cut) < MOST_LINE_BYTES + 2_000_000


def test_ending_ends_the_wait_for_a_line(ends: tuple[int, int]) -> None:
    reading, writing = ends
    pipe = Pipe(reading)

    async def read() -> list[bytes]:
        asyncio.get_running_loop().call_later(0.1, pipe.end)
        return [line async for line in pipe.lines()]

    assert asyncio.run(asyncio.wait_for(read(), 10)) == []
    os.close(writing)


def test_a_list_is_at_hand_and_ends() -> None:
    async def take() -> list[object]:
        arrivals = Arrivals(["a", "b"])
        return [await arrivals.next((), None) for _ in range(3)]

    assert asyncio.run(take()) == ["a", "b", Arrival.END]


def test_a_slow_source_lets_others_go_first() -> None:
    async def take() -> list[object]:
        released = asyncio.Event()

        async def source() -> AsyncIterator[str]:
            await released.wait()
            yield "a"

        other = asyncio.get_running_loop().create_future()
        arrivals = Arrivals(source())
        seen: list[object] = [await arrivals.next([other], 0.01)]
        other.set_result(None)
        seen.append(await arrivals.next([other], None))
        released.set()
        seen.extend([await arrivals.next((), None), await arrivals.next((), None)])
        await arrivals.close()
        return seen

    assert asyncio.run(take()) == [Arrival.LATER, Arrival.LATER, "a", Arrival.END]
