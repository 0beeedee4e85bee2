"""How an appeal becomes bytes in the state; see `entry_layout`."""

from struct import Struct
from typing import Final

from streams.customs.appeal import Appeal, AppealState

_APPEAL: Final = Struct("<BBIBBIIq")
_STATES: Final = tuple(AppealState)


def dump_appeal(appeal: Appeal) -> bytes:
    """Return an appeal as bytes: fixed numbers, and the importer number under which it was filed."""
    state, *rest, importer = appeal
    return _APPEAL.pack(2, _STATES.index(state), *rest) + importer.encode()


def load_appeal(data: bytes) -> Appeal:
    """Return an appeal from bytes of any layout; the first one had no importer number."""
    _, state, *numbers = _APPEAL.unpack_from(data)
    appeal = Appeal(_STATES[state], *numbers)
    return appeal._replace(importer=data[_APPEAL.size :].decode())
