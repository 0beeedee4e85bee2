"""Read a pipe line by line without holding up what else is under way."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

CHUNK_BYTES: Final = 1 << 16
CHUNKS_AHEAD: Final = 4
MOST_LINE_BYTES: Final = 16 * 1024 * 1024


class Pipe:
    """The lines of a pipe as they come; `end` ends them, also while none comes.

    Read by a thread of its own, which dies with the process: reading a terminal cannot be interrupted otherwise.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(CHUNKS_AHEAD)
        self._ended = False

    def end(self) -> None:
        """Give no more lines."""
        self._ended = True
        self._chunks.put_nowait(b"")

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield the lines without their breaks; of one that is longer than `MOST_LINE_BYTES` its beginning alone."""
        reader = threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True)
        reader.start()
        left, is_cut = b"", False
        while not self._ended and (chunk := await self._chunks.get()):
            self._room.release()
            *lines, left = (left + chunk).split(b"\n")
            for line in lines:
                if not is_cut:
                    yield line
                is_cut = False
            if is_cut or len(left) > MOST_LINE_BYTES:
                if not is_cut:
                    yield left
                left, is_cut = b"", True
        if left and not self._ended:
            yield left

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand chunks to the loop, waiting while it has enough; an empty one is the end."""
        chunk = b"-"
        # A loop that was closed meanwhile takes no more.
        with suppress(RuntimeError, OSError):
            while chunk and not self._ended:
                self._room.acquire()
                chunk = os.read(self._descriptor, CHUNK_BYTES)
                loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)
