"""`./cee bench`: measure the worker beside a pass-through and a plain Faust agent, on a broker of its own."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from bench.arena import Arena
from bench.candidates import CandidateEnded
from bench.latency import latency
from bench.load import sample_of
from bench.profiles import profile
from bench.progress import Stalled
from bench.report import Report
from bench.restart import restart
from bench.throughput import Say, throughput
from streams.contract.provision import ClusterError
from streams.local.broker import BrokerFailed, LocalBroker
from streams.local.java import JavaUnavailable

PARTITIONS: Final = 4
QUICK_EVENTS: Final = 12_000
QUICK_FAUST_EVENTS: Final = 3_000
HISTORY: Final = 20_000
PARTS: Final = ("throughput", "latency", "restart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run was asked for; the options of the command say what each means."""

    events: int
    faust_events: int
    rounds: int
    rate: int
    seconds: int
    only: tuple[str, ...]
    profiled: bool
    quick: bool
    as_json: bool


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--events", default=400_000, show_default=True, help="At least this many events as backlog.")
@click.option(
    "--faust-events", default=0, help="A smaller backlog for the plain Faust agent, which is slow [default: the same]."
)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds of throughput.")
@click.option("--rate", default=200, show_default=True, help="Events per second for latency.")
@click.option("--seconds", default=30, show_default=True, help="Seconds of latency at that rate.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Measure this part alone; may be given again.")
@click.option("--profile", "profiled", is_flag=True, help="Say where the worker's time goes, and measure nothing else.")
@click.option("--quick", is_flag=True, help="A small run that checks the measurements, not the speed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def main(**given: Any) -> None:  # noqa: ANN401 - click hands over every option by its name
    """Measure the whole worker: throughput, latency, restart.

    A backlog of the national sample is published first; the time runs from the first commit to the last one, so
    that starting up does not count. Candidates take turns on the same broker.

    Example: cee bench --events 400000 --rounds 3
    """
    # A signal ends the run as Ctrl-C does: candidates and broker are stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = Options(**given)
    if options.quick:
        options = replace(options, events=QUICK_EVENTS, faust_events=QUICK_FAUST_EVENTS, rounds=1, seconds=3)
    report = Report(options.events, options.faust_events or options.events, PARTITIONS, os.getloadavg()[0])
    try:
        with (
            tempfile.TemporaryDirectory(prefix="cee-bench-") as folder,
            Console(stderr=True).status("starting Kafka") as status,
            LocalBroker(Path(folder) / "kafka", say=status.update) as broker,
        ):
            arena = Arena(broker.bootstrap_servers, PARTITIONS, Path(folder))
            asyncio.run(measure(arena, report, options, status.update))
    except (BrokerFailed, JavaUnavailable, ClusterError, CandidateEnded, Stalled) as error:
        raise click.ClickException(str(error)) from error
    if options.as_json:
        sys.stdout.write(json.dumps(report.to_json()) + "\n")
    else:
        report.show(Console())


async def measure(arena: Arena, report: Report, options: Options, say: Say) -> None:
    """Measure what was asked for, into the report."""
    say(f"making a sample of {report.events:,} events")
    load = list(sample_of(report.events))
    report.events = len(load)
    if options.profiled:
        report.profile = await profile(arena, load, say)
        return
    parts = options.only or PARTS
    if "throughput" in parts:
        faust_load = list(sample_of(report.faust_events)) if options.faust_events else load
        report.faust_events = len(faust_load)
        report.throughput = await throughput(arena, load, faust_load, options.rounds, say)
    if "latency" in parts:
        live = options.seconds * options.rate
        report.latency = await latency(arena, load[: HISTORY + live], options.seconds, options.rate, say)
    if "restart" in parts:
        report.restart = await restart(arena, load, say)


if __name__ == "__main__":
    main(prog_name="cee bench")
