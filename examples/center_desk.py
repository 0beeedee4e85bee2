"""A Center's desk: takes the first piece of work that is opened, and says so.

    python examples/center_desk.py electronics

Needs the base installation alone. Where Kafka is comes from KAFKA_BOOTSTRAP_SERVERS and CEE_NAMESPACE.
"""

import argparse
import asyncio
import os

from streams.centers.decisions import Decisions
from streams.centers.inbox import Inbox
from streams.contract.models import WorkItem


async def main(center: str) -> None:
    """Wait for an opened case, take it, and confirm the item only then."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
    namespace = os.environ.get("CEE_NAMESPACE", "")
    inbox = Inbox(center, group=f"{center}-desk", bootstrap_servers=servers, namespace=namespace)
    decisions = Decisions(center, bootstrap_servers=servers, namespace=namespace)
    async with inbox, decisions:
        async for item in inbox:
            work = item.body
            if isinstance(work, WorkItem) and work.action == "opened":
                await decisions.answer(work, "work_taken", taken_by="desk 4")
                item.done()
                print(f"took {work.work_type} of {work.account_key}, case {work.case_id}")
                return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take the first piece of work that a Center is given.")
    parser.add_argument("center", help="the Center's slug, as electronics")
    asyncio.run(main(parser.parse_args().center))
