"""Log lines: one format, machine-readable when asked for, and no number of a person in any of them."""

import json
import logging
import sys

import pytest

from streams.contract.masking import masked
from streams.ops.logs import REPEAT_SECONDS, JsonFormatter, Sparing, TextFormatter


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("streams.engine.lane", logging.WARNING, __file__, 1, message, arguments, info)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("importer 123-45-6789 moved", "importer ***-**-**** moved"),
        ("firm 12-3456789 and 12-345678900 stay", "firm 12-3456789 and 12-345678900 stay"),
        ("assigned by CBP 260101-00042", "assigned by CBP 260101-00042"),
        ("longer 1123-45-6789 is none", "longer 1123-45-6789 is none"),
        ("'123-45-6789',987-65-4321", "'***-**-****',***-**-****"),
    ],
)
def test_numbers_of_persons_are_masked_and_others_are_not(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_json_lines_have_the_same_keys_and_are_masked_in_arguments_too() -> None:
    entry = json.loads(JsonFormatter().format(record("importer %s moved", "123-45-6789")))

    assert entry.keys() == {"time", "level", "logger", "message"}
    assert (entry["level"], entry["logger"], entry["message"]) == (
        "WARNING", "streams.engine.lane", "importer ***-**-**** moved",
    )  # fmt: skip


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_what_a_traceback_quotes_is_masked(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("123-45-6789 is no number")  # noqa: TRY003, TRY301 - the traceback is what is wanted
    except ValueError:
        text = formatter.format(record("failed", error=sys.exc_info()[1]))

    assert "6789" not in text
    assert "***-**-**** is no number" in text


def test_a_json_line_carries_what_it_is_about_as_fields() -> None:
    about = record("partition %d halted: %s", 3, "too many")
    extra = record("group desk moves again")
    vars(extra).update(group="desk", lag=7)

    assert json.loads(JsonFormatter().format(about))["partition"] == 3
    told = json.loads(JsonFormatter().format(extra))
    assert (told["group"], told["lag"]) == ("desk", 7)


def test_lines_are_told_apart_by_their_time_in_utc() -> None:
    line = record("x")
    line.created = 1_772_380_800.0

    assert TextFormatter().format(line).startswith("2026-03-01T16:00:00Z WARNING ")


def test_a_line_that_repeats_itself_is_written_once_a_minute_with_how_many_were_kept_back() -> None:
    now = 0.0
    sparing = Sparing(lambda: now)

    passed = [sparing.filter(record("partition %d: again", partition)) for partition in (1, 1, 2, 1)]
    now = REPEAT_SECONDS
    late = record("partition %d: again", 1)

    assert passed == [True, False, True, False]
    assert sparing.filter(late)
    assert TextFormatter().format(late).endswith("partition 1: again [2 more like this in between]")
    assert json.loads(JsonFormatter().format(late))["kept_back"] == 2


def test_errors_with_a_traceback_and_plain_news_always_pass() -> None:
    sparing, news = Sparing(), record("restored")
    news.levelno = logging.INFO

    assert all(sparing.filter(record("failed", error=OSError())) and sparing.filter(news) for _ in range(3))
