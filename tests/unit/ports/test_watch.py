"""The watched folder: which files are ready, and where they go."""

import json
import os
from pathlib import Path

import pytest

from streams.ports.sources import Format
from streams.ports.watch import FolderUnusable, WatchedFolder

from .batches import batch, summary


def put(folder: Path, name: str, text: str = "{}\n", age: int = 0) -> Path:
    """Put a file that was written `age` seconds before 2026."""
    path = folder / name
    path.write_text(text, "utf-8")
    os.utime(path, (1_767_225_600 - age, 1_767_225_600 - age))
    return path


def batch_text() -> str:
    return "".join(f"{record}\n" for record in batch(summary()))


def test_files_are_taken_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path)
    for name, age in (("b.jsonl", 10), ("a.jsonl", 5), ("c.jsonl", 20)):
        put(tmp_path, name, age=age)

    assert [one.path.name for one in folder.ready()] == ["c.jsonl", "b.jsonl", "a.jsonl"]


@pytest.mark.parametrize("name", [".a.jsonl", "a.jsonl.tmp", "a.jsonl.part", "a.jsonl.filepart", "a.jsonl~"])
def test_a_file_that_is_still_being_written_is_left_alone(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)

    assert WatchedFolder(tmp_path).ready() == []


def test_only_files_are_taken(tmp_path: Path) -> None:
    (tmp_path / "sub.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.jsonl")

    assert WatchedFolder(tmp_path).ready() == []


def test_a_batch_waits_for_its_answers(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path)
    put(tmp_path, "day1.abi", batch_text())
    assert folder.ready() == []

    answers = put(tmp_path, "day1.ax", "A")

    (arrived,) = folder.ready()
    assert (arrived.kind, arrived.answers) == (Format.ABI, answers)


def test_answers_are_found_in_capitals_too(tmp_path: Path) -> None:
    put(tmp_path, "DAY1.ABI", batch_text())
    answers = put(tmp_path, "DAY1.AX", "A")

    (arrived,) = WatchedFolder(tmp_path).ready()
    assert (arrived.kind, arrived.answers) == (Format.ABI, answers)


@pytest.mark.parametrize(
    ("kind", "name", "text", "waits"),
    [
        (Format.ABI, "day1.jsonl", "A2720B76", True),
        (Format.JSON_LINES, "day1.abi", "A2720B76", False),
    ],
)
def test_a_format_that_is_named_decides_what_waits(
    tmp_path: Path, kind: Format, name: str, text: str, *, waits: bool
) -> None:
    """Whatever a file's name or beginning looks like."""
    put(tmp_path, name, text)

    assert [one.kind for one in WatchedFolder(tmp_path, kind=kind).ready()] == ([] if waits else [kind])


def test_a_batch_whose_acceptance_is_assumed_waits_for_nothing(tmp_path: Path) -> None:
    put(tmp_path, "day1.abi", batch_text())

    (arrived,) = WatchedFolder(tmp_path, needs_answers=False).ready()
    assert (arrived.kind, arrived.answers) == (Format.ABI, None)


@pytest.mark.parametrize(("is_clean", "place"), [(True, "done"), (False, "refused")])
def test_a_file_that_is_dealt_with_moves_with_its_answers_and_a_report(
    tmp_path: Path, *, is_clean: bool, place: str
) -> None:
    folder = WatchedFolder(tmp_path)
    put(tmp_path, "day1.abi", batch_text())
    put(tmp_path, "day1.ax", "A")
    (arrived,) = folder.ready()

    target = folder.settle(arrived, {"published": 1}, is_clean=is_clean)

    assert target == tmp_path / place / "day1.abi"
    assert sorted(path.name for path in (tmp_path / place).iterdir()) == [
        "day1.abi", "day1.abi.ax", "day1.abi.report.json",
    ]  # fmt: skip
    report = json.loads((tmp_path / place / "day1.abi.report.json").read_text("utf-8"))
    assert report == {"file": "day1.abi", "published": 1}
    assert folder.ready() == []


def test_a_second_file_of_a_name_does_not_replace_the_first(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path)
    for text in ("1\n", "2\n"):
        put(tmp_path, "a.jsonl", text)
        folder.settle(folder.ready()[0], {}, is_clean=True)

    assert (tmp_path / "done" / "a.jsonl").read_text("utf-8") == "1\n"
    assert (tmp_path / "done" / "a.jsonl.2").read_text("utf-8") == "2\n"


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="is not a folder: name one"):
        WatchedFolder(tmp_path / "nowhere")


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "done").write_text("not a folder", "utf-8")

    with pytest.raises(FolderUnusable, match="done cannot be written"):
        WatchedFolder(tmp_path)
