"""Port systems that still run avro-python3 read our bytes: every golden file, with the same values."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from streams.contract.codec import Codec

from .clients import HERE, SCHEMAS, run

VERSION: Final = "1.10.2"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with avro-python3 alone; skips where it cannot be installed."""
    directory = tmp_path_factory.mktemp("avro-python3")
    python = directory / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(directory)])
    install = [*uv, "pip", "install", "--quiet", "--python", str(python), f"avro-python3=={VERSION}"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"avro-python3 cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return python


def test_avro_python3_reads_every_golden_file_as_we_do(python: Path) -> None:
    (printed,) = run([str(python), str(HERE / "avro_python3" / "decode_golden.py"), str(SCHEMAS)])
    theirs = json.loads(printed)
    files = sorted(SCHEMAS.glob("*/golden/*.bin"))

    assert len(theirs) == len(files)
    for path in files:
        ours = Codec().decode(path.read_bytes())[1]
        assert plain(theirs[f"{path.parents[1].name}/{path.stem}"]) == ours, path


def plain(value: Any) -> Any:
    """Return dates and instants as our codec has them: days and milliseconds since 1970."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return moment(value) if isinstance(value, str) else value


def moment(text: str) -> Any:
    for kind in (date, datetime):
        try:
            read = kind.fromisoformat(text)
        except ValueError:
            continue
        if str(read) != text:
            continue
        if isinstance(read, datetime):
            return (read.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
        return (read - date(1970, 1, 1)).days
    return text
