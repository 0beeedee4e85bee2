"""Several real brokers on this machine as one cluster: for what one broker cannot show, such as a lost leader."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from streams.local.broker import LocalBroker, free_port, new_cluster_id
from streams.local.seats import Seat

REPLICAS: Final = 3
# What production wants: each record on three brokers, acknowledged when two have it.
SETTINGS: Final[Mapping[str, str]] = {
    "default.replication.factor": str(REPLICAS),
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": str(REPLICAS),
    "transaction.state.log.replication.factor": str(REPLICAS),
    "transaction.state.log.min.isr": "2",
    "unclean.leader.election.enable": "false",
}


class LocalCluster:
    """Three or more brokers, each broker and controller in one. Use it as a context manager."""

    def __init__(
        self,
        directory: Path,
        brokers: int = REPLICAS,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
        *,
        version: str | None = None,
    ) -> None:
        """Prepare a cluster in a directory, one folder a broker; needs about 0.5 GB of memory each.

        `version` is Kafka's, see `java.kafka_classpath`.
        """
        controllers = {node: free_port() for node in range(1, brokers + 1)}
        cluster_id = new_cluster_id()
        self.brokers = [
            LocalBroker(
                directory / f"broker-{node}",
                settings={**SETTINGS, **(settings or {})},
                say=say,
                seat=Seat(node, controllers, cluster_id),
                version=version,
            )
            for node in controllers
        ]

    @property
    def bootstrap_servers(self) -> str:
        """Return the addresses of all brokers."""
        return ",".join(broker.bootstrap_servers for broker in self.brokers)

    def __enter__(self) -> Self:
        """Start the cluster."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the cluster."""
        self.stop()

    def start(self) -> None:
        """Start all brokers at once: none is ready before most of them are there. Raises as `LocalBroker.start`."""
        try:
            with _all_at_once(self.brokers) as pool:
                list(pool.map(LocalBroker.start, self.brokers))
        except BaseException:
            for broker in self.brokers:
                broker.kill()
            raise

    def stop(self) -> None:
        """End all brokers. The last ones have no quorum to say goodbye to, and are ended by force after a while."""
        with _all_at_once(self.brokers) as pool:
            list(pool.map(LocalBroker.stop, self.brokers))


@contextmanager
def _all_at_once(brokers: list[LocalBroker]) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(len(brokers)) as pool:
        yield pool
