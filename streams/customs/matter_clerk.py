"""Opens, joins, updates and closes matters, and says which desk hears what: owners decide, joint owners get copies."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.cases import ELSEWHERE
from streams.customs.entry_summary import Entry
from streams.customs.ledger import desk_of
from streams.customs.matters import (
    NO_DESK,
    EarlierDecision,
    Ended,
    Matter,
    RelatedCase,
    Running,
    matter_due,
    matter_id,
)
from streams.customs.outcomes import MatterItem, MatterStands, SnapshotDue
from streams.customs.tariff import Day
from streams.customs.work import Action, Role
from streams.customs.work_types import WORK_TYPES, WorkType

CENTER: Final = "center"
PORT: Final = "port"
DECISIONS_CITED: Final = 5
RELATED_NAMED: Final = 20


class Brief(NamedTuple):
    """What a matter is opened with."""

    reference: str
    importers: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    entries: tuple[tuple[str, int], ...] = ()
    issue: str = ""
    heading: str = ""
    lines: tuple[str, ...] = ()
    clocks: tuple[Running, ...] = ()
    terms: tuple[str, ...] = ()
    filed_day: Day = 0
    stands: tuple[str, ...] = ()


class MatterClerk:
    """Keeps the matters of one account while one record is applied."""

    __slots__ = ("_work",)

    def __init__(self, work: AccountWork) -> None:
        self._work = work

    def open(self, work_type: WorkType, brief: Brief, rule: str, desk: int | None = None) -> str:
        """Open a matter on the desk of its owner; `desk` where it is not the account's present one."""
        case_id = matter_id(self._work.books.account, work_type, brief.reference, "".join(brief.importers[:1]))
        center = self.center_of(brief.entries) if desk is None else desk
        owned = work_type.owner == CENTER
        matter = Matter(
            work_type=work_type.number,
            desk=center if owned else ELSEWHERE,
            assignment=1,
            sequence=0,
            taken=False,
            opened_ms=self._work.now_ms,
            references=(brief.reference,),
            importers=brief.importers,
            ports=brief.ports,
            entries=brief.entries,
            beside=center if work_type.joint == CENTER else NO_DESK,
            issue=brief.issue,
            heading=brief.heading,
            lines=brief.lines,
            clocks=brief.clocks,
            terms=brief.terms,
            filed_day=brief.filed_day,
            stands=brief.stands,
        )
        keep_related(self._work, case_id, matter)
        self.tell(case_id, matter, Action.OPENED, rule)
        return case_id

    def center_of(self, entries: tuple[tuple[str, int], ...]) -> int:
        """Return the desk of the account; of a broker's, whose entries go by their own goods, that of the first one."""
        entry = self._work.books.entry(entries[0][0]) if entries else None
        return self._work.desk(entry) if entry is not None else desk_of(self._work.ledger().standing)

    def find(self, work_type: WorkType, reference: str, importer: str) -> tuple[str, Matter] | None:
        """Return the open matter of a work type and reference that an importer number brought."""
        case_id = matter_id(self._work.books.account, work_type, reference, importer)
        matter = self._work.books.matter(case_id)
        return (case_id, matter) if matter is not None else None

    def tell(self, case_id: str, matter: Matter, action: Action, rule: str) -> Matter:
        """Publish what has become of a matter to all who have a part in it, and keep it."""
        matter = self.kept(case_id, matter._replace(sequence=matter.sequence + 1))
        self._publish(case_id, matter, action, rule)
        return matter

    def kept(self, case_id: str, matter: Matter) -> Matter:
        """Keep a matter, listed under the day on which its clocks bring something about."""
        due = self._work.not_before_today(matter_due(matter))
        self._work.books.list_due(f"c{case_id}", matter.due_on, due)
        matter = matter._replace(due_on=due)
        self._work.books.keep_matter(case_id, matter)
        return matter

    def stands(self, case_id: str, matter: Matter, rule: str) -> None:
        """Keep a matter that has changed without a piece of work."""
        self.kept(case_id, matter)
        self._work.out.append(MatterStands(self._item(case_id, matter, Action.UPDATED, rule)))

    def close(self, case_id: str, matter: Matter, rule: str, ended: Ended) -> None:
        """Close a matter, and remember how it ended."""
        books = self._work.books
        matter = matter._replace(sequence=matter.sequence + 1)
        self._publish(case_id, matter, Action.CLOSED, rule)
        books.list_due(f"c{case_id}", matter.due_on, 0)
        books.drop_matter(case_id)
        keep_ended(self._work, case_id, ended._replace(importer="".join(matter.importers[:1])))
        forget_joining(self._work, case_id, matter)
        forget_related(self._work, case_id, matter)

    def close_by_time(self, case_id: str, matter: Matter, rule: str) -> None:
        """Close a matter whose window has closed."""
        ended = Ended("", "", self._work.today, matter.work_type, matter.assignment, matter.desk)
        self.close(case_id, matter, rule, ended)

    def transfer(self, case_id: str, matter: Matter, desk: int) -> None:
        """Hand a matter over to another desk: out of the old one, its summaries and itself into the new one."""
        work_type = WORK_TYPES[matter.work_type]
        rule = "placement.transfer"
        out = matter._replace(sequence=matter.sequence + 1)
        if work_type.owner != CENTER:
            self._hand_copy_over(case_id, out, desk, rule)
            return
        self._append(self._item(case_id, out, Action.TRANSFERRED_OUT, rule))
        moved = out._replace(desk=desk, assignment=out.assignment + 1, sequence=out.sequence + 1, taken=False)
        moved = self.kept(case_id, moved)
        self._tell_summaries(moved, desk, again=True)
        self._append(self._item(case_id, moved, Action.TRANSFERRED_IN, rule))

    def _hand_copy_over(self, case_id: str, out: Matter, desk: int, rule: str) -> None:
        """Let another Center be the one beside an owner elsewhere; the owner stays."""
        copy = self._item(case_id, out, Action.TRANSFERRED_OUT, rule)
        party = WORK_TYPES[out.work_type].owner
        self._append(copy._replace(desk=out.beside, role=Role.JOINT, party=party))
        moved = self.kept(case_id, out._replace(beside=desk, sequence=out.sequence + 1))
        self._tell_summaries(moved, desk, again=True)
        copy = self._item(case_id, moved, Action.TRANSFERRED_IN, rule)
        self._append(copy._replace(desk=desk, role=Role.JOINT, party=party))

    def _publish(self, case_id: str, matter: Matter, action: Action, rule: str) -> None:
        item = self._item(case_id, matter, action, rule)
        if action is not Action.CLOSED:
            desk = matter.desk if matter.beside == NO_DESK else matter.beside
            self._tell_summaries(matter, desk)
        for copy in self._copies(item, matter):
            self._append(copy)

    def _append(self, item: MatterItem) -> None:
        self._work.out.append(item)

    def _item(self, case_id: str, matter: Matter, action: Action, rule: str) -> MatterItem:
        work_type = WORK_TYPES[matter.work_type]
        party = "" if work_type.owner == CENTER else self._party(work_type.owner, matter)
        entries = tuple(self._known_entries(matter))
        earlier = earlier_decisions(self._work, matter.issue, matter.heading)
        related = related_cases(self._work, case_id, matter)
        return MatterItem(matter.desk, action, case_id, matter, entries, Role.OWNER, party, rule, earlier, related)

    def _copies(self, item: MatterItem, matter: Matter) -> Iterator[MatterItem]:
        yield item
        work_type = WORK_TYPES[matter.work_type]
        match work_type.joint:
            case "":
                return
            case "center":
                yield item._replace(desk=matter.beside, role=Role.JOINT, party=item.party)
            case "port":
                for port in matter.ports or ("",):
                    party = f"{PORT}:{port}" if port else PORT
                    yield item._replace(desk=ELSEWHERE, role=Role.JOINT, party=party)
            case office:
                yield item._replace(desk=ELSEWHERE, role=Role.JOINT, party=office)

    def _party(self, owner: str, matter: Matter) -> str:
        return f"{PORT}:{matter.ports[0]}" if owner == PORT and matter.ports else owner

    def _known_entries(self, matter: Matter) -> Iterator[tuple[str, int, Entry | None]]:
        for number, generation in matter.entries:
            entry = self._work.books.entry(number)
            known = entry if entry is not None and entry.generation == generation else None
            yield number, generation, known

    def _tell_summaries(self, matter: Matter, desk: int, *, again: bool = False) -> None:
        """Send a desk the summaries that it has not had; all of them where `again`."""
        for number, _, entry in self._known_entries(matter):
            if entry is None or not entry.version or (entry.told >> desk & 1 and not again):
                continue
            body = self._work.books.summary(number, entry.generation)
            assert body is not None, "the summary of a known version is on file"
            self._work.books.keep_entry(number, entry._replace(told=entry.told | 1 << desk))
            self._work.out.append(SnapshotDue(desk, number, entry, body))


def keep_ended(work: AccountWork, case_id: str, ended: Ended) -> None:
    """Remember how a case ended."""
    work.books.keep_note(f"ended/{case_id}", json.dumps(ended, separators=(",", ":")))


def ended_case(work: AccountWork, case_id: str) -> Ended | None:
    """Return how a case ended that a Center or time has closed; None where that is not remembered."""
    text = work.books.note(f"ended/{case_id}")
    return Ended(*json.loads(text)) if text else None


def earlier_decisions(work: AccountWork, issue: str, heading: str) -> tuple[EarlierDecision, ...]:
    """Return the latest decisions for the same account, issue and heading."""
    text = work.books.note(f"decided/{issue}/{heading}") if issue and heading else ""
    return tuple(EarlierDecision(*one) for one in json.loads(text)) if text else ()


def keep_decision(work: AccountWork, issue: str, heading: str, decision: EarlierDecision) -> None:
    """Remember a decision, so that later cases of the same issue and heading cite it."""
    if issue and heading:
        decisions = [*earlier_decisions(work, issue, heading), decision][-DECISIONS_CITED:]
        work.books.keep_note(f"decided/{issue}/{heading}", json.dumps(decisions, separators=(",", ":")))


def keep_related(work: AccountWork, case_id: str, matter: Matter) -> None:
    """Let the other open cases of the same issue and heading name this one."""
    if matter.issue and matter.heading:
        work.books.keep_note(_related_name(matter, case_id), case_id)


def forget_related(work: AccountWork, case_id: str, matter: Matter) -> None:
    """Let no other case name a closed one."""
    if matter.issue and matter.heading:
        work.books.keep_note(_related_name(matter, case_id), "")


def related_cases(work: AccountWork, case_id: str, matter: Matter) -> tuple[RelatedCase, ...]:
    """Return other open cases of the same account, issue and heading, in the order of their names."""
    if not (matter.issue and matter.heading):
        return ()
    names = [name for _, name in work.books.notes_under(_related_name(matter, "")) if name != case_id]
    found = [(name, work.books.matter(name)) for name in names[:RELATED_NAMED]]
    return tuple(RelatedCase(name, other.work_type, other.desk) for name, other in found if other is not None)


def _related_name(matter: Matter, case_id: str) -> str:
    return f"beside/{matter.issue}/{matter.heading}/{case_id}"


def joining_name(work_type: WorkType, issue: str, heading: str) -> str:
    """Return the name by which the open case of the same work type, issue and heading is found; empty if it joins none.

    What names neither issue nor heading stands for itself.
    """
    return f"open/{work_type.number}/{issue}/{heading}" if issue and heading else ""


def forget_joining(work: AccountWork, case_id: str, matter: Matter) -> None:
    """Let nothing join a closed case."""
    name = joining_name(WORK_TYPES[matter.work_type], matter.issue, matter.heading)
    if name and work.books.note(name) == case_id:
        work.books.keep_note(name, "")
