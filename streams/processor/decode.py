"""From a record's fields to an event that the rules understand.

Whatever makes an event impossible raises `InvalidRecord`; what only breaks a rule is left to the rules.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from streams.customs.calendar import day_starts_ms
from streams.customs.events import (
    EntryFiled,
    EntryNoted,
    Envelope,
    Event,
    Line,
    PlacementSet,
    PortNoticed,
    ProfileChanged,
    StatusNotified,
    SummaryFiled,
)
from streams.customs.life_cycle import Kind
from streams.engine.api import InvalidRecord

Fields = Mapping[str, Any]
