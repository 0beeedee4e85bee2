"""What commands show on a narrow terminal, or where there is little to show."""

import sys
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console, RenderableType

from streams.cli import lag, placement, root, status, topics
from streams.contract.topics import center_slugs, load_topics
from streams.demo import report
from streams.demo.protest_case import ProtestCase
from streams.demo.tally import Tally

WORKER = "cee-placement http://127.0.0.1:52683"


def place(topic: str, end: int) -> dict[str, Any]:
    return {"topic": topic, "partition": 0, "offset": end, "end": end, "lag": 0, "age_seconds": 0.0, "owner": WORKER}


def shown(what: RenderableType, width: int) -> str:
    console = Console(width=width, markup=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def group(*places: dict[str, Any]) -> dict[str, Any]:
    figures = {"members": 1, "lag": 0, "age_seconds": 0.0, "uncommitted": 0, "lost": 0}
    return {"group": "cee-placement", "state": "Stable", **figures, "places": list(places)}


def test_lag_names_each_topic_in_full_on_eighty_columns_and_those_without_record_last() -> None:
    busy, empty = "center-decision-agriculture-prepared-products", "center-decision-industrial-manufacturing-materials"

    text = shown(lag._screen([group(place(empty, 0), place(busy, 7))], "cee-placement"), 80)

    assert text.startswith("cee-placement: stable\n")
    assert f"\n{busy}\n" in text
    assert WORKER in " ".join(text.split())
    assert text.index(busy) < text.index("nothing has come on center-decision-industrial")


def test_lag_says_of_a_group_that_is_not_there_that_it_is_not() -> None:
    assert shown(lag._screen([], "desk"), 80) == "desk does not exist, or reads none of our topics\n"


def test_a_groups_name_is_whole_on_sixty_columns() -> None:
    found = group()
    reader = {**found, "reader": "The processor", "verdict": "OK", "lag_seconds": None}

    assert "cee-placement" in shown(lag._screen([found], None), 60)
    assert "…" not in shown(status._readers({"groups": [reader]}), 60)


def test_every_topic_is_listed_by_name_with_purpose_key_and_retention() -> None:
    lines = CliRunner().invoke(root, ["topics", "list"]).output.splitlines()

    for topic in load_topics():
        at = lines.index(f"{topic.name}, {topic.partitions} partitions")
        assert lines[at + 1 : at + 4] == [
            f"  purpose:   {topic.purpose}",
            f"  key:       {topic.key}",
            f"  retention: {topic.retention}",
        ]


def test_topics_can_be_listed_where_standard_output_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    assert topics._width() == sys.maxsize


def test_an_importer_without_evidence_is_explained_without_empty_tables(capsys: pytest.CaptureFixture[str]) -> None:
    evidence = {"window_from": "2024-06-01", "first_day": None, "last_day": None, "summaries": 0, "measure": "lines"}
    versions = {"policy_version": "default", "coverage_version": "published-2017", "centers": [], "headings": []}
    found: dict[str, Any] = {
        "account_key": "08-5308642",
        "importer_numbers": [],
        "center": None,
        "computed_center": None,
    }
    placed: dict[str, Any] = {"ace_code": "PNDING", "challenger": None, "flags": [], "reason": "No line counts (P2)."}

    placement._print({**found, **placed, "evidence": {**evidence, **versions}})

    text = capsys.readouterr().out
    assert "importer numbers: none yet" in text
    assert "none seen, 0 summaries" in " ".join(text.split())
    assert "heading" not in text


def test_the_demos_tables_are_whole_on_sixty_columns() -> None:
    tally = Tally()
    for slug in center_slugs():
        tally.work_items[slug], tally.moved_in[slug] = 47_020, 113

    text = shown(report._centers(tally), 60)

    assert "…" not in text
    assert all(slug in text for slug in center_slugs())
    console = Console(width=60)
    with console.capture() as capture:
        report._protest(ProtestCase(10, 10, 1, 1, 10, 10, 55, 0), console)
    assert "…" not in capture.get()
