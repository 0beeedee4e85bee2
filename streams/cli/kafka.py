"""`cee kafka`: a local Kafka in the foreground."""

import tempfile
from pathlib import Path

import click

from streams.local.broker import LocalBroker


@click.command()
@click.option("--port", default=9092, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False), help="Keep the data here [default: thrown away]."
)
def command(port: int, directory: Path | None) -> None:
    """Run a real Kafka on this machine, from Python packages alone, until Ctrl-C.

    Example: cee kafka --directory .cee/kafka
    """
    with (
        tempfile.TemporaryDirectory(prefix="cee-kafka-") as scratch,
        LocalBroker(directory or Path(scratch), port, say=lambda text: click.echo(text, err=True)) as broker,
    ):
        click.echo(f"Kafka answers at {broker.bootstrap_servers}; Ctrl-C ends it", err=True)
        broker.wait_until_told()
