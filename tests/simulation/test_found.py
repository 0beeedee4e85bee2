"""Schedules that once failed, made small, and that a schedule that fails can be made small."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import fields

import pytest
from click.testing import CliRunner

from streams.cli import root
from streams.engine.simulated.network import Faults
from streams.engine.simulated.plan import Plan
from streams.engine.simulated.schedule import run_plan, run_schedule
from streams.engine.simulated.shrink import shrink
from tests.simulation.test_mutants import doubles_an_output, restores_nothing


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The core warns of each fault that is made here on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


FOUND: Mapping[str, Plan] = {}
"""Schedules that the core once failed, made small, by what was wrong; `cee sim` prints what to paste here."""


@pytest.mark.parametrize("what", FOUND)
def test_a_schedule_that_once_failed_does_not_any_more(what: str) -> None:
    assert run_plan(FOUND[what]).violations == ()


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
