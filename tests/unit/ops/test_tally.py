"""What is counted of what was published."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.contract.codec import Codec
from streams.contract.topics import TopicNames
from streams.ops.tally import Tally, action_of, desk_topics

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


def test_published_work_is_counted_by_desk_and_action_and_nothing_else_is() -> None:
    tally = Tally(desk_topics(TopicNames()), CODEC.header("work_item"))
    opened, due, snapshot = work_item("opened"), work_item("due_soon"), b"\xc3\x01 a snapshot of a summary"

    tally.add({
        ("center-work-electronics", 0): [(b"a", opened, ()), (b"a", snapshot, ()), (b"b", due, ())],
        ("center-work-electronics", 1): [(b"c", opened, ()), (b"c", None, ())],
        ("event-refusal", 0): [(b"a", opened, ())],
    })  # fmt: skip
    tally.add({("center-work-elsewhere", 0): [(b"", work_item("overdue"), ())]})

    assert tally.items == {("electronics", "opened"): 2, ("electronics", "due_soon"): 1, ("elsewhere", "overdue"): 1}
