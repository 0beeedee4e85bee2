"""Moves of importer numbers between accounts when the account table changes (P10): who says what to whom.

Three partitions have a part in a move, each at its own place in its log, and none of them waits for another to adopt
the rules. The partition of the number's base is where all its events come in one order: it alone decides when the
number changes (`route`), and from then on sends them to the new account. All messages go through `rekeyed-event`:

    base     leaves  ->  former account: it has all events from before, and hands over piece by piece
             arrives ->  new account: from here on the number's events wait there, in their order
    former   packs   ->  itself, once a piece: other work goes on in between
             moved   ->  new account: one piece of at most 256 KiB
             all_moved -> new account, with the standing that the former one had
    new      settles ->  itself: clocks and cases of what has arrived, then the events that have waited

Each step is one record and one transaction, so a crash repeats none and loses none. `arrives` lies before the first
`moved` in the new account's log, and every record that the former account sends on lies behind the pieces that it
speaks of. The placement of both accounts is held from the first step to the last one (`customs.account_move`).

What names no importer number finds its way by what the accounts know. While a number leaves, notices about its
entries and decisions on its cases are sent on to the new account and wait there with the rest; afterwards a decision
under the former account is sent on by what is remembered of the open cases (`gone/`), and a notice goes back to the
partition of its entry number, which by then knows the new account. Of two notices that name an entry alone the second
may overtake the first in that moment, as it may on its way from the ports.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from itertools import islice
from struct import Struct
from typing import Any, Final

from streams.customs.account import give_up_waiting
from streams.customs.account_move import hold, matter_number, release, settle
from streams.customs.account_work import AccountWork
from streams.customs.calendar import eastern_day_number
from streams.customs.entry_index import Holder
from streams.customs.events import Envelope
from streams.customs.importer_number import base_of
from streams.customs.outcomes import Outcome
from streams.customs.policy import PlacementRules
from streams.customs.transfers import transfer_cases
from streams.engine.api import SourceRecord
from streams.processor.account_arrival import unpack
from streams.processor.account_parts import GONE, Packer, Part
from streams.processor.books import StateBooks
from streams.processor.headers import Mark, is_sent_back
from streams.processor.move_layout import Arriving, Leaving
from streams.processor.occasion import Occasion
from streams.processor.publish import Publisher
from streams.processor.reading import Reader, Reading
from streams.processor.summary_chunks import packed, unpacked
from streams.processor.tables import (
    ARRIVED,
    ARRIVING,
    ENTRIES,
    LEAVING,
    LEDGERS,
    MATTERS,
    QUEUE,
    QUEUE_BODIES,
    ROUTES,
    RULES,
)
from streams.processor.turn import Turn
from streams.processor.waiting_layout import Waiting

LEAVES: Final = "leaves"
PACKS: Final = "packs"
ARRIVES: Final = "arrives"
MOVED: Final = "moved"
ALL_MOVED: Final = "all_moved"
SETTLES: Final = "settles"

SETTLED_AT_ONCE: Final = 50
"""Entries and matters that are settled, or events that are taken, in one step."""

_HERE: Final = b"here"
_SWITCHED: Final = b"switched"
_NUMBER: Final = Struct("<I")

Publish = Callable[[Sequence[Outcome], Occasion, StateBooks, Turn], str]
Take = Callable[[SourceRecord, Reading, str, Turn], str]
Index = Callable[[str, Holder, str, str, Turn], None]
Step = Callable[[AccountWork, Reading, str, Turn], None]


class Place(Enum):
    """Where and when a record is applied."""

    HERE = "here"
    SENT_ON = "sent on"
    LATER = "later"
    """It waits for its number to arrive in the account."""


class AccountMover:
    """Takes the steps of moves, and finds the account of what may belong to a number that moves."""

    def __init__(self, reader: Reader, publisher: Publisher, *, publish: Publish, take: Take, index: Index) -> None:
        self._reader = reader
        self._publisher = publisher
        self._publish = publish
        self._take = take
        self._index = index
        self._steps: Mapping[str, Step] = {
            LEAVES: self._leave,
            PACKS: self._pack,
            ARRIVES: self._arrive,
            MOVED: self._unpack,
            ALL_MOVED: self._complete,
            SETTLES: self._settle,
        }

    # --- which account, and whether now ----------------------------------------------------------------------

    def route(self, number: str, rules: PlacementRules, partition: int, turn: Turn) -> str:
        """Return the account of a number, in the partition of its base; where rules have changed it, begin the move."""
        present, wanted = self._present_account(number, turn), rules.account_of(number, base_of(number))
        if wanted != present:
            turn.state.put(ROUTES, number.encode(), wanted)
            self._begin(number, present, wanted, rules, partition, turn)
        return wanted

    def place_of(
        self, record: SourceRecord, reading: Reading, account: str, rules: PlacementRules, turn: Turn
    ) -> tuple[str, Place]:
        """Return the account that a record is to be applied to, and whether that is here and now."""
        number = reading.number
        if reading.importer and not number:
            number = reading.importer
            account = self.route(number, rules, record.partition, turn)
            target = self._reader.home_of(account)
            if target != record.partition:
                self._publisher.send_on_to(turn.out, record, reading, Mark(account, number), target)
                return account, Place.SENT_ON
        if number and self._waits(record, reading, account, number, turn):
            return account, Place.LATER
        return account, Place.HERE if reading.importer else self._following(record, reading, account, turn)

    def account_of(self, reading: Reading, turn: Turn) -> str:
        """Return the account of a record that has been taken here before."""
        if reading.importer and not reading.number:
            return turn.state.get(ROUTES, reading.importer.encode()) or reading.account
        return reading.account

    def send_after(self, record: SourceRecord, reading: Reading, turn: Turn) -> bool:
        """Send a decision on a case that is not open in its account to where the case has gone, if it has."""
        note = StateBooks(turn.state, reading.account).note(f"{GONE}{reading.fields['case_id']}")
        account, _, number = note.partition("|")
        if account:
            mark = Mark(account, number)
            self._publisher.send_on_to(turn.out, record, reading, mark, self._reader.home_of(account))
        return bool(account)

    def send_back(self, record: SourceRecord, reading: Reading, turn: Turn) -> bool:
        """Send an event that names an entry alone back to the entry's partition where the account has it no more.

        Once: an entry that is not found the second time either is waited for.
        """
        number = reading.entry_number
        if reading.importer or not reading.account or is_sent_back(record):
            return False
        give_up_waiting(StateBooks(turn.state, reading.account), number)
        self._publisher.send_back(turn.out, record, reading, number.encode())
        return True

    def is_leaving(self, account: str, name: str, turn: Turn) -> bool:
        """Tell whether an entry (`e` and its number) or matter (`c` and its name) is about to be handed over."""
        if not self._is_held(account, turn):
            return False
        number = self._number_of(account, name, turn)
        return turn.state.get(LEAVING, _key(account, number)) is not None

    def remember_partition(self, partition: int, turn: Turn) -> None:
        """Remember which partition this is: what time alone brings about has no record that would tell."""
        turn.state.put(RULES, _HERE, _NUMBER.pack(partition))

    def switch_silent(self, rules: PlacementRules, turn: Turn, most: int | None) -> None:
        """Begin the moves of numbers that nothing happens to, up to `most` (None: all), once new rules have begun."""
        state, begins = turn.state, _NUMBER.pack(rules.begins)
        here = state.get(RULES, _HERE)
        if here is None or rules.regrouped == frozenset() or state.get(RULES, _SWITCHED) == begins:
            return
        [partition] = _NUMBER.unpack(here)
        known = rules.regrouped or {*rules.accounts, *(key.decode() for key, _ in state.scan(ROUTES))}
        left = [number for number in sorted(known) if self._is_to_move(number, rules, partition, turn)]
        for number in left[:most]:
            self.route(number, rules, partition, turn)
        if most is None or len(left) <= most:
            state.put(RULES, _SWITCHED, begins)

    def look_at(self, account: str, rules: PlacementRules, turn: Turn) -> None:
        """Begin the moves of the numbers of an account that becomes several (P10: each number by itself)."""
        ledger = turn.state.get(LEDGERS, account.encode()) if rules.regrouped is None else None
        for number in ledger.importers if ledger is not None else ():
            if base_of(number) == base_of(account):
                self.route(number, rules, self._reader.home_of(account), turn)

    def _is_to_move(self, number: str, rules: PlacementRules, partition: int, turn: Turn) -> bool:
        base = base_of(number)
        if self._reader.home_of(base) != partition:
            return False
        return self._present_account(number, turn) != rules.account_of(number, base)

    def _present_account(self, number: str, turn: Turn) -> str:
        """Return the account of a number as the partition of its base knows it."""
        return turn.state.get(ROUTES, number.encode()) or base_of(number)

    def _waits(self, record: SourceRecord, reading: Reading, account: str, number: str, turn: Turn) -> bool:
        if turn.drained == number or turn.state.get(ARRIVING, _key(account, number)) is None:
            return False
        if reading.parser is not None:  # what can never be processed is found out now, not when its time has come
            reading.parser(reading)
        self._queue(account, number, record, turn)
        return True

    def _following(self, record: SourceRecord, reading: Reading, account: str, turn: Turn) -> Place:
        """Let what names an entry or a case alone follow the number that it belongs to, while that moves."""
        if turn.drained or not self._is_held(account, turn):
            return Place.HERE
        fields = reading.fields
        name = f"c{fields['case_id']}" if "case_id" in fields else f"e{reading.entry_number}"
        number = self._number_of(account, name, turn)
        leaving = turn.state.get(LEAVING, _key(account, number))
        if leaving is not None:
            mark = Mark(leaving.target, number)
            self._publisher.send_on_to(turn.out, record, reading, mark, self._reader.home_of(leaving.target))
            return Place.SENT_ON
        return Place.LATER if self._waits(record, reading, account, number, turn) else Place.HERE

    def _is_held(self, account: str, turn: Turn) -> bool:
        ledger = turn.state.get(LEDGERS, account.encode())
        return ledger is not None and ledger.held > 0

    def _number_of(self, account: str, name: str, turn: Turn) -> str:
        """Return the importer number that an entry or case of an account belongs to; empty where it is unknown."""
        books = StateBooks(turn.state, account)
        if name[0] == "c":
            matter = turn.state.get(MATTERS, f"{account}/{name[1:]}".encode())
            if matter is not None:
                return matter_number(books, matter)
            case = books.case(name[1:])
            name = f"e{case.entry_number}" if case is not None else name
        entry = turn.state.get(ENTRIES, f"{account}/{name[1:]}".encode())
        return entry.importer if entry is not None else ""

    # --- the steps -------------------------------------------------------------------------------------------

    def step(self, record: SourceRecord, reading: Reading, rules: PlacementRules, turn: Turn) -> bool:
        """Take one step of a move; return whether it was taken now: one may wait for its number to arrive first."""
        account, other, number = reading.account, reading.fields["other_account_key"], reading.number
        kind: str = reading.fields["step"]
        begins = kind in {LEAVES, ARRIVES}
        if begins and turn.drained != number and turn.state.get(ARRIVING, _key(account, number)) is not None:
            self._queue(account, number, record, turn)
            return False
        books = StateBooks(turn.state, account)
        work = AccountWork(books, rules, turn.now_ms)
        self._steps[kind](work, reading, other, turn)
        if work.moved:
            transfer_cases(work)
        home = self._reader.home_of(account)
        # A number's change may be told without a record of its own: what it brings about is the time's.
        cause = Envelope("", turn.now_ms, "", "", home, -1, turn.now_ms) if begins else reading.cause
        occasion = Occasion(cause, account, turn.now_ms, rules, eastern_day_number(turn.now_ms))
        self._publish(work.out, occasion, books, turn)
        if kind == SETTLES:
            self._drain(account, number, other, turn)
        return True

    def _begin(  # noqa: PLR0913, PLR0917 - which number, from where to where, and here or not
        self, number: str, present: str, wanted: str, rules: PlacementRules, partition: int, turn: Turn
    ) -> None:
        """Tell both accounts; one in this partition at once, for the number's next event has to find it told."""
        for kind, account, other in ((ARRIVES, wanted, present), (LEAVES, present, wanted)):
            target = self._reader.home_of(account)
            if target != partition:
                self._ask(kind, number, account, other, turn)
                continue
            asked = _asked(kind, number, account, other, turn)
            record = self._publisher.account_move_record(asked, target, turn.now_ms)
            self.step(record, self._reader.read(record), rules, turn)

    def _leave(self, work: AccountWork, reading: Reading, target: str, turn: Turn) -> None:
        hold(work)
        turn.state.put(LEAVING, _key(reading.account, reading.number), Leaving(target))
        self._ask(PACKS, reading.number, reading.account, target, turn)

    def _arrive(self, work: AccountWork, reading: Reading, source: str, turn: Turn) -> None:
        key = _key(reading.account, reading.number)
        known = turn.state.get(ARRIVING, key) or Arriving(source)
        turn.state.put(ARRIVING, key, known._replace(source=source, is_complete=False))
        hold(work)

    def _pack(self, work: AccountWork, reading: Reading, target: str, turn: Turn) -> None:
        """Hand the next piece over; after the last one the account is released."""
        account, number, state = reading.account, reading.number, turn.state
        key = _key(account, number)
        leaving = state.get(LEAVING, key)
        assert leaving is not None, "a number that is packed is leaving"
        piece = Packer(state, work, number, target, self._importer_of).piece(leaving)
        if piece.parts:
            self._ask(MOVED, number, target, account, turn, piece.parts)
        for entry_number, generation in piece.entries:
            self._index(entry_number, Holder(target, generation), number, account, turn)
        if piece.rest is not None:
            state.put(LEAVING, key, piece.rest)
            self._ask(PACKS, number, account, target, turn)
            return
        state.delete(LEAVING, key)
        ledger = work.ledger()
        standing = Part("i", "", LEDGERS.dump(ledger._replace(held=0)))
        self._ask(ALL_MOVED, number, target, account, turn, [standing])
        prefix = f"{account}/".encode()
        stop = prefix[:-1] + b"0"
        has_entries = any(True for _ in state.scan(ENTRIES, prefix, stop))
        has_matters = any(True for _ in state.scan(MATTERS, prefix, stop))
        release(work, gone=number, is_left=not (has_entries or has_matters))

    def _unpack(self, work: AccountWork, reading: Reading, source: str, turn: Turn) -> None:
        parts = [Part.from_fields(part) for part in reading.fields["parts"]]
        unpack(turn.state, work, Mark(reading.account, reading.number), source, parts, self._as_arrived)

    def _complete(self, work: AccountWork, reading: Reading, source: str, turn: Turn) -> None:
        account, number = reading.account, reading.number
        [part] = [Part.from_fields(part) for part in reading.fields["parts"]]
        key = _key(account, number)
        arriving = turn.state.get(ARRIVING, key)
        assert arriving is not None, "a number that has moved is arriving"
        turn.state.put(ARRIVING, key, arriving._replace(is_complete=True))
        release(work, former=source, brought=LEDGERS.load(part.value).standing)
        self._ask(SETTLES, number, account, source, turn)

    def _settle(self, work: AccountWork, reading: Reading, _: str, turn: Turn) -> None:
        """Settle the next entries and matters that have arrived."""
        start = _key(reading.account, reading.number) + b"/"
        arrived = islice(turn.state.scan(ARRIVED, start, start[:-1] + b"0"), SETTLED_AT_ONCE)
        for key in [name for name, _ in arrived]:
            turn.state.delete(ARRIVED, key)
            settle(work, key[len(start) :].decode())

    def _drain(self, account: str, number: str, source: str, turn: Turn) -> None:
        """Take the next events that have waited, once everything is settled; then the number has arrived."""
        state, key = turn.state, _key(account, number)
        start = key + b"/"
        if any(True for _ in state.scan(ARRIVED, start, start[:-1] + b"0")):
            self._ask(SETTLES, number, account, source, turn)
            return
        for _ in range(SETTLED_AT_ONCE):
            arriving = state.get(ARRIVING, key)
            assert arriving is not None, "a number is here only when its events are through"
            if not arriving.is_complete:  # it has left in the meantime, and comes back
                return
            if arriving.first == arriving.stop:
                state.delete(ARRIVING, key)
                return
            state.put(ARRIVING, key, arriving._replace(first=arriving.first + 1))
            self._take_waiting(account, number, arriving.first, turn)
        self._ask(SETTLES, number, account, source, turn)

    def _take_waiting(self, account: str, number: str, place: int, turn: Turn) -> None:
        name = _place(account, number, place)
        waiting = turn.state.get(QUEUE, name)
        assert waiting is not None, "what waits is on file"
        turn.state.delete(QUEUE, name)
        [(_, record)] = waiting
        bodies = list(turn.state.scan(QUEUE_BODIES, name + b"/", name + b"0"))
        for key, _ in bodies:
            turn.state.delete(QUEUE_BODIES, key)
        record = record._replace(value=unpacked([chunk for _, chunk in bodies]))
        drains = Turn(turn.now_ms, turn.state, turn.out, drained=number)
        self._take(record, self._reader.read(record), account, drains)

    def _queue(self, account: str, number: str, record: SourceRecord, turn: Turn) -> None:
        key = _key(account, number)
        arriving = turn.state.get(ARRIVING, key)
        assert arriving is not None, "events wait for a number that arrives"
        name = _place(account, number, arriving.stop)
        turn.state.put(QUEUE, name, (Waiting(0, record._replace(value=b"")),))
        for at, chunk in enumerate(packed(record.value or b"")):
            turn.state.put(QUEUE_BODIES, name + b"/%04d" % at, chunk)
        turn.state.put(ARRIVING, key, arriving._replace(stop=arriving.stop + 1))

    def _ask(  # noqa: PLR0913, PLR0917 - which step of which move
        self, step: str, number: str, account: str, other: str, turn: Turn, parts: Sequence[Part] = ()
    ) -> None:
        """Ask the partition of an account for a step."""
        asked = _asked(step, number, account, other, turn, parts)
        self._publisher.account_move(turn.out, asked, self._reader.home_of(account))

    def _importer_of(self, record: SourceRecord) -> str:
        return self._reader.read(record).importer

    def _as_arrived(self, record: SourceRecord, mark: Mark) -> SourceRecord:
        """Return a record that has waited in the former account as it waits in the new one."""
        home = self._reader.home_of(mark.account)
        return self._publisher.as_sent_on(record, self._reader.read(record), mark, home)


def _asked(  # noqa: PLR0913, PLR0917 - as above
    step: str, number: str, account: str, other: str, turn: Turn, parts: Sequence[Part] = ()
) -> dict[str, Any]:
    return {
        "importer_of_record": number,
        "account_key": account,
        "other_account_key": other,
        "decided_at": turn.now_ms,
        "step": step,
        "parts": [part.as_fields() for part in parts],
    }


def _key(account: str, number: str) -> bytes:
    return f"{account}/{number}".encode()


def _place(account: str, number: str, place: int) -> bytes:
    return f"{account}/{number}/{place:012d}".encode()
