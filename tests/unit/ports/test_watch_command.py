"""`cee publish --watch` as it runs for days: files come, a spool keeps them while Kafka is away, SIGTERM ends it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from streams.local.broker import free_port
from streams.ports.spool.status import spool_status

from .test_publish_command import DELETED

PATIENCE_SECONDS = 60.0


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        assert time.monotonic() < give_up, f"{path} did not come"
        time.sleep(0.05)


def put(folder: Path, name: str, number: int) -> None:
    """Put a file as a port system does: under another name first."""
    unfinished = folder / f".{name}"
    event = DELETED | {"event_id": f"00000000-0000-0000-0000-{number:012}"}
    unfinished.write_text(json.dumps(event) + "\n", "utf-8")
    unfinished.rename(folder / name)


def test_files_are_taken_as_they_come_while_kafka_is_away_and_sigterm_ends_it(tmp_path: Path) -> None:
    folder, spool = tmp_path / "in", tmp_path / "spool"
    folder.mkdir()
    command = [sys.executable, "-m", "streams.cli", "publish", "--watch", str(folder), "--spool", str(spool)]
    away = ["--bootstrap-servers", f"127.0.0.1:{free_port()}"]
    with subprocess.Popen([*command, *away], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        put(folder, "a.jsonl", 1)
        wait_for(folder / "done" / "a.jsonl")
        put(folder, "b.jsonl", 2)
        wait_for(folder / "done" / "b.jsonl")
        watching.send_signal(signal.SIGTERM)
        out, told = watching.communicate(timeout=PATIENCE_SECONDS)

    assert watching.returncode == 0, told
    assert out.splitlines()[0] == f"a.jsonl: 1 published, 0 refused; now {folder / 'done' / 'a.jsonl'}"
    assert "no Kafka broker answers at" in told
    assert spool_status(spool).waiting == 2


def test_a_watch_without_a_spool_ends_at_once_where_kafka_is_out_of_reach(tmp_path: Path) -> None:
    put(tmp_path, "a.jsonl", 1)
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "streams.cli", "publish", "--watch", str(tmp_path), "--bootstrap-servers", address]

    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    assert done.returncode == 3
    assert done.stderr.startswith(f"Error: no Kafka broker answers at {address}: ")
    assert (tmp_path / "a.jsonl").exists()
