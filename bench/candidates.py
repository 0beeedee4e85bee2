"""The programs that are measured, each a process of its own."""

import os
import sys
import time
from pathlib import Path
from typing import Final

from streams.contract.topics import TopicNames
from streams.local.broker import free_port
from streams.local.guarded import GuardedProgram

ROOT: Final = Path(__file__).resolve().parent.parent
STOP_SECONDS: Final = 20.0
TAIL: Final = 2_000
APPLICATION: Final = "cee-placement"
COPY_GROUP: Final = "pass-through"
FAUST_APPLICATION: Final = "plain-faust"
COPY: Final = "pass-through-copy"


class CandidateEnded(RuntimeError):  # noqa: N818 - it names what happened to the process
    """A candidate's process has ended by itself; the text holds its last words."""


class Candidate:
    """A running program: its name, the consumer group whose commits show its progress, and its process."""

    def __init__(self, name: str, group: str, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.group = group
        self._log = log
        self.started_at = time.monotonic()
        # The measurements are no part of what is installed: they are found from the root of the tree.
        here = {"PYTHONPATH": str(ROOT)}
        self._program = GuardedProgram([sys.executable, *arguments], log, {**os.environ, **here, **environment})

    def check(self) -> None:
        """Raise `CandidateEnded` unless the process runs."""
        if not self._program.is_running:
            message = f"{self.name} ended by itself:\n{self._log.read_text('utf-8')[-TAIL:]}"
            raise CandidateEnded(message)

    def cpu_seconds(self) -> float:
        """Return the processor time used so far by the process, user and system; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self._program.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the process in good order, by force after a while."""
        self._program.stop(STOP_SECONDS)

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        self._program.kill()


def worker(bootstrap: str, names: TopicNames, directory: Path, stacks: Path | None = None) -> Candidate:
    """Start a worker as `cee worker` does, on events of the past; under the sampler where `stacks` is given."""
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "SCHEMA_REGISTRY_URL": "",
        "CEE_NAMESPACE": names.namespace,
        "CEE_STATE_DIR": str(directory / "state"),
        "CEE_TIME": "event",
        "CEE_WEB_PORT": str(free_port()),
        "CEE_LOG_LEVEL": os.environ.get("CEE_LOG_LEVEL", "WARNING"),
    }
    sampled = ["-m", "bench.sampler", str(stacks)] if stacks else ["-m"]
    arguments = [*sampled, "streams.cli", "worker"]
    return Candidate("worker", names.of(APPLICATION), arguments, directory / "worker.log", environment)


def pass_through(bootstrap: str, names: TopicNames, directory: Path) -> Candidate:
    """Start the copy of the main source."""
    group = names.of(COPY_GROUP)
    arguments = ["-m", "bench.pass_through", bootstrap, names.of("entry-summary-event"), names.of(COPY), group]
    return Candidate("pass-through", group, arguments, directory / "pass-through.log", {})


def plain_faust(bootstrap: str, names: TopicNames, partitions: int, directory: Path) -> Candidate:
    """Start the plain Faust agent."""
    arguments = ["-m", "bench.plain_faust", bootstrap, names.namespace, str(partitions), str(directory / "faust")]
    return Candidate("plain Faust", names.of(FAUST_APPLICATION), arguments, directory / "faust.log", {})
