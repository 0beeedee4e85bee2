"""The part of the producer that talks to the broker, changed where exactly-once needs it.

aiokafka repeats the request that ends a transaction after a transport error. The first one may still be on its way,
and if it arrives late it ends the *next* transaction, half written. The request that carries the offsets has the same
fault: late, it sets those of the next transaction back. So both are asked once here: no clear answer is fatal for the
producer, and the next one learns from the committed offsets what happened. Everything else may be repeated: writes
have sequence numbers, and adding something to a transaction twice adds nothing.
"""

# ruff: noqa: ANN401 - aiokafka has no types for what passes through here

import asyncio
from typing import Any

from aiokafka import errors as kafka
from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.producer.sender import AddPartitionsToTxnHandler, EndTxnHandler, Sender, TxnOffsetCommitHandler

from streams.engine.errors import CommitUnknown, Fenced

# The broker writes markers after it has answered; until then the next transaction is told to wait. Java's 20 ms and
# aiokafka's (BACKOFF_OVERRIDE) would be most of a small transaction's time.
_MARKER_BACKOFF_SECONDS = 0.004


class OnceSender(Sender):  # type: ignore[misc]  # aiokafka has no type information
    """A `Sender` that ends a transaction at most once, and can be killed."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._spawned: set[asyncio.Task[Any]] = set()

    def kill(self) -> None:
        """Cancel everything under way; for a producer whose connections are cut."""
        if self._sender_task is not None:
            self._sender_task.cancel()
        for task in self._spawned:
            task.cancel()

    def see_failures(self) -> None:
        """See what this producer tells, now or later, everybody who might have waited, and does no more."""
        note_failure(self._txn_manager._transaction_waiter)  # noqa: SLF001 - where a fatal error is put
        for batches in self._message_accumulator._batches.values():  # noqa: SLF001 - what was never sent
            for batch in batches:
                note_failure(batch.future)
                note_failure(batch._drain_waiter)  # noqa: SLF001 - as above

    def _fail_all(self, task: asyncio.Task[Any]) -> None:
        manager = self._txn_manager
        if manager._transaction_waiter is None:  # noqa: SLF001 - the client expects one even before any transaction
            manager._transaction_waiter = asyncio.get_running_loop().create_future()  # noqa: SLF001 - as above
        self.see_failures()
        super()._fail_all(task)
        self.see_failures()

    def _maybe_do_transactional_request(self) -> asyncio.Task[Any] | None:
        task: asyncio.Task[Any] | None = super()._maybe_do_transactional_request()
        if task is not None:
            self._remember(task)
        return task

    async def _send_produce_req(self, node_id: int, batches: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._remember(task)
        await super()._send_produce_req(node_id, batches)

    def _remember(self, task: asyncio.Task[Any]) -> None:
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def _do_add_partitions_to_txn(self, tps: Any) -> Any:
        node_id = await self._find_coordinator(CoordinationType.TRANSACTION, self._txn_manager.transactional_id)
        return await _PromptAddPartitions(self, tps).do(node_id)

    async def _do_txn_offset_commit(self, offsets: Any, group_id: str) -> None:
        if not offsets:
            return
        node_id = await self._find_coordinator(CoordinationType.GROUP, group_id)
        handler = TxnOffsetCommitHandler(self, offsets, group_id)
        try:
            response = await self.client.send(node_id, handler.create_request(), group=ConnectionGroup.COORDINATION)
        except kafka.KafkaError as error:
            self._txn_manager.fatal_error(_unknown("the offsets of the transaction", repr(error)))
            return
        codes = {code for _, partitions in response.errors for _, code in partitions}
        if kafka.RequestTimedOutError.errno in codes:
            self._txn_manager.fatal_error(_unknown("the offsets of the transaction", "the broker timed out"))
            return
        backoff = handler.handle_response(response)
        if backoff is not None:
            await asyncio.sleep(backoff)

    async def _do_txn_commit(self, commit_result: Any) -> None:
        await self._message_accumulator.flush_for_commit()
        manager = self._txn_manager
        if manager.is_empty_transaction():
            manager.complete_transaction()
            return
        node_id = await self._find_coordinator(CoordinationType.TRANSACTION, manager.transactional_id)
        request = EndTxnHandler(self, commit_result).create_request()
        try:
            response = await self.client.send(node_id, request, group=ConnectionGroup.COORDINATION)
        except kafka.KafkaError as error:
            manager.fatal_error(_unknown("the end of the transaction", repr(error)))
            return
        answer = kafka.for_code(response.error_code)
        if answer is kafka.NoError:
            manager.complete_transaction()
        elif answer is kafka.InvalidProducerEpoch:
            manager.fatal_error(Fenced("the broker refused to end the transaction: a newer producer exists"))
        else:
            manager.fatal_error(_unknown("the end of the transaction", answer.__name__))


class _PromptAddPartitions(AddPartitionsToTxnHandler):  # type: ignore[misc]  # aiokafka has no type information
    """Asks again quickly while the markers of the last transaction are being written."""

    def handle_response(self, resp: Any) -> float | None:
        backoff: float | None = super().handle_response(resp)
        if backoff is None or self._sender._txn_manager.txn_partitions:  # noqa: SLF001 - as the parent class does
            return backoff
        codes = {code for _, partitions in resp.errors for _, code in partitions}
        waiting = codes <= {kafka.NoError.errno, kafka.ConcurrentTransactions.errno}
        return _MARKER_BACKOFF_SECONDS if waiting else backoff


def note_failure(future: asyncio.Future[Any] | None) -> None:
    """Look at a future's exception, now or when it comes, so that nobody is warned that no one did."""
    if future is not None:
        future.add_done_callback(lambda done: done.cancelled() or done.exception())


def _unknown(what: str, detail: str) -> CommitUnknown:
    return CommitUnknown(f"no clear answer to {what}: {detail}")
