"""Looking at every account of a partition once new rules have begun, some at a time.

An account that something happens to folds the cut of new rules by itself; this walk is for those that are silent.
Where it stands is in the state, so it goes on after a restart, and never looks at an account twice.
"""

from itertools import islice
from struct import Struct
from typing import Final

from streams.customs.policy import PlacementRules
from streams.customs.tariff import Day
from streams.engine.api import State
from streams.processor.tables import LEDGERS, RULES

_WALK: Final = b"walk"
_DAY: Final = Struct("<I")


def accounts_to_look_at(state: State, rules: PlacementRules, today: Day, most: int | None) -> list[str]:
    """Return the next accounts to fold a cut for, up to `most` (None: all that are left); none when all are done."""
    if not rules.begins:
        return []
    walk = state.get(RULES, _WALK) or _DAY.pack(0)
    [done] = _DAY.unpack_from(walk)
    change = rules.first_change_after(done)
    if not change or change > today:
        return []
    last = walk[_DAY.size :]
    start = last + b"\0" if last else b""
    found = [key for key, _ in islice(state.scan(LEDGERS, start), most)]
    is_through = most is None or len(found) < most
    state.put(RULES, _WALK, _DAY.pack(change) if is_through else _DAY.pack(done) + found[-1])
    return [key.decode() for key in found]
