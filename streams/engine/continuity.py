"""See, before anything is built on it, that Kafka has what it said it had committed.

A transaction ends in each partition by a marker of its own. Where the broker forgets one, as Kafka 4.3 and 4.4 do
while a partition has no leader (KAFKA-20734), the records there stay undecided, and the end of the producer's *next*
transaction decides them too: an undone one undoes with it what was committed. Nobody is told. So a task that starts
looks for what such a loss leaves behind: a transaction that is open although nobody has it, and a state that goes on
from a transaction of which the journal knows nothing. And for what a changelog leaves behind that lost its end, or is
an old copy: a state of which the journal knows more.
"""

import asyncio
from typing import Final

from streams.engine.errors import Halted
from streams.engine.world import Bounds, Changelog, Clock

JOURNAL_KEY: Final = b"m/journal"
"""Where in the journal, at the earliest, the entry is that was committed together with the state that holds this."""

_POLL_SECONDS: Final = 0.2
_READ_SECONDS: Final = 0.05
_TOO_MANY: Final = 2


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


async def entries_since(journal: Changelog, place: bytes | None, bounds: Bounds) -> int | None:
    """Count the entries of the journal from `place` on (the value of `m/journal`), two at most.

    There is one: that of the state's own last transaction, committed or about to be. One that is undecided, where the
    state is not, is committed with the next one. None, for nothing can be said, where the state holds no place, being
    older than that, or where the journal was trimmed to it.
    """
    if place is None or int(place) < bounds.start:
        return None
    at, found = int(place), 0
    journal.seek(at)
    while at < bounds.end and found < _TOO_MANY:
        chunk = await journal.read(_READ_SECONDS)
        found += len(chunk.changes)
        at = chunk.next_offset
    if not found:
        return int(bounds.end < await journal.end_of_all())
    return min(found, _TOO_MANY)


def lost_entry(partition: int, journal: str, place: bytes) -> Halted:
    """Return the halt of a partition whose journal lacks what its state was committed with."""
    return Halted(
        "entry-lost",
        f"the state of partition {partition} was committed with an entry of {journal} from offset {int(place)} on, and "
        "none is there: the broker lost that transaction, or a part of it",
        f"find out by `cee replay` what is missing, then resume partition {partition}",
    )


def state_behind(partition: int, journal: str, place: bytes) -> Halted:
    """Return the halt of a partition whose journal has more than its state."""
    return Halted(
        "state-behind",
        f"{journal} has more entries from offset {int(place)} on than the one that the state of partition {partition} "
        "was committed with: the changelog lost its end, or is an old copy, and records would be processed twice",
        f"restore the changelog, then resume partition {partition}",
    )
