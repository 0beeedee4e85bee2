"""Whatever reads a record, the codec or what is quicker: the record is the same, and so is what is wrong with it."""

import json
from typing import Any

import pytest

from streams.contract.codec import MAX_BYTES, Codec
from streams.contract.errors import UndecodableRecord
from streams.contract.models import EVENT_MODELS
from streams.contract.models.events import key_of
from streams.contract.schemas import current_schema
from streams.contract.topics import load_topics
from streams.engine.api import InvalidRecord, SourceRecord
from streams.processor.projection import FILINGS, projected
from streams.processor.reading import Reader, Reading
from tests.contract.examples import EXAMPLES, Example, label
from tests.unit.processor.kit import COMPUTER, NAMES, at, codec, filed

PARTITIONS = 4
IDS = {current_schema(name): number for number, name in enumerate(sorted(codec().names), 300)}
FRAMED = Codec(registered=IDS)
PLAIN_READER = Reader(codec(), NAMES, PARTITIONS)
FRAMED_READER = Reader(FRAMED, NAMES, PARTITIONS)
EVENTS = [example for example in EXAMPLES if example.record in EVENT_MODELS]
TOPICS = {
    record: topic for topic in load_topics() if NAMES.of(topic.name) in set(NAMES.sources) for record in topic.records
}


def read(reader: Reader, example: Example, data: bytes) -> Reading:
    """Read bytes as the event of an example."""
    event: Any = example.model
    topic = NAMES.of(TOPICS[example.record].name)
    return reader.read(SourceRecord(topic, 1, 7, at("2026-11-01"), key_of(event), data))


def decoded(reader: Reader, data: bytes) -> tuple[str, Any] | str:
    """Return name and fields of a record, or the reason why it has none."""
    try:
        kind, fields = reader._decoded(data)
    except InvalidRecord as fault:
        return fault.reason
    return kind.name, fields


def by_codec(data: bytes) -> tuple[str, Any] | str:
    """Return the same by the codec."""
    try:
        name, fields = FRAMED.decode(data)
    except UndecodableRecord as fault:
        return fault.reason
    return name, projected(fields) if name in FILINGS else fields


@pytest.mark.parametrize("example", EVENTS, ids=label)
def test_an_event_is_the_same_in_either_framing(example: Example) -> None:
    """And its fields are those of the codec."""
    fields = example.model.to_fields()
    plain, framed = codec().encode(example.record, fields), FRAMED.encode(example.record, fields)
    assert len(framed) == len(plain) - 5

    readings = [
        read(PLAIN_READER, example, plain),
        read(FRAMED_READER, example, plain),
        read(FRAMED_READER, example, framed)._replace(data=plain),
    ]

    assert readings[0] == readings[1] == readings[2]
    assert (readings[0].name, readings[0].fields) == by_codec(plain)


@pytest.mark.parametrize("example", EVENTS, ids=label)
def test_an_event_cut_off_anywhere_or_followed_by_more_is_what_the_codec_says(example: Example) -> None:
    """In either framing."""
    for encoding in (codec(), FRAMED):
        data = encoding.encode(example.record, example.model.to_fields())
        for cut in range(1, len(data)):
            assert decoded(FRAMED_READER, data[:cut]) == by_codec(data[:cut]), cut
        assert decoded(FRAMED_READER, data + b"\0") == "trailing-bytes"


@pytest.mark.parametrize("example", EVENTS, ids=label)
def test_an_event_with_a_changed_byte_is_what_the_codec_says(example: Example) -> None:
    """Its header may be that of no record, or of another."""
    data = FRAMED.encode(example.record, example.model.to_fields())
    for place in range(len(data)):
        for change in (1, 2, 0x80):
            broken = bytearray(data)
            broken[place] ^= change

            assert decoded(FRAMED_READER, bytes(broken)) == by_codec(bytes(broken)), (place, change)


@pytest.mark.parametrize("name", ["entry_summary_accepted", "entry_filed"])
def test_what_is_too_large_is_not_read(name: str) -> None:
    """Whichever reader it has."""
    [data, *_] = [codec().encode(name, one.model.to_fields()) for one in EVENTS if one.record == name]

    assert decoded(PLAIN_READER, data + bytes(MAX_BYTES)) == "too-large"


def test_a_filing_that_is_left_to_the_codec_is_read_as_any_other() -> None:
    """Here because of text beyond ASCII."""
    data = codec().encode("psc_accepted", filed(COMPUTER, psc_reasons=["H01"], psc_explanation="größer"))

    assert decoded(PLAIN_READER, data) == by_codec(data)


@pytest.mark.parametrize("name", ["entry_summary_accepted", "entry_filed"])
def test_another_version_is_read_with_the_schema_of_the_registry(name: str) -> None:
    """One that knows more than this program."""
    schema = current_schema(name).definition
    more = {"name": "mood", "type": ["null", "string"], "default": None}
    text = json.dumps(schema | {"fields": [*schema["fields"], more]})
    [data, *_] = [codec().encode(name, one.model.to_fields()) for one in EVENTS if one.record == name]
    newer = b"\0\0\0\0\x2a" + data[10:] + b"\2\x06sad"

    found = decoded(Reader(Codec({42: text}.__getitem__), NAMES, PARTITIONS), newer)

    assert found == by_codec(data) == decoded(PLAIN_READER, data)
