"""A comparison with the fold finds what is lost, doubled, changed or out of order, and nothing where all is well."""

from collections.abc import Callable
from datetime import datetime

import pytest

from streams.contract.topics import TopicNames
from streams.engine.api import Headers, InvalidRecord, Outbox, SourceRecord, State, Table
from streams.engine.dead_letter import dead_letter
from streams.engine.journal import JournalEntry, JsonJournalCodec, Range
from streams.replay.log_reader import Log
from streams.replay.verify import Verdict, compare

NAMES = TopicNames()
EVENTS, WORK = "entry-summary-event", "center-work-electronics"
COUNTS: Table[int] = Table(b"n/", lambda value: b"%d" % value, int)
CODEC = JsonJournalCodec()


class Counting:
    """Counts how often each key came, and publishes each count."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        """Count a record; one without a value is invalid."""
        del now
        assert record.key is not None
        count = (state.get(COUNTS, record.key) or 0) + 1
        state.put(COUNTS, record.key, count)
        if record.value is None:
            reason = "empty"
            raise InvalidRecord(reason, "a record needs a value")
        out.send(WORK, record.key, b"%d" % count)
        return "routed"

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        """Let time pass."""


def record(topic: str, offset: int, key: bytes | None, value: bytes | None, headers: Headers = ()) -> SourceRecord:
    return SourceRecord(topic, 0, offset, 0, key, value, headers)


def clean_log() -> Log:
    """Give what a correct run leaves: three records in two transactions, the last one a dead letter."""
    log: Log = {(topic, 0): [] for topic in (*NAMES.sources, *NAMES.outputs)}
    log[EVENTS, 0] = [record(EVENTS, 0, b"a", b"x"), record(EVENTS, 1, b"a", b"x"), record(EVENTS, 3, b"b", None)]
    journal = [
        JournalEntry(0, "batch", 1000, (Range(EVENTS, 0, 2, 2),)),
        JournalEntry(0, "batch", 2000, (Range(EVENTS, 3, 4, 1),)),
    ]
    log["processing-journal", 0] = [
        record("processing-journal", at, b"", CODEC.encode(entry)) for at, entry in enumerate(journal)
    ]
    log["placement-state", 0] = [
        record("placement-state", 0, b"n/a", b"2"),
        record("placement-state", 1, b"m/position", b"the engine's own"),
    ]
    log[WORK, 0] = [record(WORK, 0, b"a", b"1"), record(WORK, 1, b"a", b"2")]
    log["dead-letter", 0] = [record("dead-letter", 0, b"b", None)]
    return log


def verdict_on(log: Log) -> Verdict:
    return compare(log, NAMES, Counting(), CODEC)


def test_a_correct_run_is_clean_and_every_record_is_accounted_for() -> None:
    verdict = verdict_on(clean_log())

    assert verdict.is_clean
    assert verdict.records == 3
    assert verdict.outcomes == {"routed": 2, "dead-lettered": 1}


def test_a_record_that_a_person_sent_to_the_dead_letters_is_no_damage() -> None:
    """Neither sources nor journal know of it: the dead letter itself says so."""
    log = clean_log()
    first = log[EVENTS, 0][0]
    fault = InvalidRecord("condemned", "a person sent this record to the dead letters")
    log["dead-letter", 0].insert(0, record("dead-letter", 0, *dead_letter(first, fault, 1000)))
    log[WORK, 0] = [record(WORK, 0, b"a", b"1")]
    log["placement-state", 0] = [record("placement-state", 0, b"n/a", b"1")]

    assert verdict_on(log).is_clean


def lose_an_output(log: Log) -> None:
    del log[WORK, 0][0]


def double_an_output(log: Log) -> None:
    log[WORK, 0].append(log[WORK, 0][0])


def swap_outputs(log: Log) -> None:
    log[WORK, 0].reverse()


def change_an_output(log: Log) -> None:
    log[WORK, 0][1] = record(WORK, 1, b"a", b"7")


def lose_a_dead_letter(log: Log) -> None:
    log["dead-letter", 0].clear()


def change_the_state(log: Log) -> None:
    log["placement-state", 0].append(record("placement-state", 2, b"n/a", b"3"))


def leave_a_record_unread(log: Log) -> None:
    log[EVENTS, 0].append(record(EVENTS, 4, b"c", b"x"))


def skip_a_record(log: Log) -> None:
    log[EVENTS, 0].insert(2, record(EVENTS, 2, b"c", b"x"))


def process_a_range_twice(log: Log) -> None:
    log["processing-journal", 0].append(log["processing-journal", 0][0])


@pytest.mark.parametrize(
    "damage",
    [
        lose_an_output,
        double_an_output,
        swap_outputs,
        change_an_output,
        lose_a_dead_letter,
        change_the_state,
        leave_a_record_unread,
        skip_a_record,
        process_a_range_twice,
    ],
)
def test_damage_of_any_kind_is_found(damage: Callable[[Log], None]) -> None:
    log = clean_log()

    damage(log)

    assert not verdict_on(log).is_clean


def test_of_records_that_are_in_no_journal_entry_the_verdict_says_whether_they_have_outputs() -> None:
    with_outputs, without = clean_log(), clean_log()
    for log in (with_outputs, without):
        del log["processing-journal", 0][0]
    without[WORK, 0].clear()
    del without["placement-state", 0][0]

    kept, lost = verdict_on(with_outputs), verdict_on(without)

    assert (kept.lost, kept.doubled, len(kept.wrong)) == (0, 0, 1)
    assert "2 before that are in no entry" in kept.wrong[0]
    assert (lost.lost, len(lost.wrong)) == (2, 3)
