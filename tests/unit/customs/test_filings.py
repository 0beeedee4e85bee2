"""Claims, declarations, petitions and inquiries: each in its time, each one case, each answered once."""

from typing import Any

import pytest

from streams.customs.cases import ELSEWHERE, PENDING
from streams.customs.clocks import date_of
from streams.customs.facts_known import Fact, day_of
from streams.customs.filing_rules import (
    CASE_HOLDS_AT_MOST,
    IMPORTATION_EXTENDED,
    INQUIRY_SUBJECT,
    KNOWN_NOTICE,
    OPEN_PETITION,
    OWNER_IN_TIME,
    OWNER_OF_ENTRY,
    PETITION_IN_TIME,
    PREFERENCE_DATED,
    PREFERENCE_IN_TIME,
    UNKNOWN_DISCLOSURE,
)
from streams.customs.inquiry import industries
from streams.customs.life_cycle import Kind
from streams.customs.matters import MOST_ENTRIES, MOST_REFERENCES, clocks_of_matter
from streams.customs.notice_periods import OWNER_DECLARATION_FILING, PREFERENCE_REFUND
from streams.customs.outcomes import Ignored, Waits
from streams.customs.work_types import (
    DOMESTIC_PARTY,
    INFORMATION_REQUEST,
    INQUIRY,
    LIQUIDATED_DAMAGES,
    MARKING_NOTICE,
    OWNER_DECLARATION,
    PENALTY,
    PREFERENCE_CLAIM,
    PRIOR_DISCLOSURE,
    PROTEST,
    TEMPORARY_IMPORTATION,
    WorkType,
)
from tests.unit.customs.filings import (
    NUMBERS,
    amended,
    answered,
    answers,
    claim,
    closed,
    decided,
    heard,
    inquiry,
    matter,
    matters_of,
    notice,
    petition,
    petition_decided,
    protest,
    results,
    rules_of,
    with_entries,
)
from tests.unit.customs.kit import (
    APPAREL,
    COMPUTER,
    ELECTRONICS,
    ENTRY,
    IMPORTER,
    SHIRT,
    Account,
    Told,
    day,
    days_later,
    fact,
    released,
    summary,
)


def accepted(**others: Any) -> Account:
    """Return an account with one accepted summary."""
    account = Account()
    account.tell(summary(**others))
    return account


def clocks(account: Account, work_type: WorkType) -> list[tuple[str, str]]:
    """Return the clocks of the one matter of a work type, and the days on which they started."""
    return [(one.name, one.started_on.isoformat()) for one in clocks_of_matter(matter(account, work_type)[1])]


# --- claims ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("filed_on", "rule"), [("2027-03-01", None), ("2027-03-02", PREFERENCE_IN_TIME)])
def test_a_preference_is_claimed_within_a_year_of_importation(filed_on: str, rule: Any) -> None:
    """The year ends on 28 February 2027, a Sunday, and closes on Monday."""
    account = accepted()
    imported = day("2026-02-28")
    assert PREFERENCE_REFUND.start(date_of(imported)).closes_after.isoformat() == "2027-03-01"

    outcomes = account.tell(claim("preference_refund", filed_on, import_day=imported))

    assert rules_of(outcomes) == ([rule.name] if rule else [])
    assert len(matters_of(account, PREFERENCE_CLAIM)) == (rule is None)


def test_a_preference_claim_is_dated_by_itself_its_entry_or_not_at_all() -> None:
    """PREFERENCE_DATED: without a date nobody can tell whether it is in time."""
    account = accepted()

    by_entry = account.tell(claim("preference_refund", number="C-1"))
    started = clocks(account, PREFERENCE_CLAIM)
    undated = account.tell(claim("preference_refund", number="C-2", entries=(NUMBERS[0],)))
    without = account.tell(claim("preference_refund", number="C-3", entries=()))

    assert (rules_of(by_entry), started) == ([], [("preference_refund_claim", "2026-03-01")])
    assert rules_of(undated) == rules_of(without) == [PREFERENCE_DATED.name]


@pytest.mark.parametrize(("days", "rule"), [(0, None), (1, OWNER_IN_TIME)])
def test_the_owner_is_declared_within_90_days_of_entry(days: int, rule: Any) -> None:
    """To the last day of it, moved to a working day."""
    account = accepted()
    last = OWNER_DECLARATION_FILING.start(date_of(day("2026-03-01"))).closes_after.isoformat()

    outcomes = account.tell(claim("owner_declaration", days_later(last, days)))

    assert rules_of(outcomes) == ([rule.name] if rule else [])


def test_a_declaration_of_the_owner_names_a_known_entry() -> None:
    """OWNER_OF_ENTRY; an extension of a temporary importation needs one too."""
    account = accepted()

    outcomes = [
        account.tell(claim("owner_declaration", entries=())),
        account.tell(claim("owner_declaration", entries=(NUMBERS[0],))),
        account.tell(claim("tib_extension", entries=())),
        account.tell(claim("tib_extension", entries=(NUMBERS[0],))),
    ]

    assert [rules_of(one) for one in outcomes] == [[OWNER_OF_ENTRY.name]] * 4
    assert matters_of(account, OWNER_DECLARATION) == []


def test_a_temporary_importation_is_extended_by_a_year_at_a_time_to_three_in_all() -> None:
    """IMPORTATION_EXTENDED; the clock of its case moves along."""
    account = accepted(entry_type="23")
    imported = "2026-03-01"

    outcomes = [
        account.tell(claim("tib_extension", when, number=when)) for when in ("2026-12-01", "2027-12-01", "2028-12-01")
    ]

    assert [rules_of(one) for one in outcomes] == [[], [], [IMPORTATION_EXTENDED.name]]
    assert day_of(account.entry().facts, Fact.IMPORTATION_EXTENDED) == day(imported.replace("2026", "2029"))
    assert account.entry().open_cases & TEMPORARY_IMPORTATION.bit


def test_a_claim_is_one_case_however_often_it_is_filed_and_also_after_its_end() -> None:
    """Told again it is a repeat."""
    account = accepted()
    account.tell(claim("owner_declaration"))
    open_again = account.tell(claim("owner_declaration"))
    account.tell(closed(matter(account, OWNER_DECLARATION)[0]))

    assert open_again == account.tell(claim("owner_declaration")) == [Ignored(None, "")]


def test_a_domestic_party_that_imports_nothing_goes_to_the_center_of_the_goods() -> None:
    """And headquarters has a part in it; without known goods it stays pending."""
    account = Account()

    outcomes = account.tell(claim("domestic_party", importer="", entries=(), htsus=SHIRT))
    account.tell(claim("domestic_party", number="C-2", importer="", entries=(), htsus=""))

    assert heard(outcomes) == [
        ("domestic_interested_party_petition", "opened", "owner"),
        ("domestic_interested_party_petition", "opened", "joint"),
    ]
    assert [one.desk for one in matters_of(account, DOMESTIC_PARTY)] == [APPAREL, PENDING]


def test_an_unpaid_amount_starts_the_time_of_an_open_disclosure_only() -> None:
    """UNKNOWN_DISCLOSURE where nothing was disclosed, or the case is closed."""
    account = accepted()
    without = account.tell(notice("unpaid_amount", notice_id="N-1"))
    account.tell(claim("prior_disclosure"))

    started = account.tell(notice("unpaid_amount", "2026-04-20", notice_id="N-2"))
    days_30 = clocks(account, PRIOR_DISCLOSURE)
    account.tell(closed(matter(account, PRIOR_DISCLOSURE)[0]))
    over = account.tell(notice("unpaid_amount", "2026-04-21", notice_id="N-3"))

    assert rules_of(without) == rules_of(over) == [UNKNOWN_DISCLOSURE.name]
    assert heard(started)[0] == ("prior_disclosure", "updated", "owner")
    assert days_30 == [("prior_disclosure_tender", "2026-04-20")]


# --- petitions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "work_type"), [("penalty", PENALTY), ("liquidated_damages", LIQUIDATED_DAMAGES)])
def test_a_petition_joins_the_case_of_its_notice_and_stops_its_time(kind: str, work_type: WorkType) -> None:
    """Port and Center both hear of it; told twice it is a repeat."""
    account = accepted()
    account.tell(notice(kind, port="2704", mailed_day=day("2026-03-12")))

    outcomes = account.tell(petition(kind, notice_id=f"N-{kind}"))
    again = account.tell(petition(kind, notice_id=f"N-{kind}"))

    case = matter(account, work_type)[1]
    assert (case.desk, case.beside, case.references) == (ELSEWHERE, ELECTRONICS, (f"{kind}/N-{kind}", "P-1"))
    assert heard(outcomes) == [(work_type.name, "updated", "owner"), (work_type.name, "updated", "joint")]
    assert case.clocks == ()
    assert again == [Ignored(None, "")]


@pytest.mark.parametrize(("filed_on", "rule"), [("2026-05-11", None), ("2026-05-12", PETITION_IN_TIME)])
def test_a_petition_comes_within_60_days_of_the_mailing_of_its_notice(filed_on: str, rule: Any) -> None:
    """60 days after 12 March are 11 May."""
    account = accepted()
    account.tell(notice("penalty", mailed_day=day("2026-03-12")))

    outcomes = account.tell(petition(when=filed_on, notice_id="N-penalty"))

    assert rules_of(outcomes) == ([rule.name] if rule else [])


def test_a_petition_without_its_notice_is_a_case_of_its_own() -> None:
    """With the ports of its entries."""
    account = accepted(ports=("1401",))

    account.tell(petition(notice_id="N-unknown"))

    case = matter(account, PENALTY)[1]
    assert (case.references, case.ports, case.entries) == (("P-1",), ("2704", "1401"), ((ENTRY, 0),))


def test_a_decided_petition_is_answered_once() -> None:
    """OPEN_PETITION where none is open; the port decides, no Center."""
    account = accepted()
    unknown = account.tell(petition_decided())
    account.tell(petition())

    outcomes = account.tell(petition_decided())
    again = account.tell(petition_decided())
    other = account.tell(petition_decided("2026-05-02"))

    assert [(one.decision, one.center, one.text) for one in answers(outcomes)] == [("mitigated", 0, "To a tenth.")]
    assert results(outcomes) == [(ENTRY, "2704", "mitigated", "")]
    assert again == [Ignored(None, "")]
    assert rules_of(unknown) == rules_of(other) == [OPEN_PETITION.name]


# --- inquiries ------------------------------------------------------------------------------------------------


def test_an_inquiry_of_an_importer_or_about_an_entry_goes_to_the_importers_center() -> None:
    """Whatever goods it names; one case, one answer, and a repeat changes nothing."""
    account = accepted(ports=("1401",))

    account.tell(inquiry(importer=IMPORTER, htsus=SHIRT))
    account.tell(inquiry(number="Q-2", entry_number=ENTRY, port="2704"))

    first, second = matters_of(account, INQUIRY)
    assert (first.desk, second.desk) == (ELECTRONICS, ELECTRONICS)
    assert (second.ports, second.entries) == (("2704", "1401"), ((ENTRY, 0),))
    [name, _] = [one for one, case in account.books.matters.items() if case.work_type == INQUIRY.number]
    open_again = account.tell(inquiry(importer=IMPORTER))
    outcomes = account.tell(decided(name, "answered"))
    closed_again = account.tell(inquiry(importer=IMPORTER))
    assert open_again == closed_again == [Ignored(None, "")]
    assert [one.decision for one in answers(outcomes)] == ["answered"]


@pytest.mark.parametrize(
    ("subject", "desk"),
    [
        ({"htsus": COMPUTER}, ELECTRONICS),
        ({"htsus": "6109"}, APPAREL),
        ({"htsus": SHIRT, "industry": "Computers"}, APPAREL),
        ({"htsus": "9802008065"}, PENDING),
        ({"htsus": "9903880300"}, PENDING),
        ({"htsus": "9903880300", "industry": "machinery"}, PENDING),
        ({"industry": "something else"}, PENDING),
    ],
    ids=str,
)
def test_an_inquiry_that_names_only_goods_goes_to_the_center_that_covers_them(
    subject: dict[str, str], desk: int
) -> None:
    """Chapters 98 and 99 say how goods enter, not what they are: pending; so is an industry that is not listed."""
    account = Account()

    account.tell(inquiry(**subject))

    case = matter(account, INQUIRY)[1]
    assert (case.desk, case.heading) == (desk, subject.get("htsus", "")[:4])
    assert clocks(account, INQUIRY) == [("inquiry_answer", "2026-03-10")]


def test_an_inquiry_that_names_only_an_industry_goes_to_its_center() -> None:
    """Each of the closed list, however it is written; one that two Centers have belongs to neither."""
    assert len(industries()) > 10
    for industry, center in industries().items():
        account = Account()
        account.tell(inquiry(industry=f" {industry.upper()} "))
        assert matter(account, INQUIRY)[1].desk == center


def test_an_inquiry_about_nothing_is_refused() -> None:
    """INQUIRY_SUBJECT: nobody could answer it."""
    account = Account()

    assert rules_of(account.tell(inquiry())) == [INQUIRY_SUBJECT.name]


def test_an_inquiry_is_warned_of_and_escalated_after_30_days() -> None:
    """Our own service level."""
    account = Account()
    account.tell(inquiry(htsus=COMPUTER))

    warned, overdue = account.pass_days("2026-04-03"), account.pass_days("2026-04-10")

    assert heard(warned) == [("trade_inquiry", "due_soon", "owner")]
    assert heard(overdue) == [("trade_inquiry", "overdue", "owner")]


# --- answers to notices ---------------------------------------------------------------------------------------


def test_an_answer_stops_the_clock_of_the_notice_that_it_names() -> None:
    """With its kind, or by its number alone; told twice it is a repeat; to no notice it is refused (KNOWN_NOTICE)."""
    account = accepted()
    account.tell(notice("form_28"))
    account.tell(notice("form_4647", examined_at="premises", examined_day=day("2026-03-09")))

    by_kind = account.tell(answered("form_28", "N-form_28"))
    again = account.tell(answered("form_28", "N-form_28"))
    by_number = account.tell(answered("", "N-form_4647", "2026-03-21"))
    unknown = account.tell(answered("form_28", "N-9"))

    assert heard(by_kind) == [("request_for_information", "updated", "owner")]
    assert heard(by_number)[0] == ("marking_notice", "updated", "owner")
    assert matter(account, INFORMATION_REQUEST)[1].clocks == matter(account, MARKING_NOTICE)[1].clocks == ()
    assert again == [Ignored(None, ENTRY)]
    assert rules_of(unknown) == [KNOWN_NOTICE.name]


@pytest.mark.parametrize(
    ("kind", "changed", "clock"),
    [
        ("form_28", {}, ("form_28_answer", "2026-03-10")),
        ("form_29_proposed", {}, ("form_29_answer", "2026-03-10")),
        ("form_29_proposed", {"mailed_day": day("2026-03-12")}, ("form_29_answer", "2026-03-12")),
        ("form_29_taken", {}, None),
        ("form_4647", {"examined_at": "dock"}, ("marking_redelivery_demand", "2026-03-01")),
        (
            "form_4647",
            {"examined_at": "premises", "examined_day": day("2026-03-08")},
            ("marking_redelivery_demand", "2026-03-08"),
        ),
        ("form_4647", {"examined_at": "premises"}, ("marking_redelivery_demand", "2026-03-01")),
        ("redelivery", {"ground": "marking"}, ("marking_redelivery_demand", "2026-03-01")),
        ("redelivery", {"ground": "textiles"}, ("textile_redelivery_demand", "2026-03-01")),
        ("redelivery", {}, None),
        ("bill", {}, ("bill_payment", "2026-03-10")),
        ("refund", {}, ("refund_payment", "2026-03-10")),
        ("penalty", {}, ("penalty_petition", "2026-03-10")),
        ("liquidated_damages", {"mailed_day": day("2026-03-11")}, ("liquidated_damages_petition", "2026-03-11")),
        ("records_demand", {}, ("record_keeping", "2026-03-01")),
        ("ipr", {}, None),
        ("label_opportunity", {}, None),
        ("internal_advice", {}, None),
        ("bond_insufficient", {}, None),
        ("question", {"issue": "origin"}, None),
        ("question", {"issue": "marking"}, None),
    ],
)
def test_each_notice_starts_its_clock_on_its_day(
    kind: str, changed: dict[str, Any], clock: tuple[str, str] | None
) -> None:
    """Of issue, of mailing, of entry, or of the examination."""
    account = accepted()

    account.tell(notice(kind, **changed))

    [case] = account.books.matters.values()
    found = [(one.name, one.started_on.isoformat()) for one in clocks_of_matter(case)]
    assert found == ([clock] if clock else [])


def test_a_refund_counts_from_the_latest_liquidation_and_a_named_last_day_stands_above_the_period() -> None:
    """The reliquidation, else the liquidation."""
    account = accepted()
    account.tell(fact(Kind.LIQUIDATED, "2026-04-01T15:00:00"))
    account.tell(notice("refund", "2026-04-10"))
    account.tell(fact(Kind.RELIQUIDATED, "2026-05-01T15:00:00"))
    account.tell(notice("refund", "2026-05-10", notice_id="N-2", due_day=day("2026-08-01")))

    [case] = account.books.matters.values()
    [clock] = clocks_of_matter(case)
    assert (clock.started_on.isoformat(), clock.warn_by.isoformat()) == ("2026-05-01", "2026-08-01")


def test_a_notice_waits_for_its_summary_but_a_penalty_needs_only_the_entry() -> None:
    """A late summary is what the penalty may be about."""
    account = Account()
    waits = account.tell(notice("penalty"))
    account.tell(released())

    assert waits == [Waits(ENTRY)]
    assert account.tell(notice("form_28")) == [Waits(ENTRY)]
    assert heard(account.tell(notice("penalty", notice_id="N-2")))[0] == ("petition_penalty", "opened", "owner")


# --- what a case holds ----------------------------------------------------------------------------------------


def many(count: int) -> tuple[str, ...]:
    """Return numbers of entries that nobody knows."""
    return tuple(f"X{at:010d}" for at in range(count))


@pytest.mark.parametrize(("more", "is_taken"), [(MOST_ENTRIES - 1, True), (MOST_ENTRIES, False)])
def test_a_notice_claim_or_petition_about_more_than_a_thousand_entries_is_refused(more: int, *, is_taken: bool) -> None:
    """CASE_HOLDS_AT_MOST: nothing is cut off in silence."""
    told: list[Told] = [
        notice("form_28", further_entries=many(more)),
        claim("prior_disclosure", entries=(ENTRY, *many(more))),
        petition(entries=(ENTRY, *many(more))),
    ]
    for event in told:
        account = accepted()
        rules = rules_of(account.tell(event))
        assert rules == ([] if is_taken else [CASE_HOLDS_AT_MOST.name])
        assert len(account.books.matters) == is_taken


def test_a_full_case_takes_no_further_notice_in_another_is_opened_and_leads_from_then_on() -> None:
    """Of the same issue and heading."""
    account = accepted()
    question = {"issue": "value", "heading": "8471"}
    account.tell(notice("form_28", notice_id="N-1", further_entries=many(MOST_ENTRIES - 1), **question))

    account.tell(notice("form_28", notice_id="N-2", **question))
    account.tell(notice("form_28", notice_id="N-3", **question))

    first, second = matters_of(account, INFORMATION_REQUEST)
    assert (len(first.entries), first.references) == (MOST_ENTRIES, ("form_28/N-1",))
    assert (len(second.entries), second.references) == (1, ("form_28/N-2", "form_28/N-3"))


def test_a_bill_whose_case_is_full_is_refused() -> None:
    """There is one case of the money of an entry: CASE_HOLDS_AT_MOST."""
    account = accepted()
    account.tell(notice("bill", notice_id="N-1", further_entries=many(MOST_ENTRIES - 1)))

    refused = account.tell(notice("bill", notice_id="N-2"))
    again = account.tell(notice("bill", notice_id="N-2"))

    assert rules_of(refused) == rules_of(again) == [CASE_HOLDS_AT_MOST.name]


def test_a_case_takes_so_many_petitions_and_no_more() -> None:
    """Nor does a leading protest take more filings in; an amendment adds entries as far as there is room."""
    account = accepted()
    account.tell(notice("penalty"))
    [name] = account.books.matters
    full = tuple(f"P-{at}" for at in range(MOST_REFERENCES))
    account.books.matters[name] = account.books.matters[name]._replace(references=full)

    assert rules_of(account.tell(petition(notice_id="N-penalty"))) == [CASE_HOLDS_AT_MOST.name]


def test_an_amendment_adds_entries_to_a_protest_as_far_as_there_is_room() -> None:
    """The others are refused one by one."""
    account = with_entries(*NUMBERS[:3])
    account.tell(protest(NUMBERS[0]))
    name, case = matter(account, PROTEST)
    account.books.matters[name] = case._replace(entries=(*case.entries, *((one, 0) for one in many(MOST_ENTRIES - 2))))

    outcomes = account.tell(amended(NUMBERS[1], NUMBERS[2]))

    assert len(matter(account, PROTEST)[1].entries) == MOST_ENTRIES
    assert results(outcomes) == [(NUMBERS[2], "1103", "refused", "protest.entries_at_most")]
