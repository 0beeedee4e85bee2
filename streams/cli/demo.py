"""`cee demo`: the main job end to end on a real Kafka, for a newcomer to watch."""

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
import time
import uuid
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from streams.cli.options import client_settings, namespace_option, registry_option
from streams.demo.following import Standing
from streams.demo.publishing import Published
from streams.demo.report import as_dict, show, ways_on
from streams.demo.run import Demo, Outcome, Plan

SAY_EVERY_SECONDS = 5.0


class ScaleType(click.ParamType):
    """A share of the nation's trade, as 1/1000 or 0.001."""

    name = "fraction"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:  # noqa: ANN401 - click gives any
        """Return it as a fraction between 0 and 1."""
        try:
            scale = Fraction(value)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a fraction: write it as 1/1000", param, ctx)
        if not 0 < scale <= 1:
            self.fail("the scale is more than 0 and at most 1", param, ctx)
        return scale


@click.command()
@click.option("--scale", default="1/1000", show_default=True, type=ScaleType(), help="Share of the nation's trade.")
@click.option("--seed", default="national", show_default=True, help="Any text: another seed is another nation.")
@click.option("--partitions", default=4, show_default=True, type=click.IntRange(1, 48), help="Of every topic.")
@click.option("--keep", is_flag=True, help="Keep running at the end, and print the addresses.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object on standard output.")
@click.option(
    "--bootstrap-servers",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    default="",
    help="Use this Kafka [KAFKA_BOOTSTRAP_SERVERS; one is started].",
)
@click.option(
    "--worker/--no-worker",
    "own_worker",
    default=True,
    help="Run a worker; with --no-worker those already on that Kafka do the work, on their topics [default: run one].",
)
@namespace_option
@registry_option
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    scale: Fraction,
    seed: str,
    partitions: int,
    bootstrap_servers: str,
    namespace: str,
    registry: str,
    *,
    keep: bool,
    as_json: bool,
    own_worker: bool,
) -> None:
    """Run the main job end to end on a real Kafka and show what came of it.

    Starts a Kafka, creates the topics, publishes a national sample of entry summaries and their events, runs a
    worker that places importers and routes their work, and ends with what each Center has got. On a Kafka that is
    there already it has topics of its own, and leaves the workers of others alone. It ends by itself, with --keep by
    Ctrl-C, which ends it at any moment; nothing is left behind.

    Example: cee demo --scale 1/5000
    """
    if not own_worker and not bootstrap_servers:
        message = "--no-worker needs a Kafka on which workers run: --bootstrap-servers"
        raise click.UsageError(message)
    live = namespace
    if own_worker:
        # On a Kafka that others use too, the demo keeps to topics of its own.
        own = f"{namespace}-demo" if namespace else "demo"
        namespace = f"{own}-{uuid.uuid4().hex[:6]}" if bootstrap_servers else ""
    client = client_settings() if bootstrap_servers else {}
    plan = Plan(scale, seed, partitions, bootstrap_servers, namespace, registry, own_worker, client, live)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="cee-demo-", ignore_cleanup_errors=True) as scratch:
        demo = Demo(plan, Path(scratch), lambda text: console.print(text, highlight=False))
        with demo.running():
            outcome = _run(demo, plan, console)
            _tell(demo, outcome, console, keep=keep, as_json=as_json)
            if keep:
                _stay(demo, plan, console)


def _run(demo: Demo, plan: Plan, console: Console) -> Outcome:
    console.print(
        f"publishing {plan.parameters.total_summaries:,} entry summaries with the events of their lives, "
        "while a worker processes them ...",
        highlight=False,
    )
    with Bars(plan.expected_events, console) as bars:
        try:
            return asyncio.run(demo.run(bars.show))
        except (KeyboardInterrupt, SystemExit):
            _be_quiet()
            raise


def _be_quiet() -> None:
    """Let what a second Ctrl-C cut off in the middle of its closing not report that, task by task."""
    if os.environ.get("CEE_DEBUG"):
        return
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda _: None


def _tell(demo: Demo, outcome: Outcome, console: Console, *, keep: bool, as_json: bool) -> None:
    show(outcome, console if as_json else Console())
    ways_on(demo, outcome.tally, console if as_json else Console(), stays=keep)
    if as_json:
        click.echo(json.dumps(as_dict(outcome)))


def _stay(demo: Demo, plan: Plan, console: Console) -> None:
    console.print(f"\nKafka: {demo.bootstrap_servers}", highlight=False)
    if plan.own_worker:
        console.print(f"The page: http://127.0.0.1:{demo.web_port}/", highlight=False)
        console.print("For programs: /metrics, /healthz and /readyz there", highlight=False)
        console.print(f"The worker's log: {demo.worker_log}", highlight=False)
    console.print("Ctrl-C ends it.", highlight=False)
    while True:
        time.sleep(1)


class Bars:
    """Progress on standard error: two bars on a terminal, else a line every few seconds."""

    def __init__(self, expected: int, console: Console) -> None:
        self._console = console
        self._said_at = time.monotonic()
        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._published = self._progress.add_task("published", total=expected)
        self._processed = self._progress.add_task("processed", total=expected)
        self._expected = expected

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bars away."""
        self._progress.stop()

    def show(self, published: Published, standing: Standing) -> None:
        """Show how far both are."""
        events = published.events + published.careless
        total = events if published.is_done else max(self._expected, events)
        self._progress.update(self._published, completed=events, total=total)
        # Not the committed offsets themselves: some belong to records sent on, and to marks of transactions.
        processed = max(0, events - standing.lag) if standing.committed else 0
        self._progress.update(self._processed, completed=processed, total=total)
        if not self._console.is_terminal and time.monotonic() - self._said_at > SAY_EVERY_SECONDS:
            self._said_at = time.monotonic()
            self._console.print(f"  {events:,} published, {processed:,} processed", highlight=False)
