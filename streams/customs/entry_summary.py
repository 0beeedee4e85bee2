"""What is known of one entry, and the state that follows from it.

Everything is kept as registers that only move forward: the newest version, the latest rejection, the latest
word on who has control. The state is read from the registers. So the same events lead to the same state in
whatever order, and however often, they arrive; `life_cycle.TRANSITIONS` says which of them are in order.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Final, NamedTuple

from streams.customs.clock_marks import Marks
from streams.customs.facts_known import Fact, Facts, known, replaced_fact
from streams.customs.life_cycle import FINAL, TRANSITIONS, Kind, State
from streams.customs.replacing import replacing
from streams.customs.rules import BROKEN_RULES, OUT_OF_ORDER, Rule
from streams.customs.tariff import Day
from streams.customs.tariff_mix import Contribution


class Entry(NamedTuple):
    """The registers of one entry in one generation.

    Instants are milliseconds since the epoch, days are numbers since 1970-01-01; 0 means never or not known.
    """

    generation: int = 0
    importer: str = ""
    ports: tuple[str, ...] = ()
    """Port of entry first, then ports of unlading and examination."""
    entry_type: str = ""
    version: str = ""
    """Five digits; empty as long as no summary is known."""
    accepted_ms: int = 0
    version_event: bytes = b""
    """Event that brought the version, as the 16 bytes of its UUID."""
    corrected: bool = False
    called_for: int = 0
    """Work types that the current version calls for by its content, as bits."""
    asked: int = 0
    """Work types that CBP's notices called for, as bits; they stay wanted until the entry ends."""
    asked_day: Day = 0
    """Date of the latest notice that asks for documents."""
    import_day: Day = 0
    summary_day: Day = 0
    """Entry date as far as the summary tells it: its entry date, else release, else estimated date, else acceptance."""
    set_day: Day = 0
    set_ms: int = 0
    filed_ms: int = 0
    """Time of entry."""
    rejected_ms: int = 0
    ended_ms: int = 0
    cancelled: bool = False
    """How the entry ended at `ended_ms`: cancelled, else inactivated."""
    deleted_ms: int = 0
    control_ms: int = 0
    cbp_control: bool = False
    paid_day: Day = 0
    paid_ms: int = 0
    scheduled_day: Day = 0
    scheduled_ms: int = 0
    liquidated_day: Day = 0
    liquidated_ms: int = 0
    reliquidated_day: Day = 0
    reliquidated_ms: int = 0
    noticed: tuple[int, ...] = ()
    """Per work type that notices called for: its number, the latest instant, how many; repeats are told by it."""
    counted: Contribution = ()
    """What the current version counts in the mix of `counted_day`; exactly this is retracted later."""
    counted_day: Day = 0
    """Entry day on which the summary counts in the importer's mix; 0 while it does not count."""
    open_cases: int = 0
    """Work types with an open case, as bits."""
    closed_cases: tuple[int, ...] = ()
    """Work types whose case was closed, with its last sequence and assignment: three numbers each."""
    told: int = 0
    """Desks to which the current version's snapshot went, as bits."""
    waiting: bool = False
    """Events that came before the summary wait for it."""
    done: int = 0
    """Work types that a Center has closed, as bits: they are wanted again only when something new calls for them."""
    facts: Facts = ()
    """Rarer facts: extension, suspension, answers ..."""
    marks: Marks = ()
    """What the clocks of the entry have brought about so far."""
    due_on: Day = 0
    """Day under which the entry is listed among those whose clocks have to be looked at; 0 if it is not."""
    named: str = ""
    """Account after which its cases are named; empty where that is the account that has it."""


NEW: Final = Entry()


def state_of(entry: Entry) -> State:
    """Return the state that the registers add up to."""
    if not entry.version:
        return State.EXPECTED
    since = entry.accepted_ms
    if entry.ended_ms >= since:
        return _ended(entry)
    if entry.rejected_ms >= since or entry.deleted_ms >= since:
        return _sent_back(entry)
    if entry.reliquidated_ms:
        return State.RELIQUIDATED
    if entry.liquidated_ms:
        return State.LIQUIDATED
    return _under_review(entry)


def _ended(entry: Entry) -> State:
    """Read how a summary ended; one that had been liquidated before did not, for that is final."""
    if 0 < (entry.liquidated_ms or entry.reliquidated_ms) < entry.ended_ms:
        state = state_of(entry._replace(ended_ms=0))
        if state in FINAL:
            return state
    return State.CANCELLED if entry.cancelled else State.INACTIVE


def _sent_back(entry: Entry) -> State:
    """Read rejection, deletion and liquidation that follow one version: the first one that is possible stands."""
    found = [(entry.rejected_ms, State.REJECTED)] if entry.rejected_ms >= entry.accepted_ms else []
    if entry.deleted_ms >= entry.accepted_ms and _deletable(entry, entry.deleted_ms):
        found.append((entry.deleted_ms, State.DELETED))
    if entry.reliquidated_ms or entry.liquidated_ms:
        final = State.RELIQUIDATED if entry.reliquidated_ms else State.LIQUIDATED
        found.append((entry.liquidated_ms or entry.reliquidated_ms, final))
    return min(found)[1] if found else _under_review(entry)


def _deletable(entry: Entry, at_ms: int) -> bool:
    return not entry.corrected and not _held_by_cbp(entry, at_ms)


def _held_by_cbp(entry: Entry, at_ms: int) -> bool:
    """Tell whether CBP had control at an instant, by the latest word on it that is known from before."""
    since_ms, held = entry.control_ms, entry.cbp_control
    if since_ms > at_ms:
        taken, since_ms = known(entry.facts, Fact.CONTROL_BEFORE)
        held = bool(taken) and since_ms <= at_ms
    return held and not _given_back(entry, since_ms)


def _given_back(entry: Entry, control_ms: int) -> bool:
    """Tell whether control was the filer's again after CBP took it: a version follows a rejection."""
    return control_ms < entry.rejected_ms < entry.accepted_ms


def _under_review(entry: Entry) -> State:
    if entry.corrected:
        return State.CORRECTED
    if entry.cbp_control and not _given_back(entry, entry.control_ms):
        return State.CBP_CONTROL
    return State.TRADE_CONTROL


def entry_day(entry: Entry) -> Day:
    """Return the date of entry as known now: what CBP said last, else what the summary tells."""
    return entry.set_day or entry.summary_day


def broken_rule(entry: Entry, state: State, kind: Kind, at_ms: int) -> Rule | None:
    """Return the rule that an event breaks in the present state, or None where it is in order.

    An event that happened before the present state began, and only arrives late, breaks nothing.
    """
    if (state, kind) in TRANSITIONS or at_ms < _entered_ms(entry, state):
        return None
    return BROKEN_RULES.get((state, kind), OUT_OF_ORDER)


def _entered_ms(entry: Entry, state: State) -> int:
    entered_ms: int = _ENTERED.get(state, _ACCEPTED)(entry)
    return entered_ms


_ACCEPTED: Final = attrgetter("accepted_ms")
_ENTERED: Final[Mapping[State, Callable[[Entry], int]]] = {
    State.CBP_CONTROL: attrgetter("control_ms"),
    State.REJECTED: attrgetter("rejected_ms"),
    State.INACTIVE: attrgetter("ended_ms"),
    State.CANCELLED: attrgetter("ended_ms"),
    State.DELETED: attrgetter("deleted_ms"),
    State.LIQUIDATED: attrgetter("liquidated_ms"),
    State.RELIQUIDATED: attrgetter("reliquidated_ms"),
}
"""The instant at which a state began; the others begin with the acceptance of the version."""


def noted(entry: Entry, kind: Kind, at_ms: int, day: Day) -> Entry:
    """Return the entry with one more fact in its register; the same object if the fact tells nothing new.

    Of two facts at one instant the one with the later day stays, so that their order does not matter.
    """
    dated = _DATED.get(kind)
    if dated is None:
        return _otherwise_noted(entry, kind, at_ms)
    at, with_fact = dated
    if (at_ms, day) <= (entry[at + 1], entry[at]):
        return entry
    return with_fact(entry, day, at_ms)


def _dated(fact: str) -> tuple[int, Callable[..., Entry]]:
    """Return where the registers of a dated fact are, the day and after it the instant, and what sets both."""
    return Entry._fields.index(f"{fact}_day"), replacing(Entry, f"{fact}_day", f"{fact}_ms")


_DATED: Final[Mapping[Kind, tuple[int, Callable[..., Entry]]]] = {
    Kind.PAID: _dated("paid"),
    Kind.SCHEDULED: _dated("scheduled"),
    Kind.DATE_SET: _dated("set"),
    Kind.LIQUIDATED: _dated("liquidated"),
    Kind.RELIQUIDATED: _dated("reliquidated"),
}

_with_control: Final = replacing(Entry, "control_ms", "cbp_control")
_with_filing: Final = replacing(Entry, "filed_ms")


def _otherwise_noted(entry: Entry, kind: Kind, at_ms: int) -> Entry:
    match kind:
        case Kind.CONTROL_CBP | Kind.CONTROL_TRADE:
            return _with_word_on_control(entry, at_ms, takes=kind is Kind.CONTROL_CBP)
        case Kind.REJECTED if at_ms > entry.rejected_ms:
            return entry._replace(rejected_ms=at_ms)
        case Kind.DELETED | Kind.REPLACE_FAILED if at_ms > entry.deleted_ms:
            return entry._replace(deleted_ms=at_ms)
        case Kind.INACTIVATED | Kind.CANCELLED:
            cancels = kind is Kind.CANCELLED
            if (at_ms, cancels) > (entry.ended_ms, entry.cancelled):
                return entry._replace(ended_ms=at_ms, cancelled=cancels)
        case Kind.FILED if not entry.filed_ms or at_ms < entry.filed_ms:
            return _with_filing(entry, at_ms)
    return entry


def _with_word_on_control(entry: Entry, at_ms: int, *, takes: bool) -> Entry:
    """Return the entry with one more word on who has control.

    The latest one says who has it now. Of the others one is kept that says who had it when a replacement failed: the
    latest before that, else the latest.
    """
    word, latest = (at_ms, takes), (entry.control_ms, entry.cbp_control)
    if not entry.control_ms:
        return _with_control(entry, at_ms, takes)
    taken, taken_ms = known(entry.facts, Fact.CONTROL_BEFORE)
    before = {one for one in (word, latest, (taken_ms, bool(taken))) if one[0]} - {max(word, latest)}
    kept_ms, kept = max(before, key=lambda one: (one[0] <= entry.deleted_ms, one), default=(0, False))
    facts = replaced_fact(entry.facts, Fact.CONTROL_BEFORE, int(kept), kept_ms) if before else entry.facts
    if facts == entry.facts:
        return entry if word <= latest else _with_control(entry, at_ms, takes)
    now_ms, held = max(word, latest)
    return entry._replace(control_ms=now_ms, cbp_control=held, facts=facts)
