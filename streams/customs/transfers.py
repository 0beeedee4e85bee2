"""Work in flight when an importer's desk changes (P14): what no Center has taken up follows, at once and in chunks.

Each case leaves the old desk and reaches the new one within one transaction; there is no moment in which two desks
have it, or none. An importer may have a million open cases: what does not fit goes on with the next time.
"""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.cases import ELSEWHERE, INELIGIBLE, PENDING, Case
from streams.customs.casework import transfer
from streams.customs.matter_clerk import MatterClerk
from streams.customs.matters import NO_DESK, Matter
from streams.customs.outcomes import SnapshotDue
from streams.customs.policy import WorkInFlight

AT_ONCE: Final = 200
"""Cases looked at in one go."""

RULE: Final = "placement.transfer"
_MATTERS: Final = "f"
_CASES: Final = "c"
_NO_CENTERS: Final = frozenset({PENDING, INELIGIBLE})


def transfer_cases(work: AccountWork, after: str = "") -> None:
    """Hand over the next open cases of an account; `after` is where the last go ended (empty: begin).

    Cases of entries come first, then matters. What is left is remembered for the next go.
    """
    kind, name = (after[0], after[1:]) if after else (_CASES, "")
    left = AT_ONCE
    if kind == _CASES:
        cases = work.books.cases_after(name, left)
        for case_id, case in cases:
            transfer_case(work, case_id, case)
        if len(cases) == left:
            work.books.transfer_from(f"{_CASES}{cases[-1][0]}")
            return
        left, name = left - len(cases), ""
    matters = work.books.matters_after(name, left)
    for case_id, matter in matters:
        transfer_matter(work, case_id, matter)
    work.books.transfer_from(f"{_MATTERS}{matters[-1][0]}" if len(matters) == left else None)


def _follows(work: AccountWork, desk: int, *, taken: bool) -> bool:
    """P14: Tell whether an open case leaves a desk for the importer's present one."""
    match work.rules.policy.work_in_flight:
        case WorkInFlight.TAKEN_STAYS:
            return not taken
        case WorkInFlight.STAY:
            return desk in _NO_CENTERS
        case WorkInFlight.TRANSFER_OPEN:
            return True


def transfer_case(work: AccountWork, case_id: str, case: Case) -> bool:
    """Hand an open case of an entry over where it follows the importer; return whether it has gone."""
    if case.desk == ELSEWHERE or not _follows(work, case.desk, taken=case.taken):
        return False
    entry = work.books.entry(case.entry_number)
    assert entry is not None, "an open case's entry is on file"
    desk = work.desk(entry)
    if desk == case.desk:
        return False
    leaves, arrives = transfer(work.books, case_id, case, entry, desk, RULE)
    work.out.append(leaves)
    if entry.version:
        body = work.books.summary(case.entry_number, entry.generation)
        assert body is not None, "the summary of a known version is on file"
        work.out.append(SnapshotDue(desk, case.entry_number, entry, body))
        work.books.keep_entry(case.entry_number, entry._replace(told=entry.told | 1 << desk))
    work.out.append(arrives)
    return True


def transfer_matter(work: AccountWork, case_id: str, matter: Matter) -> bool:
    """Hand an open matter over, or its copy beside an owner elsewhere; return whether it has gone."""
    at = matter.desk if matter.desk != ELSEWHERE else matter.beside
    desk = MatterClerk(work).center_of(matter.entries)
    if at in {desk, NO_DESK} or not _follows(work, at, taken=matter.taken):
        return False
    MatterClerk(work).transfer(case_id, matter, desk)
    return True
