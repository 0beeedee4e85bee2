"""The measurements themselves, small: every candidate runs, and every figure is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_quick_run_measures_everything() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "bench", "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["events"] >= 12_000
    assert set(told["throughput"]["median_per_second"]) == {"pass-through", "worker", "plain Faust"}
    # Not how fast it was: that says something on a quiet machine only.
    medians = told["throughput"]["median_per_second"]
    ratio = medians["worker"] / medians["plain Faust"]
    assert told["throughput"]["worker_to_plain_faust"] == pytest.approx(ratio, abs=0.01)
    assert 0 < told["latency"]["seen"] <= told["latency"]["sent"]
    assert 0 < told["latency"]["p50_ms"] <= told["latency"]["p99_ms"]
    of_restart = [value for name, value in told["restart"].items() if name.endswith("_seconds")]
    assert len(of_restart) == 4
    assert min(of_restart) > 0
    assert told["restart"]["state_bytes"] > 100_000
