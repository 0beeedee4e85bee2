"""Every command that asks Kafka or a registry says in one sentence what is wrong and what to do, and fails."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from click.testing import CliRunner, Result

from streams.cli import root
from streams.contract.schemas import record_schemas
from streams.ports.spool.entries import Entry
from streams.ports.spool.spool import Spool
from streams.ports.spool.status import spool_status
from tests.unit.contract.servers import CERTIFICATE, answering

OUT_OF_REACH: Final = 3
RULES: Final = """
version = "next"
effective_on = {day}
reason = "a test"

[policy]
window_days = 364
"""
NO_SUBJECT: Final = json.dumps({"error_code": 40401, "message": "Subject not found."})

# What each command ends with, and how it is called; {names} are files and folders of `place`.
OF_KAFKA: Final = (
    (3, "publish {events}"),
    (3, "publish --watch {folder} --once"),
    (3, "spool flush {spool}"),
    (3, "rules publish {rules}"),
    (1, "rules show"),
    (1, "rules diff {rules}"),
    (1, "work electronics"),
    (1, "work electronics --open"),
    (1, "placement explain 12-3456789"),
    (1, "placement explain 12-3456789 --as-of 2026-09-30"),
    (1, "placement recompute"),
    (1, "worker --web-port 0"),
    (1, "status"),
    (1, "lag"),
    (1, "topics check"),
    (1, "topics apply"),
    (1, "topics acls --apply"),
    (1, "release 12-3456789"),
    (1, "resume --partition 0"),
    (1, "dlq list"),
    (1, "dlq show 0/0"),
    (1, "dlq replay --all"),
    (1, "dlq return --all --tell mend"),
    (1, "dlq discard --all --why test --yes"),
    (1, "replay --to other"),
    (1, "state verify"),
    (1, "reset --yes"),
    (1, "demo"),
)
OF_THE_REGISTRY: Final = (
    (1, "schemas register"),
    (1, "schemas check"),
    (1, "schemas list"),
    (3, "publish {events}"),
    (3, "publish --watch {folder} --once"),
    (3, "rules publish {rules}"),
    (1, "work electronics"),
    (1, "work electronics --open"),
    (1, "demo"),
)


class Place(NamedTuple):
    """Files and folders that commands are given, and a spool in which one event waits."""

    events: Path
    folder: Path
    spool: Path
    rules: Path

    def run(self, command: str, environment: Mapping[str, str]) -> Result:
        """Run a command as a person would."""
        arguments = command.format(**self._asdict()).split()
        return CliRunner().invoke(root, arguments, env=dict(environment))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "events.jsonl", tmp_path / "in", tmp_path / "spool", tmp_path / "rules.toml")
    made.events.write_text("{}\n", "ascii")
    made.rules.write_text(RULES.format(day=datetime.now(UTC).date() + timedelta(days=30)), "ascii")
    made.folder.mkdir()
    (made.folder / "a.jsonl").write_text("{}\n", "ascii")
    with Spool(made.spool) as spool:
        entry = Entry("00000000-0000-0000-0000-000000000001", "entry-summary-event", b"key", b"value", False)
        spool.add([entry])
    return made


@pytest.fixture
def expired() -> Iterator[str]:
    """Give the address of a server whose certificate has expired."""
    with answering(200, is_expired=True) as (address, _):
        yield address


def check(place: Place, told: Result, code: int, sentence: str) -> None:
    assert isinstance(told.exception, SystemExit), told.exception
    assert told.exit_code == code
    last = told.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert sentence in last
    assert "Traceback" not in told.stderr
    assert (place.folder / "a.jsonl").exists()
    assert spool_status(place.spool).waiting == 1


@pytest.mark.parametrize(("code", "command"), OF_KAFKA)
def test_what_is_no_address_is_named(place: Place, code: int, command: str) -> None:
    told = place.run(command, {"KAFKA_BOOTSTRAP_SERVERS": "kafka:port"})

    check(
        place, told, code, "'kafka:port' is not an address of Kafka: write 127.0.0.1:9092, several with commas between"
    )


@pytest.mark.parametrize(("code", "command"), OF_KAFKA)
def test_where_no_broker_answers_the_address_is_named(place: Place, code: int, command: str) -> None:
    told = place.run(command, {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})

    check(place, told, code, "no Kafka broker answers at 127.0.0.1:1: check the address, and whether one runs there")


@pytest.mark.parametrize(("code", "command"), OF_KAFKA)
def test_an_expired_certificate_is_named(place: Place, expired: str, code: int, command: str) -> None:
    secure = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": str(CERTIFICATE)}

    told = place.run(command, {**secure, "KAFKA_BOOTSTRAP_SERVERS": expired})

    why = f"the certificate of Kafka at {expired} is not accepted (certificate has expired): have it renewed"
    check(place, told, code, why)


@pytest.mark.parametrize(("_", "command"), OF_KAFKA)
def test_a_password_that_cannot_be_read_is_named(place: Place, _: int, command: str) -> None:
    login = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_PASSWORD_FILE": "/nowhere/password"}

    told = place.run(command, {**login, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})

    check(place, told, 1, "KAFKA_SASL_PASSWORD_FILE=/nowhere/password cannot be read: No such file or directory")


@pytest.mark.parametrize("command", [command for _, command in OF_KAFKA if not command.startswith("spool")])
def test_a_namespace_that_no_topic_can_have_is_named(place: Place, command: str) -> None:
    told = place.run(f"{command} --namespace A.b", {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})

    check(place, told, 1, "lower-case letters, digits and single hyphens only")


@pytest.mark.parametrize(("code", "command"), OF_THE_REGISTRY)
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("registry", "the registry's address is no URL: write it as http://host:8080/apis/ccompat/v7"),
        ("http://127.0.0.1:1", "the registry at http://127.0.0.1:1 cannot be reached ([Errno 111] Connection refused)"),
    ],
)
def test_a_registry_out_of_reach_is_named(place: Place, code: int, command: str, address: str, sentence: str) -> None:
    # Kafka is out of reach, too: the registry comes first, or the sentence would be about Kafka.
    told = place.run(command, {"SCHEMA_REGISTRY_URL": address, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})

    check(place, told, code, sentence)


@pytest.mark.parametrize(("code", "command"), OF_THE_REGISTRY[3:])
def test_a_registry_without_our_subjects_is_told_how_to_get_them(place: Place, code: int, command: str) -> None:
    with answering(404, NO_SUBJECT) as (server, _):
        where = {"SCHEMA_REGISTRY_URL": f"http://{server}", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
        told = place.run(command, where)

    check(place, told, code, f"the registry at http://{server} does not have {len(record_schemas())} of our schemas (")
    assert "register with `cee schemas register`" in told.stderr


@pytest.mark.parametrize(("code", "command"), OF_THE_REGISTRY)
def test_refused_credentials_of_a_registry_are_told_without_them(place: Place, code: int, command: str) -> None:
    with answering(401) as (server, _):
        where = {"SCHEMA_REGISTRY_URL": f"http://user:hidden@{server}", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
        told = place.run(command, where)

    check(place, told, code, "refuses these credentials: check user and password in SCHEMA_REGISTRY_URL")
    assert "hidden" not in told.output
