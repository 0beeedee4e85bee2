"""Protests as filed: which entries a protest covers, whether it joins an earlier one, and its one case."""

from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.clock_marks import Stage, mark_of
from streams.customs.entry_number import entry_number_fault
from streams.customs.entry_periods import DEEMED_LIQUIDATION, EXTENSION_LIMIT, SUSPENSION_REMOVED
from streams.customs.entry_summary import Entry
from streams.customs.facts import wait
from streams.customs.matter_clerk import Brief, MatterClerk
from streams.customs.matters import MOST_ENTRIES, Matter, closes_after, has_room, matter_id, merged, running
from streams.customs.outcomes import Ignored, Refused, Resulted
from streams.customs.protest_periods import (
    ACCELERATED_DECISION,
    EXCLUSION_DECISION,
    FURTHER_REVIEW_ANSWER,
    PROTEST_DECISION,
    PROTEST_FILING,
)
from streams.customs.protest_rules import (
    COVERS_ENTRIES,
    DATED_DECISION,
    LIQUIDATION_KNOWN,
    MOST_ENTRIES_RULE,
    NOT_BEFORE,
    NUMBER_USED,
    ONE_PER_CATEGORY,
    ONLY_TOUCHED_ISSUES,
    WITHIN_180_DAYS,
)
from streams.customs.rules import Rule
from streams.customs.tariff import Day
from streams.customs.trade_events import ProtestedEntry, ProtestFiled
from streams.customs.work import Action
from streams.customs.work_types import FURTHER_REVIEW, PROTEST, PROTEST_ACCELERATED, PROTEST_EXCLUSION

MERGED_WITHIN_DAYS: Final = 30
"""A protest joins a leading one that is at most so many days older: endless merging would postpone the decision."""

ACCELERATED: Final = "accelerated"
REVIEWED_FURTHER: Final = "further_review"

AGAINST_LIQUIDATION: Final = frozenset({"liquidation", "reliquidation"})
_DEEMED: Final = (DEEMED_LIQUIDATION, EXTENSION_LIMIT, SUSPENSION_REMOVED)


class Filing(NamedTuple):
    """By which each entry of a protest is judged, at first and when it is added later."""

    number: str
    filed_day: Day
    against: str
    decision_day: Day
    issue: str
    category: str
    is_surety: bool


def file_protest(work: AccountWork, event: ProtestFiled) -> None:
    """Take a protest: entries that fail are refused one by one, the others become one case or join one."""
    known = work.books.note(protest_name(event.number))
    if known:
        same = known.endswith(event.cause.event_id)
        work.out.append(Ignored(None, "") if same else Refused(NUMBER_USED, ""))
        return
    filing = filing_of(event)
    if event.against in AGAINST_LIQUIDATION and not event.entries:
        work.out.append(Refused(COVERS_ENTRIES, ""))
        return
    unknown = _awaited(work, event)
    if unknown:
        wait(work, unknown, work.books.entry(unknown) or Entry())
        return
    taken, refused = sift(work, filing, event.entries)
    if event.entries and not taken:
        work.out.append(Refused(refused[0][1], refused[0][0].entry_number))
    case_id = "" if event.entries and not taken else _take(work, event, taken)
    refuse_entries(work, case_id or matter_id("", PROTEST, event.number, event.importer), event.number, refused)
    if case_id:
        work.books.keep_note(protest_name(event.number), f"{case_id}|{event.cause.event_id}")
        remember_protested(work, filing, taken)


def protest_name(number: str) -> str:
    """Return the name by which the case of a protest is found."""
    return f"protest/{number}"


def protested_name(entry_number: str, generation: int, category: str) -> str:
    """Return the name by which the protest of an entry is found."""
    return f"protested/{entry_number}/{generation}/{category}"


def filing_of(event: ProtestFiled) -> Filing:
    """Return what the entries of a protest are judged by."""
    surety = event.role == "surety"
    return Filing(event.number, event.filed_day, event.against, event.decision_day, event.issue, event.category, surety)


def _awaited(work: AccountWork, event: ProtestFiled) -> str:
    """Return an entry whose liquidation is not known yet although the protest dates it; empty if there is none."""
    if work.waited or event.against not in AGAINST_LIQUIDATION:
        return ""
    for listed in event.entries:
        number = listed.entry_number
        if listed.liquidation_day and entry_number_fault(number) is None:
            entry = work.books.entry(number)
            if entry is None or not liquidation_day(entry, event.against):
                return number
    return ""


def sift(
    work: AccountWork, filing: Filing, entries: tuple[ProtestedEntry, ...], room: int = MOST_ENTRIES
) -> tuple[list[tuple[ProtestedEntry, int]], list[tuple[ProtestedEntry, Rule]]]:
    """Return the entries that a protest covers, with their generations, and those that fail, with the broken rule.

    There is room for so many.
    """
    taken: dict[str, tuple[ProtestedEntry, int]] = {}
    refused = []
    for listed in entries:
        entry = work.books.entry(listed.entry_number) or Entry()
        if listed.entry_number in taken:
            continue
        listed = listed._replace(port=listed.port or (entry.ports[0] if entry.ports else ""))  # noqa: PLW2901 - filled in
        rule = MOST_ENTRIES_RULE if len(taken) >= room else _broken_rule(work, filing, listed, entry)
        if rule is None:
            taken[listed.entry_number] = (listed, entry.generation)
        else:
            refused.append((listed, rule))
    return list(taken.values()), refused


def _broken_rule(work: AccountWork, filing: Filing, listed: ProtestedEntry, entry: Entry) -> Rule | None:
    """Return the rule that protesting an entry breaks, or None."""
    began = liquidation_day(entry, filing.against) if filing.against in AGAINST_LIQUIDATION else filing.decision_day
    if filing.against in AGAINST_LIQUIDATION and not began:
        return LIQUIDATION_KNOWN
    if filing.is_surety and filing.decision_day:
        began = filing.decision_day
    if not began:
        return DATED_DECISION
    if filing.filed_day < began:
        return NOT_BEFORE
    if filing.filed_day > closes_after(running(PROTEST_FILING, began)):
        return WITHIN_180_DAYS
    if filing.against == "reliquidation" and not _is_touched(work, listed.entry_number, filing.issue):
        return ONLY_TOUCHED_ISSUES
    name = protested_name(listed.entry_number, entry.generation, filing.category)
    return ONE_PER_CATEGORY if work.books.note(name) else None


def _is_touched(work: AccountWork, number: str, issue: str) -> bool:
    """Tell whether a reliquidation touched an issue; one that named none touched all."""
    touched = work.books.note(f"reliquidated/{number}")
    return not touched or issue in touched.split(",")


def liquidation_day(entry: Entry, against: str = "liquidation") -> Day:
    """Return the day of the liquidation (or reliquidation) of an entry, by CBP or by law; 0 if there is none."""
    if against == "reliquidation":
        return entry.reliquidated_day
    latest = entry.reliquidated_day or entry.liquidated_day
    if latest or not entry.marks:
        return latest
    for period in _DEEMED:
        mark = mark_of(entry.marks, period.number)
        if mark.stage is Stage.FINAL:
            return mark.closes_after
    return 0


def _take(work: AccountWork, event: ProtestFiled, taken: list[tuple[ProtestedEntry, int]]) -> str:
    """Let a protest join the leading one, or open its case; return the name of the case."""
    leading = _leading(work, event, len(taken))
    clerk = MatterClerk(work)
    if leading is not None:
        case_id, matter = leading
        clerk.tell(case_id, _joined(matter, event, taken), Action.UPDATED, "protest.merged")
        return case_id
    is_exclusion = event.against == "exclusion"
    work_type = PROTEST_EXCLUSION if is_exclusion else PROTEST
    stands = tuple(
        name
        for name, asked in ((ACCELERATED, event.accelerated), (REVIEWED_FURTHER, event.further_review))
        if asked and not is_exclusion
    )
    period = EXCLUSION_DECISION if is_exclusion else PROTEST_DECISION
    brief = Brief(
        reference=event.number,
        importers=(event.importer,),
        ports=_ports(taken) or _port_of_source(event),
        entries=tuple((listed.entry_number, generation) for listed, generation in taken),
        issue=event.issue,
        heading=event.category,
        clocks=(running(period, event.filed_day),),
        terms=(event.protestant, event.protest_type, event.against, str(_counts_from(event))),
        filed_day=event.filed_day,
        stands=stands,
    )
    case_id = clerk.open(work_type, brief, "protest_filed")
    for name in stands:
        add_request(work, brief, name, event.filed_day)
    if not stands and not is_exclusion and event.category:
        work.books.keep_note(_merge_name(event), case_id)
    return case_id


def _counts_from(event: ProtestFiled) -> Day:
    """Return the day of the decision, exclusion or demand from which a protest's time counts; 0: the liquidation's."""
    counts = event.against not in AGAINST_LIQUIDATION or event.role == "surety"
    return event.decision_day if counts else 0


def add_request(work: AccountWork, brief: Brief, name: str, day: Day) -> None:
    """Open the case of a request that goes with a protest: it has a clock and perhaps an owner of its own."""
    work_type, period = (
        (PROTEST_ACCELERATED, ACCELERATED_DECISION) if name == ACCELERATED else (FURTHER_REVIEW, FURTHER_REVIEW_ANSWER)
    )
    MatterClerk(work).open(work_type, brief._replace(clocks=(running(period, day),)), f"protest_request/{name}")


def _leading(work: AccountWork, event: ProtestFiled, more: int) -> tuple[str, Matter] | None:
    """Return the open protest that a filing joins, or None."""
    if event.accelerated or event.against == "exclusion" or not event.category:
        return None
    case_id = work.books.note(_merge_name(event))
    matter = work.books.matter(case_id) if case_id else None
    if matter is None or matter.taken or ACCELERATED in matter.stands:
        return None
    age = event.filed_day - matter.filed_day
    fits = 0 <= age <= MERGED_WITHIN_DAYS and has_room(matter, more)
    return (case_id, matter) if fits else None


def _merge_name(event: ProtestFiled) -> str:
    terms = f"{event.protestant}/{event.protest_type}/{event.against}"
    return f"leading/{terms}/{event.issue}/{event.category}"


def _joined(matter: Matter, event: ProtestFiled, taken: list[tuple[ProtestedEntry, int]]) -> Matter:
    """Return the leading case with a protest more; CBP's time counts from the last one filed (19 CFR 174.21)."""
    return matter._replace(
        references=merged(matter.references, (event.number,)),
        importers=merged(matter.importers, (event.importer,)),
        ports=merged(matter.ports, _ports(taken)),
        entries=(*matter.entries, *((listed.entry_number, generation) for listed, generation in taken)),
        clocks=(running(PROTEST_DECISION, event.filed_day),),
    )


def _ports(taken: list[tuple[ProtestedEntry, int]]) -> tuple[str, ...]:
    return merged((), tuple(listed.port for listed, _ in taken if listed.port))


def _port_of_source(event: ProtestFiled) -> tuple[str, ...]:
    source = event.cause.source
    return (source,) if source.isdigit() else ()


def refuse_entries(work: AccountWork, case_id: str, number: str, refused: list[tuple[ProtestedEntry, Rule]]) -> None:
    """Tell the port of each entry that fails which rule it breaks; the rest of the protest stays."""
    for listed, rule in refused:
        work.out.append(
            Resulted(case_id, number, listed.entry_number, listed.port, "refused", rule, None, "", answered=False)
        )


def remember_protested(work: AccountWork, filing: Filing, taken: list[tuple[ProtestedEntry, int]]) -> None:
    """Remember which protest an entry is under."""
    for listed, generation in taken:
        work.books.keep_note(protested_name(listed.entry_number, generation, filing.category), filing.number)
