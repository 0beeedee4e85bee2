"""The codec that a Center's programs use: with a registry or without."""

import asyncio

from streams.centers.errors import OutOfReach
from streams.contract.codec import Codec
from streams.contract.errors import RegistryError
from streams.contract.registered import open_codec


async def codec_of(registry: str) -> Codec:
    """Return the codec of a registry, or the plain one for "". Raises `OutOfReach`."""
    try:
        return await asyncio.to_thread(open_codec, registry)
    except RegistryError as error:
        raise OutOfReach(str(error)) from error
