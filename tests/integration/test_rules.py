"""Dated rules through the command line, a real broker and a real worker."""

import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from tests.integration.test_worker import (
    HOME,
    KEY,
    accepted,
    create_topics,
    publish,
    running_worker,
    summary_fields,
    wait_for,
)

REFORM = """
version = "2024-reform"
effective_on = 2024-12-01
event_time = 2024-10-01T15:00:00Z
reason = "computers go to Machinery"

[policy]
window_days = 300

[coverage]
version = "2024-reform"
file = "coverage.csv"
"""
COVERAGE = "from_code,to_code,center\n84,85,machinery\n"


def rules(servers: str, namespace: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    place = ["--bootstrap-servers", servers, "--namespace", namespace]
    command = [sys.executable, "-m", "streams.cli", "rules", *arguments, *place]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def placement(servers: str, namespace: str, *arguments: str) -> dict[str, Any]:
    """Return what `cee placement` says, as data."""
    place = ["--bootstrap-servers", servers, "--namespace", namespace, "--json"]
    command = [sys.executable, "-m", "streams.cli", "placement", *arguments, *place]
    environment = {**os.environ, "CEE_TIME": "event"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def later_summary() -> bytes:
    """Return a summary of January 2025: it moves the time beyond the day of the new rules."""
    when = datetime(2025, 1, 10, 15, tzinfo=UTC)
    fields = summary_fields(entry_number="B7603245286", accepted_at=when)
    return Codec().encode("entry_summary_accepted", {**fields, "event_id": str(uuid.uuid4()), "event_time": when})


def test_a_published_version_changes_every_partition_on_its_day_and_proposes_without_moving(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    """Published twice it is one; shown and compared as the workers have it; an unknown switch is named."""
    names = create_topics(bootstrap_servers, namespace)
    (tmp_path / "reform.toml").write_text(REFORM)
    (tmp_path / "coverage.csv").write_text(COVERAGE)
    (tmp_path / "wrong.toml").write_text(REFORM.replace("window_days", "windows"))
    with running_worker(bootstrap_servers, namespace, tmp_path):
        topic = names.of("entry-summary-event")
        publish(bootstrap_servers, topic, [(KEY, accepted(), HOME)])
        wait_for(bootstrap_servers, names.of("placement-change"), lambda records: len(records) == 1)

        once, again = (rules(bootstrap_servers, namespace, "publish", str(tmp_path / "reform.toml")) for _ in range(2))
        wrong = rules(bootstrap_servers, namespace, "publish", str(tmp_path / "wrong.toml"))
        versions = wait_for(bootstrap_servers, names.of("headquarters-decision"), lambda records: len(records) == 8)
        publish(bootstrap_servers, topic, [(KEY, later_summary(), HOME)])
        changes = wait_for(bootstrap_servers, names.of("placement-change"), lambda records: len(records) >= 2)

    shown = json.loads(rules(bootstrap_servers, namespace, "show", "--as-of", "2025-01-01", "--json").stdout)
    changed = json.loads(rules(bootstrap_servers, namespace, "diff", "2024-reform", "--json").stdout)
    then, since = (
        placement(bootstrap_servers, namespace, "explain", "12-3456789", "--as-of", day)
        for day in ("2024-09-05", "2025-01-15")
    )
    prospect = placement(bootstrap_servers, namespace, "recompute", "--as-of", "2025-01-01")
    assert (once.returncode, again.returncode, wrong.returncode) == (0, 0, 1)
    assert "windows: there is no such switch" in wrong.stderr
    assert {record.partition for record in versions} == {0, 1, 2, 3}
    assert (shown["policy_version"], shown["policy"]["window_days"]) == ("2024-reform", "300")
    assert (shown["coverage_version"], shown["refused"], shown["missing"]) == ("2024-reform", [], [])
    assert changed["policy"] == {"window_days": ["365", "300"]}
    assert changed["coverage"]["8471"] == ["electronics", "machinery"]
    proposed = Codec().decode(changes[1].value or b"")[1]
    assert (proposed["kind"], proposed["center"]) == ("proposed", "electronics")
    assert "Under coverage 2024-reform Machinery would lead" in proposed["reason"]
    told = [(shown["evidence"]["summaries"], shown["evidence"]["coverage_version"]) for shown in (then, since)]
    assert told == [(1, "published-2017"), (2, "2024-reform")]
    assert then["as_of"] == "2024-09-05"
    assert [(row["account_key"], row["would_lead"]) for row in prospect["changes"]] == [("12-3456789", "machinery")]


GROUPED = """
version = "2024-grouped"
effective_on = 2024-12-01
event_time = 2024-10-01T15:00:00Z
reason = "one firm, two numbers"

[policy]
account_key = "table"

[accounts]
"98-765432100" = "12-3456789"
"""


def test_an_importer_number_joins_an_account_in_another_partition_on_its_day(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    """With its entry and its case, which keeps its name and its Center; the account is shown and explained."""
    names = create_topics(bootstrap_servers, namespace)
    (tmp_path / "grouped.toml").write_text(GROUPED)
    joins, home = "98-765432100", partition_for(b"98-7654321", 4)
    assert home != HOME
    fields = summary_fields(importer_of_record=joins)
    first = Codec().encode("entry_summary_accepted", {**fields, "event_id": str(uuid.uuid4())})
    when = datetime(2025, 1, 10, 15, tzinfo=UTC)
    changed = {**summary_fields(entry_number="B7603245286", accepted_at=when, importer_of_record=joins)}
    second = Codec().encode("entry_summary_accepted", {**changed, "event_id": str(uuid.uuid4()), "event_time": when})
    with running_worker(bootstrap_servers, namespace, tmp_path) as worker:
        topic = names.of("entry-summary-event")
        published = rules(bootstrap_servers, namespace, "publish", str(tmp_path / "grouped.toml"))
        assert published.returncode == 0, published.stderr
        wait_for(bootstrap_servers, names.of("headquarters-decision"), lambda records: len(records) == 4)
        publish(bootstrap_servers, topic, [(b"98-7654321", first, home)])
        wait_for(bootstrap_servers, names.of("placement-change"), lambda records: len(records) == 1)
        publish(bootstrap_servers, topic, [(b"98-7654321", second, home)])
        worker.kill_and_restart()
        changes = wait_for(bootstrap_servers, names.of("placement-change"), lambda records: len(records) >= 3)
        work = wait_for(bootstrap_servers, names.of("center-work-electronics"), lambda records: len(records) >= 4)
        explained = placement(bootstrap_servers, namespace, "explain", joins)

    shown = json.loads(rules(bootstrap_servers, namespace, "show", "--as-of", "2025-01-01", "--json").stdout)
    changed_rules = json.loads(rules(bootstrap_servers, namespace, "diff", "2024-grouped", "--json").stdout)
    then = placement(bootstrap_servers, namespace, "explain", joins, "--as-of", "2025-01-15")
    last = placement(bootstrap_servers, namespace, "explain", joins)  # no worker runs any more
    assert shown["accounts"] == {joins: "12-3456789"}
    assert changed_rules["account of"] == {joins: ["98-7654321", "12-3456789"]}
    codec = Codec()
    told = [codec.decode(change.value or b"")[1] for change in changes]
    assert {(one["account_key"], one["center"]) for one in told} >= {
        ("12-3456789", "electronics"),
        ("98-7654321", None),
    }
    for found in (explained, last):
        assert (found["account_key"], found["importer_numbers"], found["center"]) == (
            "12-3456789",
            [joins],
            "electronics",
        )
    assert (then["account_key"], then["evidence"]["summaries"]) == ("12-3456789", 2)
    assert {record.key for record in work} == {b"98-7654321", b"12-3456789"}
