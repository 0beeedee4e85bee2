"""Cases: post-release work that stays open until somebody or something closes it.

A case lies on one desk: that of a Center, or of those who keep the work while the importer has no Center. It
stays there when the importer's Center changes; new work follows the present Center.
"""

from hashlib import sha1
from typing import Final, NamedTuple

from streams.customs.work_types import WorkType

PENDING: Final = 0
"""Desk of importers that no Center has yet: port teams keep their work."""
INELIGIBLE: Final = 11
"""Desk of importers that no Center takes."""
ELSEWHERE: Final = 12
"""Desk of everything that is not a Center's to decide: ports, headquarters, drawback offices."""

_VARIANT: Final = {f"{digit:x}": "89ab"[digit & 3] for digit in range(16)}


class Case(NamedTuple):
    """An open case as it stands."""

    work_type: int
    entry_number: str
    generation: int
    desk: int
    assignment: int
    """How many desks have had the case, this one included."""
    sequence: int
    """Number of the last published piece of this case."""
    taken: bool
    opened_ms: int


class Namespace:
    """A UUID under which names become UUIDs, hashed once for all of them."""

    __slots__ = ("begun",)

    def __init__(self, namespace: str) -> None:
        self.begun = sha1(bytes.fromhex(namespace.replace("-", "")), usedforsecurity=False)


_CASES: Final = Namespace("8c1ad1b7-f4c2-5d0c-9a5f-7f6a2f4c8e11")


def case_id(account: str, entry_number: str, generation: int, work_type: WorkType) -> str:
    """Return the name of a case: the same account, entry, generation and work type always share one.

    The account is the one that the entry was first in: an entry that has gone to another account since (P10) knows
    it as `named`, so that its cases keep their names.
    """
    return uuid5(_CASES, f"{account}/{entry_number}/{generation}/{work_type.name}")


def uuid5(namespace: Namespace, name: str) -> str:
    """Return a name-based UUID (RFC 9562, version 5) as text; the standard library's takes four times as long."""
    named = namespace.begun.copy()
    named.update(name.encode())
    text = named.hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"
