"""How batches are compressed before they are sent."""

import cramjam
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.engine.kafka.transaction import ZSTD_LEVEL

ZSTD = 4
"""Kafka's number for it, in the attributes of a batch."""
HEADER_BYTES = 61
"""What stands before a batch's records, never compressed (Kafka's message format 2)."""


def batch(compression: int) -> bytes:
    """Return the records of a batch as they go over the wire."""
    builder = BatchBuilder(512 * 1024, compression)
    for number in range(2_000):
        value = b"value %d of %d" % (number * number % 977, number)
        builder.append(timestamp=1_000, key=b"key %d" % (number * 7_919 % 1_000), value=value)
    return bytes(builder._build())[HEADER_BYTES:]


def test_batches_are_compressed_at_the_level_that_was_chosen() -> None:
    plain, sent = batch(0), batch(ZSTD)

    assert sent == bytes(cramjam.zstd.compress(plain, level=ZSTD_LEVEL))
    assert sent != bytes(cramjam.zstd.compress(plain, level=3))
