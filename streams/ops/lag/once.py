"""One look at all readers, for a command line: what can be told without having watched."""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from streams.contract.provision import ClusterError
from streams.contract.topics import TopicNames, load_topics
from streams.ops.lag.book import GroupLag, LagBook
from streams.ops.lag.broker import EARLIEST, BrokerReader
from streams.ops.lag.probe import AT_ONCE, NextUnread
from streams.ops.lag.reading import Reading

INTERNAL: Final = ("placement-state", "processing-journal")


def watched_topics(names: TopicNames) -> tuple[str, ...]:
    """Return the topics whose readers matter: all of ours but those that only the engine reads."""
    internal = {names.of(name) for name in INTERNAL}
    return tuple(name for topic in load_topics() if (name := names.of(topic.name)) not in internal)


def house_of(group: str) -> str:
    """Return the group of Faust's own agents beside ours: what it reads may be seen twice, or never."""
    return f"{group}-house"


async def look_once(
    bootstrap_servers: str,
    names: TopicNames,
    application: str,
    pattern: re.Pattern[str],
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return our own group and all groups that read our topics, with the true age of their next records.

    Raises `BrokerUnreachable`, `KafkaError`, and `ClusterError` where none of our topics is there: that nobody is
    behind would be no answer to a wrong namespace.
    """
    topics, own = frozenset(watched_topics(names)), names.of(application)
    async with BrokerReader(bootstrap_servers, client) as reader:
        places = await reader.places(topics)
        if not places:
            message = f"{bootstrap_servers} has none of these topics: wrong namespace or cluster?"
            raise ClusterError(message)
        known = await reader.group_names()
        group_names = [name for name in known if name == own or (name != house_of(own) and pattern.fullmatch(name))]
        groups = [group for group in await reader.groups(group_names) if group.topics & topics]
        begins, ends = await reader.offsets(places, EARLIEST), await reader.offsets(places)
        retention = await reader.retentions(sorted({topic for topic, _ in places}))
        book, unread = LagBook(retention.get), NextUnread()
        reading = Reading(time.time(), begins, ends, tuple(groups))
        asks = list(book.asks(reading))
        for _ in range(0, len(asks), AT_ONCE):
            await unread.look(reader, asks)
        report = book.fold(reading, unread)
    return {"at": report.at, "groups": [_group(group) for group in report.groups]}


def _group(group: GroupLag) -> dict[str, Any]:
    return {
        "group": group.name,
        "state": group.state,
        "members": len(group.members),
        "lag": group.lag,
        "age_seconds": group.age_seconds,
        "uncommitted": group.uncommitted,
        "lost": sum(place.lost for place in group.places),
        "places": [
            {
                "topic": place.topic,
                "partition": place.partition,
                "offset": place.offset,
                "end": place.end,
                "lag": place.lag,
                "age_seconds": place.age_seconds,
                "owner": place.owner.client_id,
            }
            for place in group.places
        ],
    }
