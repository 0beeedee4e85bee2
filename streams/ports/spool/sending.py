"""Send what a spool holds: in order, transaction by transaction, each event once."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final, Literal

from streams.contract.topics import TopicNames
from streams.ports.spool.entries import Entry
from streams.ports.spool.errors import SpoolUncertain
from streams.ports.spool.spool import Spool
from streams.ports.spool.transaction import SpoolTransaction

MOST_EVENTS: Final = 5_000
MOST_BYTES: Final = 8 << 20
# Port systems may read it, and Kafka asks for that of whoever commits a position.
KEEPER: Final = "event-refusal"

Unknown = Literal["ask", "resend", "skip"]


class Sender:
    """Sends a spool's events. After an error everything is asked of Kafka anew.

    `unknown` is what a person says of a transaction of which Kafka no longer knows whether it arrived.
    """

    def __init__(
        self,
        spool: Spool,
        bootstrap_servers: str,
        *,
        client: Mapping[str, Any] | None = None,
        unknown: Unknown = "ask",
    ) -> None:
        self._spool = spool
        self._bootstrap_servers = bootstrap_servers
        self._client = dict(client or {})
        self._unknown = unknown
        self._keeper = TopicNames(spool.position.namespace).of(KEEPER)
        self._is_certain = False

    async def send_all(self) -> AsyncIterator[int]:
        """Send until nothing waits, and yield the position after each transaction.

        Raises `OutOfReach`, `MissingTopic`, `NotSent`, `SpoolUncertain`, `SpoolUnusable`; all that is not sent then
        stays in the spool.
        """
        while self._spool.waiting:
            try:
                await self._send_some()
            except BaseException:
                self._is_certain = False
                raise
            yield self._spool.position.sent

    async def _send_some(self) -> None:
        spool = self._spool
        position = spool.position
        async with SpoolTransaction(self._bootstrap_servers, position.group, self._keeper, self._client) as transaction:
            if not self._is_certain:
                await self._ask(transaction)
                self._is_certain = True
                return
            entries = self._next()
            end = position.sent + len(entries)
            spool.move(replace(position, sending=end))
            await transaction.send(entries, end)
            spool.move(replace(position, sent=end, sending=None))

    async def _ask(self, transaction: SpoolTransaction) -> None:
        """Learn from Kafka what arrived; give it a position where it has none, so that none means forgotten."""
        spool = self._spool
        committed = await transaction.committed()
        try:
            position = spool.position.settled(committed)
        except SpoolUncertain:
            if self._unknown == "ask":
                raise
            position = spool.position.resolved(arrived=self._unknown == "skip")
        spool.move(position)
        if committed != position.sent:
            await transaction.send((), position.sent)

    def _next(self) -> list[Entry]:
        """Return the events of the next transaction: one at least, and not much more than `MOST_BYTES`."""
        entries: list[Entry] = []
        size = 0
        for entry in islice(self._spool.pending(), MOST_EVENTS):
            size += len(entry.value)
            if entries and size > MOST_BYTES:
                break
            entries.append(entry)
        return entries
