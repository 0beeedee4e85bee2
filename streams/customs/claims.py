"""Claims, declarations and petitions of the trade: each is a case with its window and its owners."""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.calendar import EPOCH, add_years
from streams.customs.clocks import date_of
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.facts_known import Fact, day_of
from streams.customs.filing_rules import (
    CASE_HOLDS_AT_MOST,
    IMPORTATION_EXTENDED,
    OPEN_PETITION,
    OWNER_IN_TIME,
    OWNER_OF_ENTRY,
    PETITION_IN_TIME,
    PREFERENCE_DATED,
    PREFERENCE_IN_TIME,
)
from streams.customs.inquiry import desk_for_goods
from streams.customs.liquidation import FactNoted, note_fact
from streams.customs.matter_clerk import Brief, MatterClerk, ended_case
from streams.customs.matters import (
    MOST_ENTRIES,
    Matter,
    Running,
    closes_after,
    has_room,
    matter_id,
    merged,
    running,
    without_clocks,
)
from streams.customs.notice_cases import known_entries
from streams.customs.notice_periods import (
    DAMAGES_PETITION,
    OWNER_DECLARATION_FILING,
    PENALTY_PETITION,
    PREFERENCE_REFUND,
    SEIZURE_PETITION,
)
from streams.customs.outcomes import Ignored, Refused
from streams.customs.protest_changes import Verdict, conclude
from streams.customs.rules import Rule
from streams.customs.tariff import Day
from streams.customs.trade_events import ClaimFiled, PetitionDecided, PetitionFiled
from streams.customs.work import Action
from streams.customs.work_types import (
    DOMESTIC_PARTY,
    LIQUIDATED_DAMAGES,
    OWNER_DECLARATION,
    PENALTY,
    PREFERENCE_CLAIM,
    PRIOR_DISCLOSURE,
    WorkType,
)

_CLAIMS: Final = {
    "preference_refund": PREFERENCE_CLAIM,
    "owner_declaration": OWNER_DECLARATION,
    "prior_disclosure": PRIOR_DISCLOSURE,
    "domestic_party": DOMESTIC_PARTY,
}
_PETITIONS: Final = {
    "penalty": (PENALTY, PENALTY_PETITION),
    "liquidated_damages": (LIQUIDATED_DAMAGES, DAMAGES_PETITION),
}
_OF_PETITIONS: Final = (PENALTY_PETITION, SEIZURE_PETITION, DAMAGES_PETITION)
_LONGEST_IMPORTATION_YEARS: Final = 3


def file_claim(work: AccountWork, event: ClaimFiled) -> None:
    """Take a claim or declaration, or say why it comes too late."""
    if event.kind == "tib_extension":
        _extend_importation(work, event)
        return
    work_type = _CLAIMS[event.kind]
    case_id = matter_id(work.books.account, work_type, event.number, event.importer)
    if work.books.matter(case_id) is not None or ended_case(work, case_id) is not None:
        work.out.append(Ignored(None, ""))
        return
    rule, clocks = _window(work, event, work_type)
    if len(event.entries) > MOST_ENTRIES:
        rule = CASE_HOLDS_AT_MOST
    if rule is not None:
        work.out.append(Refused(rule, event.entries[0] if event.entries else ""))
        return
    entries, ports = known_entries(work, event.entries)
    importers = (event.importer,) if event.importer else ()
    source = (event.cause.source,) if event.cause.source.isdigit() else ()
    brief = Brief(event.number, importers, ports or source, entries, heading=event.htsus[:4], clocks=clocks)
    desk = None if event.importer else desk_for_goods(work, event.htsus, "")
    MatterClerk(work).open(work_type, brief, f"claim_filed/{event.kind}", desk)
    if work_type is PRIOR_DISCLOSURE:
        work.books.keep_note("disclosure", case_id)


def _window(work: AccountWork, event: ClaimFiled, work_type: WorkType) -> tuple[Rule | None, tuple[Running, ...]]:
    """Return the rule by which a claim comes too late, or the clock of its window."""
    first = work.books.entry(event.entries[0]) if event.entries else None
    entry = first or Entry()
    if work_type is PREFERENCE_CLAIM:
        imported = event.import_day or entry.import_day or entry_day(entry)
        return _in_time(running(PREFERENCE_REFUND, imported), event.filed_day, PREFERENCE_DATED, PREFERENCE_IN_TIME)
    if work_type is OWNER_DECLARATION:
        window = running(OWNER_DECLARATION_FILING, entry_day(entry))
        return _in_time(window, event.filed_day, OWNER_OF_ENTRY, OWNER_IN_TIME)
    return None, ()


def _in_time(window: Running, day: Day, undated: Rule, late: Rule) -> tuple[Rule | None, tuple[Running, ...]]:
    if not window.started_on:
        return undated, ()
    return (late if day > closes_after(window) else None), (window,)


def _extend_importation(work: AccountWork, event: ClaimFiled) -> None:
    """Extend a temporary importation by a year, to three in all."""
    number = event.entries[0] if event.entries else ""
    entry = work.books.entry(number) if number else None
    if entry is None:
        work.out.append(Refused(OWNER_OF_ENTRY, number))
        return
    imported = entry.import_day or entry_day(entry)
    until = day_of(entry.facts, Fact.IMPORTATION_EXTENDED) or _years_after(imported, 1)
    extended = _years_after(imported, 1 + _times_extended(imported, until))
    if extended > _years_after(imported, _LONGEST_IMPORTATION_YEARS):
        work.out.append(Refused(IMPORTATION_EXTENDED, number))
        return
    note_fact(work, FactNoted(event.cause, Fact.IMPORTATION_EXTENDED, number, extended, "claim_filed/tib_extension"))


def _times_extended(imported: Day, until: Day) -> int:
    return next(years for years in range(1, 5) if _years_after(imported, years) >= until)


def _years_after(day: Day, years: int) -> Day:
    return (add_years(date_of(day), years) - EPOCH).days


def file_petition(work: AccountWork, event: PetitionFiled) -> None:
    """Take a petition: it goes to both owners, on the case of its notice or on one of its own."""
    name = f"petition/{event.number}"
    if work.books.note(name):
        work.out.append(Ignored(None, ""))
        return
    if len(event.entries) > MOST_ENTRIES:
        work.out.append(Refused(CASE_HOLDS_AT_MOST, ""))
        return
    work_type, period = _PETITIONS[event.kind]
    case_id = work.books.note(f"notice/{event.kind}/{event.notice_id}") if event.notice_id else ""
    matter = work.books.matter(case_id) if case_id else None
    if matter is None:
        entries, ports = known_entries(work, event.entries)
        port = (event.port,) if event.port else ()
        brief = Brief(event.number, (event.importer,), merged(port, ports), entries)
        case_id = MatterClerk(work).open(work_type, brief, "petition_filed")
    elif any(one.period == period.number and event.filed_day > closes_after(one) for one in matter.clocks):
        work.out.append(Refused(PETITION_IN_TIME, ""))
        return
    elif not has_room(matter, 0):
        work.out.append(Refused(CASE_HOLDS_AT_MOST, ""))
        return
    else:
        MatterClerk(work).tell(case_id, _with_petition(matter, event), Action.UPDATED, "petition_filed")
    work.books.keep_note(name, f"{case_id}|{event.cause.event_id}")


def _with_petition(matter: Matter, event: PetitionFiled) -> Matter:
    """Return the case of a notice with its petition: the time to petition has been used."""
    stopped = without_clocks(matter, *_OF_PETITIONS)
    return stopped._replace(references=merged(matter.references, (event.number,)))


def decide_petition(work: AccountWork, event: PetitionDecided) -> None:
    """Take a port's decision on a petition: the importer is answered once, and the case is closed."""
    case_id = work.books.note(f"petition/{event.number}").partition("|")[0]
    matter = work.books.matter(case_id) if case_id else None
    if matter is None:
        ended = ended_case(work, case_id) if case_id else None
        repeats = ended is not None and ended.event_id == event.cause.event_id
        work.out.append(Ignored(None, "") if repeats else Refused(OPEN_PETITION, ""))
        return
    verdict = Verdict(event.cause.event_id, 0, event.decision, event.day, event.text)
    conclude(work, case_id, matter, verdict, "petition_decided")
