"""One run: workers, load, faults drawn from a seed, healing, and the verdict."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from streams.engine.config import Budgets, EngineConfig, Limits
from streams.engine.engine import Engine
from streams.engine.errors import TransientFault
from streams.engine.journal import JsonJournalCodec
from streams.engine.resume import ask_to_resume
from streams.engine.simulated import tally
from streams.engine.simulated.broker import SimBroker
from streams.engine.simulated.checkers import check_all
from streams.engine.simulated.disk import SimDisk
from streams.engine.simulated.group import SimGroup
from streams.engine.simulated.loop import Deadlock, run_virtually
from streams.engine.simulated.network import CURRENT, HEALED, Network, Process, adopting_factory
from streams.engine.simulated.plan import Plan, draw_plan
from streams.engine.simulated.world import SimClock, SimWorld

PARTITIONS = 2
_HEAL_SECONDS = 240.0
_STOP_SECONDS = 10.0


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
    plan = draw_plan(seed)
    trace: list[str] | None = [] if traced else None
    try:
        found, steps = run_virtually(_Run(plan, trace).run())
    except Deadlock:
        found, steps = ["L1: everything waits, and nothing will ever happen"], 0
    return Verdict(seed, tuple(found), steps, plan, tuple(trace or ()))


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
        state_dir=Path("/nowhere"),
        limits=Limits(batch_records=7, decide_chunk=4, cached_values=8),
        budgets=Budgets(punctuate=2.0, idle_commit=0.5, heartbeat=2.0, stall=120.0),
    )


@dataclass(slots=True)
class _Worker:
    """One machine: its disk stays, its process comes and goes."""

    name: str
    disk: SimDisk
    process: Process | None = None
    engine: Engine | None = None
    runner: "asyncio.Task[None] | None" = None
    stores: dict[int, Mapping[bytes, bytes]] = field(default_factory=dict)


class _Run:
    """Everything of one run; lives on its virtual loop."""

    def __init__(self, plan: Plan, trace: list[str] | None) -> None:
        self._plan = plan
        self._trace = trace
        self._found: list[str] = []

    async def run(self) -> tuple[list[str], int]:
        """Load and break things, heal, and check; return violations and the number of steps."""
        self._set_up()
        load = asyncio.ensure_future(self._load())
        for worker in self._workers[: self._plan.workers]:
            self._start(worker)
        await self._break_things()
        self._heal()
        await load
        await self._catch_up()
        await self._stop_all()
        stores = {p: data for worker in self._workers for p, data in worker.stores.items()}
        self._found += check_all(self._broker, self._config, self._codec, stores)
        return self._found, self._network.steps

    def _set_up(self) -> None:
        plan = self._plan
        asyncio.get_running_loop().set_task_factory(adopting_factory)
        self._loop = asyncio.get_running_loop()
        self._random = Random(plan.seed)
        self._config = simulated_config()
        self._codec = JsonJournalCodec()
        names = (
            *self._config.sources, self._config.changelog, self._config.journal, self._config.dead_letter,
            *self._config.outputs,
        )  # fmt: skip
        self._broker = SimBroker(names, PARTITIONS, self._random, self._config.budgets.transaction_timeout)
        self._group = SimGroup(PARTITIONS, self._config.budgets.session)
        self._network = Network(self._random, plan.faults, self._trace)
        self._network.crash_at_step = plan.crash_at_step
        self._broker.refuse = lambda _: self._random.random() < self._network.faults.refused
        self._clock = SimClock()
        self._workers = [_Worker(f"w{number}", SimDisk(self._random)) for number in range(2)]
        self._processor = tally.Tally(PARTITIONS, plan.patience)

    # -- load ------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        random = Random(self._plan.seed + 1)
        for _ in range(self._plan.bursts):
            await asyncio.sleep(random.expovariate(self._plan.bursts / self._plan.seconds))
            for _ in range(random.randint(1, self._plan.burst_records)):
                place = (random.choice(tally.SOURCES), random.randrange(PARTITIONS))
                verb = random.choices(_VERBS, self._plan.verb_weights)[0]
                key = b"k%d" % random.randrange(6)
                aborted = random.random() < self._plan.aborted_share
                self._broker.publish(place, key, verb + b":" + b"x" * random.randint(1, 9), aborted=aborted)

    # -- workers ---------------------------------------------------------------------------------------------

    def _start(self, worker: _Worker) -> None:
        process = worker.process = Process(worker.name)
        process.on_crash = lambda: worker.disk.crash(machine=self._random.random() < self._plan.machine_crashes)
        self._network.note(process, "START")
        token = CURRENT.set(process)
        try:
            world = SimWorld(self._config, process, self._network, self._broker, self._group, worker.disk, self._clock)
            worker.engine = Engine(self._config, self._processor, self._codec, world=world)
            worker.runner = asyncio.ensure_future(self._serve(worker, worker.engine))
        finally:
            CURRENT.reset(token)

    async def _serve(self, worker: _Worker, engine: Engine) -> None:
        try:
            await engine.start()
            await engine.wait()
        except Exception as error:  # noqa: BLE001 - no run may end like this, whatever it is
            self._network.note(worker.process, f"ENDED {type(error).__name__} {error}")
            self._found.append(f"L1: worker {worker.name} ended with {type(error).__name__}: {error}")

    async def _stop(self, worker: _Worker, *, leave: bool) -> None:
        engine, process = worker.engine, worker.process
        assert engine is not None
        assert process is not None
        self._network.note(process, "STOP")
        began = self._loop.time()
        token = CURRENT.set(process)
        try:
            stopping = asyncio.ensure_future(engine.stop(leave=leave))
        finally:
            CURRENT.reset(token)
        await asyncio.wait({stopping})
        took = self._loop.time() - began
        if process.is_alive and took > _STOP_SECONDS:
            self._found.append(f"L2: stopping {worker.name} took {took:.1f} s")
        process.on_crash = lambda: worker.disk.crash(machine=False)
        process.kill()

    def _is_up(self, worker: _Worker) -> bool:
        return worker.process is not None and worker.process.is_alive

    # -- faults ----------------------------------------------------------------------------------------------

    async def _break_things(self) -> None:
        ends = self._loop.time() + self._plan.seconds
        while self._loop.time() < ends:
            await asyncio.sleep(self._random.random() * self._plan.seconds / 6)
            for worker in self._workers[: self._plan.workers]:
                if not self._is_up(worker) and self._random.random() < 0.7:  # noqa: PLR2004 - most come back at once
                    self._start(worker)
            if self._plan.troubles:
                await self._trouble(self._random.choice(self._plan.troubles))

    async def _trouble(self, kind: str) -> None:
        worker = self._random.choice(self._workers[: self._plan.workers])
        self._network.note(worker.process, f"TROUBLE {kind}")
        match kind:
            case "kill" if worker.process is not None:
                worker.process.kill()
            case "stop" if self._is_up(worker):
                await self._stop(worker, leave=self._random.random() < 0.5)  # noqa: PLR2004 - as often as not
            case "cut" if worker.process is not None:
                worker.process.cut_until = self._loop.time() + self._random.choice((1.0, 8.0, 25.0, 45.0))
            case "rebalance":
                self._group.shuffle()
            case "forget-offsets":
                self._forget_offsets()
            case "compact":
                for partition in range(PARTITIONS):
                    self._broker.logs[(self._config.changelog, partition)].compact()
            case "lose-store":
                worker.disk.lose()
            case "damage-store":
                worker.disk.damage()
            case "full-disk":
                worker.disk.is_full = not worker.disk.is_full
            case "clock":
                self._clock.jumped_ms += self._random.choice((-3_600_000, 5_000, 4 * 24 * 3_600_000))

    def _forget_offsets(self) -> None:
        """Delete the group; the broker lets nobody do so while it has members."""
        for worker in self._workers:
            if worker.process is not None:
                worker.process.kill()
        self._broker.committed.clear()

    def _heal(self) -> None:
        self._network.note(None, "HEALED")
        self._network.faults = HEALED
        self._network.crash_at_step = -1
        for worker in self._workers:
            worker.disk.is_full = False
            if worker.process is not None:
                worker.process.cut_until = 0.0
        for worker in self._workers[: self._plan.workers]:
            if not self._is_up(worker):
                self._start(worker)

    async def _catch_up(self) -> None:
        began = self._loop.time()
        while not await self._stays_done():
            if self._loop.time() - began > _HEAL_SECONDS:
                self._found.append(f"L1: still behind {_HEAL_SECONDS:.0f} s after healing: {self._lags()}")
                return
            await self._resume_halted()
            await asyncio.sleep(0.5)

    async def _resume_halted(self) -> None:
        for worker in self._workers:
            if not self._is_up(worker) or worker.engine is None:
                continue
            for status in worker.engine.tasks:
                if status.phase == "halted" and status.halted.startswith("unexpected-exception"):
                    offset = int(status.halted.partition("--dead-letter ")[2])
                    await self._resume(status.partition, offset)

    async def _resume(self, partition: int, offset: int) -> None:
        person = Process("cli")
        world = SimWorld(
            self._config, person, self._network, self._broker, self._group, SimDisk(self._random), self._clock
        )
        try:
            await ask_to_resume(self._config, world.transaction(partition), self._clock, partition, offset)
        except TransientFault:
            return
        await asyncio.sleep(5.0)

    async def _stays_done(self) -> bool:
        """Whether all is done, and still is after every member has learned its share and reminders were sent."""
        if not self._is_done():
            return False
        await asyncio.sleep(3.0)
        return self._is_done()

    def _is_done(self) -> bool:
        working = [
            status.partition
            for worker in self._workers
            if self._is_up(worker) and worker.engine is not None
            for status in worker.engine.tasks
            if status.phase == "idle"
        ]
        return self._broker.is_settled() and not self._lags() and sorted(working) == list(range(PARTITIONS))

    def _lags(self) -> dict[str, int]:
        lags = {}
        for topic in self._config.sources:
            for partition in range(PARTITIONS):
                place = (topic, partition)
                lag = self._broker.logs[place].stable_end - self._broker.committed.get(place, 0)
                if lag:
                    lags[f"{topic}-{partition}"] = lag
        return lags

    async def _stop_all(self) -> None:
        for worker in self._workers:
            if self._is_up(worker) and worker.engine is not None:
                owned = [status.partition for status in worker.engine.tasks if status.phase == "idle"]
                worker.stores = {p: worker.disk.stores[p].data for p in owned if p in worker.disk.stores}
        await asyncio.gather(*(self._stop(worker, leave=False) for worker in self._workers if self._is_up(worker)))
        while not self._broker.is_settled():
            await asyncio.sleep(1.0)


_VERBS = (b"add", b"close", b"remind", b"bad", b"shaky", b"poison")
