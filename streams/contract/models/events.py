"""All models by the names of their records, and the ways into and out of an event."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from streams.contract.keys import RULES_KEY, account_key, inquiry_key
from streams.contract.models import (
    answers,
    claims,
    decisions,
    facts,
    filings,
    headquarters,
    internal,
    liquidation,
    notices,
    placement,
    protests,
    work,
)
from streams.contract.models.base import Event, Record

_EVENTS: Final = (filings, notices, liquidation, protests, claims, facts, decisions, headquarters)
_OUTPUTS: Final = (work, placement, answers, internal)


def _records(modules: Iterable[ModuleType], base: type[Record]) -> Mapping[str, type[Any]]:
    """Return the records that modules define, by name."""
    found = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__:
                found[value.RECORD] = value
    return MappingProxyType(found)


EVENT_MODELS: Final[Mapping[str, type[Event]]] = _records(_EVENTS, Event)
"""Models of the events that may be published, by record name; it stands in `event_type` of a JSON line."""

MODELS: Final[Mapping[str, type[Record]]] = MappingProxyType({**EVENT_MODELS, **_records(_OUTPUTS, Record)})
"""Models of all records, by name."""


def parse_event(mapping: Mapping[str, Any]) -> Event:
    """Return the event of a mapping whose `event_type` names its record, as a JSON line holds it.

    Raises pydantic's `ValidationError` with all its faults; `faults_of` puts them into words.
    """
    fields = dict(mapping)
    name = fields.pop("event_type", None)
    model = EVENT_MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        wrong = "is missing" if name is None else "is not an event of the contract"
        kind = PydanticCustomError("event_type", "{wrong}", {"wrong": wrong})
        detail = InitErrorDetails(type=kind, loc=("event_type",), input=None)
        raise ValidationError.from_exception_data("Event", [detail], hide_input=True)
    return model.model_validate(fields)


def as_line(event: Event) -> str:
    """Return an event as a JSON line that `parse_event` takes; what is not told is left out."""
    fields = event.model_dump(mode="json", exclude_none=True)
    return json.dumps({"event_type": event.RECORD, **fields}, ensure_ascii=False)


def event_from_fields(name: str, fields: Mapping[str, Any]) -> Event:
    """Return the event of decoded fields. Raises `KeyError` for a record that is no event."""
    return EVENT_MODELS[name].from_fields(fields)


def key_of(event: Event) -> bytes:
    """Return the key under which an event is published.

    The importer's account; without importer the account key that a decision names, the entry number, or
    `inquiry:<number>`; for `rules_version`, which goes to every partition, `rules`.
    """
    about = getattr(event, "summary", event)
    importer = getattr(about, "importer_of_record", None)
    if importer is not None:
        return account_key(importer).encode()
    for name in ("account_key", "entry_number"):
        key = getattr(about, name, None)
        if key is not None:
            return str(key).encode()
    number = getattr(event, "inquiry_number", None) or getattr(event, "claim_number", None)
    return inquiry_key(number).encode() if number else RULES_KEY
