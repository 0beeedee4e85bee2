"""A broker that wants to know who is there: TLS with a certificate of its own, SCRAM accounts, access lists."""

import os
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from streams.local.java import java_executable

MECHANISM: Final = "SCRAM-SHA-512"
PROTOCOL: Final = "SASL_SSL"
ADMIN: Final = "admin"
_DAYS: Final = "365"
_LOGIN: Final = "org.apache.kafka.common.security"


class CertificateFailed(RuntimeError):  # noqa: N818 - it names what happened
    """The certificate could not be made; the text is what the tool said."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Names and passwords; `admin` is always among them, and may do everything."""

    passwords: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, *names: str) -> "Accounts":
        """Return accounts with random passwords."""
        return cls({name: secrets.token_urlsafe(18) for name in (ADMIN, *names)})

    def client(self, name: str, directory: Path) -> dict[str, str]:
        """Return the environment in which commands and workers log in as an account of the broker in a directory."""
        return {
            "KAFKA_SECURITY_PROTOCOL": PROTOCOL,
            "KAFKA_SASL_MECHANISM": MECHANISM,
            "KAFKA_SASL_USERNAME": name,
            "KAFKA_SASL_PASSWORD": self.passwords[name],
            "KAFKA_SSL_CAFILE": str(directory / "broker.pem"),
        }

    @property
    def format_arguments(self) -> list[str]:
        """Return the arguments that give a new data directory these accounts."""
        return [
            argument
            for name, password in self.passwords.items()
            for argument in ("--add-scram", f"{MECHANISM}=[name={name},password={password}]")
        ]

    def settings(self, directory: Path) -> dict[str, str]:
        """Return the broker's settings; the first call makes key and certificate. Raises `CertificateFailed`."""
        own = self.passwords[ADMIN]
        store = directory / "broker.p12"
        if not store.exists():
            make_certificate(store, directory / "broker.pem", own)
        return {
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN}",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            f"listener.name.{PROTOCOL.lower()}.{MECHANISM.lower()}.sasl.jaas.config": _jaas("scram.Scram", own),
            # Else whoever reaches the controller's port could do everything without a name.
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": _jaas("plain.Plain", own, f' user_{ADMIN}="{own}"'),
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": str(store),
            "ssl.keystore.password": own,
            "ssl.key.password": own,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(directory / "broker.pem"),
        }


def _jaas(module: str, password: str, more: str = "") -> str:
    return f'{_LOGIN}.{module}LoginModule required username="{ADMIN}" password="{password}"{more};'


def make_certificate(store: Path, certificate: Path, password: str, *, from_days_ago: int = 0) -> None:
    """Make a key pair and a certificate for 127.0.0.1 that signs itself, by the Java runtime's own tool.

    It is good for a year; one from more days ago is expired. Raises `CertificateFailed`.
    """
    tool = str(java_executable().parent / "keytool")
    # By the environment: arguments can be read by every user of the machine.
    common = ["-keystore", str(store), "-storetype", "PKCS12", "-storepass:env", "STORE_PASSWORD", "-alias", "broker"]
    steps = (
        ["-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1,dns:localhost",
         "-startdate", f"-{from_days_ago}d", "-validity", _DAYS],
        ["-exportcert", "-rfc", "-file", str(certificate)],
    )  # fmt: skip
    for step in steps:
        done = subprocess.run(  # noqa: S603 - our own command line
            [tool, *step, *common],
            env={**os.environ, "STORE_PASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CertificateFailed((done.stdout + done.stderr).strip())
    store.chmod(0o600)
