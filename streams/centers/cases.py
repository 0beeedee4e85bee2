"""The open cases of a Center as they stand: what its compacted topic holds when it is read."""

from collections.abc import Mapping
from typing import Any

from streams.centers.codec import codec_of
from streams.centers.consumption import Consumption, Start
from streams.centers.names import center_slug
from streams.contract.models import OpenCase
from streams.contract.topics import TopicNames


async def open_cases(
    center: str,
    *,
    bootstrap_servers: str = "127.0.0.1:9092",
    namespace: str = "",
    registry: str = "",
    client: Mapping[str, Any] | None = None,
) -> list[OpenCase]:
    """Return the open cases of a Center, those opened first in front; a case that is closed has left the topic.

    Reads the whole topic, which holds a record for each open case and, until they are compacted away, older ones.
    Raises `OutOfReach` and `MissingTopic`.
    """
    topic = TopicNames(namespace).center_case(center_slug(center))
    codec = await codec_of(registry)
    reading = Consumption(
        topic, bootstrap_servers=bootstrap_servers, group=None, start=Start.BEGINNING, client=client or {}
    )
    values: dict[bytes | None, bytes] = {}
    await reading.open()
    try:
        while True:
            fetched = await reading.next()
            if fetched is None:
                if await reading.is_at_end():
                    break
                continue
            record = fetched.record
            if record.value is None:
                values.pop(record.key, None)
            else:
                values[record.key] = record.value
            fetched.finish()
    finally:
        await reading.close()
    cases = [OpenCase.from_fields(codec.decode(value)[1]) for value in values.values()]
    return sorted(cases, key=lambda case: (case.opened_at, case.case_id))
