"""An importer number changes its account while workers die: the real processor on the simulated world.

Held against a single-threaded fold that follows the journal (S1 to S7), and against the end of a run without trouble.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import pytest

from streams.contract.keys import partition_for
from streams.engine.config import Budgets, EngineConfig, Limits
from streams.engine.journal import JsonJournalCodec
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.checkers import check_all
from streams.engine.simulated.group import SimGroup
from streams.engine.simulated.loop import run_virtually
from streams.engine.simulated.network import Faults, Network, adopting_factory
from streams.engine.simulated.reports import Reports
from streams.engine.simulated.schedule import all_topics
from streams.engine.simulated.worker import SimWorker
from streams.engine.simulated.world import Cluster, SimClock
from streams.processor.case_layout import load_case
from streams.processor.clock import TimeSource
from streams.processor.ledger_layout import load_day
from streams.processor.processor import PlacementProcessor
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.kit import COMPUTER, NAMES, RULES, SHIRT, about, at, codec, day, filed, key_of
from tests.unit.processor.test_rules import version

PARTITIONS: Final = 2
JOINS: Final = "98-765432100"
GROUP: Final = "12-3456789"
NUMBERS: Final = [number for number, _ in zip(entry_numbers(), range(200), strict=False)]
CALM: Final = Faults()
ENTRIES: Final = 55
"""More than one piece of a move."""

JOURNAL: Final = "processing-journal"
CONFIG: Final = EngineConfig(
    app_id="sim",
    bootstrap_servers="",
    sources=NAMES.sources,
    changelog="placement-state",
    journal=JOURNAL,
    dead_letter="dead-letter",
    outputs=NAMES.outputs,
    common_keys=frozenset({b"rules"}),
    state_dir=Path("/nowhere"),
    limits=Limits(batch_records=7, decide_chunk=4, cached_values=50),
    budgets=Budgets(punctuate=2.0, idle_commit=0.5, heartbeat=2.0, stall=120.0),
)

Event = tuple[str, dict[str, Any], str]
"""Record name, fields and topic."""
Story = tuple[Callable[[], Iterator[Event]], Callable[[], Iterator[Event]]]
"""What happens before anything breaks, and while things break."""


class End(NamedTuple):
    """What a run came to: violations, steps before the move and in all, and the state of each partition."""

    found: list[str]
    began: int
    steps: int
    states: tuple[Mapping[bytes, object], ...]


def kept(store: Mapping[bytes, bytes]) -> Mapping[bytes, object]:
    """Return a partition's state but for the engine's keys, and for what tells how the topics took turns.

    That is when cases were opened, and which heading of a day was counted first.
    """
    cases = {key: load_case(value)._replace(opened_ms=0) for key, value in store.items() if key.startswith(b"c/")}
    days = {key: load_day(value) for key, value in store.items() if key.startswith(b"d/")}
    return {key: value for key, value in store.items() if key[:2] != b"m/"} | cases | days


def make() -> PlacementProcessor:
    """Return the processor of the run."""
    return PlacementProcessor(codec(), NAMES, PARTITIONS, RULES, TimeSource.EVENT)


def before() -> Iterator[Event]:
    """Yield what happens before the table takes force: two importers with entries, and the table."""
    table = version(
        "grouped",
        "2023-11-15",
        policy=[{"name": "account_key", "values": ["table"]}],
        accounts=[{"importer_of_record": JOINS, "account_key": GROUP}],
    )
    yield "rules_version", table | {"event_time": at("2023-11-14T22:00:00")}, "headquarters-decision"
    for number in NUMBERS[:ENTRIES]:
        yield accepted(number, JOINS, COMPUTER, "2023-11-14T21:00:00")
    for number in NUMBERS[100:103]:
        yield accepted(number, f"{GROUP}00", SHIRT, "2023-11-14T21:00:00")


def since() -> Iterator[Event]:
    """Yield what happens from the first day of the table on: both importers go on."""
    for place in range(12):
        when = f"2023-11-15T15:{place:02d}:00"
        fields = about(when, NUMBERS[place], JOINS, paid_on=day("2023-11-15"), amount_cents=None, statement_number=None)
        yield "entry_summary_paid", fields, "entry-summary-event"
        yield accepted(NUMBERS[60 + place], JOINS, COMPUTER, when)
        yield accepted(NUMBERS[110 + place], f"{GROUP}00", SHIRT, when)


def accepted(number: str, importer: str, code: str, when: str) -> Event:
    """Return the acceptance of a summary."""
    return "entry_summary_accepted", filed(code, number=number, importer=importer, when=when), "entry-summary-event"


class Run:
    """One run with two workers, one of which may die at a step, and faults from when the table takes force."""

    def __init__(self, seed: int, crash_at_step: int, faults: Faults, story: Story) -> None:
        self._before, self._since = story
        self._seed = seed
        self._crash_at_step = crash_at_step
        self._faults = faults
        self._found: list[str] = []

    async def run(self) -> End:
        """Load, let the table take force while things break, heal, check."""
        self._set_up()
        self._publish(self._before())
        await self._until(self._is_done)
        began = self._network.steps
        self._network.crash_at_step, self._network.faults = self._crash_at_step, self._faults
        for event in self._since():
            self._publish([event])
            await asyncio.sleep(self._random.random() / 4)
        await asyncio.sleep(20.0)
        self._network.crash_at_step, self._network.faults = -1, Faults()
        await self._until(self._is_done)
        steps = self._network.steps
        stores = {p: worker.disk.stores[p].data for worker in self._workers for p in self._settled(worker)}
        await asyncio.gather(*(worker.stop(leave=False) for worker in self._workers if worker.is_up))
        await self._until(self._broker.is_settled)
        found = check_all(self._broker, CONFIG, JsonJournalCodec(), stores, frozenset(), make)
        return End(self._found + found, began, steps, tuple(kept(stores[partition]) for partition in range(PARTITIONS)))

    def _set_up(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(adopting_factory)
        self._random = Random(self._seed)
        self._broker = SimBroker(all_topics(CONFIG), PARTITIONS, self._random, CONFIG.budgets.transaction_timeout)
        self._group = SimGroup(PARTITIONS, CONFIG.budgets.session)
        self._network = Network(self._random, Faults(), None)
        self._network.rebalance = self._group.turn
        cluster = Cluster(CONFIG, self._network, self._broker, self._group, SimClock())
        reports = Reports()
        self._workers = [SimWorker(f"w{n}", cluster, self._random, self._found.append, reports) for n in range(2)]

    def _publish(self, events: Any) -> None:
        for name, fields, topic in events:
            key = b"rules" if name == "rules_version" else key_of(fields).encode()
            places = range(PARTITIONS) if name == "rules_version" else [partition_for(key, PARTITIONS)]
            for partition in places:
                self._broker.publish((topic, partition), key, codec().encode(name, fields))

    async def _until(self, is_so: Callable[[], bool]) -> None:
        for _ in range(600):
            for worker in self._workers:
                if not worker.is_up and is_so != self._broker.is_settled:
                    worker.start(make(), JsonJournalCodec(), 0.3)
            if is_so():
                await asyncio.sleep(3.0)
                if is_so():
                    return
            await asyncio.sleep(0.5)
        self._found.append("L1: it never ends")

    def _is_done(self) -> bool:
        lags = any(
            self._broker.logs[topic, p].stable_end > self._broker.committed.get((topic, p), 0)
            for topic in CONFIG.sources
            for p in range(PARTITIONS)
        )
        return not lags and self._broker.is_settled() and sum(map(len, map(self._settled, self._workers))) == PARTITIONS

    def _settled(self, worker: SimWorker) -> list[int]:
        owners = self._group.owners()
        idle = [status.partition for status in worker.tasks if status.phase == "idle"]
        return [partition for partition in idle if owners.get(partition) == worker.name]


MOVE: Final[Story] = (before, since)


def run(seed: int, crash_at_step: int = -1, faults: Faults = CALM, story: Story = MOVE) -> End:
    """Run a schedule, the same each time."""
    return run_virtually(Run(seed, crash_at_step, faults, story).run())


@cache
def undisturbed() -> End:
    """Return the end of a run in which nothing breaks."""
    return run(0)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The core warns of each fault that is made here on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_P10_without_trouble_the_number_is_in_its_account_with_all_that_it_has() -> None:
    end = undisturbed()

    assert end.found == []
    assert partition_for(GROUP.encode(), PARTITIONS) != partition_for(JOINS[:10].encode(), PARTITIONS)
    held = [key for state in end.states for key in state if key.startswith(b"e/")]
    assert {key.split(b"/")[1] for key in held} == {GROUP.encode()}
    assert len(held) == ENTRIES + 12 + 3 + 12
    assert not [key for state in end.states for key in state if key[:2] == b"k/" and key[:4] != b"k/r/"]


@pytest.mark.parametrize("part", range(4))
def test_P10_a_worker_that_dies_in_the_middle_of_a_move_changes_nothing(part: int) -> None:
    """At every so many steps of the move, also while the other worker has the other account."""
    calm = undisturbed()
    every = (calm.steps - calm.began) // 48
    ends = {step: run(0, step) for step in range(calm.began + part * every, calm.steps, 4 * every)}

    assert {step: end.found for step, end in ends.items() if end.found} == {}
    assert [step for step, end in ends.items() if end.states != calm.states] == []


@pytest.mark.parametrize("seed", range(6))
def test_P10_lost_answers_late_requests_and_rebalances_change_nothing_either(seed: int) -> None:
    end = run(seed, faults=Faults(crash=0.002, lost=0.01, unanswered=0.01, late=0.005, rebalance=0.002))

    assert end.found == []
    assert end.states == undisturbed().states
