"""One run of a Kafka process: started with a file of settings, watched until it says what is waited for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.local.java import class_cache, java_executable
from streams.local.logged import LoggedProgram, ProgramFailed

JAVA_OPTIONS: Final = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # a third off its start, two fifths off what a demo costs it
)
SERVER_OPTIONS: Final = (
    "-Xmx512m",
    "--sun-misc-unsafe-memory-access=allow",  # Kafka's own use of it; each start would warn of it
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",  # says READY
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.controller.ReplicationControlManager=info",  # says FENCED
    # Says when it takes a partition for deleted and spares it the marker that ends a transaction there.
    "-Dorg.slf4j.simpleLogger.log.kafka.coordinator.transaction.TransactionMarkerChannelManager=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
# Not the open port: that is open a moment before the broker may place partitions on itself.
READY: Final = "Kafka Server started"
FENCED: Final = "because its session has timed out"


class BrokerFailed(ProgramFailed):
    """The broker did not start or did not answer; the text ends with the last lines of its log."""


class KafkaProcess(LoggedProgram):
    """A running Kafka; what it logs is added to `log`."""

    title = "Kafka"
    failure = BrokerFailed

    def __init__(
        self, classpath: str, settings: Mapping[str, str], properties: Path, log: Path, java_options: Sequence[str] = ()
    ) -> None:
        """Write the settings and start it."""
        write_properties(properties, settings)
        options = [*SERVER_OPTIONS, *java_options]
        super().__init__(kafka_command(classpath, "kafka.Kafka", str(properties), java_options=options), log)


def kafka_command(classpath: str, program: str, *arguments: str, java_options: Sequence[str] = ()) -> list[str]:
    """Return the command line of one of Kafka's programs; it starts quickly where that was prepared (`quick_start`)."""
    cache = class_cache(classpath)
    kept = [f"-XX:AOTCache={cache}"] if cache.exists() and cache.stat().st_size else []
    return [str(java_executable()), *JAVA_OPTIONS, *kept, *java_options, "-cp", classpath, program, *arguments]


def write_properties(path: Path, settings: Mapping[str, str]) -> None:
    """Write a file of settings that only this user can read: passwords may be among them."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()), "utf-8")
