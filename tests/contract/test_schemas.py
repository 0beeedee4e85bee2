"""The schemas hold together: with each other, with the models, and with what the project promises of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streams.contract.models import EVENT_MODELS, MODELS
from streams.contract.schemas import RecordSchema, current_schema, record_schemas

VERSIONS = [version for versions in record_schemas().values() for version in versions]
CARRY_A_SUMMARY = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted", "entry_summary_snapshot")


def label(version: RecordSchema) -> str:
    return f"{version.name}-v{version.version}"


def records(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every record that a schema defines, the outermost first."""
    if isinstance(part, dict):
        if part.get("type") == "record":
            yield part
        for value in part.values():
            yield from records(value)
    elif isinstance(part, list):
        for value in part:
            yield from records(value)


@pytest.mark.parametrize("version", VERSIONS, ids=label)
def test_every_record_and_every_field_says_what_it_is(version: RecordSchema) -> None:
    for record in records(version.definition):
        assert record["doc"]
        for field in record["fields"]:
            assert field["doc"].endswith("."), field["name"]


@pytest.mark.parametrize("version", VERSIONS, ids=label)
def test_what_may_be_left_out_is_null_or_an_empty_list_by_default(version: RecordSchema) -> None:
    for record in records(version.definition):
        for field in record["fields"]:
            if isinstance(field["type"], list):
                assert field["type"][0] == "null"
                assert field["default"] is None
            elif "default" in field:
                assert field["default"] == []


@pytest.mark.parametrize("version", VERSIONS, ids=label)
def test_no_amount_is_a_float_and_every_amount_names_its_unit(version: RecordSchema) -> None:
    for record in records(version.definition):
        for field in record["fields"]:
            kinds = json.dumps(field["type"])
            assert '"float"' not in kinds
            assert '"double"' not in kinds
            if "amount" in field["name"] or "value" in field["name"].split("_")[:1]:
                assert field["name"].endswith(("_cents", "_usd"))


def test_a_type_that_several_records_share_is_the_same_in_all_of_them() -> None:
    shared: dict[str, Any] = {}
    for version in VERSIONS:
        if version == current_schema(version.name):
            for record in records(version.definition):
                assert shared.setdefault(record["name"], plain(record)) == plain(record), record["name"]


def plain(record: dict[str, Any]) -> str:
    """Return a record type with the types in it by their names alone: they stand where they are first mentioned."""

    def named(part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("type") == "record":
                return f"{part['namespace']}.{part['name']}"
            return {key: named(value) for key, value in part.items()}
        return [named(value) for value in part] if isinstance(part, list) else part

    fields = [named(field) for field in record["fields"]]
    return json.dumps([record["doc"], fields])


def test_no_two_versions_of_different_records_have_the_same_fingerprint() -> None:
    assert len({version.fingerprint for version in VERSIONS}) == len(VERSIONS)


@pytest.mark.parametrize("name", sorted(EVENT_MODELS))
def test_every_event_begins_with_the_envelope(name: str) -> None:
    fields = [field["name"] for field in current_schema(name).definition["fields"]]

    assert fields[:3] == ["event_id", "event_time", "source"]


@pytest.mark.parametrize("name", CARRY_A_SUMMARY)
def test_the_summary_is_the_last_field_so_that_its_bytes_can_be_handed_on_unread(name: str) -> None:
    assert current_schema(name).definition["fields"][-1]["name"] == "summary"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_has_exactly_the_fields_of_its_schema_and_the_same_ones_may_be_left_out(name: str) -> None:
    compare(current_schema(name).definition, MODELS[name])


def compare(record: dict[str, Any], model: Any) -> None:
    """Compare a record type with its model, and what they contain with each other."""
    left_out = {field["name"]: "default" in field for field in record["fields"]}
    assert left_out == {key: not field.is_required() for key, field in model.model_fields.items()}
    for field in record["fields"]:
        for inner in direct_records(field["type"]):
            compare(inner, part_of(model.model_fields[field["name"]].annotation))


def direct_records(type_: Any) -> Iterator[dict[str, Any]]:
    """Yield the record that a field's type defines, if it does."""
    for one in type_ if isinstance(type_, list) else [type_]:
        inner = one.get("items", one) if isinstance(one, dict) else one
        if isinstance(inner, dict) and inner.get("type") == "record":
            yield inner


def part_of(annotation: Any) -> Any:
    """Return the model inside an option or an array."""
    if hasattr(annotation, "model_fields"):
        return annotation
    inner = [found for one in getattr(annotation, "__args__", ()) if (found := part_of(one)) is not None]
    return inner[0] if inner else None
