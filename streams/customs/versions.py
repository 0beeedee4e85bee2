"""Which version of a corrected summary stands: read from all that were filed and taken back, in whatever order.

A post-summary correction may be taken back by CBP, and then a former version stands again. So of a corrected summary
every correction is remembered, and the newest ordinary version before them, its base.
"""

import json
from typing import Final, NamedTuple

MOST: Final = 200
"""Corrections, and reversals of them, that are remembered of one entry: its record stays below 64 KB."""

BASE: Final = "base"


class Filed(NamedTuple):
    """A version that was filed; the order of versions is that of these values."""

    version: str
    accepted_ms: int
    event: str
    """Its event id in 32 hexadecimal digits."""
    corrects: bool

    @property
    def name(self) -> str:
        """Under which name the version is kept beside its entry."""
        return f"{self.version}-{self.accepted_ms}-{self.event}" if self.corrects else BASE


class Undoing(NamedTuple):
    """CBP's word that takes corrections back."""

    at_ms: int
    version: str
    """Of a reversal the version that stands again, empty where it is not told; of a rejection the rejected version."""
    rejects: bool


class Versions(NamedTuple):
    """What was filed, in the order of versions, and what was taken back, in the order of time."""

    filed: tuple[Filed, ...] = ()
    undoings: tuple[Undoing, ...] = ()

    @property
    def base(self) -> Filed | None:
        """The newest ordinary version."""
        return next((filed for filed in self.filed if not filed.corrects), None)

    @property
    def first_correction_ms(self) -> int:
        """When the first correction was accepted; 0 if there is none."""
        return min((filed.accepted_ms for filed in self.filed if filed.corrects), default=0)

    @property
    def is_full(self) -> bool:
        """Tell whether no more is remembered."""
        return len(self.filed) + len(self.undoings) >= MOST


def with_filed(versions: Versions, filed: Filed) -> Versions:
    """Return the versions with one more; an ordinary one takes the place of the former base."""
    kept = [one for one in versions.filed if one.corrects or filed.corrects]
    return versions._replace(filed=tuple(sorted([*kept, filed])))


def with_undoing(versions: Versions, undoing: Undoing) -> Versions:
    """Return the versions with one more word of CBP."""
    return versions._replace(undoings=tuple(sorted([*versions.undoings, undoing])))


def standing(versions: Versions) -> Filed | None:
    """Return the version that stands; None where nothing was filed.

    A reversal takes back the newest correction that was accepted before it, or all above the version that it names; a
    rejection the correction of the version that it names. Whatever the order of arrival, the same version stands.
    """
    left = list(versions.filed)
    for undoing in versions.undoings:
        before = [one for one in left if one.corrects and one.accepted_ms <= undoing.at_ms]
        if undoing.rejects:
            gone = [one for one in before if one.version == undoing.version]
        elif undoing.version:
            gone = [one for one in before if one.version > undoing.version]
        else:
            gone = before[-1:]
        left = [one for one in left if one not in gone]
    return left[-1] if left else None


def dump_versions(versions: Versions) -> str:
    """Return the versions as they are kept in a note."""
    return json.dumps(versions, separators=(",", ":"))


def load_versions(text: str) -> Versions:
    """Return the versions of a note; none where it is empty."""
    if not text:
        return Versions()
    filed, undoings = json.loads(text)
    return Versions(tuple(Filed(*one) for one in filed), tuple(Undoing(*one) for one in undoings))
