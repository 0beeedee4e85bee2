"""Dead letters of a real worker, listed, shown, replayed, returned and discarded: each once, whatever comes between."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from click.testing import CliRunner, Result

from streams.cli import root
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.api import SourceRecord
from streams.engine.dead_letter import REPLAY_OF, RETURN_OF
from streams.processor.clock import TimeSource
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.repair.letters import Chosen, LetterError
from streams.repair.resolving import REPLAYED, Cluster, _only_repair, replayed, resolve
from streams.replay.verify import verify
from tests.integration.test_worker import (
    HOME,
    KEY,
    PARTITIONS,
    accepted,
    create_topics,
    publish,
    running_worker,
    wait_for,
)

pytestmark = pytest.mark.broker

OTHER = b"98-7654321"
UNDECODABLE, WRONG_KEY = b"no event at all", accepted()


class Desk:
    """The command line for one namespace."""

    def __init__(self, servers: str, names: TopicNames) -> None:
        self.servers, self.names = servers, names
        self.cluster = Cluster(servers, names, "cee-placement", {})

    def dlq(self, verb: str, *arguments: str) -> Result:
        where = ["--bootstrap-servers", self.servers, "--namespace", self.names.namespace]
        return CliRunner().invoke(root, ["dlq", verb, *where, *arguments])

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        told = self.dlq("list", "--json", *arguments)
        assert told.exit_code == 0, told.output
        letters: list[dict[str, Any]] = json.loads(told.stdout)["dead_letters"]
        return letters

    def place(self, reason: str) -> str:
        (letter,) = self.listed("--reason", reason)
        return str(letter["letter"])


@pytest.fixture(scope="module")
def desk(bootstrap_servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a namespace with a running worker, and two dead letters that are open at the start of each test."""
    names = create_topics(bootstrap_servers, f"t{uuid.uuid4().hex[:8]}")
    with running_worker(bootstrap_servers, names.namespace, tmp_path_factory.mktemp("desk")):
        events = names.of("entry-summary-event")
        bad = [(KEY, UNDECODABLE, HOME), (OTHER, WRONG_KEY, partition_for(OTHER, PARTITIONS))]
        publish(bootstrap_servers, events, [*bad, (KEY, accepted(), HOME)])
        wait_for(bootstrap_servers, names.of("dead-letter"), lambda records: len(records) == 2)
        yield Desk(bootstrap_servers, names)


def test_what_is_meant_has_to_be_there_and_to_be_said(desk: Desk) -> None:
    names, sources = desk.dlq("list").output.splitlines()[::2], desk.dlq("list").output.splitlines()[1::2]
    assert {name.split()[1] for name in names} == {"undecodable", "wrong-key"}
    assert all(source.startswith(f"    from {desk.names.of('entry-summary-event')}-") for source in sources)
    assert "say which" in desk.dlq("replay").output
    assert desk.dlq("replay", "0/99").output == "Error: there is no dead letter 0/99\n"
    assert "write partition/offset" in desk.dlq("show", "first").output
    assert desk.dlq("replay", "--reason", "unknown-reason").output == "no open dead letter is meant: nothing was done\n"


def test_a_failure_between_reading_and_writing_leaves_the_letters_open(desk: Desk) -> None:
    def fail(letter: object) -> None:
        message = f"nothing can be done about {type(letter).__name__}"
        raise LetterError(message)

    with pytest.raises(LetterError):
        asyncio.run(resolve(desk.cluster, Chosen(), REPLAYED, fail, {}))

    assert len(desk.listed()) == 2


def test_a_repair_that_is_overtaken_leaves_nothing_and_the_other_one_does_it_once(desk: Desk) -> None:
    chosen = Chosen(reason="undecodable")

    async def overtaken() -> None:
        async with _only_repair(desk.cluster) as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(desk.names.of("entry-summary-event"), UNDECODABLE, key=KEY, partition=HOME)
            done = await resolve(desk.cluster, chosen, REPLAYED, replayed, {"by": "the other one"})
            assert len(done) == 1
            with pytest.raises(KafkaError):
                await producer.commit_transaction()

    asyncio.run(overtaken())

    events = wait_for(desk.servers, desk.names.of("entry-summary-event"), lambda records: len(records) >= 4)
    assert [record.value for record in events].count(UNDECODABLE) == 2
    wait_for(desk.servers, desk.names.of("dead-letter"), lambda records: len(records) == 3)


def test_a_dead_letter_is_listed_shown_replayed_once_returned_and_discarded(desk: Desk) -> None:
    assert {letter["reason"] for letter in desk.listed()} == {"undecodable", "wrong-key"}
    assert [letter["reason"] for letter in desk.listed("--account", KEY.decode() + "00")] == ["undecodable"]
    shown = json.loads(desk.dlq("show", desk.place("undecodable")).stdout)
    assert bytes.fromhex(shown["first_bytes"]) == UNDECODABLE
    first = desk.place("undecodable")

    assert desk.dlq("replay", first).output == "1 dead letter was replayed\n"
    again = desk.dlq("replay", first)

    assert (again.exit_code, again.output) == (1, f"Error: dead letter {first} was replayed already\n")
    buried = wait_for(desk.servers, desk.names.of("dead-letter"), lambda records: first.encode() in replays(records))
    assert replays(buried).count(first.encode()) == 1
    (second,) = desk.listed("--reason", "undecodable")
    assert (second["replay_of"], second["state"]) == (first, "open")

    told = desk.dlq("return", desk.place("wrong-key"), "--tell", "send the account key")
    assert told.output == "1 dead letter was returned\n"
    (refusal,) = wait_for(desk.servers, desk.names.of("event-refusal"), lambda records: len(records) == 1)
    fields = Codec().decode(refusal.value or b"")[1]
    assert (fields["rule"], fields["remedy"]) == ("dead-letter.wrong-key", "send the account key")
    assert fields["event_id"] == Codec().decode(WRONG_KEY)[1]["event_id"]
    assert RETURN_OF in dict(refusal.headers)

    asked = desk.dlq("discard", "--all", "--why", "a test")
    assert (asked.exit_code, len(desk.listed())) == (1, 1)
    assert desk.dlq("discard", "--all", "--why", "a test", "--yes").output == "1 dead letter was discarded\n"
    assert desk.listed() == []
    assert sorted(letter["state"] for letter in desk.listed("--resolved")) == [
        "discarded",
        "replayed",
        "replayed",
        "returned",
    ]
    assert_clean(desk)


def assert_clean(desk: Desk) -> None:
    """Everything that the worker published is what a fold publishes, repairs or not."""
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    processor = PlacementProcessor(Codec(), desk.names, PARTITIONS, rules, TimeSource.EVENT)
    verdict = asyncio.run(verify(desk.servers, desk.names, processor, AvroJournalCodec(Codec())))
    assert verdict.is_clean, verdict.wrong


def replays(records: list[SourceRecord]) -> list[bytes]:
    """Return which dead letters were replayed, by the headers of those that became dead letters again."""
    return [replay for record in records if (replay := dict(record.headers).get(REPLAY_OF)) is not None]
