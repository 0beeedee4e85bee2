"""Records that the processor writes for itself, and verifiers read."""

from streams.contract.models.base import Many, Part, Record
from streams.contract.models.moments import Instant


class JournalRange(Part):
    """A run of records of one source topic, in the order of processing."""

    topic: str
    first_offset: int
    next_offset: int
    count: int


class ProcessingJournal(Record):
    """What one transaction of a partition did; with the source topics it makes any replay exact. No key."""

    partition: int
    kind: str
    now_ms: Instant
    rules_version: str | None = None
    ranges: Many[JournalRange] = ()


class EntryAccount(Record):
    """Tells the partition of an entry number which account has the entry.

    So events that carry no importer find their account.
    """

    entry_number: str
    generation: int
    account_key: str
    importer_of_record: str
    rank: str | None = None
    former_account_key: str | None = None
    asks: bool | None = None


class AccountPart(Part):
    """One value of the former account's state."""

    table: str
    name: str
    content: str


class AccountMove(Record):
    """One step on the way of an importer number from one account to another (P10)."""

    importer_of_record: str
    account_key: str
    other_account_key: str
    decided_at: Instant
    step: str
    parts: Many[AccountPart] = ()


class EntryMove(Record):
    """One step on the way of an entry to another account, because a summary names another importer."""

    entry_number: str
    generation: int
    account_key: str
    other_account_key: str
    decided_at: Instant
    step: str
    rank: str
    asks: bool | None = None
    parts: Many[AccountPart] = ()
