"""Work in flight when an importer's desk changes (P14): what no Center has taken up follows, with its summaries."""

from typing import Any

from streams.customs.account import go_on_transferring
from streams.customs.cases import ELSEWHERE, PENDING
from streams.customs.events import PlacementSet
from streams.customs.outcomes import MatterItem, Outcome, Placed, SnapshotDue, WorkItem
from streams.customs.transfers import AT_ONCE
from streams.customs.work import Action, Role
from streams.customs.work_types import DOMESTIC_PARTY, PENALTY, PROTEST, REVIEW
from tests.unit.customs.filings import (
    NUMBERS,
    case_of,
    claim,
    matter,
    matters_of,
    notice,
    protest,
    taken,
    told_at,
    with_entries,
)
from tests.unit.customs.kit import (
    APPAREL,
    ELECTRONICS,
    ENTRY,
    IMPORTER,
    RULES,
    Account,
    day,
    entry_numbers,
    line,
    released,
    summary,
    work_of,
)


def moved(account: Account, center: int = APPAREL, when: str = "2027-01-20") -> list[Outcome]:
    """Let headquarters put the importer elsewhere."""
    word = PlacementSet(told_at(when), IMPORTER, center, "business_practice", "it sews", day(when))
    return account.tell(word)


def test_open_cases_leave_the_old_desk_and_reach_the_new_one_with_the_summary_between() -> None:
    """One assignment more, and the sequence goes on."""
    account = Account()
    account.tell(summary())

    outcomes = moved(account)

    assert [type(one) for one in outcomes] == [Placed, WorkItem, SnapshotDue, WorkItem]
    out, into = work_of(outcomes)
    assert (out.action, out.desk, out.case.assignment, out.case.sequence) == (
        Action.TRANSFERRED_OUT, ELECTRONICS, 1, 2,
    )  # fmt: skip
    assert (into.action, into.desk, into.case.assignment, into.case.sequence) == (
        Action.TRANSFERRED_IN, APPAREL, 2, 3,
    )  # fmt: skip


def test_what_a_center_has_taken_up_stays_until_it_is_closed() -> None:
    """Of entries and of matters."""
    account = with_entries(ENTRY, on="")
    account.tell(notice("form_28"))
    [name] = account.books.matters
    account.tell(taken(name))
    account.tell(taken(case_of(account, REVIEW)))

    assert work_of(moved(account)) == []
    assert account.books.matters[name].desk == ELECTRONICS


def test_a_matter_follows_with_all_its_summaries_even_those_that_the_new_desk_has_had() -> None:
    """Before the case arrives there."""
    account = with_entries(*NUMBERS[:2])
    account.tell(protest(*NUMBERS[:2]))

    outcomes = moved(account)

    about = [one for one in outcomes if isinstance(one, MatterItem)]
    assert [(one.action, one.desk, one.matter.assignment) for one in about] == [
        (Action.TRANSFERRED_OUT, ELECTRONICS, 1),
        (Action.TRANSFERRED_IN, APPAREL, 2),
    ]
    between = outcomes[outcomes.index(about[0]) : outcomes.index(about[1])]
    assert [one.entry_number for one in between if isinstance(one, SnapshotDue)] == list(NUMBERS[:2])
    assert matter(account, PROTEST)[1].desk == APPAREL


def test_of_a_case_owned_elsewhere_only_the_copy_moves() -> None:
    """Its owner stays, and so does its assignment."""
    account = with_entries(ENTRY, on="")
    account.tell(notice("penalty", port="2704"))

    outcomes = [one for one in moved(account) if isinstance(one, MatterItem)]

    assert [(one.action, one.desk, one.role, one.party) for one in outcomes] == [
        (Action.TRANSFERRED_OUT, ELECTRONICS, Role.JOINT, "port"),
        (Action.TRANSFERRED_IN, APPAREL, Role.JOINT, "port"),
    ]
    case = matter(account, PENALTY)[1]
    assert (case.desk, case.beside, case.assignment) == (ELSEWHERE, APPAREL, 1)


def test_what_is_there_already_and_what_no_center_has_stays() -> None:
    """Drawback and a headquarters' case without a Center beside it."""
    account = Account()
    account.tell(summary())
    account.tell(summary(line("6109100012"), number=NUMBERS[0], entry_type="41"))
    account.tell(claim("domestic_party"))
    before = [one.desk for one in matters_of(account, DOMESTIC_PARTY)]

    moved(account, ELECTRONICS)

    assert before == [one.desk for one in matters_of(account, DOMESTIC_PARTY)] == [ELECTRONICS]
    assert account.open_cases() == [(1, ELECTRONICS), (51, ELSEWHERE)]


def test_work_of_an_unplaced_importer_leaves_the_ports_once_it_is_placed() -> None:
    """A case without a summary has none to send."""
    account = Account()
    account.tell(released())

    outcomes = moved(account)

    assert [(item.action, item.desk) for item in work_of(outcomes)] == [
        (Action.TRANSFERRED_OUT, PENDING),
        (Action.TRANSFERRED_IN, APPAREL),
    ]
    assert not any(isinstance(one, SnapshotDue) for one in outcomes)


def test_more_than_fits_into_one_go_follows_in_the_next_ones() -> None:
    """Cases of entries first, then matters; each once, and nothing is left."""
    account = Account()
    numbers = [number for number, _ in zip(entry_numbers(), range(AT_ONCE + 30), strict=False)]
    for number in numbers:
        account.tell(summary(number=number))
    for at in range(AT_ONCE):
        account.tell(notice("form_28", number=numbers[at], notice_id=f"N-{at}"))
    arrivals = _arrivals(moved(account))
    goes = 0

    while account.books.transfer is not None:
        after, account.books.transfer = account.books.transfer, None
        arrivals += _arrivals(go_on_transferring(account.books, RULES, account.now_ms, after))
        goes += 1

    assert len(arrivals) == len(set(arrivals)) == 2 * AT_ONCE + 30
    assert {case.desk for case in account.books.cases.values()} == {APPAREL}
    assert {case.desk for case in account.books.matters.values()} == {APPAREL}
    assert goes == 2


def _arrivals(outcomes: list[Any]) -> list[str]:
    return [one.case_id for one in outcomes if getattr(one, "action", None) is Action.TRANSFERRED_IN]
