"""Events from outside are validated whatever they hold, and become key, bytes and topic."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contract.codec import Codec
from streams.contract.models import as_line, parse_event
from streams.contract.topics import TopicNames
from streams.ports.delivery import fits_topic
from streams.ports.errors import EventFault, InvalidEvent, NotDelivered
from streams.ports.events import event_id_of, outgoing

PAID: dict[str, Any] = {
    "event_type": "entry_summary_paid",
    "event_id": "00000000-0000-0000-0000-000000000001",
    "event_time": "2026-03-01T12:00:00Z",
    "source": "2704",
    "entry_number": "B7603245278",
    "importer_of_record": "12-3456789",
    "paid_on": "2026-03-01",
}
NAMES = TopicNames("live")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def test_an_event_goes_to_its_topic_under_its_importers_account() -> None:
    out = outgoing(PAID, NAMES)

    assert out.topic == "live-entry-summary-event"
    assert out.key == b"12-3456789"
    assert not out.in_every_partition
    name, fields = Codec().decode(out.value)
    assert (name, fields["importer_of_record"]) == ("entry_summary_paid", "12-345678900")


def test_a_model_is_sent_as_its_json_line_is() -> None:
    assert outgoing(parse_event(PAID), NAMES) == outgoing(PAID, NAMES)
    assert outgoing(json.loads(as_line(parse_event(PAID))), NAMES) == outgoing(PAID, NAMES)


def faults_of(event: dict[str, Any]) -> tuple[EventFault, ...]:
    """Return the faults of an event, none where it is taken; any other error fails the test."""
    try:
        outgoing(event, NAMES)
    except InvalidEvent as refused:
        return refused.faults or (EventFault("", ""),)
    return ()


@given(st.sampled_from(sorted(PAID)), JSON)
def test_any_value_of_any_field_is_taken_or_refused_with_faults(name: str, value: Any) -> None:
    assert all(fault.wrong and fault.remedy for fault in faults_of(PAID | {name: value}))


@given(st.dictionaries(st.sampled_from([*PAID, "summary", "lines"]), JSON))
def test_any_object_is_taken_or_refused_with_faults(event: dict[str, Any]) -> None:
    assert all(fault.wrong and fault.remedy for fault in faults_of(event))


@pytest.mark.parametrize("event", [None, 5, "entry_filed", [PAID], b"{}"])
def test_what_is_no_object_is_refused_like_any_event(event: Any) -> None:
    with pytest.raises(InvalidEvent, match="is not an event; give an object with named fields"):
        outgoing(event, NAMES)

    assert event_id_of(event) == ""


def test_half_a_character_is_refused_in_plain_words() -> None:
    assert [fault.wrong for fault in faults_of(PAID | {"source": "\ud800"})] == [
        "holds half of a pair of surrogates, which is not text"
    ]


def test_no_fault_shows_a_personal_number() -> None:
    for name in PAID:
        with pytest.raises(InvalidEvent) as refused:
            outgoing(PAID | {name: "123-45-67890"}, NAMES)
        assert "123-45" not in str(refused.value)
    with pytest.raises(InvalidEvent) as refused:
        outgoing(PAID | {"123-45-6789": 1}, NAMES)
    assert "123-45" not in str(refused.value)


def test_a_false_check_digit_is_told_beside_other_faults() -> None:
    with pytest.raises(InvalidEvent) as refused:
        outgoing(PAID | {"entry_number": "B7603245270", "source": "?"}, NAMES)

    assert [fault.path for fault in refused.value.faults] == ["source", "entry_number"]
    assert refused.value.faults[1].wrong == "B76-0324527 has check digit 8, not 0"


def test_what_is_too_large_even_compressed_does_not_fit() -> None:
    assert fits_topic(b"x" * 2_000_000)
    assert not fits_topic(random.Random(1).randbytes(1_100_000))


def test_what_was_not_delivered_is_counted_and_named() -> None:
    assert "event 4 (counted from 0)" in str(NotDelivered("gone", [4]))
    assert "3 events from 4 on" in str(NotDelivered("gone", [4, 5, 6]))
