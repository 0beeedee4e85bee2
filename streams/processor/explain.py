"""Why an importer is where it is: what the committed state of its partition says, as plain values for people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from streams.customs.calendar import eastern_day_number
from streams.customs.daily_cut import explained
from streams.customs.evidence import dated
from streams.customs.importer_number import base_of
from streams.customs.tariff import Day
from streams.customs.tariff_mix import DayCounts
from streams.engine.api import Table
from streams.processor.day_parts import whole_day
from streams.processor.encode_placement import evidence_fields, standing_fields
from streams.processor.rule_shelf import RuleShelf
from streams.processor.tables import ARRIVING, CLOCK, CLOCK_KEY, LEAVING, LEDGERS, ROUTES

V = TypeVar("V")

DATES = ("effective_from", "effective_on", "challenger_since", "window_from", "first_day", "last_day", "as_of")


class CommittedState(Protocol):
    """Read access to the committed state of one partition; `engine.Engine` has it for each of its partitions."""

    def get(self, table: Table[V], key: bytes) -> V | None:
        """Return the value of a key."""

    def scan(self, table: Table[V], start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """Yield keys and values in byte order."""


class CommittedDays:
    """The counted days of one account as they were committed: to be looked at, never to be changed."""

    def __init__(self, state: CommittedState, account: bytes) -> None:
        self._state = state
        self._prefix = account + b"/"

    def get(self, day: Day) -> DayCounts | None:
        """Return what is counted for an entry day."""
        return whole_day(self._state, self._prefix, day)

    def put(self, day: Day, counts: DayCounts) -> None:
        """Never called: an explanation changes nothing."""
        raise AssertionError(day, counts)

    def delete(self, day: Day) -> None:
        """Never called: an explanation changes nothing."""
        raise AssertionError(day)


def explain(state: CommittedState, account: str, shelf: RuleShelf) -> dict[str, Any] | None:
    """Return placement, evidence and reason for an account; None where no event of it was seen.

    The day is that of the partition's events where they tell the time, else today in New York. Dates are RFC 3339.
    """
    event_ms = state.get(CLOCK, CLOCK_KEY)
    return explain_on(state, account, shelf, event_ms or int(datetime.now(UTC).timestamp() * 1000))


def explain_on(state: CommittedState, account: str, shelf: RuleShelf, now_ms: int) -> dict[str, Any] | None:
    """Return what `explain` does, at an instant."""
    ledger = state.get(LEDGERS, account.encode())
    if ledger is None:
        return None
    today, rules = eastern_day_number(now_ms), shelf.in_force(state, now_ms)
    decision = explained(ledger.standing, ledger.mix, CommittedDays(state, account.encode()), rules, today)
    fields = standing_fields(ledger.standing, ledger, account)
    fields |= {"as_of": today, "reason": decision.reason, "evidence": evidence_fields(decision.evidence)}
    fields["moves"] = moves_of(state, account)
    return readable(fields)


def account_of(state: CommittedState, number: str) -> str:
    """Return the account of an importer number, from the state of the partition of its base (P10)."""
    return state.get(ROUTES, number.encode()) or base_of(number)


def moves_of(state: CommittedState, account: str) -> list[dict[str, str]]:
    """Return the importer numbers that are on their way into or out of an account, and from where or where to."""
    first, last = f"{account}/".encode(), f"{account}0".encode()
    arriving = [(key, "from", move.source) for key, move in state.scan(ARRIVING, first, last)]
    leaving = [(key, "to", move.target) for key, move in state.scan(LEAVING, first, last)]
    return [{"importer_number": key[len(first) :].decode(), way: other} for key, way, other in arriving + leaving]


def readable(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with days as dates, nested ones included."""
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        if name in DATES and value is not None:
            shown[name] = dated(value)
        elif isinstance(value, dict):
            shown[name] = readable(value)
        else:
            shown[name] = value
    return shown
