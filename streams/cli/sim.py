"""`cee sim`: run the transactional core through crash schedules in memory, each drawn from its seed."""

import logging
import sys
import time
from collections.abc import Iterator
from itertools import count

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from streams.engine.simulated.plan import Plan
from streams.engine.simulated.schedule import Verdict, run_plan, run_schedule
from streams.engine.simulated.shrink import shrink


@click.command()
@click.option("--seed", default=0, show_default=True, help="The first schedule's seed; the next ones follow.")
@click.option("--schedules", type=click.IntRange(1), help="How many schedules to run [1000 unless --minutes is given].")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Run for this long instead.")
@click.option("--trace", is_flag=True, help="Print what happened in the schedule of --seed, failed or not.")
def command(seed: int, schedules: int | None, minutes: float | None, trace: bool) -> None:  # noqa: FBT001 - a click option
    """Run the core through seeded crash schedules.

    Each schedule runs workers on a simulated Kafka and disk, breaks them, heals them and compares everything with
    a single-threaded fold of the input. A failed schedule is made as small as it can be and prints its trace; its seed
    gives the same run again, and the small plan that is printed last becomes a test: paste it into FOUND of
    tests/simulation/test_found.py.

    Example: cee sim --seed 42 --minutes 5
    """
    logging.disable(logging.CRITICAL)  # the core warns of each fault that is made here on purpose
    if trace:
        schedules = 1
    ran = failed = 0
    for verdict in _watched(_verdicts(seed, schedules, minutes)):
        ran += 1
        if verdict.violations:
            failed += 1
            _show(verdict)
        elif trace:
            _print_trace(verdict.plan)
    click.echo(f"{ran} schedules, {failed} violations")
    if failed:
        sys.exit(1)


def _verdicts(seed: int, schedules: int | None, minutes: float | None) -> Iterator[Verdict]:
    """Run schedules until there are enough of them, or the time is up."""
    ends = None if minutes is None else time.monotonic() + minutes * 60
    most = 1000 if schedules is None and minutes is None else schedules
    for number in count():
        if (most is not None and number >= most) or (ends is not None and time.monotonic() >= ends):
            return
        yield run_schedule(seed + number)


def _watched(verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    """Show on standard error how far it is."""
    columns = (TextColumn("{task.completed} schedules, {task.fields[failed]} violations"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=None, failed=0)
        failed = 0
        for verdict in verdicts:
            failed += bool(verdict.violations)
            progress.update(bar, advance=1, failed=failed)
            yield verdict


def _show(verdict: Verdict) -> None:
    small = shrink(verdict)
    _print_trace(small.plan)
    for violation in small.violations:
        click.echo(f"seed {verdict.seed}, made small: {violation}")
    for violation in verdict.violations:
        click.echo(f"seed {verdict.seed}: {violation}")
    click.echo(f"seed {verdict.seed}: again with `cee sim --seed {verdict.seed} --schedules 1`")
    click.echo("this keeps it found, in FOUND of tests/simulation/test_found.py:")
    click.echo(f'    "what was wrong": {small.plan!r},')


def _print_trace(plan: Plan) -> None:
    verdict = run_plan(plan, traced=True)
    click.echo(f"seed {plan.seed}: {plan}")
    for line in verdict.trace:
        click.echo(line)
