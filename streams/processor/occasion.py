"""What one record, or the beginning of a day, brings about: the common part of all that it publishes."""

from typing import Any, Final

from streams.customs.cases import Namespace, uuid5
from streams.customs.events import Envelope
from streams.customs.policy import PlacementRules
from streams.customs.tariff import Day

_NAMESPACE: Final = Namespace("d0a5e6a3-3c49-5b7b-8a53-6f0f7f6f5a21")


class Occasion:
    """Its cause, whose account it is, the present, and the rules applied."""

    __slots__ = ("_given", "_stem", "account", "cause", "cause_text", "key", "now_ms", "rules", "today")

    def __init__(self, cause: Envelope, account: str, now_ms: int, rules: PlacementRules, today: Day) -> None:
        self.cause = cause
        self.account = account
        self.key = account.encode()
        self.now_ms = now_ms
        self.rules = rules
        self.today = today
        self.cause_text = ""
        """The cause as it is written in records; empty until the first one."""
        # Where time is the cause there is no offset that would tell one day from another.
        place = cause.offset if cause.topic else cause.at_ms
        self._stem = f"{cause.topic}/{cause.partition}/{place}/"
        self._given: tuple[str, ...] = ()

    def cause_fields(self) -> dict[str, Any]:
        """Return the cause as fields."""
        cause = self.cause
        return {
            "event_id": cause.event_id or None,
            "topic": cause.topic,
            "partition": cause.partition,
            "offset": cause.offset,
            "event_at": cause.at_ms,
            "published_at": cause.published_ms,
            "processed_at": self.now_ms,
        }

    def name_of(self, what: str) -> str:
        """Return the UUID of something that this occasion publishes: the same whenever it happens again."""
        return uuid5(_NAMESPACE, self._stem + what)

    def name_of_next(self, what: str) -> str:
        """Return the UUID of something that this occasion may publish several of: each has its own, in their order."""
        again = self._given.count(what)
        self._given = (*self._given, what)
        return self.name_of(f"{what}/{again + 1}" if again else what)
