"""Lets a local Kafka start in a third of the time, where it is started again and again.

Most of a start is the Java runtime reading, checking and linking some thousands of classes. A runtime can keep what
it found out (JEP 483, JEP 514), here in a file of about 65 MB beside Kafka's jars: seven seconds of processor time
become two. That costs a dozen seconds once, so it is done before the tests and not before a first demo. A file that
does not fit the jars or the runtime any more is not used by the runtime, and everything works as without it.
"""

import fcntl
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from streams.local.broker import LocalBroker
from streams.local.java import VERSIONS, Say, cache_directory, class_cache, kafka_classpath
from streams.local.kafka_process import SERVER_OPTIONS, kafka_command

SECONDS: Final = 120.0


class _Recorded(LocalBroker):
    """A broker that writes down, as it ends, which classes it had and how they were linked."""

    STOP_SECONDS = SECONDS


def prepare_quick_starts(say: Say) -> None:
    """Prepare every version of the local Kafka that is not yet. Raises `JavaUnavailable` and `BrokerFailed`."""
    with (cache_directory() / "quick-start.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for version in VERSIONS:
            cache = class_cache(kafka_classpath(say, version))
            if not cache.exists():
                say(f"Preparing Kafka {version} to start quickly (this once) ...")
                _prepare(version, cache)


def _prepare(version: str, cache: Path) -> None:
    """Run a broker once for the record, and let the runtime make its file of that; moved to its place when whole."""
    with tempfile.TemporaryDirectory(prefix="quick-start-", dir=cache.parent) as scratch:
        record, made = Path(scratch) / "record", Path(scratch) / cache.name
        recording = [f"-XX:AOTConfiguration={record}", "-XX:AOTMode=record"]
        with _Recorded(Path(scratch) / "broker", version=version, java_options=recording):
            pass
        making = [*SERVER_OPTIONS, f"-XX:AOTConfiguration={record}", "-XX:AOTMode=create", f"-XX:AOTCache={made}"]
        command = kafka_command(kafka_classpath(version=version), "kafka.Kafka", java_options=making)
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - our own command line
        made.touch()  # where the runtime could not, an empty file: starts go on as before, and nobody tries again
        made.rename(cache)
