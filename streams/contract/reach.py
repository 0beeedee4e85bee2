"""Why a client gets no connection: asked once more by hand, for the client library tells it to its log alone."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

ANSWER_SECONDS: Final = 5.0
_SECURITY: Final = ("security_protocol", "ssl_context", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


async def why_unreachable(bootstrap_servers: str, client: Mapping[str, Any]) -> str:
    """Return one sentence on why no broker of these addresses takes this client, and what to do.

    `client` are the arguments of the client that got no connection.
    """
    return await outage(bootstrap_servers, client) or _no_answer(bootstrap_servers)


async def outage(bootstrap_servers: str, client: Mapping[str, Any]) -> str:
    """Return that sentence while no broker of these addresses takes this client; empty when one does."""
    settings = {name: client[name] for name in _SECURITY if name in client}
    for host, port, _ in collect_hosts(bootstrap_servers, randomize=False):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = await create_conn(host, port, **settings)
        except (OSError, KafkaError) as error:  # a time-out is an OSError
            why = _why(f"{host}:{port}", error, settings)
            if why:
                return why
        else:
            connection.close()
            return ""
    return _no_answer(bootstrap_servers)


def _no_answer(bootstrap_servers: str) -> str:
    return f"no Kafka broker answers at {bootstrap_servers}: check the address, and whether one runs there"


def _why(server: str, error: Exception, settings: Mapping[str, Any]) -> str:
    """Return what an answer other than none means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"is not accepted ({error.verify_message})"
        return f"the certificate of Kafka at {server} {why}: have it renewed, or name its authority in KAFKA_SSL_CAFILE"
    if isinstance(error, ssl.SSLError):
        return f"Kafka at {server} does not speak TLS as we do ({error.reason}): check KAFKA_SECURITY_PROTOCOL"
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"Kafka at {server} does not take KAFKA_SASL_MECHANISM={settings.get('sasl_mechanism')}"
    if isinstance(error, (AuthenticationFailedError, SaslAuthenticationFailed)):
        return f"Kafka at {server} refuses this login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
    return ""
