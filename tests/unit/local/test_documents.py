"""What the documents tell people to type is what the command line takes."""

import importlib
import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import Final

import click
import pytest

from streams.cli import COMMANDS

ROOT: Final = Path(__file__).parents[3]
DOCUMENTS: Final = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("deploy/*/README.md")]
)
# Among prose between backticks, in blocks of commands at a line's beginning.
SHOWN: Final = re.compile(r"`(?:\./)?cee ([a-z][^`]*)`|^(?:[A-Z_]+=\S+ )*\./cee ([a-z].*)$", re.MULTILINE)


def commands_of(document: Path) -> Iterator[list[str]]:
    """Yield the words of each command that a document shows, without `cee` and the comment behind it."""
    for match in SHOWN.finditer(document.read_text("utf-8")):
        words = shlex.split((match[1] or match[2]).replace("\n", " "), comments=True)
        yield list(takewhile(lambda word: word != "--", words))


def wrong_with(words: list[str]) -> list[str]:
    """Return what the command line would not take of a command; `apply|check` stands for both."""
    name, *rest = words
    if name not in COMMANDS:
        return [f"there is no command {name}"]
    command: click.Command = importlib.import_module(f"streams.cli.{name}").command
    meant = [command]
    if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        unknown = [word for word in rest[0].split("|") if word not in command.commands]
        if unknown:
            return [f"cee {name} has no {unknown[0]}"]
        meant = [command.commands[word] for word in rest.pop(0).split("|")]
    if name == "bench":  # a program of its own
        return []
    asked = [option for word in rest if word.startswith("--") for option in word.split("=")[0].split("|")]
    known = [
        {option for parameter in one.params for option in parameter.opts + parameter.secondary_opts} for one in meant
    ]
    return [f"cee {name} has no {option}" for option in asked for options in known if option not in options]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_shows_is_one_that_there_is(document: Path) -> None:
    wrong = [f"cee {' '.join(words)}: {why}" for words in commands_of(document) for why in wrong_with(words)]

    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_program_that_a_document_starts_is_there(document: Path) -> None:
    started = re.findall(r"python3? -m ((?:bench|streams|tests)[\w.]*)", document.read_text("utf-8"))

    assert [module for module in started if find_spec(module.rstrip(".")) is None] == []


def test_the_readme_shows_commands_and_the_check_sees_wrong_ones() -> None:
    assert len(list(commands_of(ROOT / "README.md"))) > 20
    assert wrong_with(["publisch"]) == ["there is no command publisch"]
    assert wrong_with(["topics", "apply|chek"]) == ["cee topics has no chek"]
    assert wrong_with(["publish", "a.abi", "--answer", "a.ax"]) == ["cee publish has no --answer"]
