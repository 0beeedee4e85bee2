"""Apicurio Registry's own distribution, from the same packages as Kafka's jars."""

import hashlib
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from streams.local.java import (
    NO_EXTRA,
    JavaUnavailable,
    Progress,
    Say,
    cache_directory,
    not_downloaded,
    only_one_at_a_time,
)

GROUP: Final = "io.apicurio"
ARTIFACT: Final = "apicurio-registry-app"
VERSION: Final = "3.3.3"
DIGEST: Final = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
DOWNLOAD_MB: Final = 151
RUNNER: Final = "quarkus-run.jar"


def registry_folder(say: Say | None = None) -> Path:
    """Return the folder of the registry's program, downloading it the first time (about 151 MB, then kept).

    The archive is pinned by its SHA-256. Two processes that start at once download once. Raises `JavaUnavailable`.
    """
    folder = cache_directory() / f"registry-{DIGEST[:12]}"
    with only_one_at_a_time(cache_directory()):
        if not (folder / RUNNER).exists():
            _download(folder, say or (lambda _text: None))
    return folder


def _download(folder: Path, say: Say) -> None:
    """Fetch and unpack beside the place, and move there in one step: an interrupted download leaves nothing."""
    say(f"Fetching Apicurio Registry (about {DOWNLOAD_MB} MB, this once) ...")
    with tempfile.TemporaryDirectory(prefix="registry-", dir=folder.parent) as scratch:
        archive = _fetch(Path(scratch) / "repository", say)
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != DIGEST:
            message = f"{archive.name} is not the pinned one (its SHA-256 differs): try again"
            raise JavaUnavailable(message)
        ready = Path(scratch) / "ready"
        with tarfile.open(archive) as packed:
            if hasattr(tarfile, "data_filter"):
                packed.extractall(ready, filter="data")
            else:  # Python before 3.11.4; the archive is the pinned one all the same
                packed.extractall(ready)  # noqa: S202 - see above
        ready.rename(folder)


def _fetch(repository: Path, say: Say) -> Path:
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise JavaUnavailable(NO_EXTRA) from error
    resolver = PythonResolver(progress_callback=Progress(say, DOWNLOAD_MB, 25).of_file)
    component = MavenContext(resolver=resolver, repo_cache=repository).project(GROUP, ARTIFACT).at_version(VERSION)
    try:
        return Path(component.artifact(classifier="all", packaging="tar.gz").resolve())
    except (OSError, RuntimeError) as error:
        raise not_downloaded(ARTIFACT, error) from error
