"""`cee publish` without a broker: formats, reports, exit codes, and what is wrong usage."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli import root
from streams.cli.publish_input import TimeType
from streams.ports.abi.answer_writer import Answered, answer_text
from streams.ports.abi.record_writer import record_text
from streams.ports.errors import EventFault
from streams.ports.pipe import MOST_LINE_BYTES
from streams.ports.publishing import Run
from streams.ports.sources import Answers, Format, Item, abi_items, detected_format, json_items

from .batches import EXAMPLE, NUMBERS, batch, changed, summary, with_change

DELETED = {
    "event_type": "entry_summary_deleted",
    "event_id": "00000000-0000-0000-0000-000000000001",
    "event_time": "2026-03-01T12:00:00Z",
    "source": "2704",
    "entry_number": "B7603245278",
    "deleted_at": "2026-03-01T12:00:00Z",
}


def lines(*events: Any) -> str:
    """Write events as JSON lines; texts stand as they are."""
    return "".join(f"{event if isinstance(event, str) else json.dumps(event)}\n" for event in events)


def written(path: Path, content: str | list[str]) -> str:
    """Write a file and return its name."""
    text = content if isinstance(content, str) else "".join(f"{record}\n" for record in content)
    path.write_bytes(text.encode("latin-1"))
    return str(path)


def checked(*arguments: str, given: str = "") -> Result:
    """Run `cee publish --dry-run`."""
    return CliRunner().invoke(root, ["publish", "--dry-run", *arguments], input=given)


def report(*arguments: str, given: str = "") -> dict[str, Any]:
    """Run `cee publish --dry-run --json` and return its report."""
    result: dict[str, Any] = json.loads(checked("--json", *arguments, given=given).stdout)
    return result


def test_valid_events_are_counted_and_end_with_0(tmp_path: Path) -> None:
    result = checked(written(tmp_path / "events.jsonl", lines(DELETED, DELETED)))

    assert result.exit_code == 0
    assert result.stdout == "2 read: 2 valid, nothing was sent, 0 refused.\n"


def test_standard_input_holds_json_lines() -> None:
    result = checked("-", given=lines(DELETED))

    assert result.exit_code == 0
    assert "1 read" in result.stdout


REFUSED = [
    ("nonsense", "not JSON", ""),
    ("[1, 2]", "not an object", ""),
    ('{"event_type": "nothing"}', "not a valid event", "event_type"),
    (DELETED | {"event_id": "x"}, "not a valid event", "event_id"),
    (DELETED | {"entry_number": "B7603245270"}, "not a valid event", "entry_number"),
    (DELETED | {"deleted_at": "2099-03-01T12:00:00Z"}, "not a valid event", "deleted_at"),
    (DELETED | {"importer": "123-45-6789"}, "not a valid event", "importer"),
    ({key: value for key, value in DELETED.items() if key != "source"}, "not a valid event", "source"),
]


@pytest.mark.parametrize(("event", "why", "path"), REFUSED)
def test_a_refused_event_is_told_with_line_fault_and_remedy(event: Any, why: str, path: str) -> None:
    result = checked("-", given=lines(DELETED, event, DELETED))
    told = report("-", given=lines(DELETED, event, DELETED))

    assert result.exit_code == 1
    assert "line 2" in result.stderr
    assert "3 read: 2 valid, nothing was sent, 1 refused." in result.stdout
    assert (told["read"], told["published"], told["refused"]) == (3, 2, 1)
    (refusal,) = told["refusals"]
    assert (refusal["position"], refusal["where"], refusal["why"]) == (1, "line 2", why)
    assert path in refusal["faults"][0]["path"]
    assert refusal["faults"][0]["remedy"]
    assert "123-45-6789" not in result.stderr + json.dumps(told)


def test_all_faults_of_an_event_are_told_together() -> None:
    event = DELETED | {"event_id": "x", "entry_number": "B7603245270", "source": "??", "more": 1}

    (refusal,) = report("-", given=lines(event))["refusals"]

    assert {fault["path"] for fault in refusal["faults"]} == {"event_id", "entry_number", "source", "more"}


def test_lines_that_are_not_text_or_nested_too_deep_are_refused() -> None:
    given = b"\xff\xfe\n" + b"[" * 100_000 + b"\n" + json.dumps(DELETED).encode() + b"\n"

    items = list(json_items(io.BytesIO(given)))

    assert [item.why for item in items] == ["not JSON", "not JSON", ""]


NOT_JSON = [
    ('{"a": 1', "Expecting ',' delimiter (character 8)"),
    ('{"a": 1, "b": {"c": 1, "c": 2}}', "the field c stands twice in one object"),
    ('{"123-45-6789": 1, "123-45-6789": 2}', "the field ***-**-**** stands twice in one object"),
    ('{"a": ' + "1" * 5_000 + "}", "the line holds a number of too many digits"),
    ("[" * 100_000, "the line is nested too deep"),
    ('{"a": "' + "x" * MOST_LINE_BYTES + '"}', "the line is longer than 16 MiB"),
    ("[]", "the line is an array"),
    ("null", "the line is null"),
]


@pytest.mark.parametrize(("line", "wrong"), NOT_JSON, ids=[wrong for _, wrong in NOT_JSON])
def test_a_line_that_is_no_event_is_told_and_the_next_ones_keep_their_numbers(line: str, wrong: str) -> None:
    items = list(json_items(io.BytesIO(lines(DELETED, line, DELETED).encode())))

    assert [item.where for item in items] == ["line 1", "line 2", "line 3"]
    assert [fault.wrong for fault in items[1].faults if isinstance(fault, EventFault)] == [wrong]
    assert (items[0].event, items[1].event, items[2].event) == (DELETED, None, DELETED)


def test_marks_and_breaks_of_other_systems_are_taken_and_their_encodings_are_not() -> None:
    text = lines(DELETED, DELETED)

    assert all(item.event == DELETED for item in json_items(io.BytesIO(text.replace("\n", "\r\n").encode("utf-8-sig"))))
    assert not any(item.event for item in json_items(io.BytesIO(text.encode("utf-16"))))


def test_what_a_line_brings_along_is_masked_and_safe_on_a_terminal() -> None:
    event = DELETED | {"event_id": "123-45-6789", "entry_number": "123-45-6789", "\x1b[31m": 1, "123-45-6789": 2}

    result, told = checked("-", given=lines(event)), report("-", given=lines(event))

    assert "\\x1b[31m: is not a field of this record" in result.stderr
    assert "\x1b" not in result.stderr
    assert "123-45" not in result.stderr + json.dumps(told)


def test_a_batch_with_answers_is_published_as_answered(tmp_path: Path) -> None:
    file = written(tmp_path / "b.abi", batch(summary(), summary(NUMBERS[1]), summary(NUMBERS[2])))
    answered = [Answered(f"B76{NUMBERS[0]}"), Answered(f"B76{NUMBERS[1]}", "R", "REJECTED", "F", "123")]
    foreign = Answered("ABC12345676")
    text = answer_text([*answered, foreign], batch_date=date(2026, 9, 2), site="2720")
    answers = written(tmp_path / "b.ax", text)

    told = report(file, "--answers", answers)

    assert (told["read"], told["published"], told["refused"], told["file_faults"]) == (3, 1, 2, 1)
    assert [refusal["why"] for refusal in told["refusals"]] == [
        "rejected by CBP: F 123 REJECTED",
        "unanswered: the answers say nothing of it",
    ]
    assert told["refusals"][0]["where"] == "batch 1, records 16-28, B76-0324528-6"
    assert "ABC-1234567-6" in told["notes"][0]["what"]


def test_a_rejection_of_another_batch_is_told(tmp_path: Path) -> None:
    file = written(tmp_path / "b.abi", batch(summary()))
    lines_ = answer_text([Answered(f"B76{NUMBERS[0]}")], batch_date=date(2026, 9, 2), site="2720", user_text="RUN 9")
    head, block, *_, block_end, end = lines_.splitlines()
    final = {"disposition": "R", "severity": "F", "condition_code": "B01", "narrative": "BATCH REJECTED"}
    answers = written(tmp_path / "b.ax", [head, block, record_text("AX:E1", final), block_end, end])

    told = report(file, "--answers", answers)

    assert [refusal["why"] for refusal in told["refusals"]] == ["unanswered: the answers say nothing of it"]
    (note,) = told["notes"]
    assert note["what"] == (
        "rejects the whole batch of site 2720, transmitter B76, text 'RUN 9', of which the file holds nothing: "
        "F B01 BATCH REJECTED"
    )


def test_a_fault_of_the_answers_is_said_once(tmp_path: Path) -> None:
    file = written(tmp_path / "b.abi", batch(summary()))
    text = answer_text([Answered(f"B76{NUMBERS[0]}", team_number="6b7")], batch_date=date(2026, 9, 2), site="2720")

    result = checked(file, "--answers", written(tmp_path / "b.ax", text))

    assert result.stderr == (
        "answers: batch 1, record 3, positions 52-54 (AX:E0 reference_data), codes: "
        "'6b7' is not a team number; fetch the answer again\n"
    )


def test_faults_of_a_batch_are_told_with_record_and_position(tmp_path: Path) -> None:
    file = written(tmp_path / "b.abi", batch(with_change("10", entry_number="03245270"), summary(NUMBERS[1])))

    result = checked(file, "--assume-accepted", "2026-09-01T12:00:00Z")
    told = report(file, "--assume-accepted", "2026-09-01T12:00:00Z")

    assert result.exit_code == 1
    assert "batch 1, record 3, positions 9-16 (10 entry_number), check digit" in result.stderr
    (refusal,) = told["refusals"]
    assert refusal["faults"][0] | {"wrong": "", "remedy": ""} == {
        "stage": "check digit", "batch": 1, "record": 3, "record_id": "10", "start": 9, "end": 16,
        "field": "entry_number", "wrong": "", "remedy": "",
    }  # fmt: skip
    assert told["published"] == 1


def test_a_filers_offset_is_allowed_where_it_is_named(tmp_path: Path) -> None:
    file = written(tmp_path / "b.abi", batch(with_change("10", entry_number="03245270")))
    arguments = [file, "--assume-accepted", "2026-09-01"]

    assert checked(*arguments).exit_code == 1
    assert checked(*arguments, "--check-digit-offset", "B76=2").exit_code == 0
    assert checked(*arguments, "--check-digit-offset", "B76=3").exit_code == 1
    assert checked(*arguments, "--check-digit-offset", "B76=0").exit_code == 2


def test_a_damaged_envelope_is_told_once_and_its_filings_are_withheld(tmp_path: Path) -> None:
    damaged = batch(summary(), summary(NUMBERS[1]))
    damaged[-1] = changed(damaged[-1], "Z", site_code="2704")
    file = written(tmp_path / "b.abi", [*damaged, *batch(summary(NUMBERS[2]))])

    told = report(file, "--assume-accepted", "2026-09-01")

    assert (told["published"], told["refused"], told["file_faults"]) == (1, 2, 1)
    assert told["notes"][0]["where"] == "batch 1"
    assert {refusal["why"] for refusal in told["refusals"]} == {"withheld: its batch or block is damaged"}


def test_several_files_are_named_and_counted_through(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", lines(DELETED, "x"))
    second = written(tmp_path / "b.jsonl", lines("y", DELETED))

    told = report(first, second)

    assert told["read"] == 4
    assert [(one["position"], one["where"]) for one in told["refusals"]] == [
        (1, f"{first}: line 2"),
        (2, f"{second}: line 1"),
    ]
    assert report(first, second, "--skip", "2")["skipped"] == 2
    assert report(first, second, "--skip", "2")["published"] == 1


@pytest.mark.parametrize("content", [lines(DELETED, DELETED), "".join(f"{record}\n" for record in EXAMPLE)])
def test_a_named_pipe_is_read_from_its_first_byte(tmp_path: Path, content: str) -> None:
    """As with `cee publish <(gunzip -c events.gz)`: what was read to tell its format is not lost."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    arguments = [] if content.startswith("{") else ["--assume-accepted", "2026-09-01"]
    count = 1 if arguments else 2
    with ThreadPoolExecutor(1) as others:
        others.submit(pipe.write_text, content, "ascii")

        told = report(str(pipe), *arguments)

    assert (told["published"], told["refused"], told["file_faults"]) == (count, 0, 0)


def test_one_moment_gives_the_same_event_ids_whatever_its_offset() -> None:
    """Publishing a batch again with the time written another way changes nothing."""
    moments = [TimeType().convert(text, None, None) for text in ("2026-09-01T12:00:00Z", "2026-09-01T14:00:00+02:00")]
    items = [next(abi_items(io.BytesIO("".join(EXAMPLE).encode()), Answers(assumed_at=moment))) for moment in moments]

    first, second = [item.event_id for item in items if isinstance(item, Item)]
    assert first == second


USAGE = [
    ["{batch}"],
    ["{batch}", "--assume-accepted", "2026-09-01", "--answers", "{batch}"],
    ["{batch}", "{batch}", "--answers", "{batch}"],
    ["{batch}", "--assume-accepted", "yesterday"],
    ["{batch}", "--assume-accepted", "2099-01-01"],
    ["{batch}", "--assume-accepted", "1980-01-01"],
    ["{events}", "--answers", "{batch}"],
    ["{events}", "--assume-accepted", "2026-09-01"],
    ["-", "--assume-accepted", "2026-09-01"],
    ["{batch}", "--assume-accepted", "0001-01-01T00:00:00+23:00"],
    ["{batch}", "--assume-accepted", "2026-09-01", "--answered-at", "2026-09-01"],
    ["{batch}", "--answers", "{batch}", "--answered-at", "2099-01-01"],
    ["{events}", "--format", "abi"],
    ["{events}", "--format", "xml"],
    ["{nothing}"],
    [],
]


@pytest.mark.parametrize("arguments", USAGE)
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    names = {
        "batch": written(tmp_path / "b.abi", list(EXAMPLE)),
        "events": written(tmp_path / "e.jsonl", lines(DELETED)),
        "nothing": str(tmp_path / "nothing"),
    }

    result = checked(*(argument.format(**names) for argument in arguments))

    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_broker_out_of_reach_ends_with_3(tmp_path: Path) -> None:
    file = written(tmp_path / "e.jsonl", lines(DELETED))

    result = CliRunner().invoke(root, ["publish", file, "--bootstrap-servers", "127.0.0.1:1"])

    assert result.exit_code == 3
    assert "Error: no Kafka broker answers at 127.0.0.1:1" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'{"event_type"', Format.JSON_LINES),
        (b'\n \xef\xbb\xbf{"', Format.JSON_LINES),
        (b"A2720B76", Format.ABI),
        (b"", Format.ABI),
    ],
)
def test_formats_are_told_apart_by_their_first_bytes(head: bytes, kind: Format) -> None:
    assert detected_format(head, "events") is kind
    assert detected_format(head, "Events.JSONL") is Format.JSON_LINES


def test_a_time_without_offset_is_utc(tmp_path: Path) -> None:
    file = written(tmp_path / "b.abi", list(EXAMPLE))

    assert checked(file, "--assume-accepted", (datetime.now(UTC) + timedelta(hours=20)).isoformat()).exit_code == 0
    assert checked(file, "--assume-accepted", "2026-09-01T12:00:00").exit_code == 0


def test_a_batch_needs_to_be_told_what_cbp_answered() -> None:
    with pytest.raises(ValueError, match="answers or a time"):
        list(abi_items(io.BytesIO(b""), Answers()))


def test_a_run_that_is_stopped_says_from_where_to_go_on() -> None:
    items = [Item(f"line {number}", DELETED) for number in range(1, 6)]

    def taken() -> Any:
        for number, item in enumerate(items):
            if number == 3:
                run.stop()
            yield item

    run = Run(taken())
    import asyncio  # noqa: PLC0415 - this test alone runs one by hand

    told = asyncio.run(run.check({}))

    assert (told.interrupted, told.read, told.settled, told.published) == (True, 3, 3, 3)


def test_help_has_an_example() -> None:
    result = CliRunner().invoke(root, ["publish", "--help"])

    assert result.exit_code == 0
    assert "Example: cee publish batch.abi --answers batch.ax" in result.stdout
