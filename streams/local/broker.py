"""One real Kafka broker on loopback, started and stopped with the process that needs it."""

import base64
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.local.java import kafka_classpath
from streams.local.kafka_process import FENCED, READY, BrokerFailed, KafkaProcess, kafka_command, write_properties
from streams.local.seats import Door, Seat, listener_settings
from streams.local.secured import PROTOCOL, Accounts
from streams.local.server import LocalServer, free_port, refuse_a_taken_port

__all__ = ["BrokerFailed", "LocalBroker", "free_port"]

FENCED_SECONDS: Final = 8.0
WRITTEN_SECONDS: Final = 0.3

# Small and quick, for one broker on one machine: few internal partitions (each costs files at the start), no
# waiting for more group members, and transactions of dead producers ended soon.
SETTINGS: Final[Mapping[str, str]] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "2000",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "log.index.size.max.bytes": "1048576",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
}

_OF_BROKERS_ALONE: Final = frozenset({"advertised.listeners", "inter.broker.listener.name"})


class LocalBroker(LocalServer):
    """A single Kafka broker (KRaft, broker and controller in one)."""

    STOP_SECONDS = 20.0

    def __init__(  # noqa: PLR0913 - all but two are by keyword
        self,
        directory: Path,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
        *,
        doors: Sequence[Door] = (),
        seat: Seat | None = None,
        accounts: Accounts | None = None,
        version: str | None = None,
        java_options: Sequence[str] = (),
    ) -> None:
        """Prepare a broker in a directory; port None takes a free one, `say` is told of long steps.

        `doors` are further listeners, `seat` makes it one of a cluster, and with `accounts` only those get in.
        `version` is Kafka's, see `java.kafka_classpath`; `java_options` go to its runtime.
        """
        super().__init__(directory, port, say)
        self._controller_port = seat.controllers[seat.node_id] if seat else free_port()
        self._doors, self._seat, self._accounts = doors, seat, accounts
        self._settings = dict(settings or {})
        self._version = version
        self._java_options = java_options

    @property
    def bootstrap_servers(self) -> str:
        """Return `host:port` for clients."""
        return f"127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """Return the file with the broker's own log lines."""
        return self._directory / "broker.log"

    def start(self) -> None:
        """Start the broker and return when it answers.

        Raises `JavaUnavailable` when Kafka cannot be had and `BrokerFailed` when it does not answer in two minutes.
        """
        classpath = kafka_classpath(self._say, self._version)
        refuse_a_taken_port(self._port, "Kafka", BrokerFailed)
        self._directory.mkdir(parents=True, exist_ok=True)
        settings = self._all_settings()
        self._format(classpath, settings)
        # In a cluster the other controllers notice by themselves.
        if self._unclean.exists() and self._seat is None:
            self._fence_the_former_broker(classpath, settings)
        self._unclean.touch()
        properties = self._directory / "server.properties"
        self._wait_for(KafkaProcess(classpath, settings, properties, self.log, self._java_options), READY)

    def stop(self) -> bool:
        """End the broker, and remember whether it ended in good order."""
        is_clean = super().stop()
        if is_clean:
            self._unclean.unlink(missing_ok=True)
        return is_clean

    @property
    def _unclean(self) -> Path:
        """Return the mark of a broker that runs, or that did not end in good order."""
        return self._directory / "unclean"

    def _all_settings(self) -> dict[str, str]:
        protocol = PROTOCOL if self._accounts else "PLAINTEXT"
        listeners = listener_settings(protocol, self._port, self._controller_port, self._doors)
        quorum = {"controller.quorum.bootstrap.servers": f"127.0.0.1:{self._controller_port}"}
        return {
            **SETTINGS,
            **listeners,
            **(self._seat.settings if self._seat else quorum),
            **(self._accounts.settings(self._directory) if self._accounts else {}),
            "log.dirs": str(self._directory / "data"),
            **self._settings,
        }

    def _fence_the_former_broker(self, classpath: str, settings: Mapping[str, str]) -> None:
        """Let the controller alone notice that the broker was killed, before a new one starts.

        Else broker and controller, being one process, come back while the former session still counts: the
        broker takes its transactions up, loses its partitions a moment later when that session ends, and takes
        them for deleted topics. It then ends those transactions without their markers, and readers that wait for
        committed records wait for ever (seen with Kafka 4.3.1: docs/decisions/0015).
        """
        alone = {key: value for key, value in settings.items() if key not in _OF_BROKERS_ALONE}
        alone |= {
            "process.roles": "controller",
            "listeners": settings["listeners"].rpartition(",")[2],
            "broker.session.timeout.ms": "200",
        }
        controller = KafkaProcess(classpath, alone, self._directory / "controller.properties", self.log)
        try:
            controller.wait_until_it_says(READY)
            # A broker that was killed before it had registered leaves nothing to fence.
            if controller.says_within(FENCED_SECONDS, FENCED):
                # It says so a moment before it is in its log.
                time.sleep(WRITTEN_SECONDS)
        finally:
            controller.stop(self.STOP_SECONDS)

    def _format(self, classpath: str, settings: Mapping[str, str]) -> None:
        """Give a new data directory its cluster id; one that has it stays as it is."""
        if (self._directory / "data" / "meta.properties").exists():
            return
        properties = self._directory / "format.properties"
        write_properties(properties, settings)
        cluster_id = self._seat.cluster_id if self._seat else new_cluster_id()
        arguments = ["format", "-t", cluster_id, "-c", str(properties)]
        arguments += [] if self._seat else ["--standalone"]
        arguments += self._accounts.format_arguments if self._accounts else []
        tool = kafka_command(classpath, "kafka.tools.StorageTool", *arguments)
        done = subprocess.run(tool, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
        if done.returncode:
            said = [line for line in (done.stderr or done.stdout).splitlines() if not line.startswith("\tat ")]
            message = f"Kafka could not prepare {self._directory}: {said[-1] if said else done.returncode}"
            raise BrokerFailed(message)


def new_cluster_id() -> str:
    """Return a random cluster id: 16 bytes in URL-safe base64.

    It never starts with a hyphen, as one in 64 would: Kafka's own tool would take it for an option.
    """
    return "c" + base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()[1:]
