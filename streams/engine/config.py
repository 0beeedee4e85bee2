"""How one application runs on the engine: names, bounds and budgets, all frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.engine.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class DeadLetterLimits:
    """How many dead letters are bad luck; beyond, the partition halts and commits nothing of that batch.

    `max_share` (0..1) is taken over the last `window_records`, and only once `min_records` were seen.
    """

    max_consecutive: int = 500
    max_share: float = 0.1
    window_records: int = 10_000
    min_records: int = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes: of a transaction, a batch on the wire, a record, a cache. Bytes are of key and value, uncompressed.

    `record_bytes` bounds an output; beyond it a dead letter is cut. Topics are bounded after compression, so an
    output may well be larger than the record that it follows from. `state_bytes` bounds one value of the state.
    With more than `held_accounts` of them held, it is not the accounts that are ill: the partition halts.
    """

    batch_records: int = 2_000
    batch_bytes: int = 4 * 1024 * 1024
    wire_batch_bytes: int = 512 * 1024
    record_bytes: int = 4 * 1024 * 1024
    state_bytes: int = 900_000
    cached_values: int = 100_000
    attempts_at_one_offset: int = 3
    held_accounts: int = 20
    decide_chunk: int = 250
    dead_letters: DeadLetterLimits = field(default_factory=DeadLetterLimits)


@dataclass(frozen=True, slots=True)
class Budgets:
    """Times in seconds. The broker must allow the session (`group.min.session.timeout.ms`, 6 s by default)."""

    session: float = 10.0
    heartbeat: float = 1.0
    rebalance: float = 30.0
    request: float = 5.0
    transaction: float = 15.0
    transaction_timeout: float = 30.0
    start: float = 30.0
    revoke: float = 5.0
    stop: float = 9.0
    idle_poll: float = 0.2
    idle_commit: float = 1.0
    punctuate: float = 5.0
    halted_poll: float = 2.0
    not_ready: float = 2.0
    backoff_first: float = 0.2
    backoff_most: float = 5.0
    fence_window: float = 60.0
    stall: float = 300.0
    store_age: float = 3 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Everything the engine is told about the application that it hosts.

    `sources` all have the same number of partitions, as have `changelog`, `journal`, `dead_letter` and
    `outputs`; this is checked at start. `outputs` names the topics that the processor sends to, for that check.
    `common_keys` are record keys that belong to no account: what is published under them concerns all of a partition.
    `client` holds further keyword arguments of the Kafka client (security).
    """

    app_id: str
    bootstrap_servers: str
    sources: tuple[str, ...]
    changelog: str
    journal: str
    dead_letter: str
    state_dir: Path
    outputs: tuple[str, ...] = ()
    common_keys: frozenset[bytes] = frozenset()
    compression: str | None = "zstd"
    limits: Limits = field(default_factory=Limits)
    budgets: Budgets = field(default_factory=Budgets)
    client: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would only fail later.

        Raises `ConfigurationError`.
        """
        if not self.sources:
            message = "an application needs at least one source topic"
            raise ConfigurationError(message)
        if len(set(self.sources)) != len(self.sources):
            message = f"a source topic is named twice: {', '.join(self.sources)}"
            raise ConfigurationError(message)
        if self.limits.batch_records < 1:
            message = "a batch holds at least one record"
            raise ConfigurationError(message)

    def transactional_id(self, partition: int) -> str:
        """Name the producer of a partition; the broker lets only its newest holder write."""
        return f"{self.app_id}-{partition}"
