"""The processor of placement and routing: decode, let the rules decide, encode. No decision is made here."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from streams.contract.codec import Codec
from streams.contract.errors import SchemaPending
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.customs.account import apply, fire_clocks, fold_cuts, give_up_waiting, go_on_transferring
from streams.customs.appeals import WAITS_AS
from streams.customs.calendar import EPOCH, day_starts_ms, eastern_day_number
from streams.customs.decision_rules import CASE_IS_OPEN
from streams.customs.entry_index import Holder
from streams.customs.entry_number import entry_number_fault
from streams.customs.events import Envelope
from streams.customs.outcomes import (
    CaseMoved,
    Ignored,
    Introduced,
    MatterItem,
    NotActed,
    Outcome,
    Placed,
    Refused,
    Released,
    SnapshotDue,
    Waits,
    WorkItem,
)
from streams.customs.policy import PlacementRules
from streams.customs.rule_book import Adopted
from streams.customs.rules import CHECK_DIGIT, FUTURE_EVENT, UNKNOWN_APPEAL, UNKNOWN_ENTRY, Rule
from streams.engine.api import NotReady, Outbox, SourceRecord, State
from streams.processor.account_mover import AccountMover, Place
from streams.processor.books import StateBooks
from streams.processor.clock import PartitionClock, TimeSource
from streams.processor.entry_claims import EntryClaims, title
from streams.processor.headers import with_own_headers
from streams.processor.occasion import Occasion
from streams.processor.publish import Publisher
from streams.processor.reading import ACCOUNT_MOVE, ENTRY_ACCOUNT, ENTRY_MOVE, Reader, Reading
from streams.processor.record_outcomes import (
    APPLIED,
    IGNORED,
    INDEXED,
    MOVED,
    NOT_ACTED,
    REFUSED,
    REKEYED,
    ROUTED,
    WAITING,
)
from streams.processor.rule_shelf import RULES_VERSION, RuleShelf
from streams.processor.rule_walk import accounts_to_look_at
from streams.processor.tables import CLOCK, DUE, HOLDERS, PASSED_KEY, REVIEWS, TRANSFERS, day_bytes
from streams.processor.turn import Turn
from streams.processor.waiting import WAIT_MS, admit, expired, is_waited_for, release

JUDGED_ANYWAY: Final = frozenset({"protest_filed", "psc_accepted"})
"""What has waited long enough is judged as it is: the entries of a protest whose liquidation is known stay in it, and a
correction is refused by the rule that it breaks."""

_WORDS: Final = (Refused, Ignored, Waits, NotActed, CaseMoved)
"""Answers that stand alone, or first."""

FIRST_WORDS: Final = frozenset({"entry_filed", "entry_summary_accepted", "entry_summary_replaced"})
"""What an account may hear first of an entry: if another one has it, that has to be known before it is applied."""

_FUTURE_MS: Final = 24 * 3_600_000
_AT_ONCE: Final = 500
"""Accounts whose cuts are folded, and entries whose wait ends, in one transaction between batches."""


class PlacementProcessor:
    """Folds the records of one partition into accounts, and publishes what follows; see `engine.api.Processor`."""

    def __init__(
        self,
        codec: Codec,
        names: TopicNames,
        partitions: int,
        rules: PlacementRules,
        time_source: TimeSource = TimeSource.BROKER,
    ) -> None:
        self._rules = RuleShelf(codec, rules)
        self._partitions = partitions
        self._rekeyed = names.of("rekeyed-event")
        self._reader = Reader(codec, names, partitions)
        self._publisher = Publisher(codec, names, partitions)
        self._clock = PartitionClock(time_source)
        self._moves = AccountMover(
            self._reader, self._publisher, publish=self._publish, take=self._take_late, index=self._tell_moved
        )
        self._claims = EntryClaims(
            self._reader, self._publisher, partitions, publish=self._publish, release=self._release
        )

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Fold one record into the account that it speaks of; return one of `record_outcomes`.

        Raises `InvalidRecord` for what can never be processed: bytes that are no known record, a record on a topic
        of others, a key that is not the importer's, impossible content; `NotReady` where its schema has to be
        waited for.
        """
        try:
            own = with_own_headers(record, self._rekeyed)
            return self._take(own, Turn(self._clock.now_ms(now, state), state, out))
        except SchemaPending as pending:
            raise NotReady(str(pending)) from None

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Fold the daily cuts that are due and end the waits that are over: some of them, the rest next time.

        Does nothing where events tell the time: there a record does it that begins a new day.
        """
        if self._clock.follows_events:
            return
        try:
            self._pass_time(Turn(self._clock.now_ms(now, state), state, out), _AT_ONCE)
        except SchemaPending as pending:
            raise NotReady(str(pending)) from None

    def _take(self, record: SourceRecord, turn: Turn) -> str:
        reading = self._reader.read(record)
        if reading.partition != record.partition:
            self._publisher.send_on(turn.out, record, reading, reading.key, reading.partition)
            return REKEYED
        if reading.name in {ENTRY_ACCOUNT, ACCOUNT_MOVE, ENTRY_MOVE}:
            return self._take_internal(record, reading, turn)
        cause = reading.cause
        if reading.parser is None and reading.name != RULES_VERSION:
            return NOT_ACTED
        if cause.at_ms > cause.published_ms + _FUTURE_MS:
            return self._refuse(FUTURE_EVENT, reading, turn)
        if cause.at_ms > turn.now_ms and self._clock.follows_events:
            self._move_time(cause.at_ms, turn)
        if reading.account:
            return self._apply(record, reading, reading.account, turn)
        without_account = self._by_entry if reading.parser is not None else self._adopt
        return without_account(record, reading, turn)

    def _adopt(self, record: SourceRecord, reading: Reading, turn: Turn) -> str:
        """Take a version of the rules in."""
        today = eastern_day_number(turn.now_ms)
        self._moves.remember_partition(record.partition, turn)
        answer = self._rules.adopt(turn.state, reading.fields, reading.data, today)
        return APPLIED if isinstance(answer, Adopted) else self._word(answer, record, reading, turn)

    def _move_time(self, at_ms: int, turn: Turn) -> None:
        """Let an event move the time; where it begins a new day, do first what is due by then."""
        begins_day = self._clock.move(turn.now_ms, at_ms, turn.state)
        turn.now_ms = at_ms
        if begins_day:
            self._pass_time(turn, None)

    def _take_internal(self, record: SourceRecord, reading: Reading, turn: Turn) -> str:
        """Take what another partition, or this one, says to itself."""
        if reading.name == ENTRY_ACCOUNT:
            self._claims.told(reading, turn)
            return INDEXED
        if reading.cause.at_ms > turn.now_ms and self._clock.follows_events:
            self._move_time(reading.cause.at_ms, turn)
        return self._take_late(record, reading, reading.account, turn)

    def _take_late(self, record: SourceRecord, reading: Reading, account: str, turn: Turn) -> str:
        """Take a step of a move, or an event that has waited for the number that it names."""
        rules = self._rules.in_force(turn.state, turn.now_ms)
        if reading.name == ENTRY_MOVE:
            self._claims.step(record, reading, rules, turn)
            return MOVED
        if reading.name != ACCOUNT_MOVE:
            return self._fold(record, reading, account, rules, turn)
        return MOVED if self._moves.step(record, reading, rules, turn) else WAITING

    def _apply(self, record: SourceRecord, reading: Reading, account: str, turn: Turn) -> str:
        """Apply an event to the account that it belongs to now, which may be elsewhere, or not be complete yet."""
        rules = self._rules.in_force(turn.state, turn.now_ms)
        importer, regrouped = reading.importer, rules.regrouped
        if not importer or reading.number or regrouped is None or importer in regrouped:
            account, place = self._moves.place_of(record, reading, account, rules, turn)
            if place is not Place.HERE:
                return REKEYED if place is Place.SENT_ON else WAITING
        return self._fold(record, reading, account, rules, turn)

    def _fold(  # noqa: PLR0913 - which event, into which account, by which rules
        self,
        record: SourceRecord,
        reading: Reading,
        account: str,
        rules: PlacementRules,
        turn: Turn,
        *,
        waited: bool = False,
    ) -> str:
        """Fold an event into an account, publish what follows, and return the outcome."""
        assert reading.parser is not None
        event = reading.parser(reading)
        books = StateBooks(turn.state, account)
        if reading.name in FIRST_WORDS and turn.drained != reading.entry_number:
            known = books.entry(reading.entry_number)
            if known is None or not known.version:
                outcome, rule = self._claims.before(event, record, reading, books, turn)
                if rule is not None:
                    self._refuse(rule, reading, turn, ignored=True)
                if outcome:
                    return outcome
        answers = apply(event, books, rules, turn.now_ms, waited=waited)
        if not answers:
            return APPLIED
        outcome = ""
        if isinstance(answers[0], _WORDS):
            outcome = self._word(answers[0], record, reading, turn)
            if len(answers) == 1:
                return outcome
            answers = answers[1:]
        occasion = Occasion(reading.cause, account, turn.now_ms, rules, eastern_day_number(turn.now_ms))
        routed = self._publish(answers, occasion, books, turn)
        return outcome or routed

    def _publish(self, answers: Sequence[Outcome], occasion: Occasion, books: StateBooks, turn: Turn) -> str:
        """Publish what follows from an event, in its order."""
        publisher, out = self._publisher, turn.out
        ledger = books.ledger()
        standing = ledger.standing if ledger is not None else None
        outcome = APPLIED
        for answer in answers:
            if isinstance(answer, WorkItem):
                publisher.work(out, answer, occasion, standing)
                outcome = ROUTED
            elif isinstance(answer, SnapshotDue):
                publisher.snapshot(out, answer, occasion)
            elif isinstance(answer, MatterItem):
                publisher.matter(out, answer, occasion, standing)
                outcome = ROUTED
            elif isinstance(answer, Introduced):
                self._introduce(answer, occasion.account, turn)
            elif isinstance(answer, Placed):
                publisher.placed(out, answer, occasion)
            elif isinstance(answer, Released):
                self._release(answer.entry_number, turn)
            else:
                publisher.other(out, answer, occasion, standing)
        return outcome

    def _word(self, answer: Outcome, record: SourceRecord, reading: Reading, turn: Turn) -> str:
        """Act on an answer that stands alone."""
        match answer:
            case Refused():
                sent_on = answer.rule is CASE_IS_OPEN and self._moves.send_after(record, reading, turn)
                return REKEYED if sent_on else self._refuse(answer.rule, reading, turn)
            case Ignored():
                if answer.rule is not None:
                    self._refuse(answer.rule, reading, turn, ignored=True)
                return IGNORED
            case Waits():
                sent_back = self._claims.send_after(record, reading, turn) or self._moves.send_back(
                    record, reading, turn
                )
                return REKEYED if sent_back else self._wait(answer.entry_number, record, reading, turn, turn.now_ms)
            case NotActed():
                return NOT_ACTED
            case CaseMoved():
                rules = self._rules.in_force(turn.state, turn.now_ms)
                occasion = Occasion(reading.cause, reading.account, turn.now_ms, rules, 0)
                self._publisher.moved(turn.out, answer, reading.name, occasion)
                return REFUSED
        msg = f"no word on {type(answer).__name__}"
        raise AssertionError(msg)

    def _refuse(self, rule: Rule, reading: Reading, turn: Turn, *, ignored: bool = False) -> str:
        rules = self._rules.in_force(turn.state, turn.now_ms)
        occasion = Occasion(reading.cause, reading.account, turn.now_ms, rules, 0)
        self._publisher.refused(turn.out, rule, reading, occasion, ignored=ignored)
        return REFUSED

    def _by_entry(self, record: SourceRecord, reading: Reading, turn: Turn) -> str:
        """Bring an event that names an entry alone to the account that has the entry."""
        number = reading.entry_number
        holder = turn.state.get(HOLDERS, reading.key)
        if holder is None:
            if entry_number_fault(number) is not None:
                return self._refuse(CHECK_DIGIT, reading, turn)
            # What can never be processed is found out now: released by its summary, it would take that down with it.
            assert reading.parser is not None
            reading.parser(reading)
            # Who has the entry is told by another partition, and in a historic load its events may be years behind
            # those of this one: then the wait counts from the publication, not from the time that events tell here.
            return self._wait(number, record, reading, turn, max(turn.now_ms, reading.cause.published_ms))
        key = holder.account.encode()
        partition = partition_for(key, self._partitions)
        if partition != record.partition:
            self._publisher.send_on(turn.out, record, reading, key, partition)
            return REKEYED
        return self._apply(record, reading, holder.account, turn)

    def _wait(self, number: str, record: SourceRecord, reading: Reading, turn: Turn, since_ms: int) -> str:
        if admit(turn.state, number, record, turn.until_ms or since_ms + WAIT_MS):
            return WAITING
        return self._refuse(UNKNOWN_ENTRY, reading, turn)

    def _introduce(self, introduced: Introduced, account: str, turn: Turn) -> None:
        """Let the partition of an entry number know which account has the entry."""
        entry = introduced.entry
        holder = Holder(account, entry.generation, title(entry))
        self._claims.tell(introduced.entry_number, holder, entry.importer, turn)

    def _tell_moved(self, number: str, holder: Holder, importer: str, former: str, turn: Turn) -> None:
        """Let the partition of an entry number know that an entry has gone on with its importer number."""
        self._claims.tell(number, holder, importer, turn, former=former)

    def _release(self, number: str, turn: Turn) -> None:
        """Process what waited for an entry, in the order in which it came."""
        for waiting in release(turn.state, number):
            self._take(waiting.record, Turn(turn.now_ms, turn.state, turn.out, waiting.until_ms, turn.drained))

    def _pass_time(self, turn: Turn, most: int | None) -> None:
        """Do what time alone brings about, for up to `most` accounts and entries.

        Lists are read from the first day on which anything can be left: before it a store has only the traces of
        what was done, and would walk over all of them.
        """
        state, today = turn.state, eastern_day_number(turn.now_ms)
        since = state.get(CLOCK, PASSED_KEY) or 0
        days = day_bytes(since), day_bytes(today + 1)
        reviews = [key for key, _ in islice(state.scan(REVIEWS, *days), most)]
        for key in reviews:
            self._cut(key[4:].decode(), today, turn)
        rules = self._rules.in_force(state, turn.now_ms)
        for account in accounts_to_look_at(state, self._rules.all_of(state), today, most):
            self._cut(account, today, turn)
            self._moves.look_at(account, rules, turn)
        self._moves.switch_silent(rules, turn, most)
        waits = expired(state, since, turn.now_ms, most)
        for number, record in waits:
            self._give_up(number, record, turn)
        due = [key for key, _ in islice(state.scan(DUE, *days), most)]
        for key in due:
            self._fire(key, today, turn)
        self._transfer(today, turn)
        if since < today and (most is None or max(len(reviews), len(waits), len(due)) < most):
            state.put(CLOCK, PASSED_KEY, today)

    def _fire(self, key: bytes, today: int, turn: Turn) -> None:
        """Let time work on one entry or matter whose day has come."""
        turn.state.delete(DUE, key)
        account, _, name = key[4:].decode().rpartition("/")
        if self._moves.is_leaving(account, name, turn):
            return
        books = StateBooks(turn.state, account)
        listed = int.from_bytes(key[:4], "big")
        answers = fire_clocks(books, self._rules.in_force(turn.state, turn.now_ms), turn.now_ms, name, listed)
        self._publish_by_time(answers, books, day_starts_ms(EPOCH + timedelta(days=today)), today, turn)

    def _transfer(self, today: int, turn: Turn) -> None:
        """Go on with the transfers that did not fit into the event that brought them: one account at a time."""
        for key, after in list(islice(turn.state.scan(TRANSFERS), 1)):
            books = StateBooks(turn.state, key.decode())
            answers = go_on_transferring(books, self._rules.in_force(turn.state, turn.now_ms), turn.now_ms, after)
            self._publish_by_time(answers, books, turn.now_ms, today, turn)

    def _publish_by_time(
        self, answers: Sequence[Outcome], books: StateBooks, at_ms: int, today: int, turn: Turn
    ) -> None:
        """Publish what time alone has brought about in an account."""
        partition = self._reader.home_of(books.account)
        cause = Envelope("", at_ms, "", "", partition, -1, at_ms)
        rules = self._rules.in_force(turn.state, turn.now_ms)
        occasion = Occasion(cause, books.account, turn.now_ms, rules, today)
        self._publish(answers, occasion, books, turn)

    def _cut(self, account: str, today: int, turn: Turn) -> None:
        """Fold the daily cuts of an account that are due; its open cases follow it."""
        books = StateBooks(turn.state, account)
        rules = self._rules.in_force(turn.state, turn.now_ms)
        answers = fold_cuts(books, rules, turn.now_ms)
        days = [answer.decision.day for answer in answers if isinstance(answer, Placed)]
        for answer in [answer for answer in answers if isinstance(answer, Placed)]:
            at_ms = day_starts_ms(EPOCH + timedelta(days=answer.decision.day))
            self._publish_by_time([answer], books, at_ms, today, turn)
        rest = [answer for answer in answers if not isinstance(answer, Placed)]
        if rest:
            self._publish_by_time(rest, books, day_starts_ms(EPOCH + timedelta(days=max(days))), today, turn)

    def _give_up(self, number: str, record: SourceRecord, turn: Turn) -> None:
        """Refuse an event whose entry has not become known in time."""
        reading = self._reader.read(record)
        if reading.name == ENTRY_MOVE:
            return
        if reading.name in JUDGED_ANYWAY:
            rules = self._rules.in_force(turn.state, turn.now_ms)
            self._fold(record, reading, self._moves.account_of(reading, turn), rules, turn, waited=True)
        else:
            self._refuse(UNKNOWN_APPEAL if number.startswith(WAITS_AS) else UNKNOWN_ENTRY, reading, turn)
        if reading.account and not is_waited_for(turn.state, number):
            give_up_waiting(StateBooks(turn.state, self._moves.account_of(reading, turn)), number)
