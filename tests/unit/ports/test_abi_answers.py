"""CBP's answers are read, and find their filings."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from streams.ports.abi.answer_book import AnswerBook
from streams.ports.abi.answer_writer import Answered, answer_text
from streams.ports.abi.answers import Answer, BatchRejection, read_answers
from streams.ports.abi.faults import Fault
from streams.ports.abi.filing import BatchMark
from streams.ports.abi.layout import layouts
from streams.ports.abi.record_writer import record_text

ENTRY = "B7603245278"
OTHER = "B7603245286"
DAY = date(2026, 9, 2)
MARK = BatchMark("2720", "B76", "RUN 1", DAY)


def answers(text: str, **options: datetime) -> list[Answer | BatchRejection | Fault]:
    """Read a file of answers."""
    return list(read_answers(io.BytesIO(text.encode()), **options))


def written(*answered: Answered, line_break: str = "\n") -> str:
    """Write one batch of answers."""
    return answer_text(answered, batch_date=DAY, site="2720", user_text="RUN 1", line_break=line_break)


def findings(*records: str) -> str:
    """Put records of findings into a batch of answers."""
    lines = written(Answered(ENTRY)).splitlines()
    block = [record_text(end, {"processing_port": "2720", "processing_filer": "B76", "application_id": "AX"})
             for end in "BY"]  # fmt: skip
    return "\n".join([lines[0], block[0], *records, block[1], lines[-1]])


@pytest.mark.parametrize("line_break", ["\n", "\r\n", ""])
def test_an_acceptance_tells_team_warnings_and_version(line_break: str) -> None:
    """The findings before the disposition are part of the answer."""
    warnings = [("W", "25H", "VALUE OUT OF RANGE"), ("P", "901", "FDA REVIEW"), ("W", "25H", "AGAIN")]
    text = written(
        Answered(ENTRY, team_number="6B7", warnings=warnings, narrative="SUMMARY HAS BEEN REPLACED VERSION 00200"),
        line_break=line_break,
    )

    (answer,) = answers(text)

    assert isinstance(answer, Answer)
    assert (answer.entry_number, answer.disposition, answer.team_number) == (ENTRY, "A", "6B7")
    assert answer.census_warnings == ("25H",)
    assert answer.version == "00200"
    assert answer.is_accepted
    assert not answer.is_fatal


def test_a_rejection_is_fatal_by_its_findings() -> None:
    """Severity F makes it so."""
    (answer,) = answers(written(Answered(ENTRY, "R", "TRANSACTION DATA REJECTED", "F", "123")))

    assert isinstance(answer, Answer)
    assert answer.is_fatal
    assert answer.version is None
    assert answer.reasons() == "F 123 TRANSACTION DATA REJECTED"


def test_acceptance_is_midnight_in_washington_plus_a_millisecond_for_each_record() -> None:
    """E0 and E1 hold no time: the batch's date does, and the order in the file keeps the order of versions."""
    first, second = answers(written(Answered(ENTRY), Answered(ENTRY)))

    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert first.answered_at == datetime(2026, 9, 2, 4, 0, 0, 3000, tzinfo=UTC)
    assert second.answered_at == datetime(2026, 9, 2, 4, 0, 0, 5000, tzinfo=UTC)


def test_a_known_time_of_answer_is_taken_instead() -> None:
    """Whoever fetched the answer may know when it was given."""
    known = datetime(2026, 9, 2, 15, 30, tzinfo=UTC)

    (answer,) = answers(written(Answered(ENTRY)), answered_at=known)

    assert isinstance(answer, Answer)
    assert answer.answered_at == known.replace(microsecond=3000)


def test_the_finding_itself_may_name_the_entry() -> None:
    """Without E0, the last E1 says whose answer it is."""
    final = {"disposition": "A", "severity": "I", "condition_code": "000", "narrative": "ADDED"}
    (answer,) = answers(findings(record_text("AX:E1", {**final, "filer_code": "B76", "entry_number": ENTRY[3:]})))

    assert isinstance(answer, Answer)
    assert answer.entry_number == ENTRY


def test_an_answer_without_disposition_is_told_apart() -> None:
    """A file that breaks off leaves an answer that neither accepts nor rejects."""
    lines = written(Answered(ENTRY, warnings=[("W", "25H", "VALUE")]), Answered(OTHER)).splitlines()
    del lines[4]

    first, second = answers("\n".join(lines))

    assert isinstance(first, Answer)
    assert (first.entry_number, first.disposition) == (ENTRY, "")
    assert isinstance(second, Answer)
    assert (second.entry_number, second.disposition) == (OTHER, "A")


def test_a_rejection_without_entry_is_one_of_the_whole_batch() -> None:
    """The answer's envelope repeats the batch's site, transmitter and text."""
    final = {"disposition": "R", "severity": "F", "condition_code": "B01", "narrative": "BATCH REJECTED"}
    text = findings(record_text("AX:E1", final))

    with AnswerBook(answers(text)) as book:
        rejection = book.rejection_of(MARK)

        assert rejection is not None
        assert rejection.reasons() == "F B01 BATCH REJECTED"
        assert book.rejection_of(BatchMark("2704", "B76", "RUN 1", DAY)) is None
        assert book.rejection_of(BatchMark("2720", "B76", "RUN 2", DAY)) is None


def test_answers_are_taken_in_the_order_of_the_file_each_once() -> None:
    """One entry may be filed twice in a batch."""
    text = written(Answered(ENTRY, "R", "REJECTED", "F"), Answered(OTHER), Answered(ENTRY))

    with AnswerBook(answers(text)) as book:
        taken = [book.take(ENTRY), book.take(ENTRY), book.take(ENTRY)]

        assert [answer.disposition if answer else None for answer in taken] == ["R", "A", None]
        assert [answer.entry_number for answer in book.left_over()] == [OTHER]


@pytest.mark.parametrize(
    ("damage", "stage"),
    [
        (lambda line: line[:-1], "record length"),
        (lambda line: "??" + line[2:], "identifier"),
        (lambda line: line[:10] + "\x07" + line[11:], "field class"),
    ],
)
def test_a_damaged_answer_is_a_fault_and_leaves_the_others(damage: object, stage: str) -> None:
    """A damaged record of one answer does not lose another's."""
    assert callable(damage)
    lines = written(Answered(ENTRY), Answered(OTHER)).splitlines()
    lines[3] = damage(lines[3])

    read = answers("\n".join(lines))

    assert stage in {item.stage for item in read if isinstance(item, Fault)}
    assert OTHER in {item.entry_number for item in read if isinstance(item, Answer) and item.is_accepted}


def unnamed(disposition: str) -> str:
    """Write a final finding that does not name its entry."""
    finding = {"disposition": disposition, "severity": "F", "condition_code": "123", "narrative": "FINAL"}
    return record_text("AX:E1", finding)


@pytest.mark.parametrize("disposition", ["A", "R"])
@pytest.mark.parametrize(
    "damage", [lambda line: line[:-1], lambda line: "??" + line[2:], lambda line: line[:3] + "?" + line[4:]]
)
def test_a_finding_behind_a_lost_reference_is_nobodys(damage: Callable[[str], str], disposition: str) -> None:
    """Neither the summary before it nor the whole batch was meant."""
    references = written(Answered(ENTRY), Answered(OTHER)).splitlines()[2:6:2]
    warning = record_text("AX:E1", {"severity": "W", "condition_code": "25H", "narrative": "VALUE"})

    read = answers(findings(references[0], warning, damage(references[1]), unnamed(disposition)))

    (answer,) = [item for item in read if not isinstance(item, Fault)]
    assert isinstance(answer, Answer)
    assert (answer.entry_number, answer.disposition, answer.record) == (ENTRY, "", 4)
    assert len(read) == 2


def test_a_lost_record_between_findings_that_name_their_entry_loses_nothing_else() -> None:
    lines = written(Answered(ENTRY, team_number="6B7", warnings=[("W", "25H", "VALUE")])).splitlines()
    lines[3] = "??" + lines[3][2:]

    _, answer = answers("\n".join(lines))

    assert isinstance(answer, Answer)
    assert (answer.entry_number, answer.disposition, answer.team_number) == (ENTRY, "A", "6B7")


def test_what_is_no_answer_is_not_taken_for_one() -> None:
    """A file of notifications (UC) is a fault, whatever its records say."""
    text = written(Answered(ENTRY)).replace("     AX ", "     UC ").replace("B76AX", "B76UC")

    (fault,) = answers(text)

    assert isinstance(fault, Fault)
    assert (fault.field, fault.remedy) == ("application_id", "give CBP's answers (AX) as --answers")


@pytest.mark.parametrize("code", ["2 H", "2H", " 2H", "25h", ""])
def test_a_condition_that_is_no_code_is_a_fault_and_no_part_of_the_answer(code: str) -> None:
    fault, answer = answers(written(Answered(ENTRY, warnings=[("W", code, "VALUE")])))

    assert isinstance(fault, Fault)
    assert (fault.record, fault.start, fault.end) == (4, 5, 7)
    assert isinstance(answer, Answer)
    assert answer.is_accepted
    assert answer.census_warnings == ()


@pytest.mark.parametrize("team", ["6b7", " B7", "6 7", "6B"])
def test_a_team_that_is_no_number_is_a_fault_and_no_part_of_the_answer(team: str) -> None:
    fault, answer = answers(written(Answered(ENTRY, team_number=team)))

    assert isinstance(fault, Fault)
    assert (fault.record, fault.start, fault.end) == (3, 52, 54)
    assert isinstance(answer, Answer)
    assert (answer.is_accepted, answer.team_number) == (True, "")


def test_an_answer_without_a_date_says_how_to_give_one() -> None:
    """A damaged envelope of an answer has no time to give."""
    lines = written(Answered(ENTRY)).splitlines()
    field = layouts()["A"].field("batch_date")
    lines[0] = lines[0][: field.start - 1] + "      " + lines[0][field.end :]

    read = answers("\n".join(lines))

    assert any(isinstance(item, Fault) and "--answered-at" in item.remedy for item in read)
    assert not any(isinstance(item, Answer) for item in read)


@pytest.mark.parametrize("text", ["", "\n", "not an answer\n", "\x00" * 500])
def test_any_text_is_read_without_failing(text: str) -> None:
    """What is no answer file gives faults."""
    assert all(isinstance(item, Fault) for item in answers(text))
    assert answers(text)
