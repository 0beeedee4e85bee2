"""What a registry may answer, and what is made of it: not there, later, or never."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from streams.contract.errors import RegistryError, RegistryUnavailable
from streams.contract.registry import Registry
from tests.unit.contract.servers import CERTIFICATE, answering


def told(code: int) -> str:
    return json.dumps({"error_code": code, "message": "as it is"})


def test_only_the_registry_s_own_word_makes_an_id_unknown() -> None:
    with answering(404, told(40403)) as (place, _), pytest.raises(KeyError):
        Registry(f"http://{place}").schema(7)
    with answering(404, "<html>not here") as (place, _), pytest.raises(RegistryError, match="Confluent's interface"):
        Registry(f"http://{place}").schema(7)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_answer_that_may_pass_is_worth_another_try(status: int) -> None:
    with answering(status, "busy") as (place, _), pytest.raises(RegistryUnavailable, match=str(status)):
        Registry(f"http://{place}").schema(7)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, "", "refuses these credentials"),
        (403, told(403), "refuses these credentials"),
        (404, told(40499), "answers: as it is"),
        (200, "<html>hello", "Confluent's interface"),
        (302, "", "Confluent's interface"),
    ],
)
def test_an_answer_that_will_not_change_is_an_error_for_a_person(status: int, body: str, said: str) -> None:
    with (
        answering(status, body, Location="http://127.0.0.1:1/") as (place, seen),
        pytest.raises(RegistryError) as caught,
    ):
        Registry(f"http://user:secret@{place}").schema(7)

    assert not isinstance(caught.value, RegistryUnavailable)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(seen) == 1


def test_user_and_password_go_into_the_request_and_nowhere_else() -> None:
    with answering(200, json.dumps({"schema": "text"})) as (place, seen):
        registry = Registry(f"http://who:a%20b@{place}/below/")
        assert registry.schema(7) == "text"

    assert registry.address == f"http://{place}/below"
    assert seen[0]["path"] == "/below/schemas/ids/7"
    assert seen[0]["Authorization"] == "Basic d2hvOmEgYg=="


def test_a_registry_that_does_not_answer_may_answer_later() -> None:
    with pytest.raises(RegistryUnavailable, match="cannot be reached"):
        Registry("http://127.0.0.1:1").schema(7)


def test_a_registry_that_is_slow_may_answer_later() -> None:
    with socket_that_never_answers() as place, pytest.raises(RegistryUnavailable, match="does not answer in time"):
        Registry(f"http://{place}", answer_seconds=0.05).schema(7)


@contextmanager
def socket_that_never_answers() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.server_close()


@pytest.mark.parametrize("address", ["registry:8080", "ftp://registry", "http://", "http://registry:port"])
def test_what_is_no_address_is_told_how_to_write_one(address: str) -> None:
    with pytest.raises(RegistryError, match="write it as http://host:8080/apis/ccompat/v7"):
        Registry(address)


def test_an_expired_certificate_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with answering(200, is_expired=True) as (place, seen), pytest.raises(RegistryError) as caught:
        Registry(f"https://{place}").schema(7)

    assert not isinstance(caught.value, RegistryUnavailable)
    assert "its certificate is not accepted (certificate has expired)" in str(caught.value)
    assert seen == []
