"""What CBP answered decides which event a filing becomes, and its id."""

import io
from datetime import UTC, date, datetime

import pytest

from streams.contract.models import (
    EntrySummaryAccepted,
    EntrySummaryDeleted,
    EntrySummaryReplaced,
    EntrySummaryReplaceFailed,
    Event,
    PscAccepted,
    PscRejected,
    parse_event,
)
from streams.ports.abi.answer_book import AnswerBook
from streams.ports.abi.answer_writer import Answered, answer_text
from streams.ports.abi.answers import read_answers
from streams.ports.abi.outcomes import Outcome, Status, answered_outcomes, assumed_outcomes
from streams.ports.abi.reader import read_filings
from streams.ports.abi.record_writer import record_text
from streams.ports.abi.writer import Filed, batch_text

from .batches import NUMBERS, batch, changed, filings, summary, with_change

DAY = date(2026, 9, 2)
ENTRY = f"B76{NUMBERS[0]}"
OTHER = f"B76{NUMBERS[1]}"
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def correction(number: str = NUMBERS[0]) -> list[str]:
    """Return the example as a correction."""
    records = summary(number)
    header = changed(records[0], "10", action="R", post_summary_correction="Y")
    reason = changed("35".ljust(80), "35", psc_header_reason_1="H10")
    explanation = changed("36".ljust(80), "36", psc_explanation="CONSIGNEE CORRECTED")
    return [header, *records[1:3], reason, explanation, *records[3:]]


def outcomes(file: list[str], *answered: Answered, answers: str | None = None) -> list[Outcome]:
    """Pair a file with answers."""
    text = answers if answers is not None else answer_text(answered, batch_date=DAY, site="2720")
    items = read_filings(io.BytesIO("".join(f"{record}\n" for record in file).encode("latin-1")))
    with AnswerBook(read_answers(io.BytesIO(text.encode()))) as book:
        return [item for item in answered_outcomes(items, book) if isinstance(item, Outcome)]


def rejected(entry: str = ENTRY) -> Answered:
    """Return a fatal rejection."""
    return Answered(entry, "R", "TRANSACTION DATA REJECTED", "F", "123")


ACCEPTED_CASES = [
    ("A", summary(), EntrySummaryAccepted),
    ("R", with_change("10", action="R"), EntrySummaryReplaced),
    ("D", with_change("10", action="D")[:1], EntrySummaryDeleted),
    ("PSC", correction(), PscAccepted),
]


@pytest.mark.parametrize(("case", "records", "model"), ACCEPTED_CASES, ids=[case[0] for case in ACCEPTED_CASES])
def test_an_accepted_filing_is_the_event_of_its_action(case: str, records: list[str], model: type[Event]) -> None:
    (outcome,) = outcomes(batch(records), Answered(ENTRY))

    assert outcome.status is Status.EVENT, case
    assert type(outcome.event) is model
    assert outcome.event.event_time == datetime(2026, 9, 2, 4, 0, 0, 3000, tzinfo=UTC)
    assert outcome.event.source == "filer:B76"


@pytest.mark.parametrize(("case", "records", "model"), ACCEPTED_CASES, ids=[case[0] for case in ACCEPTED_CASES])
def test_the_contract_takes_every_event_that_is_made_without_its_validation(
    case: str, records: list[str], model: type[Event]
) -> None:
    """Events are put together from validated parts; the whole must be valid too."""
    warnings = [("W", "25H", "VALUE"), ("W", "26K", "QUANTITY")]
    (outcome,) = outcomes(batch(records), Answered(ENTRY, team_number="6B7", warnings=warnings))

    assert outcome.event is not None, case
    plain = outcome.event.model_dump(mode="json") | {"event_type": outcome.event.RECORD}
    assert parse_event(plain) == outcome.event
    assert isinstance(outcome.event, model)


def test_the_answer_tells_version_team_and_census_warnings() -> None:
    answered = Answered(
        ENTRY, team_number="6B7", warnings=[("W", "25H", "VALUE")], narrative="SUMMARY HAS BEEN REPLACED VERSION 00200"
    )
    (outcome,) = outcomes(batch(summary()), answered)

    assert isinstance(outcome.event, EntrySummaryAccepted)
    told = outcome.event.summary
    assert (told.version, told.team_number, told.census_warnings) == ("00200", "6B7", ("25H",))
    assert told.accepted_at == outcome.event.event_time


REJECTED_CASES = [
    ("addition", summary(), None),
    ("replacement", with_change("10", action="R"), EntrySummaryReplaceFailed),
    ("deletion", with_change("10", action="D")[:1], None),
    ("correction", correction(), PscRejected),
    ("replacement that we find unsound too", with_change("10", action="R", entry_type="99"), EntrySummaryReplaceFailed),
]


@pytest.mark.parametrize(("case", "records", "model"), REJECTED_CASES, ids=[case[0] for case in REJECTED_CASES])
def test_a_rejection_is_reported_and_where_it_changes_something_an_event(
    case: str, records: list[str], model: type[Event] | None
) -> None:
    """A replacement that fails fatally deletes the summary under trade control; a rejected addition is nothing."""
    (outcome,) = outcomes(batch(records), rejected())

    assert outcome.status is Status.REJECTED, case
    assert outcome.why == "F 123 TRANSACTION DATA REJECTED"
    assert (type(outcome.event) if outcome.event else None) is model
    if outcome.event:
        plain = outcome.event.model_dump(mode="json") | {"event_type": outcome.event.RECORD}
        assert parse_event(plain) == outcome.event


def test_conditions_that_are_no_codes_are_left_out_of_the_event() -> None:
    fatal = Answered(ENTRY, "R", "REJECTED", "F", "123", warnings=[("F", "2 H", "DAMAGED"), ("F", "25H", "VALUE")])
    (outcome,) = outcomes(batch(with_change("10", action="R")), fatal)

    assert isinstance(outcome.event, EntrySummaryReplaceFailed)
    assert outcome.event.conditions == ("25H", "123")
    assert outcome.event.text == "DAMAGED; VALUE; REJECTED"


def test_a_replacement_rejected_without_a_fatal_error_changes_nothing() -> None:
    (outcome,) = outcomes(batch(with_change("10", action="R")), Answered(ENTRY, "R", "NOT NOW", "I", "456"))

    assert (outcome.status, outcome.event) == (Status.REJECTED, None)


def test_a_filing_without_an_answer_is_reported() -> None:
    first, second = outcomes(batch(summary(), summary(NUMBERS[1])), Answered(OTHER))

    assert (first.status, first.why) == (Status.UNANSWERED, "the answers say nothing of it")
    assert second.status is Status.EVENT


def test_a_filing_that_is_unsound_and_was_accepted_is_not_published() -> None:
    """Then the file at hand is not what CBP saw."""
    (outcome,) = outcomes(batch(with_change("50", htsus="12")), Answered(ENTRY))

    assert (outcome.status, outcome.event) == (Status.UNSOUND, None)
    assert "accepted it all the same" in outcome.why


def test_filings_of_a_damaged_envelope_are_withheld() -> None:
    file = batch(summary())
    file[-1] = changed(file[-1], "Z", site_code="2704")

    (outcome,) = outcomes(file, Answered(ENTRY))

    assert (outcome.status, outcome.event) == (Status.WITHHELD, None)


def test_a_batch_that_was_rejected_as_a_whole_rejects_its_filings() -> None:
    lines = answer_text([Answered(ENTRY)], batch_date=DAY, site="2720").splitlines()
    final = record_text(
        "AX:E1",
        {"disposition": "R", "severity": "F", "condition_code": "B01", "narrative": "BATCH REJECTED"},
    )

    first, second = outcomes(batch(summary(), summary(NUMBERS[1])), answers="\n".join([*lines[:2], final, *lines[4:]]))

    assert {first.status, second.status} == {Status.REJECTED}
    assert first.why == "the whole batch: F B01 BATCH REJECTED"
    assert first.event is None


def test_two_filings_of_one_entry_take_their_answers_in_turn() -> None:
    file = batch(summary(), with_change("10", action="R"))

    first, second = outcomes(file, Answered(ENTRY), rejected())

    assert isinstance(first.event, EntrySummaryAccepted)
    assert isinstance(second.event, EntrySummaryReplaceFailed)
    assert first.event.event_time < second.event.event_time


def assumed(file: list[str], at: datetime = NOON) -> list[Outcome]:
    """Take a file as accepted."""
    items = read_filings(io.BytesIO("".join(f"{record}\n" for record in file).encode()))
    return [item for item in assumed_outcomes(items, at) if isinstance(item, Outcome)]


def test_assumed_acceptance_takes_sound_filings_in_their_order() -> None:
    file = batch(summary(), with_change("10", action="R"), with_change("50", htsus="12"))

    first, second, third = assumed(file)

    assert isinstance(first.event, EntrySummaryAccepted)
    assert isinstance(second.event, EntrySummaryReplaced)
    assert first.event.summary.accepted_at < second.event.summary.accepted_at
    assert (third.status, third.event) == (Status.UNSOUND, None)


def test_the_same_files_give_the_same_event_ids_and_others_give_others() -> None:
    """Publishing a file twice changes nothing."""
    once, twice = assumed(batch(summary())), assumed(batch(summary()))
    later = assumed(batch(summary()), datetime(2026, 9, 1, 13, tzinfo=UTC))
    other = assumed(batch(with_change("40", country_of_origin="CN")))
    replaced = assumed(batch(with_change("10", action="R")))

    ids = [outcome.event.event_id for (outcome,) in (once, twice, later, other, replaced) if outcome.event]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


def test_event_ids_do_not_change_from_version_to_version() -> None:
    """A golden id: were it to change, files published before would count a second time."""
    (outcome,) = assumed(batch(summary()))

    assert outcome.event is not None
    assert outcome.event.event_id == "2e57ef9d-723a-528a-ad27-1701ad06d5ba"


def test_an_event_written_as_batch_and_answer_comes_back_the_same() -> None:
    """Summary, version, team and warnings; the time is that of the answer's batch and record."""
    answered = Answered(
        ENTRY, team_number="6B7", warnings=[("W", "25H", "VALUE")], narrative="SUMMARY HAS BEEN ADDED VERSION 00100"
    )
    (first,) = outcomes(batch(summary()), answered)
    assert isinstance(first.event, EntrySummaryAccepted)

    text = batch_text([Filed(first.event.summary.model_dump())], batch_date=date(2026, 9, 1))
    (second,) = outcomes(text.splitlines(), answered)

    assert second.event == first.event
    assert filings(text.encode())[0].is_sound
