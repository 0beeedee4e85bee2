"""Alerts and dashboards: they speak of series that exist, and every alert leads to a section of the runbook."""

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from streams.engine.halt import FLOOD
from streams.ops.declared import METRICS

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "monitoring"
RULES = MONITORING / "prometheus" / "rules.yml"
DASHBOARD = MONITORING / "grafana" / "dashboards" / "cee-streams.json"
NAME = re.compile(r"\b(?:cee|kafka)_[a-z_]+\b")


def series(text: str) -> set[str]:
    return {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in NAME.findall(text)}


def expressions() -> list[str]:
    return [line for line in RULES.read_text("utf-8").splitlines() if NAME.search(line)]


def test_rules_speak_of_declared_series() -> None:
    assert series("\n".join(expressions())) <= METRICS.keys()


def test_the_dashboard_speaks_of_declared_series_and_has_no_panel_twice() -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    text = "\n".join(target["expr"] for panel in panels for target in panel["targets"])
    places = [tuple(panel["gridPos"].values()) for panel in panels]

    assert series(text) <= METRICS.keys()
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_dashboard_is_what_grafana_knows_under_its_own_names() -> None:
    plugins.register_default_plugins()
    ours = json.loads(DASHBOARD.read_text("utf-8"))

    theirs = json.loads(JSONEncoder().encode(Dashboard.from_json(ours)))

    assert list(unknown(ours, theirs)) == []
    assert list(unknown({"panels": [{"titel": ""}]}, theirs)) == ["/panels/0/titel"]


def unknown(ours: Any, theirs: Any, at: str = "") -> Iterator[str]:
    """Yield the places of what Grafana's own model does not give back as it was."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            yield from unknown(value, theirs[name], f"{at}/{name}") if name in theirs else [f"{at}/{name}"]
    elif isinstance(ours, list) and isinstance(theirs, list):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from unknown(one, other, f"{at}/{number}")
    elif ours != theirs:
        yield f"{at}: {ours!r} became {theirs!r}"


def test_grafana_is_given_the_dashboard_where_it_looks_and_the_data_source_that_it_names() -> None:
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    provisioning = MONITORING / "grafana" / "provisioning"
    looks_in = re.findall(r"path: (\S+)}", (provisioning / "dashboards" / "cee-streams.yml").read_text("utf-8"))
    source = (provisioning / "datasources" / "prometheus.yml").read_text("utf-8")
    named = set(re.findall(r'"uid": "(cee-[a-z]+)"', DASHBOARD.read_text("utf-8"))) - {"cee-streams"}

    assert [f"- ./monitoring/grafana/dashboards:{path}:ro" in compose for path in looks_in] == [True]
    assert "- ./monitoring/grafana/provisioning:/etc/grafana/provisioning:ro" in compose
    assert named == set(re.findall(r"uid: (\S+)", source))
    assert "http://prometheus:9090" in source


def test_every_alert_leads_to_a_section_of_the_runbook_and_has_a_unit_test() -> None:
    text = RULES.read_text("utf-8")
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    sections = {heading.lower().replace(" ", "-") for heading in re.findall(r"^### (.+)$", page, re.MULTILINE)}
    tests = (RULES.parent / "rules_test.yml").read_text("utf-8")
    alerts = re.findall(r"- alert: (\w+)", text)

    assert len(alerts) == text.count("runbook_url: docs/operations.md#")
    assert set(re.findall(r"runbook_url: docs/operations\.md#([a-z-]+)", text)) <= sections
    assert {alert for alert in alerts if f"name: {alert}\n" not in tests} == set()


def halt_reasons() -> set[str]:
    """Return every reason for which the engine halts a partition, as its code gives them."""
    called = [
        node
        for path in (ROOT / "streams" / "engine").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Halted"
    ]
    given = [call.args[0] for call in called]
    return {FLOOD, *(one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))}


def test_every_reason_of_a_halt_has_its_repair_in_the_runbook() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = page.partition("### Partition halted\n")[2].partition("\n### ")[0]

    assert {f"*{reason}*" for reason in halt_reasons()} == set(re.findall(r"\*[a-z]+(?:-[a-z]+)+\*", section))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here: apt-get install prometheus")
@pytest.mark.parametrize("command", [["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"]])
def test_promtool_takes_the_rules_and_their_tests_pass(command: list[str]) -> None:
    done = subprocess.run(["promtool", *command], cwd=RULES.parent, capture_output=True, text=True, check=False)  # noqa: S607 - where Debian puts it

    assert done.returncode == 0, done.stdout + done.stderr
