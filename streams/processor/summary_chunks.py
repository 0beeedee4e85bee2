"""How an entry summary is kept: as it came, in chunks of at most 32 KiB, so that no record grows with its lines.

The first chunk begins with version (1), number of chunks, and whether the whole is compressed (0 no, 1 zlib);
the others are bare. Small summaries are kept as they are: the store and the changelog compress by the batch.
"""

import zlib
from typing import Final

CHUNK: Final = 32 * 1024 - 3
_WORTH_COMPRESSING: Final = 4 * 1024
_VERSION: Final = 1


def packed(body: bytes) -> list[bytes]:
    """Return a summary as chunks."""
    compress = len(body) > _WORTH_COMPRESSING
    data = zlib.compress(body, 1) if compress else body
    if len(data) <= CHUNK:
        return [bytes((_VERSION, 1, compress)) + data]
    rest = [data[at : at + CHUNK] for at in range(CHUNK, len(data), CHUNK)]
    return [bytes((_VERSION, len(rest) + 1, compress)) + data[:CHUNK], *rest]


def chunks_of(first: bytes) -> int:
    """Return how many chunks a summary has, from its first one."""
    return first[1]


def unpacked(chunks: list[bytes]) -> bytes:
    """Return the summary that all its chunks hold."""
    first = chunks[0]
    assert first[0] == _VERSION, "one layout was ever written"
    data = b"".join([first[3:], *chunks[1:]])
    return zlib.decompress(data) if first[2] else data
