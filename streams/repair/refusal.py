"""Tell the sender of a record that could not be processed what to mend: on `event-refusal`, where refusals go."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from streams.contract.codec import Codec
from streams.contract.errors import UndecodableRecord
from streams.contract.topics import TopicNames
from streams.engine.dead_letter import RETURN_OF
from streams.repair.letters import Letter
from streams.repair.resolving import Record

_NAMESPACE: Final = UUID("7c1f6a3e-8d0b-5a35-9f5e-2b9d0c7a4e11")
_PORT_LENGTH: Final = 4
UNKNOWN: Final = "unknown"


def returning(names: TopicNames, codec: Codec, remedy: str) -> Callable[[Letter], Record]:
    """Return what makes a refusal of a letter; `remedy` says what the sender can do.

    What cannot be decoded names no event: its sender knows it by topic, partition and offset in `caused_by`.
    """

    def refusal(letter: Letter) -> Record:
        value = codec.encode("event_refusal", _fields(letter, _decoded(codec, letter), remedy))
        headers = ((RETURN_OF, str(letter.place).encode()),)
        return Record(names.of("event-refusal"), letter.place.partition, letter.key, value, headers)

    return refusal


def _fields(letter: Letter, event: tuple[str, Mapping[str, Any]], remedy: str) -> dict[str, Any]:
    name, fields = event
    about = fields.get("summary", fields)
    source = str(fields.get("source") or UNKNOWN)
    return {
        "refusal_id": str(uuid5(_NAMESPACE, f"{letter.source}/{letter.reason}")),
        "event_id": str(fields.get("event_id") or ""),
        "event_type": name,
        "source": source,
        "port": _port(source, about),
        "entry_number": about.get("entry_number"),
        "account_key": None,
        "ignored": False,
        "rule": f"dead-letter.{letter.reason}",
        "sentence": letter.detail,
        "rule_source": "schemas of the contract",
        "remedy": remedy,
        "caused_by": {
            "event_id": fields.get("event_id"),
            "topic": letter.source.topic,
            "partition": letter.source.partition,
            "offset": letter.source.offset,
            "event_at": fields.get("event_time") or letter.published_ms,
            "published_at": letter.published_ms,
            "processed_at": letter.buried_ms,
        },
    }


def _port(source: str, about: Mapping[str, Any]) -> str | None:
    """Return the port that told the event, else the port of entry, as refusals by a rule do."""
    if len(source) == _PORT_LENGTH and source.isdigit():
        return source
    return about.get("port_of_entry") or about.get("port")


def _decoded(codec: Codec, letter: Letter) -> tuple[str, Mapping[str, Any]]:
    try:
        return codec.decode(letter.value or b"")
    except UndecodableRecord:
        return UNKNOWN, {}
