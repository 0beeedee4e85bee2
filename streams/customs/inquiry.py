"""Questions of the trade: to the importer's Center, else to the one that covers the goods or the industry."""

from functools import lru_cache
from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.cases import PENDING
from streams.customs.centers import centers
from streams.customs.filing_rules import INQUIRY_SUBJECT
from streams.customs.matter_clerk import Brief, MatterClerk, ended_case
from streams.customs.matters import matter_id, merged, running
from streams.customs.notice_cases import known_entries
from streams.customs.notice_periods import INQUIRY_ANSWER
from streams.customs.outcomes import Ignored, Refused
from streams.customs.trade_events import InquiryReceived
from streams.customs.work_types import INQUIRY

_SPECIAL_CHAPTERS: Final = frozenset({"98", "99"})
"""Chapters that say how goods enter, not what they are: they belong to no Center."""


def receive_inquiry(work: AccountWork, event: InquiryReceived) -> None:
    """Take a question: one case, one answer."""
    importer = event.importer or _importer_of(work, event)
    case_id = matter_id(work.books.account, INQUIRY, event.number, importer)
    if work.books.matter(case_id) is not None or ended_case(work, case_id) is not None:
        work.out.append(Ignored(None, event.entry_number))
        return
    of_account = bool(event.importer or event.entry_number)
    if not (of_account or event.htsus or event.industry):
        work.out.append(Refused(INQUIRY_SUBJECT, ""))
        return
    entries, ports = known_entries(work, (event.entry_number,) if event.entry_number else ())
    brief = Brief(
        event.number,
        (importer,) if importer else (),
        merged((event.port,) if event.port else (), ports),
        entries,
        heading=event.htsus[:4],
        clocks=(running(INQUIRY_ANSWER, event.received_day),),
    )
    desk = None if of_account else desk_for_goods(work, event.htsus, event.industry)
    MatterClerk(work).open(INQUIRY, brief, "inquiry_received", desk)


def _importer_of(work: AccountWork, event: InquiryReceived) -> str:
    """Return the importer of the entry that a question is about; empty where none is known."""
    entry = work.books.entry(event.entry_number) if event.entry_number else None
    return entry.importer if entry is not None else ""


def desk_for_goods(work: AccountWork, htsus: str, industry: str) -> int:
    """Return the Center that covers a tariff number or an industry; the pending desk where none clearly does."""
    if htsus and htsus[:2] not in _SPECIAL_CHAPTERS:
        return work.rules.coverage.in_force(work.today).center(htsus) or PENDING
    return industries().get(industry.strip().lower(), PENDING) if industry and not htsus else PENDING


@lru_cache(maxsize=1)
def industries() -> dict[str, int]:
    """Return the closed list of industries and the Center of each (19 CFR 101.10); one that two have is on none."""
    found: dict[str, set[int]] = {}
    for center in centers():
        for industry in center.industries:
            found.setdefault(industry.lower(), set()).add(center.id)
    return {industry: min(ids) for industry, ids in found.items() if len(ids) == 1}
