"""What the tests of accounts share: books in memory, and short ways to say what happened."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from streams.customs.account import apply, fire_clocks, fold_cuts
from streams.customs.appeal import Appeal
from streams.customs.calendar import EPOCH
from streams.customs.cases import Case
from streams.customs.corrections import CorrectionUndone
from streams.customs.entry_summary import Entry
from streams.customs.events import EntryFiled, EntryNoted, Envelope, Event, Line, SummaryFiled
from streams.customs.ledger import Ledger
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import FactNoted
from streams.customs.matters import Matter
from streams.customs.outcomes import Outcome, Released, Waits, WorkItem
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.customs.tariff_mix import DayCounts
from streams.customs.trade_events import TradeEvent

Told = Event | TradeEvent | FactNoted | CorrectionUndone

RULES: Final = PlacementRules(PlacementPolicy(), published_coverage())
IMPORTER: Final = "12-345678900"
ENTRY: Final = "B7603245278"

COMPUTER: Final = "8471300100"
SHIRT: Final = "6109100012"
TOY: Final = "9503000073"

ELECTRONICS: Final = 7
APPAREL: Final = 4
CONSUMER_PRODUCTS: Final = 8


def at(text: str) -> int:
    """Return an instant, written as a UTC date or time, in milliseconds since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def day(text: str) -> int:
    """Return a date as days since 1970-01-01."""
    return (date.fromisoformat(text) - EPOCH).days


@dataclass
class MemoryDays:
    """Counted days in a dictionary."""

    kept: dict[int, DayCounts] = field(default_factory=dict)

    def get(self, day: int) -> DayCounts | None:
        """Return what is counted for an entry day."""
        return self.kept.get(day)

    def put(self, day: int, counts: DayCounts) -> None:
        """Keep what is counted for an entry day."""
        self.kept[day] = counts

    def delete(self, day: int) -> None:
        """Forget a day."""
        del self.kept[day]


@dataclass
class MemoryBooks:
    """One account's books in dictionaries."""

    account: str = IMPORTER[:10]
    days: MemoryDays = field(default_factory=MemoryDays)
    account_ledger: Ledger | None = None
    review_on: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    summaries: dict[tuple[str, int], bytes] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    transfer: str | None = None
    entry_writes: int = 0
    appeals: dict[str, Appeal] = field(default_factory=dict)
    versions: dict[tuple[str, int, str], tuple[Entry, bytes]] = field(default_factory=dict)

    def ledger(self) -> Ledger | None:
        """Return placement and totals."""
        return self.account_ledger

    def keep_ledger(self, ledger: Ledger, former_review: int) -> None:
        """Keep placement and totals; the former review is the one that is listed."""
        assert former_review == self.review_on
        self.account_ledger = ledger
        self.review_on = ledger.standing.review_on

    def appeal(self, number: str) -> Appeal | None:
        """Return an appeal against the account's placement."""
        return self.appeals.get(number)

    def keep_appeal(self, number: str, appeal: Appeal) -> None:
        """Keep an appeal as it now stands."""
        self.appeals[number] = appeal

    def entry(self, number: str) -> Entry | None:
        """Return an entry in its latest generation."""
        return self.entries.get(number)

    def keep_entry(self, number: str, entry: Entry) -> None:
        """Keep an entry as it now stands."""
        self.entries[number] = entry
        self.entry_writes += 1

    def drop_entry(self, number: str) -> None:
        """Forget an entry of which nothing is known."""
        del self.entries[number]

    def version(self, number: str, generation: int, name: str) -> tuple[Entry, bytes] | None:
        """Return a version of a corrected summary with its bytes."""
        return self.versions.get((number, generation, name))

    def keep_version(self, number: str, generation: int, name: str, entry: Entry, body: bytes) -> None:
        """Keep a version of a corrected summary."""
        self.versions[number, generation, name] = (entry, body)

    def archive_entry(self, number: str, entry: Entry) -> None:
        """Put a generation aside."""
        self.entries[f"{number}/{entry.generation}"] = entry

    def case(self, case_id: str) -> Case | None:
        """Return an open case."""
        return self.cases.get(case_id)

    def keep_case(self, case_id: str, case: Case) -> None:
        """Keep a case as it now stands."""
        self.cases[case_id] = case

    def drop_case(self, case_id: str) -> None:
        """Forget a closed case."""
        del self.cases[case_id]

    def cases_after(self, case_id: str, most: int) -> list[tuple[str, Case]]:
        """Return open cases of entries after a name."""
        return sorted((name, case) for name, case in self.cases.items() if name > case_id)[:most]

    def matter(self, case_id: str) -> Matter | None:
        """Return an open matter."""
        return self.matters.get(case_id)

    def keep_matter(self, case_id: str, matter: Matter) -> None:
        """Keep a matter as it now stands."""
        self.matters[case_id] = matter

    def drop_matter(self, case_id: str) -> None:
        """Forget a closed matter."""
        del self.matters[case_id]

    def matters_after(self, case_id: str, most: int) -> list[tuple[str, Matter]]:
        """Return open matters after a name."""
        return sorted((name, matter) for name, matter in self.matters.items() if name > case_id)[:most]

    def note(self, name: str) -> str:
        """Return what a name leads to."""
        return self.notes.get(name, "")

    def keep_note(self, name: str, value: str) -> None:
        """Let a name lead to something; an empty value forgets it."""
        self.notes[name] = value

    def notes_under(self, start: str) -> list[tuple[str, str]]:
        """Return the names that begin so, and what they lead to."""
        return sorted((name, value) for name, value in self.notes.items() if name.startswith(start) and value)

    def list_due(self, name: str, former: int, day: int) -> None:
        """List an entry or a matter under a day; the former one is the one that is listed."""
        assert self.due.get(name, 0) == former
        self.due[name] = day

    def transfer_from(self, case_id: str | None) -> None:
        """Remember after which case a transfer has to go on."""
        self.transfer = case_id

    def summary(self, number: str, generation: int) -> bytes | None:
        """Return the current summary of an entry."""
        return self.summaries.get((number, generation))

    def keep_summary(self, number: str, generation: int, body: bytes, *, replaces: bool) -> None:
        """Keep the current summary of an entry; whether there is a former one is told truly."""
        assert replaces is ((number, generation) in self.summaries)
        self.summaries[number, generation] = body


class Account:
    """An account to which a test tells events, one after the other."""

    def __init__(self, rules: PlacementRules = RULES) -> None:
        self.books = MemoryBooks()
        self.rules = rules
        self.now_ms = at("2026-03-02T15:00:00")
        self.waiting: dict[str, list[Told]] = {}
        self.released: list[Outcome] = []

    def tell(self, event: Told) -> list[Outcome]:
        """Apply an event, and those that it releases; return what follows from it."""
        self.now_ms = max(self.now_ms, event.cause.at_ms)
        outcomes = apply(event, self.books, self.rules, self.now_ms)
        for outcome in outcomes:
            if isinstance(outcome, Waits):
                self.waiting.setdefault(outcome.entry_number, []).append(event)
            elif isinstance(outcome, Released):
                for waiting in self.waiting.pop(outcome.entry_number, []):
                    self.released += self.tell(waiting)
        return outcomes

    def tell_at_last(self, event: Told) -> list[Outcome]:
        """Apply an event that has waited long enough for what it speaks of."""
        self.now_ms = max(self.now_ms, event.cause.at_ms)
        return apply(event, self.books, self.rules, self.now_ms, waited=True)

    def cut(self, text: str) -> list[Outcome]:
        """Fold the daily cuts up to the one that opens a day."""
        self.now_ms = at(f"{text}T05:00:00")
        return fold_cuts(self.books, self.rules, self.now_ms)

    def pass_days(self, text: str) -> list[Outcome]:
        """Let time pass to a day, and let it work on what is listed under the days that have come."""
        self.now_ms = at(f"{text}T12:00:00")
        today = day(text)
        due = sorted((on, name) for name, on in self.books.due.items() if 0 < on <= today)
        outcomes: list[Outcome] = []
        for on, name in due:
            self.books.due[name] = 0
            outcomes += fire_clocks(self.books, self.rules, self.now_ms, name, on)
        return outcomes

    def entry(self, number: str = ENTRY) -> Entry:
        """Return an entry as it stands."""
        return self.books.entries[number]

    def center(self) -> int:
        """Return the Center in which the computation has put the importer."""
        assert self.books.account_ledger is not None
        computed = self.books.account_ledger.standing.computed
        return computed.center if computed is not None else 0

    def open_cases(self) -> list[tuple[int, int]]:
        """Return work type and desk of every open case."""
        return sorted((case.work_type, case.desk) for case in self.books.cases.values())


def work_of(outcomes: Sequence[Outcome]) -> list[WorkItem]:
    """Return the pieces of work among outcomes."""
    return [outcome for outcome in outcomes if isinstance(outcome, WorkItem)]


def cause(at_ms: int, event_id: str = "") -> Envelope:
    """Return an envelope; each instant has its own event id unless one is given."""
    name = event_id or str(uuid.uuid5(uuid.NAMESPACE_OID, str(at_ms)))
    return Envelope(name, at_ms, "2704", "entry-summary-event", 0, at_ms % 1_000_000, at_ms)


def line(*numbers: str, value: int = 100, article_set: str = "", ad_cvd: bool = False) -> Line:
    """Return a line with these tariff numbers, all the value on the last one."""
    values = [0] * (len(numbers) - 1) + [value]
    return Line(article_set, tuple(zip(numbers, values, strict=True)), ad_cvd)


def summary(
    *lines: Line,
    number: str = ENTRY,
    kind: Kind = Kind.ACCEPTED,
    accepted: str = "2026-03-02T15:00:00",
    entered: str = "2026-03-01",
    version: str = "00100",
    entry_type: str = "01",
    ports: tuple[str, ...] = ("2704",),
    census_warnings: bool = False,
    importer: str = IMPORTER,
    has_grounds: bool = True,
) -> SummaryFiled:
    """Return a summary of one or more lines; of one computer if none are given."""
    envelope = cause(at(accepted), str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{kind}/{version}/{accepted}")))
    return SummaryFiled(
        cause=envelope,
        event_id=uuid.UUID(envelope.event_id).bytes,
        kind=kind,
        entry_number=number,
        importer=importer,
        version=version,
        accepted_ms=envelope.at_ms,
        entry_type=entry_type,
        ports=ports,
        entry_day=day(entered) if entered else 0,
        import_day=0,
        census_warnings=census_warnings,
        lines=lines or (line(COMPUTER),),
        body=f"{number} {version} {accepted}".encode(),
        has_grounds=has_grounds and kind is Kind.CORRECTED,
    )


def fact(kind: Kind, when: str = "2026-03-10T15:00:00", on: str = "", number: str = ENTRY) -> EntryNoted:
    """Return a fact about an entry; its day is that of the instant unless one is given."""
    return EntryNoted(cause(at(when)), kind, number, day(on or when[:10]))


def released(when: str = "2026-02-27T15:00:00", number: str = ENTRY, port: str = "2704") -> EntryFiled:
    """Return the filing of an entry whose goods are released."""
    return EntryFiled(cause(at(when)), number, IMPORTER, port, "01", at(when))


def entry_numbers() -> Iterator[str]:
    """Yield valid entry numbers of one filer."""
    for number in range(10_000_000):
        yield f"B76{number:07d}{_check_digit(f'B76{number:07d}')}"


def _check_digit(body: str) -> int:
    values = [int(char) if char.isdigit() else (ord(char) - ord("A")) % 9 + 1 for char in body]
    doubled = [2 * value for value in values[1::2]]
    total = sum(values[::2]) + sum(value if value <= 9 else (value + 1) % 10 for value in doubled)
    return -total % 10


def days_later(text: str, days: int) -> str:
    """Return the date that many days later."""
    return (date.fromisoformat(text) + timedelta(days=days)).isoformat()


def told(events: Sequence[Told]) -> Account:
    """Return an account that was told these events in this order, long after they happened."""
    account = Account()
    account.now_ms = max(event.cause.at_ms for event in events) + 1000
    for event in events:
        account.tell(event)
    return account
