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
    # How fast a loaded machine is says little; that the worker is not slower than what it replaces says enough.
    assert told["throughput"]["worker_to_plain_faust"] > 1
    assert told["latency"]["seen"] > 0.5 * told["latency"]["sent"]
    assert 0 < told["latency"]["p50_ms"] <= told["latency"]["p99_ms"]
    assert 0 < told["restart"]["with_store_seconds"] <= told["restart"]["with_store_all_seconds"]
    assert 0 < told["restart"]["without_store_seconds"] <= told["restart"]["without_store_all_seconds"]
    assert told["restart"]["state_bytes"] > 100_000
