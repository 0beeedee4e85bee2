"""From an event to what is sent: validated, with its key, its bytes and its topic."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from streams.contract.codec import Codec
from streams.contract.masking import shown
from streams.contract.models import Event, RulesVersion, check_digit_faults, faults_of, key_of, parse_event
from streams.contract.models.faults import Fault
from streams.contract.topics import TopicNames, load_topics
from streams.ports.errors import EventFault, InvalidEvent
from streams.ports.numbers import ENTRY_NUMBER, NO_OFFSETS, CheckDigitOffsets, false_check_digit, has_true_check_digit

Raw = Mapping[str, Any]
"""An event as a JSON line holds it: `event_type` names its record."""

# The topics that port systems and headquarters write to; decisions of Centers go by streams.centers.
PUBLISHED_TO: Final = ("entry-summary-event", "headquarters-decision")
CHECK_DIGIT_REMEDY: Final = "correct the number, or allow the filer's offset if CBP has"


class Outgoing(NamedTuple):
    """One event ready to be sent; the rules go into every partition."""

    event_id: str
    topic: str
    key: bytes
    value: bytes
    in_every_partition: bool


def outgoing(
    event: Event | Raw, names: TopicNames, offsets: CheckDigitOffsets = NO_OFFSETS, codec: Codec | None = None
) -> Outgoing:
    """Validate and encode an event; a model of the contract is not validated again, but for check digits.

    `codec` is the one of a registry, where one is used.

    Raises `InvalidEvent` with all faults.
    """
    model = event if isinstance(event, Event) else parsed(event, offsets)
    false_digits = check_digit_faults(model, offsets)
    if false_digits:
        raise InvalidEvent([_told(fault, CHECK_DIGIT_REMEDY) for fault in false_digits])
    topic = _topic_of(model.RECORD)
    return Outgoing(
        event_id=model.event_id,
        topic=names.of(topic),
        key=key_of(model),
        value=(codec or _codec()).encode(model.RECORD, model.to_fields()),
        in_every_partition=isinstance(model, RulesVersion),
    )


def parsed(event: Raw, offsets: CheckDigitOffsets = NO_OFFSETS) -> Event:
    """Make the contract's model of an event. Raises `InvalidEvent` with all faults, false check digits among them."""
    if not isinstance(event, Mapping):
        raise InvalidEvent(
            [EventFault("", f"a {type(event).__name__} is not an event", "give an object with named fields")]
        )
    try:
        return parse_event(event)
    except ValidationError as error:
        faults = [_told(fault) for fault in faults_of(error)]
        raise InvalidEvent([*faults, *_false_digits(event, offsets)]) from None


def _told(fault: Fault, remedy: str = "correct the field") -> EventFault:
    return EventFault(shown(fault.place), shown(fault.wrong), remedy)


def _false_digits(event: Raw, offsets: CheckDigitOffsets) -> list[EventFault]:
    """Look at the entry number of an event that has other faults too."""
    summary = event.get("summary")
    about, prefix = (summary, "summary.") if isinstance(summary, Mapping) else (event, "")
    number = about.get("entry_number")
    if not isinstance(number, str) or not ENTRY_NUMBER.fullmatch(number) or has_true_check_digit(number, offsets):
        return []
    return [EventFault(f"{prefix}entry_number", false_check_digit(number), CHECK_DIGIT_REMEDY)]


def _topic_of(record: str) -> str:
    topic = _topics().get(record)
    if topic is None:
        what = f"a {record} is not published by port systems or headquarters"
        raise InvalidEvent([EventFault("event_type", what, "send decisions of a Center with its own client")])
    return topic


@cache
def _topics() -> Mapping[str, str]:
    """Map records to the topic that carries them."""
    return {record: topic.name for topic in load_topics() if topic.name in PUBLISHED_TO for record in topic.records}


@cache
def _codec() -> Codec:
    return Codec()


def event_id_of(event: Event | Raw) -> str:
    """Return an event's id as far as it has one, valid or not."""
    found = event.get("event_id") if isinstance(event, Mapping) else getattr(event, "event_id", "")
    return str(found or "")
