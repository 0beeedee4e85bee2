"""The gate that every version of a record has to pass before anything is written in it.

What the `avro` package finds by the specification, and what it lets pass although the same bytes would then say
something else: another logical type (milliseconds read as microseconds), another decimal scale (2 read as 4) or a
smaller decimal precision.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise, permutations
from typing import Any, Final, NamedTuple

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import ArraySchema, Schema, UnionSchema, parse
from avro.schema import RecordSchema as AvroRecord

from streams.contract.schemas import NAMESPACE, RecordSchema


class Mode(StrEnum):
    """How far versions have to understand each other; a schema says it in its attribute `compatibility`."""

    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    """Events: every version reads every other one, since ports and Centers change their programs on their own days."""
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    """State: every version reads all older ones; there is one writer, and it is changed first."""


class Incompatibility(NamedTuple):
    """Why a reader with one version of a record must not meet bytes of another; versions are 0 for the whole set."""

    record: str
    reader: int
    writer: int
    why: str

    def __str__(self) -> str:
        """Return one sentence."""
        if not self.reader:
            return f"{self.record}: {self.why}"
        return f"{self.record}: v{self.reader} cannot read v{self.writer}: {self.why}"


_ATTRIBUTES: Final = ("logicalType", "scale")
_NAMED: Final = ("record", "enum", "fixed")


def incompatibilities(versions: Sequence[RecordSchema]) -> list[Incompatibility]:
    """Return everything that forbids these versions of one record, oldest first, to live in one log."""
    record = versions[0].name
    found = [Incompatibility(record, 0, 0, why) for why in _unfit(versions)]
    if found:
        return found
    parsed = {version.version: parse(version.text) for version in versions}
    mode = Mode(versions[0].definition["compatibility"])
    for reader, writer in permutations(parsed, 2):
        if reader > writer or mode is Mode.FULL_TRANSITIVE:
            both = parsed[reader], parsed[writer]
            reasons = (*_against_the_specification(*both), *_changed_meanings(*both, ""))
            found.extend(Incompatibility(record, reader, writer, why) for why in reasons)
    return found


def _unfit(versions: Sequence[RecordSchema]) -> Iterator[str]:
    """Yield what is wrong with the set before any two of it are compared."""
    for version in versions:
        try:
            schema = parse(version.text)
        except AvroException as error:
            yield f"v{version.version} is no Avro schema: {error}"
            return
        if getattr(schema, "fullname", None) != version.full_name:
            yield f"v{version.version} does not define the record {NAMESPACE}.{version.name}"
    modes = [version.definition.get("compatibility") for version in versions]
    if not set(modes) <= set(Mode):
        yield f"compatibility is one of {', '.join(Mode)}"
    elif len(set(modes)) > 1:
        yield "a version must not change the compatibility that the others were promised"
    numbers = [version.version for version in versions]
    if numbers[0] != 1 or any(after - before != 1 for before, after in pairwise(numbers)):
        yield f"versions are numbered from 1 without a gap, not {', '.join(map(str, numbers))}"


def _against_the_specification(reader: Schema, writer: Schema) -> Iterator[str]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # half-typed library
    result = checker.get_compatibility(reader, writer)
    if result.compatibility is SchemaCompatibilityType.incompatible:
        kinds = ", ".join(dict.fromkeys(kind.value for kind in result.incompatibilities))
        yield f"{kinds} ({'; '.join(sorted(result.messages))}; at {', '.join(sorted(result.locations))})"


def _changed_meanings(reader: Schema, writer: Schema, path: str, above: Sequence[Schema] = ()) -> Iterator[str]:
    """Yield each place where the same bytes would be read as another value; `above` are the records around it."""
    if any(reader is one for one in above):
        return
    if reader.type == writer.type:
        place = path.lstrip(".") or "the record"
        for attribute in _ATTRIBUTES:
            was, becomes = _attribute(writer, attribute), _attribute(reader, attribute)
            if was != becomes:
                yield f"{place}: {attribute} {was} would be read as {becomes}"
        was, becomes = writer.get_prop("precision"), reader.get_prop("precision")
        if isinstance(was, int) and isinstance(becomes, int) and becomes < was:
            yield f"{place}: {was} digits do not fit into {becomes}"
    inside = (*above, reader) if isinstance(reader, AvroRecord) else above
    for one, other, name in _parts(reader, writer):
        yield from _changed_meanings(one, other, path + name, inside)


def _attribute(schema: Schema, name: str) -> object:
    """Return an attribute of a type, with the specification's default for a decimal's scale."""
    value: object = schema.get_prop(name)
    return 0 if value is None and name == "scale" and schema.get_prop("logicalType") == "decimal" else value


def _parts(reader: Schema, writer: Schema) -> Iterator[tuple[Schema, Schema, str]]:
    """Yield the parts of two schemas that are read from one another, with the name of the step."""
    if isinstance(reader, UnionSchema) or isinstance(writer, UnionSchema):
        for one in _branches(reader):
            yield from ((one, other, "") for other in _branches(writer) if _is_same_kind(one, other))
    elif isinstance(reader, AvroRecord) and isinstance(writer, AvroRecord):
        written = {field.name: field.type for field in writer.fields}
        yield from ((f.type, written[f.name], f".{f.name}") for f in reader.fields if f.name in written)
    elif isinstance(reader, ArraySchema) and isinstance(writer, ArraySchema):
        yield reader.items, writer.items, "[]"


def _branches(schema: Schema) -> Sequence[Any]:
    branches: Sequence[Any] = schema.schemas if isinstance(schema, UnionSchema) else (schema,)
    return branches


def _is_same_kind(one: Schema, other: Schema) -> bool:
    """Whether a union's reader would take the one for the other."""
    if one.type != other.type:
        return False
    return one.type not in _NAMED or getattr(one, "fullname", None) == getattr(other, "fullname", None)
