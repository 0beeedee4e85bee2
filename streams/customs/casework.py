"""Open, update and close the cases of an entry until they are those that its state calls for."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from streams.customs.cases import ELSEWHERE, Case, case_id
from streams.customs.entry_summary import Entry
from streams.customs.outcomes import WorkItem
from streams.customs.replacing import making, replacing
from streams.customs.work import Action, Role
from streams.customs.work_types import WORK_TYPES, WorkType


class CaseFile(Protocol):
    """Where the open cases of one account are kept."""

    @property
    def account(self) -> str:
        """Name of the account."""

    def case(self, case_id: str) -> Case | None:
        """Return an open case."""

    def keep_case(self, case_id: str, case: Case) -> None:
        """Keep a case as it now stands."""

    def drop_case(self, case_id: str) -> None:
        """Forget a closed case."""


class Settled(NamedTuple):
    """What settling comes to: the open and closed cases of the entry, and what is to be published."""

    open_cases: int
    closed_cases: tuple[int, ...]
    items: list[WorkItem]


class Reason(NamedTuple):
    """Why cases change: the rule that says so, the work types whose open cases hear of it, and when."""

    rule: str
    touches: int
    at_ms: int


def settle(  # noqa: PLR0913, PLR0917 - whose cases, which are wanted, for which desk, and why
    files: CaseFile, number: str, entry: Entry, wanted: int, desk: Callable[[Entry], int], reason: Reason
) -> Settled | None:
    """Let the open cases of an entry be those that are wanted, as bits; None where they are, and nobody hears of it.

    Closed cases come before opened ones. An open case stays on its desk; a new one goes to `desk`, the
    account's present one. `reason.touches` are the work types whose open cases get an update.
    """
    present = entry.open_cases
    if wanted == present and not present & reason.touches:
        return None
    clerk = _Clerk(files, number, entry, reason)
    for work_type in _of(present & ~wanted):
        clerk.close(work_type)
    for work_type in _of(present & wanted & reason.touches):
        clerk.update(work_type)
    for work_type in _of(wanted & ~present):
        clerk.open(work_type, desk(entry) if work_type.owner == "center" else ELSEWHERE)
    return _settled((wanted, clerk.closed, clerk.items))


def announce(  # noqa: PLR0913, PLR0917 - whose case, of which entry, and what has become of it
    files: CaseFile, number: str, entry: Entry, work_type: WorkType, action: Action, reason: Reason
) -> list[WorkItem]:
    """Tell the desk of an open case what a clock has brought about; nothing where the case is not open."""
    clerk = _Clerk(files, number, entry, reason)
    if entry.open_cases & work_type.bit:
        clerk.tell(work_type, action)
    return clerk.items


def transfer(  # noqa: PLR0913, PLR0917 - whose case, of which entry, and where to
    files: CaseFile, case_id: str, case: Case, entry: Entry, desk: int, rule: str
) -> tuple[WorkItem, WorkItem]:
    """Hand an open case over to another desk; return what the old and what the new one hear."""
    out = case._replace(sequence=case.sequence + 1)
    moved = out._replace(desk=desk, assignment=out.assignment + 1, sequence=out.sequence + 1, taken=False)
    files.keep_case(case_id, moved)
    number = case.entry_number
    leaves = WorkItem(case.desk, Action.TRANSFERRED_OUT, case_id, out, number, entry, Role.OWNER, "", rule)
    return leaves, leaves._replace(desk=desk, action=Action.TRANSFERRED_IN, case=moved)


@lru_cache(maxsize=4096)
def _of(bits: int) -> tuple[WorkType, ...]:
    """Return the work types of a set of bits in the order of their numbers."""
    return tuple(work_type for number, work_type in sorted(WORK_TYPES.items()) if bits >> number & 1)


class _Clerk:
    """Does the changes one by one and collects what they publish."""

    __slots__ = ("_entry", "_files", "_number", "_reason", "closed", "items")

    def __init__(self, files: CaseFile, number: str, entry: Entry, reason: Reason) -> None:
        self._files = files
        self._number = number
        self._entry = entry
        self._reason = reason
        self.closed = entry.closed_cases
        self.items: list[WorkItem] = []

    def open(self, work_type: WorkType, desk: int) -> None:
        """Open a case; one that was closed before goes on with its numbers."""
        sequence, assignment = self._take_from_closed(work_type.number)
        generation, opened_ms = self._entry.generation, self._reason.at_ms
        case = _case(
            (work_type.number, self._number, generation, desk, assignment or 1, sequence + 1, _NOT_TAKEN, opened_ms)
        )
        name = self._name(work_type)
        self._files.keep_case(name, case)
        self._publish(name, case, work_type, Action.OPENED)

    def update(self, work_type: WorkType) -> None:
        """Tell an open case's desk that something has changed."""
        self.tell(work_type, Action.UPDATED)

    def tell(self, work_type: WorkType, action: Action) -> None:
        """Tell an open case's desk what has become of it."""
        name = self._name(work_type)
        case = self._known(name)
        case = _with_sequence(case, case.sequence + 1)
        self._files.keep_case(name, case)
        self._publish(name, case, work_type, action)

    def close(self, work_type: WorkType) -> None:
        """Close an open case and remember its numbers, should it be opened again."""
        name = self._name(work_type)
        case = self._known(name)
        case = _with_sequence(case, case.sequence + 1)
        self._files.drop_case(name)
        self.closed = (*self.closed, work_type.number, case.sequence, case.assignment)
        self._publish(name, case, work_type, Action.CLOSED)

    def _name(self, work_type: WorkType) -> str:
        return case_id(self._entry.named or self._files.account, self._number, self._entry.generation, work_type)

    def _known(self, name: str) -> Case:
        case = self._files.case(name)
        assert case is not None, "an entry's open case is on file"
        return case

    def _take_from_closed(self, number: int) -> tuple[int, int]:
        closed = self.closed
        for at in range(0, len(closed), 3):
            if closed[at] == number:
                self.closed = closed[:at] + closed[at + 3 :]
                return closed[at + 1], closed[at + 2]
        return 0, 0

    def _publish(self, name: str, case: Case, work_type: WorkType, action: Action) -> None:
        party = "" if work_type.owner == "center" else work_type.owner
        item = _item((case.desk, action, name, case, self._number, self._entry, Role.OWNER, party, self._reason.rule))
        self.items.append(item)
        if work_type.joint == "port":
            port = f"port:{self._entry.ports[0]}" if self._entry.ports else "port"
            self.items.append(_for_others(item, ELSEWHERE, Role.JOINT, port))


_NOT_TAKEN: Final = False
_case: Final = making(Case)
_settled: Final = making(Settled)
_with_sequence: Final = replacing(Case, "sequence")
_item: Final = making(WorkItem)
_for_others: Final = replacing(WorkItem, "desk", "role", "party")
