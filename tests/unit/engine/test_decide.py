"""Deciding a batch, record by record."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from streams.engine.api import InvalidRecord, NotReady, Outbox, SourceRecord, State, Table
from streams.engine.cache import ValueCache
from streams.engine.config import DeadLetterLimits, EngineConfig, Limits
from streams.engine.dead_letter import (
    CUT_FROM,
    EXCEPTION,
    MESSAGE,
    OFFSET,
    PARTITION,
    REASON,
    TOPIC,
    DeadLetterMeter,
    dead_letter,
)
from streams.engine.decide import Decider, Decision, ranges_of
from streams.engine.errors import Halted, RecordFailed, TransientFault
from streams.engine.journal import Range
from streams.engine.outbox import ListOutbox
from streams.engine.simulated.schedule import simulated_config
from streams.engine.state import OverlayState
from streams.engine.timeline import as_datetime
from tests.unit.engine.kit import DictStore, record

SEEN: Table[bytes] = Table(b"s/", bytes, bytes)


class Echo:
    """Keeps and sends each value; `bad` is invalid and `bug` raises, both after they changed something."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:  # noqa: ARG002 - time does not matter here
        state.put(SEEN, record.value or b"", b"yes")
        out.send("ledger", record.key, record.value)
        if record.value == b"bad":
            raise InvalidRecord("bad-word", "a bad word")
        if record.value == b"bug":
            raise ZeroDivisionError
        return "echoed"

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        pass


class Bench:
    """A decider with everything around it."""

    def __init__(self, config: EngineConfig | None = None, processor: Echo | None = None) -> None:
        self.config = simulated_config() if config is None else config
        self.echo = Echo() if processor is None else processor
        self.state = OverlayState(DictStore(), ValueCache(100))
        self.out = ListOutbox(0)
        self.meter = DeadLetterMeter(self.config.limits.dead_letters)
        self.decider = Decider(self.config, self.echo, self.state, self.out, self.meter)

    def decide(self, *records: SourceRecord) -> Decision:
        return asyncio.run(self.decider.decide(records, as_datetime(1_000)))


def test_outcomes_are_counted_by_name() -> None:
    decision = Bench().decide(record(0, b"a"), record(1, b"bad"), record(2, b"c"))

    assert (decision.outcomes, decision.dead_letters, decision.done) == ({"echoed": 2}, {"bad-word": 1}, 3)


def test_an_invalid_record_leaves_nothing_behind_but_its_dead_letter() -> None:
    bench = Bench()

    bench.decide(record(0, b"a"), record(1, b"bad", key=b"who"))

    assert bench.state.get(SEEN, b"bad") is None
    assert bench.state.get(SEEN, b"a") == b"yes"
    assert [(topic, partition, key, value) for topic, partition, (key, value, _) in bench.out.items] == [
        ("ledger", 0, b"k", b"a"),
        (bench.config.dead_letter, 0, b"who", b"bad"),
    ]


def test_a_dead_letter_says_where_it_was_and_what_is_wrong_and_keeps_its_own_headers() -> None:
    bench = Bench()

    bench.decide(record(41, b"bad")._replace(headers=(("trace", b"7"),)))

    headers = dict(bench.out.items[0][2][2])
    assert headers["trace"] == b"7"
    assert [headers[name] for name in (TOPIC, PARTITION, OFFSET)] == [b"event", b"0", b"41"]
    assert [headers[name] for name in (EXCEPTION, MESSAGE, REASON)] == [b"InvalidRecord", b"a bad word", b"bad-word"]


@pytest.mark.parametrize(("size", "kept"), [(97, 97), (98, 98), (70_000, 65_536)])
def test_a_dead_letter_is_the_record_as_it_came_unless_no_topic_would_take_it(size: int, kept: int) -> None:
    fault = InvalidRecord("bad-word", "a bad word")

    buried = dead_letter(record(0, b"x" * size, key=b"ab"), fault, 100)

    assert (buried.key, len(buried.value or b"")) == (b"ab", kept)
    assert (CUT_FROM in dict(buried.headers)) == (size > 98)


def test_a_bug_names_the_record_at_which_it_showed() -> None:
    with pytest.raises(RecordFailed) as caught:
        Bench().decide(record(0, b"a"), record(7, b"bug"))

    assert (caught.value.topic, caught.value.offset) == ("event", 7)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


class Late(Echo):
    """Cannot take the word `late` before it was asked so often."""

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        outcome = super().process(record, now, state, out)
        if record.value == b"late" and self.tries:
            self.tries -= 1
            message = "waiting for the word late"
            raise NotReady(message)
        return outcome


def test_a_record_that_is_not_ready_is_tried_again_and_decided_once_in_its_order() -> None:
    bench = Bench(processor=Late(3))
    values = [b"a", b"late", b"bad", b"late", b"b"]

    decision = bench.decide(*(record(n, value) for n, value in enumerate(values)))

    assert (decision.outcomes, decision.dead_letters, decision.done) == ({"echoed": 4}, {"bad-word": 1}, 5)
    assert [value for _, _, (_, value, _) in bench.out.items] == values
    assert decision.run_at_end == 0


@pytest.mark.parametrize("before", [0, 1, 249, 250, 251])
def test_wherever_in_a_chunk_the_record_is_nothing_is_left_out_or_done_twice(before: int) -> None:
    bench = Bench(processor=Late(1))
    values = [*(b"%d" % n for n in range(before)), b"late", *(b"%d" % n for n in range(before, 600))]

    decision = bench.decide(*(record(n, value) for n, value in enumerate(values)))

    assert [value for _, _, (_, value, _) in bench.out.items] == values
    assert (decision.outcomes, decision.done) == ({"echoed": 601}, 601)


def test_a_record_that_stays_not_ready_sends_the_task_back_to_its_last_commit() -> None:
    config = simulated_config()
    bench = Bench(replace(config, budgets=replace(config.budgets, not_ready=0.1)), Late(1_000))

    with pytest.raises(TransientFault, match="waiting for the word late"):
        bench.decide(record(0, b"a"), record(1, b"late"), record(2, b"b"))

    assert bench.state.get(SEEN, b"late") is None
    assert bench.state.get(SEEN, b"b") is None


def test_a_condemned_record_becomes_a_dead_letter_without_being_processed() -> None:
    bench = Bench()
    bench.decider.condemned = frozenset({("event", 7)})

    decision = bench.decide(record(6, b"a"), record(7, b"bug"))

    assert decision.dead_letters == {"condemned": 1}
    topic, partition, (key, value, _) = bench.out.items[-1]
    assert (topic, partition, key, value) == (bench.config.dead_letter, 0, b"k", b"bug")


def limited(**limits: float) -> Bench:
    config = simulated_config()
    bounds = DeadLetterLimits(**limits)  # type: ignore[arg-type]  # whole numbers stay whole
    return Bench(replace(config, limits=Limits(dead_letters=bounds)))


@pytest.mark.parametrize(("bad", "halts"), [(3, False), (4, True)])
def test_dead_letters_in_a_row_may_reach_their_limit_but_not_pass_it(bad: int, halts: bool) -> None:  # noqa: FBT001 - a case table
    bench = limited(max_consecutive=3, max_share=1.0)
    records = [record(0, b"a"), *(record(1 + n, b"bad") for n in range(bad))]

    if not halts:
        assert bench.decide(*records).run_at_end == bad
    else:
        with pytest.raises(Halted) as caught:
            bench.decide(*records)
        assert (caught.value.reason, caught.value.durable) == ("dead-letter-limit", True)
        assert caught.value.offset == 4


def test_a_row_of_dead_letters_goes_on_over_batches_that_were_committed() -> None:
    bench = limited(max_consecutive=3, max_share=1.0)
    first = bench.decide(record(0, b"bad"), record(1, b"bad"))
    bench.meter.add(first.done, first.dead, first.run_at_end)

    with pytest.raises(Halted, match="4 dead letters in a row"):
        bench.decide(record(2, b"bad"), record(3, b"bad"))


def test_a_good_record_ends_the_row() -> None:
    bench = limited(max_consecutive=2, max_share=1.0)

    decision = bench.decide(*(record(n, b"bad" if n % 3 else b"a") for n in range(9)))

    assert decision.dead == 6


@pytest.mark.parametrize(("bad", "halts"), [(2, False), (3, True)])
def test_the_share_of_dead_letters_counts_once_enough_records_were_seen(bad: int, halts: bool) -> None:  # noqa: FBT001 - a case table
    bench = limited(max_share=0.2, min_records=10, window_records=100)
    early = bench.decide(*(record(n, b"bad" if n < bad else b"a") for n in range(5)))
    bench.meter.add(early.done, early.dead, early.run_at_end)
    late = [record(5 + n, b"a") for n in range(4)] + [record(9, b"bad")] * (bad > 2) + [record(9, b"a")] * (bad == 2)

    if halts:
        with pytest.raises(Halted, match="limit is 20%"):
            bench.decide(*late)
    else:
        assert bench.decide(*late).done == 5


def test_old_dead_letters_leave_the_window() -> None:
    meter = DeadLetterMeter(DeadLetterLimits(max_share=0.5, min_records=1, window_records=10))
    meter.add(10, 9, 0)

    assert meter.crossed(10, 0, 0) is None
    meter.add(10, 0, 0)
    assert meter.crossed(1, 1, 1) is None


def test_ranges_are_the_runs_of_each_topic_in_the_order_of_processing() -> None:
    records = [record(0), record(2), record(5, topic="decision"), record(3)]

    assert ranges_of(records) == (Range("event", 0, 3, 2), Range("decision", 5, 6, 1), Range("event", 3, 4, 1))
    assert ranges_of([]) == ()
