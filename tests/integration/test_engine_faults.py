"""The core on a real Kafka, with workers that are killed, added, stopped, and robbed of their disk."""

import asyncio
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from streams.chaos.stores import corrupt_stores
from streams.engine.config import EngineConfig
from streams.engine.errors import ConfigurationError
from streams.engine.slots import Slot, claim_slot
from streams.engine.watchdog import EXIT_CODE
from streams.local.broker import LocalBroker
from streams.local.java import SOUND_KAFKA
from tests.unit.engine.hosting import (
    Commits,
    counts,
    create_topics,
    differences,
    expected_counts,
    publish,
    running,
    start_worker,
    until,
    until_counted,
    until_done,
    until_more_is_counted,
    word_count_config,
)

# A worker without a budget for stopping would wait for its broker without end.
WITHOUT_A_BUDGET_SECONDS = 30.0
WORDS = [b"port", b"entry", b"line", b"center", b"duty"]


def lines_of(count: int, seed: int = 1) -> list[bytes | None]:
    random = Random(seed)
    return [b" ".join(random.choices(WORDS, k=random.randint(1, 4))) for _ in range(count)]


@pytest.fixture
def config(bootstrap_servers: str, namespace: str, tmp_path: Path) -> EngineConfig:
    made = word_count_config(namespace, bootstrap_servers, tmp_path)
    asyncio.run(create_topics(made))
    return made


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start worker processes that do not outlive the test."""
    started: list[subprocess.Popen[bytes]] = []

    def make(*args: Any, **environment: Any) -> "subprocess.Popen[bytes]":
        started.append(start_worker(*args, **environment))
        return started[-1]

    yield make
    for worker in started:
        worker.kill()
        worker.wait()


def assigned(config: EngineConfig, name: str) -> str:
    """Return the partitions that a worker was last told to have, by its log; empty for none."""
    log = (config.state_dir / f"{name}.log").read_text(encoding="utf-8")
    told: list[str] = re.findall(r"assigned partitions: \[(.*)\]", log)
    return told[-1] if told else ""


@pytest.mark.slow
def test_a_worker_killed_again_and_again_in_the_middle_of_its_work_counts_every_word_once(
    config: EngineConfig, namespace: str, start: Start
) -> None:
    lines = lines_of(20_000)

    async def test() -> None:
        load = asyncio.ensure_future(publish(config, lines, paused=0.08))
        for _ in range(4):
            worker = start(config, namespace)
            await until_more_is_counted(config, 2_000)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        worker = start(config, namespace)
        await load
        await until_counted(config, lines)
        worker.terminate()
        assert worker.wait(10) == 0
        assert differences(await counts(config), expected_counts(lines)) == {}

    asyncio.run(test())


@pytest.mark.slow
def test_workers_that_come_and_go_under_load_count_every_word_once(
    config: EngineConfig, namespace: str, start: Start
) -> None:
    lines = lines_of(20_000, seed=2)

    async def test() -> None:
        load = asyncio.ensure_future(publish(config, lines, paused=0.06))
        first = start(config, namespace, "w0")
        await until_more_is_counted(config, 2_000)
        second = start(config, namespace, "w1")
        await until(lambda: assigned(config, "w1"))
        await until_more_is_counted(config, 2_000)
        first.terminate()
        assert first.wait(10) == 0
        await load
        await until_counted(config, lines)
        second.terminate()
        assert second.wait(10) == 0
        assert differences(await counts(config), expected_counts(lines)) == {}

    asyncio.run(test())


@pytest.mark.slow
def test_a_worker_that_was_asleep_past_its_session_does_no_harm_when_it_wakes(
    config: EngineConfig, namespace: str, start: Start
) -> None:
    lines = lines_of(12_000, seed=3)

    async def test() -> None:
        load = asyncio.ensure_future(publish(config, lines, paused=0.1))
        first, second = start(config, namespace, "w0"), start(config, namespace, "w1")
        await until(lambda: assigned(config, "w0") in {"0", "1"} and assigned(config, "w1") in {"0", "1"})
        await until_more_is_counted(config, 1_000)
        first.send_signal(signal.SIGSTOP)
        await until(lambda: assigned(config, "w1") == "0, 1")
        first.send_signal(signal.SIGCONT)
        await load
        await until_counted(config, lines)
        for worker in (first, second):
            worker.terminate()
            assert worker.wait(10) == 0
        assert differences(await counts(config), expected_counts(lines)) == {}

    asyncio.run(test())


def test_two_workers_with_one_identity_end_with_a_clear_word(
    config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim(state_dir: Path, app_id: str) -> Slot:
        return replace(claim_slot(state_dir, app_id), instance_id="the-same")

    monkeypatch.setattr("streams.engine.kafka.world.claim_slot", claim)

    async def test() -> list[BaseException | None]:
        async with running(config) as first, running(config) as second:
            ended = [asyncio.ensure_future(engine.wait()) for engine in (first, second)]
            await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED, timeout=40)
        # The one that was stopped without such an error returns from `wait`.
        return await asyncio.gather(*ended, return_exceptions=True)

    errors = [outcome for outcome in asyncio.run(test()) if outcome is not None]
    assert errors
    assert all(isinstance(error, ConfigurationError) for error in errors)
    assert "another worker uses this one's identity the-same" in str(errors[0])


def test_a_processor_that_never_returns_ends_its_process_and_shows_where(
    config: EngineConfig, namespace: str, start: Start
) -> None:
    asyncio.run(publish(config, [b"port", b"stuck"]))

    worker = start(config, namespace, STUCK="1")

    assert worker.wait(30) == EXIT_CODE
    log = (config.state_dir / "w0.log").read_text(encoding="utf-8")
    assert "the event loop has stood still" in log
    assert "in process" in log


def test_a_store_that_was_deleted_is_restored_from_the_changelog(config: EngineConfig) -> None:
    lines = lines_of(2_000)

    async def test() -> None:
        async with running(config) as engine:
            await publish(config, lines[:1_000])
            await until_done(config, engine)
        shutil.rmtree(config.state_dir / config.app_id)
        async with running(config) as engine:
            await publish(config, lines[1_000:])
            await until_done(config, engine)
            restored = [task.restored for task in engine.tasks]
        assert min(restored) > 0
        assert differences(await counts(config), expected_counts(lines)) == {}

    asyncio.run(test())


def test_a_store_that_was_kept_is_not_restored(config: EngineConfig) -> None:
    async def test() -> None:
        async with running(config) as engine:
            await publish(config, lines_of(500))
            await until_done(config, engine)
        async with running(config) as engine:
            await until_done(config, engine)
            # At most the marker of the last transaction lies between checkpoint and end.
            assert max(task.total for task in engine.tasks) <= 1

    asyncio.run(test())


def test_a_store_whose_files_are_rubbish_is_built_again(config: EngineConfig) -> None:
    lines = lines_of(1_000)

    async def test() -> None:
        async with running(config) as engine:
            await publish(config, lines[:500])
            await until_done(config, engine)
        for file in (config.state_dir / config.app_id).rglob("MANIFEST-*"):
            file.write_bytes(b"rubbish")
        async with running(config) as engine:
            await publish(config, lines[500:])
            await until_done(config, engine)
        assert differences(await counts(config), expected_counts(lines)) == {}

    asyncio.run(test())


def test_a_store_with_damage_that_opening_does_not_notice_is_built_again_when_it_is_met(config: EngineConfig) -> None:
    words: list[bytes | None] = [b"word-%05d" % number for number in range(12_000)]

    async def test() -> None:
        async with running(config) as engine:
            await publish(config, words)
            await until_done(config, engine)
        async with running(config) as engine:  # opening writes what is only in the log into tables
            await until_done(config, engine)
        assert corrupt_stores(config.state_dir) > 0
        async with running(config) as engine:
            await publish(config, words)
            await until_done(config, engine)
            assert all(not task.halted for task in engine.tasks)
        assert differences(await counts(config), expected_counts([*words, *words])) == {}

    asyncio.run(test())


@pytest.mark.slow
def test_a_broker_that_is_killed_and_comes_back_costs_time_and_nothing_else(tmp_path: Path, namespace: str) -> None:
    lines = lines_of(4_000, seed=5)

    async def test(broker: LocalBroker) -> None:
        config = word_count_config(namespace, broker.bootstrap_servers, tmp_path / "state")
        await create_topics(config)
        commits = Commits()
        await publish(config, lines[:2_000])
        async with running(config, listener=commits):
            await until(lambda: commits.records() > 100)
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(3)
            await asyncio.to_thread(broker.start)
            await publish(config, lines[2_000:])
            await until_counted(config, lines, 90)
        assert differences(await counts(config), expected_counts(lines)) == {}

    with LocalBroker(tmp_path / "kafka", version=SOUND_KAFKA) as broker:
        asyncio.run(test(broker))


@pytest.mark.slow
def test_a_worker_whose_broker_is_gone_for_good_still_stops_within_its_budget(tmp_path: Path, namespace: str) -> None:
    async def test(broker: LocalBroker) -> None:
        config = word_count_config(namespace, broker.bootstrap_servers, tmp_path / "state")
        await create_topics(config)
        commits = Commits()
        await publish(config, lines_of(2_000))
        late = asyncio.Event()
        async with running(config, listener=commits):
            await until(lambda: commits.records() > 100)
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(2)
            asyncio.get_running_loop().call_later(WITHOUT_A_BUDGET_SECONDS, late.set)
        assert not late.is_set()

    with LocalBroker(tmp_path / "kafka", version=SOUND_KAFKA) as broker:
        asyncio.run(test(broker))
