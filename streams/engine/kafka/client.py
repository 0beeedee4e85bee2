"""What all our connections to Kafka have in common, and how to let go of them whatever state they are in."""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient

from streams.engine.config import EngineConfig

_CLOSE_SECONDS = 1.0


def client_settings(config: EngineConfig, role: str) -> dict[str, Any]:
    """Return the keyword arguments that every producer and consumer takes."""
    return {
        "bootstrap_servers": config.bootstrap_servers,
        "client_id": f"{config.app_id}-{role}",
        "request_timeout_ms": int(config.budgets.request * 1000),
        **config.client,
    }


async def connected(starting: Awaitable[object]) -> None:
    """Await a client's first contact; if we are cancelled, for a moment longer.

    Cancelled in the middle, the client forgets the connection that it has just made, and leaves it open.
    """
    task = asyncio.ensure_future(starting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        task.cancel()
        raise


async def settled(closing: Awaitable[object]) -> None:
    """Await a close that may hang or fail, for a moment.

    It runs as a task of its own: some of the client's closing awaits what it cancelled, and that cancellation would
    otherwise look like ours.
    """
    task = asyncio.ensure_future(closing)
    done, _ = await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()  # seen; a close that failed has still let go


async def to_the_end(closing: Awaitable[object]) -> None:
    """Await a close that goes on to its end also when we are cancelled; it takes a moment at most."""
    await asyncio.shield(asyncio.ensure_future(closing))


async def let_go(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, which waits for the other side, and forget what it fetched and nobody took."""
    await to_the_end(_let_go(consumer))


async def _let_go(consumer: AIOKafkaConsumer) -> None:
    await settled(consumer.stop())
    await cut(consumer._client)  # noqa: SLF001 - no public way to the client
    if consumer._fetcher is not None:  # noqa: SLF001 - as above
        consumer._fetcher._records.clear()  # noqa: SLF001 - a stopped consumer is held by a circle, and this with it


async def cut(client: AIOKafkaClient) -> None:
    """Close a client's connections without waiting for the other side.

    `close()` alone waits for the peer to take what is still buffered, which a dead broker never does.
    """
    connections = list(client._conns.values())  # noqa: SLF001 - no public way to the transports
    transports = [conn._writer.transport for conn in connections if conn._writer is not None]  # noqa: SLF001 - as above
    closing = asyncio.ensure_future(client.close())
    await asyncio.sleep(0)
    for transport in transports:
        with contextlib.suppress(Exception):
            transport.abort()
    await settled(closing)
