"""What one record may list: the publisher refuses what the processor could only bury."""

from typing import Any, Final

import pytest
from pydantic import ValidationError

from streams.contract.keys import partition_for
from streams.contract.models import EVENT_MODELS, Event, faults_of, key_of
from streams.contract.models import base as models
from streams.contract.topics import TopicNames, load_topics
from streams.engine.api import InvalidRecord, SourceRecord
from streams.processor import parsing
from streams.processor.reading import Reader
from tests.contract.examples import EXAMPLES, Example
from tests.unit.processor.kit import codec

LISTS: Final = [
    ("appeal_received", "import_data"),
    ("claim_filed", "entry_numbers"),
    ("notice_issued", "further_entry_numbers"),
    ("petition_filed", "entry_numbers"),
    ("protest_amended", "added_entries"),
    ("protest_filed", "entries"),
    ("work_decided", "entries"),
]
PUBLISHED_MS: Final = 1_780_000_000_000
TOPICS: Final = {record: topic.name for topic in load_topics() for record in topic.records}


def example_with(record: str, field: str) -> tuple[Example, Any]:
    """Return an example of a record that has something in a list, and the first of that."""
    example = next(one for one in EXAMPLES if one.record == record and one.mapping.get(field))
    return example, example.mapping[field][0]


@pytest.mark.parametrize(("record", "field"), LISTS)
def test_a_list_that_could_not_be_kept_is_refused_by_the_publisher(record: str, field: str) -> None:
    example, one = example_with(record, field)
    fields = {name: value for name, value in example.mapping.items() if name != "event_type"}

    with pytest.raises(ValidationError) as refused:
        EVENT_MODELS[record].model_validate(fields | {field: [one] * (models.MAX_LISTED + 1)})

    assert [fault.wrong for fault in faults_of(refused.value)] == [f"takes at most {models.MAX_LISTED}"]


@pytest.mark.parametrize(("record", "field"), LISTS)
def test_a_list_that_could_not_be_kept_is_a_dead_letter_where_nobody_refused_it(record: str, field: str) -> None:
    event = example_with(record, field)[0].model
    assert isinstance(event, Event)
    fields = dict(event.to_fields())
    fields[field] = fields[field][:1] * (parsing.MAX_LISTED + 1)
    key = key_of(event)
    topic = TOPICS[record]
    reading = Reader(codec(), TopicNames(""), 4).read(
        SourceRecord(topic, partition_for(key, 4), 0, PUBLISHED_MS, key, codec().encode(record, fields), ())
    )
    assert reading.parser is not None

    with pytest.raises(InvalidRecord) as buried:
        reading.parser(reading)

    assert buried.value.detail == "a record lists at most 5,000 of a kind"


def test_both_have_the_same_bound() -> None:
    assert models.MAX_LISTED == parsing.MAX_LISTED
