"""A real Chromium before a real worker on a real broker; screenshots stay as test output."""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("CEE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = Path(__file__).parents[3] / ".cee" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no browser, say so for each test that did not run."""
    reason = "" if CHROMIUM else "no Chromium here: apt-get install chromium"
    try:
        import playwright  # noqa: F401, PLC0415 - whether it is there is the question
    except ModuleNotFoundError:
        reason = reason or "no playwright here: pip install playwright"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def shots() -> Path:
    """Give the folder that keeps the screenshots."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
