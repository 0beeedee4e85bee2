"""`cee test`: format, lint, types and all tests, one after the other, with one summary."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).parents[2]

# The files of tests go to two processes at a time, each with a broker of its own where it needs one.
BY_TWO: Final = ("-n", "2", "--dist", "loadfile")

# In the order of how soon they tell: seconds first.
CHECKS: Final[Mapping[str, Sequence[str]]] = {
    "format": ("ruff", "format", "--check", "--diff", "."),
    "lint": ("ruff", "check", "."),
    "types": ("mypy",),
    "rules": ("coverage", "run", "-m", "pytest", *BY_TWO, "tests/unit/customs"),
    "unit": ("pytest", *BY_TWO, "tests/unit", "--ignore=tests/unit/customs", "tests/contract"),
    "simulation": ("pytest", "-n", "2", "--dist", "worksteal", "tests/simulation"),
    "integration": ("pytest", *BY_TWO, "--no-loadscope-reorder", "tests/integration"),
}
NO_TESTS: Final = 5
"""Exit code of pytest when nothing was there to run."""
TESTS: Final = ("rules", "unit", "simulation", "integration")


@click.command()
@click.option("--only", "only", multiple=True, type=click.Choice(list(CHECKS)), help="Run this part only; repeatable.")
@click.option("--exit-first", "-x", is_flag=True, help="Stop at the first part that fails.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(only: tuple[str, ...], pytest_arguments: tuple[str, ...], *, exit_first: bool) -> None:
    """Check format, lint and types, then run all tests against a real Kafka.

    What stands after -- goes to pytest.

    Example: cee test --only rules -- -k retract
    """
    results: list[tuple[str, int, float]] = []
    if "integration" in (only or CHECKS):
        _prepare_quick_starts()
    for name in only or CHECKS:
        click.secho(f"== {name}", bold=True, err=True)
        started = time.monotonic()
        code = run(name, pytest_arguments)
        results.append((name, code, time.monotonic() - started))
        if code and exit_first:
            break
    click.secho("== summary", bold=True, err=True)
    # A test that is asked for by name is in one of the parts, and the others have none of that name.
    may_be_none = bool(pytest_arguments) and any(name in TESTS and code != NO_TESTS for name, code, _ in results)
    failed = [name for name, code, _ in results if code and not (code == NO_TESTS and may_be_none)]
    for name, code, seconds in results:
        done = "failed" if name in failed else "has none of these tests" if code else "passed"
        click.echo(f"{name:<12} {done} in {seconds:.0f} s", err=True)
    if failed:
        message = f"{', '.join(failed)} failed"
        raise click.ClickException(message)


def run(name: str, pytest_arguments: Sequence[str]) -> int:
    """Run one part with the tools of this environment and return its exit code."""
    if name not in TESTS:
        return _start(CHECKS[name])
    if name != "rules" or pytest_arguments:
        return _start([*CHECKS[name], *pytest_arguments])
    # The rules are tried by their own tests alone, line by line and branch by branch; how far, says pyproject.toml.
    steps = (("coverage", "erase"), CHECKS[name], ("coverage", "combine", "--quiet"), ("coverage", "report"))
    return next((code for step in steps if (code := _start(step))), 0)


def _prepare_quick_starts() -> None:
    from streams.local.java import JavaUnavailable  # noqa: PLC0415 - heavy, and not for every part
    from streams.local.kafka_process import BrokerFailed  # noqa: PLC0415 - see above
    from streams.local.quick_start import prepare_quick_starts  # noqa: PLC0415 - see above

    # What goes wrong with Kafka is for the tests to tell.
    with suppress(JavaUnavailable, BrokerFailed, OSError):
        prepare_quick_starts(lambda text: click.echo(text, err=True))


def _start(tool: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, check=False).returncode  # noqa: S603 - our own tools
