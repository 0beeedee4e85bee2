"""What a worker is told from outside.

Every setting is an environment variable with a default that suits a laptop; `Settings.from_environment` reads
them once and refuses what it cannot use, naming the variable. Nothing else that a worker runs reads the environment.
"""

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from streams.contract.addresses import LAST_PORT, AddressError, check_addresses
from streams.contract.security import Security, SecurityError
from streams.processor.clock import TimeSource

EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - to know them by
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# What Kafka's tools take in the names of groups and transactions without quoting.
NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


class SettingsError(ValueError):
    """A setting that cannot be used; the text is one sentence that names the variable and what it takes."""


class LogFormat(Enum):
    """How log lines look: for a person, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


class OnStop(Enum):
    """Who has the partitions of a worker that was told to end: the others at once, or itself if it is back in time."""

    LEAVE = "leave"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one worker.

    `schema_registry_url` may hold user and password; empty means that there is no registry. `web_port` 0 turns the web
    pages off. `state_dir` holds one folder per worker slot, so that two workers of one machine can share it.
    `advertised_url` is where other workers and people reach this worker's pages, if not at the address that they
    listen on. The lag monitor watches the groups that read our topics and whose whole name matches `group_pattern` (a
    regular expression); `cluster_name` is the label of its series. `security` is read from variables of its own
    (`streams.contract.security`), which all clients share.
    """

    bootstrap_servers: str = "127.0.0.1:9092"
    schema_registry_url: str = ""
    application: str = "cee-placement"
    namespace: str = ""
    state_dir: Path = Path(".cee/state")
    time: TimeSource = TimeSource.BROKER
    batch_records: int = 2000
    on_stop: OnStop = OnStop.LEAVE
    web_host: str = "127.0.0.1"
    web_port: int = 6066
    web_token: str = ""
    advertised_url: str = ""
    group_pattern: str = ".*"
    cluster_name: str = "cee"
    log_format: LogFormat = LogFormat.TEXT
    log_level: str = "INFO"
    security: Security = field(default_factory=Security)

    def __post_init__(self) -> None:
        """Refuse what would only fail later, or expose what is confidential."""
        for fault in _faults(self):
            raise SettingsError(fault)

    @property
    def is_loopback(self) -> bool:
        """Whether the web pages can be reached from this machine alone."""
        if self.web_host == "localhost":
            return True
        try:
            return ip_address(self.web_host).is_loopback
        except ValueError:
            return False

    @property
    def web_url(self) -> str:
        """The address under which this worker's pages answer, empty when they are off."""
        if not self.web_port:
            return ""
        # Who listens on all addresses is found by this machine's name, as containers of one network find each other.
        host = socket.gethostname() if self.web_host in EVERYWHERE else self.web_host
        return self.advertised_url.rstrip("/") or f"http://{host}:{self.web_port}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **given: object) -> "Settings":
        """Read the settings; what is given and not None, such as options of a command, wins over the environment.

        A secret may be in a file that `<VARIABLE>_FILE` names. Raises `SettingsError`, naming the variable.
        """
        environment = {**environment, **_secrets_of_files(environment)}
        values: dict[str, Any] = {}
        try:
            values["security"] = Security.from_environment(environment)
        except SecurityError as error:
            raise SettingsError(str(error)) from error
        for one in fields(cls):
            variable = VARIABLES.get(one.name)
            text = None if variable is None else environment.get(variable)
            if variable is not None and text is not None:
                values[one.name] = _converted(variable, text, type(one.default))
        values.update({name: value for name, value in given.items() if value is not None})
        return cls(**values)


VARIABLES: Final[Mapping[str, str]] = {
    "bootstrap_servers": "KAFKA_BOOTSTRAP_SERVERS",
    "schema_registry_url": "SCHEMA_REGISTRY_URL",
    "application": "CEE_APPLICATION",
    "namespace": "CEE_NAMESPACE",
    "state_dir": "CEE_STATE_DIR",
    "time": "CEE_TIME",
    "batch_records": "CEE_BATCH_RECORDS",
    "on_stop": "CEE_ON_STOP",
    "web_host": "CEE_WEB_HOST",
    "web_port": "CEE_WEB_PORT",
    "web_token": "CEE_WEB_TOKEN",
    "advertised_url": "CEE_WEB_URL",
    "group_pattern": "CEE_GROUP_PATTERN",
    "cluster_name": "CEE_CLUSTER_NAME",
    "log_format": "CEE_LOG_FORMAT",
    "log_level": "CEE_LOG_LEVEL",
}


SECRETS: Final = ("SCHEMA_REGISTRY_URL", "CEE_WEB_TOKEN")
"""Variables that may hold a secret."""


def _secrets_of_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that are in files. Raises `SettingsError` for a file that cannot be read or is empty."""
    found = {}
    for variable in SECRETS:
        path = environment.get(f"{variable}_FILE", "")
        if path:
            try:
                found[variable] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is not text"
                message = f"{variable}_FILE={path} cannot be read: {why}"
                raise SettingsError(message) from error
            if not found[variable]:
                message = f"{variable}_FILE={path} is empty"
                raise SettingsError(message)
    return found


def _faults(settings: Settings) -> Iterator[str]:
    """Yield what cannot be used, each as a sentence that names the variable."""
    try:
        check_addresses(settings.bootstrap_servers)
    except AddressError as error:
        yield f"KAFKA_BOOTSTRAP_SERVERS: {error}"
    if settings.schema_registry_url and not settings.schema_registry_url.startswith(("http://", "https://")):
        yield "SCHEMA_REGISTRY_URL does not begin with http:// or https://"
    if NAME.fullmatch(settings.application) is None:
        yield f"CEE_APPLICATION={settings.application!r} is not a name: use letters, digits and any of . _ -"
    if settings.batch_records < 1:
        yield "CEE_BATCH_RECORDS must be at least 1"
    if not 0 <= settings.web_port <= LAST_PORT:
        yield f"CEE_WEB_PORT={settings.web_port} is not a port: use 1 to {LAST_PORT}, or 0 for no pages"
    if settings.advertised_url and not settings.advertised_url.startswith(("http://", "https://")):
        yield f"CEE_WEB_URL={settings.advertised_url!r} does not begin with http:// or https://"
    if settings.log_level not in LEVELS:
        yield f"CEE_LOG_LEVEL={settings.log_level!r} is not one of {', '.join(LEVELS)}"
    try:
        re.compile(settings.group_pattern)
    except re.error as error:
        yield f"CEE_GROUP_PATTERN={settings.group_pattern!r} is not a regular expression: {error}"
    if not settings.is_loopback and settings.web_port and not settings.web_token:
        yield (
            f"CEE_WEB_HOST={settings.web_host} would show confidential trade data beyond this machine: "
            "set CEE_WEB_TOKEN too, or keep 127.0.0.1"
        )


def _converted(variable: str, text: str, kind: type) -> object:
    """Turn a variable's text into the type of its setting's default."""
    if issubclass(kind, Enum):
        choices = [str(member.value) for member in kind]
        if text not in choices:
            message = f"{variable}={text!r} is not one of {', '.join(choices)}"
            raise SettingsError(message)
        return kind(text)
    if issubclass(kind, Path):
        return Path(text)
    if kind is int:
        if not text.isdecimal():
            message = f"{variable}={text!r} is not a whole number"
            raise SettingsError(message)
        return int(text)
    return text
