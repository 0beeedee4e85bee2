"""A broker with TLS, accounts and access lists: everyone does what is theirs, and nobody anything else."""

import asyncio
import gc
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError, for_code
from aiokafka.protocol.fetch import FetchRequest
from click.testing import CliRunner, Result

from streams.centers.decisions import Decisions
from streams.centers.errors import MissingTopic
from streams.centers.inbox import Inbox
from streams.cli import root
from streams.contract.models import WorkItem, parse_event
from streams.contract.security import Security
from streams.contract.topics import TopicNames
from streams.local.broker import LocalBroker
from streams.local.secured import Accounts
from streams.ports.errors import OutOfReach
from streams.ports.publisher import Publisher
from tests.integration.test_worker import PARTITIONS, running_worker, summary_fields

pytestmark = pytest.mark.broker

NAMES = TopicNames()
WORKER, PORT, ELECTRONICS, OPERATIONS = "cee-worker", "port-systems", "center-electronics", "operations"
APPAREL = "apparel-footwear-textiles"
ALLOWED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Secured:
    """A broker that knows its clients, with topics and access lists in place."""

    servers: str
    directory: Path
    accounts: Accounts

    def environment(self, account: str) -> dict[str, str]:
        """Return the settings of an account, its password in a file."""
        settings = self.accounts.client(account, self.directory)
        password = self.directory / f"{account}.password"
        password.write_text(settings.pop("KAFKA_SASL_PASSWORD") + "\n", "utf-8")
        return {
            **settings,
            "KAFKA_SASL_PASSWORD_FILE": str(password),
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
        }

    def client(self, account: str) -> dict[str, object]:
        """Return the arguments of an account's Kafka clients."""
        return Security.from_environment(self.environment(account)).client()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    directory = tmp_path_factory.mktemp("secured")
    accounts = Accounts.of(WORKER, PORT, ELECTRONICS, OPERATIONS)
    with LocalBroker(directory, accounts=accounts) as broker:
        made = Secured(broker.bootstrap_servers, directory, accounts)
        admin = made.environment("admin")
        for arguments in (["topics", "apply", "--partitions", str(PARTITIONS)], ["topics", "acls", "--apply"]):
            done = cee(admin, *arguments)
            assert done.exit_code == 0, done.output
        yield made


def cee(environment: Mapping[str, str], *arguments: str) -> Result:
    result = CliRunner().invoke(root, list(arguments), env=dict(environment))
    with warnings.catch_warnings():
        # The loop of a command ends without waiting for the other side's last word on a TLS connection.
        warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
        gc.collect()
    return result


async def write(secured: Secured, account: str, topic: str) -> None:
    """Write one record as a client that asks nobody."""
    async with AIOKafkaProducer(bootstrap_servers=secured.servers, **secured.client(account)) as producer:
        await asyncio.wait_for(producer.send_and_wait(topic, b"x", partition=0), ALLOWED_SECONDS)


async def read(secured: Secured, account: str, topic: str) -> None:
    """Ask the broker for records as a client that goes by no list of topics: those hide what may not be seen."""
    client = AIOKafkaClient(bootstrap_servers=secured.servers, **secured.client(account))
    await client.bootstrap()
    try:
        [broker] = client.cluster.brokers()
        answer = await client.send(broker.nodeId, FetchRequest(100, 1, 1000, 0, [(topic, [(0, 0, 1000)])]))
    finally:
        await client.close()
    [(_, [(_, code, *_)])] = answer.topics
    if code:
        raise for_code(code)


def test_from_a_port_to_a_center_and_back_everyone_uses_an_account_of_their_own(
    secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def publish() -> None:
        async with Publisher(secured.servers, client=secured.client(PORT)) as publisher:
            await publisher.publish(parse_event({"event_type": "entry_summary_accepted", **summary_fields()}))

    async def first_work() -> WorkItem:
        async with Inbox(
            "electronics",
            bootstrap_servers=secured.servers,
            group="electronics-desk",
            client=secured.client(ELECTRONICS),
        ) as inbox:
            async for item in inbox:
                if isinstance(item.body, WorkItem):
                    return item.body
        raise AssertionError

    async def decide(item: WorkItem) -> None:
        async with Decisions(
            "electronics", bootstrap_servers=secured.servers, client=secured.client(ELECTRONICS)
        ) as decisions:
            await decisions.answer(item, "work_taken")

    asyncio.run(publish())
    for name, value in secured.environment(WORKER).items():
        monkeypatch.setenv(name, value)
    with running_worker(secured.servers, "", tmp_path) as worker:
        item = asyncio.run(asyncio.wait_for(first_work(), 60))
        asyncio.run(decide(item))
        status = cee(secured.environment(OPERATIONS), "lag", "--json")
        code = worker.terminate()
        log = worker.log.read_text("utf-8")

    assert status.exit_code in {0, 3}, status.output
    assert code == 0
    assert not any(password in log for password in secured.accounts.passwords.values())
    assert "AuthorizationFailed" not in log


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        (PORT, NAMES.center_work("electronics")),
        (PORT, "entry-summary-event"),
        (ELECTRONICS, NAMES.center_work(APPAREL)),
        (ELECTRONICS, "dead-letter"),
    ],
)
def test_what_an_account_has_no_business_with_it_cannot_read(secured: Secured, account: str, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        asyncio.run(read(secured, account, topic))


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        (PORT, NAMES.center_decision("electronics")),
        (PORT, NAMES.center_work("electronics")),
        (ELECTRONICS, NAMES.center_decision(APPAREL)),
        (ELECTRONICS, "headquarters-decision"),
        (WORKER, "headquarters-decision"),
    ],
)
def test_in_whose_name_an_account_may_not_speak_it_cannot_write(secured: Secured, account: str, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        asyncio.run(write(secured, account, topic))


@pytest.mark.parametrize(
    ("account", "topic"),
    [(ELECTRONICS, NAMES.center_work("electronics")), (OPERATIONS, "dead-letter"), (WORKER, "entry-summary-event")],
)
def test_what_is_an_account_s_own_it_can_read(secured: Secured, account: str, topic: str) -> None:
    asyncio.run(read(secured, account, topic))


def test_the_inbox_and_the_decisions_of_another_center_do_not_open(secured: Secured) -> None:
    async def open_both() -> None:
        client = secured.client(ELECTRONICS)
        with pytest.raises(MissingTopic, match="or this account may not use it"):
            async with Inbox(APPAREL, bootstrap_servers=secured.servers, client=client):
                pass
        with pytest.raises(MissingTopic, match="or this account may not use it"):
            async with Decisions(APPAREL, bootstrap_servers=secured.servers, client=client):
                pass

    asyncio.run(open_both())


def test_the_worker_creates_no_topic(secured: Secured) -> None:
    async def create() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=secured.servers, **secured.client(WORKER))
        await admin.start()
        try:
            answer = await admin.create_topics([NewTopic("of-its-own", 1, 1)])
        finally:
            await admin.close()
        [error] = answer.to_object()["topic_errors"]
        raise for_code(error["error_code"])

    with pytest.raises(TopicAuthorizationFailedError):
        asyncio.run(create())


@pytest.mark.parametrize("wrong", [{"KAFKA_SASL_USERNAME": "nobody"}, {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}])
def test_whoever_cannot_say_who_they_are_does_not_get_in(secured: Secured, wrong: dict[str, str]) -> None:
    client = Security.from_environment({**secured.environment(PORT), **wrong}).client()

    async def connect() -> None:
        async with Publisher(secured.servers, client=client):
            pass

    with pytest.raises((KafkaError, OutOfReach)):
        asyncio.run(connect())


def test_a_wrong_login_is_one_sentence_of_the_command_line(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("guessed", "utf-8")
    wrong = {**secured.environment(PORT), "KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")}

    told = cee(wrong, "topics", "check")

    assert told.exit_code == 1
    assert told.output == (
        f"Error: Kafka at {secured.servers} refuses this login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD\n"
    )
    assert "guessed" not in told.output


def test_a_port_system_may_send_its_spool_and_nobody_else_under_its_name(secured: Secured, tmp_path: Path) -> None:
    line = Path("schemas/entry_filed/examples/immediate-delivery.json").read_text("utf-8").replace("\n", " ")
    (tmp_path / "one.jsonl").write_text(line + "\n", "utf-8")
    spool = tmp_path / "spool"

    kept = cee(secured.environment(PORT), "publish", str(tmp_path / "one.jsonl"), "--spool", str(spool))
    assert kept.exit_code == 0, kept.output
    assert "Nothing waits there: all of it is in Kafka." in kept.output

    (tmp_path / "two.jsonl").write_text(line.replace("0", "1", 1) + "\n", "utf-8")
    refused = cee(secured.environment(ELECTRONICS), "publish", str(tmp_path / "two.jsonl"), "--spool", str(spool))
    assert "1 event waits for Kafka" in refused.output
    assert "TransactionalIdAuthorizationFailed" in refused.output
