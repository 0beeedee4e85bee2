"""A broker of one's own, and topics under a fresh namespace for each measurement."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from bench.candidates import COPY
from bench.load import Bytes, fill
from bench.progress import Ends, ends
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled


@dataclass(frozen=True, slots=True)
class Arena:
    """Where measurements take place: a broker, a partition count, a folder for stores and logs."""

    bootstrap: str
    partitions: int
    directory: Path

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """Give a fresh folder below the arena's."""
        path = self.directory / name
        path.mkdir(parents=True)
        yield path

    async def namespace(self, name: str) -> TopicNames:
        """Create all topics under a namespace, and the one that the pass-through writes."""
        names = TopicNames(name)
        topics = scaled(load_topics(), namespace=name, partitions=self.partitions)
        source = next(topic for topic in topics if topic.name == names.of("entry-summary-event"))
        copy = replace(source, name=names.of(COPY))
        await apply_topics(self.bootstrap, (*topics, copy))
        return names

    async def filled(self, name: str, load: Iterable[Bytes]) -> tuple[TopicNames, Ends]:
        """Create a namespace with a load in its sources; return its names and where its main source ends."""
        names = await self.namespace(name)
        await fill(self.bootstrap, names, self.partitions, load)
        return names, await self.ends(names)

    async def ends(self, names: TopicNames) -> Ends:
        """Return where the main source ends."""
        return await ends(self.bootstrap, names.of("entry-summary-event"), self.partitions)

    async def drop(self, names: TopicNames) -> None:
        """Delete a namespace's topics, Faust's own among them: a long run shall not fill the disk."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            topics = await admin.list_topics()
            await admin.delete_topics([topic for topic in topics if topic.startswith(f"{names.namespace}-")])
        finally:
            await admin.close()
