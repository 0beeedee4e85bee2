"""A port system: tells Kafka that an entry was filed, over a link that may be down.

    python examples/port_system.py SPOOL_FOLDER

Needs the base installation alone. Where Kafka is comes from KAFKA_BOOTSTRAP_SERVERS and CEE_NAMESPACE.
"""

import argparse
import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from streams.ports.errors import InvalidEvent
from streams.ports.spool.publisher import SpoolingPublisher


def entry_filed(number: str, importer: str) -> dict[str, object]:
    """Return the event as JSON has it; its id follows from our own record, so that telling it twice counts once."""
    return {
        "event_type": "entry_filed",
        "event_id": str(uuid5(NAMESPACE_URL, f"port-2704/entry/{number}")),
        "event_time": "2026-09-01T12:00:00Z",
        "source": "2704",
        "entry_number": number,
        "importer_of_record": importer,
        "port_of_entry": "2704",
        "entry_type": "01",
        "filed_at": datetime(2026, 9, 1, 12, tzinfo=UTC),
        "time_of_entry": datetime(2026, 9, 1, 12, tzinfo=UTC),
    }


async def main(folder: Path) -> None:
    """Publish one good event and one that is refused."""
    publisher = SpoolingPublisher(
        folder,
        os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
        namespace=os.environ.get("CEE_NAMESPACE", ""),
    )
    async with publisher:
        kept = await publisher.publish(entry_filed("B7603245278", "12-345678900"))
        print(f"event {kept.event_id} is on disk")
        try:
            await publisher.publish(entry_filed("B7603245279", "12-345678900"))
        except InvalidEvent as error:
            print(f"refused: {error}")
    print(f"{publisher.waiting} events wait for Kafka")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Publish one good event and one that is refused.")
    parser.add_argument("spool", type=Path, help="folder in which events wait while Kafka is away")
    asyncio.run(main(parser.parse_args().spool))
