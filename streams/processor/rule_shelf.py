"""The rules of a partition: the versions that headquarters has published to it, kept as they came.

A version takes up several chunks where it is large; the list of versions is a digest of everything that is in force,
so what it adds up to is worked out once and remembered by it. Each partition adopts a version at its own place in the
log, and folds every daily cut under the rules that are in force on that day.
"""

from hashlib import sha256
from struct import Struct
from typing import Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from streams.contract.codec import Codec
from streams.customs.calendar import eastern_day_number
from streams.customs.outcomes import Ignored, Refused
from streams.customs.policy import PlacementRules
from streams.customs.rule_book import Adopted, AnnouncedRules, InvalidRules, announced, rules_of
from streams.customs.rules import RULES_ANNOUNCED, RULES_NAMED_ONCE, RULES_VALID
from streams.customs.tariff import Day
from streams.engine.api import State, Table
from streams.processor.parsing import Fields
from streams.processor.summary_chunks import packed, unpacked
from streams.processor.tables import RULES

RULES_VERSION: Final = "rules_version"

_HEAD: Final = b"head"
_VERSION: Final = Struct("<I16sH8s")
_DIGEST: Final = 8
_KEPT: Final = 64

V = TypeVar("V")


class ReadState(Protocol):
    """What is read of a partition's state: its own while it is processed, or the committed one."""

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""


class _Listed(NamedTuple):
    """A version in the list: its first cut, its event, its chunks, and a digest of them."""

    begins: Day
    event: bytes
    chunks: int
    digest: bytes


class RuleShelf:
    """Finds out which rules are in force in a partition; make one and keep it."""

    def __init__(self, codec: Codec, first: PlacementRules) -> None:
        self._decode = codec.decode
        self._first = first
        self._known: dict[bytes, PlacementRules] = {}

    def in_force(self, state: ReadState, now_ms: int) -> PlacementRules:
        """Return the rules in force at an instant."""
        if state.get(RULES, _HEAD) is None:  # nearly always: asked here, for every event asks
            return self._first
        rules = self.all_of(state)
        return rules.at(eastern_day_number(now_ms)) if rules.begins else rules

    def all_of(self, state: ReadState) -> PlacementRules:
        """Return the latest rules, those that begin on a later day included, with all earlier ones behind them."""
        head = state.get(RULES, _HEAD)
        if head is None:
            return self._first
        known = self._known.get(head)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            adopted = [Adopted(listed.begins, self._version(state, listed)) for listed in _listed(head)]
            known = self._known[head] = rules_of(self._first, adopted)
        return known

    def adopt(self, state: State, fields: Fields, body: bytes, today: Day) -> Refused | Ignored | Adopted:
        """Take a version in; it begins on its day, or tomorrow where that day is over already."""
        try:
            version = announced_in(fields)
        except InvalidRules as fault:
            return Refused(RULES_VALID._replace(sentence=f"{RULES_VALID.sentence} Here: {fault}."), "")
        if version.effective_day <= eastern_day_number(version.announced_ms):
            return Refused(RULES_ANNOUNCED, "")
        head = state.get(RULES, _HEAD) or b""
        event = UUID(version.event_id).bytes
        present = _listed(head)
        if any(listed.event == event for listed in present):
            return Ignored(None, "")
        if any(self._version(state, listed).version == version.version for listed in present):
            return Refused(RULES_NAMED_ONCE, "")
        chunks = packed(body)
        for at, chunk in enumerate(chunks):
            state.put(RULES, _chunk_key(event, at), chunk)
        begins = max(version.effective_day, today + 1)
        listed = _Listed(begins, event, len(chunks), sha256(body).digest()[:_DIGEST])
        state.put(RULES, _HEAD, head + _VERSION.pack(*listed))
        return Adopted(begins, version)

    def _version(self, state: ReadState, listed: _Listed) -> AnnouncedRules:
        chunks = [state.get(RULES, _chunk_key(listed.event, at)) for at in range(listed.chunks)]
        _, fields = self._decode(unpacked([chunk for chunk in chunks if chunk is not None]))
        return announced_in(fields)


def _listed(head: bytes) -> list[_Listed]:
    return [_Listed(*parts) for parts in _VERSION.iter_unpack(head)]


def _chunk_key(event: bytes, at: int) -> bytes:
    return b"v/%s/%d" % (event, at)


def announced_in(fields: Fields) -> AnnouncedRules:
    """Return the version that a record's fields hold. Raises `InvalidRules`."""
    return announced(
        version=fields["version"],
        effective_day=fields["effective_on"],
        announced_ms=fields["event_time"],
        event_id=_uuid(fields["event_id"]),
        policy=[(setting["name"], setting["values"]) for setting in fields["policy"]],
        coverage_version=fields["coverage_version"] or "",
        coverage=[(row["from_code"], row["to_code"], row["center"]) for row in fields["coverage"]],
        accounts=[(row["importer_of_record"], row["account_key"]) for row in fields["accounts"]],
    )


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        msg = "event_id: an event id is a UUID"
        raise InvalidRules(msg) from None
