"""Programs in Java and Go, made ready to run: pinned jars and a compiler that is a jar, or the machine's own Go."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import pytest

from streams.contract.codec import Codec
from streams.engine.api import SourceRecord
from streams.local.java import JavaUnavailable, Pin, cache_directory, edition, fetch, java_executable, kafka_classpath
from streams.ports.numbers import check_digit

HERE: Final = Path(__file__).parent
SCHEMAS: Final = HERE.parents[2] / "schemas"
RUN_SECONDS: Final = 180
GO_AT_LEAST: Final = (1, 26)


def run(command: list[str], **options: object) -> list[str]:
    """Run a program to its end and return the lines that it printed."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False, **options  # type: ignore[call-overload]  # passed on
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    lines: list[str] = done.stdout.splitlines()
    return lines


class Java:
    """What is in `java/`, compiled by Eclipse's compiler: no JDK is needed, only jars and the runtime in a wheel."""

    def __init__(self, directory: Path) -> None:
        """Compile it. Skips where jars or runtime cannot be had."""
        try:
            avro, compiler = _jars()
            kafka = kafka_classpath()
            java = str(java_executable())
        except JavaUnavailable as error:
            pytest.skip(f"no Java: {error}")
        # Kafka's own jars by name: its classpath is a pattern that only a Java runtime expands.
        path = ":".join(map(str, [*Path(kafka).parent.glob("*.jar"), avro]))
        sources = map(str, sorted((HERE / "java").glob("*.java")))
        run([java, "-jar", str(compiler), "-17", "-cp", path, "-d", str(directory), *sources])
        self._command = [java, "-Xmx256m", "-cp", f"{kafka}:{avro}:{directory}", "Interop"]

    def run(self, *arguments: str, registry: str = "") -> list[str]:
        """Run it, with a registry where one is named, and return its lines."""
        return run([*self._command, *arguments], env={**os.environ, "SCHEMA_REGISTRY_URL": registry})


def _jars() -> list[Path]:
    """Return Avro and the compiler, downloaded the first time (4 MB) and checked against their pins."""
    lines = (HERE / "java" / "jars.sha256").read_text("utf-8").splitlines()
    pins = [Pin(digest, *coordinates.split(":")) for digest, coordinates in (line.split() for line in lines)]
    folder = cache_directory() / f"interop-{edition(pins)}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            ready = Path(scratch) / "ready"
            ready.mkdir()
            for pin, jar in zip(pins, fetch(Path(scratch) / "repository", pins, print), strict=True):
                jar.rename(ready / pin.name)
            # Another process may have been quicker: then its jars stay.
            if not folder.exists():
                ready.rename(folder)
    for pin in pins:
        assert hashlib.sha256((folder / pin.name).read_bytes()).hexdigest() == pin.digest, f"{pin.name} is another one"
    return [folder / pin.name for pin in pins]


def go_reader(directory: Path) -> Path:
    """Build `go/main.go` and return the program. Skips where there is no Go, or an old one."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on this machine")
    version = run([go, "env", "GOVERSION"])[0].removeprefix("go")
    if tuple(int(part) for part in version.split(".")[:2]) < GO_AT_LEAST:
        pytest.skip(f"Go {version} is older than {GO_AT_LEAST[0]}.{GO_AT_LEAST[1]}")
    program = directory / "reader"
    run([go, "build", "-o", str(program), "."], cwd=HERE / "go", env={**os.environ, "GOTOOLCHAIN": "local"})
    return program


def importer(number: int) -> str:
    """Return one of many importer numbers, whose accounts lie in several partitions."""
    return f"{20 + number}-{7_654_321 - 37 * number:07}00"


def entry(number: int) -> str:
    """Return one of many entry numbers."""
    base = f"B76{1_000_000 + number}"
    return f"{base}{check_digit(base)}"


def line(record: SourceRecord, codec: Codec) -> str:
    """Return what the readers print of a record."""
    name, fields = codec.decode(record.value or b"")
    assert record.key is not None
    place = f"{record.topic} {record.partition} {record.offset} {record.key.decode()} {name}"
    return f"{place} {fields['work_id']}" if "work_id" in fields else place
