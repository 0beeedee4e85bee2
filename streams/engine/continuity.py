"""See, before anything is built on it, that Kafka has what it said it had committed.

A transaction ends in each partition by a marker of its own. Where the broker forgets one, as Kafka 4.3 and 4.4 do
while a partition has no leader (KAFKA-20734), the records there stay undecided, and the end of the producer's *next*
transaction decides them too: an undone one undoes with it what was committed. Nobody is told. So a task that starts
looks for what such a loss leaves behind: a transaction that is open although nobody has it, and a state that goes on
from a transaction of which the journal knows nothing.
"""

import asyncio
from typing import Final

from streams.engine.errors import Halted
from streams.engine.world import Bounds, Changelog, Clock

JOURNAL_KEY: Final = b"m/journal"
"""Where in the journal, at the earliest, the entry is that was committed together with the state that holds this."""

_POLL_SECONDS: Final = 0.2
_READ_SECONDS: Final = 0.05


def encode_place(offset: int) -> bytes:
    """Return the value of `m/journal`."""
    return b"%d" % offset


async def wait_until_decided(changelog: Changelog, partition: int, clock: Clock, patience: float) -> None:
    """Return once no transaction is open in a changelog.

    The holder of the transactional id asks, so that none should be. The next holder's may be, until it fences us; but
    one that outlasts every transaction's time-out (`patience` seconds) is nobody's. Raises `Halted` for that.
    """
    end = (await changelog.bounds()).end
    since = clock.monotonic()
    while end < await changelog.end_of_all():
        if clock.monotonic() - since > patience:
            raise Halted(
                "open-transaction",
                f"the changelog of partition {partition} has an open transaction from offset {end} on that is "
                "nobody's: the broker ended it without its marker",
                f"if its outputs were published, resume partition {partition}: that commits it here too; "
                "if not, undo it with Kafka's tool (kafka-transactions abort)",
            )
        await asyncio.sleep(_POLL_SECONDS)
        before, end = end, (await changelog.bounds()).end
        if end != before:
            since = clock.monotonic()


async def has_entry(journal: Changelog, place: bytes | None, bounds: Bounds) -> bool:
    """Whether the journal holds an entry from `place` on (the value of `m/journal`), committed or about to be.

    One that is undecided, where the state is not, is committed with the next one. Nothing can be said where the state
    holds no place, being older than that, or where the journal was trimmed to it.
    """
    if place is None or int(place) < bounds.start:
        return True
    at = int(place)
    journal.seek(at)
    while at < bounds.end:
        chunk = await journal.read(_READ_SECONDS)
        if chunk.changes:
            return True
        at = chunk.next_offset
    return bounds.end < await journal.end_of_all()


def lost_entry(partition: int, journal: str, place: bytes) -> Halted:
    """Return the halt of a partition whose journal lacks what its state was committed with."""
    return Halted(
        "entry-lost",
        f"the state of partition {partition} was committed with an entry of {journal} from offset {int(place)} on, and "
        "none is there: the broker lost that transaction, or a part of it",
        f"find out by `cee replay` what is missing, then resume partition {partition}",
    )
