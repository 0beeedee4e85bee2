"""The start script says in one sentence what a machine lacks, and touches nobody's folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "cee"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a folder with a space in its name that holds what the script reads."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("cee", "requirements.lock", "pyproject.toml"):
        shutil.copy(SCRIPT.parent / name, folder / name)
    return folder


def tools(directory: Path, python: str) -> str:
    """Return a PATH with the usual tools and a python3 that is this script."""
    directory.mkdir()
    (directory / "python3").write_text(f"#!/bin/sh\n{python}\n", "utf-8")
    (directory / "python3").chmod(0o755)
    for tool in ("dirname", "cksum", "cat", "mkdir", "touch", "ls", "readlink", "rm", "grep", "sh"):
        found = shutil.which(tool)
        assert found is not None
        (directory / tool).symlink_to(found)
    return str(directory)


def cksum(path: Path) -> str:
    with path.open("rb") as content:
        return subprocess.run(["/usr/bin/cksum"], stdin=content, capture_output=True, text=True, check=True).stdout


def start(script: Path, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    home = {"HOME": str(script.parent), "PATH": path}
    command = ["/bin/sh", str(script), "--version"]
    return subprocess.run(command, env={**home, **environment}, capture_output=True, text=True, timeout=60, check=False)


def test_a_machine_without_a_fit_python_is_told_which_one(checkout: Path) -> None:
    done = start(checkout / "cee", tools(checkout.parent / "bin", "exit 1"))

    assert done.returncode == 1
    assert done.stderr.startswith("cee: Python 3.11 or later is needed")
    assert not (checkout / ".venv").exists()


def test_a_python_without_venv_is_told_its_system_package(checkout: Path) -> None:
    refuses = f'case "$*" in *ensurepip*) exit 1 ;; *) exec \'{sys.executable}\' "$@" ;; esac'

    done = start(checkout / "cee", tools(checkout.parent / "bin", refuses))

    assert done.returncode == 1
    assert f"'apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv'" in done.stderr


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path) -> None:
    mine = checkout.parent / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear", "utf-8")

    done = start(
        checkout / "cee", tools(checkout.parent / "bin", f"exec '{sys.executable}' \"$@\""), CEE_VENV=str(mine)
    )

    assert done.returncode == 1
    assert "is no Python environment: name another place in CEE_VENV" in done.stderr
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]


def test_a_complete_environment_is_used_as_it_is_also_through_a_link(checkout: Path) -> None:
    path = tools(checkout.parent / "bin", "exit 1")
    environment = checkout / ".venv"
    (environment / "bin").mkdir(parents=True)
    for name in ("python", "cee"):
        (environment / "bin" / name).write_text('#!/bin/sh\necho "hello $*"\n', "utf-8")
        (environment / "bin" / name).chmod(0o755)
    lock, project = (cksum(checkout / name) for name in ("requirements.lock", "pyproject.toml"))
    (environment / "packages.stamp").write_text(lock, "utf-8")
    (environment / "project.stamp").write_text(f"{project}{checkout}\n", "utf-8")
    (checkout.parent / "link").symlink_to(checkout / "cee")

    done = start(checkout.parent / "link", path)

    assert (done.stdout, done.stderr, done.returncode) == ("hello --version\n", "", 0)


def test_the_lock_pins_every_package_by_hash_and_names_no_place_to_download_from() -> None:
    text = (SCRIPT.parent / "requirements.lock").read_text("utf-8")
    packages = [line for line in text.splitlines() if "==" in line]

    assert len(packages) > 50
    assert text.count("--hash=sha256:") >= len(packages)
    assert "://" not in text
    assert os.access(SCRIPT, os.X_OK)
