"""The world of a worker on a real Kafka and a real disk."""

import time
from pathlib import Path

from streams.engine.config import EngineConfig
from streams.engine.kafka.changelog import KafkaChangelog
from streams.engine.kafka.membership import KafkaMembership
from streams.engine.kafka.source import KafkaSource
from streams.engine.kafka.transaction import KafkaTransaction
from streams.engine.slots import Slot, claim_slot
from streams.engine.store import RocksStore, StoreMemory, delete_store
from streams.engine.world import Clock, Membership, Source, Store


class SystemClock:
    """The clocks of this machine."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def time_ms(self) -> int:
        """Return milliseconds UTC."""
        return time.time_ns() // 1_000_000


class KafkaWorld:
    """A `World` that claims a place on this machine when it is made."""

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._slot: Slot = claim_slot(config.state_dir, config.app_id)
        self._memory = StoreMemory()
        self.clock: Clock = SystemClock()

    def membership(self) -> Membership:
        """Return this worker's membership."""
        return KafkaMembership(self._config, self._slot.instance_id, self.clock)

    def source(self, partition: int) -> Source:
        """Return a reader of that partition of every source."""
        return KafkaSource(self._config, partition)

    def transaction(self, partition: int) -> KafkaTransaction:
        """Return a producer with the partition's transactional id."""
        return KafkaTransaction(self._config, partition)

    def changelog(self, partition: int) -> KafkaChangelog:
        """Return a reader of that partition of the changelog."""
        return KafkaChangelog(self._config, self._config.changelog, partition)

    def journal(self, partition: int) -> KafkaChangelog:
        """Return a reader of that partition of the journal."""
        return KafkaChangelog(self._config, self._config.journal, partition)

    def open_store(self, partition: int) -> Store:
        """Open the local store."""
        return RocksStore(self._folder(partition), self._memory)

    def discard_store(self, partition: int) -> None:
        """Delete the local store."""
        delete_store(self._folder(partition))

    def close(self) -> None:
        """Let another worker have the place."""
        self._slot.release()

    def _folder(self, partition: int) -> Path:
        return self._slot.folder / f"partition-{partition}"
