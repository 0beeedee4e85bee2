"""An account at which a real worker fails: held, listed, released by one command, and then as if it had never been."""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli import root
from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.processor.clock import TimeSource
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.replay.log_reader import read_logs
from streams.replay.verify import verify
from streams.sample.events import SampleEvent
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters
from tests.integration.test_worker import (
    PARTITIONS,
    PATIENCE_SECONDS,
    Worker,
    create_topics,
    publish,
    running_worker,
)

pytestmark = pytest.mark.broker

EVENTS = 300
PROCESSED_THEN = {"processed_at", "opened_at"}
FAILING = """
import sys
from streams.cli import main
from streams.processor.processor import PlacementProcessor

process = PlacementProcessor.process


def failing(self, record, *rest):
    outcome = process(self, record, *rest)
    if record.key == {key!r} and record.offset >= {offset}:
        raise ZeroDivisionError
    return outcome


PlacementProcessor.process = failing
sys.argv = ["cee", "worker"]
main()
"""

Outputs = Mapping[tuple[str, int, bytes | None], Sequence[object]]


class Failing(Worker):
    """A worker whose program fails at the second record of one account and all later ones."""

    key, offset = b"", 0

    def _start(self) -> "subprocess.Popen[bytes]":
        program = FAILING.format(key=self.key, offset=self.offset)
        with self.log.open("ab") as log:
            return subprocess.Popen([sys.executable, "-c", program], env=self._environment, stdout=log, stderr=log)


class Place:
    """A namespace with its topics."""

    def __init__(self, servers: str, namespace: str, directory: Path) -> None:
        self.servers, self.directory = servers, directory
        self.names = create_topics(servers, namespace)

    def cee(self, *arguments: str) -> Result:
        where = ["--bootstrap-servers", self.servers, "--namespace", self.names.namespace]
        return CliRunner().invoke(root, [*arguments, *where])

    def letters(self, *arguments: str) -> list[dict[str, Any]]:
        told = self.cee("dlq", "list", "--json", *arguments)
        assert told.exit_code == 0, told.output
        found: list[dict[str, Any]] = json.loads(told.stdout)["dead_letters"]
        return found

    def publish(self, events: Sequence[SampleEvent]) -> None:
        codec = Codec()
        publish(
            self.servers,
            self.names.of("entry-summary-event"),
            [(one.key, codec.encode(one.name, one.fields), partition_for(one.key, PARTITIONS)) for one in events],
        )

    def wait_until_clean(self) -> None:
        """Wait until all input is processed, and outputs and state are what a fold makes of it."""
        rules = PlacementRules(PlacementPolicy(), published_coverage())
        processor = PlacementProcessor(Codec(), self.names, PARTITIONS, rules, TimeSource.EVENT)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            verdict = asyncio.run(verify(self.servers, self.names, processor, AvroJournalCodec(Codec())))
            if verdict.is_clean:
                return
            assert time.monotonic() < give_up, verdict.wrong
            time.sleep(0.3)

    def outputs(self) -> Outputs:
        """Return what was published for each key, in order, by topic and partition."""
        log = asyncio.run(read_logs(self.servers, self.names.outputs))
        codec = Codec()
        found: dict[tuple[str, int, bytes | None], list[object]] = defaultdict(list)
        for (topic, partition), records in log.items():
            for record in records:
                content = None if record.value is None else without_times(codec.decode(record.value))
                found[topic, partition, record.key].append(content)
        return found

    def begin_anew(self) -> None:
        """Delete all but the input, so that it is processed once more, at the same offsets."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while self.cee("reset", "--yes", "--state-dir", str(self.directory / "state")).exit_code:
            assert time.monotonic() < give_up  # the group lets go of the worker once its session is over
            time.sleep(0.5)


def without_times(value: object) -> object:
    """Return a decoded record without the times of processing: who was held is processed later."""
    if isinstance(value, dict):
        return {name: without_times(one) for name, one in value.items() if name not in PROCESSED_THEN}
    if isinstance(value, list | tuple):
        return [without_times(one) for one in value]
    return value


def sample() -> list[SampleEvent]:
    events = (one for one in NationalSample(SampleParameters(scale=Fraction(1, 1000))).events() if one.raw is None)
    return list(islice((one for one in events if one.name != "placement_set"), EVENTS))


def test_a_held_account_is_released_by_the_command_for_dead_letters_and_ends_as_if_it_had_never_been_held(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    events = sample()
    account = Counter(one.key for one in events).most_common(1)[0][0]
    home = partition_for(account, PARTITIONS)
    at_home = [one.key for one in events if partition_for(one.key, PARTITIONS) == home]
    Failing.key, Failing.offset = account, at_home.index(account) + 1
    waiting = at_home.count(account) - 1
    place = Place(bootstrap_servers, namespace, tmp_path)
    place.publish(events)
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        place.wait_until_clean()
        worker.terminate()
    without_failure = place.outputs()
    place.begin_anew()

    failing = Failing(bootstrap_servers, namespace, tmp_path)
    try:
        place.wait_until_clean()
        first = place.letters()[0]["letter"]
        alone = place.cee("dlq", "replay", first)
        early = place.cee("dlq", "replay", "--account", account.decode())
        discarded = place.cee("dlq", "discard", "--all", "--why", "a test", "--yes")
    finally:
        failing.process.kill()
        failing.process.wait()
    assert (alone.exit_code, early.exit_code, len(place.letters())) == (1, 1, waiting)
    assert "waits with its account" in alone.output
    assert "stays held after 0 records" in early.output
    assert "no open dead letter is meant" in discarded.output
    assert place.outputs() != without_failure

    with running_worker(bootstrap_servers, namespace, tmp_path):
        done = place.cee("dlq", "replay", "--account", account.decode())
        again = place.cee("dlq", "replay", "--account", account.decode())
        by_name = place.cee("release", account.decode())
        place.wait_until_clean()
    assert done.output == f"partition {home}: the account is released, {waiting} waiting records processed\n"
    assert again.output == "no open dead letter is meant: nothing was done\n"
    assert by_name.output.startswith(f"partition {home}: no dead letter waits with this account")
    assert (done.exit_code, again.exit_code, by_name.exit_code) == (0, 0, 0)
    assert place.letters() == []
    assert [letter["state"] for letter in place.letters("--resolved")] == ["released"] * waiting
    assert place.outputs() == without_failure
