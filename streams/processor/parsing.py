"""What parsers of events share: what they are given, and the checks that make a record impossible."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, Protocol, TypeVar

from streams.customs.corrections import CorrectionUndone
from streams.customs.events import Envelope, Event
from streams.customs.liquidation import FactNoted
from streams.customs.trade_events import TradeEvent
from streams.engine.api import InvalidRecord

Fields = Mapping[str, Any]
L = TypeVar("L")

_DAY_MS: Final = 86_400_000
_FIRST_DAY: Final = 6117
"""1 October 1986: older entry numbers have another form."""
_HORIZON_DAYS: Final = 5 * 366
"""No date of an event lies further ahead: the longest period that begins with an entry is five years."""

MOST_CHARACTERS: Final = 40
"""Of what other systems have named: it is kept, and repeated in what follows."""


MAX_LISTED: Final = 5_000
"""Entries, numbers or the like that one record may list, as the models have it: more are no filing, but a mistake."""


class Parsed(Protocol):
    """What becomes an event; a `reading.Reading` is one."""

    @property
    def fields(self) -> Fields:
        """The record's fields; of a filing the projected ones."""

    @property
    def cause(self) -> Envelope:
        """What every event carries."""

    @property
    def entry_number(self) -> str:
        """The entry that it is about; empty where it is about none."""

    @property
    def data(self) -> bytes:
        """The record as it came."""


Parser = Callable[[Parsed], Event | TradeEvent | FactNoted | CorrectionUndone]


def impossible(detail: str) -> NoReturn:
    """Raise `InvalidRecord` for content that cannot be."""
    raise InvalidRecord("impossible-content", detail)


def day(value: int | None, parsed: Parsed) -> int:
    """Return a date of an event as a day, 0 where it has none. Raises `InvalidRecord` for one that cannot be."""
    if value is None:
        return 0
    if not _FIRST_DAY <= value <= parsed.cause.published_ms // _DAY_MS + _HORIZON_DAYS:
        raise InvalidRecord("impossible-date", "a date lies before October 1986 or more than five years ahead")
    return value


def instant(value: int, parsed: Parsed) -> int:
    """Return an instant of an event as it is. Raises `InvalidRecord` for one that cannot be."""
    day(value // _DAY_MS, parsed)
    return value


def code(value: str, length: int, name: str) -> str:
    """Return a code of fixed length as it is. Raises `InvalidRecord` for any other text."""
    if len(value) != length or not (value.isascii() and value.isalnum()):
        impossible(f"{name} has {length} letters or digits")
    return value


def identifier(value: str | None) -> str:
    """Return a number that another system has given. Raises `InvalidRecord` for one that could not be kept."""
    text = value or ""
    if len(text) > MOST_CHARACTERS or not (text.isascii() and text.isprintable() and " " not in text):
        impossible(f"a number has at most {MOST_CHARACTERS} printable characters without blanks")
    return text


def listed(values: list[L]) -> list[L]:
    """Return what a record lists. Raises `InvalidRecord` for more than could be kept."""
    if len(values) > MAX_LISTED:
        impossible(f"a record lists at most {MAX_LISTED:,} of a kind")
    return values


def word(value: str | None, known: tuple[str, ...], name: str) -> str:
    """Return a word of a closed list. Raises `InvalidRecord` for any other."""
    if value not in known:
        impossible(f"{name} is one of {', '.join(known)}")
    return str(value)


def entry_number_of(fields: Fields) -> str:
    """Return the entry number of an event. Raises `InvalidRecord` for one that could not even be kept."""
    return code(fields["entry_number"], 11, "an entry number (without hyphens)")
