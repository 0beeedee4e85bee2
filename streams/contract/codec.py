"""Bytes of records: Avro single-object encoding out, that and Confluent framing in.

Decoded values are plain: dates are days since 1970-01-01 (`int`), timestamps milliseconds since then in UTC
(`int`), for the processor compares and stores them as such, and making `date` and `datetime` objects costs more
than reading them. Encoding takes `date` and aware `datetime` as well. Every field is present in what is decoded;
`None` stands for an optional one that was not told.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final, NamedTuple

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from streams.contract.errors import UndecodableRecord, UnencodableRecord
from streams.contract.schemas import NAMESPACE, Definition, RecordSchema, fingerprint_of, record_schemas

Fields = dict[str, Any]
SchemaById = Callable[[int], str]
"""Returns the text of the schema that a registry holds under an id. Raises `KeyError` for an unknown id."""

MAX_BYTES: Final = 8 * 1024 * 1024
"""Larger values are not decoded: a summary of 998 lines with 32 tariff numbers each has about 1.5 MB."""

_MARKER: Final = b"\xc3\x01"
_HEADER: Final = 10
_CONFLUENT: Final = 0
_CONFLUENT_HEADER: Final = 5


class _Reading(NamedTuple):
    """How one written version is read: as it is, or resolved to the current one."""

    name: str
    writer: Any
    reader: Any


class Codec:
    """Encodes and decodes all records of the contract; make one and keep it, it parses every schema.

    `schema_by_id` opens the Confluent framing; without it such bytes are of an unknown schema.
    """

    def __init__(self, schema_by_id: SchemaById | None = None) -> None:
        self._schema_by_id = schema_by_id
        self._by_fingerprint: dict[bytes, _Reading] = {}
        self._by_id: dict[int, _Reading] = {}
        self._current: dict[str, tuple[bytes, Any]] = {}
        self._readers: dict[str, Any] = {}
        for name, versions in record_schemas().items():
            self._add(name, versions)

    def _add(self, name: str, versions: tuple[RecordSchema, ...]) -> None:
        newest = versions[-1]
        self._current[name] = (_MARKER + newest.fingerprint, parse_schema(newest.definition))
        reader = self._readers[name] = parse_schema(without_logical_types(newest.definition))
        for version in versions:
            writer = parse_schema(without_logical_types(version.definition))
            is_newest = version.fingerprint == newest.fingerprint
            self._by_fingerprint[version.fingerprint] = _Reading(name, writer, None if is_newest else reader)

    @property
    def names(self) -> frozenset[str]:
        """Names of all records."""
        return frozenset(self._current)

    def encode(self, name: str, fields: Mapping[str, object]) -> bytes:
        """Return a record in its newest version. Raises `UnencodableRecord`; `KeyError` for an unknown name."""
        header, schema = self._current[name]
        out = BytesIO()
        out.write(header)
        try:
            schemaless_writer(out, schema, fields)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
            # The message of the library shows values, which may be personal.
            msg = f"the fields do not have the shape of {name}"
            raise UnencodableRecord(msg) from error
        return out.getvalue()

    def decode(self, data: bytes) -> tuple[str, Fields]:
        """Return name and fields of a record in its newest version, whatever version it was written in.

        Raises `UndecodableRecord`.
        """
        reading, at = self._reading(data)
        source = BytesIO(data)
        source.seek(at)
        try:
            fields: Fields = schemaless_reader(source, reading.writer, reading.reader)  # type: ignore[assignment]
        except Exception as error:
            detail = f"the bytes are no {reading.name}"
            raise UndecodableRecord("undecodable", detail) from error
        if left := len(data) - source.tell():
            detail = f"{left} bytes follow the {reading.name}"
            raise UndecodableRecord("trailing-bytes", detail)
        return reading.name, fields

    def _reading(self, data: bytes) -> tuple[_Reading, int]:
        """Return how a value is read, and where its body begins."""
        if len(data) > MAX_BYTES:
            detail = f"{len(data)} bytes are more than {MAX_BYTES}"
            raise UndecodableRecord("too-large", detail)
        reading = self._by_fingerprint.get(data[2:_HEADER])
        if reading is not None and data.startswith(_MARKER):
            return reading, _HEADER
        if not data:
            raise UndecodableRecord("empty", "the record has no value")
        if data[0] == _CONFLUENT and len(data) >= _CONFLUENT_HEADER:
            return self._registered(int.from_bytes(data[1:_CONFLUENT_HEADER], "big")), _CONFLUENT_HEADER
        if data.startswith(_MARKER) and len(data) >= _HEADER:
            raise UndecodableRecord("unknown-schema", f"no record has the fingerprint {data[2:_HEADER].hex()}")
        raise UndecodableRecord("undecodable", "the value begins with neither C3 01 nor 00 and a schema id")

    def _registered(self, schema_id: int) -> _Reading:
        """Return how records of a registered schema are read. Raises `UndecodableRecord`."""
        known = self._by_id.get(schema_id)
        if known is not None:
            return known
        if self._schema_by_id is None:
            raise UndecodableRecord("unknown-schema", f"schema {schema_id} is in a registry, and none is configured")
        try:
            reading = self._resolved(self._schema_by_id(schema_id))
        except KeyError:
            raise UndecodableRecord("unknown-schema", f"the registry's schema {schema_id} is none of ours") from None
        self._by_id[schema_id] = reading
        return reading

    def _resolved(self, text: str) -> _Reading:
        known = self._by_fingerprint.get(fingerprint_of(text))
        if known is not None:
            return known
        writer: Any = parse_schema(without_logical_types(RecordSchema("", 0, text, b"").definition))
        name = writer["name"].removeprefix(f"{NAMESPACE}.")
        return _Reading(name, writer, self._readers[name])


def without_logical_types(definition: Definition) -> Definition:
    """Return a schema whose dates and timestamps are plain numbers; the bytes are the same."""
    plain: Definition = _plain(definition)
    return plain


def _plain(part: Any) -> Any:  # noqa: ANN401 - any part of parsed JSON
    if isinstance(part, dict):
        if "logicalType" in part:
            return part["type"]
        return {key: _plain(value) for key, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, list) else part
