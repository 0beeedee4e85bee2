"""Which record goes to which partition: account keys, and Kafka's own hash of them.

The golden table for other languages is `schemas/golden-keys.json`.
"""

import re
from functools import lru_cache
from struct import Struct
from typing import Final

_IRS_BASE: Final = re.compile(r"[0-9]{2}-[0-9]{7}")
_BASE_LENGTH: Final = 10

RULES_KEY: Final = b"rules"
"""What concerns all accounts is published under it, to every partition."""

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_R: Final = 24
_MASK: Final = 0xFFFFFFFF
_WORD: Final = Struct("<I")


def account_key(importer_number: str) -> str:
    """Return the name of an importer's account: all suffixes of an IRS number share it.

    Takes a number in its normal form: `12-345678900` gives `12-3456789`; social security and CBP assigned numbers
    are accounts of their own. Any other text comes back unchanged; validation is the models' affair.
    """
    return importer_number[:_BASE_LENGTH] if _IRS_BASE.match(importer_number) else importer_number


def inquiry_key(number: str) -> str:
    """Return the key of an inquiry or claim whose importer nobody knows."""
    return f"inquiry:{number}"


def murmur2(data: bytes) -> int:
    """Return the unsigned 32-bit hash by which Kafka's Java client chooses partitions.

    Source: org.apache.kafka.common.utils.Utils.murmur2. The usual key has ten bytes and takes two rounds.
    """
    length = len(data)
    whole = length & ~3
    value = _SEED ^ length
    for (word,) in _WORD.iter_unpack(data[:whole]):
        mixed = word * _M & _MASK
        value = value * _M & _MASK ^ (mixed ^ mixed >> _R) * _M & _MASK
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * _M & _MASK
    value = (value ^ value >> 13) * _M & _MASK
    return value ^ value >> 15


@lru_cache(maxsize=65_536)
def partition_for(key: bytes, partitions: int) -> int:
    """Return the partition that Java's default partitioner, and ours, gives a key; `partitions` is at least 1."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
