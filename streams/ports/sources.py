"""What a file holds that may be published: one item for each line of events, or each filing of a batch."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Final

from streams.contract.masking import masked, shown
from streams.contract.models import Event
from streams.ports.abi.answer_book import AnswerBook
from streams.ports.abi.answers import read_answers
from streams.ports.abi.faults import Fault
from streams.ports.abi.outcomes import Outcome, Status, answered_outcomes, assumed_outcomes
from streams.ports.abi.reader import DamagedEnvelope, read_filings
from streams.ports.errors import EventFault
from streams.ports.events import Raw
from streams.ports.numbers import NO_OFFSETS, CheckDigitOffsets, displayed_entry_number
from streams.ports.pipe import MOST_LINE_BYTES, Pipe


class Format(StrEnum):
    """How a file holds its events."""

    JSON_LINES = "jsonl"
    ABI = "abi"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to publish, or the reason why it cannot be; `where` is its place in the file.

    `why` is empty for what is to be published. A rejection by CBP may carry an event and be no acceptance.
    """

    where: str
    event: Event | Raw | None = None
    why: str = ""
    event_id: str = ""
    entry_number: str = ""
    faults: tuple[Fault | EventFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the file that belongs to no single item. `is_fault` tells a fault from a hint."""

    where: str
    what: str
    faults: tuple[Fault, ...] = ()
    is_fault: bool = True


def detected_format(head: bytes, name: str = "") -> Format:
    """Tell a file's format by its name, else by its first bytes: JSON lines begin with a brace."""
    if name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return Format.JSON_LINES
    return Format.JSON_LINES if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else Format.ABI


def json_items(stream: BinaryIO) -> Iterator[Item]:
    """Read one event a line; blank lines are passed over."""
    for number, line in enumerate(_lines(stream), 1):
        if line.strip():
            yield _json_item(f"line {number}", line)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines; of one that is longer than `MOST_LINE_BYTES` its beginning alone."""
    while line := stream.readline(MOST_LINE_BYTES + 1):
        yield line
        while len(line) > MOST_LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(MOST_LINE_BYTES + 1)


async def piped_items(pipe: Pipe) -> AsyncIterator[Item]:
    """Read one event a line as the lines come."""
    number = 0
    async for line in pipe.lines():
        number += 1
        if line.strip():
            yield _json_item(f"line {number}", line)


def _json_item(where: str, line: bytes) -> Item:
    try:
        event = _parsed(line)
    except _NotJsonError as error:
        return Item(where, why="not JSON", faults=(EventFault("", shown(str(error)), "write one JSON object a line"),))
    if not isinstance(event, dict):
        fault = EventFault("", f"the line is {_JSON_WORDS[type(event)]}", "write one JSON object a line")
        return Item(where, why="not an object", faults=(fault,))
    summary = event.get("summary")
    number = event.get("entry_number") or (summary.get("entry_number") if isinstance(summary, dict) else "")
    return Item(where, event, event_id=_text(event.get("event_id")), entry_number=_text(number))


_JSON_WORDS: Final = {list: "an array", str: "a text", int: "a number", float: "a number", bool: "a truth value"} | {
    type(None): "null"
}


class _NotJsonError(Exception):
    """A line that is no JSON, or none that means one thing; the text says why."""


def _parsed(line: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read a line. Raises `_NotJsonError`."""
    if len(line) > MOST_LINE_BYTES:
        message = f"the line is longer than {MOST_LINE_BYTES >> 20} MiB"
        raise _NotJsonError(message)
    try:
        text = line.strip().decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object)
    except UnicodeDecodeError:
        message = "the line is not UTF-8 text"
    except json.JSONDecodeError as error:
        message = "the line is not UTF-8 text" if b"\0" in line else f"{error.msg} (character {error.pos + 1})"
    except RecursionError:
        message = "the line is nested too deep"
    except ValueError:
        message = "the line holds a number of too many digits"
    raise _NotJsonError(message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, unless it names a field twice: programs differ in which of the two they take."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        times = Counter(name for name, _ in pairs)
        message = f"the field {next(name for name in times if times[name] > 1)} stands twice in one object"
        raise _NotJsonError(message)
    return fields


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    return shown(value) if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What CBP answered to a batch: a file of answers, or the user's word that all was accepted at a time.

    `answered_at` is the time of the first record of the answers, where it is known.
    """

    stream: BinaryIO | None = None
    answered_at: datetime | None = None
    assumed_at: datetime | None = None


def abi_items(stream: BinaryIO, answers: Answers, offsets: CheckDigitOffsets = NO_OFFSETS) -> Iterator[Item | Note]:
    """Read a batch file with what CBP answered; an item for each filing, notes for the rest."""
    filings = read_filings(stream, offsets=offsets)
    book = None
    if answers.stream is not None:
        book = AnswerBook(read_answers(answers.stream, answered_at=answers.answered_at))
    with book or nullcontext():
        if book is not None:
            yield from _answer_faults(book.faults)
            outcomes = answered_outcomes(filings, book)
        elif answers.assumed_at is not None:
            outcomes = assumed_outcomes(filings, answers.assumed_at)
        else:
            message = "a batch needs answers or a time of acceptance"
            raise ValueError(message)
        for outcome in outcomes:
            if isinstance(outcome, DamagedEnvelope):
                yield _damage_note(outcome)
            else:
                yield from _notices(outcome)
                yield _filing_item(outcome)
        if book is not None:
            yield from _left_over(book)


def _answer_faults(faults: Sequence[Fault]) -> Iterator[Note]:
    for fault in faults:
        yield Note("answers", str(fault), (fault,))


def _damage_note(damage: DamagedEnvelope) -> Note:
    held = "the batch is" if damage.whole_batch else f"block {', '.join(map(str, damage.blocks))} is"
    return Note(f"batch {damage.batch}", f"its envelope is damaged, {held} withheld", damage.faults)


def _notices(outcome: Outcome) -> Iterator[Note]:
    for notice in outcome.filing.notices:
        yield Note(_where(outcome), str(notice), (notice,), is_fault=False)


def _filing_item(outcome: Outcome) -> Item:
    why = ""
    if outcome.status is not Status.EVENT:
        why = f"{outcome.status.value}: {outcome.why}" if outcome.why else outcome.status.value
    return Item(
        where=_where(outcome),
        event=outcome.event,
        why=masked(why),
        event_id=outcome.event.event_id if outcome.event else "",
        entry_number=outcome.filing.entry_number,
        faults=outcome.filing.faults if outcome.status is not Status.EVENT else (),
    )


def _where(outcome: Outcome) -> str:
    filing = outcome.filing
    number = filing.entry_number
    entry = f", {displayed_entry_number(number)}" if len(number) == ENTRY_NUMBER_LENGTH else ""
    return f"batch {filing.batch}, records {filing.first_record}-{filing.last_record}{entry}"


ENTRY_NUMBER_LENGTH: Final = 11


def _left_over(book: AnswerBook) -> Iterator[Note]:
    for answer in book.left_over():
        entry = displayed_entry_number(answer.entry_number)
        yield Note(f"answers, record {answer.record}", f"answers {entry}, of which the batch says nothing")
    for rejection in book.rejections_left_over():
        mark = rejection.mark
        what = (
            f"rejects the whole batch of site {mark.site_code}, transmitter {mark.transmitter_id}, text "
            f"{mark.user_text!r}, of which the file holds nothing: {rejection.reasons()}"
        )
        yield Note(f"answers, record {rejection.record}", masked(what))
