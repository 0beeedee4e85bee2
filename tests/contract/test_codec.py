"""Bytes: what the codec writes every Avro library reads, and what is no record it says in one word."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from avro.io import BinaryDecoder, DatumReader
from avro.schema import parse
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.contract.codec import MAX_BYTES, Codec, without_logical_types
from streams.contract.errors import UndecodableRecord, UnencodableRecord
from streams.contract.primitives import read_instant, read_long
from streams.contract.schemas import RecordSchema, current_schema, record_schemas
from tests.contract.arbitrary import values
from tests.contract.examples import EXAMPLES, Example, label

CODEC = Codec()
NAMES = sorted(record_schemas())
ACCEPTED = next(example for example in EXAMPLES if example.name == "vessel-article-set")
DATA = CODEC.encode(ACCEPTED.record, ACCEPTED.model.to_fields())


def fault(data: bytes, codec: Codec = CODEC) -> UndecodableRecord:
    """Return why bytes are not decoded."""
    with pytest.raises(UndecodableRecord) as caught:
        codec.decode(data)
    return caught.value


# --- agreement with other libraries ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_fields_have_the_bytes_that_fastavro_writes_and_come_back_from_them(name: str, data: st.DataObject) -> None:
    definition = without_logical_types(current_schema(name).definition)
    fields = data.draw(values(definition))

    written = CODEC.encode(name, fields)

    out = BytesIO()
    schemaless_writer(out, parse_schema(definition), fields)
    assert written[10:] == out.getvalue()
    assert CODEC.decode(written) == (name, fields)


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_avros_own_library_reads_what_the_codec_writes(example: Example) -> None:
    fields = example.model.to_fields()
    data = CODEC.encode(example.record, fields)
    schema = parse(current_schema(example.record).text)

    read = DatumReader(schema).read(BinaryDecoder(BytesIO(data[10:])))

    assert data[:2] == b"\xc3\x01"
    assert data[2:10] == fingerprint(current_schema(example.record))
    assert read == listed(fields)


def fingerprint(version: RecordSchema) -> bytes:
    """Return avro's own fingerprint; it forgets to write annotated primitives in their simple form, so without them."""
    found: bytes = parse(json.dumps(without_logical_types(version.definition))).fingerprint("CRC-64-AVRO")
    return found


@pytest.mark.parametrize(
    "version", [one for all_ in record_schemas().values() for one in all_], ids=lambda one: f"{one.name}-v{one.version}"
)
def test_the_fingerprint_is_the_one_that_avro_computes(version: RecordSchema) -> None:
    assert fingerprint(version) == version.fingerprint


def listed(part: Any) -> Any:
    """Return fields whose arrays are lists and whose instants are whole milliseconds, as libraries read them."""
    if isinstance(part, dict):
        return {key: listed(value) for key, value in part.items()}
    return [listed(value) for value in part] if isinstance(part, tuple) else part


# --- values ----------------------------------------------------------------------------------------------------


def test_dates_and_instants_go_in_as_objects_or_numbers_and_come_out_as_numbers() -> None:
    envelope = {"event_id": "e", "source": "2704", "entry_number": "B7603245278", "importer_of_record": "12-345678900"}
    numbers = {**envelope, "event_time": 1_770_000_000_123, "entry_date": 20_513}
    objects = {**envelope, "event_time": instant("2026-02-02T02:40:00.123+00:00"), "entry_date": date(2026, 3, 1)}

    data = CODEC.encode("entry_date_set", numbers)

    assert CODEC.encode("entry_date_set", objects) == data
    assert CODEC.decode(data)[1] == {**numbers, "basis": None}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize("at_ms", [-1, 0, 1, 2**34 - 1, 2**34, 2**41 - 1, 2**41, -(2**40), 2**62])
def test_instants_of_any_length_come_back(at_ms: int) -> None:
    fields = CODEC.decode(CODEC.encode("processing_journal", journal(now_ms=at_ms)))[1]

    assert fields["now_ms"] == at_ms


def number(read: Callable[[bytes, int], tuple[int, int]], data: bytes) -> tuple[int, int] | None:
    """Return a number and where it ends; None for bytes that are none."""
    try:
        return read(data, 0)
    except (ValueError, IndexError):
        return None


@settings(max_examples=1000)
@given(st.binary(max_size=12) | st.lists(st.integers(0x7E, 0x83), min_size=3, max_size=11).map(bytes))
def test_an_instant_is_read_as_any_number_is(data: bytes) -> None:
    assert number(read_instant, data) == number(read_long, data)


def journal(**changed: object) -> dict[str, object]:
    """Return the fields of a small record, some of them changed."""
    return {"partition": 7, "kind": "batch", "now_ms": 0, "rules_version": None, "ranges": [], **changed}


def test_what_is_optional_may_be_left_out() -> None:
    whole = CODEC.encode("processing_journal", journal())

    assert CODEC.encode("processing_journal", {"partition": 7, "kind": "batch", "now_ms": 0}) == whole


@pytest.mark.parametrize(
    "changed",
    [
        {"partition": "7"},
        {"partition": None},
        {"partition": 2**31},
        {"partition": 1.0},
        {"now_ms": 2**63},
        {"now_ms": "2026-03-01"},
        {"kind": 7},
        {"kind": None},
        {"kind": "\ud800"},
        {"ranges": [{"topic": "t"}]},
        {"ranges": 5},
    ],
    ids=str,
)
def test_fields_of_another_shape_are_refused_without_showing_their_values(changed: dict[str, object]) -> None:
    with pytest.raises(UnencodableRecord, match=r"^the fields do not have the shape of processing_journal$"):
        CODEC.encode("processing_journal", journal(**changed))


def test_a_missing_field_that_is_needed_is_refused() -> None:
    with pytest.raises(UnencodableRecord, match="processing_journal"):
        CODEC.encode("processing_journal", {"partition": 7, "kind": "batch"})


def test_an_unknown_record_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no_such_record"):
        CODEC.encode("no_such_record", {})


# --- what is no record -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"{not avro}", "undecodable"),
        (b"\xc3\x01", "undecodable"),
        (b"\xc3\x01" + bytes(7), "undecodable"),
        (b"\xc3\x01" + bytes(8), "unknown-schema"),
        (b"\xc3\x02" + DATA[2:], "undecodable"),
        (b"\x00\x00\x00", "undecodable"),
        (b"\x00\x00\x00\x00\x09" + DATA[10:], "unknown-schema"),
        (DATA[:10], "undecodable"),
        (DATA[:-1], "undecodable"),
        (DATA + b"\x00", "trailing-bytes"),
        (DATA + bytes(MAX_BYTES), "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_bytes_that_are_no_record_are_told_in_a_word(data: bytes, reason: str) -> None:
    assert fault(data).reason == reason


@pytest.mark.parametrize("cut", range(10, len(DATA)))
def test_a_record_cut_off_anywhere_is_undecodable(cut: int) -> None:
    assert fault(DATA[:cut]).reason == "undecodable"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"\x0e\x03ab\x00\x00\x00", "a text of negative length"),
        (b"\x0e\xfe\xff\xff\xff\x0fab\x00\x00\x00", "a text longer than the data"),
        (b"\x0e\x02\xff\x00\x00\x00", "a text that is no UTF-8"),
        (b"\x0e\x02a\x00\x04\x00", "an option that is neither null nor a value"),
        (b"\x0e\x02a\x00\x00\xfe\xff\xff\xff\xff\xff\xff\x7f", "an array of more items than bytes"),
        (b"\x0e\x02a\x00\x00\x80\x00", "an array whose end takes two bytes"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02a\x00\x00\x00", "a number without end"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x02a\x00\x00\x00", "a number of more than 64 bits"),
    ],
)
def test_a_body_that_lies_about_itself_is_undecodable(body: bytes, what: str) -> None:
    header = b"\xc3\x01" + current_schema("processing_journal").fingerprint

    assert fault(header + body).reason == "undecodable", what


def outcome(data: bytes) -> str | tuple[str, dict[str, Any]]:
    """Return the reason why bytes are not decoded, or what they hold."""
    try:
        return CODEC.decode(data)
    except UndecodableRecord as error:
        return error.reason


@given(st.integers(10, len(DATA) - 1), st.integers(1, 255))
def test_a_record_with_any_byte_changed_decodes_or_is_undecodable_and_nothing_else(at: int, change: int) -> None:
    broken = bytearray(DATA)
    broken[at] ^= change

    found = outcome(bytes(broken))

    # What was read can be written again, though maybe in other bytes: an array may stand in several blocks.
    assert (
        found in {"undecodable", "trailing-bytes"} if isinstance(found, str) else outcome(CODEC.encode(*found)) == found
    )


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_known_header_decode_or_are_undecodable(body: bytes) -> None:
    found = outcome(DATA[:10] + body)

    assert found in {"undecodable", "trailing-bytes"} if isinstance(found, str) else found[0] == ACCEPTED.record


def test_a_fault_never_shows_what_the_record_holds() -> None:
    person = CODEC.encode("entry_account", account(importer_of_record="000-12-3456"))

    assert "000-12" not in str(fault(person[:-1]))
    assert "000-12" not in str(fault(person + b"x"))


def account(**changed: object) -> dict[str, object]:
    return {"entry_number": "B7603245278", "generation": 0, "account_key": "k", "importer_of_record": "i", **changed}


# --- other versions, other framing -----------------------------------------------------------------------------


def schema_text(*more: dict[str, object], without: str = "") -> str:
    """Return the journal's schema in another version."""
    definition = current_schema("processing_journal").definition
    definition["fields"] = [field for field in definition["fields"] if field["name"] != without] + list(more)
    return json.dumps(definition)


def written_with(text: str, fields: dict[str, object]) -> bytes:
    out = BytesIO(b"\x00\x00\x00\x00\x2a")
    out.seek(5)
    schemaless_writer(out, parse_schema(json.loads(text)), fields)
    return out.getvalue()


def registry(text: str) -> Codec:
    """Return a codec with a registry that knows one schema, number 42."""
    return Codec({42: text}.__getitem__)


def test_confluents_framing_is_read_with_the_schema_of_the_registry() -> None:
    text = current_schema("processing_journal").text

    name, fields = registry(text).decode(written_with(text, journal()))

    assert (name, fields) == ("processing_journal", journal())


def test_an_older_version_is_resolved_to_the_newest_one() -> None:
    text = schema_text(without="rules_version")

    _, fields = registry(text).decode(written_with(text, journal()))

    assert fields == journal(rules_version=None)


def test_a_newer_version_is_read_without_what_it_says_more() -> None:
    text = schema_text({"name": "mood", "type": ["null", "string"], "default": None})
    codec = registry(text)
    data = written_with(text, journal(mood="cheerful"))

    _, fields = codec.decode(data)

    assert fields == journal()
    assert fault(data[:-1], codec).reason == "undecodable"
    assert fault(data + b"x", codec).reason == "trailing-bytes"


def test_a_schema_that_the_registry_does_not_know_or_that_is_not_ours_is_unknown() -> None:
    foreign = json.dumps({"type": "record", "name": "cee.horoscope", "fields": []})

    assert fault(b"\x00\x00\x00\x00\x2b", registry(foreign)).reason == "unknown-schema"
    assert fault(b"\x00\x00\x00\x00\x2a", registry(foreign)).reason == "unknown-schema"


@pytest.mark.parametrize("text", ["no json", '"string"', "[]", "7", "syntax = 'proto3';"])
def test_whatever_others_have_put_into_the_registry_is_an_unknown_schema(text: str) -> None:
    assert fault(b"\x00\x00\x00\x00\x2a" + DATA[10:], registry(text)).reason == "unknown-schema"


# --- handing on unread -----------------------------------------------------------------------------------------


def snapshot_head() -> dict[str, Any]:
    [example] = [one for one in EXAMPLES if one.record == "entry_summary_snapshot"]
    head = example.model.to_fields()
    del head["summary"]
    return head


def test_a_summary_goes_from_its_event_into_a_snapshot_without_being_read() -> None:
    grafted = CODEC.encode_with_last_of(DATA, "entry_summary_snapshot", snapshot_head())

    _, event = CODEC.decode(DATA)
    assert grafted == CODEC.encode("entry_summary_snapshot", {**snapshot_head(), "summary": event["summary"]})


def test_a_summary_of_another_version_goes_into_a_snapshot_in_the_newest_one() -> None:
    definition = current_schema("entry_summary_accepted").definition
    definition["fields"].insert(3, {"name": "mood", "type": ["null", "string"], "default": None})
    text = json.dumps(definition)
    newer = written_with(text, ACCEPTED.model.to_fields())

    grafted = registry(text).encode_with_last_of(newer, "entry_summary_snapshot", snapshot_head())

    assert grafted == CODEC.encode_with_last_of(DATA, "entry_summary_snapshot", snapshot_head())


def test_a_donor_whose_last_field_is_another_is_refused() -> None:
    other = CODEC.encode("processing_journal", journal())

    with pytest.raises(ValueError, match="the last fields of processing_journal and entry_summary_snapshot differ"):
        CODEC.encode_with_last_of(other, "entry_summary_snapshot", snapshot_head())


def test_the_rest_of_a_snapshot_has_to_have_its_shape() -> None:
    with pytest.raises(UnencodableRecord):
        CODEC.encode_with_last_of(DATA, "entry_summary_snapshot", {})
    with pytest.raises(UndecodableRecord):
        CODEC.encode_with_last_of(DATA[:20], "entry_summary_snapshot", snapshot_head())


def test_fastavro_reads_a_snapshot_made_so() -> None:
    grafted = CODEC.encode_with_last_of(DATA, "entry_summary_snapshot", snapshot_head())
    schema = parse_schema(without_logical_types(current_schema("entry_summary_snapshot").definition))

    assert schemaless_reader(BytesIO(grafted[10:]), schema, None) == CODEC.decode(grafted)[1]
