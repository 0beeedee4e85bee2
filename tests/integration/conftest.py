"""One real Kafka for all integration tests of a run, and a namespace of its own for each test."""

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from streams.local.broker import LocalBroker
from tests.integration.kafka_container import IMAGE, NoContainer, kafka_container

CHOICES: Final = ("container", "local")
GIVEN: Final = "that of KAFKA_BOOTSTRAP_SERVERS"
CHOSEN: Final = pytest.StashKey[set[str]]()
LONGEST: Final = ("chaos", "replay", "ops_worker", "bench", "engine_faults", "page", "release", "ops_prometheus")
"""Files that begin first, so that the two processes end at about the same time: a file is never divided."""
WORD: Final = "kafka of the tests"
"""Under which a process of pytest-xdist tells it to the one that reports."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    first = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path.name, len(first)))


@pytest.fixture(scope="session")
def bootstrap_servers(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[str]:
    """Give the address of a real broker, and say at the end of the run which one it was.

    That of KAFKA_BOOTSTRAP_SERVERS where set; else a container where a Docker engine answers; else a local broker
    from Python packages. CEE_TEST_KAFKA=container or =local decides otherwise.
    """
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    with ExitStack() as running:
        said, address = (GIVEN, given) if given else _started(running, tmp_path_factory.mktemp("kafka"))
        if hasattr(pytestconfig, "workeroutput"):
            pytestconfig.workeroutput[WORD] = said
        else:
            _chosen(pytestconfig).add(said)
        yield address


def _chosen(config: pytest.Config) -> set[str]:
    return config.stash.setdefault(CHOSEN, set())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a process of pytest-xdist, as it ends, which Kafka it had."""
    said = getattr(node, "workeroutput", {}).get(WORD)
    if said:
        _chosen(node.config).add(said)


def _started(running: ExitStack, directory: Path) -> tuple[str, str]:
    """Start a broker; return which one it is, in words, and its address."""
    wish = os.environ.get("CEE_TEST_KAFKA", "")
    if wish not in {"", *CHOICES}:
        pytest.fail(f"CEE_TEST_KAFKA={wish!r} is not one of {', '.join(CHOICES)}")
    why_not = "CEE_TEST_KAFKA wants it so"
    if wish != "local":
        try:
            return f"a container of {IMAGE}", running.enter_context(kafka_container())
        except NoContainer as error:
            why_not = str(error)
    if wish == "container":
        pytest.fail(f"CEE_TEST_KAFKA wants a container: {why_not}")
    broker = running.enter_context(LocalBroker(directory))
    return f"a local broker from Python packages ({why_not})", broker.bootstrap_servers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which Kafka it was."""
    for said in sorted(_chosen(config)):
        terminalreporter.write_line(f"Kafka of the integration tests: {said}")


@pytest.fixture
def namespace() -> str:
    """Give a prefix for the topics and groups of one test, so that no test sees another's records."""
    return f"t{uuid.uuid4().hex[:8]}"
