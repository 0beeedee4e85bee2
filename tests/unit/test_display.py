"""What others wrote is shown as it is: brackets are no markup, control characters do nothing, persons are masked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli import root
from streams.contract.masking import masked_bytes, shown
from streams.repair.letters import OPEN, Letter, Place, Source

HOSTILE = "[/b] :bomb: \x1b[31m"
SOURCE = Source("entry-summary-event", 0, 7)


def letter(offset: int, key: bytes, value: bytes) -> Letter:
    """Return an open dead letter."""
    return Letter(Place(0, offset), SOURCE, "undecodable", HOSTILE, 0, 0, key, value, (), resolution=OPEN)


Dlq = Callable[..., Result]


@pytest.fixture
def dlq(monkeypatch: pytest.MonkeyPatch) -> Dlq:
    """Run `cee dlq` where two dead letters are open."""
    letters = [letter(1, HOSTILE.encode(), b"x"), letter(3, b"123-45-6789", b"\x16123-45-6789Nine")]

    async def all_letters(_cluster: Any) -> list[Letter]:
        return letters

    monkeypatch.setattr("streams.cli.dlq.all_letters", all_letters)
    return lambda *arguments: CliRunner().invoke(root, ["dlq", *arguments], env={"COLUMNS": "250"})


def test_a_dead_letter_is_listed_whatever_its_key_is(dlq: Dlq) -> None:
    listed = dlq("list")

    assert listed.exit_code == 0, listed.exception
    assert listed.stdout.count("[/b] :bomb: \\x1b[31m") == 3
    assert "\x1b" not in listed.stdout
    assert "123-45-6789" not in listed.stdout


def test_no_letter_that_is_meant_is_not_no_letter_at_all(dlq: Dlq) -> None:
    assert dlq("list", "--reason", "held").stdout == "no dead letter is meant\n"


def test_bytes_that_cannot_be_read_are_masked_unless_asked_for(dlq: Dlq) -> None:
    number = b"123-45-6789".hex(" ")

    assert number not in dlq("show", "0/3").stdout
    assert number in json.loads(dlq("show", "0/3", "--personal-numbers").stdout)["first_bytes"]


@pytest.mark.parametrize("arguments", [("return", "0/1", "--tell", " "), ("discard", "0/1", "--yes", "--why", "")])
def test_what_is_done_about_a_letter_has_a_reason_in_words(dlq: Dlq, arguments: tuple[str, ...]) -> None:
    told = dlq(*arguments)

    assert told.exit_code == 2
    assert "it is empty: say it in a sentence" in told.stderr


def test_text_from_outside_is_one_line_that_does_nothing_to_a_terminal() -> None:
    assert shown("a\nb\x1b[2J \ud800 Ü 123-45-6789") == "a\\nb\\x1b[2J \\ud800 Ü ***-**-****"
    assert len(shown("x" * 10_000)) < 600
    assert masked_bytes(b"\x16123-45-6789Nine") == b"\x16***-**-****Nine"


@pytest.mark.parametrize("address", ["banana", "file:///etc/hosts", "http://", "http://[", "http://a:70000"])
def test_what_is_no_address_of_a_worker_is_named(address: str) -> None:
    told = CliRunner().invoke(root, ["placement", "explain", "12-3456789", "--worker", address])

    assert told.exit_code == 2
    assert "is not the address of a worker's pages: write http://127.0.0.1:6066" in told.stderr


@pytest.mark.parametrize("number", ["banana", "../../metrics", ""])
def test_what_is_no_importer_number_is_told_before_anyone_is_asked(number: str) -> None:
    told = CliRunner().invoke(root, ["placement", "explain", number, "--bootstrap-servers", "127.0.0.1:1"])

    assert told.exit_code == 1
    assert "the importer number is none of" in told.output


def test_a_file_that_is_taken_for_a_batch_says_why(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", "utf-8")

    told = CliRunner().invoke(root, ["publish", str(tmp_path / "notes.txt")])

    assert told.exit_code == 2
    assert "is taken for a batch, for it does not begin with {" in told.stderr
    assert "--format jsonl" in told.stderr
