"""What keeps a client out is told in a sentence, not as "cannot be reached"."""

import asyncio
import ssl

import pytest
from click.testing import CliRunner

from streams.cli import root
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


def test_where_nobody_answers_there_is_nothing_to_add() -> None:
    assert asyncio.run(why_unreachable("127.0.0.1:1,127.0.0.1:2", {})) == ""


@pytest.mark.parametrize("arguments", [["topics", "check"], ["work", "electronics"]], ids=" ".join)
def test_a_command_ends_with_that_sentence(arguments: list[str]) -> None:
    with answering(200, is_expired=True) as (place, _):
        secure = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": str(CERTIFICATE)}
        result = CliRunner().invoke(root, arguments, env={**secure, "KAFKA_BOOTSTRAP_SERVERS": place})

    assert result.exit_code == 1
    assert f"Error: the certificate of Kafka at {place} is not accepted (certificate has expired)" in result.stderr
