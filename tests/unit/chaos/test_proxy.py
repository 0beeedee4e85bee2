"""The proxy passes what it is given, and breaks connections in the way it is told."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from streams.chaos.proxy import Proxy
from streams.local.broker import free_port

Echo = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PATIENCE = 10.0
OPEN: list[asyncio.StreamWriter] = []


def through_a_proxy(body: Callable[[Proxy], Awaitable[None]]) -> None:
    """Run a test with a proxy in front of a server that says back what it hears."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(1000):
                writer.write(chunk)
        writer.close()

    async def test() -> None:
        port, target = free_port(), free_port()
        server = await asyncio.start_server(echo, "127.0.0.1", target)
        proxy = Proxy(port, target)
        await proxy.start()
        try:
            await body(proxy)
        finally:
            await let_go()
            await proxy.close()
            server.close()

    asyncio.run(test())


async def let_go() -> None:
    """Close what the test has opened."""
    while OPEN:
        writer = OPEN.pop()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def connect(proxy: Proxy) -> Echo:
    echo = await asyncio.open_connection("127.0.0.1", proxy.port)
    OPEN.append(echo[1])
    return echo


async def ask(echo: Echo, words: bytes) -> bytes:
    echo[1].write(words)
    return await asyncio.wait_for(echo[0].readexactly(len(words)), PATIENCE)


def test_a_proxy_passes_bytes_both_ways() -> None:
    async def body(proxy: Proxy) -> None:
        echo = await connect(proxy)
        assert await ask(echo, b"entry") == b"entry"

    through_a_proxy(body)


def test_the_last_words_of_a_side_that_closes_still_arrive() -> None:
    async def test() -> None:
        async def say_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            writer.write(b"goodbye " * 50_000)
            writer.close()

        port, target = free_port(), free_port()
        server = await asyncio.start_server(say_goodbye, "127.0.0.1", target)
        proxy = Proxy(port, target)
        proxy.slow(0.05)
        await proxy.start()
        echo = await connect(proxy)
        echo[1].write(b"hello")
        assert await asyncio.wait_for(echo[0].read(), PATIENCE) == b"goodbye " * 50_000
        await let_go()
        await proxy.close()
        server.close()

    asyncio.run(test())


def test_a_slow_network_takes_its_time_in_both_directions_and_keeps_the_order() -> None:
    async def body(proxy: Proxy) -> None:
        proxy.slow(0.1)
        echo = await connect(proxy)
        started = time.monotonic()
        echo[1].write(b"one ")
        await asyncio.sleep(0)
        assert await ask(echo, b"two") == b"one"
        assert time.monotonic() - started >= 0.2

    through_a_proxy(body)


def test_a_cut_network_resets_what_is_open_and_what_is_new_and_heals() -> None:
    async def body(proxy: Proxy) -> None:
        echo = await connect(proxy)
        await ask(echo, b"entry")
        proxy.cut()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await ask(echo, b"gone")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await ask(await connect(proxy), b"gone")
        proxy.heal()
        assert await ask(await connect(proxy), b"back") == b"back"

    through_a_proxy(body)


def test_a_half_open_connection_says_nothing_even_after_the_network_has_healed() -> None:
    async def body(proxy: Proxy) -> None:
        old = await connect(proxy)
        await ask(old, b"entry")
        proxy.silence()
        old[1].write(b"swallowed")
        proxy.heal()
        new = await connect(proxy)
        assert await ask(new, b"back") == b"back"
        old[1].write(b"swallowed too")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(old[0].read(1), 0.3)

    through_a_proxy(body)


def test_a_broker_that_is_away_is_a_reset_connection() -> None:
    async def test() -> None:
        proxy = Proxy(free_port(), free_port())
        await proxy.start()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await ask(await connect(proxy), b"anyone?")
        await let_go()
        await proxy.close()

    asyncio.run(test())
