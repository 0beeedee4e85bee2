"""What can go wrong in the engine, and the one function that sorts every exception into its kind.

EngineError
├── ConfigurationError    a setting, topic or permission is wrong: the worker ends with one sentence
├── Halted                one partition must not go on by itself; names the repair
├── OversizedRecord, RecordFailed, Unencodable
│                         the processor did what it must not do: a bug
└── TransientFault        start again from the last commit
    ├── Fenced            another producer has this partition's transactional id
    ├── CommitUnknown     the end of a transaction was asked for, and no answer came
    └── StoreFault        the local store cannot be used now
        └── StoreDamaged  what it holds is not what was written: it is discarded and built again
"""

import asyncio
from enum import Enum
from typing import Final

from aiokafka import errors as kafka


class EngineError(Exception):
    """Base of all errors of the engine."""


class ConfigurationError(EngineError):
    """Something outside the program must be changed first; the text is one sentence for a person."""


class Halted(EngineError):  # noqa: N818 - a state that the partition is put into
    """The partition stops here until a person decides.

    `reason` is a short kebab-case word, `repair` the command that helps. `topic` and `offset` name the record,
    where one is to blame. `durable` halts are written to the changelog, so that the next owner does not repeat
    what led here; the others are found again by every owner that looks.
    """

    def __init__(  # noqa: PLR0913 - all but three are by keyword
        self, reason: str, detail: str, repair: str, *, topic: str = "", offset: int = -1, durable: bool = False
    ) -> None:
        super().__init__(f"{reason}: {detail} ({repair})")
        self.reason = reason
        self.detail = detail
        self.repair = repair
        self.topic = topic
        self.offset = offset
        self.durable = durable


class OversizedRecord(EngineError):  # noqa: N818 - it names the record's fault
    """A key and value that together pass the configured bound, found before anything was sent."""


class TransientFault(EngineError):  # noqa: N818 - a condition, not a mistake
    """The world is slow or gone; the same work is done again from the last commit."""


class Fenced(TransientFault):
    """The broker refused this producer: a newer one has its transactional id, or its transaction timed out."""


class CommitUnknown(TransientFault):
    """The answer to the request that ends a transaction was lost; the committed offsets will tell."""


class StoreFault(TransientFault):
    """The local store cannot be opened, or the disk refuses to write."""


class StoreDamaged(StoreFault):
    """What the local store holds is not what was written to it; the changelog has it right."""


class RecordFailed(EngineError):  # noqa: N818 - carries the bug, is not one
    """The processor raised what it must not raise; the cause is chained, the record is named with its key."""

    def __init__(self, topic: str, offset: int, key: bytes | None = None) -> None:
        super().__init__(f"the processor failed at {topic} offset {offset}")
        self.topic = topic
        self.offset = offset
        self.key = key


class Unencodable(EngineError):  # noqa: N818 - it names the batch's fault
    """Something that the processor put or sent cannot be written; the cause is chained.

    Which record of the batch is to blame is only known when it is taken alone.
    """


class Kind(Enum):
    """What is done about an exception that ended a task's work."""

    TRANSIENT = "transient"
    FENCED = "fenced"
    HALT = "halt"
    CONFIGURATION = "configuration"
    BUG = "bug"


_FENCED: Final = (
    Fenced,
    kafka.ProducerFenced,
    kafka.InvalidProducerEpoch,
    kafka.TransactionCoordinatorFenced,
)

_CONFIGURATION: Final = (
    ConfigurationError,
    kafka.AuthenticationFailedError,
    kafka.AuthenticationMethodNotSupported,
    kafka.ClusterAuthorizationFailedError,
    kafka.DelegationTokenAuthDisabled,
    kafka.DelegationTokenAuthorizationFailed,
    kafka.DelegationTokenExpired,
    kafka.DelegationTokenNotFound,
    kafka.DelegationTokenOwnerMismatch,
    kafka.DelegationTokenRequestNotAllowed,
    kafka.GroupAuthorizationFailedError,
    kafka.IllegalSaslStateError,
    kafka.IncompatibleBrokerVersion,
    kafka.InconsistentGroupProtocolError,
    kafka.InvalidConfigurationError,
    kafka.InvalidGroupIdError,
    kafka.InvalidPartitionsError,
    kafka.InvalidPrincipalType,
    kafka.InvalidReplicationAssignmentError,
    kafka.InvalidReplicationFactorError,
    kafka.InvalidRequiredAcksError,
    kafka.InvalidSessionTimeoutError,
    kafka.InvalidTopicError,
    kafka.InvalidTransactionTimeout,
    kafka.KafkaConfigurationError,
    kafka.PolicyViolationError,
    kafka.SaslAuthenticationFailed,
    kafka.SecurityDisabled,
    kafka.TopicAuthorizationFailedError,
    kafka.TransactionalIdAuthorizationFailed,
    kafka.UnrecognizedBrokerVersion,
    kafka.UnsupportedCodecError,
    kafka.UnsupportedForMessageFormatError,
    kafka.UnsupportedSaslMechanismError,
    kafka.UnsupportedVersionError,
)

# Our own misuse of the client, or bytes that no broker will ever take: repeating it changes nothing.
_BUG: Final = (
    OversizedRecord,
    RecordFailed,
    Unencodable,
    kafka.IllegalArgumentError,
    kafka.IllegalOperation,
    kafka.IllegalStateError,
    kafka.InvalidTimestampError,
    kafka.MessageSizeTooLargeError,
    kafka.NoOffsetForPartitionError,
    kafka.OffsetMetadataTooLargeError,
    kafka.InvalidCommitOffsetSizeError,
    kafka.RecordListTooLargeError,
    kafka.RecordTooLargeError,
)

# An offset that is out of range is not here: the next start compares positions with the logs and says what is wrong.
_HALT: Final = (Halted, kafka.CorruptRecordException)


def kind_of(error: BaseException) -> Kind:  # noqa: PLR0911 - one line for each kind, in order
    """Sort any exception into what is done about it; every class of the Kafka client is decided in a test.

    What the client raises beside the lists above is a passing condition of network or broker: repeating is right,
    because nothing of the failed transaction is visible. Anything that is neither from the client nor from the
    operating system is a bug of ours.
    """
    if isinstance(error, _FENCED):
        return Kind.FENCED
    if isinstance(error, _HALT):
        return Kind.HALT
    if isinstance(error, _CONFIGURATION):
        return Kind.CONFIGURATION
    if isinstance(error, _BUG):
        return Kind.BUG
    if isinstance(error, (TransientFault, kafka.KafkaError, kafka.ConsumerStoppedError, OSError, TimeoutError)):
        return Kind.TRANSIENT
    if isinstance(error, asyncio.IncompleteReadError):
        return Kind.TRANSIENT
    return Kind.BUG


def told(error: BaseException) -> str:
    """Return an exception in one line: its class, and its text where it has one; the client puts both into the text."""
    name, text = type(error).__name__, " ".join(str(error).split())
    return text if text.startswith((name, "[Error ")) else f"{name}: {text}" if text else name
