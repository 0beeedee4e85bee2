"""Events as lines of JSON, and the command that writes them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner

from streams.contract.schemas import record_schemas
from streams.sample.__main__ import main
from streams.sample.events import SampleEvent
from streams.sample.export import DATES, INSTANTS, as_json, is_publishable
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters


def typed_fields(definition: Any) -> Iterator[tuple[str, str]]:
    """Yield names of fields with the logical types that stand anywhere in them, at every depth."""
    for field in definition["fields"]:
        for part in field["type"] if isinstance(field["type"], list) else [field["type"]]:
            if isinstance(part, dict):
                yield field["name"], part.get("logicalType", "")
                inner = part.get("items", part)
                if isinstance(inner, dict) and inner.get("type") == "record":
                    yield from typed_fields(inner)


def test_every_date_and_time_of_the_sample_is_written_out(events: list[SampleEvent]) -> None:
    names = {event.name for event in events} | {"protest_filed", "inquiry_received", "placement_set"}
    types = {pair for name in names for pair in typed_fields(record_schemas()[name][-1].definition)}

    assert {name for name, kind in types if kind == "timestamp-millis"} == INSTANTS
    # Some dates are optional, and not told by the sample.
    optional = {"due_on", "examined_on", "decision_on"}
    assert {name for name, kind in types if kind == "date"} - optional == DATES


def test_a_line_holds_the_event_with_its_type(events: list[SampleEvent]) -> None:
    event = next(event for event in events if event.name == "entry_summary_accepted")

    told = json.loads(as_json(event))

    assert told["event_type"] == "entry_summary_accepted"
    assert datetime.fromisoformat(told["event_time"]).timestamp() * 1000 == event.fields["event_time"]
    summary: Any = event.fields["summary"]
    imported = told["summary"].pop("import_date")
    assert (date.fromisoformat(imported) - date(1970, 1, 1)).days == summary["import_date"]
    assert told["summary"]["lines"] == summary["lines"]
    assert told["summary"]["totals"] == summary["totals"]


def test_what_no_publisher_could_send_is_left_out() -> None:
    parameters = SampleParameters(scale=Fraction(1, 40_000), wrong_share=0.1)
    left = {event.fault for event in NationalSample(parameters).events() if not is_publishable(event)}

    assert left == {"wrong-key", "undecodable", "unknown-schema"}


def test_the_command_writes_one_event_a_line() -> None:
    result = CliRunner().invoke(main, ["--scale", "1/100000", "--part", "1", "--parts", "2"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]

    assert result.exit_code == 0
    assert len(lines) > 500
    assert all("event_type" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scale", "7"], "scale is a fraction above 0"),
        (["--scale", "one"], "'one' is not a fraction"),
        (["--scale", "1/0"], "'1/0' is not a fraction"),
        (["--part", "2", "--parts", "2"], "part 2 of 2 does not exist"),
        (["--wrong", "3"], "wrong_share is a share between 0 and 1"),
    ],
)
def test_the_command_says_in_a_sentence_what_it_cannot_do(options: list[str], said: str) -> None:
    result = CliRunner().invoke(main, options)

    assert result.exit_code != 0
    assert said in result.stderr
    assert result.stdout == ""


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "streams.sample", "--scale", "1/20000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as written:
        assert written.stdout is not None
        assert written.stderr is not None
        assert written.stdout.readline()
        written.stdout.close()
        said = written.stderr.read()

    assert "Traceback" not in said
    assert written.returncode == 0
