"""How the moves of importer numbers between accounts become bytes in the state: as JSON, for they are few."""

import json
from typing import NamedTuple


class Leaving(NamedTuple):
    """A number that leaves an account: where it goes, and up to where its parts have been handed over."""

    target: str
    stage: int = 0
    after: str = ""
    """Name of the last value looked at in this stage."""


class Arriving(NamedTuple):
    """A number that arrives in an account; its events wait, numbered from `first` (inclusive) to `stop` (exclusive)."""

    source: str
    is_complete: bool = False
    """Whether all its parts are here."""
    first: int = 0
    stop: int = 0


def dump_leaving(leaving: Leaving) -> bytes:
    """Return a leaving number as bytes."""
    return json.dumps(leaving, separators=(",", ":")).encode()


def load_leaving(data: bytes) -> Leaving:
    """Return a leaving number from bytes."""
    return Leaving(*json.loads(data))


def dump_arriving(arriving: Arriving) -> bytes:
    """Return an arriving number as bytes."""
    return json.dumps(arriving, separators=(",", ":")).encode()


def load_arriving(data: bytes) -> Arriving:
    """Return an arriving number from bytes."""
    return Arriving(*json.loads(data))
