"""One real Kafka for all integration tests of a run, and a namespace of its own for each test."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.local.broker import LocalBroker


@pytest.fixture(scope="session")
def bootstrap_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a real broker: of KAFKA_BOOTSTRAP_SERVERS where set, else of one started for this run."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    directory: Path = tmp_path_factory.mktemp("kafka")
    with LocalBroker(directory) as broker:
        yield broker.bootstrap_servers


@pytest.fixture
def namespace() -> str:
    """Give a prefix for the topics and groups of one test, so that no test sees another's records."""
    return f"t{uuid.uuid4().hex[:8]}"
