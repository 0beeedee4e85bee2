"""Every command says in one sentence what is wrong with a registry, before it has sent anything."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli import root
from streams.contract.schemas import record_schemas
from tests.unit.contract.servers import answering

COMMANDS = (
    (1, ("schemas", "register")),
    (1, ("schemas", "check")),
    (1, ("work", "electronics")),
    (1, ("demo",)),
    (3, ("publish", "EVENTS")),
)
EMPTY = json.dumps({"error_code": 40401, "message": "Subject not found."})


def outcome(arguments: tuple[str, ...], address: str, directory: Path) -> tuple[int, str]:
    events = directory / "events.jsonl"
    events.write_text("{}\n", "ascii")
    given = [str(events) if argument == "EVENTS" else argument for argument in arguments]
    # Kafka is out of reach, too: the registry comes first, or the sentence would be about Kafka.
    environment = {"SCHEMA_REGISTRY_URL": address, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    result = CliRunner().invoke(root, given, env=environment)
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stderr


@pytest.mark.parametrize(("code", "arguments"), COMMANDS, ids=str)
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("registry", "the registry's address is no URL: write it as http://host:8080/apis/ccompat/v7"),
        ("http://127.0.0.1:1", "the registry at http://127.0.0.1:1 cannot be reached ([Errno 111] Connection refused)"),
    ],
)
def test_a_wrong_address_is_named(
    tmp_path: Path, code: int, arguments: tuple[str, ...], address: str, sentence: str
) -> None:
    ended, said = outcome(arguments, address, tmp_path)

    assert ended == code
    assert sentence in said


@pytest.mark.parametrize(("code", "arguments"), COMMANDS[2:], ids=str)
def test_a_registry_without_our_subjects_is_told_how_to_get_them(
    tmp_path: Path, code: int, arguments: tuple[str, ...]
) -> None:
    with answering(404, EMPTY) as (place, _):
        ended, said = outcome(arguments, f"http://{place}", tmp_path)

    assert ended == code
    count = len(record_schemas())
    assert f"the registry at http://{place} does not have {count} of our schemas (cee.advice_given v" in said
    assert "register with `cee schemas register`" in said


@pytest.mark.parametrize(("code", "arguments"), COMMANDS[1:], ids=str)
def test_refused_credentials_are_told_without_them(tmp_path: Path, code: int, arguments: tuple[str, ...]) -> None:
    with answering(401) as (place, _):
        ended, said = outcome(arguments, f"http://user:hidden@{place}", tmp_path)

    assert ended == code
    assert "refuses these credentials: check user and password in SCHEMA_REGISTRY_URL" in said
    assert "hidden" not in said
