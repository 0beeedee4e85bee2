"""A thousand schedules of the real core on a simulated world, and what a schedule is."""

import logging
from collections.abc import Iterator

import pytest

from streams.engine.cache import ValueCache
from streams.engine.committer import Committer, Work
from streams.engine.simulated.plan import draw_plan
from streams.engine.simulated.schedule import run_schedule

SCHEDULES = 1000
BLOCK = 100


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The core warns of each fault that is made here on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, SCHEDULES, BLOCK))
def test_no_schedule_loses_doubles_or_confuses_anything(first: int) -> None:
    failed = {
        seed: verdict.violations for seed in range(first, first + BLOCK) if (verdict := run_schedule(seed)).violations
    }

    assert failed == {}


@pytest.mark.parametrize("seed", [3, 11, 27])
def test_the_same_seed_gives_the_same_run_step_by_step(seed: int) -> None:
    once, again = run_schedule(seed, traced=True), run_schedule(seed, traced=True)

    assert once == again
    assert len(once.trace) > 100


@pytest.mark.parametrize("profile", ["lossy", "partitions"])
def test_of_lives_that_ended_no_cached_value_is_kept(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended a life held it in a circle, and with it as many values as a task may cache, life after life."""
    caches = []

    def noted(capacity: int) -> ValueCache:
        caches.append(ValueCache(capacity))
        return caches[-1]

    monkeypatch.setattr("streams.engine.session.ValueCache", noted)
    for seed in [seed for seed in range(100) if draw_plan(seed).profile == profile]:
        run_schedule(seed)

    assert len(caches) > 50
    assert not any(len(cache) for cache in caches)


def test_nobody_is_called_idle_while_a_transaction_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose answer takes its time was: then its store is behind what is committed, and all seems to be done."""
    phases = set()
    commit = Committer.commit

    async def noted(self: Committer, work: Work) -> None:
        phases.add((work.kind, self._progress.phase))
        await commit(self, work)

    monkeypatch.setattr(Committer, "commit", noted)
    for seed in range(20):
        run_schedule(seed)

    assert ("punctuate", "running") in phases
    assert not [kind for kind, phase in phases if phase == "idle"]


def test_the_schedules_meet_every_kind_of_fault() -> None:
    plans = [draw_plan(seed) for seed in range(SCHEDULES)]

    assert {plan.profile for plan in plans} == {
        "one-step", "one-turn", "crashes", "partitions", "rebalances", "disks", "operations", "everything", "lossy",
    }  # fmt: skip
    assert {plan.workers for plan in plans} == {1, 2}
    assert sum(plan.crash_at_step > 0 for plan in plans) > 200


def test_a_run_of_exact_crashes_meets_requests_and_writes_before_and_after() -> None:
    crashes = set()
    for seed in range(1300):
        if draw_plan(seed).profile == "one-step":
            crashes |= {
                line.partition("CRASH at ")[2] for line in run_schedule(seed, traced=True).trace if "CRASH" in line
            }

    for step in (
        "commit",
        "commit offsets",
        "add offsets",
        "produce ledger-0",
        "init producer 0",
        "write store 0",
        "fetch",
    ):
        assert {f"before {step}", f"after {step}"} & crashes, step
