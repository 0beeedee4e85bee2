"""`cee bench`: measure the worker. The measurements are part of the source tree, not of an installed package."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).resolve().parents[2]


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Measure the worker beside a pass-through and a plain Faust agent; see `cee bench --help`."""
    if not (ROOT / "bench" / "__main__.py").is_file():
        message = "the measurements are part of the source tree: run ./cee bench in a checkout"
        raise click.ClickException(message)
    # A process of its own, in the tree's root: `bench` is no part of what is installed.
    done = subprocess.run([sys.executable, "-m", "bench", *ctx.args], cwd=ROOT, check=False)  # noqa: S603 - our own module
    sys.exit(done.returncode)
