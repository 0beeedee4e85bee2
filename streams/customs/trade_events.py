"""What the trade files and CBP notifies beyond the summaries themselves, and what Centers decide, as facts."""

from typing import NamedTuple

from streams.customs.events import Envelope
from streams.customs.tariff import Day


class ProtestedEntry(NamedTuple):
    """An entry as a protest lists it."""

    entry_number: str
    port: str
    liquidation_day: Day
    """As the protest says; 0 if it does not."""


class ProtestFiled(NamedTuple):
    """A protest (CBP Form 19 or electronic) over entries of one or many ports."""

    cause: Envelope
    number: str
    importer: str
    protest_type: str
    protestant: str
    role: str
    filed_day: Day
    against: str
    decision_day: Day
    issue: str
    category: str
    accelerated: bool
    further_review: bool
    entries: tuple[ProtestedEntry, ...]


class ProtestAmended(NamedTuple):
    """A protest gets further entries or another issue."""

    cause: Envelope
    number: str
    amended_day: Day
    entries: tuple[ProtestedEntry, ...]
    issue: str


class ProtestWithdrawn(NamedTuple):
    """A protest was withdrawn."""

    cause: Envelope
    number: str
    day: Day


class ProtestRequested(NamedTuple):
    """A request that goes with a protest: accelerated, further_review, void, set_aside."""

    cause: Envelope
    number: str
    request: str
    day: Day


class NoticeIssued(NamedTuple):
    """A formal notice of CBP to an importer, or a question of CBP about lines of a summary."""

    cause: Envelope
    entry_number: str
    importer: str
    notice_id: str
    kind: str
    issued_day: Day
    mailed_day: Day
    due_day: Day
    port: str
    further_entries: tuple[str, ...]
    issue: str
    heading: str
    lines: tuple[str, ...]
    ground: str
    examined_at: str
    examined_day: Day


class PartyAnswered(NamedTuple):
    """The importer or filer answered a notice, or handed documents in."""

    cause: Envelope
    entry_number: str
    importer: str
    notice_id: str
    kind: str
    day: Day


class ClaimFiled(NamedTuple):
    """A claim or declaration of the trade."""

    cause: Envelope
    number: str
    kind: str
    importer: str
    filed_day: Day
    import_day: Day
    entries: tuple[str, ...]
    htsus: str


class PetitionFiled(NamedTuple):
    """A petition against a penalty or a claim for liquidated damages."""

    cause: Envelope
    number: str
    kind: str
    importer: str
    notice_id: str
    port: str
    filed_day: Day
    entries: tuple[str, ...]


class PetitionDecided(NamedTuple):
    """A petition was decided by its port."""

    cause: Envelope
    number: str
    day: Day
    decision: str
    text: str


class InquiryReceived(NamedTuple):
    """The trade asks a question."""

    cause: Envelope
    number: str
    importer: str
    received_day: Day
    entry_number: str
    htsus: str
    industry: str
    port: str


class CaseEvent(NamedTuple):
    """What all decisions of Centers have: who decided (a desk, by the topic), which case, under which assignment."""

    cause: Envelope
    center: int
    case_id: str
    assignment: int


class WorkTaken(NamedTuple):
    """A Center took a case up."""

    about: CaseEvent

    @property
    def cause(self) -> Envelope:
        """The envelope."""
        return self.about.cause


class InformationRequested(NamedTuple):
    """A Center asks the importer for something about a case."""

    about: CaseEvent
    kind: str
    notice_id: str
    day: Day
    due_day: Day

    @property
    def cause(self) -> Envelope:
        """The envelope."""
        return self.about.cause


class DecidedEntry(NamedTuple):
    """What a decision says of one entry."""

    entry_number: str
    result: str
    amount_cents: int | None
    text: str


class WorkDecided(NamedTuple):
    """A Center decided a case."""

    about: CaseEvent
    decision: str
    day: Day
    issue: str
    heading: str
    entries: tuple[DecidedEntry, ...]
    text: str

    @property
    def cause(self) -> Envelope:
        """The envelope."""
        return self.about.cause


class WorkClosed(NamedTuple):
    """A Center closed a case without a further decision."""

    about: CaseEvent
    day: Day

    @property
    def cause(self) -> Envelope:
        """The envelope."""
        return self.about.cause


class AdviceGiven(NamedTuple):
    """Advice about a case was given, or taken over from headquarters."""

    about: CaseEvent
    given_by: str
    day: Day

    @property
    def cause(self) -> Envelope:
        """The envelope."""
        return self.about.cause


TradeEvent = (
    ProtestFiled
    | ProtestAmended
    | ProtestWithdrawn
    | ProtestRequested
    | NoticeIssued
    | PartyAnswered
    | ClaimFiled
    | PetitionFiled
    | PetitionDecided
    | InquiryReceived
    | WorkTaken
    | InformationRequested
    | WorkDecided
    | WorkClosed
    | AdviceGiven
)
