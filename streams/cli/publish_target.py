"""Where `cee publish` brings its events: to Kafka, or into a spool on the way there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streams.ports.errors import PublishError
from streams.ports.numbers import CheckDigitOffsets
from streams.ports.publisher import Publisher
from streams.ports.spool.publisher import SpoolingPublisher

EXIT_REFUSED: Final = 1


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster, and the folder of a spool if events go through one.

    What goes through a spool is framed without the registry, which may be out of reach too; readers take both.
    """

    bootstrap_servers: str
    namespace: str
    registry: str
    client: Mapping[str, Any]
    offsets: CheckDigitOffsets
    spool: Path | None
    limit_bytes: int

    def publisher(self, say: Callable[[str], None]) -> Publisher | SpoolingPublisher:
        """Return a publisher to be entered; `say` is told of what keeps a spool from Kafka."""
        if self.spool is None:
            return Publisher(
                self.bootstrap_servers,
                namespace=self.namespace,
                registry=self.registry,
                offsets=self.offsets,
                client=self.client,
            )

        def tell(trouble: PublishError | None) -> None:
            say("Kafka is in reach again" if trouble is None else f"{trouble}; events are kept in {self.spool}")

        return SpoolingPublisher(
            self.spool,
            self.bootstrap_servers,
            namespace=self.namespace,
            limit_bytes=self.limit_bytes,
            offsets=self.offsets,
            client=self.client,
            tell=tell,
        )
