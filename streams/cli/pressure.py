"""`cee pressure`: far more input than a worker takes, and what becomes of memory, order and the other partitions."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from streams.chaos.pressure import Pressure, PressureReport, press
from streams.cli.ending import run_until_told


@click.command()
@click.option(
    "--minutes", default=10.0, show_default=True, type=click.FloatRange(0.1), help="How long to publish too much."
)
@click.option("--rate", default=3000, show_default=True, type=click.IntRange(10), help="Events published a second.")
@click.option(
    "--worker-share",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0.01, 1),
    help="Share of the time that the worker gets.",
)
@click.option("--directory", type=click.Path(path_type=Path, file_okay=False), help="Keep data and logs here.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object on standard output.")
def command(minutes: float, rate: int, worker_share: float, directory: Path | None, *, as_json: bool) -> None:
    """Publish many times faster than one worker processes, half of it about one importer; then let it catch up.

    On a local Kafka of its own. The worker is given a share of the time only. Says how much memory it came to need,
    how long a partition with work had to wait, and compares everything with a single-threaded fold. Exit code 1 where
    a guarantee did not hold.

    Example: cee pressure --minutes 2
    """
    if directory:
        directory.mkdir(parents=True, exist_ok=True)
    pressure = Pressure(minutes, rate, worker_share)
    with tempfile.TemporaryDirectory(prefix="cee-pressure-") as scratch:
        report = run_until_told(press(pressure, directory or Path(scratch), lambda text: click.echo(text, err=True)))
    if as_json:
        click.echo(json.dumps(asdict(report)))
    else:
        _print(report)
    if report.violations:
        message = f"{len(report.violations)} violations"
        raise click.ClickException(message)


def _print(report: PressureReport) -> None:
    click.echo(
        f"{report.published:,} events published, {report.processed_meanwhile:,} records processed meanwhile: "
        f"{report.times_faster:.1f} times faster; at most {report.most_behind:,} records behind, "
        f"0 behind {report.drained_seconds:.0f} s after"
    )
    click.echo(
        f"memory: {report.memory_before:.0f} MiB before, {report.memory_most:.0f} MiB at most, "
        f"{report.memory_after:.0f} MiB after"
    )
    each = ", ".join(f"{memory:.0f}" for memory in report.memory_each_minute)
    click.echo(f"memory after each minute, in MiB: {each or 'the run was shorter'}")
    each = ", ".join(f"{memory:.0f}" for memory in report.memory_draining)
    click.echo(f"memory every ten seconds while what was left was worked off, in MiB: {each}")
    waits = ", ".join(f"{partition}: {seconds:.1f} s" for partition, seconds in sorted(report.waits.items()))
    click.echo(f"longest wait by partition: {waits}; the hot importer is in {report.hot_partition}")
    for violation in report.violations:
        click.echo(f"violation: {violation}")
    click.echo(f"{report.lost} lost, {report.doubled} doubled, {len(report.violations)} violations")
