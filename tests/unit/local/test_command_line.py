"""The command line's root: what it lists, and how it says what is wrong."""

import importlib
import sys
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from streams import cli
from streams.cli import COMMANDS, main, root


def failing(message: str) -> ModuleType:
    """Return a module whose command fails in an expected way."""

    @click.command()
    def command() -> None:
        raise click.ClickException(message)

    module = ModuleType("streams.cli.topics")
    module.command = command  # type: ignore[attr-defined]  # made here
    return module


def interrupted() -> ModuleType:
    @click.command()
    def command() -> None:
        raise KeyboardInterrupt

    module = ModuleType("streams.cli.topics")
    module.command = command  # type: ignore[attr-defined]  # made here
    return module


def test_help_lists_every_command_under_who_uses_it() -> None:
    text = CliRunner().invoke(root, ["--help"]).output

    assert all(f"  {name} " in text for name in COMMANDS)
    assert text.index("Port systems:") < text.index("publish") < text.index("Operations:") < text.index("worker ")


def all_commands() -> dict[str, click.Command]:
    """Return every command by its words, those of groups too; the help of `bench` is its own program's."""
    found: dict[str, click.Command] = {}
    for name in sorted(COMMANDS.keys() - {"bench"}):
        command = found[name] = importlib.import_module(f"streams.cli.{name}").command
        if isinstance(command, click.Group):
            found |= {f"{name} {below}": one for below, one in command.commands.items()}
    return found


@pytest.mark.parametrize(("name", "command"), list(all_commands().items()), ids=str)
def test_every_command_has_help_with_an_example(name: str, command: click.Command) -> None:
    result = CliRunner().invoke(root, [*name.split(), "-h"])

    assert result.exit_code == 0, result.output
    assert f"Example: cee {name}" in " ".join(result.output.split())
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("name", list(all_commands()))
def test_a_wrong_option_is_named_and_is_wrong_usage(name: str) -> None:
    result = CliRunner().invoke(root, [*name.split(), "--no-such-option"])

    assert result.exit_code == 2, result.output
    assert "No such option" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_extra_is_one_sentence_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> ModuleType:
        message = "No module named 'jgo'"
        raise ModuleNotFoundError(message, name="jgo") if name == "streams.cli.demo" else AssertionError(name)

    monkeypatch.setattr(cli, "import_module", absent)

    result = CliRunner().invoke(root, ["demo"])

    assert result.exit_code == 1
    assert result.output == "Error: this command needs jgo: pip install 'cee-streams[local]'\n"


def test_an_expected_error_is_one_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "import_module", lambda _: failing("the broker is away"))
    monkeypatch.setattr(sys, "argv", ["cee", "topics"])
    monkeypatch.delenv("CEE_DEBUG", raising=False)

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert capsys.readouterr().err == "Error: the broker is away\n"


def test_with_CEE_DEBUG_the_trace_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "import_module", lambda _: failing("the broker is away"))
    monkeypatch.setattr(sys, "argv", ["cee", "topics"])
    monkeypatch.setenv("CEE_DEBUG", "1")

    with pytest.raises(click.ClickException, match="the broker is away"):
        main()


def test_ctrl_c_ends_quietly_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "import_module", lambda _: interrupted())
    monkeypatch.setattr(sys, "argv", ["cee", "topics"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 130
    assert "Traceback" not in capsys.readouterr().err


def test_every_command_of_the_table_has_its_module() -> None:
    for name in COMMANDS:
        assert isinstance(importlib.import_module(f"streams.cli.{name}").command, click.Command)
