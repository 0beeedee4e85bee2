"""Schedules that once failed, made small, and that a schedule that fails can be made small."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

import pytest
from click.testing import CliRunner

from streams.cli import root
from streams.engine.resources import Resources
from streams.engine.simulated.network import Faults
from streams.engine.simulated.plan import Plan
from streams.engine.simulated.schedule import run_plan, run_schedule
from streams.engine.simulated.shrink import shrink
from streams.engine.world import Membership
from tests.simulation.test_mutants import doubles_an_output, restores_nothing


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The core warns of each fault that is made here on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


TOO_EARLY = (
    "who reads the offsets before the changelog takes the next owner's progress for offsets set back by somebody"
)
FOUND: Mapping[str, Plan] = {
    TOO_EARLY: Plan(
        seed=3, profile="partitions", workers=2, seconds=15.30959760385957, bursts=3, burst_records=14,
        verb_weights=(60, 10, 10, 10, 4, 0), aborted_share=0.0, patience=2,
        faults=Faults(lost=0.02, unanswered=0.02, late=0.02, rebalance=0.01),
        troubles=("turn", "turn-back", "cut"), crash_at_step=-1, rebalance_at_step=-1, machine_crashes=0.5,
    ),
}  # fmt: skip
"""Schedules that the core once failed, made small, by what was wrong; `cee sim` prints what to paste here.

A core that asks the broker more or less than before runs another schedule: its plan then needs another seed.
"""


@pytest.mark.parametrize("what", FOUND)
def test_a_schedule_that_once_failed_does_not_any_more(what: str) -> None:
    assert run_plan(FOUND[what]).violations == ()


class _Early:
    """A membership that answers with the offsets of when the producer was started."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self.offsets: Mapping[str, int] = {}

    async def committed(self, _partition: int) -> Mapping[str, int]:
        return self.offsets

    def __getattr__(self, name: str) -> object:
        return getattr(self._membership, name)


def reads_the_offsets_first(patch: pytest.MonkeyPatch) -> None:
    """Bring back the order of before."""
    original = Resources.open

    async def early(self: Resources) -> object:
        membership, start = self._around.membership, self.transaction.start
        answer = _Early(membership)

        async def start_and_ask() -> None:
            await start()
            answer.offsets = await membership.committed(self._partition)

        self.transaction.start = start_and_ask  # type: ignore[method-assign]  # asks in between
        self._around = replace(self._around, membership=answer)  # type: ignore[arg-type]  # stands in for it
        return await original(self)

    patch.setattr(Resources, "open", early)


def test_the_core_as_it_was_still_fails_in_the_schedule_that_found_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the schedule would not meet the fault any more, and say nothing."""
    reads_the_offsets_first(monkeypatch)

    assert any("halts, and nobody did it" in violation for violation in run_plan(FOUND[TOO_EARLY]).violations)


def test_a_failing_schedule_prints_its_trace_and_a_plan_to_paste_that_fails_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doubles_an_output(monkeypatch)

    told = CliRunner().invoke(root, ["sim", "--seed", "0", "--schedules", "1"])

    assert told.exit_code == 1
    assert "seed 0: again with `cee sim --seed 0 --schedules 1`" in told.output
    assert sum("produce" in line for line in told.output.splitlines()) > 1
    pasted = next(line for line in told.output.splitlines() if line.startswith('    "what was wrong": '))
    plan = eval(f"{{{pasted}}}", {"Plan": Plan, "Faults": Faults})["what was wrong"]  # noqa: S307 - our own words
    assert run_plan(plan).violations
    assert run_plan(plan) == run_plan(plan)


def test_a_fault_that_shows_without_any_trouble_is_shown_without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    doubles_an_output(monkeypatch)
    seed = next(
        seed for seed in range(200) if len(run_schedule(seed).plan.troubles) > 3 and run_schedule(seed).violations
    )

    small = shrink(run_schedule(seed))

    assert any(violation.startswith("S2") for violation in small.violations)
    assert (small.plan.workers, small.plan.troubles) == (1, ())
    assert not any(getattr(small.plan.faults, one.name) for one in fields(Faults))


def test_a_fault_that_needs_a_lost_store_keeps_what_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    restores_nothing(monkeypatch)
    failed = next(
        verdict
        for verdict in map(run_schedule, range(600))
        if verdict.plan.profile == "everything" and any(found.startswith("S") for found in verdict.violations)
    )

    small = shrink(failed)

    assert small.violations
    assert small.plan.troubles or small.plan.workers > 1 or small.plan.faults.crash
    assert small.plan.bursts * small.plan.burst_records <= failed.plan.bursts * failed.plan.burst_records
