"""A broker's expired certificate and a client's wrong password: each command says so, and nothing is lost by it."""

import asyncio
import gc
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from aiokafka import AIOKafkaConsumer
from click.testing import CliRunner, Result

from streams.cli import root
from streams.contract.security import Security
from streams.local.broker import LocalBroker
from streams.local.secured import ADMIN, Accounts, make_certificate
from streams.ports.spool.status import spool_status

from .spooling import paid

pytestmark = [
    pytest.mark.broker,
    # A connection that is refused says goodbye over TLS for longer than the command lives.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

PORT: Final = "port-systems"
YEAR: Final = 365
# What each ends with; {names} are files and folders of `Place`.
COMMANDS: Final = (
    (3, "publish {events}"),
    (3, "publish --watch {folder} --once"),
    (3, "spool flush {spool}"),
    (1, "work electronics"),
    (1, "work electronics --open"),
    (1, "worker --web-port 0"),
    (1, "topics check"),
    (1, "lag"),
    (1, "resume --partition 0"),
    (1, "dlq list"),
)


class Secured:
    """A broker that wants a login."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.accounts = Accounts.of(PORT)
        self.broker = LocalBroker(directory, accounts=self.accounts)

    def certify(self, from_days_ago: int) -> None:
        """Start anew with a certificate that is good for a year from that day on; where it is, bring in the topics."""
        self.broker.stop()
        files = self.directory / "broker.p12", self.directory / "broker.pem"
        for file in files:
            file.unlink(missing_ok=True)
        make_certificate(*files, self.accounts.passwords[ADMIN], from_days_ago=from_days_ago)
        self.broker.start()
        if from_days_ago < YEAR:
            for command in ("topics apply --partitions 1 --json", "topics acls --apply"):
                done = CliRunner().invoke(root, command.split(), env=self.environment(ADMIN))
                assert done.exit_code == 0, done.output

    def environment(self, account: str = PORT, password: str | None = None) -> dict[str, str]:
        """Return the settings of an account, with its password or another one."""
        settings = self.accounts.client(account, self.directory)
        settings["KAFKA_BOOTSTRAP_SERVERS"] = self.broker.bootstrap_servers
        return settings if password is None else settings | {"KAFKA_SASL_PASSWORD": password}


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    made = Secured(tmp_path_factory.mktemp("secured"))
    try:
        yield made
    finally:
        made.broker.stop()


@dataclass(frozen=True, slots=True)
class Place:
    """A port system's files: one with events 0 and 1, a watched folder with 2 and 3, and a spool."""

    own: Path

    def run(self, command: str, environment: Mapping[str, str]) -> Result:
        """Run a command as a person would."""
        named = {name: str(self.own / name) for name in ("events", "folder", "spool")}
        return CliRunner().invoke(root, command.format(**named).split(), env=dict(environment))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "folder").mkdir()
    write_events(tmp_path / "events", 0)
    write_events(tmp_path / "folder" / "put.jsonl", 2)
    yield Place(tmp_path)
    gc.collect()  # here, where such connections are forgiven


def write_events(path: Path, first: int) -> None:
    path.write_text("".join(json.dumps(paid(number)) + "\n" for number in (first, first + 1)), "utf-8")


def spool_two_events(place: Place, environment: Mapping[str, str]) -> Result:
    """Keep events 4 and 5 in the spool."""
    write_events(place.own / "events", 4)
    kept = place.run("publish {events} --spool {spool}", environment)
    write_events(place.own / "events", 0)
    assert kept.exit_code == 0, kept.output
    assert "2 read: 2 safely in the spool, 0 refused." in kept.output
    assert "2 events wait for Kafka: `cee spool flush" in kept.output
    return kept


def check_each(place: Place, environment: Mapping[str, str], sentence: str) -> None:
    """Check that each command ends with the sentence, and leaves the port system's events where they are."""
    for code, command in COMMANDS:
        told = place.run(command, environment)

        assert (told.exit_code, told.stderr.splitlines()[-1][: len(sentence) + 7]) == (code, f"Error: {sentence}"), (
            command
        )
        assert "Traceback" not in told.output
        assert (place.own / "folder" / "put.jsonl").exists()
        assert spool_status(place.own / "spool").waiting == 2


def check_all_arrives(place: Place, secured: Secured) -> None:
    """Check that everything that could not be published is, once the cause is mended, each event once."""
    before = asyncio.run(count_of_events(secured))

    for command in ("spool flush {spool}", "publish {events}", "publish --watch {folder} --once"):
        done = place.run(command, secured.environment())
        assert done.exit_code == 0, done.output

    assert spool_status(place.own / "spool").waiting == 0
    assert (place.own / "folder" / "done" / "put.jsonl").exists()
    assert asyncio.run(count_of_events(secured)) == before + 6


async def count_of_events(secured: Secured) -> int:
    environment = secured.environment(ADMIN)
    async with AIOKafkaConsumer(
        "entry-summary-event",
        bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"],
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **Security.from_environment(environment).client(),
    ) as consumer:
        [partition] = consumer.assignment()
        end, count = (await consumer.end_offsets([partition]))[partition], 0
        while await consumer.position(partition) < end:
            count += sum(map(len, (await consumer.getmany(timeout_ms=200)).values()))
        return count


def test_an_expired_certificate_is_told_and_everything_arrives_when_it_is_renewed(
    secured: Secured, place: Place
) -> None:
    secured.certify(YEAR + 1)
    environment = secured.environment()
    address = environment["KAFKA_BOOTSTRAP_SERVERS"]
    why = f"the certificate of Kafka at {address} is not accepted (certificate has expired)"
    sentence = f"{why}: have it renewed, or name its authority in KAFKA_SSL_CAFILE"

    kept = spool_two_events(place, environment)
    check_each(place, environment, sentence)

    assert f"{sentence}; events are kept in {place.own / 'spool'}" in kept.output
    secured.certify(0)
    check_all_arrives(place, secured)


def test_a_wrong_password_is_told_and_everything_arrives_with_the_right_one(secured: Secured, place: Place) -> None:
    secured.certify(0)
    wrong = secured.environment(password="guessed")
    address = wrong["KAFKA_BOOTSTRAP_SERVERS"]
    sentence = f"Kafka at {address} refuses this login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"

    kept = spool_two_events(place, wrong)
    check_each(place, wrong, sentence)

    assert f"{sentence}; events are kept in {place.own / 'spool'}" in kept.output
    assert "guessed" not in kept.output
    check_all_arrives(place, secured)
