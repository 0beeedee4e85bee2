"""What the core answers to an event: values that the seam turns into records.

Nothing here is an error of the program. A refusal is what the law says; it is published like any answer.
"""

from typing import NamedTuple

from streams.customs.appeal import Appeal, Extract
from streams.customs.cases import Case
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.matters import EarlierDecision, Matter, RelatedCase
from streams.customs.placement import Decision
from streams.customs.rules import Rule
from streams.customs.tariff import Day
from streams.customs.work import Action, Role


class Refused(NamedTuple):
    """The law says no: told to the port that sent the event."""

    rule: Rule
    entry_number: str


class Ignored(NamedTuple):
    """The event tells nothing new: it is overtaken, by the rule, or without a rule it is a mere repeat."""

    rule: Rule | None
    entry_number: str


class NotActed(NamedTuple):
    """The event is taken and counted, and nothing follows from it."""


class Waits(NamedTuple):
    """The event speaks of a summary that is not known yet: it is kept until the summary comes."""

    entry_number: str


class Introduced(NamedTuple):
    """An account has got a summary: events that name only the entry number have to find the account."""

    entry_number: str
    entry: Entry


class Released(NamedTuple):
    """What waited for an entry's summary is to be applied now, in the order in which it came."""

    entry_number: str


class Placed(NamedTuple):
    """A decision about the importer's placement that changed something."""

    decision: Decision
    ledger: Ledger


class AppealNoted(NamedTuple):
    """An appeal has come so far: told to headquarters and to the importer."""

    number: str
    appeal: Appeal
    ledger: Ledger
    missing: tuple[str, ...]
    """What it lacks, in sentences."""
    extract: Extract | None
    """The data of R8, made when an appeal comes or is completed."""
    reason: str


class SnapshotDue(NamedTuple):
    """A desk is about to get an entry's first item of this version: the whole summary goes before it."""

    desk: int
    entry_number: str
    entry: Entry
    body: bytes


class WorkItem(NamedTuple):
    """One piece of work for one desk: what has become of a case."""

    desk: int
    action: Action
    case_id: str
    case: Case
    """As it stands after this piece of work."""
    entry_number: str
    entry: Entry
    role: Role
    party: str
    """Who else has a part in it, as kind and name (`port:2704`); empty for a Center alone."""
    rule: str


class MatterItem(NamedTuple):
    """One piece of work for one desk about a matter."""

    desk: int
    action: Action
    case_id: str
    matter: Matter
    """As it stands after this piece of work."""
    entries: tuple[tuple[str, int, Entry | None], ...]
    """Number and generation of each entry, and what is known of it."""
    role: Role
    party: str
    rule: str
    earlier: tuple[EarlierDecision, ...] = ()
    related: tuple[RelatedCase, ...] = ()


class CaseStands(NamedTuple):
    """An open case has changed without a piece of work: whoever lists the open cases has to know."""

    case_id: str
    case: Case
    entry: Entry
    rule: str


class MatterStands(NamedTuple):
    """The same of a matter."""

    item: MatterItem


class Answered(NamedTuple):
    """The one answer to an importer about a case."""

    case_id: str
    work_type: int
    reference: str
    center: int
    importers: tuple[str, ...]
    ports: tuple[str, ...]
    entries: tuple[str, ...]
    decision: str
    decided_day: Day
    text: str


class Resulted(NamedTuple):
    """What a response, or a refusal of a single entry, means for one entry and its port."""

    case_id: str
    reference: str
    entry_number: str
    port: str
    result: str
    rule: Rule | None = None
    amount_cents: int | None = None
    text: str = ""
    answered: bool = True
    """Whether it belongs to a response to the importer; one that is refused before has none."""


class CaseMoved(NamedTuple):
    """A decision names an old assignment: another desk has the case now."""

    case_id: str
    named: int
    assignment: int
    desk: int


Outcome = (
    Refused
    | Ignored
    | NotActed
    | Waits
    | Introduced
    | Released
    | Placed
    | AppealNoted
    | SnapshotDue
    | WorkItem
    | MatterItem
    | CaseStands
    | MatterStands
    | Answered
    | Resulted
    | CaseMoved
)
