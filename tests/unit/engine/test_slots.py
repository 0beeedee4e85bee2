"""A worker's place on its machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from streams.engine.errors import ConfigurationError
from streams.engine.slots import claim_slot


def test_each_worker_has_a_place_of_its_own_and_a_freed_one_is_taken_first(tmp_path: Path) -> None:
    first, second = claim_slot(tmp_path, "app"), claim_slot(tmp_path, "app")
    assert (first.number, second.number) == (0, 1)
    assert first.folder != second.folder
    assert first.instance_id != second.instance_id

    first.release()
    again = claim_slot(tmp_path, "app")

    assert (again.number, again.instance_id, again.folder) == (0, first.instance_id, first.folder)
    again.release()
    second.release()


def test_the_first_places_of_two_state_folders_are_two_identities(tmp_path: Path) -> None:
    here, there = claim_slot(tmp_path / "here", "app"), claim_slot(tmp_path / "there", "app")

    assert here.number == there.number == 0
    assert here.instance_id != there.instance_id
    here.release()
    there.release()


def test_two_applications_do_not_share_places(tmp_path: Path) -> None:
    one, other = claim_slot(tmp_path, "one"), claim_slot(tmp_path, "other")

    assert (one.number, other.number) == (0, 0)
    one.release()
    other.release()


def test_the_place_of_a_process_that_was_killed_is_free_at_once(tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib; from streams.engine.slots import claim_slot\n"
        "print(claim_slot(pathlib.Path(sys.argv[1]), 'app').number, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("0", -9)

    slot = claim_slot(tmp_path, "app")

    assert slot.number == 0
    slot.release()


def test_a_state_folder_that_is_a_file_is_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "app").write_text("in the way", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"state folder .*app cannot be used"):
        claim_slot(tmp_path, "app")
