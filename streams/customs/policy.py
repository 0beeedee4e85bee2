"""The switches of placement: each has its number (P1 ...), its default, and is checked before use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """P4: by what the predominant goods are found."""

    LINES = "lines"
    VALUE = "value"
    ENTRY_SUMMARIES = "entry_summaries"
    LINES_THEN_VALUE = "lines_then_value"


class InvalidPolicy(ValueError):  # noqa: N818 - it names what is wrong with the policy, not with the program
    """Settings that make no policy; the text is one sentence that names the key."""


@dataclass(frozen=True, slots=True)
class PlacementPolicy:
    """How importers are placed; every switch has a documented default."""

    version: str = "1"
    window_days: int = 365
    """P1: entry days that count, back from a daily cut."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> "PlacementPolicy":
        """Return the policy that the settings describe; what they leave out has its default. Raises `InvalidPolicy`."""
        raise NotImplementedError

    def counts(self, entry_type: str) -> bool:
        """P9: tell whether summaries of an entry type count for placement."""
        raise NotImplementedError
