"""Folders without permission and full disks as a person meets them: one sentence, an exit code, and nothing lost."""

import ctypes
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli import root
from streams.local.broker import free_port
from streams.ports.spool.status import spool_status

from .test_publish_command import DELETED

PR_CAPBSET_DROP = 24
CAPABILITIES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with them root is asked for no permission


def as_somebody() -> None:
    """Give up what root may do beyond others; takes effect with the program that is started next."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in CAPABILITIES:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))


def cee(*arguments: str, before: object = as_somebody) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-B", "-m", "streams.cli", *arguments, "--bootstrap-servers", f"127.0.0.1:{free_port()}"]
    return subprocess.run(program, preexec_fn=before, capture_output=True, text=True, timeout=120, check=False)  # type: ignore[call-overload,no-any-return]  # a plain function


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """Give a folder in which this account may not write."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    return folder


def test_a_watched_folder_without_permission_is_one_sentence(closed: Path) -> None:
    done = cee("publish", "--watch", str(closed), "--once")

    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {closed} cannot be written (Permission denied): files could not be moved there; give this account the "
        "right\n"
    )


@pytest.mark.parametrize("name", ["day1.abi", "day1.ax"])
def test_a_batch_that_cannot_be_read_or_whose_answers_cannot_is_refused_and_the_watch_goes_on(
    tmp_path: Path, name: str
) -> None:
    folder, spool = tmp_path / "in", tmp_path / "spool"
    folder.mkdir()
    for one, text in (("day1.abi", "A2720B76"), ("day1.ax", "A"), ("later.jsonl", json.dumps(DELETED))):
        (folder / one).write_text(f"{text}\n", "utf-8")
    (folder / name).chmod(0)

    done = cee("publish", "--watch", str(folder), "--once", "--spool", str(spool))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    report = json.loads((folder / "refused" / "day1.abi.report.json").read_text("utf-8"))
    assert report["refusals"][0]["why"] == "the file or its answers cannot be read"
    assert (folder / "done" / "later.jsonl").exists()


def test_a_spool_without_permission_is_one_sentence(closed: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(json.dumps(DELETED) + "\n", "utf-8")

    done = cee("publish", str(events), "--spool", str(closed / "spool"))

    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == (
        f"Error: the spool {closed / 'spool'} cannot be used (Permission denied): name a folder that this account may "
        "write"
    )


def test_a_full_disk_tells_what_is_kept_and_where_to_go_on(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    lines = [json.dumps(DELETED | {"event_id": f"00000000-0000-0000-0000-{number:012}"}) for number in range(5_000)]
    events.write_text("\n".join(lines) + "\n", "utf-8")
    spool = tmp_path / "spool"

    done = cee("publish", str(events), "--spool", str(spool), before=small_files)
    status = subprocess.run(
        [sys.executable, "-m", "streams.cli", "spool", "status", str(spool), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 3
    assert f"the disk of the spool {spool} is full" in done.stderr
    kept = json.loads(status.stdout)["waiting"]
    assert 0 < kept < len(lines)
    assert f"The first {kept:,} items are dealt with: {kept:,} safely in the spool" in done.stderr
    assert f"Go on with --skip {kept}" in done.stderr


def test_a_full_disk_under_a_watched_folder_leaves_the_file_where_it_is(tmp_path: Path) -> None:
    folder, spool = tmp_path / "in", tmp_path / "spool"
    folder.mkdir()
    lines = [json.dumps(DELETED | {"event_id": f"00000000-0000-0000-0000-{number:012}"}) for number in range(5_000)]
    (folder / "put.jsonl").write_text("\n".join(lines) + "\n", "utf-8")

    done = cee("publish", "--watch", str(folder), "--once", "--spool", str(spool), before=small_files)

    assert done.returncode == 3
    assert f"Error: the disk of the spool {spool} is full" in done.stderr
    assert (folder / "put.jsonl").exists()
    assert 0 < spool_status(spool).waiting < len(lines)


def test_a_spool_that_cannot_be_read_is_one_sentence_and_not_taken_for_one_that_waits(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "position.json").write_text("damaged", "utf-8")

    done = CliRunner().invoke(root, ["spool", "status", str(spool)])

    assert done.exit_code == 3
    assert done.stderr.startswith("Error: ")


WRONG_USAGE = [
    (["--once", "events"], "--once belongs to --watch"),
    ([], "name files, or a folder with --watch"),
    (["events", "--watch", "."], "name files, or a folder with --watch"),
    (["--watch", ".", "--dry-run"], "neither --dry-run nor --answers goes with it"),
    (["events", "--spool", "spool", "--dry-run"], "leave out --spool"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG_USAGE)
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("", "utf-8")

    named = [str(events) if one == "events" else one for one in arguments]
    done = CliRunner().invoke(root, ["publish", *named])

    assert done.exit_code == 2
    assert sentence in " ".join(done.stderr.split())
