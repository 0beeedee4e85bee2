"""Which account has an entry: kept in the partition of the entry number, for events that name no importer."""

from typing import NamedTuple


class Holder(NamedTuple):
    """The account that has an entry, in which generation of the entry number."""

    account: str
    generation: int


def holder_after(known: Holder | None, told: Holder) -> Holder:
    """Return the holder that stands: a later generation, and within one the account that was told last."""
    return known if known is not None and known.generation > told.generation else told
