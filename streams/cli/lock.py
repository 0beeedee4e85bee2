"""`cee lock`: write the lock files anew from `pyproject.toml`."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).parents[2]

# Without index addresses: everyone installs from the index that they have, the hashes say whether it is the same.
COMPILE: Final = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"),
)
DEVELOPERS: Final = "requirements.lock"
# The image has what a worker needs and nothing else, in the developers' versions: the second and the third follow.
LOCKS: Final[Mapping[str, Sequence[str]]] = {
    DEVELOPERS: ("pyproject.toml", "--extra", "dev"),
    "deploy/image/worker.lock": ("pyproject.toml", "--extra", "worker", "--constraint", DEVELOPERS),
    "deploy/image/build.lock": ("-", "--constraint", DEVELOPERS),
}


@click.command()
@click.option("--upgrade", is_flag=True, help="Take the newest versions that pyproject.toml allows.")
def command(*, upgrade: bool) -> None:
    """Write the lock files anew: pinned versions with hashes, for Linux and macOS, Python 3.11 and later.

    requirements.lock is what ./cee installs, deploy/image/*.lock what the image is built from.

    Example: cee lock --upgrade
    """
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    for name, source in LOCKS.items():
        extra = ["--upgrade"] if upgrade and name == DEVELOPERS else []
        arguments = [*COMPILE, *source, "--output-file", name, *extra]
        done = subprocess.run(  # noqa: S603 - our own tool
            [sys.executable, "-m", "uv", *arguments], cwd=ROOT, input="\n".join(build), text=True, check=False
        )
        if done.returncode:
            message = f"{name} could not be written: see above"
            raise click.ClickException(message)
        click.echo(f"{name} is written")
    click.echo("./cee installs it at its next start")
