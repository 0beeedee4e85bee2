"""What keeps a client out is told in a sentence, not as "cannot be reached"."""

import asyncio
import ssl

from streams.contract.reach import why_unreachable
from tests.unit.contract.servers import CERTIFICATE, answering


def test_an_expired_certificate_is_named() -> None:
    client = {"security_protocol": "SSL", "ssl_context": ssl.create_default_context(cafile=str(CERTIFICATE))}
    with answering(200, is_expired=True) as (place, _):
        why = asyncio.run(why_unreachable(place, client))

    assert why == (
        f"the certificate of Kafka at {place} is not accepted (certificate has expired): "
        "have it renewed, or name its authority in KAFKA_SSL_CAFILE"
    )


def test_a_server_without_tls_is_named() -> None:
    client = {"security_protocol": "SSL", "ssl_context": ssl.create_default_context()}
    with answering(200) as (place, _):
        why = asyncio.run(why_unreachable(place, client))

    assert why.startswith(f"Kafka at {place} does not speak TLS as we do (")
    assert why.endswith("): check KAFKA_SECURITY_PROTOCOL")


def test_where_nobody_answers_all_addresses_are_named() -> None:
    why = asyncio.run(why_unreachable("127.0.0.1:1,127.0.0.1:2", {}))

    assert why == "no Kafka broker answers at 127.0.0.1:1,127.0.0.1:2: check the address, and whether one runs there"
