"""How an appeal becomes bytes in the state; see `entry_layout`."""

from struct import Struct
from typing import Final

from streams.customs.appeal import Appeal, AppealState

_APPEAL: Final = Struct("<BBIBBIIq")
_STATES: Final = tuple(AppealState)


def dump_appeal(appeal: Appeal) -> bytes:
    """Return an appeal as bytes."""
    state, *rest = appeal
    return _APPEAL.pack(1, _STATES.index(state), *rest)


def load_appeal(data: bytes) -> Appeal:
    """Return an appeal from bytes; one layout was ever written."""
    _, state, *rest = _APPEAL.unpack(data)
    return Appeal(_STATES[state], *rest)
