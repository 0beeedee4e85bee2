"""`cee registry`: a local schema registry in the foreground."""

import tempfile
from pathlib import Path

import click

from streams.local.registry import LocalRegistry


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False), help="Keep schemas here [default: thrown away]."
)
def command(port: int, directory: Path | None) -> None:
    """Run a real schema registry (Apicurio) on this machine, from Python packages alone, until Ctrl-C.

    Example: cee registry --directory .cee/registry
    """
    with (
        tempfile.TemporaryDirectory(prefix="cee-registry-") as scratch,
        LocalRegistry(directory or Path(scratch), port, lambda text: click.echo(text, err=True)) as registry,
    ):
        click.echo(f"SCHEMA_REGISTRY_URL={registry.address}; Ctrl-C ends it", err=True)
        registry.wait_until_told()
