"""How clients log in to Kafka: the one reader of the `KAFKA_*` security settings, for all of them alike.

A secret is read from the environment or, better, from a file that only its reader may open; it is in no `repr`, no
message and no log line.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


class SecurityError(ValueError):
    """A security setting that cannot be used; the text is one sentence that names the variable, never its secret."""


@dataclass(frozen=True, slots=True)
class Security:
    """Who a client is and how it is protected. Files are in PEM form; `cafile` empty trusts the system's own list."""

    protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)
    cafile: str = ""
    certfile: str = ""
    keyfile: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Security":
        """Read the settings. Raises `SecurityError`."""
        security = cls(
            protocol=_one_of(environment, "KAFKA_SECURITY_PROTOCOL", PROTOCOLS, "PLAINTEXT"),
            mechanism=_one_of(environment, "KAFKA_SASL_MECHANISM", MECHANISMS, "SCRAM-SHA-512"),
            username=environment.get("KAFKA_SASL_USERNAME", ""),
            password=_secret(environment, "KAFKA_SASL_PASSWORD"),
            cafile=environment.get("KAFKA_SSL_CAFILE", ""),
            certfile=environment.get("KAFKA_SSL_CERTFILE", ""),
            keyfile=environment.get("KAFKA_SSL_KEYFILE", ""),
        )
        if security.uses_sasl and not (security.username and security.password):
            message = (
                f"KAFKA_SECURITY_PROTOCOL={security.protocol} needs KAFKA_SASL_USERNAME and "
                "KAFKA_SASL_PASSWORD_FILE (or KAFKA_SASL_PASSWORD)"
            )
            raise SecurityError(message)
        security.ssl_context()
        return security

    @property
    def uses_sasl(self) -> bool:
        """Whether a name and a password are given."""
        return self.protocol.startswith("SASL")

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.protocol.endswith("SSL")

    def client(self) -> dict[str, Any]:
        """Return the keyword arguments of any client of aiokafka. Raises `SecurityError` for files it cannot use."""
        found: dict[str, Any] = {"security_protocol": self.protocol}
        if self.uses_tls:
            found["ssl_context"] = self.ssl_context()
        if self.uses_sasl:
            found |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return found

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return what TLS is made with; None without it. Raises `SecurityError` for files it cannot use."""
        if not self.uses_tls:
            return None
        variable, path = "KAFKA_SSL_CAFILE", self.cafile
        try:
            context = ssl.create_default_context(cafile=self.cafile or None)
            if self.certfile:
                variable, path = "KAFKA_SSL_CERTFILE", self.certfile
                context.load_cert_chain(self.certfile, self.keyfile or None)
        except OSError as error:
            message = f"{variable}={path} cannot be used: {error.strerror or error}"
            raise SecurityError(message) from error
        return context


def no_topic(bootstrap_servers: str, topic: str, client: Mapping[str, Any], kept: str = "") -> str:
    """Say that a topic is not there, what is `kept`, and what to do; Kafka hides topics from who may not use them."""
    hidden = ", or this account may not use it" if "sasl_mechanism" in client else ""
    what_to_do = "check address and namespace, or make it with `cee topics apply`"
    return f"{bootstrap_servers} has no topic {topic}{hidden}{kept}: {what_to_do}"


def _one_of(environment: Mapping[str, str], variable: str, choices: tuple[str, ...], default: str) -> str:
    value = environment.get(variable, default)
    if value not in choices:
        message = f"{variable}={value!r} is not one of {', '.join(choices)}"
        raise SecurityError(message)
    return value


def _secret(environment: Mapping[str, str], variable: str) -> str:
    """Return a secret, from the file that the variable with `_FILE` names or from the variable itself."""
    path = environment.get(f"{variable}_FILE")
    if not path:
        return environment.get(variable, "")
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{variable}_FILE={path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SecurityError(message) from error
