"""What an application may be configured to, and what the engine finds wrong with its topics."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from streams.engine.config import EngineConfig, Limits
from streams.engine.engine import check_topics
from streams.engine.errors import ConfigurationError, OversizedRecord
from streams.engine.journal import JournalEntry, JsonJournalCodec, Range
from streams.engine.outbox import ListOutbox

CONFIG = EngineConfig(
    app_id="app",
    bootstrap_servers="127.0.0.1:9092",
    sources=("event", "decision"),
    changelog="state",
    journal="journal",
    dead_letter="dead",
    state_dir=Path("/nowhere"),
    outputs=("work",),
)


class Counts:
    """The part of a membership that knows partition counts."""

    def __init__(self, **counts: int) -> None:
        self._counts = counts

    async def partition_counts(self, topics: Iterable[str]) -> Mapping[str, int]:
        return {topic: self._counts[topic] for topic in topics if topic in self._counts}


def checked(**counts: int) -> None:
    asyncio.run(check_topics(CONFIG, Counts(**counts)))  # type: ignore[arg-type]  # the part of a membership that is asked


def test_equal_partition_counts_are_fine() -> None:
    checked(event=4, decision=4, state=4, journal=4, dead=4, work=4)


def test_topics_that_do_not_exist_are_named() -> None:
    with pytest.raises(ConfigurationError, match="these topics do not exist: state, work"):
        checked(event=4, decision=4, journal=4, dead=4)


def test_topics_with_another_partition_count_are_named() -> None:
    with pytest.raises(ConfigurationError, match="event has 4 partitions, but decision has 3, dead has 1"):
        checked(event=4, decision=3, state=4, journal=4, dead=1, work=4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ()}, "at least one source"),
        ({"sources": ("event", "event")}, "named twice"),
        ({"limits": Limits(batch_records=0)}, "at least one record"),
    ],
)
def test_what_would_only_fail_later_is_refused_at_once(change: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        replace(CONFIG, **change)  # type: ignore[arg-type]  # the rows are typed by their field


def test_a_journal_entry_survives_encoding() -> None:
    entry = JournalEntry(3, "batch", 1_700_000_000_000, (Range("event", 5, 9, 3), Range("decision", 1, 2, 1)))

    assert JsonJournalCodec().decode(JsonJournalCodec().encode(entry)) == entry


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"7"])
def test_bytes_that_are_no_journal_entry_are_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        JsonJournalCodec().decode(data)


def test_an_output_goes_to_the_task_s_partition_unless_another_is_named() -> None:
    out = ListOutbox(3)
    out.send("work", b"k", b"1")
    out.send("work", b"k", b"2", partition=0)
    out.send("work", b"k", b"3", headers=(("h", b"v"),))

    assert out.batches(100) == {
        ("work", 3): [(b"k", b"1", ()), (b"k", b"3", (("h", b"v"),))],
        ("work", 0): [(b"k", b"2", ())],
    }


def test_an_output_above_the_limit_is_found_before_anything_is_sent() -> None:
    out = ListOutbox(0)
    out.send("work", b"key", b"x" * 8)

    with pytest.raises(OversizedRecord, match="work has 11 bytes, the limit is 10"):
        out.batches(10)
