"""The house around the core: it must not take the core down with it."""

import asyncio
import logging
from pathlib import Path

import pytest
from mode import Service

from streams import worker
from streams.contract.codec import Codec
from streams.core import CoreService
from streams.settings import Settings


class BegunCore(CoreService):
    """A core that has begun, and whose broker is away at first."""

    def __init__(self, state_dir: Path, answers: list[str]) -> None:
        super().__init__(Settings(state_dir=state_dir), 4, Codec())
        self.answers = answers

    async def has_begun(self) -> None:
        """Not wait."""

    async def outage(self) -> str:
        """Return the next answer."""
        return self.answers.pop(0)


def test_a_house_that_is_opened_while_no_broker_answers_waits_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Faust ended the whole worker: a broker was killed a moment after the core had begun."""
    core = BegunCore(tmp_path, ["no Kafka broker answers", "no Kafka broker answers", ""])
    left: list[int] = []
    started = asyncio.Event()

    class App(Service):
        async def on_start(self) -> None:
            left.append(len(core.answers))
            started.set()

    async def run() -> None:
        house = worker.House(core)
        async with asyncio.timeout(5):
            await house.start()
            await started.wait()
        await house.stop()

    monkeypatch.setattr(worker, "_built", lambda _core: (App(), ()))
    monkeypatch.setattr(worker, "ASK_AGAIN_SECONDS", 0.0)
    with caplog.at_level(logging.WARNING):
        asyncio.run(run())

    assert left == [0]
    assert [record.message for record in caplog.records] == ["pages and metrics begin later: no Kafka broker answers"]
