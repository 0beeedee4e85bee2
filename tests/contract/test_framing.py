"""Confluent framing beside single-object encoding: what is written, and that both are read."""

import json

import pytest

from streams.contract.codec import Codec, framed_header
from streams.contract.errors import SchemaPending, UndecodableRecord
from streams.contract.schemas import RecordSchema, current_schema, record_schemas
from tests.contract.examples import EXAMPLES, Example, label

IDS: dict[RecordSchema, int] = {versions[-1]: number for number, versions in enumerate(record_schemas().values(), 300)}
PLAIN = Codec()
FRAMED = Codec(registered=IDS)


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_what_is_framed_is_the_same_body_behind_zero_and_the_schema_s_id(example: Example) -> None:
    name, fields = example.record, example.model.to_fields()
    framed = FRAMED.encode(name, fields)

    assert framed[:5] == b"\x00" + IDS[current_schema(name)].to_bytes(4, "big") == FRAMED.header(name)
    assert framed[5:] == PLAIN.encode(name, fields)[10:]


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_both_framings_are_read_beside_one_another(example: Example) -> None:
    plain = PLAIN.encode(example.record, example.model.to_fields())
    name, fields = PLAIN.decode(plain)

    assert FRAMED.decode(plain) == FRAMED.decode(FRAMED.encode(name, fields)) == (name, fields)
    assert FRAMED.name_of(plain) == FRAMED.name_of(FRAMED.encode(name, fields)) == name


def test_a_record_with_fields_left_out_is_framed_too() -> None:
    name, fields = PLAIN.decode(PLAIN.encode(EXAMPLES[0].record, EXAMPLES[0].model.to_fields()))
    given = {key: value for key, value in fields.items() if value is not None}

    assert FRAMED.decode(FRAMED.encode(name, given)) == (name, fields)


def test_without_a_registry_framed_bytes_are_of_an_unknown_schema() -> None:
    with pytest.raises(UndecodableRecord, match="schema 7 is in a registry, and none is configured"):
        PLAIN.decode(framed_header(7) + b"body")


def test_a_schema_that_is_not_there_yet_is_not_an_undecodable_record() -> None:
    def pending(schema_id: int) -> str:
        raise SchemaPending(schema_id)

    with pytest.raises(SchemaPending):
        Codec(pending, IDS).decode(framed_header(7) + b"body")


def test_a_newer_version_in_the_registry_is_read_as_the_newest_that_we_know() -> None:
    newer = current_schema("entry_filed").definition
    newer["fields"].append({"name": "lane", "type": ["null", "string"], "default": None})
    codec = Codec(lambda _id: json.dumps(newer), IDS)
    example = next(one for one in EXAMPLES if one.record == "entry_filed")
    body = PLAIN.encode(example.record, example.model.to_fields())
    name, fields = PLAIN.decode(body)

    assert codec.decode(framed_header(7) + body[10:] + b"\x02\x06one") == (name, fields)


def test_a_schema_of_others_in_the_registry_is_none_of_ours() -> None:
    foreign = json.dumps({"type": "record", "name": "entry_filed", "namespace": "other", "fields": []})

    with pytest.raises(UndecodableRecord, match="schema 7 is none of ours"):
        Codec(lambda _id: foreign, IDS).decode(framed_header(7) + b"")
