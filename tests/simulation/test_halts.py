"""What a person does about a halted partition, and that it helps."""

import asyncio
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from streams.engine.errors import TransientFault
from streams.engine.listener import Listener
from streams.engine.simulated.broker import Place, SimBroker
from streams.engine.simulated.client import SimSource, SimTransaction
from streams.engine.simulated.group import SimMembership
from streams.engine.simulated.log import Page
from streams.engine.simulated.tally import DEAD_LETTER, LEDGER, Tally
from streams.engine.world import Appended, Outgoing
from tests.simulation.stage import SOURCE, Stage, on_stage


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The core warns of each fault that is made here on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_records_that_retention_took_halt_the_partition_and_resuming_goes_on_behind_them() -> None:
    async def play(stage: Stage) -> None:
        await stage.work_through(b"add:1", b"add:2")
        stage.publish(b"add:lost", b"add:lost", b"add:3")
        stage.broker.logs[SOURCE, 0].trim(4)
        stage.start()
        await stage.until(lambda: stage.halted)
        assert stage.halted.startswith("position-before-start")

        await stage.resume()
        await stage.until(stage.is_done)
        await stage.stop()
        stage.publish(b"add:4")
        stage.start()
        await stage.until(stage.is_done)
        await stage.stop()

        assert [value.split(b":")[0] for value in stage.published()] == [
            b"event@0", b"event@1", b"event@4", b"event@5",
        ]  # fmt: skip

    on_stage(play)


def test_resuming_once_is_enough_where_the_answer_to_the_commit_of_the_halt_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The halt that was written already was written again by the life that had been resumed."""
    end = SimBroker.end
    lost: list[str] = []

    def ended(broker: SimBroker, transactional_id: str, epoch: int, *, commit: bool) -> None:
        end(broker, transactional_id, epoch, commit=commit)
        if not lost and commit and any(entry.key == b"m/halt" for entry in broker.logs["state", 0].entries):
            lost.append(transactional_id)
            message = "no answer to commit"
            raise TransientFault(message)

    async def play(stage: Stage) -> None:
        stage.publish(b"add:1", b"poison:2", b"add:3", key=None)
        stage.start()
        await stage.until(lambda: stage.halted)
        assert lost
        assert stage.halted.startswith("unexpected-exception")

        await stage.resume(dead_letter_offset=1)
        await asyncio.sleep(20.0)

        assert stage.is_done(), stage.halted
        await stage.stop()
        assert stage.checked(1) == []

    monkeypatch.setattr(SimBroker, "end", ended)
    on_stage(play, Tally(1))


def test_a_changelog_that_was_made_anew_and_given_back_leaves_no_store_open() -> None:
    """The store that took the place of one that was ahead stayed open when the changelog turned out to be cut too."""

    async def play(stage: Stage) -> None:
        await stage.work_through(b"add:1", b"add:2")
        log = stage.broker.logs["state", 0]
        entries, end = log.entries, log.end
        log.entries, log.start, log.end = [], 1, 1
        stage.start()
        await stage.until(lambda: stage.halted)
        assert stage.halted.startswith("changelog-trimmed")

        log.entries, log.start, log.end = entries, 0, end
        stage.publish(b"add:3")
        await stage.resume()
        await stage.until(stage.is_done)
        await stage.stop()

        assert stage.checked() == []

    on_stage(play)


def test_a_record_that_the_client_cannot_take_apart_halts_the_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header's name in another encoding than UTF-8, for instance: the task started again for ever."""
    read, cause = SimSource._read, "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    lives: list[int] = []

    def taken_apart(source: SimSource) -> dict[str, tuple[Page, int]]:
        pages = read(source)
        if any(entry.value == b"add:strange" for entry in pages[SOURCE][0].entries):
            lives.append(1)
            raise ValueError(cause)
        return pages

    async def play(stage: Stage) -> None:
        stage.publish(b"add:1")
        stage.start()
        await stage.until(stage.is_done)
        stage.publish(b"add:strange", b"add:2")
        await stage.until(lambda: stage.halted)
        assert stage.halted == (
            f"unexpected-failure: the program failed 3 times outside the processor with ValueError: {cause}, and came "
            "no further than event offset 1. Repair: mend the program, or take the record out of the topic, and "
            "resume partition 0"
        )
        assert len(lives) == 3

        await stage.resume()
        await asyncio.sleep(10.0)
        assert stage.halted
        assert len(lives) == 4

        stage.broker.logs[SOURCE, 0].trim(2)
        await stage.resume()
        await stage.until(stage.is_done)
        await stage.stop()

        assert len(stage.published()) == 2

    monkeypatch.setattr(SimSource, "_read", taken_apart)
    on_stage(play)


def test_a_state_of_which_the_journal_knows_more_halts_the_partition() -> None:
    """The changelog lost its end, or is an old copy: records were processed twice, in silence."""

    async def play(stage: Stage) -> None:
        await stage.work_through(b"add:1", b"add:2")
        log = stage.broker.logs["state", 0]
        older, older_end = list(log.entries), log.end
        stage.publish(b"add:3", b"add:4")
        stage.start()
        await stage.until(stage.is_done)
        await stage.stop()
        published = stage.published()
        entries, end = log.entries, log.end

        log.entries, log.end = older, older_end
        stage.start()
        await stage.until(lambda: stage.halted)
        assert stage.halted.startswith("state-behind")
        await asyncio.sleep(20.0)
        assert stage.published() == published

        log.entries, log.end = entries, end
        stage.publish(b"add:5")
        await stage.resume()
        await stage.until(stage.is_done)
        await stage.stop()

        assert len(stage.published()) == 5
        assert stage.checked() == []

    on_stage(play)


def test_a_record_of_which_not_even_a_dead_letter_can_be_written_halts_the_partition() -> None:
    """Its account was held, which needs a dead letter too, and so once more and for ever."""

    async def play(stage: Stage) -> None:
        stage.broker.refuse = lambda place: place[0] == DEAD_LETTER
        stage.publish(b"add:1", b"bad:2", b"add:3")
        stage.start()
        await stage.until(lambda: stage.halted)
        assert stage.halted.startswith("unexpected-exception: the processor failed 3 times at event offset 1")

        stage.broker.refuse = lambda _: False
        await stage.resume()
        await stage.until(lambda: not stage.halted)
        await stage.until(stage.held)
        await stage.release(b"k")
        await stage.until(lambda: stage.is_done() and not stage.held())
        await stage.stop()

        assert len(stage.published()) == 2

    on_stage(play)


def test_an_account_with_a_key_that_is_too_long_to_be_kept_is_not_held_but_halts() -> None:
    async def play(stage: Stage) -> None:
        stage.publish(b"poison:1", key=b"k" * 2000)
        stage.start()
        await stage.until(lambda: stage.halted)

        assert stage.halted.startswith("unexpected-exception")

    on_stage(play)


def test_releasing_one_account_after_the_other_does_not_make_the_worker_leave_its_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each wish fences the running task, and three fences in a minute mean that there is a rival."""
    left: list[SimMembership] = []

    async def rejoin(membership: SimMembership) -> None:
        left.append(membership)

    async def play(stage: Stage) -> None:
        keys = [b"k%d" % number for number in range(5)]
        for key in keys:
            stage.publish(b"poison:1", key=key)
        stage.start()
        await stage.until(lambda: stage.held() == len(keys) and stage.is_done())
        stage.processor.is_mended = True
        for key in keys:
            held = stage.held()
            await stage.release(key)
            await stage.until(lambda before=held: stage.held() < before)  # type: ignore[misc]  # bound in the loop
        assert not left
        await stage.stop()

        assert stage.checked() == []

    monkeypatch.setattr(SimMembership, "rejoin", rejoin)
    on_stage(play)


def test_a_task_that_never_begins_again_ends_the_worker_with_why() -> None:
    async def play(stage: Stage) -> None:
        stage.start()
        await stage.until(stage.is_done)
        stage.worker.disk.is_full = True
        stage.publish(b"add:1")
        await asyncio.sleep(stage.config.budgets.stall + 30.0)

        assert len(stage.found) == 1
        assert re.fullmatch(
            r"L1: worker w0 ended with Stalled: partition 0 has been waiting for 12\d s without progress: "
            "TransientFault: no space left on device",
            stage.found[0],
        )

    on_stage(play)


def test_a_broker_that_takes_long_for_each_record_gets_fewer_of_them_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that slows a client down by a quota: each batch ran out of its time, and the same one was tried again."""
    write = SimTransaction._write
    at_once: list[int] = []
    seconds = [6.0]

    async def slowly(self: SimTransaction, place: Place, records: Sequence[Outgoing], *rest: Any) -> Appended:
        if place[0] == LEDGER:
            await asyncio.sleep(seconds[-1] * len(records))
        at_once.append(len(records))
        return await write(self, place, records, *rest)

    async def play(stage: Stage) -> None:
        stage.publish(*[b"add:1"] * 40)
        stage.start()
        await stage.until(stage.is_done, 600.0)
        seconds.append(0.0)
        at_once.clear()
        stage.publish(*[b"add:1"] * 80)
        await stage.until(stage.is_done)
        await stage.stop()

        assert max(at_once) == 4  # half of a batch
        assert stage.checked() == []

    monkeypatch.setattr(SimTransaction, "_write", slowly)
    on_stage(play)


def test_a_worker_that_cannot_follow_its_group_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its partitions would be its own, and nobody would work on them."""

    def assigned(_listener: Listener, _partitions: frozenset[int]) -> None:
        raise ArithmeticError

    async def play(stage: Stage) -> None:
        stage.start()
        await asyncio.sleep(5.0)

        assert stage.found == ["L1: worker w0 ended with ArithmeticError: "]

    monkeypatch.setattr(Listener, "assigned", assigned)
    on_stage(play)
