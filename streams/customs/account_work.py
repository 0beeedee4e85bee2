"""What every event of an account may lead to: a new count, a placement, cases for a desk.

One `AccountWork` lives for one record. It collects outcomes in the order in which they are to be published:
placement before snapshot before work.
"""

from typing import Final

from streams.customs.books import Books
from streams.customs.calendar import eastern_day_number
from streams.customs.case_clocks import entry_due, watches
from streams.customs.cases import PENDING
from streams.customs.casework import Reason, announce, settle
from streams.customs.entry_number import entry_number_fault
from streams.customs.entry_summary import NEW, Entry, entry_day
from streams.customs.entry_watch import due_for, refreshed
from streams.customs.ledger import Counting, Ledger, brought_to_day, desk_of, named_by, recounted
from streams.customs.life_cycle import IN_FORCE, State
from streams.customs.outcomes import Outcome, Placed, Refused, SnapshotDue
from streams.customs.placement import Decision, DecisionKind
from streams.customs.policy import PlacementRules
from streams.customs.predominance import own_center
from streams.customs.replacing import making, replacing
from streams.customs.rules import CHECK_DIGIT
from streams.customs.tariff import Day
from streams.customs.work import Role, wanted_cases, wanted_without_clocks, with_clocks
from streams.customs.work_types import WORK_TYPES


class AccountWork:
    """One importer's books while one record is applied, with what is to be published."""

    __slots__ = ("_ledger", "books", "moved", "now_ms", "out", "rules", "today", "waited")

    def __init__(self, books: Books, rules: PlacementRules, now_ms: int) -> None:
        self.books = books
        self.rules = rules
        self.now_ms = now_ms
        self.today = eastern_day_number(now_ms)
        """The date in America/New_York."""
        self.out: list[Outcome] = []
        self.moved = False
        """Whether the account has got another desk: its open cases follow."""
        self.waited = False
        """Whether the event has waited long enough for what it speaks of."""
        self._ledger: Ledger | None = None

    def entry(self, number: str) -> Entry | None:
        """Return an entry, a new one where nothing is known; None after refusing a number that cannot be one."""
        known = self.books.entry(number)
        if known is not None:
            return known
        if entry_number_fault(number) is None:
            return NEW
        self.out.append(Refused(CHECK_DIGIT, number))
        return None

    def ledger(self) -> Ledger:
        """Return placement and totals, those of a newcomer where nothing is known."""
        if self._ledger is None:
            self._ledger = self.books.ledger() or Ledger()
        return self._ledger

    def keep(self, ledger: Ledger, decisions: tuple[Decision, ...]) -> None:
        """Keep new placement and totals, and publish what has been decided."""
        former = self.ledger()
        if ledger != former:
            self.books.keep_ledger(ledger, former.standing.review_on)
            self._ledger = ledger
            before, after = former.standing, ledger.standing
            if before is not after and (desk_of(before) != desk_of(after) or before.singly != after.singly):
                self.moved = True
        for decision in decisions:
            if decision.kind is not DecisionKind.UNCHANGED:
                self.out.append(Placed(decision, ledger))

    def fold_cuts(self) -> None:
        """Fold the daily cuts that are due."""
        ledger, decisions = brought_to_day(self.ledger(), self.books.days, self.rules, self.today)
        self.keep(ledger, decisions)

    def recounted(self, before: Entry, after: Entry, state: State) -> Entry:
        """Make the mix count what the entry now stands for, and place an importer that has no place yet."""
        old, day = before.counted_day, self._counting_day(after, state)
        if day == old and (not day or before.counted == after.counted):
            if before.version_event != after.version_event:
                self.keep(named_by(self.ledger(), after.importer), ())
            return after if after.counted_day == day else _with_counted_day(after, day)
        ledger, decisions = recounted(
            self.ledger(),
            self.books.days,
            self.rules,
            self.today,
            (_counting((old, before.counted)), _counting((day, after.counted))),
        )
        self.keep(named_by(ledger, after.importer), decisions)
        return after if after.counted_day == day else _with_counted_day(after, day)

    def _counting_day(self, entry: Entry, state: State) -> Day:
        if not entry.counted or state not in IN_FORCE or not self.rules.policy.counts(entry.entry_type):
            return 0
        return entry_day(entry)

    def settled(self, number: str, entry: Entry, state: State, reason: Reason, body: bytes | None = None) -> Entry:
        """Bring the entry's clocks and cases in line with its state; see `refreshed`, `watched` and `routed`.

        Most that happens to an entry ends here: what both depend on is worked out once, and the entry copied once.
        """
        entry = self.refreshed(number, entry, state)
        wanted = wanted_without_clocks(entry, state)
        due = self._listed(number, entry, entry_due(entry, watches(entry, state, wanted), self.today))
        return self._routed(number, entry, with_clocks(wanted, entry.marks, state), due, reason, body)

    def routed(self, number: str, entry: Entry, state: State, reason: Reason) -> Entry:
        """Bring the entry's cases in line with its state and send each desk the summary before its first item."""
        return self._routed(number, entry, wanted_cases(entry, state), entry.due_on, reason, None)

    def _routed(  # noqa: PLR0913, PLR0917 - which cases of which entry, and why
        self, number: str, entry: Entry, wanted: int, due: Day, reason: Reason, body: bytes | None
    ) -> Entry:
        settled = settle(self.books, number, entry, wanted, self.desk, reason)
        if settled is None:
            return entry if due == entry.due_on else _with_due(entry, due)
        told = entry.told
        for item in settled.items:
            if item.role is Role.OWNER and entry.version and not told >> item.desk & 1:
                self._tell(number, entry, item.desk, body)
                told |= 1 << item.desk
            self.out.append(item)
        return _with_cases(entry, settled.open_cases, settled.closed_cases, told, due)

    def refreshed(self, number: str, entry: Entry, state: State) -> Entry:
        """Withdraw the legal results that an event contradicts, and let clocks whose end has moved start anew."""
        if not entry.marks:
            return entry
        marks, words = refreshed(entry, state)
        for work_type, action, rule in words:
            reason = Reason(rule, 0, self.now_ms)
            self.out += announce(self.books, number, entry, WORK_TYPES[work_type], action, reason)
        return entry if marks == entry.marks else entry._replace(marks=marks)

    def watched(self, number: str, entry: Entry, state: State) -> Entry:
        """List an entry under the day on which its clocks bring something about; under none where they do not."""
        due = self._listed(number, entry, due_for(entry, state, self.today))
        return entry if due == entry.due_on else _with_due(entry, due)

    def _listed(self, number: str, entry: Entry, day: Day) -> Day:
        """List an entry under a day on which something is due, and return the day."""
        due = self.not_before_today(day)
        if due != entry.due_on:
            self.books.list_due(f"e{number}", entry.due_on, due)
        return due

    def not_before_today(self, due: Day) -> Day:
        """Return the day under which something due is listed: what came too late is looked at next, not in the past."""
        return max(due, self.today) if due else 0

    def desk(self, entry: Entry) -> int:
        """Return the desk that new work of an entry goes to: the importer's, or for a broker that of its goods."""
        standing = self.ledger().standing
        if standing.singly and standing.eligible and not standing.override:
            return own_center(entry.counted, self.rules.policy.measure) or PENDING
        return desk_of(standing)

    def _tell(self, number: str, entry: Entry, desk: int, body: bytes | None) -> None:
        """Send the summary to a desk that has not had this version of it."""
        summary = body if body is not None else self.books.summary(number, entry.generation)
        assert summary is not None, "the summary of a known version is on file"
        self.out.append(_snapshot_due((desk, number, entry, summary)))


_snapshot_due: Final = making(SnapshotDue)
_counting: Final = making(Counting)
_with_counted_day: Final = replacing(Entry, "counted_day")
_with_cases: Final = replacing(Entry, "open_cases", "closed_cases", "told", "due_on")
_with_due: Final = replacing(Entry, "due_on")
