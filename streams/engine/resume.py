"""Lets a halted partition go on, or a held account, from wherever a person is.

The wish is a record of the changelog itself, written in a transaction with the partition's own transactional id. So
it needs neither a topic of its own nor a running worker, it is there for whoever owns the partition next, and no
other producer can write in between. The task that stands still sees the changelog's end move, and starts again.
"""

from streams.engine.config import EngineConfig
from streams.engine.halt import RESUME_KEY, encode_resume
from streams.engine.held import release_wish
from streams.engine.surroundings import within
from streams.engine.transaction import Plan, execute
from streams.engine.world import Change, Clock, Transaction


async def ask_to_resume(
    config: EngineConfig,
    transaction: Transaction,
    clock: Clock,
    partition: int,
    dead_letter_offset: int | None,
) -> None:
    """Write the wish to go on; the partition's owner follows it within seconds.

    `dead_letter_offset` must be the offset at which the partition halted: that record becomes a dead letter instead
    of being processed. A partition that is not halted starts again from its last commit, and nothing else happens.
    """
    await _wish(config, transaction, clock, partition, (RESUME_KEY, encode_resume(dead_letter_offset)))


async def ask_to_release(
    config: EngineConfig, transaction: Transaction, clock: Clock, partition: int, key: bytes
) -> None:
    """Write the wish to process what waits of a held account (its record key); the owner follows it within seconds.

    If the processor fails again, the account stays held with all that still waits. One that is not held, or a wish
    written twice, changes nothing.
    """
    await _wish(config, transaction, clock, partition, release_wish(key))


async def _wish(config: EngineConfig, transaction: Transaction, clock: Clock, partition: int, change: Change) -> None:
    plan = Plan(
        outputs={},
        offsets={},
        changelog=(config.changelog, partition),
        changes=[(*change, ())],
        journal=(config.journal, partition),
        entry=None,
    )
    try:
        await within(config.budgets.start, transaction.start)
        await execute(transaction, plan, clock, config.budgets.transaction)
    finally:
        await transaction.close()


async def resume(config: EngineConfig, partition: int, dead_letter_offset: int | None = None) -> None:
    """Ask on a real Kafka; for a command that runs beside the workers.

    Raises what `errors.kind_of` sorts: `ConfigurationError` is not among it, an unreachable broker is a
    `KafkaConnectionError`.
    """
    # Only here, so that the simulator does not need the broker client.
    from streams.engine.kafka.transaction import KafkaTransaction  # noqa: PLC0415 - see above
    from streams.engine.kafka.world import SystemClock  # noqa: PLC0415 - see above

    transaction = KafkaTransaction(config, partition)
    await ask_to_resume(config, transaction, SystemClock(), partition, dead_letter_offset)


async def release(config: EngineConfig, partition: int, key: bytes) -> None:
    """Ask on a real Kafka to release a held account, as `resume` does for a partition."""
    # Only here, as above.
    from streams.engine.kafka.transaction import KafkaTransaction  # noqa: PLC0415 - see above
    from streams.engine.kafka.world import SystemClock  # noqa: PLC0415 - see above

    await ask_to_release(config, KafkaTransaction(config, partition), SystemClock(), partition, key)
