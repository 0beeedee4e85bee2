"""Events as lines of JSON, as `cee publish` takes them: dates and times written out for people."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from streams.sample.days import EPOCH_DAY, instant
from streams.sample.events import SampleEvent

INSTANTS: Final = frozenset(("event_time", "time_of_entry", "filed_at", "accepted_at", "deleted_at"))
DATES: Final = frozenset(
    (
        "action_on",
        "answered_on",
        "cancelled_on",
        "changed_on",
        "effective_on",
        "entry_date",
        "estimated_entry_date",
        "extended_on",
        "extended_until",
        "filed_on",
        "import_date",
        "inactivated_on",
        "issued_on",
        "liquidated_on",
        "liquidation_date",
        "mailed_on",
        "noticed_on",
        "paid_on",
        "received_on",
        "rejected_on",
        "release_date",
        "summary_date",
        "suspended_on",
    )
)


def is_publishable(event: SampleEvent) -> bool:
    """Tell whether a publisher could be handed the event: not one whose bytes or key are wrong."""
    return event.raw is None and event.fault != "wrong-key"


def as_json(event: SampleEvent) -> str:
    """Return an event as one line without its end, with `event_type` in front."""
    return json.dumps({"event_type": event.name, **_written(event.fields)}, separators=(",", ":"))


def _written(fields: dict[str, object]) -> dict[str, object]:
    """Write out the dates and times of fields, at every depth where such may stand."""
    return {name: _value(name, value) for name, value in fields.items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, int):
        write = WRITERS.get(name)
        return value if write is None else write(value)
    if isinstance(value, dict) and name == "summary":
        return _written(value)
    if isinstance(value, list) and name == "entries":
        return [_written(entry) for entry in value]
    return value


@lru_cache(maxsize=2048)
def _date(day: int) -> str:
    return date.fromordinal(day + EPOCH_DAY).isoformat()


def _instant(milliseconds: int) -> str:
    return instant(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


WRITERS: Final[Mapping[str, Callable[[int], str]]] = {
    **dict.fromkeys(INSTANTS, _instant),
    **dict.fromkeys(DATES, _date),
}
