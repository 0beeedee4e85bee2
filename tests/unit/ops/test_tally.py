"""What is counted on the way to the engine."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contract.codec import Codec
from streams.contract.topics import TopicNames
from streams.engine.api import InvalidRecord, Outbox, SourceRecord, State
from streams.engine.outbox import ListOutbox
from streams.ops.tally import TalliedProcessor, Tally, action_of, desk_topics

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CODEC = Codec()
CAUSE = {
    "event_id": None, "topic": "", "partition": 0, "offset": -1, "event_at": 0, "published_at": 0, "processed_at": 0,
}  # fmt: skip
WHY = {"rule": "r", "source": "s", "policy_version": "p", "coverage_version": "c"}
UUID = "2632448d-bf4c-51df-804a-7ba5cacb21b4"


def work_item(action: str, sequence: int = 1, assignment: int = 1) -> bytes:
    fields: dict[str, Any] = {
        "work_id": UUID, "case_id": UUID, "sequence": sequence, "assignment": assignment, "action": action,
        "work_type": "entry_summary_review", "role": "owner", "party": None, "center": None,
        "account_key": "12-3456789", "importer_numbers": [], "ports": [], "entries": [], "clocks": [],
        "why": {**WHY, "placement_basis": None, "placement_since": None}, "related_cases": [], "earlier_decisions": [],
        "caused_by": CAUSE,
    }  # fmt: skip
    return CODEC.encode("work_item", fields)


@given(
    st.sampled_from(["opened", "due_soon", "overdue", "legal_result_presumed"]),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**31 - 1),
)
def test_the_action_of_a_work_item_is_read_without_the_rest(action: str, sequence: int, assignment: int) -> None:
    assert action_of(work_item(action, sequence, assignment), 10 + 2 * 37) == action.encode()


class Scripted:
    """A processor that sends what it is told to, and fails when the record says so."""

    def process(self, record: SourceRecord, now: datetime, state: State, out: Outbox) -> str:
        del now, state
        out.send("center-work-electronics", record.key, record.value)
        out.send("center-work-pending", record.key, b"\xc3\x01 a snapshot of a summary")
        out.send("event-refusal", record.key, record.value)
        if record.key == b"bad":
            raise InvalidRecord("unreadable", "it is")
        return "routed"

    def punctuate(self, now: datetime, state: State, out: Outbox) -> None:
        del now, state
        out.send("center-work-elsewhere", b"", work_item("overdue"))


class NoState:
    """State that nobody asks."""


def record(key: bytes, value: bytes, partition: int = 4, at_ms: int = 1000) -> SourceRecord:
    return SourceRecord("entry-summary-event", partition, 0, at_ms, key, value)


def made() -> tuple[Tally, TalliedProcessor, ListOutbox, Any]:
    tally = Tally(desk_topics(TopicNames()))
    return tally, TalliedProcessor(Scripted(), tally, CODEC), ListOutbox(4), NoState()


def test_work_is_counted_by_desk_and_action_and_everything_is_sent_on() -> None:
    tally, processor, out, state = made()

    assert processor.process(record(b"a", work_item("opened")), NOW, state, out) == "routed"
    processor.process(record(b"b", work_item("due_soon")), NOW, state, out)
    processor.punctuate(NOW, state, out)

    assert tally.items == {("electronics", "opened"): 1, ("electronics", "due_soon"): 1, ("elsewhere", "overdue"): 1}
    assert len(out.items) == 7


def test_a_record_that_turns_out_invalid_counts_nothing() -> None:
    tally, processor, out, state = made()

    with pytest.raises(InvalidRecord):
        processor.process(record(b"bad", work_item("opened")), NOW, state, out)
    processor.process(record(b"a", work_item("closed")), NOW, state, out)

    assert tally.items == {("electronics", "closed"): 1}


def test_records_wait_for_the_commit_of_their_own_partition() -> None:
    tally, processor, out, state = made()
    processor.process(record(b"a", b"", partition=1, at_ms=10), NOW, state, out)
    processor.process(record(b"a", b"", partition=2, at_ms=20), NOW, state, out)
    processor.process(record(b"a", b"", partition=1, at_ms=30), NOW, state, out)

    assert tally.taken(1) == [10, 30]
    assert tally.taken(1) == []
    assert tally.taken(2) == [20]
