"""A watch goes on through trouble, and ends with Ctrl-C alone."""

import json
from collections.abc import Iterator
from typing import Any

import click
import pytest
from rich.text import Text

from streams.cli import watching

Looks = Iterator[dict[str, Any] | BaseException]


def test_a_watch_shows_what_was_seen_last_while_there_is_trouble(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watching, "REFRESH_SECONDS", 0.0)
    looks: Looks = iter([{"lag": 1}, click.ClickException("no broker answers"), {"lag": 2}, KeyboardInterrupt()])

    watching.watch(lambda: taken(next(looks)), lambda found: Text(f"lag {found['lag']}"), as_json=False)

    shown = capsys.readouterr().out
    assert shown.count("lag 1") == 2
    assert shown.index("no broker answers; below is what was seen last") < shown.rindex("lag 1") < shown.index("lag 2")


def test_a_watch_as_json_is_one_object_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watching, "REFRESH_SECONDS", 0.0)
    looks: Looks = iter([{"lag": 1}, click.ClickException("no broker answers"), KeyboardInterrupt()])

    watching.watch(lambda: taken(next(looks)), lambda _: Text(""), as_json=True)

    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"lag": 1}, {"error": "no broker answers"}]


def taken(look: dict[str, Any] | BaseException) -> dict[str, Any]:
    if isinstance(look, BaseException):
        raise look
    return look
