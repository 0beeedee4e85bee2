"""Every record has examples that live through all of the contract, and bytes that stay readable for ever."""

import json
import re
from pathlib import Path

import pytest

from streams.contract.codec import Codec
from streams.contract.models import EVENT_MODELS, MODELS, as_line, check_digit_faults, parse_event
from streams.contract.schemas import record_schemas
from tests.contract.examples import EXAMPLES, GOLDEN, SCHEMAS, Example, label

CODEC = Codec()


def test_every_record_has_an_example_and_a_model() -> None:
    assert {example.record for example in EXAMPLES} == set(record_schemas()) == set(MODELS)


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_an_example_survives_model_and_bytes(example: Example) -> None:
    model = example.model

    data = CODEC.encode(example.record, model.to_fields())
    name, fields = CODEC.decode(data)

    assert name == example.record
    assert MODELS[name].from_fields(fields) == model
    assert MODELS[name].model_validate(model.model_dump(mode="json")) == model


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.record in EVENT_MODELS], ids=label)
def test_an_example_of_an_event_can_be_published_as_a_line(example: Example) -> None:
    event = parse_event(example.mapping)

    assert check_digit_faults(event) == []
    assert parse_event(json.loads(as_line(event))) == event


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_the_newest_version_writes_the_bytes_that_lie_in_golden(example: Example) -> None:
    newest = record_schemas()[example.record][-1].version

    golden = example.path.parents[1] / "golden" / f"v{newest}-{example.name}.bin"

    assert golden.read_bytes() == CODEC.encode(example.record, example.model.to_fields())


@pytest.mark.parametrize("golden", GOLDEN, ids=label)
def test_golden_bytes_of_every_version_decode_to_their_example(golden: Path) -> None:
    version, _, name = golden.stem.partition("-")
    record = golden.parents[1].name
    [example] = [one for one in EXAMPLES if (one.record, one.name) == (record, name)]

    decoded, fields = CODEC.decode(golden.read_bytes())

    assert re.fullmatch("v[1-9][0-9]*", version)
    assert MODELS[decoded].from_fields(fields) == example.model


def test_no_file_lies_in_schemas_that_nobody_checks() -> None:
    known = {path for example in EXAMPLES for path in (example.path,)} | set(GOLDEN)
    known |= {SCHEMAS / name / f"v{one.version}.avsc" for name, all_ in record_schemas().items() for one in all_}
    known |= {SCHEMAS / "README.md", SCHEMAS / "golden-keys.json"}

    assert {path for path in SCHEMAS.rglob("*") if path.is_file()} == known
