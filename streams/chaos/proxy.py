"""A small TCP proxy between a worker and its broker, for the faults of a network."""

import asyncio
import contextlib
import time
from typing import Final

_CHUNK_BYTES: Final = 64 * 1024
# What may be under way in one direction while the network is slow.
_CHUNKS_UNDER_WAY: Final = 64


class Proxy:
    """Passes bytes on both ways, until told to be slow, to cut all connections, or to swallow everything.

    It must run on the loop on which it was started. What is accepted while the network is cut is closed at once.
    """

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target_port = target_port
        self._delay = 0.0
        self._is_cut = False
        self._is_silent = False
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()

    async def start(self) -> None:
        """Listen on loopback."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        if self._server is not None:
            self._server.close()
        self._drop()
        for link in list(self._links):
            await link.ended.wait()

    def slow(self, seconds: float) -> None:
        """Let everything take so much longer from now on, in each direction."""
        self._delay = seconds

    def cut(self) -> None:
        """Reset all connections, and refuse new ones."""
        self._is_cut = True
        self._drop()

    def silence(self) -> None:
        """Swallow everything without a word: nobody is told, the connections stay half open."""
        self._is_silent = True
        for link in self._links:
            link.is_silent = True

    def heal(self) -> None:
        """Let new connections pass again. What was half open stays so: the other side has long forgotten it."""
        self._delay = 0.0
        self._is_cut = self._is_silent = False

    def _drop(self) -> None:
        for link in self._links:
            link.abort()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            to_broker = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()  # the broker is away
            return
        link = _Link(writer, to_broker[1])
        link.is_silent = self._is_silent
        self._links.add(link)
        pumps = (
            asyncio.ensure_future(self._pump(reader, to_broker[1], link)),
            asyncio.ensure_future(self._pump(to_broker[0], writer, link)),
        )
        try:
            # A side that ends takes the other with it, unless nobody is to hear of it.
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            while link.is_silent and not link.is_aborted:
                await asyncio.sleep(0.2)
                if pumps[0].done():
                    break  # the worker has given this connection up
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.wait(pumps)
            link.close()
            self._links.discard(link)
            link.ended.set()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: "_Link") -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_CHUNKS_UNDER_WAY)
        arriving = asyncio.ensure_future(_arrive(under_way, writer, link))
        try:
            with contextlib.suppress(OSError):
                while chunk := await reader.read(_CHUNK_BYTES):
                    await under_way.put((time.monotonic() + self._delay, chunk))
            await under_way.put((time.monotonic() + self._delay, b""))  # what is under way still arrives
            await arriving
        finally:
            arriving.cancel()
            await asyncio.wait({arriving})


class _Link:
    """One connection: the worker's side and the broker's."""

    def __init__(self, worker: asyncio.StreamWriter, broker: asyncio.StreamWriter) -> None:
        self._sides = (worker, broker)
        self.is_silent = False
        self.is_aborted = False
        self.ended = asyncio.Event()

    def close(self) -> None:
        """End both sides as they would have ended by themselves; what was written still goes out."""
        for side in self._sides:
            if not self.is_aborted:
                side.close()

    def abort(self) -> None:
        """Reset both sides."""
        self.is_aborted = True
        for side in self._sides:
            side.transport.abort()


async def _arrive(under_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter, link: _Link) -> None:
    """Write each chunk when it is due, up to an empty one; order is kept."""
    chunk = b"not yet"
    with contextlib.suppress(OSError):
        while chunk:
            due, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if chunk and not link.is_silent:
                writer.write(chunk)
                await writer.drain()
