"""One run: workers, load, faults drawn from a seed, healing, and the verdict."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from streams.engine.config import Budgets, EngineConfig, Limits
from streams.engine.errors import TransientFault
from streams.engine.held import held_keys
from streams.engine.journal import JsonJournalCodec
from streams.engine.resume import ask_to_release, ask_to_resume
from streams.engine.simulated import tally
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.checkers import check_all
from streams.engine.simulated.disk import SimDisk
from streams.engine.simulated.group import SimGroup
from streams.engine.simulated.loop import Deadlock, run_virtually, virtual_loop
from streams.engine.simulated.network import HEALED, Network, Process, adopting_factory
from streams.engine.simulated.plan import Plan, draw_plan
from streams.engine.simulated.reports import Reports, check_lag
from streams.engine.simulated.troubles import Troubles
from streams.engine.simulated.worker import SimWorker
from streams.engine.simulated.world import Cluster, SimClock, SimWorld

PARTITIONS: Final = 2
_HEAL_SECONDS: Final = 240.0
_COMES_BACK: Final = 0.7
_MENDED: Final = 0.7
_SETTLE_SECONDS: Final = 3.0
_SLOW: Final = 0.2
_WORK_SECONDS: Final = 0.02
_NOBODYS: Final = 0.3
"""Share of the records with a bug that belong to no account."""
_VERBS: Final = (b"add", b"close", b"remind", b"bad", b"shaky", b"poison")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run came to; `trace` is empty unless it was asked for."""

    seed: int
    violations: tuple[str, ...]
    steps: int
    plan: Plan
    trace: tuple[str, ...] = ()


def run_schedule(seed: int, *, traced: bool = False) -> Verdict:
    """Run the schedule of a seed, the same each time."""
    return run_plan(draw_plan(seed), traced=traced)


def run_plan(plan: Plan, *, traced: bool = False) -> Verdict:
    """Run a schedule, the same each time."""
    trace: list[str] | None = [] if traced else None
    try:
        found, steps = run_virtually(_Run(plan, trace).run())
    except Deadlock:
        found, steps = ["L1: everything waits, and nothing will ever happen"], 0
    return Verdict(plan.seed, tuple(found), steps, plan, tuple(trace or ()))


def simulated_config() -> EngineConfig:
    """Return the configuration of the simulated application; batches are small, so that there are many."""
    return EngineConfig(
        app_id="sim",
        bootstrap_servers="",
        sources=tally.SOURCES,
        changelog=tally.CHANGELOG,
        journal=tally.JOURNAL,
        dead_letter=tally.DEAD_LETTER,
        outputs=tally.OUTPUTS,
        common_keys=frozenset({tally.COMMON}),
        state_dir=Path("/nowhere"),
        limits=Limits(batch_records=7, decide_chunk=4, cached_values=8),
        budgets=Budgets(punctuate=2.0, idle_commit=0.5, heartbeat=2.0, stall=120.0),
    )


def all_topics(config: EngineConfig) -> tuple[str, ...]:
    """Return the names of all topics of an application."""
    return (*config.sources, config.changelog, config.journal, config.dead_letter, *config.outputs)


class _Run:
    """Everything of one run; lives on its virtual loop."""

    def __init__(self, plan: Plan, trace: list[str] | None) -> None:
        self._plan = plan
        self._trace = trace
        self._found: list[str] = []
        self._asked: set[tuple[int, int]] = set()
        self._random = Random(plan.seed)
        self._config = simulated_config()
        self._codec = JsonJournalCodec()
        self._processor = tally.Tally(PARTITIONS, plan.patience, self._work)
        self._reports = Reports()

    async def run(self) -> tuple[list[str], int]:
        """Load and break things, heal, and check; return violations and the number of steps."""
        self._set_up()
        load = asyncio.ensure_future(self._load())
        for worker in self._active:
            self._start(worker)
        await self._break_things()
        self._heal()
        await load
        await self._catch_up()
        for worker in self._workers:
            settled = self._settled(worker)
            for status in worker.tasks:
                if status.partition in settled:
                    self._found += check_lag(self._broker, status)
        stores = {p: worker.disk.stores[p].data for worker in self._workers for p in self._settled(worker)}
        await asyncio.gather(*(worker.stop(leave=False) for worker in self._workers if worker.is_up))
        while not self._broker.is_settled():  # noqa: ASYNC110 - virtual time costs nothing
            await asyncio.sleep(1.0)
        self._give_back()
        self._found += self._reports.found
        self._found += self._reports.check(self._broker, self._config, self._codec)
        self._found += check_all(self._broker, self._config, self._codec, stores, frozenset(self._asked))
        return self._found, self._network.steps

    def _set_up(self) -> None:
        plan, config = self._plan, self._config
        self._loop = virtual_loop()
        self._loop.set_task_factory(adopting_factory)
        timeout = config.budgets.transaction_timeout
        self._broker = SimBroker(all_topics(config), PARTITIONS, self._random, timeout)
        self._group = SimGroup(PARTITIONS, config.budgets.session)
        self._network = Network(self._random, plan.faults, self._trace)
        self._network.crash_at_step = plan.crash_at_step
        self._network.rebalance_at_step = plan.rebalance_at_step
        self._network.rebalance = self._group.turn
        self._broker.refuse = lambda _: self._random.random() < self._network.faults.refused
        self._cluster = Cluster(config, self._network, self._broker, self._group, SimClock())
        self._workers = [
            SimWorker(f"w{n}", self._cluster, self._random, self._found.append, self._reports) for n in range(2)
        ]
        self._active = self._workers[: plan.workers]
        self._troubles = Troubles(self._cluster, self._active, self._random)

    def _work(self) -> None:
        """Take a while, as a processor does: time that is looked at twice has passed in between."""
        if self._random.random() < _SLOW:
            self._loop.spend(self._random.random() * _WORK_SECONDS)

    def _start(self, worker: SimWorker) -> None:
        worker.start(self._processor, self._codec, self._plan.machine_crashes)

    async def _load(self) -> None:
        """Publish records in bursts, as somebody outside would, whatever the workers do."""
        random, plan = Random(self._plan.seed + 1), self._plan
        for _ in range(plan.bursts):
            await asyncio.sleep(random.expovariate(plan.bursts / plan.seconds))
            for _ in range(random.randint(1, plan.burst_records)):
                place = (random.choice(tally.SOURCES), random.randrange(PARTITIONS))
                verb = random.choices(_VERBS, plan.verb_weights)[0]
                value = verb + b":" + b"x" * random.randint(1, 9)
                is_nobodys = verb == b"poison" and random.random() < _NOBODYS
                key = random.choice((None, tally.COMMON)) if is_nobodys else b"k%d" % random.randrange(6)
                aborted = random.random() < plan.aborted_share
                self._broker.publish(place, key, value, aborted=aborted)

    async def _break_things(self) -> None:
        ends = self._loop.time() + self._plan.seconds
        while self._loop.time() < ends:
            await asyncio.sleep(self._random.random() * self._plan.seconds / 6)
            for worker in self._active:
                if not worker.is_up and self._random.random() < _COMES_BACK:
                    self._start(worker)
            if self._plan.troubles:
                await self._trouble(self._random.choice(self._plan.troubles), self._random.choice(self._active))

    async def _trouble(self, name: str, worker: SimWorker) -> None:
        self._network.note(worker.process, f"TROUBLE {name}")
        if name != "stop":
            self._troubles.make(name, worker)
        elif worker.is_up:
            await worker.stop(leave=self._random.choice((False, True)))

    def _heal(self) -> None:
        self._network.note(None, "HEALED")
        self._network.faults = HEALED
        self._network.crash_at_step = self._network.rebalance_at_step = -1
        self._network.down_until = 0.0
        for worker in self._active:
            worker.disk.is_full = False
            if worker.process is not None:
                worker.process.cut_until = worker.process.starved_until = 0.0
            if not worker.is_up:
                self._start(worker)

    # -- catching up -----------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        began = self._loop.time()
        while not await self._stays_done():
            if self._loop.time() - began > _HEAL_SECONDS:
                self._found.append(f"L1: still behind {_HEAL_SECONDS:.0f} s after healing: {self._lags()}")
                return
            await self._resume_halted()
            await self._release_held()
            await asyncio.sleep(0.5)

    async def _stays_done(self) -> bool:
        """Whether all is done, and still is after every member has learned its share and reminders were sent."""
        if not self._is_done():
            return False
        await asyncio.sleep(_SETTLE_SECONDS)
        return self._is_done()

    def _is_done(self) -> bool:
        return self._is_quiet() and not self._broker.deleted and not self._held()

    def _is_quiet(self) -> bool:
        if not self._broker.is_settled() or self._lags():
            return False
        return sum(len(self._settled(worker)) for worker in self._workers) == PARTITIONS

    def _settled(self, worker: SimWorker) -> list[int]:
        """Return the partitions that the group and the worker agree about, and where nothing is left to do."""
        owners = self._group.owners()
        idle = [status.partition for status in worker.tasks if status.phase == "idle"]
        return [partition for partition in idle if owners.get(partition) == worker.name]

    def _lags(self) -> dict[str, int]:
        lags = {
            f"{topic}-{p}": self._broker.logs[(topic, p)].stable_end - self._broker.committed.get((topic, p), 0)
            for topic in self._config.sources
            for p in range(PARTITIONS)
        }
        return {place: lag for place, lag in lags.items() if lag}

    async def _resume_halted(self) -> None:
        """Do what a person would: read why a partition stands, and send the record to the dead letters."""
        owners = self._group.owners()
        for worker in self._workers:
            for status in worker.tasks:
                if status.phase != "halted" or owners.get(status.partition) != worker.name:
                    continue
                if status.halted.startswith("unexpected-exception"):
                    offset = int(status.halted.partition("--dead-letter ")[2])
                    self._asked.add((status.partition, offset))
                    await self._ask(status.partition, ask_to_resume, offset)
                else:
                    if status.halted.startswith("offsets-set-back"):  # by the copy that was given back before
                        if not self._broker.was_recreated:
                            self._found.append(
                                f"L1: partition {status.partition} halts, and nobody did it: {status.halted}"
                            )
                        self._broker.forget_offsets(status.partition)
                    self._give_back()
                    await self._ask(status.partition, ask_to_resume, None)

    def _held(self) -> list[tuple[int, bytes]]:
        """Return partition and key of the accounts that are held."""
        return [
            (status.partition, key)
            for worker in self._workers
            for status in worker.tasks
            if status.held and status.partition in self._settled(worker)
            for key in held_keys(worker.disk.stores[status.partition].data)
        ]

    async def _release_held(self) -> None:
        """Do what a person would, once all others are done: mend the processor (or not yet), and release."""
        if not self._is_quiet():
            return
        self._give_back()
        self._processor.is_mended = self._processor.is_mended or self._random.random() < _MENDED
        for partition, key in self._held():
            await self._ask(partition, ask_to_release, key)

    def _give_back(self) -> None:
        for place in self._broker.logs:
            self._broker.give_back(place)

    async def _ask(self, partition: int, ask: Callable[..., Awaitable[None]], what: object) -> None:
        world = SimWorld(self._cluster, Process("cli"), SimDisk(self._random))
        try:
            await ask(self._config, world.transaction(partition), world.clock, partition, what)
        except TransientFault:
            return
        await asyncio.sleep(5.0)
