"""`cee chaos`: break workers and broker under load, and count what is lost, doubled or wrong."""

import json
import random
import shutil
import tempfile
from pathlib import Path

import click

from streams.chaos.plan import Plan, Report
from streams.chaos.run import run
from streams.cli.ending import run_until_told
from streams.local.java import SOUND_KAFKA, VERSIONS


@click.command()
@click.option(
    "--minutes", default=3.0, show_default=True, type=click.FloatRange(0.1), help="How long to go on breaking things."
)
@click.option("--seed", type=int, help="Repeat the fault schedule of this seed [default: a new one].")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 12), help="How many run at once.")
@click.option("--partitions", default=4, show_default=True, type=click.IntRange(1, 48), help="Of every topic.")
@click.option("--rate", default=300, show_default=True, type=click.IntRange(10), help="Events published a second.")
@click.option(
    "--brokers",
    default="1",
    show_default=True,
    type=click.Choice(["1", "3"]),
    help="With three, every record is on all of them.",
)
@click.option(
    "--upgrade-from",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Begin with the version in this folder, and change to this one under way.",
)
@click.option(
    "--kafka",
    default=SOUND_KAFKA,
    show_default=True,
    type=click.Choice(VERSIONS),
    help="Version of the broker; 4.3 can forget what ends a transaction (decision 15).",
)
@click.option("--registry", "has_registry", is_flag=True, help="With a schema registry that is at times slow or gone.")
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep data and logs here [default: kept only where a guarantee did not hold].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object on standard output.")
def command(  # noqa: PLR0913, PLR0917 - one a command-line option
    minutes: float,
    seed: int | None,
    workers: int,
    partitions: int,
    rate: int,
    brokers: str,
    upgrade_from: Path | None,
    kafka: str,
    directory: Path | None,
    *,
    has_registry: bool,
    as_json: bool,
) -> None:
    """Break workers and broker under load, then compare everything with a single-threaded fold.

    Kills (-9), pauses past the session, terminates and restarts workers, starts one more for a while, deletes,
    truncates and corrupts their stores, deletes their group, slows, cuts and silences their network, stops and kills
    the broker, in an order that the seed gives, on a local Kafka of its own. With three brokers, each record is on
    all of them and acknowledged by two, and the faults take their leaders away. Exit code 1 where a guarantee did
    not hold.

    Example: cee chaos --minutes 3 --seed 7
    """
    chosen = random.randrange(1_000_000) if seed is None else seed  # noqa: S311 - chance that can be repeated
    kept = directory or Path(tempfile.mkdtemp(prefix="cee-chaos-"))
    kept.mkdir(parents=True, exist_ok=True)
    plan = Plan(
        minutes,
        chosen,
        workers,
        partitions,
        rate,
        int(brokers),
        upgrade_from and upgrade_from.resolve(),
        has_registry,
        kafka,
    )
    is_wrong = False
    try:
        report = run_until_told(run(plan, kept, lambda text: click.echo(text, err=True)))
        is_wrong = bool(report.violations)
    finally:
        if directory is None and not is_wrong:
            shutil.rmtree(kept, ignore_errors=True)
    if as_json:
        click.echo(json.dumps(report.as_dict()))
    else:
        _print(report)
    if report.violations:
        message = f"{len(report.violations)} violations with seed {chosen}; all logs and topics are kept in {kept}"
        raise click.ClickException(message)


def _print(report: Report) -> None:
    faults = ", ".join(f"{count} x {name}" for name, count in report.faults.most_common())
    click.echo(f"seed {report.seed}: {report.acknowledged} events acknowledged, {report.processed} records processed")
    click.echo(f"faults: {faults or 'none'}")
    for what, (count, middle, longest) in report.recovery.items():
        click.echo(f"recovered from {what} ({count} x): median {middle:.1f} s, longest {longest:.1f} s")
    click.echo(
        f"recovery: median {report.recovery_median_seconds:.1f} s, longest {report.recovery_longest_seconds:.1f} s; "
        f"longest stall of a partition {report.longest_stall_seconds:.1f} s; "
        f"longest stop {report.longest_stop_seconds:.1f} s; lag 0 {report.drained_seconds:.1f} s after the load ended"
    )
    for violation in report.violations:
        click.echo(f"violation: {violation}")
    click.echo(
        f"{report.outputs} outputs compared: {report.lost} lost, {report.doubled} doubled, "
        f"{len(report.violations)} violations"
    )
