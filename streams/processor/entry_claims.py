"""Two accounts that name one entry: a summary names another importer than the one before (wire, entry index).

The partition of the entry number knows which account has the entry, and by which version. Of two accounts the one with
the later version has it: by version, then time of acceptance, then event id, in whatever order they are told. Where one
event was published under two importers neither is the later one, and the greater importer number has it. The other one
gives the entry up: what it counts is taken back there, and events about it are sent on from then on.

A replacement of an entry that its account does not know *asks* first and waits for the answer, so that the entry comes
with its cases, which go on under their names: each is at any time on one desk, and changes it as the policy on work in
flight says (P14). An acceptance does not ask, for nearly all of them are the first word on their entry; where another
account has the entry all the same, the cases of the one that gives it up are closed, and what CBP said of the entry
goes to the other. Matters stay with the importer that they were brought for.

    account   entry_account ->  partition of the entry number: I have it, or may I have it? (`asks`)
    index     claimed       ->  the account that loses: hand it over; one with a later version says so, and keeps it
              given, kept   ->  the account that asked, where nobody else has the entry, or somebody has a later version
    former    given         ->  the account that claims: here it is
              kept          ->  the account that asked: mine is the later one
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from streams.contract.keys import partition_for
from streams.customs.account import give_up_waiting
from streams.customs.account_move import look_again, settle
from streams.customs.account_work import AccountWork
from streams.customs.calendar import eastern_day_number
from streams.customs.entry_facts import with_facts_of, without_cases
from streams.customs.entry_index import Holder, claimed, handed_on, rank, rank_of
from streams.customs.entry_number import entry_number_fault
from streams.customs.entry_summary import NEW, Entry, state_of
from streams.customs.events import SummaryFiled
from streams.customs.life_cycle import Kind
from streams.customs.policy import PlacementRules
from streams.customs.rules import OLDER_VERSION, Rule
from streams.customs.transfers import transfer_cases
from streams.engine.api import SourceRecord
from streams.processor.account_arrival import ELSEWHERE, unpack
from streams.processor.account_mover import Publish
from streams.processor.account_parts import Packer, Part
from streams.processor.books import StateBooks
from streams.processor.headers import Mark
from streams.processor.occasion import Occasion
from streams.processor.publish import Publisher
from streams.processor.reading import Reader, Reading
from streams.processor.record_outcomes import IGNORED, REKEYED, WAITING
from streams.processor.tables import ARRIVED, ENTRIES, HOLDERS
from streams.processor.turn import Turn
from streams.processor.waiting import WAIT_MS, admit, is_waited_for

CLAIMED: Final = "claimed"
GIVEN: Final = "given"
KEPT: Final = "kept"

Release = Callable[[str, Turn], None]


def title(entry: Entry) -> bytes:
    """Return by what an account has an entry: the rank of its version, and its importer, so that no two are equal."""
    return rank_of(entry) + entry.importer.encode()


class EntryClaims:
    """Judges claims in the partition of an entry number, and takes their steps in the accounts."""

    def __init__(
        self, reader: Reader, publisher: Publisher, partitions: int, *, publish: Publish, release: Release
    ) -> None:
        self._reader = reader
        self._publisher = publisher
        self._partitions = partitions
        self._publish = publish
        self._release = release

    # --- in the partition of the entry number ----------------------------------------------------------------

    def tell(  # noqa: PLR0913 - who has which entry, and how it comes
        self, number: str, holder: Holder, importer: str, turn: Turn, *, former: str = "", asks: bool = False
    ) -> bool:
        """Tell the partition of an entry number which account has the entry; return whether that is settled at once."""
        target = partition_for(number.encode(), self._partitions)
        if target == self._reader.home_of(former or holder.account):
            return self._judge(number, holder, former, turn, asks=asks)
        told = {
            "entry_number": number,
            "generation": holder.generation,
            "account_key": holder.account,
            "importer_of_record": importer,
            "rank": holder.rank.hex() or None,
            "former_account_key": former or None,
            "asks": asks or None,
        }
        self._publisher.entry_account(turn.out, told, target)
        return False

    def told(self, reading: Reading, turn: Turn) -> None:
        """Take in which account has an entry."""
        fields = reading.fields
        holder = Holder(reading.account, fields["generation"], _rank_in(fields))
        former = fields["former_account_key"] or ""
        if not self._judge(reading.entry_number, holder, former, turn, asks=bool(fields["asks"])) or not fields["asks"]:
            return
        self._say(GIVEN, reading.entry_number, holder, "", turn)

    def _judge(self, number: str, told: Holder, former: str, turn: Turn, *, asks: bool) -> bool:
        """Decide who has an entry; return whether the account that has told it may have it at once."""
        key = number.encode()
        known = turn.state.get(HOLDERS, key)
        if former:
            turn.state.put(HOLDERS, key, handed_on(known, told, former))
            self._release(number, turn)
            return True
        claim = claimed(known, told)
        if claim.holder != known:
            turn.state.put(HOLDERS, key, claim.holder)
        self._release(number, turn)
        if claim.holder.account == told.account:
            if claim.loser:
                self._say(CLAIMED, number, told._replace(account=claim.loser), told.account, turn, asks=asks)
            return not claim.loser
        kind = KEPT if asks else CLAIMED
        self._say(kind, number, claim.holder._replace(account=told.account), claim.holder.account, turn)
        return False

    def _say(  # noqa: PLR0913 - which step, for whom, and with what
        self,
        step: str,
        number: str,
        reader: Holder,
        other: str,
        turn: Turn,
        *,
        asks: bool = False,
        parts: Sequence[Part] = (),
    ) -> None:
        """Ask an account for a step; the rank is that of the version by which the entry is claimed or kept."""
        move = {
            "entry_number": number,
            "generation": reader.generation,
            "account_key": reader.account,
            "other_account_key": other,
            "decided_at": turn.now_ms,
            "step": step,
            "rank": reader.rank.hex(),
            "asks": asks or None,
            "parts": [part.as_fields() for part in parts],
        }
        self._publisher.entry_move(turn.out, move, self._reader.home_of(reader.account))

    # --- in an account, before an event is applied -----------------------------------------------------------

    def before(
        self, event: object, record: SourceRecord, reading: Reading, books: StateBooks, turn: Turn
    ) -> tuple[str, Rule | None]:
        """Return the outcome that keeps the first word on an entry from being applied now; empty if nothing does.

        To be called where the account knows no summary of the entry.
        """
        number, ledger = reading.entry_number, books.ledger()
        note = books.note(ELSEWHERE + number) if ledger is not None and ledger.shares else ""
        if not isinstance(event, SummaryFiled):
            return (REKEYED if self._sent_on(record, reading, note, turn) else ""), None
        if not note and event.kind is not Kind.REPLACED:
            return "", None
        if entry_number_fault(number) is not None:
            return "", None  # nobody has such an entry: the account refuses it
        own = rank(event.version, event.accepted_ms, event.event_id) + event.importer.encode()
        if note and own.hex() <= note.partition("|")[2]:
            return IGNORED, OLDER_VERSION
        entry = books.entry(number) or NEW
        holder = Holder(books.account, entry.generation, own)
        if self.tell(number, holder, event.importer, turn, asks=True):
            return "", None
        books.keep_entry(number, entry._replace(waiting=True))
        admit(turn.state, number, record, turn.until_ms or turn.now_ms + WAIT_MS)
        return WAITING, None

    def send_after(self, record: SourceRecord, reading: Reading, turn: Turn) -> bool:
        """Send an event about an entry that another account has now to that account."""
        number = reading.entry_number
        if not (reading.account and number):
            return False
        books = StateBooks(turn.state, reading.account)
        if not self._sent_on(record, reading, books.note(ELSEWHERE + number), turn):
            return False
        if not is_waited_for(turn.state, number):
            give_up_waiting(books, number)
        return True

    def _sent_on(self, record: SourceRecord, reading: Reading, note: str, turn: Turn) -> bool:
        account = note.partition("|")[0]
        if account:
            mark = Mark(account, reading.entry_number)
            self._publisher.send_on_to(turn.out, record, reading, mark, self._reader.home_of(account))
        return bool(account)

    # --- the steps in an account -----------------------------------------------------------------------------

    def step(self, record: SourceRecord, reading: Reading, rules: PlacementRules, turn: Turn) -> None:
        """Take one step of an entry's way."""
        books = StateBooks(turn.state, reading.account)
        work = AccountWork(books, rules, turn.now_ms)
        kind = reading.fields["step"]
        if kind == CLAIMED:
            self._give(work, record, reading, turn)
        elif kind == GIVEN:
            self._take(work, reading, turn)
        else:
            other: str = reading.fields["other_account_key"]
            self._remember(work, reading.entry_number, other, _rank_in(reading.fields))
        if work.moved:
            transfer_cases(work)
        occasion = Occasion(reading.cause, reading.account, turn.now_ms, rules, eastern_day_number(turn.now_ms))
        self._publish(work.out, occasion, books, turn)
        if kind != CLAIMED:
            drained = reading.entry_number if kind == GIVEN else ""
            self._release(reading.entry_number, Turn(turn.now_ms, turn.state, turn.out, drained=drained))
        if kind == KEPT and not is_waited_for(turn.state, reading.entry_number):
            give_up_waiting(books, reading.entry_number)
        if kind == GIVEN:
            work = AccountWork(books, rules, turn.now_ms)
            self._settle(work, reading.entry_number)
            self._publish(work.out, occasion, books, turn)

    def _give(self, work: AccountWork, record: SourceRecord, reading: Reading, turn: Turn) -> None:
        """Hand an entry over to the account that claims it, or say that this one has a later version."""
        number, fields, books = reading.entry_number, reading.fields, work.books
        claimant = Holder(fields["other_account_key"], fields["generation"], _rank_in(fields))
        entry = books.entry(number)
        if entry is None or not entry.version:
            self._pass_on(work, record, reading, claimant, turn)
            return
        own = title(entry)
        if own >= claimant.rank:
            self.tell(number, Holder(books.account, entry.generation, own), entry.importer, turn)
            if fields["asks"]:
                kept = claimant._replace(rank=own)
                self._say(KEPT, number, kept, books.account, turn)
            return
        if not fields["asks"]:
            entry = without_cases(work, number, entry)
        packer = Packer(turn.state, work, number, claimant.account, lambda _: "")
        parts = packer.entry(number, entry)
        self._remember(work, number, claimant.account, claimant.rank)
        look_again(work)
        self._say(GIVEN, number, claimant, books.account, turn, parts=parts)

    def _pass_on(self, work: AccountWork, record: SourceRecord, reading: Reading, claimant: Holder, turn: Turn) -> None:
        """Deal with a claim to an entry that is not here: it is on its way here, has gone on, or is not known."""
        number, asks = reading.entry_number, bool(reading.fields["asks"])
        entry = work.books.entry(number)
        holder = work.books.note(ELSEWHERE + number).partition("|")[0]
        if entry is not None and entry.waiting:
            admit(turn.state, number, record, turn.now_ms + WAIT_MS)
        elif holder and holder != claimant.account:
            self._say(CLAIMED, number, claimant._replace(account=holder), claimant.account, turn, asks=asks)
        elif asks:
            self._say(GIVEN, number, claimant, "", turn)

    def _take(self, work: AccountWork, reading: Reading, turn: Turn) -> None:
        """Take an entry in that another account had; one that is known here already takes over what CBP said of it."""
        number, books = reading.entry_number, work.books
        parts = [Part.from_fields(part) for part in reading.fields["parts"]]
        books.keep_note(ELSEWHERE + number, "")
        known = books.entry(number)
        if known is not None and known.version:
            for part in parts:
                if part.table == "e" and part.name == number:
                    with_facts_of(work, number, known, ENTRIES.load(part.value))
            return
        mark = Mark(books.account, number)
        parts = [_uncounted(part, number) for part in parts]  # it counts by the version that claims it
        unpack(turn.state, work, mark, reading.fields["other_account_key"], parts, lambda record, _: record)
        turn.state.delete(ARRIVED, f"{mark.account}/{number}/e{number}".encode())
        arrived = books.entry(number)
        if arrived is not None and known is not None:
            books.keep_entry(number, arrived._replace(waiting=known.waiting))

    def _settle(self, work: AccountWork, number: str) -> None:
        """Let what has come with an entry follow the importer, once the version that claims the entry is applied."""
        entry = work.books.entry(number)
        if entry is None or not entry.version:
            return
        if not entry.counted_day:  # the claiming version was refused after all
            work.books.keep_entry(number, work.recounted(entry, entry, state_of(entry)))
        settle(work, f"e{number}")
        if work.moved:
            transfer_cases(work)

    def _remember(self, work: AccountWork, number: str, account: str, by: bytes) -> None:
        """Remember who has an entry, by which version; accounts that have nothing of the kind never look for it."""
        work.books.keep_note(ELSEWHERE + number, f"{account}|{by.hex()}")
        work.keep(work.ledger()._replace(shares=True), ())


def _uncounted(part: Part, number: str) -> Part:
    """Return a part that counts nothing yet, where it is the entry itself."""
    if (part.table, part.name) != ("e", number):
        return part
    return part._replace(value=ENTRIES.dump(ENTRIES.load(part.value)._replace(counted_day=0)))


def _rank_in(fields: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(fields["rank"] or "")
