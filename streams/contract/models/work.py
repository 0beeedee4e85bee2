"""Work for Centers, as the processor publishes it."""

from streams.contract.models.base import Many, Part, Record
from streams.contract.models.moments import AnyDate, Instant
from streams.contract.models.summary import EntrySummary


class Cause(Part):
    """What caused a record, and when it happened, reached Kafka and was processed."""

    event_id: str | None = None
    topic: str
    partition: int
    offset: int
    event_at: Instant
    published_at: Instant
    processed_at: Instant


class Clock(Part):
    """A running period of law, practice or policy.

    Dates are those of America/New_York; on both the act is still in time.
    """

    name: str
    kind: str
    started_by: str
    started_on: AnyDate
    warn_by: AnyDate
    closes_after: AnyDate
    source: str


class WorkEntry(Part):
    """An entry that a piece of work is about, as it stood then."""

    entry_number: str
    generation: int
    version: str | None = None
    port_of_entry: str | None = None
    entry_type: str | None = None
    importer_of_record: str | None = None
    entry_date: AnyDate | None = None
    import_date: AnyDate | None = None
    liquidation_date: AnyDate | None = None
    lines: Many[str] = ()


class WorkReason(Part):
    """Why a piece of work exists and why it came here."""

    rule: str
    source: str
    placement_basis: str | None = None
    placement_since: AnyDate | None = None
    policy_version: str
    coverage_version: str


class RelatedCase(Part):
    """Another open case of the same account, issue and heading."""

    case_id: str
    work_type: str
    center: str | None = None


class EarlierDecision(Part):
    """What was decided before for the same account, issue and heading."""

    case_id: str
    center: str
    decision: str
    decided_on: AnyDate


class WorkItem(Record):
    """One published piece of post-release work: what has become of a case."""

    work_id: str
    case_id: str
    sequence: int
    assignment: int
    action: str
    work_type: str
    role: str
    party: str | None = None
    center: str | None = None
    account_key: str
    importer_numbers: Many[str] = ()
    ports: Many[str] = ()
    entries: Many[WorkEntry] = ()
    clocks: Many[Clock] = ()
    why: WorkReason
    related_cases: Many[RelatedCase] = ()
    earlier_decisions: Many[EarlierDecision] = ()
    caused_by: Cause


class OpenCase(Record):
    """An open case as it stands; key case id, a tombstone when it is closed."""

    case_id: str
    sequence: int
    assignment: int
    work_type: str
    taken: bool
    opened_at: Instant
    center: str | None = None
    account_key: str
    importer_numbers: Many[str] = ()
    ports: Many[str] = ()
    entries: Many[WorkEntry] = ()
    clocks: Many[Clock] = ()
    why: WorkReason
    related_cases: Many[RelatedCase] = ()
    earlier_decisions: Many[EarlierDecision] = ()
    caused_by: Cause


class EntrySummarySnapshot(Record):
    """The whole current summary of an entry.

    Sent to a Center before the entry's first item and before every transfer.
    """

    work_id: str
    center: str | None = None
    account_key: str
    generation: int
    caused_by: Cause
    summary: EntrySummary
