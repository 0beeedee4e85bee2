"""Which account has an entry: kept in the partition of the entry number, for events that name no importer.

Two accounts may claim an entry, where a summary names another importer than the one before. The later version has it:
by version, then time of acceptance, then event id, as everywhere.
"""

from typing import Final, NamedTuple

from streams.customs.entry_summary import Entry

_VERSION: Final = 5
_INSTANT: Final = 8


class Holder(NamedTuple):
    """The account that has an entry, in which generation of the entry number, and by which version."""

    account: str
    generation: int
    rank: bytes = b""
    """See `rank`; empty where the account has not said."""


class Claim(NamedTuple):
    """What becomes of two accounts that name one entry."""

    holder: Holder
    """The account that has the entry from now on."""
    loser: str
    """The account that has to give it up; empty where there is none."""


def rank(version: str, accepted_ms: int, event_id: bytes) -> bytes:
    """Return a version of a summary so that later ones are greater."""
    return version.encode().ljust(_VERSION, b"\0") + accepted_ms.to_bytes(_INSTANT, "big") + event_id


def rank_of(entry: Entry) -> bytes:
    """Return the rank of the version that an entry is in."""
    return rank(entry.version, entry.accepted_ms, entry.version_event)


def claimed(known: Holder | None, told: Holder) -> Claim:
    """Return who has an entry after an account has told that it has it."""
    if known is None or told.generation > known.generation:
        return Claim(told, "")
    if told.generation < known.generation:
        return Claim(known, "")
    if told.account == known.account:
        return Claim(max(known, told, key=lambda holder: holder.rank), "")
    return Claim(told, known.account) if told.rank > known.rank else Claim(known, told.account)


def handed_on(known: Holder | None, told: Holder, former: str) -> Holder:
    """Return who has an entry after its account has handed it on with its importer number (P10)."""
    if known is None:
        return told
    return known._replace(account=told.account) if known.account == former else known
