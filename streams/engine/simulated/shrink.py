"""Makes a failing schedule small: takes away what the failure does not need, as long as it still fails alike."""

from collections.abc import Iterator
from dataclasses import fields, replace

from streams.engine.simulated.network import Faults
from streams.engine.simulated.plan import Plan
from streams.engine.simulated.schedule import Verdict, run_plan

_LEAST_SECONDS = 2.0
_MOST_RUNS = 400


def shrink(failed: Verdict) -> Verdict:
    """Return a run of a smaller plan that breaks one of the same invariants; at worst the run itself.

    Each step tries every plan that is smaller in one thing, and goes on from the first that fails alike.
    """
    wanted = _broken(failed)
    runs = 0
    while True:
        for plan in _smaller(failed.plan):
            runs += 1
            verdict = run_plan(plan)
            if _broken(verdict) & wanted:
                failed = verdict
                break
            if runs >= _MOST_RUNS:
                return failed
        else:
            return failed


def _broken(verdict: Verdict) -> set[str]:
    return {violation.partition(":")[0] for violation in verdict.violations}


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Yield plans that are smaller in one thing, the most drastic first."""
    if plan.workers > 1:
        yield replace(plan, workers=plan.workers - 1)
    yield from _with_less_trouble(plan)
    yield from _with_fewer_faults(plan)
    yield from _with_less_load(plan)
    simpler = replace(plan, aborted_share=0.0, machine_crashes=0.0, patience=0)
    if simpler != plan:
        yield simpler


def _with_less_trouble(plan: Plan) -> Iterator[Plan]:
    if plan.troubles:
        yield replace(plan, troubles=())
    kinds = dict.fromkeys(plan.troubles)
    for name in kinds if len(kinds) > 1 else ():
        yield replace(plan, troubles=tuple(other for other in plan.troubles if other != name))


def _with_fewer_faults(plan: Plan) -> Iterator[Plan]:
    present = [one.name for one in fields(Faults) if getattr(plan.faults, one.name)]
    if present:
        yield replace(plan, faults=Faults())
    for name in present if len(present) > 1 else ():
        yield replace(plan, faults=replace(plan.faults, **{name: 0.0}))


def _with_less_load(plan: Plan) -> Iterator[Plan]:
    if plan.bursts > 1:
        yield replace(plan, bursts=plan.bursts // 2)
    if plan.burst_records > 1:
        yield replace(plan, burst_records=plan.burst_records // 2)
    for place, weight in enumerate(plan.verb_weights):
        if weight and place:
            yield replace(plan, verb_weights=(*plan.verb_weights[:place], 0, *plan.verb_weights[place + 1 :]))
    if plan.seconds / 2 >= _LEAST_SECONDS:
        yield replace(plan, seconds=plan.seconds / 2)
