"""The life of an entry summary as a table: which event is in order in which state, and where it leads.

Which rule an event breaks that is not in the table, is told in `rules`. How a state is read from what is known of
an entry, whatever the order of arrival, is told in `entry_summary`.

Source: CBP ACE ABI CATAIR, Entry Summary Create/Update (July 2026) and Entry Summary Query (v26).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where an entry summary is in its life."""

    EXPECTED = "expected"
    TRADE_CONTROL = "trade_control"
    CBP_CONTROL = "cbp_control"
    REJECTED = "rejected"
    INACTIVE = "inactive"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    CORRECTED = "corrected"
    LIQUIDATED = "liquidated"
    RELIQUIDATED = "reliquidated"


class Kind(StrEnum):
    """What an event says about an entry or its summary."""

    FILED = "entry_filed"
    ACCEPTED = "entry_summary_accepted"
    REPLACED = "entry_summary_replaced"
    CORRECTED = "psc_accepted"
    REPLACE_FAILED = "entry_summary_replace_failed"
    DELETED = "entry_summary_deleted"
    REJECTED = "entry_summary_rejected"
    INACTIVATED = "entry_summary_inactivated"
    CANCELLED = "entry_summary_cancelled"
    CONTROL_TRADE = "entry_summary_control_changed/trade"
    CONTROL_CBP = "entry_summary_control_changed/cbp"
    PAID = "entry_summary_paid"
    DATE_SET = "entry_date_set"
    SCHEDULED = "liquidation_scheduled"
    LIQUIDATED = "entry_liquidated"
    RELIQUIDATED = "entry_reliquidated"


IN_FORCE: Final = frozenset(
    {
        State.TRADE_CONTROL,
        State.CBP_CONTROL,
        State.CORRECTED,
        State.LIQUIDATED,
        State.RELIQUIDATED,
    }
)
"""States in which the current version counts as an import; in all others it counts nothing."""

FINAL: Final = frozenset({State.LIQUIDATED, State.RELIQUIDATED})
ENDED: Final = frozenset({State.INACTIVE, State.CANCELLED, State.DELETED})


def _table(rows: Mapping[State, Mapping[Kind, State]]) -> Mapping[tuple[State, Kind], State]:
    return MappingProxyType({(state, kind): then for state, row in rows.items() for kind, then in row.items()})


def _facts(state: State, **otherwise: State) -> dict[Kind, State]:
    """Return a row in which CBP's facts are noted without leaving the state, except where said otherwise."""
    noted = (
        Kind.FILED,
        Kind.REPLACE_FAILED,
        Kind.REJECTED,
        Kind.INACTIVATED,
        Kind.CANCELLED,
        Kind.CONTROL_TRADE,
        Kind.CONTROL_CBP,
        Kind.PAID,
        Kind.DATE_SET,
        Kind.SCHEDULED,
        Kind.LIQUIDATED,
        Kind.RELIQUIDATED,
    )
    return dict.fromkeys(noted, state) | {Kind[name]: then for name, then in otherwise.items()}


def _final(state: State) -> dict[Kind, State]:
    row = _facts(state, RELIQUIDATED=State.RELIQUIDATED)
    return {kind: then for kind, then in row.items() if kind not in CONTRADICTS_LIQUIDATION}


CONTRADICTS_LIQUIDATION: Final = (Kind.REJECTED, Kind.INACTIVATED, Kind.CANCELLED)

FILINGS: Final = (Kind.ACCEPTED, Kind.REPLACED, Kind.CORRECTED)
"""Kinds that bring a whole summary."""

_FROM_CBP: Final = {
    "REJECTED": State.REJECTED,
    "INACTIVATED": State.INACTIVE,
    "CANCELLED": State.CANCELLED,
    "LIQUIDATED": State.LIQUIDATED,
    "RELIQUIDATED": State.RELIQUIDATED,
}

TRANSITIONS: Final = _table(
    {
        State.EXPECTED: {
            Kind.FILED: State.EXPECTED,
            Kind.ACCEPTED: State.TRADE_CONTROL,
            Kind.REPLACED: State.TRADE_CONTROL,
        },
        State.TRADE_CONTROL: _facts(
            State.TRADE_CONTROL,
            **_FROM_CBP,
            ACCEPTED=State.TRADE_CONTROL,
            REPLACED=State.TRADE_CONTROL,
            CORRECTED=State.CORRECTED,
            REPLACE_FAILED=State.DELETED,
            DELETED=State.DELETED,
            CONTROL_CBP=State.CBP_CONTROL,
        ),
        # A replacement here needs a version number that has grown (see `refusal`); a deletion is not possible.
        State.CBP_CONTROL: _facts(
            State.CBP_CONTROL,
            **_FROM_CBP,
            REPLACED=State.CBP_CONTROL,
            CORRECTED=State.CORRECTED,
            CONTROL_TRADE=State.TRADE_CONTROL,
        ),
        State.REJECTED: _facts(
            State.REJECTED,
            INACTIVATED=State.INACTIVE,
            CANCELLED=State.CANCELLED,
            ACCEPTED=State.TRADE_CONTROL,
            REPLACED=State.TRADE_CONTROL,
            CORRECTED=State.CORRECTED,
        ),
        # After an accepted correction only further corrections are taken; it cannot be deleted.
        State.CORRECTED: _facts(State.CORRECTED, **_FROM_CBP, CORRECTED=State.CORRECTED),
        State.INACTIVE: _facts(State.INACTIVE, CANCELLED=State.CANCELLED),
        State.CANCELLED: _facts(State.CANCELLED, INACTIVATED=State.INACTIVE),
        # The filer may add the summary again; CBP's later word on the deleted one is noted only. An accepted
        # correction shows that the summary was not deleted: the word that CBP had control is still on its way.
        State.DELETED: _facts(
            State.DELETED,
            INACTIVATED=State.INACTIVE,
            CANCELLED=State.CANCELLED,
            DELETED=State.DELETED,
            ACCEPTED=State.TRADE_CONTROL,
            REPLACED=State.TRADE_CONTROL,
            CORRECTED=State.CORRECTED,
        ),
        State.LIQUIDATED: _final(State.LIQUIDATED),
        State.RELIQUIDATED: _final(State.RELIQUIDATED),
    }
)
