"""A core that cannot begin ends the worker with one sentence, whatever it was."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from streams.contract.codec import Codec
from streams.core import CoreService
from streams.engine.engine import Engine
from streams.engine.errors import ConfigurationError
from streams.settings import Settings


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConfigurationError("these topics do not exist: a"), "these topics do not exist: a"),
        (KafkaError("Unable to get cluster metadata"), "KafkaError: Unable to get cluster metadata"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_broker_that_goes_away_while_the_core_begins_ends_the_worker_with_one_sentence(
    error: Exception, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was a stack trace where the engine had no word of its own for it."""
    ended: list[int] = []

    async def start(_: Engine) -> None:
        raise error

    async def run() -> str:
        core = CoreService(Settings(state_dir=tmp_path), 4, Codec())
        await core.on_start()
        return core.failure

    monkeypatch.setattr(Engine, "start", start)
    monkeypatch.setattr(os, "kill", lambda _process, number: ended.append(number))

    assert asyncio.run(run()) == said
    assert ended == [signal.SIGTERM]
