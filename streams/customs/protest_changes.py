"""What becomes of a filed protest: amended, withdrawn, more asked of it, decided, or denied by law."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.entry_summary import Entry
from streams.customs.matter_clerk import Brief, MatterClerk, ended_case
from streams.customs.matters import MOST_ENTRIES, Ended, Matter, closes_after, matter_id, merged, running
from streams.customs.outcomes import Answered, Ignored, Refused, Resulted
from streams.customs.protest import (
    ACCELERATED,
    AGAINST_LIQUIDATION,
    REVIEWED_FURTHER,
    Filing,
    add_request,
    liquidation_day,
    protest_name,
    protested_name,
    refuse_entries,
    remember_protested,
    sift,
)
from streams.customs.protest_periods import (
    PROTEST_FILING,
    SET_ASIDE_ANSWER,
    SET_ASIDE_FILING,
    SUMMONS,
    VOID_REQUEST_FILING,
)
from streams.customs.protest_rules import (
    AMENDED_IN_TIME,
    NOT_FOR_EXCLUSION,
    OPEN_PROTEST,
    SET_ASIDE_AFTER_DENIAL,
    VOID_AFTER_DENIAL,
)
from streams.customs.rules import Rule
from streams.customs.tariff import Day
from streams.customs.trade_events import DecidedEntry, ProtestAmended, ProtestRequested, ProtestWithdrawn
from streams.customs.work import Action
from streams.customs.work_types import (
    FURTHER_REVIEW,
    PROTEST,
    PROTEST_ACCELERATED,
    PROTEST_EXCLUSION,
    SET_ASIDE,
    SUMMONS_WATCH,
    VOID_REQUEST,
    WorkType,
)

DENIED: Final = "denied"
WITHDRAWN: Final = "withdrawn"
DEEMED_DENIED: Final = "deemed_denied"
DENIALS: Final = frozenset({DENIED, "partly_denied", DEEMED_DENIED, "untimely", "not_protestable"})
"""Decisions after which the way to court is open; `denied` and `partly_denied` are those of ACE, status DN and PD."""

PROTESTS: Final = frozenset({PROTEST.number, PROTEST_EXCLUSION.number})


class Verdict(NamedTuple):
    """A decision on a case: by whom, when, what, and what it says of single entries."""

    event_id: str
    center: int
    decision: str
    day: Day
    text: str = ""
    entries: tuple[DecidedEntry, ...] = ()


def _open_protest(work: AccountWork, number: str) -> tuple[str, Matter] | None:
    """Return the open case that a protest is in."""
    case_id = work.books.note(protest_name(number)).partition("|")[0]
    matter = work.books.matter(case_id) if case_id else None
    return (case_id, matter) if matter is not None else None


def is_repeat(work: AccountWork, event_id: str) -> bool:
    """Tell whether an event was taken before, and remember it; the answer to a repeat is that it is ignored."""
    name = f"seen/{event_id}"
    if work.books.note(name):
        work.out.append(Ignored(None, ""))
        return True
    work.books.keep_note(name, "1")
    return False


def _refuse(work: AccountWork, rule: Rule) -> None:
    work.out.append(Refused(rule, ""))


def amend_protest(work: AccountWork, event: ProtestAmended) -> None:
    """Take an amendment: further entries, or another issue, while the time for filing runs."""
    if work.books.note(f"seen/{event.cause.event_id}"):
        work.out.append(Ignored(None, ""))
        return
    found = _open_protest(work, event.number)
    if found is None:
        _refuse(work, OPEN_PROTEST)
        return
    case_id, matter = found
    filing = _filing_of(matter, event)
    if ACCELERATED in matter.stands or not _is_window_open(work, matter, filing):
        _refuse(work, AMENDED_IN_TIME)
        return
    taken, refused = sift(work, filing, event.entries, MOST_ENTRIES - len(matter.entries))
    if event.entries and not taken and not event.issue:
        _refuse(work, refused[0][1])
    else:
        is_repeat(work, event.cause.event_id)
        entries = tuple((listed.entry_number, generation) for listed, generation in taken)
        ports = tuple(listed.port for listed, _ in taken if listed.port)
        changed = matter._replace(
            issue=event.issue or matter.issue,
            entries=merged_entries(matter.entries, entries),
            ports=merged(matter.ports, ports),
        )
        MatterClerk(work).tell(case_id, changed, Action.UPDATED, "protest_amended")
        remember_protested(work, filing, taken)
    refuse_entries(work, case_id, event.number, refused)


def merged_entries(
    first: tuple[tuple[str, int], ...], second: tuple[tuple[str, int], ...]
) -> tuple[tuple[str, int], ...]:
    """Return the entries of both, each once, in their order."""
    return (*first, *(one for one in second if one not in first))


def _filing_of(matter: Matter, event: ProtestAmended) -> Filing:
    """Return what an amendment is judged by: what the protest was filed with, on the day of the amendment."""
    *_, against, counts_from = matter.terms
    decision_day, issue = int(counts_from), event.issue or matter.issue
    is_surety = decision_day > 0 and against in AGAINST_LIQUIDATION
    return Filing(event.number, event.amended_day, against, decision_day, issue, matter.heading, is_surety)


def _is_window_open(work: AccountWork, matter: Matter, filing: Filing) -> bool:
    """Tell whether the time for filing still runs for every entry of a protest."""
    if filing.decision_day:
        return filing.filed_day <= closes_after(running(PROTEST_FILING, filing.decision_day))
    for number, _ in matter.entries:
        began = liquidation_day(work.books.entry(number) or Entry(), filing.against)
        if began and filing.filed_day > closes_after(running(PROTEST_FILING, began)):
            return False
    return True


def withdraw_protest(work: AccountWork, event: ProtestWithdrawn) -> None:
    """Take a protest back: its entries leave the case, and the last of them close it."""
    found = _open_protest(work, event.number)
    if found is None:
        ended = ended_case(work, work.books.note(protest_name(event.number)).partition("|")[0])
        repeats = ended is not None and ended.event_id == event.cause.event_id
        work.out.append(Ignored(None, "") if repeats else Refused(OPEN_PROTEST, ""))
        return
    case_id, matter = found
    gone = [one for one in matter.entries if _protest_of(work, matter, one) == event.number]
    left = tuple(one for one in matter.entries if one not in gone)
    for number, generation in gone:
        work.books.keep_note(protested_name(number, generation, matter.heading), "")
    others = tuple(number for number in matter.references if number != event.number)
    if not others:
        verdict = Verdict(event.cause.event_id, 0, WITHDRAWN, event.day)
        conclude(work, case_id, matter, verdict, "protest_withdrawn")
        return
    matter = matter._replace(entries=left, references=others)
    MatterClerk(work).tell(case_id, matter, Action.UPDATED, "protest_withdrawn")
    _hand_requests_on(work, event.number, matter)
    work.books.keep_note(protest_name(event.number), "")
    for number, _ in gone:
        entry = work.books.entry(number) or Entry()
        port = entry.ports[0] if entry.ports else ""
        work.out.append(Resulted(case_id, event.number, number, port, WITHDRAWN, answered=False))


def _hand_requests_on(work: AccountWork, number: str, rest: Matter) -> None:
    """Let the requests of a protest that leaves its case stand for those that stay: they were made for the case."""
    clerk = MatterClerk(work)
    for work_type, name, companion in _companions(work, number, rest.importers[0]):
        clerk.close_by_time(name, companion, "protest_withdrawn")
        clerk.open(work_type, _brief_of(rest)._replace(clocks=companion.clocks), "protest_withdrawn")


def _companions(work: AccountWork, number: str, importer: str) -> list[tuple[WorkType, str, Matter]]:
    """Return the open requests that are named after a protest, with their names."""
    found = []
    for work_type in (PROTEST_ACCELERATED, FURTHER_REVIEW):
        name = matter_id(work.books.account, work_type, number, importer)
        companion = work.books.matter(name)
        if companion is not None:
            found.append((work_type, name, companion))
    return found


def _protest_of(work: AccountWork, matter: Matter, entry: tuple[str, int]) -> str:
    return work.books.note(protested_name(*entry, matter.heading)) or matter.references[0]


def add_protest_request(work: AccountWork, event: ProtestRequested) -> None:
    """Take a request that goes with a protest."""
    if work.books.note(f"seen/{event.cause.event_id}"):
        work.out.append(Ignored(None, ""))
        return
    if event.request in {ACCELERATED, REVIEWED_FURTHER}:
        rule = _ask_while_open(work, event)
    else:
        rule = _ask_after_denial(work, event)
    if rule is None:
        work.books.keep_note(f"seen/{event.cause.event_id}", "1")
    else:
        _refuse(work, rule)


def _ask_while_open(work: AccountWork, event: ProtestRequested) -> Rule | None:
    found = _open_protest(work, event.number)
    if found is None:
        return OPEN_PROTEST
    case_id, matter = found
    if matter.work_type == PROTEST_EXCLUSION.number or event.request in matter.stands:
        return NOT_FOR_EXCLUSION
    matter = matter._replace(stands=(*matter.stands, event.request))
    MatterClerk(work).tell(case_id, matter, Action.UPDATED, f"protest_request/{event.request}")
    add_request(work, _brief_of(matter), event.request, event.day)
    return None


def _brief_of(matter: Matter) -> Brief:
    return Brief(
        matter.references[0], matter.importers, matter.ports, matter.entries, matter.issue, matter.heading,
    )  # fmt: skip


def _ask_after_denial(work: AccountWork, event: ProtestRequested) -> Rule | None:
    """Take a request to void a denial, or to set a denial of further review aside."""
    voids = event.request == "void"
    rule = VOID_AFTER_DENIAL if voids else SET_ASIDE_AFTER_DENIAL
    protest = ended_case(work, work.books.note(protest_name(event.number)).partition("|")[0])
    still_open = _open_protest(work, event.number)
    importer = protest.importer if protest is not None else still_open[1].importers[0] if still_open else ""
    review = matter_id(work.books.account, FURTHER_REVIEW, event.number, importer)
    ended = protest if voids else ended_case(work, review)
    if ended is None or ended.decision not in DENIALS:
        return rule
    window = running(VOID_REQUEST_FILING if voids else SET_ASIDE_FILING, ended.decided_day)
    if not ended.decided_day <= event.day <= closes_after(window):
        return rule
    text = work.books.note(f"denied/{event.number}")
    ports, entries = _denied_parts(text)
    clocks = () if voids else (running(SET_ASIDE_ANSWER, event.day),)
    brief = Brief(event.number, (importer,) if importer else (), ports, entries, clocks=clocks)
    MatterClerk(work).open(VOID_REQUEST if voids else SET_ASIDE, brief, f"protest_request/{event.request}")
    return None


def _denied_parts(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """Return ports and entries of a decided protest, as `_remember_parts` wrote them."""
    ports, _, entries = text.partition("|")
    pairs = (one.partition("/") for one in entries.split(",") if one)
    return tuple(port for port in ports.split(",") if port), tuple((number, int(at)) for number, _, at in pairs)


def _remember_parts(work: AccountWork, matter: Matter) -> None:
    """Remember ports and entries of a decided protest for the requests that may follow."""
    entries = ",".join(f"{number}/{generation}" for number, generation in matter.entries)
    for number in matter.references:
        work.books.keep_note(f"denied/{number}", f"{','.join(matter.ports)}|{entries}")


def conclude(work: AccountWork, case_id: str, matter: Matter, verdict: Verdict, rule: str) -> None:
    """Answer a case once, tell each entry's port what it means for the entry, and close it."""
    ended = Ended(verdict.event_id, verdict.decision, verdict.day, matter.work_type, matter.assignment, verdict.center)
    MatterClerk(work).close(case_id, matter, rule, ended)
    if matter.work_type in PROTESTS:
        _close_companions(work, matter, ended, rule)
        _remember_parts(work, matter)
    work.out.append(
        Answered(
            case_id,
            matter.work_type,
            matter.references[0],
            verdict.center,
            matter.importers,
            matter.ports,
            tuple(number for number, _ in matter.entries),
            verdict.decision,
            verdict.day,
            verdict.text,
        )
    )
    told = {one.entry_number: one for one in verdict.entries}
    for number, generation in matter.entries:
        work.out.append(_result(work, case_id, matter, (number, generation), verdict, told))
    if matter.work_type in PROTESTS and verdict.decision in DENIALS:
        brief = _brief_of(matter)._replace(clocks=(running(SUMMONS, verdict.day),))
        MatterClerk(work).open(SUMMONS_WATCH, brief, "protest_denied")


def _result(  # noqa: PLR0913, PLR0917 - of which case and entry, and what the verdict says
    work: AccountWork,
    case_id: str,
    matter: Matter,
    one: tuple[str, int],
    verdict: Verdict,
    told: Mapping[str, DecidedEntry],
) -> Resulted:
    """Return what a verdict means for one entry: what it says of it, else the decision itself."""
    number = one[0]
    entry = work.books.entry(number) or Entry()
    port = entry.ports[0] if entry.ports else ""
    said = told.get(number) or DecidedEntry(number, verdict.decision, None, "")
    reference = _protest_of(work, matter, one) if matter.work_type in PROTESTS else matter.references[0]
    return Resulted(case_id, reference, number, port, said.result, None, said.amount_cents, said.text)


def _close_companions(work: AccountWork, matter: Matter, ended: Ended, rule: str) -> None:
    """Close what was open only for the sake of a protest: its requests."""
    for number in matter.references:
        for work_type, name, companion in _companions(work, number, matter.importers[0]):
            MatterClerk(work).close(name, companion, rule, ended._replace(work_type=work_type.number))


def deny_by_law(work: AccountWork, matter: Matter, rule: str) -> None:
    """Let a protest be denied by law: it was not decided in time, and nothing came to the contrary."""
    protest = _open_protest(work, matter.references[0])
    assert protest is not None, "a protest outlives the requests that go with it"
    name, case = protest
    conclude(work, name, case, Verdict("", matter.desk, DEEMED_DENIED, work.today), rule)
