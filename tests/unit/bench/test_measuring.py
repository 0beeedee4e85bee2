"""What the measurements add up to, and how a sampler's stacks become a profile."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from bench.candidates import ROOT
from bench.figures import Latency, Restart, Run, Throughput
from bench.latency import figures
from bench.load import sample_of
from bench.profiles import read
from bench.report import Report, ratio
from streams.cli.bench import command
from streams.contract.codec import Codec

LOOP = f"{ROOT}/streams/engine/session.py:Session.run"


@pytest.fixture
def throughput() -> Throughput:
    found = Throughput()
    for worker, faust in ((100, 10), (90, 30), (40, 9)):
        found.add("pass-through", Run(1000, 1.0, 0.1))
        found.add("worker", Run(worker, 1.0, 0.5))
        found.add("plain Faust", Run(faust, 1.0, 1.0))
    return found


def test_rates_are_records_over_time_between_first_and_last_commit() -> None:
    run = Run(records=4000, seconds=2.0, cpu_seconds=1.0)

    assert (run.per_second, run.cpu_microseconds) == (2000.0, 250.0)


def test_the_ratio_is_that_of_medians(throughput: Throughput) -> None:
    assert throughput.per_second("worker") == 90
    assert throughput.per_second("plain Faust") == 10
    assert ratio(throughput) == 9.0


def test_latency_counts_events_with_work_alone() -> None:
    sent = {f"event-{number}": float(number) for number in range(100)} | {"without work": 5.0}
    seen = {f"event-{number}": number + (number + 1) / 1000 for number in range(100)} | {"of before": 1.0}

    found = figures(sent, seen, 200)

    assert (found.sent, found.seen) == (101, 100)
    assert (round(found.p50_ms), round(found.p99_ms), round(found.most_ms)) == (51, 100, 100)


def test_latency_without_any_work_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="no event of the steady phase led to work"):
        figures({"a": 1.0}, {}, 200)


def test_a_profile_gives_time_to_the_innermost_room_within_the_loop(tmp_path: Path) -> None:
    stacks = tmp_path / "stacks.txt"
    stacks.write_text(
        f"6 start.py:main;{LOOP};{ROOT}/streams/customs/work.py:route;<string>:<lambda>\n"
        f"3 start.py:main;{LOOP};{ROOT}/streams/engine/store.py:get\n"
        f"1 start.py:main;{LOOP};{ROOT}/streams/engine/store.py:get;/x/site-packages/aiokafka/a.py:f\n"
        "90 start.py:main;import.py:load\n"
    )

    found = read(stacks)

    assert found.samples == 10
    assert [(cost.name.split(":")[0], cost.percent) for cost in found.rooms] == [
        ("customs", 60.0),
        ("engine", 30.0),
        ("aiokafka", 10.0),
    ]
    assert (found.own[0].name, found.own[0].percent) == ("<string>:<lambda>", 60.0)
    whole = {cost.name: cost.percent for cost in found.whole}
    assert whole["streams/engine/session.py:Session.run"] == 100.0
    assert whole["streams/engine/store.py:get"] == 40.0
    assert whole["aiokafka/a.py:f"] == 10.0


def test_the_sampler_sees_what_a_program_does_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(
        "import sys, time\n"
        "def spin():\n"
        "    end = time.process_time() + 0.5\n"
        "    while time.process_time() < end: sum(range(1000))\n"
        "spin()\n"
        "sys.exit(int(sys.argv[1]))\n"
    )
    stacks = tmp_path / "stacks.txt"

    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "sampler.py", stacks, "busy", "3"],
        cwd=tmp_path,
        env={"PYTHONPATH": "."},
        check=False,
    )

    assert done.returncode == 3
    counts = [int(line.split(" ")[0]) for line in stacks.read_text().splitlines() if "busy.py:spin" in line]
    assert sum(counts) > 10


def test_the_load_is_a_whole_sample_that_has_at_least_the_events_asked_for() -> None:
    load = list(sample_of(2000))
    codec = Codec()

    assert 2000 <= len(load) < 2300
    assert {record.source for record in load} <= {"entry-summary-event", "headquarters-decision"}
    assert all(codec.decode(record.value)[0] == record.name for record in load)


def test_a_report_is_one_object_and_one_page(throughput: Throughput) -> None:
    report = Report(400_000, 40_000, 4, load_before=0.1)
    report.throughput = throughput
    report.latency = Latency(200, 6000, 5000, 12.3, 45.6, 99.0)
    report.restart = Restart(400_000, 3 * 2**20, 2.5, 9.5, 3.5, 19.5)

    told = json.loads(json.dumps(report.to_json()))
    console = Console(width=120, record=True, file=StringIO())
    report.show(console)
    page = console.export_text()

    assert told["throughput"]["worker_to_plain_faust"] == 9.0
    assert told["latency"]["p99_ms"] == 45.6
    assert told["profile"] is None
    assert all(text in page for text in ("plain Faust", "9.0", "46", "2.5", "9.5", "3.5", "19.5", "3 MiB"))
    assert "not idle" not in page


def test_the_command_passes_its_options_on() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "bench", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "--profile" in done.stdout
    assert "Example: cee bench" in done.stdout


def test_without_the_source_tree_the_command_says_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("streams.cli.bench.ROOT", tmp_path)

    result = CliRunner().invoke(command, [])

    assert result.exit_code == 1
    assert "run ./cee bench in a checkout" in result.output
