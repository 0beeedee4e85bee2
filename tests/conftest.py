"""What holds for every test: no error is swallowed, and chance can be repeated."""

import logging
import os
import signal
from collections.abc import Iterator

import hypothesis
import pytest

# Time limits of single examples tell about the machine, not about the code; a gate must not depend on luck.
hypothesis.settings.register_profile("here", deadline=None, print_blob=True)
hypothesis.settings.register_profile("gate", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.load_profile("gate" if os.environ.get("CI") else "here")


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start: a run in the background of a shell script inherits it as ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a broker, so that `-m "not broker"` leaves it out."""
    for item in items:
        if "bootstrap_servers" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.broker)


@pytest.fixture(autouse=True)
def _no_swallowed_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test whose event loop had to report an error that nobody awaited."""
    yield
    swallowed = [
        record.getMessage()
        for when in ("setup", "call", "teardown")
        for record in caplog.get_records(when)
        if record.name == "asyncio" and record.levelno >= logging.ERROR
    ]
    assert swallowed == []
