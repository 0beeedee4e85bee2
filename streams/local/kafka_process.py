"""One run of a Kafka process: started with a file of settings, watched until it says what is waited for."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from streams.local.guarded import GuardedProgram
from streams.local.java import java_executable

START_SECONDS: Final = 120.0
JAVA_OPTIONS: Final = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "--sun-misc-unsafe-memory-access=allow",  # Kafka's own use of it; each start would warn of it
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",  # says READY
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.controller.ReplicationControlManager=info",  # says FENCED
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
# Not the open port: that is open a moment before the broker may place partitions on itself.
READY: Final = "Kafka Server started"
FENCED: Final = "because its session has timed out"


class BrokerFailed(RuntimeError):  # noqa: N818 - it names what happened to the broker
    """The broker did not start or did not answer; the text ends with the last lines of its log."""


class KafkaProcess(GuardedProgram):
    """A running Kafka; what it logs is added to `log`."""

    def __init__(self, classpath: str, settings: Mapping[str, str], properties: Path, log: Path) -> None:
        """Write the settings and start it."""
        properties.write_text("".join(f"{key}={value}\n" for key, value in settings.items()), "utf-8")
        self._log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        super().__init__([str(java_executable()), *JAVA_OPTIONS, "-cp", classpath, "kafka.Kafka", str(properties)], log)

    def wait_until_it_says(self, words: str) -> None:
        """Return once the words are in its log. Raises `BrokerFailed` when it ends before, or after two minutes."""
        if self.says_within(START_SECONDS, words):
            return
        what = f"did not answer within {START_SECONDS:.0f} s" if self.is_running else "ended while it started"
        message = f"Kafka {what}. Its last words:\n{self._tail()}"
        raise BrokerFailed(message)

    def says_within(self, seconds: float, words: str) -> bool:
        """Wait until the words are in its log, it has ended, or so much time is over; tell whether they are."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            is_running = self.is_running
            if words in self._said():
                return True
            if not is_running:
                return False
            time.sleep(0.05)
        return False

    def _said(self) -> str:
        if not self._log.exists():
            return ""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", errors="replace")

    def _tail(self, lines: int = 15) -> str:
        return "\n".join(self._said().splitlines()[-lines:]) or "(it wrote none)"
