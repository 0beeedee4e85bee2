"""`cee lock`: write `requirements.lock` anew from `pyproject.toml`."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).parents[2]

# Without index addresses: everyone installs from the index that they have, the hashes say whether it is the same.
COMPILE: Final = (
    *("pip", "compile", "pyproject.toml", "--extra", "dev", "--output-file", "requirements.lock", "--quiet"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"),
)


@click.command()
@click.option("--upgrade", is_flag=True, help="Take the newest versions that pyproject.toml allows.")
def command(*, upgrade: bool) -> None:
    """Write requirements.lock anew: pinned versions with hashes, for Linux and macOS, Python 3.11 and later.

    Example: cee lock --upgrade
    """
    extra = ["--upgrade"] if upgrade else []
    done = subprocess.run([sys.executable, "-m", "uv", *COMPILE, *extra], cwd=ROOT, check=False)  # noqa: S603 - our own tool
    if done.returncode:
        message = "the lock file could not be written: see above"
        raise click.ClickException(message)
    click.echo("requirements.lock is written; ./cee installs it at its next start")
