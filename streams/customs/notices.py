"""Taking notices: what CBP tells a filer about a summary, and what a port tells of cargo in its own hands."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.calendar import eastern_day_number
from streams.customs.cases import ELSEWHERE, Case, case_id
from streams.customs.casework import Reason
from streams.customs.corrections import CorrectionUndone, undo_correction
from streams.customs.entry_summary import Entry, state_of
from streams.customs.events import EntryNoted, Envelope, PortNoticed, StatusNotified
from streams.customs.facts import note, summarised
from streams.customs.facts_known import Fact
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import FactNoted, note_fact
from streams.customs.matter_clerk import Brief, MatterClerk
from streams.customs.outcomes import Ignored, NotActed, Outcome, Refused, WorkItem
from streams.customs.work import Action, Role
from streams.customs.work_types import (
    AD_CVD_REVIEW,
    APPRAISEMENT_DECISION,
    CARGO_RELEASE,
    CLASSIFICATION_DECISION,
    DOCUMENTS_REQUIRED,
    EXPORT_CONTROL,
    QUOTA,
    SAMPLING,
    SEIZURE,
    TEMPORARY_IMPORTATION,
    WorkType,
)

_LIFE_CYCLE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "4": Kind.REJECTED,
        "5": Kind.INACTIVATED,
        "6": Kind.CANCELLED,
    }
)
"""Dispositions that tell of a change in the life of the summary itself."""

_ENDS: Final = frozenset({Kind.INACTIVATED, Kind.CANCELLED})

_ASKS_FOR: Final[Mapping[str, WorkType]] = MappingProxyType(
    {
        "1": DOCUMENTS_REQUIRED,
        "2": DOCUMENTS_REQUIRED,
        "3": DOCUMENTS_REQUIRED,
        "Q": QUOTA,
    }
)
"""Dispositions that call for work: invoice, package or named documents asked for; quota."""

_REVERTED: Final = "R"
"""Disposition that takes a correction back."""

_FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {"E": Fact.EXTENSION_DENIED, "8": Fact.CORRECTED_BY_ANOTHER},
)
"""Dispositions that are facts of the entry: an extension of a temporary importation is denied; a correction came from
another filer than the summary."""

_CALLS_FOR: Final[Mapping[str, WorkType]] = MappingProxyType({"010": AD_CVD_REVIEW})
"""Reasons that call for work on the summary: antidumping or countervailing duty."""

_QUESTIONED: Final[Mapping[str, WorkType]] = MappingProxyType(
    {"003": CLASSIFICATION_DECISION, "005": APPRAISEMENT_DECISION}
)
"""Reasons that question lines of a summary: tariff number, value."""

_OWNED_BY_PORT: Final[Mapping[str, WorkType]] = MappingProxyType(
    {
        "release": CARGO_RELEASE,
        "examination": CARGO_RELEASE,
        "export": EXPORT_CONTROL,
        "seizure": SEIZURE,
    }
)
PORT_NOTICES: Final = ("sampling", *_OWNED_BY_PORT)

_EXAMINED: Final = CARGO_RELEASE.number + 128
"""Under which number examinations are noticed: an examination and a release may be told in either order."""


def take_status(work: AccountWork, event: StatusNotified) -> None:
    """Take a status notification: what its disposition says of the summary, and the work that its reason calls for.

    Of a repeat nothing is left, of one of the two the other one stands; what is refused by its disposition calls for
    nothing.
    """
    taken = [take for take in (_taken_by_disposition(event), _taken_by_reason(event)) if take is not None]
    if not taken:
        work.out.append(NotActed())
        return
    if summarised(work, event.entry_number) is None:
        return
    for take in taken:
        take(work, event)
        if work.out and isinstance(work.out[0], Refused):
            return
    work.out = [answer for answer in work.out if not _is_repeat(answer)] or work.out[:1]


_Take = Callable[[AccountWork, StatusNotified], None]


def _taken_by_disposition(event: StatusNotified) -> _Take | None:
    disposition = event.disposition
    if disposition in _LIFE_CYCLE:
        return _change_life
    if disposition in _FACTS:
        return _note_fact
    if disposition == _REVERTED:
        return _revert
    return partial(_ask, asked=_ASKS_FOR[disposition]) if disposition in _ASKS_FOR else None


def _taken_by_reason(event: StatusNotified) -> _Take | None:
    """Return what the reason calls for, whatever the disposition; nothing where that ends the summary."""
    reason = event.reason
    if _LIFE_CYCLE.get(event.disposition) in _ENDS:
        return None
    if reason in _QUESTIONED:
        return partial(_question, work_type=_QUESTIONED[reason])
    return partial(_ask, asked=_CALLS_FOR[reason]) if reason in _CALLS_FOR else None


def _is_repeat(answer: Outcome) -> bool:
    return isinstance(answer, Ignored) and answer.rule is None


def _change_life(work: AccountWork, event: StatusNotified) -> None:
    kind = _LIFE_CYCLE[event.disposition]
    note(work, EntryNoted(event.cause, kind, event.entry_number, event.day))


def _revert(work: AccountWork, event: StatusNotified) -> None:
    number, day = event.entry_number, event.day
    undo_correction(work, CorrectionUndone(event.cause, Fact.PSC_REVERTED, number, day, _rule_of(event), ""))


def _note_fact(work: AccountWork, event: StatusNotified) -> None:
    fact = _FACTS[event.disposition]
    note_fact(work, FactNoted(event.cause, fact, event.entry_number, event.day, _rule_of(event)))


def _rule_of(event: StatusNotified) -> str:
    return f"status_notification/{event.disposition}"


def _ask(work: AccountWork, event: StatusNotified, asked: WorkType) -> None:
    """Open the case that a notice calls for, or tell the open one that it was asked for again."""
    entry = _known(work, event)
    after = _noticed(entry, asked.number, event.cause.at_ms)
    if after is entry:
        work.out.append(Ignored(None, event.entry_number))
        return
    after = after._replace(asked=after.asked | asked.bit, done=after.done & ~asked.bit)
    if asked is DOCUMENTS_REQUIRED:
        after = after._replace(asked_day=event.day)
    number, reason = event.entry_number, Reason(_rule_of(event), asked.bit, work.now_ms)
    work.books.keep_entry(number, work.settled(number, after, state_of(after), reason))


def _question(work: AccountWork, event: StatusNotified, work_type: WorkType) -> None:
    """Open the case of a question about an entry's lines, or tell the open one that it was asked again."""
    number = event.entry_number
    entry = _known(work, event)
    after = _noticed(entry, work_type.number, event.cause.at_ms)
    if after is entry:
        work.out.append(Ignored(None, number))
        return
    work.books.keep_entry(number, after)
    _tell_matter(work, event.cause, number, after, work_type)


def _known(work: AccountWork, event: StatusNotified) -> Entry:
    """Return the entry as its disposition has left it."""
    entry = work.books.entry(event.entry_number)
    assert entry is not None, "the summary is known"
    return entry


def _tell_matter(work: AccountWork, cause: Envelope, number: str, entry: Entry, work_type: WorkType) -> None:
    """Open the matter of a work type and an entry, or update the open one; a closed one is followed by another."""
    clerk = MatterClerk(work)
    stem = f"{number}/{entry.generation}"
    found = clerk.find(work_type, work.books.note(f"asked/{work_type.number}/{stem}") or stem, entry.importer)
    rule = work_type.name
    if found is not None:
        clerk.tell(*found, Action.UPDATED, rule)
        return
    reference = f"{stem}/{cause.event_id}"
    work.books.keep_note(f"asked/{work_type.number}/{stem}", reference)
    importers = (entry.importer,) if entry.importer else ()
    clerk.open(work_type, Brief(reference, importers, entry.ports[:1], ((number, entry.generation),)), rule)


def take_port_notice(work: AccountWork, event: PortNoticed) -> None:
    """Take a port's notice: cargo, export and seizure stay with the port and never reach a Center."""
    work_type = _OWNED_BY_PORT.get(event.kind, SAMPLING)
    number = event.entry_number
    entry = work.entry(number)
    if entry is None:
        return
    after = _noticed(entry, _EXAMINED if event.kind == "examination" else work_type.number, event.cause.at_ms)
    if after is entry:
        work.out.append(Ignored(None, number))
        return
    if not after.ports:
        after = after._replace(importer=event.importer, ports=(event.port,))
    work.books.keep_entry(number, after)
    if work_type is SAMPLING:
        _tell_matter(work, event.cause, number, after, work_type)
        return
    work.out.append(_of_the_port(work, event, after, work_type))
    if event.kind == "export" and after.called_for & TEMPORARY_IMPORTATION.bit:
        day = eastern_day_number(event.cause.at_ms)
        exported = FactNoted(event.cause, Fact.EXPORTED, number, day, "port_notice/export")
        note_fact(work, exported)


def _of_the_port(work: AccountWork, event: PortNoticed, entry: Entry, work_type: WorkType) -> WorkItem:
    """Return the port's own piece of work; such cases are not kept: ports close them in their own systems."""
    numbers = (work_type.number, _EXAMINED) if work_type is CARGO_RELEASE else (work_type.number,)
    seen = entry.noticed
    sequence = sum(seen[at + 2] for at in range(0, len(seen), 3) if seen[at] in numbers)
    name = case_id(entry.named or work.books.account, event.entry_number, entry.generation, work_type)
    case = Case(
        work_type.number,
        event.entry_number,
        entry.generation,
        ELSEWHERE,
        1,
        sequence,
        taken=False,
        opened_ms=work.now_ms,
    )
    action = Action.OPENED if sequence == 1 else Action.UPDATED
    party = f"port:{event.port}"
    return WorkItem(
        ELSEWHERE, action, name, case, event.entry_number, entry, Role.OWNER, party, f"port_notice/{event.kind}"
    )


def _noticed(entry: Entry, number: int, at_ms: int) -> Entry:
    """Return the entry with one more notice of a work type; the same object where it is not newer than the last."""
    seen = entry.noticed
    for at in range(0, len(seen), 3):
        if seen[at] == number:
            if at_ms <= seen[at + 1]:
                return entry
            return entry._replace(noticed=(*seen[:at], number, at_ms, seen[at + 2] + 1, *seen[at + 3 :]))
    return entry._replace(noticed=(*seen, number, at_ms, 1))
