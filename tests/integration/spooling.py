"""A port system for tests: keeps events in a spool, says which, and dies where it is told to.

    python -m tests.integration.spooling FOLDER SERVERS NAMESPACE FIRST LAST WHERE

Prints the number of each event as soon as it is acknowledged. WHERE names the step at which the process kills itself
with SIGKILL; `nowhere` lets it end.
"""

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from streams.ports.spool.publisher import Kept, SpoolingPublisher
from streams.ports.spool.segments import Appender
from streams.ports.spool.spool import Spool

IMPORTERS: Final = 5


def paid(number: int) -> dict[str, Any]:
    """Return an event as a JSON line holds it."""
    return {
        "event_type": "entry_summary_paid",
        "event_id": str(uuid.UUID(int=number)),
        "event_time": "2026-09-01T12:00:00Z",
        "source": "2720",
        "entry_number": "B7603245278",
        "importer_of_record": f"12-{number % IMPORTERS:07d}00",
        "paid_on": "2026-09-01",
        "amount_cents": number,
    }


def die(*_: object) -> None:
    """End as a power failure would."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: type, method: str, wanted: Callable[..., bool] = lambda *_: True) -> None:
    """Die before a method is called."""
    original = getattr(owner, method)

    def dying(self: object, *arguments: Any) -> Any:
        if wanted(*arguments):
            die()
        return original(self, *arguments)

    setattr(owner, method, dying)


def after(owner: type, method: str) -> None:
    """Die after a method."""
    original = getattr(owner, method)

    def dying(self: object, *arguments: Any) -> None:
        original(self, *arguments)
        die()

    setattr(owner, method, dying)


def after_commit() -> None:
    """Die when a transaction with events is committed, before that is noted."""
    before(Spool, "move", lambda position: position.sending is None and position.sent > 0)


STEPS: Final[dict[str, Callable[[], None]]] = {
    "nowhere": lambda: None,
    "kept, not acknowledged": lambda: after(Appender, "append"),
    "transaction noted": lambda: before(
        AIOKafkaProducer, "send_offsets_to_transaction", lambda offsets, _: not any(offsets.values())
    ),
    "events sent": lambda: before(
        AIOKafkaProducer, "send_offsets_to_transaction", lambda offsets, _: any(offsets.values())
    ),
    "position sent": lambda: before(AIOKafkaProducer, "commit_transaction"),
    "committed": after_commit,
}


async def main(folder: str, servers: str, namespace: str, first: int, last: int) -> None:
    """Keep events one by one, and send them."""
    async with SpoolingPublisher(Path(folder), servers, namespace=namespace) as publisher:
        async for outcome in publisher.publish_many(paid(number) for number in range(first, last)):
            assert isinstance(outcome, Kept)
            print(first + outcome.position, flush=True)  # noqa: T201 - this is how the test learns of it


if __name__ == "__main__":
    STEPS[sys.argv[6]]()
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
