"""Every exception has a kind."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest
from aiokafka import errors as kafka

from streams.engine.errors import (
    _BUG,
    _CONFIGURATION,
    _FENCED,
    _HALT,
    CommitUnknown,
    ConfigurationError,
    Fenced,
    Halted,
    Kind,
    OversizedRecord,
    RecordFailed,
    StoreDamaged,
    StoreFault,
    TransientFault,
    Unencodable,
    kind_of,
    told,
)

# Of the Kafka client's exceptions, those that pass by themselves. A class that appears in neither this list nor one
# of the engine's own was added to the client since, and someone has to decide about it.
PASSING = {
    "BrokerNotAvailableError", "BrokerResponseError", "Cancelled", "CommitFailedError", "ConcurrentTransactions",
    "ConsumerStoppedError", "CorrelationIdError", "DuplicateSequenceNumber", "FetchSessionIdNotFound",
    "GroupCoordinatorNotAvailableError", "GroupIdNotFound", "GroupLoadInProgressError", "IllegalGenerationError",
    "InvalidFetchRequestError", "InvalidFetchSessionEpoch", "InvalidProducerIdMapping", "InvalidRequestError",
    "InvalidTxnState", "KafkaConnectionError", "KafkaError", "KafkaProtocolError", "KafkaStorageError",
    "KafkaTimeoutError", "KafkaUnavailableError", "LeaderNotAvailableError", "ListenerNotFound", "LogDirNotFound",
    "MemberIdRequired", "MetadataEmptyBrokerList", "NoBrokersAvailable", "NodeNotReadyError", "NonEmptyGroup",
    "NotControllerError", "NotCoordinatorForGroupError", "NotEnoughReplicasAfterAppendError", "NotEnoughReplicasError",
    "NotLeaderForPartitionError", "OffsetOutOfRangeError", "OperationNotAttempted", "OutOfOrderSequenceNumber",
    "ProducerClosed", "QuotaViolationError", "ReassignmentInProgress", "RebalanceInProgressError",
    "ReplicaNotAvailableError", "RequestTimedOutError", "StaleControllerEpochError", "StaleLeaderEpochCodeError",
    "StaleMetadata", "TooManyInFlightRequests", "TopicAlreadyExistsError", "UnknownError", "UnknownMemberIdError",
    "UnknownProducerId", "UnknownTopicOrPartitionError",
}  # fmt: skip

# Never raised: the broker's "no error".
NOT_AN_ERROR = {"NoError"}


def client_errors() -> Iterator[type[BaseException]]:
    for name, member in inspect.getmembers(kafka, inspect.isclass):
        if issubclass(member, BaseException) and member.__module__ == kafka.__name__ and name not in NOT_AN_ERROR:
            yield member


@pytest.mark.parametrize("error", list(client_errors()), ids=lambda error: error.__name__)
def test_every_exception_of_the_client_is_decided_about(error: type[BaseException]) -> None:
    listed = error in (*_FENCED, *_CONFIGURATION, *_BUG, *_HALT)

    assert listed != (error.__name__ in PASSING)
    expected = {
        **dict.fromkeys(_FENCED, Kind.FENCED),
        **dict.fromkeys(_CONFIGURATION, Kind.CONFIGURATION),
        **dict.fromkeys(_BUG, Kind.BUG),
        **dict.fromkeys(_HALT, Kind.HALT),
    }.get(error, Kind.TRANSIENT)
    assert kind_of(error.__new__(error)) is expected


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TransientFault(), Kind.TRANSIENT),
        (Fenced(), Kind.FENCED),
        (CommitUnknown(), Kind.TRANSIENT),
        (StoreFault(), Kind.TRANSIENT),
        (StoreDamaged(), Kind.TRANSIENT),
        (Halted("a", "b", "c"), Kind.HALT),
        (ConfigurationError(), Kind.CONFIGURATION),
        (OversizedRecord(), Kind.BUG),
        (RecordFailed("event", 1), Kind.BUG),
        (Unencodable(), Kind.BUG),
        (TimeoutError(), Kind.TRANSIENT),
        (ConnectionResetError(), Kind.TRANSIENT),
        (OSError(28, "No space left on device"), Kind.TRANSIENT),
        (asyncio.IncompleteReadError(b"", 4), Kind.TRANSIENT),
        (ZeroDivisionError(), Kind.BUG),
        (AssertionError(), Kind.BUG),
        (KeyError(), Kind.BUG),
    ],
)
def test_our_own_and_python_s_exceptions_have_their_kind(error: BaseException, kind: Kind) -> None:
    assert kind_of(error) is kind


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), "TimeoutError"),
        (OSError("no route"), "OSError: no route"),
        (kafka.KafkaTimeoutError("too late"), "KafkaTimeoutError: too late"),
        (kafka.NotCoordinatorForGroupError("group desk"), "[Error 16] NotCoordinatorForGroupError: group desk"),
        (ValueError("two\nlines"), "ValueError: two lines"),
    ],
)
def test_an_exception_is_told_in_one_line_and_its_class_once(error: Exception, expected: str) -> None:
    assert told(error) == expected
