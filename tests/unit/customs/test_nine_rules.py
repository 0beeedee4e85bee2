"""The nine rules of an entry summary's life (ACE Entry Summary Create/Update and Query), one after the other."""

import itertools
from typing import Any

import pytest

from streams.customs.case_clocks import clocks_of
from streams.customs.correction_rules import (
    AT_MOST,
    GIVES_REASONS,
    IN_TIME,
    KEEPS_IMPORTER_AND_PORT,
    NOT_INFORMAL,
    NOT_RECONCILED,
    OF_A_PAID_SUMMARY,
    OF_A_SCHEDULED_LIQUIDATION,
    TYPE_BETWEEN_01_AND_03,
)
from streams.customs.corrections import CorrectionUndone
from streams.customs.entry_summary import state_of
from streams.customs.events import Line, StatusNotified, SummaryFiled
from streams.customs.facts_known import Fact
from streams.customs.life_cycle import Kind, State
from streams.customs.liquidation import FactNoted
from streams.customs.outcomes import Ignored, NotActed, Outcome, Refused, Released, SnapshotDue, Waits
from streams.customs.rules import (
    DELETE_TRADE_CONTROL,
    OLDER_VERSION,
    ONLY_AFTER_REJECTION,
    ONLY_CORRECTIONS,
    UNKNOWN_ENTRY,
    Rule,
)
from streams.customs.versions import MOST
from streams.customs.work import Action
from streams.customs.work_types import CORRECTION_REVIEW, REJECTION, REVIEW
from tests.unit.customs.kit import (
    APPAREL,
    COMPUTER,
    CONSUMER_PRODUCTS,
    ELECTRONICS,
    ENTRY,
    SHIRT,
    TOY,
    Account,
    Told,
    at,
    cause,
    day,
    fact,
    line,
    summary,
    work_of,
)

SCHEDULED = "2027-01-15"
"""A Friday; the last day for a correction is 31 December 2026, a Thursday."""


def paid(*lines: Line, **others: Any) -> Account:
    """Return an account with one paid summary whose liquidation is scheduled."""
    account = Account()
    account.tell(summary(*lines, **others))
    account.tell(fact(Kind.PAID, "2026-03-12T15:00:00"))
    account.tell(fact(Kind.SCHEDULED, "2026-03-13T15:00:00", on=SCHEDULED))
    return account


def correction(
    *lines: Line, accepted: str = "2026-05-04T15:00:00", version: str = "00200", **others: Any
) -> SummaryFiled:
    """Return a correction."""
    return summary(*lines, kind=Kind.CORRECTED, accepted=accepted, version=version, **others)


def reverted(when: str = "2026-06-01T15:00:00", version: str = "") -> CorrectionUndone:
    """Return CBP's word that it took a correction back."""
    return CorrectionUndone(cause(at(when)), Fact.PSC_REVERTED, ENTRY, day(when[:10]), "psc_reverted", version)


def rejected(when: str = "2026-06-01T15:00:00", version: str = "") -> CorrectionUndone:
    """Return CBP's word that it rejected a correction."""
    return CorrectionUndone(cause(at(when)), Fact.PSC_REJECTED, ENTRY, day(when[:10]), "psc_rejected", version)


def notified(disposition: str, when: str = "2026-06-01T15:00:00") -> StatusNotified:
    """Return a status notification."""
    return StatusNotified(cause(at(when)), ENTRY, disposition, "", day(when[:10]))


def in_the_mix(account: Account) -> list[tuple[int, int]]:
    """Return Center and lines of all that counts."""
    assert account.books.account_ledger is not None
    return [(count.center, count.lines) for count in account.books.account_ledger.mix.centers]


# --- rule 1: no deltas ----------------------------------------------------------------------------------------


def test_rule_1_a_replacement_wipes_all_that_was_there() -> None:
    """Lines, type, ports, dates and warnings are those of the new version alone."""
    account = Account()
    account.tell(summary(line(COMPUTER), line(SHIRT), entry_type="02", ports=("2704", "1401"), census_warnings=True))

    account.tell(
        summary(line(TOY), kind=Kind.REPLACED, accepted="2026-03-03T15:00:00", entered="2026-02-27", ports=("1101",))
    )

    entry = account.entry()
    assert (entry.entry_type, entry.ports, entry.summary_day) == ("01", ("1101",), day("2026-02-27"))
    assert in_the_mix(account) == [(CONSUMER_PRODUCTS, 1)]
    assert account.open_cases() == [(REVIEW.number, APPAREL)]


# --- rule 2: implicit delete ----------------------------------------------------------------------------------


def test_rule_2_a_failed_replacement_deletes_under_trade_control() -> None:
    """Nothing of the summary counts any more; it may be added again."""
    account = Account()
    account.tell(summary())

    account.tell(fact(Kind.REPLACE_FAILED))
    deleted = state_of(account.entry()), in_the_mix(account), account.open_cases()
    account.tell(summary(accepted="2026-03-11T15:00:00"))

    assert deleted == (State.DELETED, [], [])
    assert state_of(account.entry()) is State.TRADE_CONTROL


def test_rule_2_under_cbp_control_a_failed_replacement_leaves_the_summary_and_an_ordinary_one_needs_a_rejection() -> (
    None
):
    """After the rejection it is taken, and the filer has control again."""
    account = Account()
    account.tell(summary())
    account.tell(fact(Kind.CONTROL_CBP, "2026-03-03T15:00:00"))

    account.tell(fact(Kind.REPLACE_FAILED, "2026-03-04T15:00:00"))
    intact = state_of(account.entry()), in_the_mix(account)
    early = account.tell(summary(kind=Kind.REPLACED, accepted="2026-03-05T15:00:00"))
    account.tell(fact(Kind.REJECTED, "2026-03-06T15:00:00"))
    account.tell(summary(kind=Kind.REPLACED, accepted="2026-03-07T15:00:00", version="00200"))

    assert intact == (State.CBP_CONTROL, [(ELECTRONICS, 1)])
    assert early == [Refused(ONLY_AFTER_REJECTION, ENTRY)]
    assert state_of(account.entry()) is State.TRADE_CONTROL


# --- rule 3: deletion -----------------------------------------------------------------------------------------


def test_rule_3_a_summary_is_deleted_under_trade_control_only() -> None:
    """CBP has control: the deletion is refused."""
    account = Account()
    account.tell(summary())
    account.tell(fact(Kind.CONTROL_CBP, "2026-03-03T15:00:00"))

    assert account.tell(fact(Kind.DELETED, "2026-03-04T15:00:00")) == [Refused(DELETE_TRADE_CONTROL, ENTRY)]


def test_rule_3_a_correction_is_never_deleted() -> None:
    """Also where CBP never took control."""
    account = paid()
    account.tell(correction(line(SHIRT)))

    assert account.tell(fact(Kind.DELETED, "2026-05-05T15:00:00")) == [Refused(DELETE_TRADE_CONTROL, ENTRY)]
    assert in_the_mix(account) == [(APPAREL, 1)]


# --- rule 4: after one correction only corrections ------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.ACCEPTED, Kind.REPLACED])
@pytest.mark.parametrize("then", [(), (reverted(),), (fact(Kind.REJECTED, "2026-06-01T15:00:00"),)], ids=len)
def test_rule_4_after_one_accepted_correction_ordinary_filings_are_refused(kind: Kind, then: tuple[Told, ...]) -> None:
    """Also after CBP took it back, or rejected it."""
    account = paid()
    account.tell(correction(line(SHIRT)))
    for event in then:
        account.tell(event)

    outcomes = account.tell(summary(line(TOY), kind=kind, accepted="2026-06-20T15:00:00", version="00300"))

    assert outcomes == [Refused(ONLY_CORRECTIONS, ENTRY)]


def test_rule_4_further_corrections_are_taken() -> None:
    """Each is a whole new version."""
    account = paid()
    account.tell(correction(line(SHIRT)))

    account.tell(correction(line(TOY), accepted="2026-06-20T15:00:00", version="00300"))

    assert in_the_mix(account) == [(CONSUMER_PRODUCTS, 1)]


def test_rule_4_an_ordinary_filing_from_before_the_correction_is_only_late() -> None:
    """It stands again when the correction is taken back; an older one changes nothing."""
    account = paid()
    account.tell(correction(line(SHIRT)))

    late = account.tell(summary(line(TOY), kind=Kind.REPLACED, accepted="2026-03-03T15:00:00"))
    again = account.tell(summary(line(TOY), kind=Kind.REPLACED, accepted="2026-03-03T15:00:00"))
    older = account.tell(summary(line(COMPUTER), kind=Kind.REPLACED, accepted="2026-03-02T16:00:00"))
    account.tell(reverted())

    assert (late, again, older) == (
        [Ignored(OLDER_VERSION, ENTRY)],
        [Ignored(None, ENTRY)],
        [Ignored(OLDER_VERSION, ENTRY)],
    )
    assert in_the_mix(account) == [(CONSUMER_PRODUCTS, 1)]


# --- rule 5: what a correction needs --------------------------------------------------------------------------


def test_rule_5_a_correction_is_taken_and_reviewed() -> None:
    """It opens its own case beside the review, which hears of it."""
    account = paid()

    outcomes = account.tell(correction(line(SHIRT)))

    assert [(item.case.work_type, item.action) for item in work_of(outcomes)] == [
        (REVIEW.number, Action.UPDATED),
        (CORRECTION_REVIEW.number, Action.OPENED),
    ]
    assert state_of(account.entry()) is State.CORRECTED


@pytest.mark.parametrize(
    ("former", "changed", "rule"),
    [
        ({}, {"has_grounds": False}, GIVES_REASONS),
        ({"entry_type": "11"}, {"entry_type": "11"}, NOT_INFORMAL),
        ({"entry_type": "12"}, {"entry_type": "01"}, NOT_INFORMAL),
        ({"entry_type": "01"}, {"entry_type": "11"}, NOT_INFORMAL),
        ({"entry_type": "09"}, {"entry_type": "09"}, NOT_RECONCILED),
        ({}, {"importer": "12-345678901"}, KEEPS_IMPORTER_AND_PORT),
        ({}, {"ports": ("1401",)}, KEEPS_IMPORTER_AND_PORT),
        ({}, {"entry_type": "02"}, TYPE_BETWEEN_01_AND_03),
        ({"entry_type": "06"}, {"entry_type": "01"}, TYPE_BETWEEN_01_AND_03),
        ({"entry_type": "03"}, {"entry_type": "07"}, TYPE_BETWEEN_01_AND_03),
    ],
)
def test_rule_5_a_correction_is_refused_by_its_content(
    former: dict[str, Any], changed: dict[str, Any], rule: Rule
) -> None:
    """And the summary stays as it was."""
    account = paid(**former)
    before = account.entry()

    assert account.tell(correction(**former | changed)) == [Refused(rule, ENTRY)]
    assert account.entry() == before


@pytest.mark.parametrize(("former", "after"), [("01", "03"), ("03", "01"), ("01", "01"), ("02", "02"), ("06", "06")])
def test_rule_5_the_type_stays_or_changes_between_01_and_03(former: str, after: str) -> None:
    """A further port of unlading is no other port of entry."""
    account = paid(entry_type=former)

    account.tell(correction(entry_type=after, ports=("2704", "1401")))

    assert (account.entry().entry_type, account.entry().corrected) == (after, True)


@pytest.mark.parametrize(
    ("lacking", "rule"), [(Kind.PAID, OF_A_PAID_SUMMARY), (Kind.SCHEDULED, OF_A_SCHEDULED_LIQUIDATION)]
)
def test_rule_5_a_correction_waits_for_payment_and_schedule_and_is_refused_without(lacking: Kind, rule: Rule) -> None:
    """CBP has accepted it: what it needs is most likely still on its way."""
    account, other = Account(), Kind.PAID if lacking is Kind.SCHEDULED else Kind.SCHEDULED
    account.tell(summary())
    account.tell(fact(other, "2026-03-13T15:00:00", on=SCHEDULED))

    waits = account.tell(correction(line(SHIRT)))
    refused = account.tell_at_last(correction(line(SHIRT)))
    released = account.tell(fact(lacking, "2026-03-14T15:00:00", on=SCHEDULED))

    assert (waits, refused) == ([Waits(ENTRY)], [Refused(rule, ENTRY)])
    assert released[-1] == Released(ENTRY)
    assert in_the_mix(account) == [(APPAREL, 1)]
    assert not account.entry().waiting


@pytest.mark.parametrize("entry_type", ["03", "07", "34", "38"])
def test_rule_5_antidumping_and_countervailing_types_need_no_scheduled_liquidation(entry_type: str) -> None:
    """Their liquidation is suspended."""
    account = Account()
    account.tell(summary(entry_type=entry_type))
    account.tell(fact(Kind.PAID))

    account.tell(correction(entry_type=entry_type))

    assert state_of(account.entry()) is State.CORRECTED


@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [("2026-12-31T15:00:00", False), ("2026-12-28T15:00:00", False), ("2026-12-24T15:00:00", True)],
)
def test_rule_5_a_correction_comes_within_300_days_of_entry(accepted: str, *, is_taken: bool) -> None:
    """300 days after 1 March 2026 are 26 December, a Saturday: the last day is Monday, 28 December."""
    account = paid(entered="2026-02-27")

    outcomes = account.tell_at_last(correction(accepted=accepted))

    assert (outcomes == [Refused(IN_TIME, ENTRY)]) is not is_taken


@pytest.mark.parametrize(("accepted", "is_taken"), [("2026-12-31T15:00:00", True), ("2027-01-01T15:00:00", False)])
def test_rule_5_no_correction_comes_within_14_days_of_liquidation(accepted: str, *, is_taken: bool) -> None:
    """Fifteen days before it is in time. A granted extension lifts the 300 days, and counts to its own date."""
    account = paid(entered="2026-03-20")
    account.tell(FactNoted(cause(at("2026-11-02")), Fact.EXTENDED, ENTRY, day(SCHEDULED), "liquidation_extended"))

    outcomes = account.tell_at_last(correction(accepted=accepted))

    assert (outcomes == [Refused(IN_TIME, ENTRY)]) is not is_taken


def test_rule_5_a_correction_that_seems_late_waits_for_another_date_of_liquidation() -> None:
    """The word that CBP has moved it may come after the correction."""
    account = paid(entered="2026-10-02")
    late = correction(accepted="2027-01-08T15:00:00")

    waits = account.tell(late)
    account.tell(fact(Kind.SCHEDULED, "2026-12-13T15:00:00", on="2027-08-13"))

    assert waits == [Waits(ENTRY)]
    assert account.entry().corrected


# --- corrections that CBP takes back --------------------------------------------------------------------------


def test_a_reversal_restores_the_former_version_and_sends_its_summary_again() -> None:
    """In the mix, in the cases and at the Center, byte for byte."""
    account = paid(line(COMPUTER), line(COMPUTER))
    before = account.entry()
    account.tell(correction(line(COMPUTER), line(COMPUTER), line(SHIRT), entry_type="03"))

    outcomes = account.tell(reverted())

    [snapshot] = [one for one in outcomes if isinstance(one, SnapshotDue)]
    assert snapshot.body == f"{ENTRY} 00100 2026-03-02T15:00:00".encode()
    assert [(item.case.work_type, item.action) for item in work_of(outcomes)] == [
        (CORRECTION_REVIEW.number, Action.CLOSED),
        (24, Action.CLOSED),
        (REVIEW.number, Action.UPDATED),
    ]
    assert in_the_mix(account) == [(ELECTRONICS, 2)]
    kept = (
        "version",
        "accepted_ms",
        "version_event",
        "corrected",
        "entry_type",
        "called_for",
        "counted",
        "counted_day",
    )
    assert [getattr(account.entry(), name) for name in kept] == [getattr(before, name) for name in kept]
    assert state_of(account.entry()) is State.TRADE_CONTROL


def test_a_reversal_restores_the_correction_before_it() -> None:
    """Without a version the newest one goes; with one, all above it."""
    for version, center in (("", APPAREL), ("00200", APPAREL), ("00100", ELECTRONICS)):
        account = paid(line(COMPUTER))
        account.tell(correction(line(SHIRT)))
        account.tell(correction(line(TOY), accepted="2026-05-20T15:00:00", version="00300"))

        account.tell(reverted(version=version))

        assert in_the_mix(account) == [(center, 1)]


def test_a_rejected_correction_that_was_accepted_before_is_taken_back_and_one_that_never_was_changes_nothing() -> None:
    """Either way the filer has to replace it: the rejection is a case."""
    account = paid(line(COMPUTER))
    account.tell(correction(line(SHIRT)))

    never = account.tell(rejected("2026-05-20T15:00:00", "00300"))
    unnamed = account.tell(rejected("2026-05-21T15:00:00"))
    stands = in_the_mix(account)
    account.tell(rejected("2026-05-22T15:00:00", "00200"))

    assert [item.case.work_type for item in work_of(never)] == [REVIEW.number, REJECTION.number]
    assert [item.action for item in work_of(unnamed)] == [Action.UPDATED, Action.UPDATED]
    assert stands == [(APPAREL, 1)]
    assert in_the_mix(account) == [(ELECTRONICS, 1)]


def test_a_status_notification_reverts_like_the_event_itself() -> None:
    """UC disposition R; told twice it is ignored."""
    account = paid(line(COMPUTER))
    account.tell(correction(line(SHIRT)))

    account.tell(notified("R"))

    assert in_the_mix(account) == [(ELECTRONICS, 1)]
    assert account.tell(notified("R")) == [Ignored(None, ENTRY)]


def test_after_a_reversal_a_newer_correction_stands() -> None:
    """One that was accepted after it; one from before, heard of late, does not."""
    account = paid(line(COMPUTER))
    account.tell(correction(line(SHIRT)))
    account.tell(reverted())

    undone = account.tell(correction(line(TOY), accepted="2026-04-01T15:00:00", version="00150"))
    before = in_the_mix(account)
    account.tell(correction(line(TOY), accepted="2026-06-02T15:00:00", version="00300"))

    assert work_of(undone) != []
    assert before == [(CONSUMER_PRODUCTS, 1)]  # the reversal took the newer one back, this one stood before it
    assert in_the_mix(account) == [(CONSUMER_PRODUCTS, 1)]
    assert account.entry().version == "00300"


def test_corrections_and_reversals_end_the_same_in_every_order() -> None:
    """All orders of two corrections, a reversal, a late replacement and the payment."""
    events: list[Told] = [
        summary(line(COMPUTER)),
        summary(line(COMPUTER), line(TOY), kind=Kind.REPLACED, accepted="2026-03-03T15:00:00"),
        fact(Kind.PAID, "2026-03-12T15:00:00"),
        fact(Kind.SCHEDULED, "2026-03-13T15:00:00", on=SCHEDULED),
        correction(line(SHIRT)),
        reverted("2026-05-10T15:00:00"),
    ]
    ends = set()
    for order in itertools.permutations(events):
        account = Account()
        account.now_ms = at("2026-07-01T15:00:00")
        for event in order:
            account.tell(event)
        ends.add((account.entry()._replace(told=0, closed_cases=(), due_on=0), tuple(in_the_mix(account))))

    [(entry, mix)] = ends
    assert (entry.corrected, mix) == (False, ((ELECTRONICS, 1), (CONSUMER_PRODUCTS, 1)))


def test_of_one_entry_only_so_many_corrections_are_kept() -> None:
    """The record of its versions stays below 64 KB."""
    account = paid()
    for number in range(MOST - 1):
        account.tell(
            correction(version=f"{number + 200:05d}", accepted=f"2026-05-04T15:{number // 60:02d}:{number % 60:02d}")
        )

    over = account.tell(correction(version="09000", accepted="2026-05-05T15:00:00"))
    reversal = account.tell(reverted())

    assert over == reversal == [Refused(AT_MOST, ENTRY)]
    assert max(len(note) for note in account.books.notes.values()) < 64 * 1024


# --- rule 6: the order of versions ----------------------------------------------------------------------------


def test_rule_6_versions_order_by_number_then_acceptance_then_event_id() -> None:
    """Whatever the order of arrival, the last of these stands."""
    first = summary(line(COMPUTER), version="00100", accepted="2026-03-04T15:00:00")
    later = summary(line(SHIRT), kind=Kind.REPLACED, version="00100", accepted="2026-03-05T15:00:00")
    twin = later._replace(event_id=bytes(reversed(range(240, 256))), lines=(line(TOY),), body=b"twin")
    grown = summary(line(TOY), kind=Kind.REPLACED, version="00101", accepted="2026-03-03T15:00:00")
    newest_by_id = max(later, twin, key=_event_id)

    for events, newest in (
        ([first, later], later),
        ([first, later, twin], newest_by_id),
        ([first, later, grown], grown),
    ):
        for order in itertools.permutations(events):
            account = Account()
            for event in order:
                account.tell(event)
            entry = account.entry()
            assert (entry.version, entry.version_event) == (newest.version, newest.event_id)


def _event_id(filed: SummaryFiled) -> bytes:
    return filed.event_id


# --- rule 7: ownership ----------------------------------------------------------------------------------------


def test_rule_7_a_correction_of_another_filer_is_taken_and_the_notice_of_it_updates_the_review() -> None:
    """Nothing of a correction depends on who filed it; UC disposition 8 tells the first filer."""
    account = paid(line(COMPUTER))
    account.tell(correction(line(SHIRT))._replace(cause=cause(at("2026-05-04T15:00:00"))._replace(source="filer:XYZ")))

    outcomes = account.tell(notified("8"))
    again = account.tell(notified("8"))

    assert in_the_mix(account) == [(APPAREL, 1)]
    assert [(item.case.work_type, item.action, item.rule) for item in work_of(outcomes)] == [
        (REVIEW.number, Action.UPDATED, "status_notification/8")
    ]
    assert again == [Ignored(None, ENTRY)]
    assert account.tell(notified("P", "2026-06-02T15:00:00")) == [NotActed()]


def test_rule_7_a_correction_whose_summary_nobody_has_seen_waits_for_it() -> None:
    """And is refused when it never comes."""
    account = Account()

    waits = account.tell(correction(line(SHIRT)))
    refused = account.tell_at_last(correction(line(SHIRT)))

    assert (waits, refused) == ([Waits(ENTRY)], [Refused(UNKNOWN_ENTRY, ENTRY)])


# --- rule 8: entry numbers used again -------------------------------------------------------------------------


@pytest.mark.parametrize(("accepted", "generation"), [("2037-01-14T15:00:00", 0), ("2037-01-15T15:00:00", 1)])
def test_rule_8_an_entry_number_may_be_used_again_120_months_after_liquidation(accepted: str, generation: int) -> None:
    """Not a day earlier; also where the former life had a correction, of which the new one knows nothing."""
    account = paid(line(COMPUTER))
    account.tell(correction(line(SHIRT)))
    account.tell(fact(Kind.LIQUIDATED, "2027-01-15T15:00:00"))

    account.tell(summary(line(TOY), accepted=accepted, entered=accepted[:10]))

    entry = account.entry()
    assert (entry.generation, entry.corrected) == (generation, not generation)


# --- rule 9: the entry date -----------------------------------------------------------------------------------


def test_rule_9_the_entry_date_may_come_later_and_moves_count_and_clocks() -> None:
    """The estimate counts until then; a later version does not bring it back."""
    account = Account()
    account.tell(summary(entered="2026-03-01"))

    account.tell(fact(Kind.DATE_SET, "2026-03-09T15:00:00", on="2026-03-05"))
    account.tell(summary(kind=Kind.REPLACED, accepted="2026-03-10T15:00:00", entered="2026-03-02"))

    assert account.entry().counted_day == day("2026-03-05")
    deemed = {clock.name: clock for clock in clocks_of(REVIEW, account.entry())}["deemed_liquidation"]
    assert deemed.warn_by.isoformat() == "2027-03-05"


def test_rule_9_a_corrected_entry_date_wins_by_its_own_time() -> None:
    """The word of CBP that came last, not the one that arrived last."""
    events: list[Told] = [
        summary(),
        fact(Kind.DATE_SET, "2026-03-09T15:00:00", on="2026-03-05"),
        fact(Kind.DATE_SET, "2026-03-10T15:00:00", on="2026-03-04"),
    ]
    for order in itertools.permutations(events):
        account = Account()
        outcomes: list[Outcome] = [outcome for event in order for outcome in account.tell(event)]
        assert account.entry().counted_day == day("2026-03-04")
        assert not any(isinstance(outcome, Refused) for outcome in outcomes)
